import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Matcher } from '../../src/people/index.js';
import type { PersonView } from '../../src/people/people.dto.js';
import type { IdentityView, SimilarPeople } from '../../src/people/similar.dto.js';
import type { Category } from '../../src/kernel/codes.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let neighbour: Somebody;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  neighbour = await house.somebody('neighbour', ['caseworker'], (await world.anotherOrganisation()).id);
});
afterAll(() => house.close());

const agreed = { givenOn: '2024-12-01', language: 'vi', method: 'spoken' };
const consentTo = (...purposes: string[]) => purposes.map((purpose) => ({ purpose, ...agreed }));
type Told = Record<string, unknown>;

/** Somebody whom a submitted request names: staff know nobody else. */
async function person(by: Somebody, told: Told): Promise<PersonView> {
  const answer = await by.post<PersonView>('/people', {
    alias: 'A',
    consent: consentTo('casework'),
    ...told,
  });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  await world.submittedRequest([line('other', 1)], by, await caseOf(by, answer.body));
  return answer.body;
}

async function caseOf(by: Somebody, { id }: PersonView): Promise<string> {
  const household = { adults: 1, children: 0, unborn: 0 };
  const input = { personIds: [id], household, needs: ['shelter'], summary: 'x' };
  return (await by.post<{ id: string }>('/cases', input)).body.id;
}

/** All that is known of somebody, as staff open it. */
const revealed = async (id: string) =>
  (await world.reviewer.post<PersonView>(`/people/${id}/reveal`, { reason: 'decision' })).body;

const similar = async (id: string, by = world.reviewer) =>
  (await by.get<SimilarPeople>(`/people/${id}/similar`)).body.items;

const reason = '電話で両方の団体に確かめた。';
const link = (personIds: string[], by = world.reviewer) =>
  by.post<IdentityView & { code?: string }>('/identities/link', { personIds, reason });
const unlink = (personId: string) =>
  world.reviewer.post<IdentityView>('/identities/unlink', { personId, reason });
const distinct = (personIds: string[]) =>
  world.reviewer.post<{ code?: string }>('/identities/distinct', { personIds, reason });

const count = async (table: string): Promise<number> =>
  (await house.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`))[0]!.count;

let pairs = 0;
/** Two people of two members who look like one, and like nobody else. */
async function pair(): Promise<[PersonView, PersonView]> {
  pairs += 1;
  // No two parts of it the same as another pair's.
  const birthDate = `${1960 + pairs}-${String((pairs % 12) + 1).padStart(2, '0')}-${13 + (pairs % 15)}`;
  return [
    await person(world.partner, { name: 'Nguyễn Thị Hoa', birthDate }),
    await person(neighbour, { name: 'グエン・ティ・ホア', birthDate }),
  ];
}

describe('privacy.md, point 5: people who are likely the same', () => {
  test('are found across members by spellings and birthday, with a score and the reasons, and no name', async () => {
    const [here, there] = await pair();
    const [found, ...others] = await similar(here.id);
    expect(others).toEqual([]);
    expect(found).toEqual({
      id: there.id,
      code: there.code,
      organisationId: there.organisationId,
      organisationName: expect.stringContaining('テストの会'),
      ageBand: there.ageBand,
      prefectureCode: '99',
      score: 100,
      reasons: ['name', 'birth'],
      linked: false,
    });
    expect((await similar(there.id)).map(({ id }) => id)).toEqual([here.id]);
  });

  test('follow what is corrected: who no longer looks alike is no longer found', async () => {
    const [here, there] = await pair();
    await neighbour.send('PATCH', `/people/${there.id}`, { name: 'Maria Santos', birthDate: '1999-09-09' });
    expect(await similar(here.id)).toEqual([]);
    await neighbour.send('PATCH', `/people/${there.id}`, {
      name: 'HOA NGUYEN THI',
      birthDate: here.birthDate,
    });
    expect(await similar(here.id)).toMatchObject([{ id: there.id }]);
  });

  test('are not shown to a member, and asking leaves a line in the log', async () => {
    const [here, there] = await pair();
    expect((await world.partner.get(`/people/${here.id}/similar`)).status).toBe(403);
    expect((await world.treasurer.get(`/people/${here.id}/similar`)).status).toBe(403);
    await similar(here.id, world.approver);
    const [line_] = await house.sql(
      `SELECT actor_id, facts FROM audit_events WHERE action = 'people.compared' AND subject_id = $1`,
      [here.id],
    );
    expect(line_).toMatchObject({
      actor_id: world.approver.user.id,
      facts: { code: here.code, found: 1, ids: [there.id], key: expect.any(String) },
    });
  });

  test('are given by SQL to nobody but staff, and their index to nobody at all', async () => {
    const [here, there] = await pair();
    const ask = (by: Somebody) =>
      house.sqlAs(by.actor, 'SELECT person_id FROM similar_people($1, 200)', [here.id]);
    expect((await ask(world.reviewer)).length).toBeGreaterThan(0);
    for (const by of [world.partner, neighbour, world.treasurer, world.board, world.admin]) {
      expect(await ask(by)).toEqual([]);
      await expect(house.sqlAs(by.actor, 'SELECT 1 FROM person_index')).rejects.toMatchObject({
        code: '42501',
      });
    }
    const write = `SELECT index_people(ARRAY[$1::uuid], 9, '{}', '{}', '{}')`;
    await expect(house.sqlAs(world.partner.actor, write, [there.id])).rejects.toMatchObject({
      code: '42501',
    });
    await expect(house.sqlAs(world.reviewer.actor, write, [there.id])).rejects.toMatchObject({
      code: '42501',
    });
    expect(await similar(there.id)).toHaveLength(1);
  });

  test('of whom something was written before the index are found once the matcher has come by', async () => {
    const [here, there] = await pair();
    const before = await house.sql('SELECT * FROM person_index WHERE person_id = $1 ORDER BY kind, digest', [
      there.id,
    ]);
    await house.sql('DELETE FROM person_index WHERE person_id = $1', [there.id]);
    await house.sql('UPDATE persons SET forms_version = 0 WHERE id = $1', [there.id]);
    expect(await similar(here.id)).toEqual([]);
    expect(await house.app.get(Matcher).catchUp()).toEqual({ people: 1, consents: 0 });
    expect(await house.app.get(Matcher).catchUp()).toEqual({ people: 0, consents: 0 });
    expect(
      await house.sql('SELECT * FROM person_index WHERE person_id = $1 ORDER BY kind, digest', [there.id]),
    ).toEqual(before);
    expect(await similar(here.id)).toHaveLength(1);
  });
});

describe('privacy.md, point 5: linking', () => {
  test('makes two people one from that moment on, moves nothing, and is recorded with a sealed reason', async () => {
    const [here, there] = await pair();
    const people = await house.sql('SELECT * FROM persons WHERE id = ANY($1) ORDER BY id', [
      [here.id, there.id],
    ]);
    const { status, body } = await link([there.id, here.id]);
    expect([status, body.people.map(({ id }) => id)]).toEqual([200, [here.id, there.id].sort()]);
    expect(await similar(here.id)).toMatchObject([
      { id: there.id, linked: true, reasons: expect.arrayContaining(['name', 'birth', 'linked']) },
    ]);
    expect(
      await house.sql('SELECT * FROM persons WHERE id = ANY($1) ORDER BY id', [[here.id, there.id]]),
    ).toEqual(people);
    const [decision] = await house.sql<{ reason: Buffer; kind: string; actor_id: string; recorded_at: Date }>(
      `SELECT d.* FROM identity_decisions d JOIN identity_decision_people p ON p.decision_id = d.id
       WHERE p.person_id = $1`,
      [here.id],
    );
    expect(decision).toMatchObject({
      kind: 'link',
      actor_id: world.reviewer.user.id,
      recorded_at: house.clock.now(),
    });
    expect(decision!.reason.includes(reason)).toBe(false);
  });

  test('again, in any order, records nothing', async () => {
    const [here, there] = await pair();
    const first = await link([here.id, there.id]);
    const links = await count('identity_links');
    const again = await link([there.id, here.id]);
    expect(again.body).toEqual(first.body);
    expect(await count('identity_links')).toBe(links);
  });

  test('with the same key gives the same answer', async () => {
    const [here, there] = await pair();
    const input = { personIds: [here.id, there.id], reason };
    const first = await world.reviewer.post('/identities/link', input, 'one-key');
    await unlink(there.id);
    expect((await world.reviewer.post('/identities/link', input, 'one-key')).body).toEqual(first.body);
    expect(await similar(here.id)).toMatchObject([{ linked: false }]);
  });

  test('takes along everybody whom either was linked to', async () => {
    const [a, b] = await pair();
    const [c, d] = await pair();
    await link([a.id, b.id]);
    await link([c.id, d.id]);
    const { body } = await link([b.id, c.id]);
    expect(body.people.map(({ id }) => id)).toEqual([a, b, c, d].map(({ id }) => id).sort());
  });

  test('by several at once that overlap makes one human of all, and no link is lost', async () => {
    const people = [...(await pair()), ...(await pair())].map(({ id }) => id);
    const rounds = [0, 1, 2].flatMap((at) => [
      people.slice(at, at + 2),
      people.slice(at, at + 2).toReversed(),
    ]);
    const answers = await Promise.all(
      rounds.map((ids, at) => link(ids, at % 2 ? world.approver : world.reviewer)),
    );
    expect(answers.map(({ status }) => status)).toEqual(rounds.map(() => 200));
    expect((await link(people)).body.people).toHaveLength(4);
    expect(
      await count(`identity_decisions d JOIN identity_decision_people p ON p.decision_id = d.id
                        WHERE p.person_id = '${people[0]}'`),
    ).toBe(1);
  });

  test('is refused to whom the table does not name, and for people whom nobody has', async () => {
    const [here, there] = await pair();
    for (const by of [world.partner, world.treasurer, world.board, world.admin]) {
      expect((await link([here.id, there.id], by)).status).toBe(403);
    }
    const nobody = '00000000-0000-7000-8000-000000000000';
    expect((await link([here.id, nobody])).status).toBe(404);
    expect((await unlink(nobody)).status).toBe(404);
    expect((await link([here.id])).status).toBe(422);
    expect((await world.reviewer.post('/identities/link', { personIds: [here.id, there.id] })).status).toBe(
      422,
    );
  });

  test('by SQL is refused to a member, for its own people too, and nothing of it can be changed', async () => {
    const [here, there] = await pair();
    const { identityId } = (await link([here.id, there.id])).body;
    const insert = `INSERT INTO identity_links (person_id, identity_id, recorded_at, actor_id)
                    VALUES ($1, $2, now(), $3)`;
    for (const by of [neighbour, world.reviewer]) {
      await expect(
        house.sqlAs(by.actor, insert, [here.id, identityId, world.admin.user.id]),
      ).rejects.toMatchObject({ code: '42501' });
    }
    for (const table of [
      'identity_links',
      'identity_decisions',
      'identity_decision_people',
      'distinct_people',
    ]) {
      for (const sql of [`UPDATE ${table} SET decision_id = NULL`, `DELETE FROM ${table}`]) {
        await expect(house.sqlAs(world.approver.actor, sql)).rejects.toMatchObject({
          code: expect.stringMatching(/42501|42703/),
        });
      }
    }
  });
});

describe('privacy.md, point 5: unlinking', () => {
  test('gives a person an identity of their own, also who was there first; the others stay one', async () => {
    const [a, b] = await pair();
    const [c] = await pair();
    await link([a.id, b.id, c.id]);
    expect((await unlink(a.id)).body.people.map(({ id }) => id)).toEqual([a.id]);
    expect((await link([b.id, c.id])).body.people.map(({ id }) => id)).toEqual([b.id, c.id].sort());
    const links = await count('identity_links');
    await unlink(a.id);
    expect(await count('identity_links')).toBe(links);
  });
});

describe('privacy.md, point 5: "not the same person"', () => {
  test('is remembered, and never suggested again', async () => {
    const [here, there] = await pair();
    expect((await distinct([here.id, there.id])).status).toBe(200);
    expect((await distinct([there.id, here.id])).status).toBe(200);
    expect(await count(`distinct_people WHERE one = '${[here.id, there.id].sort()[0]}'`)).toBe(1);
    expect([await similar(here.id), await similar(there.id)]).toEqual([[], []]);
    await neighbour.send('PATCH', `/people/${there.id}`, { name: 'Nguyen Thi Hoa' });
    expect(await similar(here.id)).toEqual([]);
  });

  test('cannot be said of people who are linked, and stands in the way of a link that implies it', async () => {
    const [a, b] = await pair();
    const [c] = await pair();
    await link([a.id, b.id]);
    expect(await distinct([a.id, b.id])).toMatchObject({ status: 409, body: { code: 'identity.linked' } });
    await distinct([b.id, c.id]);
    expect(await link([a.id, c.id])).toMatchObject({
      status: 409,
      body: { code: 'identity.declared_distinct' },
    });
    expect((await link([b.id, c.id])).body.people).toHaveLength(3);
  });
});

describe('privacy.md, point 2: a consent that is withdrawn', () => {
  const told = { residenceStatus: 'provisional_release', asylumStage: 'review' };
  const shareWith = '市立病院の相談室';

  test('hides what needed it from others at once, and the field needs consent again', async () => {
    const consent = [...consentTo('casework', 'sensitive'), { purpose: 'sharing', ...agreed, shareWith }];
    const { id, consent: given_ } = await person(world.partner, { ...told, consent });
    const { id: consentId } = given_.find(({ purpose }) => purpose === 'sensitive')!;
    expect(await revealed(id)).toMatchObject({
      ...told,
      residenceGroup: 'asylum_pending',
    });
    const path = `/people/${id}/consents/${consentId}/withdraw`;
    expect((await neighbour.post(path, {})).status).toBe(404);
    expect((await world.reviewer.post(path, {})).status).toBe(403);
    const { body } = await world.partner.post<PersonView>(path, {});
    expect(body.consent.find((one) => one.id === consentId)!.withdrawnAt).toBe(
      house.clock.now().toISOString(),
    );
    house.clock.set('2024-12-16T19:00:00+09:00');
    expect((await world.partner.post<PersonView>(path, {})).body.consent).toEqual(body.consent);
    expect(await revealed(id)).toMatchObject({
      residenceStatus: null,
      asylumStage: null,
      residenceGroup: 'unknown',
    });
    expect((await world.partner.get(`/people/${id}`)).body).toMatchObject(told);
    const change = await world.partner.send('PATCH', `/people/${id}`, { asylumStage: 'in_court' });
    expect(change).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'asylumStage', code: 'consentNeeded' }] },
    });
    const again = { asylumStage: 'in_court', consent: consentTo('sensitive') };
    expect((await world.partner.send('PATCH', `/people/${id}`, again)).status).toBe(200);
    expect(await revealed(id)).toMatchObject({ asylumStage: 'in_court' });
  });

  test('stays withdrawn by SQL too', async () => {
    const { id, consent } = await person(world.partner, {});
    await world.partner.post(`/people/${id}/consents/${consent[0]!.id}/withdraw`, {});
    const undo =
      'UPDATE consents SET withdrawn_at = NULL, withdrawn_by = NULL WHERE person_id = $1 RETURNING id';
    expect(await house.sqlAs(world.partner.actor, undo, [id])).toEqual([]);
  });

  test('says sealed to whom data may go, also what was written in clear before', async () => {
    const consent = [{ purpose: 'sharing', ...agreed, shareWith }];
    const { id } = await person(world.partner, { consent });
    const lies = async () =>
      (
        await house.sql<{ share_with: Buffer; reaches_members: boolean }>(
          'SELECT share_with, reaches_members FROM consents WHERE person_id = $1',
          [id],
        )
      )[0]!;
    expect((await lies()).share_with.includes(shareWith)).toBe(false);
    expect((await lies()).reaches_members).toBe(false);
    await house.sql(`UPDATE consents SET share_with = convert_to($2, 'UTF8') WHERE person_id = $1`, [
      id,
      shareWith,
    ]);
    const read = async () =>
      (await world.partner.get<PersonView>(`/people/${id}`)).body.consent[0]!.shareWith;
    expect(await read()).toBe(shareWith);
    expect(await house.app.get(Matcher).catchUp()).toEqual({ people: 0, consents: 1 });
    expect((await lies()).share_with.includes(shareWith)).toBe(false);
    expect(await read()).toBe(shareWith);
  });
});

const asker = () => house.somebody('asker', ['caseworker'], world.organisation.id);

const hintOf = async (id: string, by?: Somebody) =>
  (by ?? (await asker())).get<{ code?: string } | null>(`/grant-requests/${id}/hint`);

describe('privacy.md, point 5: the hint', () => {
  const need: Category = 'shelter';

  /** Somebody whom the neighbour knows by another spelling, and was paid for there on this day. */
  async function helped(paidOn: string, consent: object[] = consentTo('casework', 'sharing')) {
    const [here, there] = await pair();
    await neighbour.send('PATCH', `/people/${there.id}`, { consent });
    const fund = await world.fund(`hint-${pairs}`, { [need]: 100_000 }, { from: '2024-01-01' });
    const request = await world.approvedRequest(
      fund,
      [line(need, 9_000)],
      neighbour,
      await caseOf(neighbour, there),
    );
    const { id: awardId, amount } = request.lines[0]!.awards[0]!;
    const payment = await world.treasurer.post<{ id: string }>('/disbursements', {
      awardId,
      amount,
      paidOn,
      method: 'cash',
    });
    expect(payment.status).toBe(201);
    const asked = await world.submittedRequest(
      [line(need, 7_000)],
      world.partner,
      await caseOf(world.partner, here),
    );
    return { here, there, asked, disbursementId: payment.body.id };
  }

  beforeAll(() => house.clock.set('2024-12-16T18:00:00+09:00'));

  test.each([
    ['2024-12-16', 7],
    ['2024-12-09', 7],
    ['2024-12-08', 30],
    ['2024-11-16', 30],
    ['2024-11-15', 90],
    ['2024-09-17', 90],
  ])('of help paid on %s says the category and within %i days, and no more', async (paidOn, within) => {
    const { asked } = await helped(paidOn);
    expect(await hintOf(asked.id)).toEqual({ status: 200, body: { category: need, within } });
  });

  test('is null for help that is longer ago, and for another need', async () => {
    const { asked } = await helped('2024-09-16');
    expect(await hintOf(asked.id)).toEqual({ status: 200, body: null });
    const { here } = await helped('2024-12-16');
    const food = await world.submittedRequest(
      [line('food', 700)],
      world.partner,
      await caseOf(world.partner, here),
    );
    expect((await hintOf(food.id)).body).toBeNull();
  });

  test('is null unless the other person agreed that members may know, and at once when that is withdrawn', async () => {
    expect((await hintOf((await helped('2024-12-16', consentTo('casework'))).asked.id)).body).toBeNull();
    const elsewhere = [{ purpose: 'sharing', ...agreed, shareWith: '市立病院' }];
    expect((await hintOf((await helped('2024-12-16', elsewhere)).asked.id)).body).toBeNull();
    const { there, asked } = await helped('2024-12-16');
    expect((await hintOf(asked.id)).body).not.toBeNull();
    const { consent } = (await neighbour.get<PersonView>(`/people/${there.id}`)).body;
    const sharing = consent.find(({ purpose }) => purpose === 'sharing')!;
    await neighbour.post(`/people/${there.id}/consents/${sharing.id}/withdraw`, {});
    expect((await hintOf(asked.id)).body).toBeNull();
  });

  test('is null for money that came back whole, and for people who were called different', async () => {
    const { asked, disbursementId } = await helped('2024-12-16');
    const refund = { amount: 9_000, receivedOn: '2024-12-16', reason: 'x' };
    expect(
      (await world.treasurer.post(`/disbursements/${disbursementId}/refund`, refund)).status,
    ).toBeLessThan(300);
    expect((await hintOf(asked.id)).body).toBeNull();
    const other = await helped('2024-12-16');
    await distinct([other.here.id, other.there.id]);
    expect((await hintOf(other.asked.id)).body).toBeNull();
  });

  test('reaches people whom staff linked, however they are written', async () => {
    const { there, asked, here } = await helped('2024-12-16');
    await neighbour.send('PATCH', `/people/${there.id}`, { name: 'Maria Santos', birthDate: '1999-09-09' });
    expect((await hintOf(asked.id)).body).toBeNull();
    await link([here.id, there.id]);
    expect((await hintOf(asked.id)).body).toEqual({ category: need, within: 7 });
  });

  test('is for a request that was submitted, and for its own member alone', async () => {
    const { asked, here } = await helped('2024-12-16');
    const draft = await world.draftRequest(
      [line(need, 100)],
      world.partner,
      await caseOf(world.partner, here),
    );
    expect(await hintOf(draft.id)).toMatchObject({ status: 409, body: { code: 'hint.not_submitted' } });
    expect((await hintOf(asked.id, neighbour)).status).toBe(404);
    expect((await hintOf(asked.id, world.reviewer)).status).toBe(403);
    const sql = 'SELECT * FROM hint_of_request($1, $2, 20)';
    for (const by of [neighbour, world.reviewer, world.treasurer, world.admin]) {
      expect(await house.sqlAs(by.actor, sql, [asked.id, '2024-12-16'])).toEqual([]);
    }
  });

  test('is given twenty times a day, at once or one after the other, and each time is logged', async () => {
    const { asked } = await helped('2024-12-16');
    const by = await asker();
    const answers = await Promise.all(Array.from({ length: 23 }, () => hintOf(asked.id, by)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.find(({ status }) => status !== 200)).toMatchObject({
      status: 429,
      body: { code: 'hint.limited' },
    });
    const logged = await house.sql(
      `SELECT action, count(*)::int AS times FROM audit_events WHERE actor_id = $1 GROUP BY action ORDER BY action`,
      [by.user.id],
    );
    expect(logged).toEqual(
      expect.arrayContaining([
        { action: 'hint.read', times: 20 },
        { action: 'hint.refused', times: 3 },
      ]),
    );
    house.clock.set('2024-12-17T00:00:00+09:00');
    expect((await hintOf(asked.id, by)).status).toBe(200);
  });
});
