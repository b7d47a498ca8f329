import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FundsService, type FundView } from '../../src/funds/index.js';
import { DecisionsService } from '../../src/grants/index.js';
import { newId } from '../../src/kernel/ids.js';
import { LedgerQueries, LedgerService, type Entry, type StatementView } from '../../src/ledger/index.js';
import { Db } from '../../src/platform/db.js';
import type { Problem } from '../../src/web/errors.filter.js';
import { given, line, type Given } from '../given.js';
import { openHouse, once, type House } from '../house.js';

let house: House;
let world: Given;
let fund: FundView;
let lineId: string;

// Money is allocated on the 10th, promised on the 11th and the 12th, and taken back on the 12th, as Tokyo has it.
beforeAll(async () => {
  house = await openHouse({ at: '2024-12-10T09:00:00+09:00' });
  world = await given(house);
  fund = await world.fund('statement', { food: 300_000, shelter: 50_000 });
  lineId = fund.lines.find(({ category }) => category === 'food')!.id;
  house.clock.set('2024-12-11T23:59:59+09:00');
  const first = await world.approvedRequest(fund, [line('food', 10_000)]);
  // Midnight in Tokyo, and the day before in London.
  house.clock.set('2024-12-12T00:00:00+09:00');
  await world.approvedRequest(fund, [line('food', 20_000)]);
  await house.app.get(DecisionsService).release(world.approver.actor, first.id, '不要になりました。', once());
  const giveBack = { purpose: 'relief' as const, category: 'food' as const, amount: -40_000 };
  await house.app.get(FundsService).allocate(world.treasurer.actor, fund.id, giveBack, once());
});
afterAll(() => house.close());

const statement = async (query = ''): Promise<StatementView> => {
  const { status, body } = await world.board.get<StatementView>(`/budget-lines/${lineId}/statement${query}`);
  expect(status).toBe(200);
  return body;
};
const shown = ({ movements }: StatementView) =>
  movements.map(({ transfer: { kind, amount }, after }) => [kind, amount, after]);

const holding = (available: number, committed: number, spent = 0) => ({ available, committed, spent });

const ALL = [
  ['allocate', 300_000, holding(300_000, 0)],
  ['commit', 10_000, holding(290_000, 10_000)],
  ['commit', 20_000, holding(270_000, 30_000)],
  ['release', 10_000, holding(280_000, 20_000)],
  ['give_back', 40_000, holding(240_000, 20_000)],
];

describe("a budget line's statement", () => {
  test('begins with nothing, shows what each movement left, and ends with what the line holds now', async () => {
    const whole = await statement();
    expect([whole.opening, whole.closing, whole.nextCursor]).toEqual([
      holding(0, 0),
      holding(240_000, 20_000),
      null,
    ]);
    expect(shown(whole)).toEqual(ALL);
  });

  test("takes a day as the network's zone has it", async () => {
    const day = await statement('?from=2024-12-11&to=2024-12-11');
    expect([day.opening, shown(day), day.closing]).toEqual([
      holding(300_000, 0),
      [ALL[1]],
      holding(290_000, 10_000),
    ]);
    const until = await statement('?to=2024-12-10');
    expect([until.opening, until.closing]).toEqual([holding(0, 0), holding(300_000, 0)]);
    const since = await statement('?from=2024-12-13');
    expect([since.opening, since.movements, since.closing]).toEqual([
      holding(240_000, 20_000),
      [],
      holding(240_000, 20_000),
    ]);
  });

  test('goes on page by page where it stopped, also within a period', async () => {
    for (const [period, from] of [
      ['', 0],
      ['&from=2024-12-11', 1],
    ] as const) {
      const pages: unknown[] = [];
      let cursor = '';
      do {
        const page = await statement(`?limit=1${period}${cursor}`);
        pages.push(...shown(page));
        cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : '';
      } while (cursor);
      expect(pages).toEqual(ALL.slice(from));
    }
  });

  test('tells of a line that is not there, and of a period that ends before it begins', async () => {
    const absent = await world.board.get<Problem>(`/budget-lines/${fund.id}/statement`);
    expect([absent.status, absent.body.code]).toEqual([404, 'resource.absent']);
    const backwards = await world.board.get<Problem>(
      `/budget-lines/${lineId}/statement?from=2024-12-12&to=2024-12-11`,
    );
    expect([backwards.status, backwards.body.errors]).toEqual([
      422,
      [expect.objectContaining({ path: 'to', code: 'periodBackwards' })],
    ]);
    expect((await world.partner.get(`/budget-lines/${lineId}/statement`)).status).toBe(403);
  });
});

const ofFund = (kind: 'contributed' | 'unallocated') =>
  house.app
    .get(Db)
    .read(world.board.actor, (tx) =>
      house.app.get(LedgerQueries).statement(tx, { fundId: fund.id, kind }, { limit: 50 }),
    );

test('a fund has a statement of what came in and of what no line has', async () => {
  const unallocated = await ofFund('unallocated');
  expect([unallocated.opening, unallocated.closing]).toEqual([{ unallocated: 0 }, { unallocated: 40_000 }]);
  expect(shown(unallocated)).toContainEqual(['give_back', 40_000, { unallocated: 40_000 }]);
  const contributed = await ofFund('contributed');
  expect(shown(contributed)).toEqual([
    ['contribute', 350_000, { contributed: 350_000 }],
    ['accept', 350_000, { contributed: 0 }],
  ]);
});

test('everybody who waits for the same accounts gets all of them, whatever plan the statistics lead to', async () => {
  // As many funds as let PostgreSQL choose a plan that it does not choose for one.
  await house.sql(`
    INSERT INTO funds (id, code, name, kind, starts_on, created_at)
      SELECT gen_random_uuid(), 'more-' || n, 'more', 'grant', '2024-12-01', now() FROM generate_series(1, 200) n;
    INSERT INTO budget_lines (id, fund_id, purpose, category, created_at)
      SELECT gen_random_uuid(), f.id, 'relief', c, now() FROM funds f, unnest('{food,shelter,medical,utilities,other}'::text[]) c
      WHERE f.code LIKE 'more-%';
    INSERT INTO accounts (id, kind, fund_id)
      SELECT gen_random_uuid(), k, id FROM funds, unnest('{contributed,unallocated}'::text[]) k
      WHERE code LIKE 'more-%';
    INSERT INTO accounts (id, kind, fund_id, budget_line_id)
      SELECT gen_random_uuid(), k, l.fund_id, l.id FROM budget_lines l JOIN funds f ON f.id = l.fund_id,
             unnest('{available,committed,spent}'::text[]) k WHERE f.code LIKE 'more-%';
    ANALYZE`);
  const budgetLineId = fund.lines.find(({ category }) => category === 'shelter')!.id;
  const promise = (): Entry => ({
    kind: 'commit',
    from: { kind: 'available', budgetLineId },
    to: { kind: 'committed', budgetLineId },
    amount: 1,
    happenedOn: '2024-12-12',
    subjectId: newId(),
  });
  const post = () =>
    house.app.get(Db).write(world.approver.actor, (tx) => house.app.get(LedgerService).post(tx, [promise()]));
  await Promise.all(Array.from({ length: 64 }, post));
  const { body } = await world.board.get<StatementView>(`/budget-lines/${budgetLineId}/statement`);
  expect(body.closing).toEqual(holding(50_000 - 64, 64));
});
