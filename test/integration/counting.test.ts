import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { LedgerService, type TransferKind } from '../../src/ledger/index.js';
import { Db } from '../../src/platform/db.js';
import type { DisbursedReport } from '../../src/reports/reports.dto.js';
import { booksBalance, given, line, travel, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let neighbour: Somebody;
let funds = 0;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  const elsewhere = await world.anotherOrganisation();
  neighbour = await house.somebody('neighbour', ['lead'], elsewhere.id);
});
afterAll(async () => {
  expect(await booksBalance(house)).toBe(true);
  await house.close();
});

/** Each test counts what its own fund paid. */
function newFund(): Promise<FundView> {
  funds += 1;
  house.clock.set('2024-12-16T18:00:00+09:00');
  return world.fund(`counting-${funds}`, { shelter: 1_000_000, food: 1_000_000, activity: 100_000 });
}

const SEASON = 'from=2024-12-01&to=2025-03-31';

async function report({ id }: FundView, more = '', period = SEASON): Promise<DisbursedReport> {
  const { status, body } = await world.board.get<DisbursedReport>(
    `/reports/disbursed?${period}&fundId=${id}${more}`,
  );
  expect([status, body]).toEqual([200, expect.anything()]);
  return body;
}

const figures = ({ amount, people, instances, households, requests }: DisbursedReport) => ({
  amount,
  people,
  instances,
  households,
  requests,
});
const NOTHING = { amount: 0, people: 0, instances: 0, households: 0, requests: 0 };

const asOf = (moment: string) => `&asOf=${encodeURIComponent(moment)}`;

interface Payment {
  id: string;
  awardId: string;
  transferId: string;
  amount: number;
  budgetLineId: string;
}

async function payments(request: GrantRequestView): Promise<Payment[]> {
  return house.sql<Payment & Record<string, unknown>>(
    `SELECT d.id, d.award_id AS "awardId", d.transfer_id AS "transferId", d.amount, a.budget_line_id AS "budgetLineId"
     FROM disbursements d JOIN awards a ON a.id = d.award_id WHERE d.request_id = $1 ORDER BY d.id`,
    [request.id],
  );
}

/** Money that comes back: `bounce` to the promise, `refund` to what is free. */
function comesBack(payment: Payment, kind: TransferKind, amount: number, happenedOn: string) {
  const { budgetLineId } = payment;
  const entry = {
    kind,
    from: { kind: 'spent', budgetLineId },
    to: { kind: kind === 'bounce' ? 'committed' : 'available', budgetLineId },
    amount,
    happenedOn,
    subjectId: payment.id,
    undoesId: payment.transferId,
  } as const;
  const { actor } = world.treasurer;
  return house.app.get(Db).write(actor, (tx) => house.app.get(LedgerService).post(tx, [entry]));
}

/** Says that a person is the same human as another one, or nobody else's. */
const link = (personId: string, identityId: string) =>
  house.sql(
    'INSERT INTO identity_links (person_id, identity_id, recorded_at, actor_id) VALUES ($1, $2, $3, $4)',
    [personId, identityId, house.clock.now(), world.admin.user.id],
  );

/** Whom a request names; who pays sees no person, so one asks who reviews. */
const personOf = async ({ id }: GrantRequestView): Promise<string> =>
  (await world.reviewer.get<GrantRequestView>(`/grant-requests/${id}`)).body.people[0]!.id;

const identityOf = async (personId: string): Promise<string> =>
  (
    await house.sql<{ identity_id: string }>(
      'SELECT identity_id FROM identity_links WHERE person_id = $1 ORDER BY id LIMIT 1',
      [personId],
    )
  )[0]!.identity_id;

describe('people and instances', () => {
  test('one person who is paid for twice is one person and two instances', async () => {
    const fund = await newFund();
    const caseId = await world.householdCase();
    for (let times = 0; times < 2; times += 1) {
      await world.paidRequest(fund, [line('shelter', 10_000)], world.partner, caseId);
    }
    expect(figures(await report(fund))).toEqual({
      amount: 20_000,
      people: 1,
      instances: 2,
      households: 1,
      requests: 2,
    });
  });

  test('one request paid in two parts is one person, two instances and one request', async () => {
    const fund = await newFund();
    await world.paidRequest(fund, [line('shelter', 10_000), line('food', 5_000)]);
    expect(figures(await report(fund))).toEqual({
      amount: 15_000,
      people: 1,
      instances: 2,
      households: 1,
      requests: 1,
    });
  });

  test('two persons of one request are two people and two instances, however many live with them', async () => {
    const fund = await newFund();
    const caseId = await world.householdCase(world.partner, 2);
    const household = { adults: 4, children: 3, unborn: 1 };
    await world.partner.send('PATCH', `/cases/${caseId}`, { household });
    await world.paidRequest(fund, [line('shelter', 10_000)], world.partner, caseId);
    expect(figures(await report(fund))).toEqual({
      amount: 10_000,
      people: 2,
      instances: 2,
      households: 1,
      requests: 1,
    });
  });

  test('nobody is counted before they are paid for', async () => {
    const fund = await newFund();
    await world.approvedRequest(fund);
    await world.requestInReview();
    expect(figures(await report(fund))).toEqual(NOTHING);
  });

  test('who walked with them is paid, and counts nobody', async () => {
    const fund = await newFund();
    await world.paidRequest(fund, [travel(3_000)]);
    expect(figures(await report(fund))).toEqual({ ...NOTHING, amount: 3_000, requests: 1 });
    const { groups } = await report(fund, '&groupBy=category');
    expect(groups).toEqual([{ category: null, amount: 3_000, people: 0, instances: 0 }]);
  });

  test('people are distinct within each group and within the whole, so groups do not add up', async () => {
    const fund = await newFund();
    const caseId = await world.householdCase();
    await world.paidRequest(fund, [line('shelter', 10_000)], world.partner, caseId);
    const later = await world.approvedRequest(
      fund,
      [line('shelter', 20_000), line('food', 5_000)],
      world.partner,
      caseId,
    );
    house.clock.set('2025-01-10T12:00:00+09:00');
    for (const { awards } of later.lines) {
      const { id: awardId, amount } = awards[0]!;
      await world.treasurer.post('/disbursements', { awardId, amount, paidOn: '2025-01-10', method: 'cash' });
    }
    const { groups, ...whole } = await report(fund, '&groupBy=month,category');
    expect(whole).toMatchObject({ amount: 35_000, people: 1, instances: 3 });
    expect(groups).toEqual([
      { month: '2024-12', category: 'shelter', amount: 10_000, people: 1, instances: 1 },
      { month: '2025-01', category: 'food', amount: 5_000, people: 1, instances: 1 },
      { month: '2025-01', category: 'shelter', amount: 20_000, people: 1, instances: 1 },
    ]);
  });
});

describe('people whom two members know', () => {
  test('count once from the moment on at which they are linked, and twice again when that is taken back', async () => {
    const fund = await newFund();
    const here = await world.paidRequest(fund, [line('shelter', 10_000)]);
    const there = await world.paidRequest(fund, [line('food', 5_000)], neighbour);
    const [first, second] = [await personOf(here), await personOf(there)];
    const identity = await identityOf(second);
    house.clock.set('2024-12-20T10:00:00+09:00');
    await link(second, await identityOf(first));
    house.clock.set('2024-12-25T10:00:00+09:00');
    await link(second, identity);
    house.clock.set('2024-12-31T10:00:00+09:00');
    const people = async (moment: string) => {
      const { people: count, instances } = await report(fund, asOf(moment));
      return [count, instances];
    };
    expect(await people('2024-12-16T18:00:00+09:00')).toEqual([2, 2]);
    expect(await people('2024-12-20T09:59:59+09:00')).toEqual([2, 2]);
    expect(await people('2024-12-20T10:00:00+09:00')).toEqual([1, 2]);
    expect(await people('2024-12-25T10:00:00+09:00')).toEqual([2, 2]);
    expect((await report(fund)).people).toBe(2);
  });
});

/** A payment of ¥10,000 for one person. */
const paid = async (fund: FundView): Promise<Payment> =>
  (await payments(await world.paidRequest(fund, [line('shelter', 10_000)])))[0]!;

describe('money that came back', () => {
  test.each<TransferKind>(['bounce', 'refund'])(
    'whole by a %s: nobody was helped, from when it is known',
    async (kind) => {
      const fund = await newFund();
      const payment = await paid(fund);
      house.clock.set('2025-01-15T12:00:00+09:00');
      await comesBack(payment, kind, 10_000, '2025-01-14');
      const helped = { amount: 10_000, people: 1, instances: 1, households: 1, requests: 1 };
      expect(figures(await report(fund, asOf('2025-01-15T11:59:59+09:00')))).toEqual(helped);
      expect(figures(await report(fund))).toEqual(NOTHING);
      const { groups } = await report(fund, '&groupBy=month');
      expect(groups).toEqual([
        { month: '2024-12', amount: 10_000, people: 0, instances: 0 },
        { month: '2025-01', amount: -10_000, people: 0, instances: 0 },
      ]);
      const december = await report(fund, '', 'from=2024-12-01&to=2024-12-31');
      expect(figures(december)).toEqual({ ...NOTHING, amount: 10_000 });
    },
  );

  test('in part: the person was helped, with what was kept', async () => {
    const fund = await newFund();
    await comesBack(await paid(fund), 'refund', 4_000, '2024-12-16');
    expect(figures(await report(fund))).toEqual({
      amount: 6_000,
      people: 1,
      instances: 1,
      households: 1,
      requests: 1,
    });
  });

  test('in parts that together are all: nobody was helped', async () => {
    const fund = await newFund();
    const payment = await paid(fund);
    await comesBack(payment, 'refund', 4_000, '2024-12-16');
    await comesBack(payment, 'refund', 6_000, '2024-12-16');
    expect(figures(await report(fund))).toEqual(NOTHING);
    await expect(comesBack(payment, 'refund', 1, '2024-12-16')).rejects.toMatchObject({
      code: 'undo.exceeded',
      facts: { left: 0, asked: 1 },
    });
  });

  test('of one of two payments: the person was helped once', async () => {
    const fund = await newFund();
    const request = await world.paidRequest(fund, [line('shelter', 10_000), line('food', 5_000)]);
    const [first] = await payments(request);
    await comesBack(first!, 'refund', first!.amount, '2024-12-16');
    expect(figures(await report(fund))).toMatchObject({ people: 1, instances: 1, requests: 1 });
  });
});

describe('as of a moment', () => {
  test('before anything was recorded there is nothing, whatever day it is said to have happened on', async () => {
    const fund = await newFund();
    const request = await world.approvedRequest(fund, [line('shelter', 10_000)]);
    house.clock.set('2025-02-01T09:00:00+09:00');
    const { id: awardId, amount } = request.lines[0]!.awards[0]!;
    await world.treasurer.post('/disbursements', { awardId, amount, paidOn: '2024-12-20', method: 'cash' });
    expect(figures(await report(fund, asOf('2020-01-01T00:00:00Z')))).toEqual(NOTHING);
    expect(figures(await report(fund, asOf('2025-02-01T08:59:59+09:00')))).toEqual(NOTHING);
    expect((await report(fund, asOf('2025-02-01T00:00:00Z'))).amount).toBe(10_000);
  });

  test('an old report is printed again just as it was', async () => {
    const fund = await newFund();
    await world.paidRequest(fund, [line('shelter', 10_000)]);
    const first = await report(fund, '&groupBy=month,category');
    house.clock.set('2024-12-18T18:00:00+09:00');
    await world.paidRequest(fund, [line('food', 5_000)]);
    const again = await report(fund, `&groupBy=month,category${asOf(first.asOf)}`);
    expect(again).toEqual(first);
    expect((await report(fund)).amount).toBe(15_000);
  });
});

describe('a period', () => {
  test('holds its first and its last day', async () => {
    const fund = await newFund();
    await world.paidRequest(fund, [line('shelter', 10_000)]);
    const amount = async (from: string, to: string) =>
      (await report(fund, '', `from=${from}&to=${to}`)).amount;
    expect(await amount('2024-12-16', '2024-12-16')).toBe(10_000);
    expect(await amount('2024-12-01', '2024-12-15')).toBe(0);
    expect(await amount('2024-12-17', '2025-03-31')).toBe(0);
  });

  test.each([
    ['to=2024-12-31', ['from', 'required']],
    ['from=2024-12-31&to=2024-12-01', ['to', 'periodBackwards']],
    [`${SEASON}&groupBy=prefecture,residenceGroup`, ['groupBy', 'crossing']],
    [`${SEASON}&groupBy=month,category,fund`, ['groupBy', 'listTooLong']],
    [`${SEASON}&groupBy=nationality`, ['groupBy', 'choice']],
    [`${SEASON}&fundId=00000000-0000-7000-8000-000000000000`, ['fundId', 'choice']],
    [`${SEASON}&asOf=2024-12-16`, ['asOf', 'moment']],
  ])('%s is refused at its place', async (query, fault) => {
    const { status, body } = await world.board.get<{ errors: { path: string; code: string }[] }>(
      `/reports/disbursed?${query}`,
    );
    expect([status, body.errors.map(({ path, code }) => [path, code])]).toEqual([422, [fault]]);
  });
});
