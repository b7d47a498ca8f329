import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ContributionView } from '../../src/funds/contributions.dto.js';
import type { FundRules } from '../../src/funds/fund-rules.dto.js';
import type { FundEventView } from '../../src/funds/funds.dto.js';
import { FundsQueries, type FundView } from '../../src/funds/index.js';
import type { MoveView } from '../../src/funds/moves.dto.js';
import { onDuty } from '../../src/kernel/actor.js';
import { verify } from '../../src/ledger/verify.js';
import { Db } from '../../src/platform/db.js';
import type { Page } from '../../src/platform/pages.js';
import type { Problem } from '../../src/web/errors.filter.js';
import { booksBalance, given, type Given } from '../given.js';
import { once, openHouse, type Answer, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let other: Somebody;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  other = await house.somebody('treasurer2', ['treasurer']);
});
afterAll(async () => {
  expect(await booksBalance(house)).toBe(true);
  const { differences } = await house.app.get(Db).read(onDuty('figures'), verify);
  expect(differences).toEqual([]);
  await house.close();
});

type Refusable<T> = T & { code?: string };

let funds = 0;

/** A fund by these rules, with money received and lines of relief. */
async function fundBy(
  rules: FundRules,
  received = 0,
  lines: Record<string, number> = {},
  more = {},
): Promise<FundView> {
  funds += 1;
  const input = {
    code: `fund-${funds}`,
    name: `基金 ${funds}`,
    kind: 'grant',
    from: '2024-12-01',
    to: '2025-03-31',
  };
  const { body } = await world.treasurer.post<FundView>('/funds', { ...input, ...more, rules });
  if (received > 0) {
    const money = { amount: received, receivedOn: '2024-12-01', source: '○○財団' };
    await world.treasurer.post(`/funds/${body.id}/contributions`, money);
  }
  for (const [category, amount] of Object.entries(lines))
    await world.treasurer.post(`/funds/${body.id}/allocations`, { purpose: 'relief', category, amount });
  return fundOf(body.id);
}

const fundOf = async (id: string): Promise<FundView> =>
  (await world.treasurer.get<FundView>(`/funds/${id}`)).body;
const lineOf = (fund: FundView, category: string) => fund.lines.find((line) => line.category === category)!;
const eventsOf = async ({ id }: FundView) =>
  (await world.treasurer.get<Page<FundEventView>>(`/funds/${id}/events`)).body.items;
const contributionsOf = async ({ id }: FundView) =>
  (await world.treasurer.get<Page<ContributionView>>(`/funds/${id}/contributions`)).body.items;
const move = (body: object, by: Somebody = world.treasurer) =>
  by.post<Refusable<MoveView>>('/budget-transfers', body);
const refusalOf = ({ status, body }: Answer<unknown>) => [status, (body as Problem).code];
const faultsOf = ({ body }: Answer<unknown>) =>
  (body as Problem).errors?.map(({ path, code }) => [path, code]);
const codesOf = (answers: Answer<unknown>[]) =>
  answers.map(({ status, body }) => (status < 300 ? status : (body as Problem).code)).sort();

const ofKinds = async (subject: string) =>
  (
    await house.sql<{ kind: string }>('SELECT kind FROM transfers WHERE subject_id = $1 ORDER BY seq', [
      subject,
    ])
  ).map(({ kind }) => kind);

const correctTo = (id: string, amount: number) =>
  world.treasurer.post<Refusable<ContributionView>>(`/contributions/${id}/correct`, {
    amount,
    reason: '訂正',
  });

const asked = async (fund: FundView, amount: number) => {
  const [from, to] = [lineOf(fund, 'food'), lineOf(fund, 'shelter')];
  return (await move({ fromLineId: from.id, toLineId: to.id, amount, reason: '寒波' })).body;
};

const holds = async ({ id }: FundView) => {
  const fund = await fundOf(id);
  return [lineOf(fund, 'food').available, lineOf(fund, 'shelter').available, fund.unallocated];
};

const decide = (by: Somebody, { id }: MoveView, verb: string, body = {}) =>
  by.post<Refusable<MoveView>>(`/budget-transfers/${id}/${verb}`, body);

const listed = async (query: string) =>
  (await world.board.get<Page<MoveView>>(`/budget-transfers?${query}`)).body;

describe('a fund', () => {
  test('keeps its source and all its rules, and says that it was made', async () => {
    const rules: FundRules = {
      note: '住居を先に',
      categories: ['food', 'shelter'],
      prefectures: ['13', '14'],
      capPerPerson: 30_000,
      capPerHousehold: 100_000,
      paymentMethods: ['bank_transfer'],
      moveLimit: { percent: 20, of: 'total' },
    };
    const fund = await fundBy(rules, 0, {}, { source: '○○財団' });
    expect(fund).toMatchObject({ rules, source: '○○財団', closedAt: null, promised: 0 });
    expect((await eventsOf(fund)).map(({ verb, by }) => [verb, by])).toEqual([['created', 'treasurer']]);
  });

  test.each<[object, string, string]>([
    [{ categories: [] }, 'rules.categories', 'listEmpty'],
    [{ prefectures: ['48'] }, 'rules.prefectures', 'choice'],
    [{ capPerPerson: 0 }, 'rules.capPerPerson', 'yen'],
    [{ capPerPerson: 1.5 }, 'rules.capPerPerson', 'yen'],
    [{ moveLimit: { percent: 101, of: 'total' } }, 'rules.moveLimit.percent', 'max'],
    [{ moveLimit: { percent: 10, of: 'all' } }, 'rules.moveLimit.of', 'choice'],
    [{ color: 'red' }, 'rules.color', 'unknownField'],
  ])('with the rule %j is refused by name', async (rules, path, code) => {
    const input = { code: 'never', name: 'n', kind: 'grant', from: '2024-12-01', rules };
    expect(faultsOf(await world.treasurer.post('/funds', input))).toEqual([[path, code]]);
  });

  test('gives nothing to a category that its rules leave out', async () => {
    const { id } = await fundBy({ categories: ['food'] }, 1_000);
    const body = { purpose: 'relief', category: 'shelter', amount: 1_000 };
    expect(faultsOf(await world.treasurer.post(`/funds/${id}/allocations`, body))).toEqual([
      ['category', 'categoryUnfit'],
    ]);
  });

  test('is offered narrowest first, then what ends soonest, and only where it may pay', async () => {
    const offered = async (prefectureCode?: string) =>
      house.app.get(Db).read(world.approver.actor, async (tx) => {
        const need = { purpose: 'relief', category: 'utilities', on: '2024-12-16', prefectureCode } as const;
        const lines = await house.app.get(FundsQueries).eligibleLines(tx, need);
        return lines.map(({ fundCode }) => fundCode);
      });
    const utilities = { utilities: 100 };
    const open = await fundBy({}, 100, utilities);
    const sooner = await fundBy({}, 100, utilities, { to: '2024-12-31' });
    const tokyo = await fundBy({ prefectures: ['13'] }, 100, utilities);
    await fundBy({}, 100, utilities, { from: '2024-12-17' });
    const closed = await fundBy({}, 100, utilities);
    expect(await offered('13')).toEqual([tokyo.code, sooner.code, open.code, closed.code]);
    const back = { purpose: 'relief', category: 'utilities', amount: -100 };
    await world.treasurer.post(`/funds/${closed.id}/allocations`, back);
    const [{ id } = { id: '' }] = await contributionsOf(closed);
    await world.treasurer.post(`/contributions/${id}/correct`, { amount: 0, reason: '別の基金' });
    expect((await world.treasurer.post(`/funds/${closed.id}/close`, { reason: '空' })).status).toBe(200);
    expect(await offered('14')).toEqual([sooner.code, open.code]);
    expect(await offered()).toEqual([tokyo.code, sooner.code, open.code]);
  });
});

describe('money that comes in', () => {
  const promise = { amount: 1_000, expectedOn: '2025-01-31', source: '△△会' };

  test('is promised or received, on exactly one day', async () => {
    const { id } = await fundBy({});
    const send = (body: object) => world.treasurer.post(`/funds/${id}/contributions`, body);
    const { expectedOn: _, ...neither } = promise;
    expect(faultsOf(await send(neither))).toEqual([['receivedOn', 'required']]);
    expect(faultsOf(await send({ ...promise, receivedOn: '2024-12-16' }))).toEqual([
      ['expectedOn', 'oneDayOnly'],
    ]);
    for (const amount of [0, -1, 1.5, 2 ** 53, '1e3'])
      expect(faultsOf(await send({ ...promise, amount }))).toEqual([
        ['amount', amount === 2 ** 53 ? expect.any(String) : 'yen'],
      ]);
    const made = await send(promise);
    expect(made).toMatchObject({
      status: 201,
      body: { status: 'promised', outstanding: 1_000, transferId: null },
    });
    expect(await fundOf(id)).toMatchObject({ received: 0, promised: 1_000, unallocated: 0 });
  });

  test('comes in parts, and never above what is outstanding, however many say so at once', async () => {
    const fund = await fundBy({});
    const made = (await world.treasurer.post<ContributionView>(`/funds/${fund.id}/contributions`, promise))
      .body;
    const receive = (body: object) =>
      world.treasurer.post<ContributionView>(`/contributions/${made.id}/receive`, body);
    const part = await receive({ amount: 400, receivedOn: '2024-12-16' });
    expect(part).toMatchObject({
      status: 201,
      body: { status: 'received', amount: 400, promiseId: made.id, source: '△△会' },
    });
    const all = { receivedOn: '2024-12-16' };
    const answers = await Promise.all([receive(all), receive(all), receive(all)]);
    expect(codesOf(answers)).toEqual([201, 'promise.exceeded', 'promise.exceeded']);
    expect(answers.find(({ status }) => status === 409)!.body).toMatchObject({ left: 0 });
    expect(await fundOf(fund.id)).toMatchObject({ received: 1_000, promised: 0, unallocated: 1_000 });
    expect(refusalOf(await world.treasurer.post(`/contributions/${part.body.id}/receive`, all))).toEqual([
      409,
      'transition.refused',
    ]);
  });

  test('is corrected by a row beside it, and only once when two do it at once', async () => {
    const fund = await fundBy({}, 10_000);
    const [first] = await contributionsOf(fund);
    const correct = (by: Somebody, body: object) =>
      by.post<ContributionView>(`/contributions/${first!.id}/correct`, body);
    const answers = await Promise.all([
      correct(world.treasurer, { amount: 12_000, reason: '数え直し' }),
      correct(other, { amount: 12_000, source: '別の財団', reason: '数え直し' }),
    ]);
    expect(codesOf(answers)).toEqual([200, 'transition.refused']);
    const { body } = answers.find(({ status }) => status === 200)!;
    expect(body).toMatchObject({
      status: 'received',
      amount: 12_000,
      correctsId: first!.id,
      receivedOn: '2024-12-01',
    });
    expect((await contributionsOf(fund)).map(({ status, amount }) => [status, amount])).toEqual([
      ['received', 12_000],
      ['corrected', 10_000],
    ]);
    expect(await fundOf(fund.id)).toMatchObject({ received: 12_000, unallocated: 12_000 });
    const [event] = await eventsOf(fund);
    expect(event).toMatchObject({
      verb: 'corrected',
      reason: '数え直し',
      facts: { before: 10_000, amount: 12_000, contributionId: first!.id },
    });
    expect(await ofKinds(first!.id)).toEqual(['contribute', 'accept', 'reverse', 'reverse']);
  });

  test('is corrected upwards when all of it is given out, and downwards only by what is there', async () => {
    const fund = await fundBy({}, 10_000, { food: 9_000 });
    const [first] = await contributionsOf(fund);
    const short = await correctTo(first!.id, 8_999);
    expect(short).toMatchObject({
      status: 409,
      body: { code: 'budget.exceeded', left: 1_000, asked: 1_001 },
    });
    const down = await correctTo(first!.id, 9_000);
    const up = await correctTo(down.body.id, 20_000);
    expect(up).toMatchObject({ status: 200, body: { amount: 20_000 } });
    expect(await fundOf(fund.id)).toMatchObject({ received: 20_000, unallocated: 11_000 });
    expect(refusalOf(await correctTo(down.body.id, 1))).toEqual([409, 'transition.refused']);
  });

  test('that never came leaves no row behind it', async () => {
    const fund = await fundBy({}, 10_000);
    const [first] = await contributionsOf(fund);
    const answer = await world.treasurer.post(`/contributions/${first!.id}/correct`, {
      amount: 0,
      reason: '二重',
    });
    expect(answer).toMatchObject({ status: 200, body: { id: first!.id, status: 'corrected' } });
    expect(await fundOf(fund.id)).toMatchObject({ received: 0, unallocated: 0 });
  });

  test('for a promise that is corrected still counts', async () => {
    const fund = await fundBy({});
    const made = (await world.treasurer.post<ContributionView>(`/funds/${fund.id}/contributions`, promise))
      .body;
    await world.treasurer.post(`/contributions/${made.id}/receive`, {
      amount: 300,
      receivedOn: '2024-12-16',
    });
    const path = `/contributions/${made.id}/correct`;
    expect(
      faultsOf(await world.treasurer.post(path, { amount: 1, receivedOn: '2024-12-16', reason: 'r' })),
    ).toEqual([['receivedOn', 'onlyForReceived']]);
    const now = await world.treasurer.post<ContributionView>(path, {
      amount: 800,
      expectedOn: '2025-02-28',
      reason: '減額',
    });
    expect(now.body).toMatchObject({ status: 'promised', outstanding: 500, expectedOn: '2025-02-28' });
    expect(await fundOf(fund.id)).toMatchObject({ received: 300, promised: 500 });
    await world.treasurer.post(`/contributions/${now.body.id}/receive`, { receivedOn: '2024-12-16' });
    expect(await fundOf(fund.id)).toMatchObject({ received: 800, promised: 0 });
  });
});

describe('moves between lines', () => {
  const rules: FundRules = { moveLimit: { percent: 10, of: 'source' } };
  const fundWithLines = (by: FundRules = rules) => fundBy(by, 20_000, { food: 10_000, shelter: 5_000 });

  test('move at once within the rule, and wait above it; small ones add up', async () => {
    const fund = await fundWithLines();
    expect(await asked(fund, 600)).toMatchObject({
      status: 'done',
      needsSecond: false,
      askedBy: 'treasurer',
    });
    expect(await asked(fund, 401)).toMatchObject({ status: 'waiting', needsSecond: true, transferId: null });
    expect(await asked(fund, 400)).toMatchObject({ status: 'done' });
    expect(await asked(fund, 1)).toMatchObject({ status: 'waiting' });
    expect(await holds(fund)).toEqual([9_000, 6_000, 5_000]);
  });

  test('many at once do not slip under the rule together', async () => {
    const fund = await fundWithLines();
    const moves = await Promise.all(Array.from({ length: 8 }, () => asked(fund, 300)));
    expect(moves.filter(({ status }) => status === 'done')).toHaveLength(3);
    expect(await holds(fund)).toEqual([9_100, 5_900, 5_000]);
  });

  test('giving back counts as moved, and above the rule asks for a second person', async () => {
    const fund = await fundWithLines();
    const path = `/funds/${fund.id}/allocations`;
    const back = (amount: number) =>
      world.treasurer.post(path, { purpose: 'relief', category: 'food', amount });
    expect(refusalOf(await back(-1_001))).toEqual([409, 'move.needs_second']);
    expect((await back(-700)).status).toBe(201);
    // A tenth of the 9,300 that are left allocated, less the 700 that went.
    expect(await asked(fund, 231)).toMatchObject({ status: 'waiting' });
    expect(await asked(fund, 230)).toMatchObject({ status: 'done' });
    const waiting = await move({ fromLineId: lineOf(fund, 'food').id, amount: 5_000, reason: '戻す' });
    expect(waiting.body).toMatchObject({ status: 'waiting', toLineId: null, toFundId: fund.id });
    expect((await decide(other, waiting.body, 'agree')).body).toMatchObject({ status: 'done' });
    expect(await holds(fund)).toEqual([4_070, 5_230, 10_700]);
  });

  test('a second person agrees, never the one who asked', async () => {
    const fund = await fundWithLines();
    const waiting = await asked(fund, 3_000);
    expect(refusalOf(await decide(world.treasurer, waiting, 'agree'))).toEqual([409, 'move.own']);
    expect(refusalOf(await decide(world.treasurer, waiting, 'refuse'))).toEqual([409, 'move.own']);
    expect(refusalOf(await decide(world.approver, waiting, 'agree'))).toEqual([403, 'access.forbidden']);
    expect(refusalOf(await decide(other, waiting, 'withdraw'))).toEqual([409, 'move.not_own']);
    expect(await decide(world.board, waiting, 'agree', { comment: 'どうぞ' })).toMatchObject({
      status: 200,
      body: { status: 'done', decidedBy: 'board' },
    });
    expect(await holds(fund)).toEqual([7_000, 8_000, 5_000]);
    expect((await eventsOf(fund))[0]).toMatchObject({
      verb: 'moved',
      reason: '寒波',
      facts: { amount: 3_000 },
    });
    expect(refusalOf(await decide(other, waiting, 'agree'))).toEqual([409, 'transition.refused']);
    // What two agreed on does not use up what one may move.
    expect(await asked(fund, 1_000)).toMatchObject({ status: 'done' });
  });

  test('two who agree at once, and one who agrees while the asker withdraws: one of them is heard', async () => {
    const fund = await fundWithLines();
    const first = await asked(fund, 2_000);
    const agreed = await Promise.all([decide(other, first, 'agree'), decide(world.board, first, 'agree')]);
    expect(codesOf(agreed)).toEqual([200, 'transition.refused']);
    expect(await holds(fund)).toEqual([8_000, 7_000, 5_000]);
    const second = await asked(fund, 2_000);
    const answers = await Promise.all([
      decide(world.treasurer, second, 'withdraw'),
      decide(world.board, second, 'agree'),
    ]);
    expect(codesOf(answers)).toEqual([200, 'transition.refused']);
    const withdrawn = answers[0]!.status === 200;
    expect(await holds(fund)).toEqual(withdrawn ? [8_000, 7_000, 5_000] : [6_000, 9_000, 5_000]);
  });

  test('the same key moves once', async () => {
    const fund = await fundWithLines();
    const waiting = await asked(fund, 3_000);
    const { key } = once();
    const path = `/budget-transfers/${waiting.id}/agree`;
    const answers = await Promise.all([other.post(path, {}, key), other.post(path, {}, key)]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await holds(fund)).toEqual([7_000, 8_000, 5_000]);
  });

  test('agreeing judges anew what is there', async () => {
    const fund = await fundWithLines();
    const [one, two] = [await asked(fund, 6_000), await asked(fund, 6_000)];
    expect((await decide(other, one, 'agree')).status).toBe(200);
    expect(await decide(other, two, 'agree')).toMatchObject({
      status: 409,
      body: { code: 'budget.exceeded', left: 4_000, asked: 6_000 },
    });
    expect((await decide(other, two, 'refuse', { comment: '足りない' })).body).toMatchObject({
      status: 'refused',
    });
    expect((await eventsOf(fund))[0]).toMatchObject({ verb: 'refused', reason: '足りない' });
  });

  test('what cannot be meant is refused by name', async () => {
    const fund = await fundWithLines();
    const elsewhere = lineOf(await fundWithLines(), 'food').id;
    const [from, to] = [lineOf(fund, 'food').id, lineOf(fund, 'shelter').id];
    const rest = { amount: 1, reason: 'r' };
    const faults: [object, string, string][] = [
      [{}, 'fromLineId', 'required'],
      [{ fundId: fund.id }, 'toFundId', 'required'],
      [{ fundId: fund.id, toFundId: fund.id }, 'toFundId', 'sameFund'],
      [{ fromLineId: from, toLineId: from }, 'toLineId', 'sameLine'],
      [{ fromLineId: from, toLineId: elsewhere }, 'toLineId', 'otherFund'],
      [{ fromLineId: fund.id }, 'fromLineId', 'budgetLineUnknown'],
      [{ fromLineId: from, toLineId: fund.id }, 'toLineId', 'budgetLineUnknown'],
      [{ fromLineId: from, toLineId: to, fundId: fund.id }, 'fundId', 'notInThisMove'],
    ];
    for (const [body, path, code] of faults)
      expect(faultsOf(await move({ ...body, ...rest }))).toEqual([[path, code]]);
    expect(await move({ fromLineId: from, toLineId: to, amount: 10_001, reason: 'r' })).toMatchObject({
      status: 409,
      body: { code: 'budget.exceeded', left: 10_000, asked: 10_001 },
    });
    expect((await move({ fromLineId: from, toLineId: to, amount: 1, reason: 'r' }, world.board)).status).toBe(
      403,
    );
  });

  test('are listed by state and fund', async () => {
    const fund = await fundWithLines();
    const [waiting, done] = [await asked(fund, 1_001), await asked(fund, 1)];
    expect((await listed(`fundId=${fund.id}`)).items.map(({ id }) => id)).toEqual([done.id, waiting.id]);
    expect((await listed(`fundId=${fund.id}&status=waiting`)).items).toEqual([waiting]);
    const first = await listed(`fundId=${fund.id}&limit=1`);
    expect(first.nextCursor).toBe(done.id);
    expect((await listed(`fundId=${fund.id}&limit=1&cursor=${done.id}`)).items).toEqual([waiting]);
  });

  test('nobody agrees to their own move in SQL either', async () => {
    const waiting = await asked(await fundWithLines(), 3_000);
    const { actor } = world.treasurer;
    const update = `UPDATE budget_moves SET status = 'refused', decided_by = $2, decided_at = now() WHERE id = $1`;
    await expect(house.sqlAs(actor, update, [waiting.id, actor.userId])).rejects.toThrow(
      'budget_moves_second_person',
    );
    await expect(house.sqlAs(actor, update, [waiting.id, other.actor.userId])).rejects.toThrow(
      'row-level security',
    );
    await expect(
      house.sqlAs(actor, `UPDATE budget_moves SET amount = 1 WHERE id = $1`, [waiting.id]),
    ).rejects.toThrow('permission denied');
  });
});

describe('carrying over, extending and closing', () => {
  test('what is left goes to another fund, with a second person and a reason', async () => {
    const [old, next] = [await fundBy({}, 1_000), await fundBy({})];
    const input = { fundId: old.id, toFundId: next.id, amount: 900, reason: '次の期間へ' };
    const { body } = await move(input);
    expect(body).toMatchObject({ status: 'waiting', needsSecond: true });
    expect((await move({ ...input, amount: 1_001 })).body).toMatchObject({
      code: 'budget.exceeded',
      left: 1_000,
    });
    expect((await world.board.post(`/budget-transfers/${body.id}/agree`, {})).status).toBe(200);
    expect([await fundOf(old.id), await fundOf(next.id)]).toMatchObject([
      { unallocated: 100, received: 1_000 },
      { unallocated: 900, received: 0 },
    ]);
    for (const fund of [old, next])
      expect((await eventsOf(fund))[0]).toMatchObject({ verb: 'carried', reason: '次の期間へ' });
  });

  test('an end moves later, or away, and never back', async () => {
    const { id } = await fundBy({});
    const extend = (to: string | null) => world.treasurer.post(`/funds/${id}/extend`, { to, reason: '延長' });
    for (const to of ['2025-03-31', '2025-03-30'])
      expect(faultsOf(await extend(to))).toEqual([['to', 'notLater']]);
    expect(await extend('2025-09-30')).toMatchObject({ status: 200, body: { to: '2025-09-30' } });
    expect(await extend(null)).toMatchObject({ status: 200, body: { to: null } });
    expect(faultsOf(await extend('2026-01-01'))).toEqual([['to', 'notLater']]);
    expect(
      (await eventsOf(await fundOf(id))).map(({ verb, facts: { from, to } }) => [verb, from, to]),
    ).toEqual([
      ['extended', '2025-09-30', null],
      ['extended', '2025-03-31', '2025-09-30'],
      ['created', undefined, undefined],
    ]);
  });

  test('a fund closes only when it is empty, and then takes nothing more', async () => {
    const [fund, next] = [await fundBy({}, 1_000, { food: 400 }), await fundBy({}, 500)];
    const close = () =>
      world.treasurer.post<Refusable<FundView>>(`/funds/${fund.id}/close`, { reason: '終了' });
    expect((await close()).body).toMatchObject({ code: 'fund.not_empty', committed: 0, left: 1_000 });
    await world.treasurer.post(`/funds/${fund.id}/allocations`, {
      purpose: 'relief',
      category: 'food',
      amount: -400,
    });
    const waiting = (await move({ fundId: fund.id, toFundId: next.id, amount: 1_000, reason: '繰り越し' }))
      .body;
    await world.board.post(`/budget-transfers/${waiting.id}/agree`, {});
    expect((await close()).body).toMatchObject({ closedAt: '2024-12-16T09:00:00.000Z' });
    const post = (path: string, body: object) => world.treasurer.post(path, body);
    const refused = await Promise.all([
      post(`/funds/${fund.id}/contributions`, { amount: 1, receivedOn: '2024-12-16', source: 's' }),
      post(`/funds/${fund.id}/contributions`, { amount: 1, expectedOn: '2024-12-16', source: 's' }),
      post(`/funds/${fund.id}/allocations`, { purpose: 'relief', category: 'food', amount: 1 }),
      post(`/funds/${fund.id}/extend`, { reason: 'r' }),
      close(),
      move({ fromLineId: lineOf(fund, 'food').id, amount: 1, reason: 'r' }),
      move({ fundId: next.id, toFundId: fund.id, amount: 1, reason: 'r' }),
    ]);
    expect(refused.map(refusalOf)).toEqual(refused.map(() => [409, 'fund.closed']));
  });

  test('closing and allocating at once: the fund never closes on money', async () => {
    for (let count = 0; count < 5; count += 1) {
      const fund = await fundBy({}, 1_000);
      const [{ id } = { id: '' }] = await contributionsOf(fund);
      const [close, allocate] = await Promise.all([
        world.treasurer
          .post<FundView>(`/contributions/${id}/correct`, { amount: 0, reason: 'r' })
          .then(() => world.treasurer.post<FundView>(`/funds/${fund.id}/close`, { reason: '終了' })),
        other.post(`/funds/${fund.id}/allocations`, { purpose: 'activity', amount: 1_000 }),
      ]);
      expect([close!.status, allocate!.status].sort()).toEqual(
        close!.status === 200 ? [200, 409] : [201, 409],
      );
      const { closedAt, unallocated, lines } = await fundOf(fund.id);
      const held = unallocated + lines.reduce((sum, { available }) => sum + available, 0);
      expect(closedAt === null ? held : 0).toBe(held);
    }
  });
});
