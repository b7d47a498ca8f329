import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { FundView } from '../../src/funds/index.js';
import type { Urgency } from '../../src/grants/grant-request.entity.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { booksBalance, given, leavesNoTrace, line, travel, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let fund: FundView;
let board2: Somebody;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  fund = await world.fund('policy', { shelter: 50_000_000, food: 5_000_000, activity: 5_000_000 });
  board2 = await house.somebody('board2', ['board']);
});
afterAll(() => house.close());
afterEach(async () => {
  house.clock.set('2024-12-16T18:00:00+09:00');
  expect(await booksBalance(house)).toBe(true);
});

interface Refusal {
  code: string;
  errors?: { path: string; code: string }[];
}
type Shown = GrantRequestView & Refusal;

/** A request in review for shelter, normal unless told, of a household of its own unless told. */
const asked = (amount: number, caseId?: string, urgency: Urgency = 'normal') =>
  world.requestInReview([line('shelter', amount)], world.partner, caseId, urgency);

const approve = (by: Somebody, request: GrantRequestView, more: object = {}) =>
  by.post<Shown>(`/grant-requests/${request.id}/approve`, { ...world.approvalOf(request, fund), ...more });

const part = (request: GrantRequestView, amount: number) => ({
  lines: [{ ...world.approvalOf(request, fund).lines[0], amount }],
});

const pendingOf = async ({ id }: GrantRequestView, by = world.approver) =>
  (await by.get<GrantRequestView>(`/grant-requests/${id}`)).body.pendingApprovals;

const commits = async () => (await house.sql(`SELECT 1 FROM transfers WHERE kind = 'commit'`)).length;

/** Everybody says yes in turn; gives the status after each. */
async function statusesOf(request: GrantRequestView, deciders: Somebody[]): Promise<string[]> {
  const statuses: string[] = [];
  for (const by of deciders) {
    const { status, body } = await approve(by, request);
    statuses.push(status === 200 ? body.status : body.code);
  }
  return statuses;
}

describe('the table of the policy', () => {
  test.each([
    [50_000, ['approved']],
    [50_001, ['in_review', 'approved']],
    [200_000, ['in_review', 'approved']],
    [200_001, ['in_review', 'in_review', 'approved']],
  ])('asks for the people of its row at ¥%d', async (amount, statuses) => {
    const request = await asked(amount);
    const deciders = [world.approver, world.approver2, world.board].slice(0, statuses.length);
    expect(await statusesOf(request, deciders)).toEqual(statuses);
  });

  test('says who is missing, before and after each yes', async () => {
    const request = await asked(200_001);
    const board = { role: 'board', count: 1 };
    expect(await pendingOf(request)).toEqual([{ role: 'approver', count: 2 }, board]);
    await approve(world.approver, request);
    expect(await pendingOf(request)).toEqual([{ role: 'approver', count: 1 }, board]);
    const { body } = await approve(world.approver2, request);
    expect(body.pendingApprovals).toEqual([board]);
    await approve(world.board, request);
    expect(await pendingOf(request)).toEqual([]);
  });

  test('counts what the household was awarded in 90 days, and not before', async () => {
    const caseId = await world.householdCase();
    house.clock.set('2024-12-01T10:00:00+09:00');
    expect(await statusesOf(await asked(30_000, caseId), [world.approver])).toEqual(['approved']);
    house.clock.set('2025-03-01T09:00:00+09:00');
    expect(await statusesOf(await asked(20_000, caseId), [world.approver])).toEqual(['approved']);
    const third = await asked(1, caseId);
    expect(await statusesOf(third, [world.approver, world.approver2])).toEqual(['in_review', 'approved']);
    house.clock.set('2025-03-02T09:00:00+09:00');
    // The award of 1 December is 91 days old now; what is left is 20,001.
    expect(await statusesOf(await asked(29_999, caseId), [world.approver])).toEqual(['approved']);
  });

  test('leaves out what was released or came back', async () => {
    const caseId = await world.householdCase();
    const first = await asked(50_000, caseId);
    await approve(world.approver, first);
    await world.approver.post(`/grant-requests/${first.id}/release`, { reason: '不要になりました。' });
    const second = await asked(50_000, caseId);
    const { body } = await approve(world.approver, second);
    expect(body.status).toBe('approved');
    const { id: awardId, amount } = body.lines[0]!.awards[0]!;
    const paid = await world.treasurer.post<{ id: string }>('/disbursements', {
      awardId,
      amount,
      paidOn: '2024-12-16',
      method: 'cash',
    });
    await world.treasurer.post(`/disbursements/${paid.body.id}/refund`, {
      amount: 20_000,
      receivedOn: '2024-12-16',
      reason: '余りました。',
    });
    expect(await statusesOf(await asked(20_000, caseId), [world.approver])).toEqual(['approved']);
    expect(await pendingOf(await asked(1, caseId))).toEqual([{ role: 'approver', count: 2 }]);
  });

  test('counts the people, whichever household or member they are known by', async () => {
    const [mine, other] = [await world.householdCase(), await world.householdCase()];
    const together = await house.sql<{ id: string }>(
      `SELECT person_id AS id FROM case_persons WHERE case_id IN ($1, $2)`,
      [mine, other],
    );
    await approve(world.approver, await asked(50_000, mine));
    expect(await pendingOf(await asked(10_000, other))).toEqual([{ role: 'approver', count: 1 }]);
    // Somebody finds out that they are the same human being.
    await house.sql(
      `INSERT INTO identity_links (person_id, identity_id, recorded_at, actor_id)
       SELECT $1, identity_id, now(), actor_id FROM identity_links WHERE person_id = $2`,
      together.map(({ id }) => id),
    );
    expect(await pendingOf(await asked(10_000, other))).toEqual([{ role: 'approver', count: 2 }]);
  });

  test('a partner learns from it nothing of other requests', async () => {
    const caseId = await world.householdCase();
    await approve(world.approver, await asked(50_000, caseId));
    const request = await asked(10_000, caseId);
    house.clock.set('2024-12-17T09:00:00+09:00');
    await approve(world.approver, request);
    const { body } = await world.partner.get<GrantRequestView>(`/grant-requests/${request.id}`);
    expect(body.updatedAt).toBe(request.updatedAt);
    expect(body.pendingApprovals).toEqual([{ role: 'approver', count: 1 }]);
    expect(body.history.map(({ verb }) => verb)).toEqual(['draft', 'submit', 'review']);
    expect((await world.partner.get(`/grant-requests/${request.id}/decision`)).status).toBe(403);
  });

  test('activity counts by itself', async () => {
    const request = await world.requestInReview([travel(50_001)]);
    const activity = fund.lines.find(({ purpose }) => purpose === 'activity')!.id;
    const lines = [{ lineId: request.lines[0]!.id, amount: 50_001, budgetLineId: activity }];
    const first = await world.approver.post<Shown>(`/grant-requests/${request.id}/approve`, { lines });
    const second = await world.approver2.post<Shown>(`/grant-requests/${request.id}/approve`, { lines });
    expect([first.body.status, second.body.status]).toEqual(['in_review', 'approved']);
  });
});

describe('several approvals', () => {
  test('nobody says yes twice, and nobody more is wanted than is asked for', async () => {
    const request = await asked(300_000);
    await approve(world.approver, request);
    expect((await leavesNoTrace(house, () => approve(world.approver, request))).body.code).toBe(
      'approval.given',
    );
    await approve(world.approver2, request);
    const third = await house.somebody('approver3', ['approver']);
    expect((await leavesNoTrace(house, () => approve(third, request))).body.code).toBe('approval.not_wanted');
  });

  test('money moves with the last one', async () => {
    const request = await asked(60_000);
    const before = await commits();
    await approve(world.approver, request);
    expect(await commits()).toBe(before);
    await approve(world.approver2, request);
    expect(await commits()).toBe(before + 1);
  });

  test('another set voids the earlier ones', async () => {
    const request = await asked(60_000);
    await approve(world.approver, request);
    const changed = await approve(world.approver2, request, part(request, 55_000));
    expect(changed.body).toMatchObject({
      status: 'in_review',
      pendingApprovals: [{ role: 'approver', count: 1 }],
    });
    // The first one's yes is gone: it takes another, to the same set.
    const { body } = await approve(world.approver, request, part(request, 55_000));
    expect(body).toMatchObject({ status: 'approved', approvedAmount: 55_000 });
  });

  test('a smaller set may need fewer', async () => {
    const request = await asked(60_000);
    await approve(world.approver, request);
    const { body } = await approve(world.approver2, request, part(request, 50_000));
    expect(body).toMatchObject({ status: 'approved', approvedAmount: 50_000 });
  });

  test.each([
    [30_000, 1],
    [160_000, 2],
  ])(
    'that have become enough by themselves for ¥%d are completed by anybody who may decide',
    async (amount, count) => {
      const caseId = await world.householdCase();
      const earlier = await asked(50_000, caseId);
      await approve(world.approver2, earlier);
      const request = await asked(amount, caseId);
      const people = [world.approver, world.approver2].slice(0, count);
      for (const by of people) await approve(by, request);
      await world.approver2.post(`/grant-requests/${earlier.id}/release`, { reason: '不要になりました。' });
      expect(await pendingOf(request)).toEqual([]);
      expect((await approve(people.at(-1)!, request)).body.status).toBe('approved');
    },
  );

  test('a question voids them', async () => {
    const request = await asked(60_000);
    await approve(world.approver, request);
    await world.reviewer.post(`/grant-requests/${request.id}/return`, { comment: 'いつからですか。' });
    await world.partner.post(`/grant-requests/${request.id}/submit`, { comment: '明日からです。' });
    expect(await pendingOf(request)).toEqual([{ role: 'approver', count: 2 }]);
  });

  test('the board sees a request only when it is asked, and then decides it', async () => {
    const request = await asked(300_000);
    const seen = async () => (await world.board.get<Shown>(`/grant-requests/${request.id}`)).status;
    expect(await seen()).toBe(404);
    await approve(world.approver, request);
    expect((await approve(world.board, request)).status).toBe(404);
    await approve(world.approver2, request);
    const { body } = await world.board.get<Shown>(`/grant-requests/${request.id}`);
    expect(body).toMatchObject({
      reason: '今夜泊まる場所がない。',
      pendingApprovals: [{ role: 'board', count: 1 }],
    });
    expect(body.lines[0]!.item).toBe('品目 shelter');
    const waiting = await world.board.get<{ items: { id: string }[] }>('/grant-requests');
    expect(waiting.body.items.map(({ id }) => id)).toContain(request.id);
    expect((await approve(world.board, request)).body.status).toBe('approved');
    // Who decided goes on seeing it; the others were never asked again.
    expect(await seen()).toBe(200);
    expect((await board2.get(`/grant-requests/${request.id}`)).status).toBe(404);
  });

  test('the board is not asked any more when the set is changed or the request returned', async () => {
    const request = await asked(300_000);
    const seen = async () => (await world.board.get(`/grant-requests/${request.id}`)).status;
    await approve(world.approver, request);
    await approve(world.approver2, request);
    expect(await seen()).toBe(200);
    await approve(world.approver, request, part(request, 290_000));
    expect(await seen()).toBe(404);
    await approve(world.approver2, request, part(request, 290_000));
    expect(await seen()).toBe(200);
    await world.reviewer.post(`/grant-requests/${request.id}/return`, { comment: 'いつからですか。' });
    expect(await seen()).toBe(404);
  });

  test('the board can say no', async () => {
    const request = await asked(300_000);
    await approve(world.approver, request);
    await approve(world.approver2, request);
    const { body } = await board2.post<Shown>(`/grant-requests/${request.id}/decline`, {
      reason: '高すぎます。',
    });
    expect(body.status).toBe('declined');
  });

  test('a request keeps the policy that it was submitted under', async () => {
    const before = await asked(60_000);
    const rules = (
      await house.sql<{ rules: object }>('SELECT rules FROM approval_policies WHERE version = 1')
    )[0]!.rules;
    await house.sql(
      `INSERT INTO approval_policies (version, rules, status, proposed_by, proposed_at, decided_by, decided_at)
       VALUES (2, $1, 'agreed', $2, now(), $3, now())`,
      [
        { ...rules, tiers: [{ upTo: null, approvers: 1, board: 0 }] },
        world.admin.user.id,
        world.board.user.id,
      ],
    );
    const after = await asked(60_000);
    expect((await approve(world.approver, before)).body.status).toBe('in_review');
    expect((await approve(world.approver, after)).body.status).toBe('approved');
    await house.sql(`UPDATE approval_policies SET status = 'refused' WHERE version = 2`);
  });
});

describe('tonight', () => {
  test('up to ¥30,000 one suffices whatever the total, and a second one confirms', async () => {
    const caseId = await world.householdCase();
    await approve(world.approver, await asked(50_000, caseId));
    const request = await asked(30_000, caseId, 'tonight');
    expect((await approve(world.approver, request)).body.status).toBe('approved');
    const confirm = (by: Somebody, outcome = 'confirmed') =>
      by.post<Shown>(`/grant-requests/${request.id}/confirm`, { outcome });
    expect((await leavesNoTrace(house, () => confirm(world.approver))).body.code).toBe('confirmation.own');
    expect((await confirm(world.reviewer)).status).toBe(403);
    expect((await confirm(world.approver2)).body.history.at(-1)).toMatchObject({ verb: 'confirm' });
    expect((await confirm(world.approver2)).body.code).toBe('confirmation.not_waiting');
  });

  test('an objection is told, and nothing is clawed back', async () => {
    const request = await asked(20_000, undefined, 'tonight');
    await approve(world.approver, request);
    const body = { outcome: 'objected', comment: '高いと思います。' };
    const answer = await world.approver2.post<Shown>(`/grant-requests/${request.id}/confirm`, body);
    expect(answer.body).toMatchObject({ status: 'approved' });
    expect(answer.body.history.at(-1)).toMatchObject({ verb: 'object', comment: '高いと思います。' });
  });

  test('what was paid stays to be confirmed, though the rest was released', async () => {
    const request = await world.requestInReview([line('shelter', 10_000), line('food', 5_000)]);
    const { body } = await approve(world.approver, request);
    const { id: awardId, amount } = body.lines[0]!.awards[0]!;
    await world.treasurer.post('/disbursements', { awardId, amount, paidOn: '2024-12-16', method: 'cash' });
    // The rest cannot be taken back any more once the request is not `approved` by all its awards; by hand it is.
    await world.approver.post(`/grant-requests/${request.id}/release`, { reason: '残りは不要です。' });
    const answer = await world.approver2.post<Shown>(`/grant-requests/${request.id}/confirm`, {
      outcome: 'confirmed',
    });
    expect(answer.status).toBe(200);
  });

  test('above it the table holds', async () => {
    const caseId = await world.householdCase();
    await approve(world.approver, await asked(50_000, caseId));
    expect((await approve(world.approver, await asked(30_001, caseId, 'tonight'))).body.status).toBe(
      'in_review',
    );
  });

  test('who filed or pays does not confirm', async () => {
    const request = await asked(20_000, undefined, 'tonight');
    const { body } = await approve(world.approver, request);
    const both = await house.somebody('payer-approver', ['treasurer', 'approver']);
    const { id: awardId, amount } = body.lines[0]!.awards[0]!;
    await both.post('/disbursements', { awardId, amount, paidOn: '2024-12-16', method: 'cash' });
    const answer = await both.post<Shown>(`/grant-requests/${request.id}/confirm`, { outcome: 'confirmed' });
    expect(answer.body.code).toBe('duty.payer');
  });

  test('two who answer at once: one is heard, the other is told', async () => {
    const request = await asked(20_000, undefined, 'tonight');
    await approve(world.approver, request);
    const third = await house.somebody('confirmer', ['approver']);
    const answers = await Promise.all(
      [world.approver2, third].map((by) =>
        by.post<Shown>(`/grant-requests/${request.id}/confirm`, { outcome: 'confirmed' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe('a cap', () => {
  test('is exceeded only with a reason, which stands in the history', async () => {
    const tight = await world.fund('tight', { food: 1_000_000 }, { rules: { capPerHousehold: 20_000 } });
    const caseId = await world.householdCase();
    const food = () => world.requestInReview([line('food', 15_000)], world.partner, caseId, 'normal');
    const say = (request: GrantRequestView, more = {}) =>
      world.approver.post<Shown>(`/grant-requests/${request.id}/approve`, {
        ...world.approvalOf(request, tight),
        ...more,
      });
    expect((await say(await food())).body.status).toBe('approved');
    const second = await food();
    const refused = await leavesNoTrace(house, () => say(second));
    expect(refused.body.errors).toMatchObject([{ path: 'overrideReason', code: 'capExceeded' }]);
    const { body } = await say(second, { overrideReason: '子どもが生まれました。' });
    expect(body.status).toBe('approved');
    expect(body.history).toContainEqual(
      expect.objectContaining({ verb: 'override', toStatus: 'in_review', comment: '子どもが生まれました。' }),
    );
  });
});

describe('two decisions at once', () => {
  test('on two requests of one household do not slip under its tiers', async () => {
    for (let round = 0; round < 5; round += 1) {
      const caseId = await world.householdCase();
      const requests = [await asked(30_000, caseId), await asked(30_000, caseId)];
      const answers = await Promise.all([
        approve(world.approver, requests[0]!),
        approve(world.approver2, requests[1]!),
      ]);
      expect(answers.map(({ body }) => body.status).sort()).toEqual(['approved', 'in_review']);
    }
  });

  test('on requests of two members for one human being do not slip under them either', async () => {
    const elsewhere = await world.anotherOrganisation();
    const neighbour = await house.somebody('neighbour', ['caseworker'], elsewhere.id);
    const [mine, theirs] = [await world.householdCase(), await world.householdCase(neighbour)];
    const people = await house.sql<{ id: string }>(
      'SELECT person_id AS id FROM case_persons WHERE case_id IN ($1, $2)',
      [mine, theirs],
    );
    await house.sql(
      `INSERT INTO identity_links (person_id, identity_id, recorded_at, actor_id)
       SELECT $1, identity_id, now(), actor_id FROM identity_links WHERE person_id = $2`,
      people.map(({ id }) => id),
    );
    for (let round = 0; round < 3; round += 1) {
      const requests = [
        await asked(26_000, mine),
        await world.requestInReview([line('shelter', 26_000)], neighbour, theirs, 'normal'),
      ];
      const answers = await Promise.all([
        approve(world.approver, requests[0]!),
        approve(world.approver2, requests[1]!),
      ]);
      const statuses = answers.map(({ body }) => body.status).sort();
      expect(statuses).toEqual(round === 0 ? ['approved', 'in_review'] : ['in_review', 'in_review']);
    }
  });

  test('who joins the household while a decision waits for the money is counted', async () => {
    const [mine, theirs] = [await world.householdCase(), await world.householdCase()];
    await approve(world.approver2, await asked(50_000, theirs));
    const request = await asked(40_000, mine);
    const people = await house.sql<{ id: string }>(
      'SELECT person_id AS id FROM case_persons WHERE case_id IN ($1, $2) ORDER BY case_id = $1',
      [mine, theirs],
    );
    const holder = new pg.Client({ connectionString: house.ownerUrl });
    await holder.connect();
    await holder.query('BEGIN');
    const line = fund.lines.find(({ category }) => category === 'shelter')!.id;
    const { rows } = await holder.query(
      'SELECT pg_backend_pid() AS pid FROM accounts WHERE budget_line_id = $1 FOR UPDATE',
      [line],
    );
    const deciding = approve(world.approver, request);
    const waits = 'SELECT 1 FROM pg_locks WHERE NOT granted AND $1::int = ANY (pg_blocking_pids(pid))';
    while ((await house.sql(waits, [rows[0].pid])).length === 0)
      await new Promise((done) => setTimeout(done, 20));
    // Past the service, which would wait for the decision.
    await house.sql(
      'UPDATE persons SET household_id = (SELECT household_id FROM persons WHERE id = $1) WHERE id = $2',
      people.map(({ id }) => id),
    );
    await holder.query('ROLLBACK');
    await holder.end();
    expect((await deciding).body.status).toBe('in_review');
  });

  test('the same two approvers on one request: both count', async () => {
    const request = await asked(60_000);
    const answers = await Promise.all([approve(world.approver, request), approve(world.approver2, request)]);
    expect(answers.map(({ body }) => body.status).sort()).toEqual(['approved', 'in_review']);
  });

  test('64 deciders on one line: no overspend, and everybody gets an answer', async () => {
    const narrow = await world.fund('narrow', { shelter: 20 * 5_000 });
    const requests: GrantRequestView[] = [];
    for (let count = 0; count < 64; count += 1) requests.push(await asked(5_000));
    const answers = await Promise.all(
      requests.map((request, index) =>
        (index % 2 ? world.approver : world.approver2).post<Shown>(
          `/grant-requests/${request.id}/approve`,
          world.approvalOf(request, narrow),
        ),
      ),
    );
    const told = answers.map(({ status, body }) => (status === 200 ? body.status : body.code));
    expect(told.filter((what) => what === 'approved')).toHaveLength(20);
    expect(told.filter((what) => what === 'budget.exceeded')).toHaveLength(44);
  });
});
