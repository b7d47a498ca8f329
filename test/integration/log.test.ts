import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { LogSeals, type LogVerification } from '../../src/log/index.js';
import type { LogEventView } from '../../src/log/log.dto.js';
import { hasWords, SUPPORTED } from '../../src/web/words.js';
import { given, type Given } from '../given.js';
import { callAt, cookieOf, JSON_TYPE, signIn } from '../http/calls.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { doMainJob, saidIn, type MainJob } from '../main-job.js';

let house: House;
let world: Given;
let seals: LogSeals;
let job: MainJob;
let neighbour: Somebody;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  seals = house.app.get(LogSeals);
  const elsewhere = await world.anotherOrganisation();
  neighbour = await house.somebody('neighbour', ['caseworker'], elsewhere.id);
  job = await doMainJob(house, world);
});
afterAll(() => house.close());

type Events = { items: LogEventView[]; nextCursor: string | null };
const events = async (query = ''): Promise<LogEventView[]> =>
  (await world.board.get<Events>(`/audit/events?limit=200${query}`)).body.items;

/** By whom and of what this was done. */
const deedsOf = async (action: string) =>
  (await events(`&action=${action}`)).map(({ actorId, subjectId }) => [actorId, subjectId]);

/** Puts the row that was kept back, with this id. */
const put = (id: number) =>
  `INSERT INTO audit_events (id, at, actor_id, duties, action, subject, subject_id, facts)
   OVERRIDING SYSTEM VALUE SELECT ${id}, at, actor_id, duties, action, subject, subject_id, facts FROM kept`;

const differencesOf = ({ differences }: LogVerification) =>
  differences.map(({ code, eventId }) => [code, eventId]);

/** Does this to the database as its owner, verifies, and undoes it. */
async function tampered(sql: string, parameters: unknown[], undo: string, undoParameters = parameters) {
  await house.sql(sql, parameters);
  const found = await seals.verify();
  await house.sql(undo, undoParameters);
  return found;
}

const rows = (sql = 'SELECT id FROM audit_events ORDER BY id') => house.sql<{ id: number }>(sql);

describe('privacy.md, point 7: the chain', () => {
  test('seals what was written since the last seal, and nothing twice', async () => {
    const before = (await rows()).length;
    expect(await seals.seal()).toBe(before);
    expect(await seals.seal()).toBe(0);
    const found = await seals.verify();
    expect(found).toMatchObject({
      events: before,
      seals: 1,
      unsealed: 0,
      differenceCount: 0,
      differences: [],
    });
    expect(found.head?.digest).toMatch(/^[0-9a-f]{64}$/);
    // The verification itself is in the log, and in the next seal.
    expect(await seals.seal()).toBe(1);
    expect(await seals.verify()).toMatchObject({ events: before + 1, seals: 2, differenceCount: 0 });
  });

  test('is made once, however many seal at a time', async () => {
    await Promise.all([seals.seal(), seals.seal(), seals.seal()]);
    expect(await seals.seal()).toBe(0);
    expect((await seals.verify()).differences).toEqual([]);
  });

  test.each([
    ['facts', `'{"code": "P-000000"}'`],
    ['at', `at + interval '1 microsecond'`],
    ['actor_id', 'NULL'],
    ['subject_id', 'gen_random_uuid()'],
    ['action', `'person.closed'`],
    ['subject', `'x'`],
    ['duties', `'{figures}'`],
  ])('shows a row whose %s was altered', async (column, value) => {
    const [row] = await rows(`SELECT id FROM audit_events WHERE action = 'person.opened' LIMIT 1`);
    const { id } = row!;
    await house.sql(`CREATE TABLE kept AS SELECT * FROM audit_events WHERE id = ${id}`);
    const found = await tampered(
      `UPDATE audit_events SET ${column} = ${value} WHERE id = $1`,
      [id],
      `UPDATE audit_events e SET ${column} = k.${column} FROM kept k WHERE e.id = k.id AND e.id = $1`,
    );
    await house.sql('DROP TABLE kept');
    expect(differencesOf(found)).toEqual([['altered', id]]);
    expect((await seals.verify()).differences).toEqual([]);
  });

  test('shows a row that was removed, and one that was put in', async () => {
    const [row] = await rows(
      `SELECT id FROM audit_events WHERE action = 'sign_in.refused' OR id > 20 ORDER BY id LIMIT 1`,
    );
    const { id } = row!;
    await house.sql(`CREATE TABLE kept AS SELECT * FROM audit_events WHERE id = ${id}`);
    const removed = await tampered('DELETE FROM audit_events WHERE id = $1', [id], put(id), []);
    expect(differencesOf(removed)).toEqual([['removed', id]]);
    expect((await seals.verify()).differences).toEqual([]);
    const inserted = await tampered(put(-1), [], 'DELETE FROM audit_events WHERE id = -1');
    expect(differencesOf(inserted)).toEqual([['inserted', -1]]);
    await house.sql('DROP TABLE kept');
  });

  test('shows a row put where an id was drawn and never used', async () => {
    await house.sql(`SELECT nextval(pg_get_serial_sequence('audit_events', 'id'))`);
    await events();
    await seals.seal();
    const [gap] = await rows(
      `SELECT id FROM generate_series(1, (SELECT max(id) FROM audit_events)) AS id
       WHERE id NOT IN (SELECT id FROM audit_events) ORDER BY id DESC LIMIT 1`,
    );
    const found = await tampered(
      `INSERT INTO audit_events (id, at, duties, action, subject, facts) OVERRIDING SYSTEM VALUE
       VALUES ($1, now(), '{}', 'person.opened', 'person', '{}')`,
      [gap!.id],
      'DELETE FROM audit_events WHERE id = $1',
    );
    expect(differencesOf(found)).toEqual([['inserted', gap!.id]]);
  });

  test('shows a seal that was altered to fit, taken out, or cut off with its rows', async () => {
    await events();
    await seals.seal();
    const { head } = await seals.verify();
    await house.sql('CREATE TABLE kept AS SELECT * FROM audit_seals');
    const back = 'INSERT INTO audit_seals SELECT * FROM kept ON CONFLICT DO NOTHING';
    const [first] = await rows();
    const fit = await tampered(
      `WITH gone AS (DELETE FROM audit_seals WHERE number = 1 RETURNING *)
       SELECT 1 FROM gone`,
      [],
      back,
    );
    expect(fit.differences[0]).toMatchObject({ code: 'seal_broken', seal: 2 });
    await house.sql(`UPDATE audit_seals SET row_ids = row_ids[2:], row_digests = row_digests[2:], count = count - 1
                     WHERE number = 1`);
    const short = await seals.verify();
    expect(differencesOf(short)).toEqual([
      ['seal_broken', null],
      ['inserted', first!.id],
    ]);
    await house.sql('DELETE FROM audit_seals WHERE number = 1');
    await house.sql(back);
    expect((await seals.verify()).differences).toEqual([]);
    const known = await seals.verify(undefined, head!.digest);
    expect(known.differences).toEqual([]);
    await house.sql('DELETE FROM audit_seals WHERE number = $1', [head!.number]);
    const cut = await seals.verify(undefined, head!.digest);
    expect(differencesOf(cut)).toEqual([['head_missing', null]]);
    await house.sql(back);
    await house.sql('DROP TABLE kept');
  });

  test('waits for a writer that drew an id and is slow to commit, and never keeps one waiting', async () => {
    const slow = new pg.Client({ connectionString: house.ownerUrl });
    await slow.connect();
    let sealing: Promise<number>;
    try {
      await slow.query('BEGIN');
      await slow.query(
        `INSERT INTO audit_events (at, duties, action, subject, facts) VALUES ('2024-12-16', '{}', 'test.slow', 'test', '{}')`,
      );
      // Others go on writing behind it, and are seen at once.
      expect((await events()).length).toBeGreaterThan(0);
      expect(await seals.seal(300)).toBe(0);
      sealing = seals.seal();
      await events();
      await slow.query('COMMIT');
    } finally {
      await slow.end();
    }
    expect(await sealing).toBeGreaterThan(1);
    await seals.seal();
    expect((await seals.verify()).differences).toEqual([]);
    const [missed] = await house.sql<{ count: number }>(
      `SELECT count(*) FROM audit_events e WHERE action = 'test.slow'
         AND EXISTS (SELECT 1 FROM audit_seals WHERE e.id = ANY(row_ids))`,
    );
    expect(missed!.count).toBe(1);
  });

  test('raises an alarm on the pages of board and admin, until it is right again', async () => {
    const cookie = cookieOf(await signIn(house, world.board));
    const alarm = async () => (await callAt(house, 'GET', '/log', { cookie })).text.includes('role="alert"');
    expect(await alarm()).toBe(false);
    await house.sql(`UPDATE audit_events SET subject = 'x' WHERE id = (SELECT min(id) FROM audit_events)`);
    const { body } = await world.admin.get<LogVerification>('/audit/verify');
    expect(body).toMatchObject({ differenceCount: 1, differences: [{ code: 'altered', seal: 1 }] });
    expect(await alarm()).toBe(true);
    await house.sql(`UPDATE audit_events SET subject = 'user' WHERE id = (SELECT min(id) FROM audit_events)`);
    await seals.verify();
    expect([(await seals.verify()).differenceCount, await alarm()]).toEqual([0, false]);
  });
});

describe('privacy.md, point 7: the log of the main job', () => {
  test('says nothing that people told', async () => {
    const all = await house.sql('SELECT * FROM audit_events');
    expect(all.length).toBeGreaterThan(40);
    expect(saidIn(JSON.stringify(all))).toEqual([]);
    const accounts = Object.values(world).flatMap((some) => ('email' in some ? [some.email] : []));
    expect(saidIn(JSON.stringify(all), accounts)).toEqual([]);
  });

  test('has every opening of personal detail, every list, every file, by whom and of what', async () => {
    const { partner } = world;
    expect(await deedsOf('person.opened')).toContainEqual([partner.user.id, job.personId]);
    expect(await deedsOf('case.opened')).toContainEqual([partner.user.id, job.caseId]);
    expect(await deedsOf('request.opened')).toContainEqual([partner.user.id, job.requestId]);
    expect(await deedsOf('attachment.opened')).toEqual([[partner.user.id, job.requestId]]);
    for (const list of ['people.listed', 'cases.listed', 'requests.listed']) {
      expect([list, await deedsOf(list)]).toEqual([list, [[partner.user.id, null]]]);
    }
  });

  test('has who signed in, and who failed to, with no difference to be seen from outside', async () => {
    const { partner } = world;
    const wrong = await signIn(house, { email: partner.email, password: 'x' });
    const nobody = await signIn(house, { email: 'nobody@test.example', password: 'x' });
    expect([wrong.status, wrong.text]).toEqual([nobody.status, nobody.text]);
    await signIn(house, partner);
    const [done, unknown, refused] = (await events('&subject=user')).map(({ action, subjectId }) => [
      action,
      subjectId,
    ]);
    expect([done, unknown, refused]).toEqual([
      ['sign_in.done', partner.user.id],
      ['sign_in.refused', null],
      ['sign_in.refused', partner.user.id],
    ]);
  });

  test('has whoever was refused, and who probed for what is not theirs', async () => {
    expect((await neighbour.get(`/people/${job.personId}`)).status).toBe(404);
    expect((await world.treasurer.get('/people')).status).toBe(403);
    const cookie = cookieOf(await signIn(house, neighbour));
    expect((await callAt(house, 'GET', `/requests/${job.requestId}`, { cookie })).status).toBe(404);
    const noted = (await events('&subject=route')).map(({ action, actorId, subjectId, facts }) => [
      action,
      actorId,
      subjectId,
      facts.route,
    ]);
    expect(noted).toEqual([
      ['access.absent', neighbour.user.id, job.requestId, 'GET /requests/:id'],
      ['access.denied', world.treasurer.user.id, null, 'GET /api/v1/people'],
      ['access.absent', neighbour.user.id, job.personId, 'GET /api/v1/people/:id'],
    ]);
  });
});

describe('privacy.md, point 7: reading the log', () => {
  test('is for board and admin alone, by API and page', async () => {
    for (const path of ['/audit/events', '/audit/verify']) {
      for (const role of ['partner', 'reviewer', 'approver', 'treasurer'] as const)
        expect([path, role, (await world[role].get(path)).status]).toEqual([path, role, 403]);
      for (const role of ['board', 'admin'] as const)
        expect([path, role, (await world[role].get(path)).status]).toEqual([path, role, 200]);
    }
    const cookie = cookieOf(await signIn(house, world.treasurer));
    for (const path of ['/log', '/log/check'])
      expect((await callAt(house, 'GET', path, { cookie })).status).toBe(403);
  });

  test('goes on page by page without a gap, and leaves a line itself', async () => {
    const whole = (await events()).map(({ id }) => id);
    const got: number[] = [];
    let cursor: string | null = String(whole[0]! + 1);
    while (cursor && got.length < whole.length) {
      const { body }: { body: Events } = await world.board.get<Events>(
        `/audit/events?limit=7&cursor=${cursor}`,
      );
      got.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    expect(got.slice(0, whole.length)).toEqual(whole);
    const [line] = await events('&action=log.read');
    expect(line).toMatchObject({ actorId: world.board.user.id, subject: 'log' });
  });

  test('asks by actor, subject, action and day', async () => {
    const { treasurer } = world;
    const byActor = await events(`&actorId=${treasurer.user.id}`);
    expect(new Set(byActor.map(({ actorName }) => actorName))).toEqual(new Set(['treasurer']));
    const bySubject = await events(`&subject=person&subjectId=${job.personId}`);
    expect([...new Set(bySubject.map(({ action }) => action))]).toEqual([
      'person.opened',
      'person.registered',
    ]);
    expect((await events('&from=2024-12-16&to=2024-12-16')).length).toBeGreaterThan(0);
    expect(await events('&from=2024-12-17')).toEqual([]);
    expect(await events('&to=2024-12-15')).toEqual([]);
    const backwards = await world.board.get('/audit/events?from=2024-12-17&to=2024-12-16');
    expect([backwards.status, (await world.board.get('/audit/events?subjectId=x')).status]).toEqual([
      422, 422,
    ]);
  });

  test.each(SUPPORTED)(
    'is a page of sentences in %s, with filters that work without script',
    async (language) => {
      const cookie = cookieOf(await signIn(house, world.board));
      const get = (path: string) => callAt(house, 'GET', path, { cookie, 'accept-language': language });
      const said = { ja: '相談者の内容を見ました', en: 'saw the details of a person' }[language];
      const { status, text } = await get(`/log?subject=person&action=person.opened&from=2024-12-01&to=`);
      expect(status).toBe(200);
      expect(text.split('<tbody')[1]).toContain(said);
      expect(text.split('<tbody')[1]).not.toContain('person.opened');
      const refused = await get('/log?from=x');
      expect([refused.status, refused.text.includes('role="alert"')]).toEqual([422, true]);
      expect((await get('/log/check')).text).toContain(
        { ja: '封をしたとき', en: 'as they were sealed' }[language],
      );
      expect((await get('/log')).text).toContain('cursor=');
    },
  );

  test('has a sentence for everything that the application writes into it', async () => {
    const folder = join(import.meta.dirname, '../../src');
    const files = await readdir(folder, { recursive: true });
    const actions = new Set<string>();
    for (const file of files.filter((name) => /\.tsx?$/.test(name))) {
      const code = await readFile(join(folder, file), 'utf8');
      for (const [, action] of code.matchAll(/\baudit\(\s*'([^']+)'/g)) actions.add(action!);
    }
    for (const { action } of await house.sql<{ action: string }>('SELECT DISTINCT action FROM audit_events'))
      actions.add(action);
    expect(actions.size).toBeGreaterThan(30);
    const silent = [...actions].filter(
      (action) => !SUPPORTED.every((language) => hasWords(`log:did.${action}`, language)),
    );
    expect(silent.filter((action) => !action.startsWith('test.'))).toEqual([]);
  });
});

test('a program may not slip in a line as somebody else, or seal', async () => {
  const forged = `INSERT INTO audit_events (at, actor_id, duties, action, subject, facts)
                  VALUES (now(), $1, '{}', 'person.opened', 'person', '{}')`;
  await expect(house.sqlAs(world.partner.actor, forged, [world.admin.user.id])).rejects.toMatchObject({
    code: '42501',
  });
  for (const { actor } of [world.partner, world.admin, world.board]) {
    const seal = `INSERT INTO audit_seals VALUES (999, 1, 1, 1, '{1}', '{x}', 'x', 'x', now())`;
    await expect(house.sqlAs(actor, seal)).rejects.toMatchObject({ code: '42501' });
  }
  expect(
    (await callAt(house, 'POST', '/api/v1/audit/events', { ...JSON_TYPE, origin: house.url }, '{}')).status,
  ).toBe(404);
});
