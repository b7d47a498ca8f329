import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import { DraftsService } from '../../src/grants/drafts.service.js';
import {
  EDITABLE,
  REQUEST_STATUSES,
  REQUEST_TRANSITIONS,
  type RequestStatus,
  type RequestVerb,
} from '../../src/grants/grant-request.states.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { booksBalance, given, leavesNoTrace, line, travel, type Given } from '../given.js';
import { once, openHouse, type Answer, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let caseId: string;
let fund: FundView;
let other: FundView;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  caseId = await world.householdCase();
  fund = await world.fund('deciding', { shelter: 1_000_000, food: 50_000 });
  other = await world.fund('other', { shelter: 1_000_000 });
});
afterAll(() => house.close());
afterEach(async () => expect(await booksBalance(house)).toBe(true));

interface Refusal {
  code: string;
  left?: number;
  errors?: { path: string; code: string }[];
}

const faultsOf = ({ status, body }: Answer<Refusal>): unknown[] => [
  status,
  ...(body.errors ?? []).map(({ path, code }) => [path, code]),
];

const view = async (id: string): Promise<GrantRequestView> =>
  (await world.partner.get<GrantRequestView>(`/grant-requests/${id}`)).body;

const lineOf = async ({ id }: FundView, category: string) =>
  (await world.treasurer.get<FundView>(`/funds/${id}`)).body.lines.find(
    (found) => found.category === category,
  )!;

const VERBS = Object.keys(REQUEST_TRANSITIONS) as RequestVerb[];

/** What a verb leads to from a state by the product's table, or null; `submit` is also how a question is answered. */
function target(verb: RequestVerb, state: RequestStatus): RequestStatus | null {
  const verbs: RequestVerb[] = verb === 'submit' || verb === 'answer' ? ['submit', 'answer'] : [verb];
  return verbs.map((one) => REQUEST_TRANSITIONS[one]).find(({ from }) => from.includes(state))?.to ?? null;
}

function perform(verb: RequestVerb, request: GrantRequestView): Promise<Answer<GrantRequestView & Refusal>> {
  const { partner, reviewer, approver } = world;
  const calls: Record<RequestVerb, [Somebody, string, object]> = {
    submit: [partner, 'submit', { comment: '送ります。' }],
    answer: [partner, 'submit', { comment: 'はい。' }],
    withdraw: [partner, 'withdraw', { comment: '不要になりました。' }],
    review: [reviewer, 'review', {}],
    return: [reviewer, 'return', { comment: 'いつからですか。' }],
    approve: [approver, 'approve', world.approvalOf(request, fund)],
    decline: [approver, 'decline', { reason: 'ほかの支援があります。' }],
    release: [approver, 'release', { reason: '泊まる先が決まりました。' }],
  };
  const [by, path, body] = calls[verb];
  return by.post(`/grant-requests/${request.id}/${path}`, body);
}

describe('the life of a request', () => {
  const standing = {} as Record<RequestStatus, GrantRequestView>;
  beforeAll(async () => {
    for (const status of REQUEST_STATUSES) {
      standing[status] = await world.requestIn(status, fund);
    }
  });

  test('is the one of the domain', () => {
    expect(REQUEST_TRANSITIONS).toEqual({
      submit: { from: ['draft'], to: 'submitted' },
      answer: { from: ['returned'], to: 'in_review' },
      review: { from: ['submitted'], to: 'in_review' },
      return: { from: ['in_review'], to: 'returned' },
      approve: { from: ['in_review'], to: 'approved' },
      decline: { from: ['in_review'], to: 'declined' },
      withdraw: { from: ['draft', 'submitted', 'in_review', 'returned'], to: 'withdrawn' },
      release: { from: ['approved'], to: 'in_review' },
    });
    expect(EDITABLE).toEqual(['draft', 'returned']);
  });

  const pairs = VERBS.flatMap((verb) => REQUEST_STATUSES.map((state) => [verb, state] as const));
  const allowed = pairs.filter(([verb, state]) => target(verb, state));
  const refused = pairs.filter(([verb, state]) => !target(verb, state));

  test.each(allowed)('allows to %s one that is %s, and tells its history', async (verb, state) => {
    const request = await world.requestIn(state, fund);
    const before = await view(request.id);
    const { status, body } = await perform(verb, request);
    const to = target(verb, state);
    expect([status, body.status]).toEqual([200, to]);
    const after = await view(request.id);
    expect(after.status).toBe(to);
    expect(after.history).toHaveLength(before.history.length + 1);
    expect(after.history.slice(0, -1)).toEqual(before.history);
  });

  test.each(refused)('refuses to %s one that is %s, and nothing changes', async (verb, state) => {
    const { status, body } = await leavesNoTrace(house, () => perform(verb, standing[state]));
    // The network does not even see a draft.
    const hidden = state === 'draft' && !['submit', 'answer', 'withdraw'].includes(verb);
    expect([status, body.code]).toEqual(hidden ? [404, 'resource.absent'] : [409, 'transition.refused']);
    if (!hidden) expect(body).toMatchObject({ state });
  });

  test('is told with who, when, from where and why', async () => {
    house.clock.set('2024-12-16T20:00:00+09:00');
    const request = await world.requestIn('returned', fund);
    await perform('answer', request);
    await perform('approve', request);
    const { history } = (await world.reviewer.get<GrantRequestView>(`/grant-requests/${request.id}`)).body;
    const at = '2024-12-16T11:00:00.000Z';
    const question = '領収書はありますか。';
    expect(history).toEqual([
      { verb: 'draft', toStatus: 'draft', by: 'partner', at, amount: null, comment: null },
      { verb: 'submit', toStatus: 'submitted', by: 'partner', at, amount: null, comment: null },
      { verb: 'review', toStatus: 'in_review', by: 'reviewer', at, amount: null, comment: null },
      { verb: 'return', toStatus: 'returned', by: 'reviewer', at, amount: null, comment: question },
      { verb: 'answer', toStatus: 'in_review', by: 'partner', at, amount: null, comment: 'はい。' },
      { verb: 'approve', toStatus: 'approved', by: 'approver', at, amount: 32_500, comment: null },
    ]);
  });

  test.each(REQUEST_STATUSES)(
    'lets a request that is %s be changed only in draft and returned',
    async (state) => {
      const path = `/grant-requests/${standing[state].id}`;
      const change = { urgency: 'soon', lines: [line('shelter', 7_000)], reason: '事情が変わりました。' };
      const { status, body } = await world.partner.send('PATCH', path, change);
      if (EDITABLE.includes(state)) {
        expect([status, body]).toMatchObject([
          200,
          { urgency: 'soon', requestedAmount: 7_000, status: state },
        ]);
      } else {
        expect([status, body]).toMatchObject([409, { code: 'request.not_editable', state }]);
        expect((await view(standing[state].id)).requestedAmount).toBe(32_500);
      }
    },
  );
});

describe('words that a step needs', () => {
  test.each([
    ['return', 'reviewer', 'in_review', 'comment'],
    ['submit', 'partner', 'returned', 'comment'],
    ['decline', 'approver', 'in_review', 'reason'],
    ['release', 'approver', 'approved', 'reason'],
  ] as const)('to %s, %s has to say something', async (verb, who, state, path) => {
    const request = await world.requestIn(state, fund);
    for (const body of [{}, { [path]: '' }, { [path]: ' 　\n' }]) {
      const answer = await leavesNoTrace(house, () =>
        world[who].post<Refusal>(`/grant-requests/${request.id}/${verb}`, body),
      );
      expect(faultsOf(answer)).toEqual([422, [path, 'required']]);
    }
  });

  test('a draft without lines and reason cannot be submitted', async () => {
    const id = await house.app.get(DraftsService).begin(world.partner.actor, caseId, once());
    const answer = await leavesNoTrace(house, () =>
      world.partner.post<Refusal>(`/grant-requests/${id}/submit`, {}),
    );
    expect(faultsOf(answer)).toEqual([422, ['lines', 'listEmpty'], ['reason', 'required']]);
  });
});

describe('the people of a request', () => {
  test('are frozen when it is submitted, with the prefecture of the first', async () => {
    const ownCase = await world.householdCase(world.partner, 2);
    const request = await world.submittedRequest(undefined, world.partner, ownCase);
    expect(request.people).toHaveLength(2);
    expect(request.prefectureCode).toBe('13');
    await world.partner.send('PATCH', `/people/${request.people[0]!.id}`, { prefectureCode: '27' });
    const elsewhere = await world.submittedRequest();
    await house.sql('INSERT INTO case_persons (case_id, person_id, position) VALUES ($1, $2, 3)', [
      ownCase,
      elsewhere.people[0]!.id,
    ]);
    await perform('review', request);
    await perform('approve', request);
    expect(await view(request.id)).toMatchObject({ people: request.people, prefectureCode: '13' });
  });

  test('are nobody while it is a draft', async () => {
    expect((await world.draftRequest()).people).toEqual([]);
  });
});

describe('an approval', () => {
  type Decisions = { lineId: string; amount: number; budgetLineId?: string }[];
  let request: GrantRequestView;
  const lines = [line('shelter', 6_500, 5), line('food', 10_000)];
  const made = () => world.requestInReview(lines);
  const approve = (decisions: Decisions, of = request) =>
    world.approver.post<GrantRequestView & Refusal>(`/grant-requests/${of.id}/approve`, { lines: decisions });
  const whole = (of = request): Decisions => world.approvalOf(of, fund).lines;

  beforeAll(async () => {
    request = await made();
  });

  test.each<[string, (lines: Decisions) => Decisions, ...[string, string][]]>([
    ['a line forgotten', ([first]) => [first!], ['lines', 'lineForgotten']],
    [
      'an unknown line',
      (lines) => [...lines, { ...lines[0]!, lineId: randomUUID() }],
      ['lines.2.lineId', 'lineUnknown'],
    ],
    [
      'a line twice with one budget line',
      ([first, second]) => [{ ...first!, amount: 1 }, { ...first!, amount: 1 }, second!],
      ['lines.1.lineId', 'lineTwice'],
    ],
    [
      'a line refused twice',
      ([first, second]) => [second!, ...[1, 2].map(() => ({ lineId: first!.lineId, amount: 0 }))],
      ['lines.2.lineId', 'lineTwice'],
    ],
    [
      'more than was asked for',
      ([first, second]) => [{ ...first!, amount: 32_501 }, second!],
      ['lines.0.amount', 'moreThanAsked'],
    ],
    [
      'more than was asked for in two parts',
      ([first, second]) => [first!, second!, { ...first!, amount: 1, budgetLineId: other.lines[0]!.id }],
      ['lines.2.amount', 'moreThanAsked'],
    ],
    [
      'a budget line of another category',
      ([first, second]) => [first!, { ...second!, budgetLineId: first!.budgetLineId }],
      ['lines.1.budgetLineId', 'budgetLineUnfit'],
    ],
    [
      'a budget line that nobody has',
      ([first, second]) => [{ ...first!, budgetLineId: randomUUID() }, second!],
      ['lines.0.budgetLineId', 'budgetLineUnfit'],
    ],
    [
      'an amount from no budget line',
      ([first, second]) => [first!, { lineId: second!.lineId, amount: 1 }],
      ['lines.1.budgetLineId', 'required'],
    ],
    [
      'nothing at all approved',
      (lines) => lines.map(({ lineId }) => ({ lineId, amount: 0 })),
      ['lines', 'nothingApproved'],
    ],
    [
      'an amount below zero',
      ([first, second]) => [{ ...first!, amount: -1 }, second!],
      ['lines.0.amount', 'yen'],
    ],
    [
      'a fraction of a yen',
      ([first, second]) => [first!, { ...second!, amount: 0.5 }],
      ['lines.1.amount', 'yen'],
    ],
    ['no lines', () => [], ['lines', 'listEmpty']],
    [
      'several faults, each named',
      ([first]) => [{ ...first!, amount: 40_000, budgetLineId: randomUUID() }],
      ['lines.0.amount', 'moreThanAsked'],
      ['lines.0.budgetLineId', 'budgetLineUnfit'],
      ['lines', 'lineForgotten'],
    ],
  ])('with %s is refused at its place, and nothing is stored', async (_, change, ...faults) => {
    const answer = await leavesNoTrace(house, () => approve(change(whole())));
    expect(faultsOf(answer)).toEqual([422, ...faults]);
  });

  test('takes no budget line for activity where relief is asked for, nor the other way round', async () => {
    const mixed = await world.fund('mixed', { shelter: 100_000, activity: 5_000 });
    const budgetLine = (purpose: string) => mixed.lines.find((found) => found.purpose === purpose)!.id;
    const [first, second] = whole();
    const relief = await leavesNoTrace(house, () =>
      approve([{ ...first!, budgetLineId: budgetLine('activity') }, second!]),
    );
    expect(faultsOf(relief)).toEqual([422, ['lines.0.budgetLineId', 'budgetLineUnfit']]);
    const trip = await world.requestInReview([travel(5_000)]);
    const [asked] = world.approvalOf(trip, mixed).lines;
    const activity = await leavesNoTrace(house, () =>
      approve([{ ...asked!, budgetLineId: budgetLine('relief') }], trip),
    );
    expect(faultsOf(activity)).toEqual([422, ['lines.0.budgetLineId', 'budgetLineUnfit']]);
    expect((await approve([asked!], trip)).body).toMatchObject({ status: 'approved', approvedAmount: 5_000 });
  });

  test('understands an id in capitals', async () => {
    const of = await made();
    const shouted = whole(of).map((decision) => ({ ...decision, lineId: decision.lineId.toUpperCase() }));
    expect(faultsOf(await approve(shouted, of))).toEqual([200]);
  });

  test('may give less than was asked for, and nothing for a line', async () => {
    const of = await made();
    const before = await lineOf(fund, 'shelter');
    const [first, second] = whole(of);
    const decided = [
      { ...first!, amount: 30_000 },
      { lineId: second!.lineId, amount: 0 },
    ];
    const { status, body } = await approve(decided, of);
    expect([status, body.status, body.requestedAmount, body.approvedAmount]).toEqual([
      200,
      'approved',
      42_500,
      30_000,
    ]);
    expect(body.lines.map(({ awards }) => awards.map(({ amount }) => amount))).toEqual([[30_000], []]);
    expect(await lineOf(fund, 'shelter')).toMatchObject({
      available: before.available - 30_000,
      committed: before.committed + 30_000,
      spent: before.spent,
    });
  });

  test('may split a line over the budget lines of two funds', async () => {
    const of = await made();
    const [here, there] = [await lineOf(fund, 'shelter'), await lineOf(other, 'shelter')];
    const [first, second] = whole(of);
    const parts = [
      { ...first!, amount: 12_500 },
      { ...first!, amount: 20_000, budgetLineId: there.id },
    ];
    const { status, body } = await approve([...parts, second!], of);
    expect([status, body.approvedAmount]).toEqual([200, 42_500]);
    expect(body.lines[0]!.awards.map(({ amount, budgetLineId }) => [amount, budgetLineId])).toEqual([
      [12_500, here.id],
      [20_000, there.id],
    ]);
    expect((await lineOf(fund, 'shelter')).available).toBe(here.available - 12_500);
    expect((await lineOf(other, 'shelter')).available).toBe(there.available - 20_000);
  });

  test('of more than a budget line holds is refused whole with what is left, though other lines would fit', async () => {
    const small = await world.fund('small', { shelter: 1_000_000, food: 9_999 });
    const of = await made();
    const lines = world.approvalOf(of, small).lines;
    const { status, body } = await leavesNoTrace(house, () => approve(lines, of));
    const budgetLineId = small.lines.find(({ category }) => category === 'food')!.id;
    expect([status, body]).toMatchObject([
      409,
      { code: 'budget.exceeded', left: 9_999, asked: 10_000, budgetLineId },
    ]);
    expect((await view(of.id)).status).toBe('in_review');
    const [first, second] = lines;
    expect((await approve([first!, { ...second!, amount: 9_999 }], of)).status).toBe(200);
    expect((await lineOf(small, 'food')).available).toBe(0);
  });

  test('of two lines that together are more than their budget line holds is refused', async () => {
    const small = await world.fund('two-lines', { shelter: 10_000 });
    const of = await world.requestInReview([line('shelter', 6_000), line('shelter', 4_001)]);
    const { status, body } = await leavesNoTrace(house, () => approve(world.approvalOf(of, small).lines, of));
    expect([status, body.code, body.left]).toEqual([409, 'budget.exceeded', 10_000]);
  });
});

describe('a release', () => {
  test('gives the money back, and the request can be decided anew', async () => {
    const before = await lineOf(fund, 'shelter');
    const request = await world.approvedRequest(fund);
    const { body: released } = await perform('release', request);
    expect(released).toMatchObject({ status: 'in_review', approvedAmount: 0 });
    expect(released.lines[0]!.awards.map(({ status }) => status)).toEqual(['released']);
    expect(await lineOf(fund, 'shelter')).toEqual({ ...before, pending: before.pending + 32_500 });
    const path = `/grant-requests/${request.id}/approve`;
    const anew = await world.approver.post<GrantRequestView>(path, world.approvalOf(request, other));
    expect(anew.body).toMatchObject({ status: 'approved', approvedAmount: 32_500 });
    expect(anew.body.lines[0]!.awards.map(({ status, budgetLineId }) => [status, budgetLineId])).toEqual([
      ['released', fund.lines.find(({ category }) => category === 'shelter')!.id],
      ['approved', other.lines[0]!.id],
    ]);
  });

  test('is a transfer linked to what it undoes', async () => {
    const request = await world.approvedRequest(fund);
    await perform('release', request);
    const [award] = request.lines[0]!.awards;
    const transfers = await house.sql<{ id: string; kind: string; amount: number; undoes_id: string | null }>(
      'SELECT id, kind, amount, undoes_id FROM transfers WHERE subject_id = $1 ORDER BY seq',
      [award!.id],
    );
    expect(transfers).toMatchObject([
      { kind: 'commit', amount: 32_500, undoes_id: null },
      { kind: 'release', amount: 32_500, undoes_id: transfers[0]!.id },
    ]);
  });

  test('takes back only what was not paid; what was paid stays paid', async () => {
    const lines = [line('shelter', 10_000), line('shelter', 20_000)];
    const request = await world.approvedRequest(fund, lines);
    const before = await lineOf(fund, 'shelter');
    const [award] = request.lines[0]!.awards;
    const payment = { awardId: award!.id, amount: 10_000, paidOn: '2024-12-16', method: 'cash' };
    expect((await world.treasurer.post('/disbursements', payment)).status).toBe(201);
    expect((await view(request.id)).status).toBe('approved');
    const { status, body } = await perform('release', request);
    expect([status, body.status, body.approvedAmount, body.disbursedAmount]).toEqual([
      200,
      'paid',
      10_000,
      10_000,
    ]);
    expect(await lineOf(fund, 'shelter')).toMatchObject({
      available: before.available + 20_000,
      committed: before.committed - 30_000,
      spent: before.spent + 10_000,
    });
    expect((await perform('release', request)).body).toMatchObject({ code: 'transition.refused' });
  });

  test('leaves lines that once had an award in their place: they are changed, and not taken out', async () => {
    const lines = [line('shelter', 10_000), line('shelter', 20_000)];
    const request = await world.approvedRequest(fund, lines);
    await perform('release', request);
    await perform('return', request);
    const path = `/grant-requests/${request.id}`;
    const fewer = await world.partner.send('PATCH', path, { lines: [line('shelter', 5_000)] });
    expect([fewer.status, fewer.body]).toMatchObject([409, { code: 'request.line_awarded' }]);
    const cheaper = await world.partner.send('PATCH', path, {
      lines: [line('shelter', 5_000), line('shelter', 20_000)],
    });
    expect(cheaper.body).toMatchObject({
      requestedAmount: 25_000,
      lines: request.lines.map(({ id }) => ({ id })),
    });
  });
});
