import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import type { DecisionView } from '../../src/grants/decision.views.js';
import type { PersonView } from '../../src/people/people.dto.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let neighbour: Somebody;
let fund: FundView;

const START = '2024-12-16T18:00:00+09:00';

beforeAll(async () => {
  house = await openHouse({ at: START });
  world = await given(house);
  neighbour = await house.somebody('neighbour', ['caseworker'], (await world.anotherOrganisation()).id);
  fund = await world.fund('households', { food: 5_000_000 }, { to: '2025-12-31' });
});
afterAll(() => house.close());

async function person(by = world.partner): Promise<PersonView> {
  const consent = [{ purpose: 'casework', givenOn: '2024-12-01', language: 'ja', method: 'spoken' }];
  return (await by.post<PersonView>('/people', { alias: 'x', consent })).body;
}

async function caseOf(...people: PersonView[]): Promise<string> {
  const household = { adults: people.length, children: 0, unborn: 0 };
  const input = { personIds: people.map(({ id }) => id), household, needs: ['food'], summary: 'x' };
  return (await world.partner.post<{ id: string }>('/cases', input)).body.id;
}

const move = (person_: PersonView, with_: PersonView | null, more: object = {}, key?: string) =>
  world.partner.post<PersonView & { code?: string; errors?: object[] }>(
    `/people/${person_.id}/household`,
    { withPersonId: with_?.id ?? null, ...more },
    key,
  );

const householdOf = async ({ id }: PersonView): Promise<string> =>
  (await house.sql<{ household_id: string }>('SELECT household_id FROM persons WHERE id = $1', [id]))[0]!
    .household_id;

const movesOf = ({ id }: PersonView) =>
  house.sql<{ from: string; to: string; recorded_at: Date }>(
    `SELECT from_household_id AS "from", to_household_id AS "to", recorded_at FROM household_moves
     WHERE person_id = $1 ORDER BY id`,
    [id],
  );

const awarded = (amount: number, caseId: string): Promise<GrantRequestView> =>
  world.approvedRequest(fund, [line('food', amount)], world.partner, caseId, 'normal');

/** What was awarded before, as whoever decides on this request sees it. */
async function before(request: GrantRequestView): Promise<number> {
  return (await world.approver.get<DecisionView>(`/grant-requests/${request.id}/decision`)).body.awarded;
}

const inReview = (amount: number, caseId: string): Promise<GrantRequestView> =>
  world.requestInReview([line('food', amount)], world.partner, caseId, 'normal');

describe('a household', () => {
  test('takes in another of one’s own people, and the move is recorded with its moment', async () => {
    const [one, other] = [await person(), await person()];
    const { status, body } = await move(one, other);
    expect([status, body.householdId]).toEqual([200, other.householdId]);
    expect(await movesOf(one)).toEqual([
      { from: one.householdId, to: other.householdId, recorded_at: house.clock.now() },
    ]);
    expect(await movesOf(other)).toEqual([]);
    const lines = await house.sql(
      `SELECT actor_id, at, facts FROM audit_events WHERE action = 'household.joined' AND subject_id = $1`,
      [one.id],
    );
    expect(lines).toEqual([
      {
        actor_id: world.partner.user.id,
        at: house.clock.now(),
        facts: {
          code: one.code,
          fromHouseholdId: one.householdId,
          householdId: other.householdId,
          key: expect.any(String),
        },
      },
    ]);
  });

  test('lets go whom it helps no longer; who is there already, or alone, stays without a trace', async () => {
    const [one, other] = [await person(), await person()];
    await move(one, other);
    await move(one, other);
    expect(await movesOf(one)).toHaveLength(1);
    const { body } = await move(one, null);
    expect([one.householdId, other.householdId]).not.toContain(body.householdId);
    expect((await move(one, null)).body.householdId).toBe(body.householdId);
    expect(await movesOf(one)).toHaveLength(2);
    expect(await householdOf(other)).toBe(other.householdId);
  });

  test('joins another as a whole', async () => {
    const [one, child, other] = [await person(), await person(), await person()];
    await move(child, one);
    await move(one, other, { whole: true });
    expect([await householdOf(one), await householdOf(child)]).toEqual([
      other.householdId,
      other.householdId,
    ]);
    expect((await movesOf(child)).map(({ to }) => to)).toEqual([one.householdId, other.householdId]);
  });

  test('without that leaves the others where they are', async () => {
    const [one, child, other] = [await person(), await person(), await person()];
    await move(child, one);
    await move(one, other);
    expect(await householdOf(child)).toBe(one.householdId);
  });

  test('moves once by one key', async () => {
    const [one, other] = [await person(), await person()];
    await move(one, other);
    const key = randomUUID();
    const first = await move(one, null, {}, key);
    await move(one, other);
    await move(one, null, {}, key);
    expect(await householdOf(one)).toBe(other.householdId);
    expect(first.body.householdId).not.toBe(other.householdId);
  });

  test('takes in nobody of another member, worded like nobody at all, and by no one else', async () => {
    const [one, theirs] = [await person(), await person(neighbour)];
    const unknown = await world.partner.post(`/people/${one.id}/household`, { withPersonId: randomUUID() });
    expect(await move(one, theirs)).toEqual(unknown);
    expect([unknown.status, unknown.body.errors]).toEqual([
      422,
      [expect.objectContaining({ path: 'withPersonId', code: 'personUnknown' })],
    ]);
    expect((await move(theirs, one)).status).toBe(404);
    for (const by of [world.reviewer, world.approver, world.treasurer, world.admin])
      expect((await by.post(`/people/${one.id}/household`, { withPersonId: null })).status).toBe(403);
    expect(await householdOf(one)).toBe(one.householdId);
  });

  test('by SQL is changed by its own member alone, and what was recorded stays', async () => {
    const [one, theirs] = [await person(), await person(neighbour)];
    const record = `INSERT INTO household_moves
        (id, organisation_id, person_id, from_household_id, to_household_id, actor_id, recorded_at)
      VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, now())`;
    const ours = world.organisation.id;
    const me = world.partner.user.id;
    const [from, to] = [one.householdId, theirs.householdId];
    await expect(
      house.sqlAs(neighbour.actor, record, [ours, one.id, from, to, neighbour.user.id]),
    ).rejects.toMatchObject({ code: '42501' });
    await expect(
      house.sqlAs(world.partner.actor, record, [ours, one.id, from, to, me]),
    ).rejects.toMatchObject({
      code: '23503',
    });
    await expect(
      house.sqlAs(world.partner.actor, record, [ours, one.id, from, from, me]),
    ).rejects.toMatchObject({
      code: '23514',
    });
    for (const sql of ['UPDATE household_moves SET recorded_at = now()', 'DELETE FROM household_moves'])
      await expect(house.sqlAs(world.partner.actor, sql)).rejects.toMatchObject({ code: '42501' });
    expect(await house.sqlAs(neighbour.actor, 'SELECT 1 FROM household_moves')).toEqual([]);
  });
});

describe('what was asked for and awarded', () => {
  test('stays as it was submitted, and an open case goes on for the household that it was opened for', async () => {
    const [one, other, elsewhere] = [await person(), await person(), await person()];
    const caseId = await caseOf(one, other);
    const request = await awarded(4_000, caseId);
    const draft = await world.draftRequest([line('food', 500)], world.partner, caseId, 'normal');
    const frozen = () =>
      house.sql(
        `SELECT r.household_id, r.status, array_agg(p.person_id ORDER BY p.position) AS people
         FROM grant_requests r JOIN request_persons p ON p.request_id = r.id WHERE r.id = $1
         GROUP BY r.id`,
        [request.id],
      );
    const was = await frozen();
    await move(other, elsewhere);
    expect(await frozen()).toEqual(was);
    const { body } = await world.partner.post<GrantRequestView>(`/grant-requests/${draft.id}/submit`, {});
    expect(body.people.map(({ id }) => id)).toEqual([one.id, other.id]);
    // Their new household and the one of the case are weighed together.
    expect(await before(await inReview(100, await caseOf(elsewhere)))).toBe(4_000);
    expect((await world.partner.get<PersonView>(`/people/${other.id}`)).body.householdId).toBe(
      elsewhere.householdId,
    );
  });

  test('counts with the people whom it named, wherever they went', async () => {
    const [one, elsewhere] = [await person(), await person()];
    await awarded(45_000, await caseOf(one));
    expect(await before(await inReview(100, await caseOf(elsewhere)))).toBe(0);
    await move(one, elsewhere);
    expect(await before(await inReview(100, await caseOf(elsewhere)))).toBe(45_000);
  });

  test('counts for whoever left the household within the days of the policy, and not for ever', async () => {
    const [one, other] = [await person(), await person()];
    await move(other, one);
    await awarded(45_000, await caseOf(one));
    await move(other, null);
    // By itself the new household was awarded nothing, and nobody is moved to be decided for anew.
    const alone = await inReview(10_000, await caseOf(other));
    expect(await before(alone)).toBe(45_000);
    const { body } = await world.approver.get<DecisionView>(`/grant-requests/${alone.id}/decision`);
    expect(body.required).toMatchObject({ approvers: 2 });
    house.clock.set('2025-03-16T18:00:00+09:00');
    await awarded(7_000, await caseOf(one));
    const last = await inReview(100, await caseOf(other));
    house.clock.set('2025-03-16T18:00:01+09:00');
    const next = await inReview(100, await caseOf(other));
    expect([await before(last), await before(next)]).toEqual([52_000, 0]);
    house.clock.set(START);
  });
});

describe('whoever moves twice', () => {
  test('brings along what the first household was awarded, and nobody whom they did not move with', async () => {
    const [one, other, third, fourth] = [await person(), await person(), await person(), await person()];
    await move(other, one);
    await awarded(45_000, await caseOf(one));
    await move(other, null);
    await move(fourth, third);
    await move(other, third);
    expect(await before(await inReview(100, await caseOf(other)))).toBe(45_000);
    await move(fourth, null);
    expect(await before(await inReview(100, await caseOf(fourth)))).toBe(0);
  });
});

describe('at the same moment', () => {
  test('people who cross over end in each other’s households, and several who join are all there', async () => {
    const [one, other] = [await person(), await person()];
    const both = await Promise.all([move(one, other), move(other, one)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect([...(await movesOf(one)), ...(await movesOf(other))].length).toBeGreaterThan(0);
    const people = await Promise.all(Array.from({ length: 6 }, () => person()));
    const answers = await Promise.all(people.slice(1).map((each) => move(each, people[0]!)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(await Promise.all(people.map(householdOf)))).toEqual(new Set([people[0]!.householdId]));
  });

  test('whoever leaves waits for a decision on the household that is being made', async () => {
    const [one, other] = [await person(), await person()];
    await move(other, one);
    const client = new pg.Client({ connectionString: house.ownerUrl });
    await client.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query(
        'SELECT pg_backend_pid() AS pid FROM households WHERE id = $1 FOR UPDATE',
        [one.householdId],
      );
      const moving = move(other, null);
      const waits = 'SELECT 1 FROM pg_locks WHERE NOT granted AND $1::int = ANY (pg_blocking_pids(pid))';
      while ((await house.sql(waits, [rows[0].pid])).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await householdOf(other)).toBe(one.householdId);
      await client.query('COMMIT');
      expect((await moving).status).toBe(200);
    } finally {
      await client.end();
    }
    expect(await householdOf(other)).not.toBe(one.householdId);
  });
});
