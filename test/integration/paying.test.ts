import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { DisbursementView } from '../../src/disbursements/disbursements.dto.js';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { booksBalance, given, leavesNoTrace, line, type Given } from '../given.js';
import { openHouse, type Answer, type House, type Somebody } from '../house.js';

const TODAY = '2024-12-16T18:00:00+09:00';

let house: House;
let world: Given;
let fund: FundView;
let secondTreasurer: Somebody;

beforeAll(async () => {
  house = await openHouse({ at: TODAY });
  world = await given(house);
  fund = await world.fund('paying', { shelter: 10_000_000 }, { from: '2024-12-01', to: '2025-03-31' });
  secondTreasurer = await house.somebody('second', ['treasurer']);
});
afterAll(() => house.close());
afterEach(async () => {
  house.clock.set(TODAY);
  expect(await booksBalance(house)).toBe(true);
});

type Paid = Answer<DisbursementView & { code: string; errors?: { path: string; code: string }[] }>;

/** An approved request of one line, and its award. */
async function award(amount = 32_500): Promise<{ id: string; request: GrantRequestView }> {
  const request = await world.approvedRequest(fund, [line('shelter', amount)]);
  return { id: request.lines[0]!.awards[0]!.id, request };
}

const payment = (awardId: string, more: object = {}) => ({
  awardId,
  amount: 32_500,
  paidOn: '2024-12-16',
  method: 'cash',
  ...more,
});

const pay = (by: Somebody, body: object, key?: string): Promise<Paid> => by.post('/disbursements', body, key);

const faultsOf = ({ status, body }: Paid): unknown[] => [
  status,
  ...(body.errors ?? []).map(({ path, code }) => [path, code]),
];

const shelter = async () => {
  const { body } = await world.treasurer.get<FundView>(`/funds/${fund.id}`);
  const { available, committed, spent } = body.lines[0]!;
  return { available, committed, spent };
};

const paymentsOf = (awardId: string) =>
  house.sql<{ amount: number }>('SELECT amount FROM disbursements WHERE award_id = $1', [awardId]);

describe('an award', () => {
  test('moves from free to promised to paid, and each step is seen in the balances', async () => {
    const before = await shelter();
    const { id, request } = await award();
    const { available, committed, spent } = before;
    expect(await shelter()).toEqual({ available: available - 32_500, committed: committed + 32_500, spent });
    const { status, body } = await pay(world.treasurer, payment(id, { reference: '封筒7' }));
    expect([status, body]).toMatchObject([
      201,
      { awardId: id, requestNumber: request.number, amount: 32_500, releasedAmount: 0, status: 'paid' },
    ]);
    expect(await shelter()).toEqual({ available: available - 32_500, committed, spent: spent + 32_500 });
    const { body: after } = await world.partner.get<GrantRequestView>(`/grant-requests/${request.id}`);
    expect(after).toMatchObject({ status: 'paid', disbursedAmount: 32_500 });
    expect(after.lines[0]!.awards[0]!.status).toBe('paid');
  });

  test('is paid once by a double click, and both clicks get the same answer', async () => {
    const { id } = await award();
    const key = randomUUID();
    const clicks = await Promise.all([1, 2, 3].map(() => pay(world.treasurer, payment(id), key)));
    expect(clicks.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(clicks.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await paymentsOf(id)).toEqual([{ amount: 32_500 }]);
  });

  test('is paid once when the same call comes again later', async () => {
    const { id } = await award();
    const key = randomUUID();
    const first = await pay(world.treasurer, payment(id), key);
    expect(await leavesNoTrace(house, () => pay(world.treasurer, payment(id), key))).toEqual(first);
    const other = await leavesNoTrace(house, () => pay(world.treasurer, payment(id, { amount: 1 }), key));
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.mismatch']);
  });

  test('is paid once by two calls at the same moment with different keys', async () => {
    const { id } = await award();
    const calls = await Promise.all([1, 2].map(() => pay(world.treasurer, payment(id))));
    expect(calls.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(calls.find(({ status }) => status === 409)!.body.code).toBe('transition.refused');
    expect(await paymentsOf(id)).toHaveLength(1);
  });

  test('is paid once by two treasurers at the same moment', async () => {
    const awards = await Promise.all([1, 2, 3, 4].map(() => award()));
    const before = await shelter();
    for (const { id } of awards) {
      const calls = await Promise.all([world.treasurer, secondTreasurer].map((by) => pay(by, payment(id))));
      expect(calls.map(({ status }) => status).sort()).toEqual([201, 409]);
    }
    const { available, committed, spent } = before;
    expect(await shelter()).toEqual({ available, committed: committed - 130_000, spent: spent + 130_000 });
  });

  test('that was paid or released is not paid again', async () => {
    const { id } = await award();
    await pay(world.treasurer, payment(id));
    const again = await leavesNoTrace(house, () => pay(secondTreasurer, payment(id)));
    expect([again.status, again.body.code]).toEqual([409, 'transition.refused']);
    const released = await award();
    const path = `/grant-requests/${released.request.id}/release`;
    await world.approver.post(path, { reason: '不要になりました。' });
    expect(faultsOf(await leavesNoTrace(house, () => pay(world.treasurer, payment(released.id))))).toEqual([
      404,
    ]);
  });

  test('is paid or released, not both, when both happen at the same moment', async () => {
    for (let times = 0; times < 4; times += 1) {
      const before = await shelter();
      const { id, request } = await award();
      const release = { reason: '不要になりました。' };
      const [paid, released] = await Promise.all([
        pay(world.treasurer, payment(id)),
        world.approver.post(`/grant-requests/${request.id}/release`, release),
      ]);
      expect([paid.status, released.status]).toEqual(
        paid.status === 201 ? [201, 409] : [expect.any(Number), 200],
      );
      const { available, committed, spent } = before;
      expect(await shelter()).toEqual(
        paid.status === 201 ? { available: available - 32_500, committed, spent: spent + 32_500 } : before,
      );
    }
  });

  test('that nobody has is absent', async () => {
    expect(faultsOf(await pay(world.treasurer, payment(randomUUID())))).toEqual([404]);
  });
});

describe('the amount', () => {
  test('is never above the award', async () => {
    const { id } = await award();
    const answer = await leavesNoTrace(house, () => pay(world.treasurer, payment(id, { amount: 32_501 })));
    expect(faultsOf(answer)).toEqual([422, ['amount', 'moreThanAwarded']]);
  });

  test.each([0, -1, 1.5, '三万', null])('is a whole number of yen above zero, and not %p', async (amount) => {
    const { id } = await award();
    const answer = await leavesNoTrace(house, () => pay(world.treasurer, payment(id, { amount })));
    expect(faultsOf(answer)).toEqual([422, ['amount', amount === null ? 'required' : 'yen']]);
  });

  test('below the award gives the rest back to its budget line, linked to the promise that it undoes', async () => {
    const { available, committed, spent } = await shelter();
    const { id, request } = await award();
    const { body } = await pay(world.treasurer, payment(id, { amount: 30_000 }));
    expect(body).toMatchObject({ amount: 30_000, releasedAmount: 2_500 });
    expect(await shelter()).toEqual({ available: available - 30_000, committed, spent: spent + 30_000 });
    const transfers = await house.sql<{ id: string; kind: string }>(
      `SELECT id, kind, amount, undoes_id, happened_on FROM transfers WHERE subject_id IN ($1, $2) ORDER BY seq`,
      [id, body.id],
    );
    expect(transfers).toMatchObject([
      { kind: 'commit', amount: 32_500, undoes_id: null },
      { kind: 'pay', amount: 30_000, undoes_id: null, happened_on: '2024-12-16', id: body.ledgerTransferId },
      { kind: 'release', amount: 2_500, undoes_id: transfers[0]!.id, happened_on: '2024-12-16' },
    ]);
    const { body: after } = await world.partner.get<GrantRequestView>(`/grant-requests/${request.id}`);
    expect(after).toMatchObject({ status: 'paid', disbursedAmount: 30_000 });
  });
});

describe('the day', () => {
  test.each([
    ['before the fund begins', TODAY, '2024-11-30', 'outsideFund'],
    ['after the fund ended', '2025-04-10T09:00:00+09:00', '2025-04-01', 'outsideFund'],
    ['in the future', TODAY, '2024-12-17', 'dayFuture'],
    ['in the future, in Tokyo', '2024-12-16T23:59:00+09:00', '2024-12-17', 'dayFuture'],
    ['not of the calendar', TODAY, '2024-12-32', 'day'],
  ])('%s is refused', async (_, now, paidOn, code) => {
    const { id } = await award();
    house.clock.set(now);
    const answer = await leavesNoTrace(house, () => pay(world.treasurer, payment(id, { paidOn })));
    expect(faultsOf(answer)).toEqual([422, ['paidOn', code]]);
  });

  test.each([
    ['the first of the fund', TODAY, '2024-12-01'],
    ['the last of the fund, recorded later', '2025-04-10T09:00:00+09:00', '2025-03-31'],
    ['today, as Tokyo has it', '2024-12-17T00:01:00+09:00', '2024-12-17'],
    ['a Sunday', TODAY, '2024-12-15'],
  ])('%s is taken', async (_, now, paidOn) => {
    const { id } = await award();
    house.clock.set(now);
    const { status, body } = await pay(world.treasurer, payment(id, { paidOn }));
    expect([status, body.paidOn]).toEqual([201, paidOn]);
  });

  test('and the amount are both named when both are wrong', async () => {
    const { id } = await award();
    const wrong = payment(id, { amount: 40_000, paidOn: '2024-11-30' });
    expect(faultsOf(await leavesNoTrace(house, () => pay(world.treasurer, wrong)))).toEqual([
      422,
      ['amount', 'moreThanAwarded'],
      ['paidOn', 'outsideFund'],
    ]);
  });
});

describe('a request of several awards', () => {
  test('shows the least advanced of them', async () => {
    const lines = [line('shelter', 10_000), line('shelter', 20_000)];
    const request = await world.approvedRequest(fund, lines);
    const states: [string, number][] = [];
    for (const { awards } of request.lines) {
      await pay(world.treasurer, payment(awards[0]!.id, { amount: awards[0]!.amount }));
      const { body } = await world.partner.get<GrantRequestView>(`/grant-requests/${request.id}`);
      states.push([body.status, body.disbursedAmount]);
    }
    expect(states).toEqual([
      ['approved', 10_000],
      ['paid', 30_000],
    ]);
  });
});

/** A second payment of a paid award, but for what is told. */
const payAgain = (awardId: string, more: { status?: string; amount?: number; awardAmount?: number } = {}) =>
  house.sql(
    `INSERT INTO disbursements (id, award_id, award_amount, request_id, request_origin, amount, status, method, paid_on,
                                paid_by, transfer_id, recorded_at)
     SELECT gen_random_uuid(), award_id, $2, request_id, request_origin, $3, $4, method, paid_on, paid_by,
            coalesce((SELECT id FROM transfers WHERE kind = 'commit' AND amount = $3
                      AND id NOT IN (SELECT transfer_id FROM disbursements) LIMIT 1), gen_random_uuid()),
            recorded_at
     FROM disbursements WHERE award_id = $1 LIMIT 1`,
    [awardId, more.awardAmount ?? 32_500, more.amount ?? 32_500, more.status ?? 'paid'],
  );

describe('in SQL', () => {
  test('an award has one living payment, whoever writes it', async () => {
    const { id } = await award();
    await pay(world.treasurer, payment(id));
    for (const status of ['planned', 'sent', 'unknown', 'paid']) {
      await expect(payAgain(id, { status })).rejects.toMatchObject({
        constraint: 'disbursements_one_living_per_award',
      });
    }
    await payAgain(id, { status: 'bounced' });
  });

  test('a payment is never above its award, and does not lie about the award', async () => {
    const { id } = await award();
    await pay(world.treasurer, payment(id));
    await expect(payAgain(id, { status: 'bounced', amount: 32_501 })).rejects.toMatchObject({
      constraint: 'disbursements_within_award',
    });
    await expect(payAgain(id, { status: 'bounced', awardAmount: 40_000 })).rejects.toMatchObject({
      constraint: 'disbursements_award_id_award_amount_fkey',
    });
  });

  test('an account other than the outside one never goes below zero', async () => {
    await expect(
      house.sqlAs(world.treasurer.actor, `UPDATE accounts SET balance = -1 WHERE kind = 'available'`),
    ).rejects.toMatchObject({ constraint: 'accounts_balance_not_negative' });
  });
});
