import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasWords } from '../../src/web/words.js';
import { laterBy, setUpFactor } from '../factor.js';
import { given, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { authenticator, type CreationOptions } from '../passkey.js';
import { callAt, cookieOf, JSON_TYPE, signIn, type Reply } from './calls.js';

let house: House;
let world: Given;
let lead: Somebody;
let colleague: Somebody;
/** Of the network, though they belong to the lead's organisation. */
let member: Somebody;
let elsewhere: Somebody;

beforeAll(async () => {
  house = await openHouse({ secondFactor: true });
  world = await given(house);
  lead = await house.somebody('lead', ['lead'], world.organisation.id);
  colleague = await house.somebody('colleague', ['caseworker'], world.organisation.id);
  member = await house.somebody('member', ['approver'], world.organisation.id);
  elsewhere = await house.somebody('elsewhere', ['caseworker'], (await world.anotherOrganisation()).id);
});
afterAll(() => house.close());

interface User {
  id: string;
  email: string;
  name: string;
  roles: string[];
  organisationId: string | null;
  active: boolean;
}

const patch = (who: Somebody, id: string, change: object) => who.send<User>('PATCH', `/users/${id}`, change);
const newUser = (more: object = {}) => ({
  email: `${randomUUID()}@test.example`,
  name: '新しい人',
  roles: ['caseworker'],
  ...more,
});
const rolesOf = async ({ user }: Somebody): Promise<string[]> =>
  (await house.sql<{ roles: string[] }>('SELECT roles FROM users WHERE id = $1', [user.id]))[0]!.roles;

describe('privacy.md, point 10: accounts: a lead', () => {
  test('sees and manages caseworkers and leads of the own organisation, and nobody else', async () => {
    const { body } = await lead.get<{ items: User[] }>('/users?limit=200');
    expect(body.items.map(({ id }) => id).sort()).toEqual(
      [lead, colleague, world.partner].map(({ user }) => user.id).sort(),
    );
    expect((await patch(lead, colleague.user.id, { name: '同僚' })).body.name).toBe('同僚');
    expect((await patch(lead, colleague.user.id, { roles: ['lead'] })).body.roles).toEqual(['lead']);
    expect((await patch(lead, colleague.user.id, { roles: ['caseworker'] })).status).toBe(200);
    expect((await lead.post(`/users/${colleague.user.id}/reset`, {})).status).toBe(200);
  });

  test('is told of anybody else what is told of an id that nobody has, and changes nothing', async () => {
    const attempts = (id: string) => [
      patch(lead, id, { name: 'x' }),
      patch(lead, id, { active: false, successorId: lead.user.id }),
      patch(lead, id, { roles: ['caseworker'] }),
      lead.post(`/users/${id}/reset`, {}),
    ];
    const nobodys = await Promise.all(attempts(randomUUID()));
    expect(nobodys.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    for (const other of [member, elsewhere, world.admin, world.treasurer]) {
      const before = await house.sql('SELECT * FROM users WHERE id = $1', [other.user.id]);
      expect(await Promise.all(attempts(other.user.id))).toEqual(nobodys);
      expect(await house.sql('SELECT * FROM users WHERE id = $1', [other.user.id])).toEqual(before);
    }
    expect((await lead.post(`/users/${colleague.user.id}/second-factor/reset`, {})).status).toBe(403);
  });

  test('invites to the own organisation, as caseworker or lead', async () => {
    const invited = await lead.post<User & { invitationUrl: string }>('/users', newUser({ roles: ['lead'] }));
    expect([invited.status, invited.body.organisationId]).toEqual([201, world.organisation.id]);
    expect(invited.body.invitationUrl).toContain('/welcome/');
    const refused = async (more: object) => {
      const { status, body } = await lead.post<{ errors: { path: string; code: string }[] }>(
        '/users',
        newUser(more),
      );
      return [status, body.errors?.map(({ path, code }) => [path, code])];
    };
    expect(await refused({ roles: ['approver'] })).toEqual([422, [['roles', 'choice']]]);
    expect(await refused({ roles: ['admin'], organisationId: world.organisation.id })).toEqual([
      422,
      [['roles', 'choice']],
    ]);
    expect(await refused({ organisationId: elsewhere.user.organisationId })).toEqual([
      422,
      [['organisationId', 'choice']],
    ]);
    // An organisation that nobody has is refused in the same words.
    expect(await refused({ organisationId: randomUUID() })).toEqual([422, [['organisationId', 'choice']]]);
    expect((await patch(lead, colleague.user.id, { roles: ['treasurer'] })).status).toBe(422);
    expect(await rolesOf(colleague)).toEqual(['caseworker']);
  });

  test('is not what a caseworker is', async () => {
    expect((await colleague.get('/users')).status).toBe(403);
    expect((await colleague.post('/users', newUser())).status).toBe(403);
    expect((await patch(colleague, world.partner.user.id, { name: 'x' })).status).toBe(403);
  });
});

const asGate = () => ({ ...lead.actor, duties: ['gate' as const] });
const touched = async (actor: Somebody['actor'], sql: string, parameters: unknown[]): Promise<number> =>
  (await house.sqlAs(actor, `${sql} RETURNING 1`, parameters)).length;

describe('privacy.md, point 10: accounts: a lead by SQL', () => {
  test('changes accounts of the own organisation alone, also at the gate', async () => {
    for (const actor of [lead.actor, asGate()]) {
      const rename = (id: string) => touched(actor, `UPDATE users SET name = 'x' WHERE id = $1`, [id]);
      expect(await rename(colleague.user.id)).toBe(1);
      for (const other of [member, elsewhere, world.admin]) expect(await rename(other.user.id)).toBe(0);
      const promote = house.sqlAs(actor, `UPDATE users SET roles = '{approver}' WHERE id = $1`, [
        colleague.user.id,
      ]);
      await expect(promote).rejects.toMatchObject({ code: '42501' });
      const insert = (roles: string, organisationId: string | null) =>
        house.sqlAs(
          actor,
          `INSERT INTO users (id, email, name, roles, organisation_id, created_at)
           VALUES (gen_random_uuid(), $1, 'x', $2, $3, now())`,
          [`${randomUUID()}@test.example`, `{${roles}}`, organisationId],
        );
      await insert('caseworker', world.organisation.id);
      for (const [roles, organisationId] of [
        ['caseworker', elsewhere.user.organisationId],
        ['approver', world.organisation.id],
        ['admin', null],
      ] as const)
        await expect(insert(roles, organisationId)).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('reaches at the gate no session, key, link, password or factor of anybody else', async () => {
    await signIn(house, elsewhere);
    await signIn(house, colleague);
    await setUpFactor(house, elsewhere);
    for (const table of ['sessions', 'api_keys', 'credentials', 'second_factors', 'recovery_codes']) {
      const rows = await house.sqlAs<{ user_id: string }>(asGate(), `SELECT user_id FROM ${table}`);
      const owners = await house.sql<{ id: string }>('SELECT id FROM users WHERE organisation_id = $1', [
        world.organisation.id,
      ]);
      const strangers = rows.filter(({ user_id: owner }) => !owners.some(({ id }) => id === owner));
      expect([table, strangers]).toEqual([table, []]);
      expect(
        (await house.sql(`SELECT 1 FROM ${table} WHERE user_id = $1`, [elsewhere.user.id])).length,
      ).toBeGreaterThan(0);
    }
    const link = (id: string) =>
      house.sqlAs(
        asGate(),
        `INSERT INTO one_time_links (token_digest, user_id, created_at, expires_at)
         VALUES (sha256($1::text::bytea), $2, now(), now())`,
        [randomUUID(), id],
      );
    await link(colleague.user.id);
    for (const other of [member, elsewhere, world.admin])
      await expect(link(other.user.id)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('privacy.md, point 10: accounts: nobody', () => {
  test('changes the own roles, whatever they are, and PostgreSQL says so too', async () => {
    for (const [who, roles] of [
      [world.admin, ['admin', 'approver']],
      [lead, ['caseworker', 'lead']],
    ] as const) {
      const before = await rolesOf(who);
      const refused = await who.send<{ code: string }>('PATCH', `/users/${who.user.id}`, { roles });
      expect([refused.status, refused.body.code]).toEqual([409, 'user.own_roles']);
      // The same roles again are no change.
      expect((await patch(who, who.user.id, { roles: before, name: '本人' })).status).toBe(200);
      const sql = 'UPDATE users SET roles = $2 WHERE id = $1';
      for (const actor of [who.actor, { ...who.actor, duties: ['gate' as const] }])
        await expect(house.sqlAs(actor, sql, [who.user.id, roles])).rejects.toMatchObject({ code: '23514' });
      expect(await rolesOf(who)).toEqual(before);
    }
  });

  test('is the last administrator to go, also when two go at once', async () => {
    const admins = [world.admin, await house.somebody('second', ['admin'])];
    const replies = await Promise.all(admins.map((who) => patch(who, who.user.id, { active: false })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    await house.sql('UPDATE users SET active = true WHERE id = ANY($1)', [admins.map(({ user }) => user.id)]);
  });
});

describe('privacy.md, point 10: accounts: a lost second factor', () => {
  test('is helped by an administrator, in a fresh session and never one’s own, and ends the sessions', async () => {
    const admin = await house.somebody('helper', ['admin']);
    const own = await setUpFactor(house, admin);
    const reviewer = await house.somebody('lost', ['reviewer']);
    const cookie = cookieOf(await signIn(house, reviewer));
    const call = (path: string, at: string, body: object = {}) =>
      callAt(
        house,
        'POST',
        `/api/v1${path}`,
        { ...JSON_TYPE, origin: house.url, cookie: at },
        JSON.stringify(body),
      );
    const options = (await call('/passkeys/options', cookie)).body as unknown as CreationOptions;
    await call('/passkeys', cookie, { name: 'x', answer: authenticator(house.url).create(options) });
    const { email, password } = admin;
    const session = JSON.stringify({ email, password, otp: own.code() });
    const entered = await callAt(
      house,
      'POST',
      '/api/v1/session',
      { ...JSON_TYPE, origin: house.url },
      session,
    );
    const adminCookie = cookieOf(entered);
    const reset = (id: string) => call(`/users/${id}/second-factor/reset`, adminCookie);
    const mine = await reset(admin.user.id);
    expect([mine.status, mine.body.code]).toEqual([409, 'factor.own']);
    expect((await reset(randomUUID())).status).toBe(404);
    laterBy(house, 11 * 60);
    expect((await reset(reviewer.user.id)).body.code).toBe('factor.stale');
    await call('/session/second-factor', adminCookie, { otp: own.code() });
    expect((await reset(reviewer.user.id)).status).toBe(204);
    expect((await callAt(house, 'GET', '/api/v1/me', { cookie })).status).toBe(401);
    for (const table of ['passkeys', 'second_factors', 'recovery_codes'])
      expect(await house.sql(`SELECT 1 FROM ${table} WHERE user_id = $1`, [reviewer.user.id])).toEqual([]);
    const again = await signIn(house, reviewer);
    expect((await callAt(house, 'GET', '/api/v1/me', { cookie: cookieOf(again) })).body.code).toBe(
      'factor.missing',
    );
    const lines = await house.sql(
      `SELECT actor_id FROM audit_events WHERE action = 'factor.reset' AND subject_id = $1`,
      [reviewer.user.id],
    );
    expect(lines).toEqual([{ actor_id: admin.user.id }]);
  });
});

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const get = (path: string, cookie: string): Promise<Reply<null>> =>
  callAt<null>(house, 'GET', path, { cookie });
const post = (path: string, fields: Record<string, string>, cookie: string): Promise<Reply<null>> =>
  callAt<null>(house, 'POST', path, { ...FORM, origin: house.url, cookie }, `${new URLSearchParams(fields)}`);
const placeOf = ({ status, headers }: Reply<null>) => [status, headers.get('location')];

describe('the page of users', () => {
  let asLead: string;
  let asAdmin: string;
  beforeAll(async () => {
    asLead = cookieOf(await signIn(house, lead));
    const admin = await house.somebody('page', ['admin']);
    const { code } = await setUpFactor(house, admin);
    const body = JSON.stringify({ email: admin.email, password: admin.password, otp: code() });
    asAdmin = cookieOf(
      await callAt(house, 'POST', '/api/v1/session', { ...JSON_TYPE, origin: house.url }, body),
    );
  });

  test('is searched by name or address, role and state, and neither stands in an address or in the log', async () => {
    const search = async (fields: Record<string, string>) => {
      const { status, text } = await post('/users/search', fields, asAdmin);
      return [status, [colleague, elsewhere, member].map(({ user }) => text.includes(user.id))];
    };
    expect(await search({ text: colleague.email.toUpperCase() })).toEqual([200, [true, false, false]]);
    expect(await search({ text: 'ＭＥＭＢＥＲ' })).toEqual([200, [false, false, true]]);
    expect(await search({ role: 'approver', active: 'true' })).toEqual([200, [false, false, true]]);
    expect(await search({ active: 'false' })).toEqual([200, [false, false, false]]);
    const odd = await post('/users/search', { text: 'x'.repeat(200) }, asAdmin);
    expect([odd.status, odd.text.includes('x'.repeat(200))]).toEqual([422, true]);
    const lines = await house.sql<{ facts: object }>(
      `SELECT facts FROM audit_events WHERE action = 'users.listed'`,
    );
    expect(lines.length).toBeGreaterThan(3);
    expect(JSON.stringify(lines)).not.toContain('member');
  });

  test('invites: the link is shown once, the same form makes one account, and a refused one comes back', async () => {
    const page = await get('/users/new', asLead);
    const [, idempotencyKey] = /name="idempotencyKey" value="([^"]+)"/.exec(page.text)!;
    expect([page.text.includes('value="lead"'), page.text.includes('value="approver"')]).toEqual([
      true,
      false,
    ]);
    const fields = { idempotencyKey: idempotencyKey!, name: '山田 花', roles: 'caseworker' };
    const refused = await post('/users', { ...fields, email: 'no address' }, asLead);
    expect([refused.status, refused.text.includes('value="山田 花"')]).toEqual([422, true]);
    const email = `${randomUUID()}@test.example`;
    const links = [
      await post('/users', { ...fields, email }, asLead),
      await post('/users', { ...fields, email }, asLead),
    ];
    const [first, second] = links.map(({ text }) => /http\S+\/welcome\/[\w-]+/.exec(text)![0]);
    expect(second).toBe(first);
    expect(await house.sql('SELECT 1 FROM users WHERE email = $1', [email])).toHaveLength(1);
    const taken = await post('/users', { ...fields, email, idempotencyKey: randomUUID() }, asLead);
    expect([taken.status, taken.text.includes('アカウントがもうあります')]).toEqual([409, true]);
    expect((await get('/users', asLead)).text).not.toContain('/welcome/');
  });

  test('changes, ends with a colleague who takes over, and restores', async () => {
    const leaver = await house.somebody('leaver', ['caseworker'], world.organisation.id);
    const draft = await world.draftRequest(undefined, leaver);
    const path = `/users/${leaver.user.id}`;
    const page = await get(path, asLead);
    expect(page.text).toContain(`value="${colleague.user.id}"`);
    expect(page.text).not.toContain(`${path}/second-factor`);
    expect(placeOf(await post(path, { name: '名前', roles: 'lead' }, asLead))).toEqual([
      303,
      `${path}?done=users.changed`,
    ]);
    const none = await post(path, { name: '名前' }, asLead);
    expect(none.status).toBe(422);
    const unchosen = await post(`${path}/end`, { successorId: '' }, asLead);
    expect([unchosen.status, unchosen.text.includes('下書きを引きつぐ人')]).toEqual([422, true]);
    expect((await post(`${path}/end`, { successorId: elsewhere.user.id }, asLead)).status).toBe(422);
    expect(placeOf(await post(`${path}/end`, { successorId: colleague.user.id }, asLead))).toEqual([
      303,
      `${path}?done=users.ended`,
    ]);
    expect((await leaver.get('/me')).status).toBe(401);
    const [row] = await house.sql('SELECT created_by FROM grant_requests WHERE id = $1', [draft.id]);
    expect(row!.created_by).toBe(colleague.user.id);
    expect(placeOf(await post(`${path}/restore`, {}, asLead))).toEqual([303, `${path}?done=users.restored`]);
    const link = await post(`${path}/link`, {}, asLead);
    expect([link.status, /\/welcome\/[\w-]{43}/.test(link.text)]).toEqual([200, true]);
  });

  test('offers on the own account neither roles nor an end, and to an administrator help with the factor', async () => {
    const own = await get(`/users/${lead.user.id}`, asLead);
    expect([own.text.includes('name="roles"'), own.text.includes('/end"')]).toEqual([false, false]);
    const path = `/users/${world.reviewer.user.id}`;
    expect((await get(path, asAdmin)).text).toContain(`${path}/second-factor`);
    expect(placeOf(await post(`${path}/second-factor`, {}, asAdmin))).toEqual([
      303,
      `${path}?done=users.factor`,
    ]);
    for (const verb of ['', '/link', '/end', '/restore'])
      expect(
        (await post(`/users/${elsewhere.user.id}${verb}`, { name: 'x', roles: 'lead' }, asLead)).status,
      ).toBe(404);
    expect((await get(`/users/${elsewhere.user.id}`, asLead)).status).toBe(404);
  });
});

const actions = async (userId: string) =>
  (
    await house.sql<{ action: string }>('SELECT action FROM audit_events WHERE actor_id = $1 ORDER BY id', [
      userId,
    ])
  ).map(({ action }) => action);

const count = async () =>
  (await house.sql(`SELECT 1 FROM audit_events WHERE action IN ('access.signed_out', 'api_key.refused')`))
    .length;

describe('privacy.md, point 7: log: of accounts', () => {
  test('signing out leaves a line, and so do lists of users and organisations', async () => {
    const admin = await house.somebody('logged', ['admin']);
    await admin.get('/users');
    await admin.get('/organisations');
    const reader = await house.somebody('reader', ['caseworker'], world.organisation.id);
    const cookie = cookieOf(await signIn(house, reader));
    await callAt(house, 'DELETE', '/api/v1/session', { cookie, origin: house.url });
    expect(await actions(admin.user.id)).toEqual(['users.listed', 'organisations.listed']);
    expect(await actions(reader.user.id)).toEqual(['sign_in.done', 'session.signed_out']);
  });

  test('a refused key leaves its id when it was one of ours, and never itself', async () => {
    const board = await house.somebody('keyed', ['board']);
    const [key] = (await board.get<{ items: { id: string }[] }>('/api-keys')).body.items;
    await board.send('DELETE', `/api-keys/${key!.id}`, {});
    expect((await board.get('/me')).status).toBe(401);
    const unknown = { authorization: 'Bearer sasae_not-a-key-of-ours' };
    expect((await callAt(house, 'GET', '/api/v1/me', unknown)).status).toBe(401);
    const lines = await house.sql<{ subject_id: string | null; facts: Record<string, unknown> }>(
      `SELECT subject_id, facts FROM audit_events WHERE action = 'api_key.refused' ORDER BY id DESC LIMIT 2`,
    );
    expect(lines.map(({ subject_id: id, facts }) => [id, facts.keyId, facts.route])).toEqual([
      [null, undefined, 'GET /api/v1/me'],
      [board.user.id, key!.id, 'GET /api/v1/me'],
    ]);
    expect(JSON.stringify(lines)).not.toContain('not-a-key');
  });

  test('asking without a session leaves lines, but does not fill the table', async () => {
    const before = await count();
    await Promise.all(Array.from({ length: 40 }, () => get('/payments', '')));
    const written = (await count()) - before;
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(10);
    expect((await get('/sign-in', '')).status).toBe(200);
  });

  test('every action of accounts has words', async () => {
    const lines = await house.sql<{ action: string }>('SELECT DISTINCT action FROM audit_events');
    const wordless = lines.filter(({ action }) => !hasWords(`log:did.${action}`, 'ja'));
    expect(wordless).toEqual([]);
  });
});
