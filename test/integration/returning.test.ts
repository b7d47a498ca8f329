import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { DisbursementView } from '../../src/disbursements/disbursements.dto.js';
import { reasonPlace } from '../../src/disbursements/return.entity.js';
import type { ReturnView } from '../../src/disbursements/returns.dto.js';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { Db } from '../../src/platform/db.js';
import { Vault } from '../../src/platform/encryption.js';
import type { DisbursedReport } from '../../src/reports/reports.dto.js';
import { booksBalance, given, leavesNoTrace, line, type Given } from '../given.js';
import { openHouse, type Answer, type House, type Somebody } from '../house.js';
import { eventually } from '../queues.js';

const TODAY = '2024-12-16T18:00:00+09:00';

let house: House;
let world: Given;
let fund: FundView;
let funds = 0;

beforeAll(async () => {
  house = await openHouse({ at: TODAY, jobs: true });
  world = await given(house);
  fund = await newFund();
});
afterAll(() => house.close());
afterEach(async () => {
  house.clock.set(TODAY);
  expect(await booksBalance(house)).toBe(true);
});

async function newFund(shelter = 10_000_000): Promise<FundView> {
  funds += 1;
  return world.fund(`returning-${funds}`, { shelter });
}

type Came = Answer<
  ReturnView & { code: string; left?: number; asked?: number; errors?: { path: string; code: string }[] }
>;

interface Paid {
  id: string;
  awardId: string;
  request: GrantRequestView;
}

const AMOUNT = 30_000;

/** A payment of one award, of all of it unless told. */
async function paid(from = fund, amount = AMOUNT, awarded = AMOUNT): Promise<Paid> {
  const request = await world.approvedRequest(from, [line('shelter', awarded)]);
  const awardId = request.lines[0]!.awards[0]!.id;
  const { id } = (await payAgain(awardId, amount)).body;
  return { id, awardId, request };
}

const payAgain = (awardId: string, amount: number) =>
  world.treasurer.post<DisbursementView & { errors?: { path: string; code: string; message: string }[] }>(
    '/disbursements',
    { awardId, amount, paidOn: '2024-12-16', method: 'cash' },
  );

const bounce = ({ id }: Paid, by = world.treasurer, key?: string): Promise<Came> =>
  by.post(`/disbursements/${id}/bounce`, { reason: '口座がありませんでした。' }, key);
const refund = ({ id }: Paid, amount: unknown, more: object = {}, key?: string): Promise<Came> =>
  world.treasurer.post(
    `/disbursements/${id}/refund`,
    { amount, receivedOn: '2024-12-16', reason: '使わなかった分です。', ...more },
    key,
  );

const outcome = ({ status, body }: Came): unknown => [status, body.code, body.left, body.asked];
const OK = [200, undefined, undefined, undefined];

const shelter = async ({ id } = fund) => {
  const { body } = await world.treasurer.get<FundView>(`/funds/${id}`);
  const { available, committed, spent } = body.lines[0]!;
  return { available, committed, spent, unallocated: body.unallocated };
};
type Held = Awaited<ReturnType<typeof shelter>>;
const changed = (before: Held, more: Partial<Held>) =>
  Object.fromEntries(
    Object.entries(before).map(([kind, held]) => [kind, held + (more[kind as keyof Held] ?? 0)]),
  );

const seen = async ({ request: { id } }: Pick<Paid, 'request'>) =>
  (await world.treasurer.get<GrantRequestView>(`/grant-requests/${id}`)).body;
const returnsOf = ({ id }: Paid) =>
  house.sql<{ id: string; kind: string; amount: number; reason: Buffer }>(
    'SELECT id, kind, amount, reason FROM returns WHERE disbursement_id = $1 ORDER BY id',
    [id],
  );
const helped = async ({ id }: FundView) => {
  const { body } = await world.board.get<DisbursedReport>(
    `/reports/disbursed?from=2024-12-01&to=2025-03-31&fundId=${id}`,
  );
  const { amount, people, instances, requests } = body;
  return { amount, people, instances, requests };
};

describe('a payment that never arrived', () => {
  test('is promised again, whole, and the request says so', async () => {
    const payment = await paid();
    const before = await shelter();
    const { status, body } = await bounce(payment);
    expect([status, body]).toMatchObject([
      200,
      {
        amount: AMOUNT,
        returnedAmount: AMOUNT,
        status: 'bounced',
        disbursementId: payment.id,
        happenedOn: '2024-12-16',
      },
    ]);
    expect(await shelter()).toEqual(changed(before, { committed: AMOUNT, spent: -AMOUNT }));
    const request = await seen(payment);
    expect(request).toMatchObject({ status: 'approved', disbursedAmount: 0, approvedAmount: AMOUNT });
    expect(request.lines[0]!.awards[0]!.status).toBe('approved');
    expect(request.history.at(-1)).toMatchObject({ verb: 'bounce', amount: AMOUNT, toStatus: 'approved' });
  });

  test('has a reason that only a key opens', async () => {
    const payment = await paid();
    await bounce(payment);
    const [kept] = await returnsOf(payment);
    const { id, reason } = kept!;
    expect(reason.toString('utf8')).not.toContain('口座');
    const opened = await house.app.get(Db).read(world.treasurer.actor, async (tx) => {
      const [row] = await tx.query<{ owner: string }>(
        'SELECT key_owner_id AS owner FROM grant_requests WHERE id = $1',
        [payment.request.id],
      );
      return (await house.app.get(Vault).keyOf(tx.orm, row!.owner)).open(reason, reasonPlace(id));
    });
    expect(opened).toBe('口座がありませんでした。');
  });

  test('is paid again, and may bounce again', async () => {
    const payment = await paid();
    const before = await shelter();
    await bounce(payment);
    const again = await payAgain(payment.awardId, AMOUNT);
    expect(again.status).toBe(201);
    expect(await shelter()).toEqual(before);
    expect(await seen(payment)).toMatchObject({ status: 'paid', disbursedAmount: AMOUNT });
    expect(outcome(await bounce({ ...payment, id: again.body.id }))).toEqual(OK);
    expect((await payAgain(payment.awardId, AMOUNT)).status).toBe(201);
    expect(await shelter()).toEqual(before);
  });

  test('shows the least advanced of the request’s awards', async () => {
    const request = await world.paidRequest(fund, [line('shelter', 5_000), line('shelter', 6_000)]);
    const [{ id }] = (await house.sql<{ id: string }>(
      'SELECT id FROM disbursements WHERE request_id = $1 ORDER BY amount',
      [request.id],
    )) as [{ id: string }];
    expect(request.status).toBe('paid');
    await bounce({ id, awardId: '', request });
    expect(await seen({ request })).toMatchObject({ status: 'approved', disbursedAmount: 6_000 });
  });

  test('can be paid again only up to what is still promised of the award', async () => {
    const payment = await paid(fund, 20_000, 30_000);
    await bounce(payment);
    const before = await shelter();
    const { status, body } = await leavesNoTrace(house, () => payAgain(payment.awardId, 20_001));
    expect([status, body.errors!.map(({ path, code }) => [path, code])]).toEqual([
      422,
      [['amount', 'moreThanAwarded']],
    ]);
    expect(body.errors![0]!.message).toContain('20,000');
    const again = await payAgain(payment.awardId, 15_000);
    expect([again.status, again.body.releasedAmount]).toEqual([201, 15_000]);
    expect(await shelter()).toEqual(changed(before, { committed: -20_000, spent: 15_000, available: 5_000 }));
  });

  test('is released for what is still promised, and the request can be decided anew', async () => {
    const payment = await paid(fund, 20_000, 30_000);
    await bounce(payment);
    const before = await shelter();
    const released = await world.approver.post(`/grant-requests/${payment.request.id}/release`, {
      reason: 'x',
    });
    expect(released).toMatchObject({ status: 200, body: { status: 'in_review', approvedAmount: 0 } });
    expect(await shelter()).toEqual(changed(before, { committed: -20_000, available: 20_000 }));
  });

  test('bounces once: by a double click, by two at once, and afterwards', async () => {
    const payment = await paid();
    const before = await shelter();
    const key = randomUUID();
    const [one, other] = await Promise.all([
      bounce(payment, world.treasurer, key),
      bounce(payment, world.treasurer, key),
    ]);
    expect(one).toEqual(other);
    expect(outcome(one!)).toEqual(OK);
    expect(outcome(await leavesNoTrace(house, () => bounce(payment)))).toEqual([
      409,
      'transition.refused',
      undefined,
      undefined,
    ]);
    const raced = await paid();
    const second = await house.somebody('second', ['treasurer']);
    const answers = await Promise.all([bounce(raced), bounce(raced, second), bounce(raced)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await shelter()).toEqual(
      changed(before, { committed: 2 * AMOUNT, spent: -AMOUNT, available: -AMOUNT }),
    );
    for (const each of [payment, raced]) expect(await returnsOf(each)).toHaveLength(1);
  });

  test('does not bounce when something of it was paid back', async () => {
    const payment = await paid();
    await refund(payment, 1);
    expect(outcome(await leavesNoTrace(house, () => bounce(payment)))).toEqual([
      409,
      'transition.refused',
      undefined,
      undefined,
    ]);
  });
});

describe('money that is paid back', () => {
  test('is free again on its line, in parts, together never more than was paid', async () => {
    const payment = await paid();
    const before = await shelter();
    expect((await refund(payment, 10_000)).body).toMatchObject({
      amount: 10_000,
      returnedAmount: 10_000,
      status: 'paid',
    });
    expect((await refund(payment, '５，０００')).body).toMatchObject({ returnedAmount: 15_000 });
    expect(await shelter()).toEqual(changed(before, { available: 15_000, spent: -15_000 }));
    expect(outcome(await leavesNoTrace(house, () => refund(payment, 15_001)))).toEqual([
      409,
      'undo.exceeded',
      15_000,
      15_001,
    ]);
    const request = await seen(payment);
    expect(request).toMatchObject({ status: 'paid', disbursedAmount: 15_000 });
    expect(request.history.at(-1)).toMatchObject({ verb: 'refund', amount: 5_000, toStatus: 'paid' });
    expect((await refund(payment, 15_000)).body).toMatchObject({ returnedAmount: AMOUNT, status: 'paid' });
    expect(outcome(await refund(payment, 1))).toEqual([409, 'undo.exceeded', 0, 1]);
    expect(await seen(payment)).toMatchObject({ status: 'paid', disbursedAmount: 0 });
    expect((await returnsOf(payment)).map(({ kind, amount }) => [kind, amount])).toEqual([
      ['refund', 10_000],
      ['refund', 5_000],
      ['refund', 15_000],
    ]);
    expect((await payAgain(payment.awardId, 1)).status).toBe(409);
  });

  test('comes back once by a double click, and of two at once only what is left', async () => {
    const payment = await paid();
    const key = randomUUID();
    const [one, other] = await Promise.all([
      refund(payment, 1_000, {}, key),
      refund(payment, 1_000, {}, key),
    ]);
    expect(one).toEqual(other);
    const answers = await Promise.all([refund(payment, 20_000), refund(payment, 20_000), bounce(payment)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(
      answers
        .filter(({ status }) => status === 409)
        .map(({ body }) => body.code)
        .sort(),
    ).toEqual(['transition.refused', 'undo.exceeded']);
    expect(await returnsOf(payment)).toHaveLength(2);
  });

  test('either bounces or is paid back, when both come at once', async () => {
    for (let times = 0; times < 4; times += 1) {
      const payment = await paid();
      const answers = await Promise.all([bounce(payment), refund(payment, 1_000)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect(answers.find(({ status }) => status === 409)!.body.code).toBe('transition.refused');
    }
  });

  test('does not come back from a payment that bounced', async () => {
    const payment = await paid();
    await bounce(payment);
    expect(outcome(await leavesNoTrace(house, () => refund(payment, 1)))).toEqual([
      409,
      'transition.refused',
      undefined,
      undefined,
    ]);
  });

  test.each<[string, unknown, object, [string, string][]]>([
    ['nothing', 0, {}, [['amount', 'yen']]],
    ['less than nothing', -1, {}, [['amount', 'yen']]],
    ['a part of a yen', 0.5, {}, [['amount', 'yen']]],
    ['cents', '10.00', {}, [['amount', 'yen']]],
    ['more than 2^53', 2 ** 53, {}, [['amount', 'yen']]],
    ['a day to come', 1, { receivedOn: '2024-12-17' }, [['receivedOn', 'dayFuture']]],
    ['a day before it was paid', 1, { receivedOn: '2024-12-15' }, [['receivedOn', 'beforePayment']]],
    ['no reason', 1, { reason: ' ' }, [['reason', 'required']]],
    ['a fee', 1, { fee: 100 }, [['fee', 'unknownField']]],
  ])('%s is refused', async (_, amount, more, faults) => {
    const payment = await paid();
    const { status, body } = await leavesNoTrace(house, () => refund(payment, amount, more));
    expect([status, body.errors?.map(({ path, code }) => [path, code])]).toEqual([422, faults]);
  });
});

describe('a fund that is closed', () => {
  test('takes back what is paid back, unallocated, and promises nothing again', async () => {
    const small = await newFund(AMOUNT);
    const payment = await paid(small);
    const closed = await world.treasurer.post(`/funds/${small.id}/close`, { reason: '終わりました。' });
    expect(closed).toMatchObject({ status: 200 });
    const refused = await leavesNoTrace(house, () => bounce(payment));
    expect(outcome(refused)).toEqual([409, 'fund.closed', undefined, undefined]);
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('返金') });
    expect(outcome(await refund(payment, 12_000))).toEqual(OK);
    expect(await shelter(small)).toEqual({ available: 0, committed: 0, spent: 18_000, unallocated: 12_000 });
  });
});

describe('who is counted', () => {
  test('nobody whose money came back whole; a part that came back counts for less money', async () => {
    const own = await newFund();
    const [whole, part, lost] = [await paid(own), await paid(own), await paid(own)];
    expect(await helped(own)).toEqual({ amount: 90_000, people: 3, instances: 3, requests: 3 });
    await refund(part, 10_000);
    expect(await helped(own)).toEqual({ amount: 80_000, people: 3, instances: 3, requests: 3 });
    await refund(whole, 10_000);
    await refund(whole, 20_000);
    expect(await helped(own)).toEqual({ amount: 50_000, people: 2, instances: 2, requests: 2 });
    await bounce(lost);
    expect(await helped(own)).toEqual({ amount: 20_000, people: 1, instances: 1, requests: 1 });
    await payAgain(lost.awardId, AMOUNT);
    expect(await helped(own)).toEqual({ amount: 50_000, people: 2, instances: 2, requests: 2 });
  });

  test('on its own day: what comes back later lowers the later month', async () => {
    const own = await newFund();
    const payment = await paid(own);
    house.clock.set('2025-01-20T10:00:00+09:00');
    expect(outcome(await refund(payment, 10_000, { receivedOn: '2025-01-15' }))).toEqual(OK);
    const { body } = await world.board.get<DisbursedReport>(
      `/reports/disbursed?from=2024-12-01&to=2025-03-31&fundId=${own.id}&groupBy=month`,
    );
    expect(body.groups.map(({ month, amount }) => [month, amount])).toEqual([
      ['2024-12', 30_000],
      ['2025-01', -10_000],
    ]);
  });
});

describe('a past payment that was imported', () => {
  test('bounces into free money, promised to nobody, and is paid back in parts', async () => {
    const past = await newFund(50_000);
    const [{ code }] = (await house.sql<{ code: string }>('SELECT code FROM funds WHERE id = $1', [
      past.id,
    ])) as [{ code: string }];
    const header =
      'request_no,paid_on,organisation_code,person_code,household_adults,household_children,prefecture_code,category,item,amount_jpy,method,payee';
    const row = (number: number) =>
      `R2412-9000${number},2024-12-05,${world.organisation.code},P9000${number},1,0,13,shelter,宿泊,20000,cash,organisation`;
    const form = new FormData();
    form.set('kind', 'history');
    form.set('fundCode', code);
    form.set('file', new Blob([[header, row(1), row(2)].join('\n')]), 'file.csv');
    const sent = await fetch(`${house.url}/api/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.treasurer.key}`, 'idempotency-key': randomUUID() },
      body: form,
    });
    const { id } = (await sent.json()) as { id: string };
    const done = await eventually(async () => {
      const { body } = await world.treasurer.get<{ status: string }>(`/imports/${id}`);
      return ['done', 'refused'].includes(body.status) && body;
    });
    expect(done).toMatchObject({ status: 'done', errors: [] });
    const payments = await house.sql<{ id: string; awardId: string; requestId: string }>(
      `SELECT id, award_id AS "awardId", request_id AS "requestId" FROM disbursements WHERE request_origin = 'import'`,
    );
    const [lost, back] = payments.map((payment): Paid => ({
      ...payment,
      request: { id: payment.requestId } as GrantRequestView,
    })) as [Paid, Paid];
    expect(await helped(past)).toMatchObject({ amount: 40_000, people: 2 });
    expect((await bounce(lost)).body).toMatchObject({ status: 'bounced', amount: 20_000 });
    expect(await shelter(past)).toMatchObject({ available: 30_000, committed: 0, spent: 20_000 });
    expect(await seen(lost)).toMatchObject({ status: 'settled', approvedAmount: 0, disbursedAmount: 0 });
    expect(outcome(await refund(back, 5_000))).toEqual(OK);
    expect(await shelter(past)).toMatchObject({ available: 35_000, committed: 0, spent: 15_000 });
    expect(await seen(back)).toMatchObject({
      status: 'settled',
      approvedAmount: 20_000,
      disbursedAmount: 15_000,
    });
    expect(await helped(past)).toMatchObject({ amount: 15_000, people: 1 });
    expect(outcome(await bounce(back))).toEqual([409, 'transition.refused', undefined, undefined]);
    expect((await payAgain(lost.awardId, 1)).status).toBe(409);
  });
});

describe('who records it', () => {
  test('is a treasurer, with a key, for a payment that is there', async () => {
    const payment = await paid();
    for (const who of [world.partner, world.reviewer, world.approver, world.board, world.admin]) {
      expect((await bounce(payment, who)).status).toBe(403);
    }
    expect(outcome(await bounce({ ...payment, id: randomUUID() }))).toEqual([
      404,
      'resource.absent',
      undefined,
      undefined,
    ]);
    const bare = await fetch(`${house.url}/api/v1/disbursements/${payment.id}/bounce`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.treasurer.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'x' }),
    });
    expect([bare.status, ((await bare.json()) as { code: string }).code]).toEqual([
      400,
      'idempotency.missing',
    ]);
  });

  test('is nobody who approved the request, or is of its organisation', async () => {
    const payment = await paid();
    const own = await house.somebody('own', ['treasurer'], world.organisation.id);
    expect((await bounce(payment, own)).body.code).toBe('duty.own_organisation');
    const { approver } = world;
    await house.sql(`UPDATE users SET roles = '{approver,treasurer}' WHERE id = $1`, [approver.user.id]);
    expect((await bounce(payment, approver)).body.code).toBe('duty.approver');
    await house.sql(`UPDATE users SET roles = '{approver}' WHERE id = $1`, [approver.user.id]);
  });
});

test('a fund that pays by bank transfer only is not paid from in cash', async () => {
  const strict = await world.fund(
    'strict',
    { shelter: 100_000 },
    { rules: { paymentMethods: ['bank_transfer'] } },
  );
  const request = await world.approvedRequest(strict, [line('shelter', AMOUNT)]);
  const awardId = request.lines[0]!.awards[0]!.id;
  const { status, body } = await leavesNoTrace(house, () => payAgain(awardId, AMOUNT));
  expect([status, body.errors!.map(({ path, code }) => [path, code])]).toEqual([
    422,
    [['method', 'methodUnfit']],
  ]);
  const paidByBank = { awardId, amount: AMOUNT, paidOn: '2024-12-16', method: 'bank_transfer' };
  expect((await world.treasurer.post('/disbursements', paidByBank)).status).toBe(201);
});

const refusedByRight = expect.objectContaining({ code: '42501' });
const insert = (
  by: Somebody,
  { id, request }: Paid,
  more: { as?: Somebody; amount?: number; transfer?: string } = {},
) =>
  house.sqlAs(
    by.actor,
    `INSERT INTO returns (id, disbursement_id, request_id, kind, amount, happened_on, reason, transfer_id, actor_id, recorded_at)
     SELECT $1, $2, $3, 'refund', $4, '2024-12-16', '\\x00', coalesce($5, transfer_id), $6, now()
     FROM disbursements WHERE id = $2`,
    [randomUUID(), id, request.id, more.amount ?? AMOUNT, more.transfer ?? null, (more.as ?? by).user.id],
  );

/** What the database itself refuses; each as the application's role, told who asks. */
describe('in SQL', () => {
  test('only a treasurer records it, in nobody else’s name, and as the books have it', async () => {
    const payment = await paid();
    const { approver, treasurer, reviewer } = world;
    for (const by of [approver, reviewer]) await expect(insert(by, payment)).rejects.toEqual(refusedByRight);
    await expect(insert(treasurer, payment, { as: approver })).rejects.toEqual(refusedByRight);
    await expect(insert(treasurer, payment, { amount: 1 })).rejects.toEqual(
      expect.objectContaining({ constraint: 'returns_transfer_id_amount_fkey' }),
    );
    await expect(insert(treasurer, payment, { transfer: randomUUID() })).rejects.toEqual(
      expect.objectContaining({ constraint: 'returns_transfer_id_amount_fkey' }),
    );
  });

  test('nobody changes it or takes it out, and only a treasurer moves a payment’s state', async () => {
    const payment = await paid();
    await refund(payment, 1);
    const { approver, treasurer } = world;
    for (const change of [
      'UPDATE returns SET amount = 2',
      'DELETE FROM returns',
      'UPDATE disbursements SET amount = 2',
    ]) {
      await expect(house.sqlAs(treasurer.actor, change)).rejects.toEqual(refusedByRight);
    }
    const change = `UPDATE disbursements SET status = 'bounced' WHERE id = $1 RETURNING id`;
    expect(await house.sqlAs(approver.actor, change, [payment.id])).toEqual([]);
  });
});
