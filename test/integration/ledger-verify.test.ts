import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DisbursementsService } from '../../src/disbursements/index.js';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { LedgerCheck } from '../../src/ledger/index.js';
import { given, line, type Given } from '../given.js';
import { openHouse, once, type House } from '../house.js';

let house: House;
let world: Given;
let fund: FundView;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  fund = await world.fund('verify', { shelter: 5_000_000, food: 1_000_000 });
  await everyFate();
});
afterAll(() => house.close());

const done = async (call: Promise<{ status: number }>) => expect((await call).status).toBeLessThan(300);

/** Awards that wait, were paid, paid in part, released, that bounced and were paid again, and that came back in part. */
async function everyFate(): Promise<void> {
  const { treasurer, approver } = world;
  const approved = () => world.approvedRequest(fund, [line('shelter', 20_000)]);
  const pay = (request: GrantRequestView, amount = 20_000) =>
    house.app.get(DisbursementsService).pay(
      treasurer.actor,
      {
        awardId: request.lines[0]!.awards[0]!.id,
        amount,
        paidOn: '2024-12-16',
        method: 'cash',
      },
      once(),
    );
  await approved();
  await pay(await approved());
  await pay(await approved(), 15_000);
  const { id } = await approved();
  await done(approver.post(`/grant-requests/${id}/release`, { reason: '不要になりました。' }));
  const bounced = await approved();
  await done(
    treasurer.post(`/disbursements/${(await pay(bounced)).id}/bounce`, { reason: '口座がありません。' }),
  );
  await pay(bounced);
  const refund = { amount: 3_000, receivedOn: '2024-12-16', reason: '余りました。' };
  const refunded = await pay(await approved());
  for (const amount of [3_000, 4_000]) {
    await done(treasurer.post(`/disbursements/${refunded.id}/refund`, { ...refund, amount }));
  }
}

const verify = () => house.app.get(LedgerCheck).run();
const codes = async () => [...new Set((await verify()).differences.map(({ code }) => code))].sort();

/** What is found while one row is as the schema's owner made it; repaired, the books are silent again. */
async function found(table: string, where: string, fault: string, repair: string): Promise<string[]> {
  const [row] = await house.sql<{ id: string }>(`SELECT id FROM ${table} WHERE ${where} ORDER BY id LIMIT 1`);
  const update = (what: string) => house.sql(`UPDATE ${table} SET ${what} WHERE id = $1`, [row!.id]);
  await update(fault);
  const seen = await codes();
  await update(repair);
  expect(await codes()).toEqual([]);
  return seen;
}

/** The food line's account of this kind. */
const accountOf = (kind: string): string => `(SELECT a.id FROM accounts a
  JOIN budget_lines l ON l.id = a.budget_line_id WHERE a.kind = '${kind}' AND l.category = 'food')`;

const ofLine = (category: string): string =>
  `budget_line_id = (SELECT id FROM budget_lines WHERE category = '${category}')`;

describe('verifying the books', () => {
  test('finds nothing in books that were kept, whatever happened to the money', async () => {
    const { differences, ...counts } = await verify();
    expect(differences).toEqual([]);
    const [tables] = await house.sql(`SELECT (SELECT count(*) FROM transfers) AS transfers,
      (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM awards) AS awards,
      (SELECT count(*) FROM disbursements) AS disbursements`);
    expect(counts).toEqual(tables);
  });

  test('names a balance that was changed', async () => {
    const where = `id = ${accountOf('available')}`;
    expect(await found('accounts', where, 'balance = balance + 1', 'balance = balance - 1')).toEqual([
      'balance.sum',
      'balance.transfers',
      'statement.last',
    ]);
  });

  test('names the balances on both sides of an amount that was changed, and what they should be', async () => {
    const where = `kind = 'allocate' AND credit_account_id = ${accountOf('available')}`;
    expect(await found('transfers', where, 'amount = amount + 1', 'amount = amount - 1')).toEqual([
      'balance.transfers',
      'statement.trail',
    ]);
    await house.sql(`UPDATE transfers SET amount = amount + 7 WHERE ${where}`);
    const { differences } = await verify();
    const balances = differences.filter(({ code }) => code === 'balance.transfers');
    expect(balances.map(({ expected, found }) => [expected, found]).sort()).toEqual([
      ['-7', '0'],
      ['1000007', '1000000'],
    ]);
    await house.sql(`UPDATE transfers SET amount = amount - 7 WHERE ${where}`);
  });

  test('names a transfer whose kind does not fit its accounts', async () => {
    const where = `kind = 'allocate' AND credit_account_id = ${accountOf('available')}`;
    expect(await found('transfers', where, `kind = 'move'`, `kind = 'allocate'`)).toEqual([
      'moves.asked',
      'transfer.accounts',
    ]);
  });

  test('names a statement whose balances do not follow each other', async () => {
    expect(
      await found(
        'transfers',
        `kind = 'commit'`,
        'debit_after = debit_after + 5',
        'debit_after = debit_after - 5',
      ),
    ).toEqual(['statement.trail']);
  });

  test.each([
    ['approved', 'paid'],
    ['paid', 'approved'],
    ['paid', 'released'],
    ['released', 'paid'],
    ['released', 'approved'],
  ])('names an award that was %s and says %s', async (was, says) => {
    expect(await found('awards', `status = '${was}'`, `status = '${says}'`, `status = '${was}'`)).toContain(
      'award.status',
    );
  });

  test('names an award of another budget line', async () => {
    expect(await found('awards', 'true', ofLine('food'), ofLine('shelter'))).toContain('award.transfer');
  });

  test("names a line whose approved amount is not its awards'", async () => {
    expect(
      await found(
        'request_lines',
        'approved_amount > 0',
        'approved_amount = approved_amount - 1',
        'approved_amount = approved_amount + 1',
      ),
    ).toEqual(['request_line.approved']);
  });

  test('names a payment that says it bounced, and one whose return is gone', async () => {
    expect(
      await found('disbursements', `status = 'paid'`, `status = 'bounced'`, `status = 'paid'`),
    ).toContain('payment.bounced');
    const [kept] = await house.sql<Record<string, unknown>>(`SELECT * FROM returns WHERE kind = 'bounce'`);
    await house.sql('DELETE FROM returns WHERE id = $1', [kept!.id]);
    expect(await codes()).toEqual(['payment.returns', 'transfer.alone']);
    const columns = Object.keys(kept!);
    await house.sql(
      `INSERT INTO returns (${columns.join(', ')}) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
      Object.values(kept!),
    );
    expect(await codes()).toEqual([]);
  });

  test('names a contribution that is not what came in', async () => {
    expect(await found('contributions', 'true', `status = 'corrected'`, `status = 'received'`)).toEqual([
      'contribution.reversed',
      'fund.received',
    ]);
  });
});

/** 500 yen that are promised to nobody; no balance moves. */
const promiseAlone = () =>
  house.sql(
    `INSERT INTO transfers (id, kind, debit_account_id, credit_account_id, amount, happened_on, recorded_at,
                            actor_id, subject_id, debit_after, credit_after)
     SELECT gen_random_uuid(), 'commit', d.id, c.id, 500, '2024-12-16', now(), $1, gen_random_uuid(),
            d.balance - 500, c.balance + 500
     FROM accounts d, accounts c WHERE d.id = ${accountOf('available')} AND c.id = ${accountOf('committed')}`,
    [world.treasurer.user.id],
  );

describe('faults that stay', () => {
  test('names a transfer that moved no balance', async () => {
    await promiseAlone();
    expect(await codes()).toEqual(['balance.transfers', 'statement.last', 'transfer.alone']);
  });

  test('names a promise to nobody even when all balances were moved with it', async () => {
    await house.sql(`UPDATE accounts SET balance = balance + CASE kind WHEN 'committed' THEN 500 ELSE -500 END
      WHERE id IN (${accountOf('available')}, ${accountOf('committed')})`);
    expect(await codes()).toEqual(['line.committed', 'transfer.alone']);
  });

  test('names what is missing when a transfer is gone that nothing refers to', async () => {
    const gone = await house.sql(`DELETE FROM transfers WHERE kind = 'release' RETURNING id`);
    expect(gone.length).toBeGreaterThan(0);
    expect(await codes()).toEqual(expect.arrayContaining(['award.status', 'balance.transfers']));
  });

  test('tells the staff on every page until a check finds nothing, and nobody else', async () => {
    const alarm = '帳簿に合わないところがあります';
    const page = async (who: keyof Given & ('reviewer' | 'board' | 'admin' | 'partner'), path: string) => {
      const { key } = world[who];
      return (await fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).text();
    };
    for (const who of ['reviewer', 'board', 'admin'] as const) expect(await page(who, '/')).toContain(alarm);
    expect(await page('partner', '/')).not.toContain(alarm);
    expect(await page('board', '/ledger/checks')).toContain('承認の状態が、支払いや取り消しと合いません');
    const refused = await fetch(`${house.url}/ledger/checks`, {
      headers: { authorization: `Bearer ${world.partner.key}` },
    });
    expect(refused.status).toBe(403);
    await house.sql(`INSERT INTO ledger_checks (id, checked_at, transfers, differences)
      VALUES ('ffffffff-ffff-7fff-bfff-ffffffffffff', now(), 1, '[]')`);
    expect(await page('board', '/')).not.toContain(alarm);
  });
});
