import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UsersService } from '../../src/access/index.js';
import type { Problem } from '../../src/web/errors.filter.js';
import { given, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { bearer, callAt, cookieOf, faultsOf, JSON_TYPE, signIn } from './calls.js';

let house: House;
let world: Given;
const others: House[] = [];

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
});
afterAll(async () => {
  for (const other of others) await other.close();
  await house.close();
});

/** Another house beside the one that all share. */
async function openAnother(options: Parameters<typeof openHouse>[0] = {}): Promise<House> {
  const other = await openHouse(options);
  others.push(other);
  return other;
}

const call = <T = Problem>(method: string, path: string, headers?: Record<string, string>, body?: string) =>
  callAt<T>(house, method, path, headers, body);

const NEW_USER = (email: string) => ({ email, name: '誰か', roles: ['reviewer'] });

describe('signing in', () => {
  test('puts a session into a cookie that no script reads and no other site sends', async () => {
    const { email, password } = world.partner;
    const reply = await signIn(house, { email, password });
    expect(reply.status).toBe(204);
    const [session, ...flags] = reply.headers.get('set-cookie')!.split('; ');
    expect(session).toMatch(/^sasae_session=[\w-]{43}$/);
    expect(flags.sort()).toEqual(['HttpOnly', 'Max-Age=1209600', 'Path=/', 'SameSite=Lax']);
    const me = await call<{ email: string }>('GET', '/api/v1/me', { cookie: session! });
    expect([me.status, me.body.email]).toEqual([200, email]);
  });

  test('keeps of the session, the key and the password nothing that could be used again', async () => {
    const { email, password, key } = world.partner;
    const token = cookieOf(await signIn(house, { email, password })).split('=')[1]!;
    const rows = await house.sql('SELECT * FROM sessions, api_keys, credentials');
    const stored = JSON.stringify(rows, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    for (const secret of [token, key, key.replace('sasae_', ''), password])
      expect(stored).not.toContain(secret);
    expect(stored).toContain('$argon2id$');
  });

  test('does not tell whether the password or the account is wrong', async () => {
    const { email } = world.partner;
    const { admin } = world;
    const gone = await house.somebody('gone', ['reviewer']);
    await admin.send('PATCH', `/users/${gone.user.id}`, { active: false });
    const replies = [
      await signIn(house, { email, password: 'a wrong password' }),
      await signIn(house, { email: 'nobody@test.example', password: 'a wrong password' }),
      await signIn(house, gone),
    ];
    const shown = replies.map(({ status, text, headers }) => ({
      status,
      text,
      headers: [...headers.keys()].sort(),
      cookie: headers.get('set-cookie'),
    }));
    expect(shown[0]).toMatchObject({ status: 401, cookie: null });
    expect(shown[0]!.text).toContain('sign_in.refused');
    expect(shown[1]).toEqual(shown[0]);
    expect(shown[2]).toEqual(shown[0]);
  });

  test('takes an address in capitals, and nothing else than the password as it is', async () => {
    const { email, password } = world.partner;
    expect((await signIn(house, { email: email.toUpperCase(), password })).status).toBe(204);
    expect((await signIn(house, { email, password: ` ${password}` })).status).toBe(401);
    expect((await signIn(house, { email, password: password.toUpperCase() })).status).toBe(401);
  });

  test('leaves a line in the log, whether it was done or refused', async () => {
    const { email, password, user } = world.reviewer;
    await signIn(house, { email, password: 'a wrong password' });
    await signIn(house, { email, password });
    expect(
      await house.sql(
        `SELECT action FROM audit_events WHERE subject_id = $1 AND action LIKE 'sign_in.%' ORDER BY id`,
        [user.id],
      ),
    ).toEqual([{ action: 'sign_in.refused' }, { action: 'sign_in.done' }]);
  });

  test('over https counts failures by the address that the proxy saw, whatever a client claims before it', async () => {
    const secure = await openAnother({ settings: { PUBLIC_URL: 'https://sasae.example' } });
    const { email } = await secure.somebody('counted', ['reviewer']);
    const origin = 'https://sasae.example';
    for (const claimed of ['198.51.100.1', '198.51.100.2'])
      await signIn(
        secure,
        { email, password: 'wrong' },
        { origin, 'x-forwarded-for': `${claimed}, 203.0.113.9` },
      );
    // One counter for the account, and one for the address.
    expect(await secure.sql('SELECT DISTINCT counter FROM attempts')).toHaveLength(2);
  });

  test('in the demo alone asks for no second factor, of nobody', async () => {
    for (const who of [world.admin, world.treasurer, world.board]) {
      const cookie = cookieOf(await signIn(house, who));
      expect((await call('GET', '/api/v1/me', { cookie })).status).toBe(200);
    }
  });

  test('over https gives a cookie that only https carries, and says so for the whole site', async () => {
    const secure = await openAnother({ settings: { PUBLIC_URL: 'https://sasae.example' } });
    const { email, password } = await secure.somebody('secure', ['reviewer']);
    const own = await signIn(secure, { email, password }, { origin: 'https://sasae.example' });
    expect(own.status).toBe(204);
    expect(own.headers.get('set-cookie')!.split('; ')).toContain('Secure');
    expect(own.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
    // The address at which the process listens is not the one that people use.
    expect((await signIn(secure, { email, password }, { origin: secure.url })).status).toBe(403);
  });

  test('ends with signing out, for the cookie and not for other sessions', async () => {
    const { email, password } = world.partner;
    const [one, other] = [
      await signIn(house, { email, password }),
      await signIn(house, { email, password }),
    ].map(cookieOf);
    const out = await call('DELETE', '/api/v1/session', { cookie: one!, origin: house.url });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^sasae_session=;/);
    expect((await call('GET', '/api/v1/me', { cookie: one! })).status).toBe(401);
    expect((await call('GET', '/api/v1/me', { cookie: other! })).status).toBe(200);
  });

  test('ends by itself after fourteen days', async () => {
    const { email, password } = world.partner;
    house.clock.set('2024-12-16T18:00:00+09:00');
    const cookie = cookieOf(await signIn(house, { email, password }));
    const stillIn = async () => (await call('GET', '/api/v1/me', { cookie })).status === 200;
    house.clock.set('2024-12-30T17:59:59+09:00');
    expect(await stillIn()).toBe(true);
    house.clock.set('2024-12-30T18:00:00+09:00');
    expect(await stillIn()).toBe(false);
    house.clock.set('2024-12-16T18:00:00+09:00');
  });

  test('ends for sessions and keys when an administrator closes the account', async () => {
    const leaver = await house.somebody('leaver', ['reviewer']);
    const cookie = cookieOf(await signIn(house, leaver));
    const { status } = await world.admin.send('PATCH', `/users/${leaver.user.id}`, { active: false });
    expect(status).toBe(200);
    expect((await call('GET', '/api/v1/me', { cookie })).status).toBe(401);
    expect((await leaver.get('/me')).status).toBe(401);
  });
});

describe('a browser’s request that changes something', () => {
  const OWN_VENDOR = JSON.stringify({ name: '大家', kind: 'landlord' });
  const addVendor = (headers: Record<string, string>) =>
    call('POST', '/api/v1/vendors', { ...JSON_TYPE, ...headers }, OWN_VENDOR);
  let cookie: string;
  beforeAll(async () => {
    cookie = cookieOf(await signIn(house, world.partner));
  });

  test('comes from our own pages', async () => {
    expect((await addVendor({ cookie, origin: house.url })).status).toBe(201);
    expect((await addVendor({ cookie, referer: `${house.url}/requests` })).status).toBe(201);
  });

  test.each<[string, Record<string, string>]>([
    ['nowhere', {}],
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['a site whose name begins as ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['another site’s page', { referer: 'https://evil.example/' }],
    [
      'another site with a password in the address',
      { origin: 'https://evil.example', authorization: 'Basic eDp5' },
    ],
  ])('is refused when it comes from %s', async (_, from) => {
    const reply = await addVendor({ cookie, ...from });
    expect([reply.status, reply.body.code]).toEqual([403, 'origin.mismatch']);
  });

  test('needs no origin with a key: a program has no cookie that somebody could ride on', async () => {
    expect((await addVendor(bearer(world.partner))).status).toBe(201);
  });

  test('may read from anywhere', async () => {
    expect((await call('GET', '/api/v1/me', { cookie, origin: 'https://evil.example' })).status).toBe(200);
  });

  test('may not sign somebody in from another site', async () => {
    const { email, password } = world.partner;
    expect((await signIn(house, { email, password }, { origin: 'https://evil.example' })).status).toBe(403);
  });
});

const invite = async (email: string): Promise<string> =>
  (await world.admin.post<{ invitationUrl: string }>('/users', NEW_USER(email))).body.invitationUrl;

describe('a one-time link', () => {
  const PASSWORD = '朝ごはんは味噌汁とおにぎり';
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const choose = (link: string, password: string, at: House = house) =>
    callAt(
      at,
      'POST',
      new URL(link).pathname,
      { ...form, origin: at.url },
      `${new URLSearchParams({ password })}`,
    );

  test('lets the first administrator in, once, and nobody makes a second first one', async () => {
    const empty = await openAnother();
    const users = empty.app.get(UsersService);
    const links = await Promise.all(
      ['First@test.example', 'second@test.example'].map((address) => users.linkForFirstAdmin(address)),
    );
    expect(links.filter((one) => one !== null)).toHaveLength(1);
    expect(await users.linkForFirstAdmin('third@test.example')).toBeNull();
    const [first] = await empty.sql<{ email: string }>('SELECT email FROM users');
    // A start that was killed before anybody read the link gives another one.
    const link = await users.linkForFirstAdmin(first!.email);
    const page = await callAt(empty, 'GET', new URL(link!).pathname);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const chosen = await choose(link!, PASSWORD, empty);
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, '/']);
    const me = await callAt<{ roles: string[] }>(empty, 'GET', '/api/v1/me', { cookie: cookieOf(chosen) });
    expect(me.body.roles).toEqual(['admin']);
    expect((await choose(link!, 'another long password', empty)).status).toBe(409);
    const [user] = await empty.sql<{ email: string }>('SELECT email FROM users');
    const { email } = user!;
    expect(email).toBe(email.toLowerCase());
    expect((await signIn(empty, { email, password: PASSWORD })).status).toBe(204);
  });

  test('of an invitation lets the new user choose a password and come in', async () => {
    const link = await invite('invited@test.example');
    expect((await signIn(house, { email: 'invited@test.example', password: PASSWORD })).status).toBe(401);
    const chosen = await choose(link, PASSWORD);
    expect(chosen.status).toBe(303);
    expect(chosen.headers.get('set-cookie')).toMatch(/HttpOnly/);
    expect((await signIn(house, { email: 'invited@test.example', password: PASSWORD })).status).toBe(204);
  });

  test('is good until it is used, and then never again, also for two at once', async () => {
    const link = await invite('racing@test.example');
    const short = await choose(link, 'too short');
    expect([short.status, short.text.includes('name="password"')]).toEqual([422, true]);
    const both = await Promise.all([choose(link, PASSWORD), choose(link, 'somebody else was here')]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
  });

  test('ends after three days', async () => {
    house.clock.set('2024-12-16T18:00:00+09:00');
    const [one, other] = [await invite('late@test.example'), await invite('later@test.example')];
    house.clock.set('2024-12-19T17:59:59+09:00');
    expect((await choose(one, PASSWORD)).status).toBe(303);
    house.clock.set('2024-12-19T18:00:00+09:00');
    expect((await choose(other, PASSWORD)).status).toBe(409);
    house.clock.set('2024-12-16T18:00:00+09:00');
  });

  test('that nobody made, and one sent from another site, let nobody in', async () => {
    const made = await invite('safe@test.example');
    expect((await choose(`${house.url}/welcome/${'x'.repeat(43)}`, PASSWORD)).status).toBe(409);
    const body = new URLSearchParams({ password: PASSWORD }).toString();
    const forged = await call(
      'POST',
      new URL(made).pathname,
      { ...form, origin: 'https://evil.example' },
      body,
    );
    expect(forged.status).toBe(403);
  });

  test('is not stored in a way that could be used', async () => {
    const link = await invite('stored@test.example');
    const token = link.split('/').at(-1)!;
    const rows = await house.sql('SELECT token_digest FROM one_time_links');
    expect(
      rows.some(({ token_digest: digest }) => (digest as Buffer).toString('latin1').includes(token)),
    ).toBe(false);
  });
});

describe('inviting', () => {
  test.each([
    [{ roles: ['caseworker', 'approver'] }, ['roles', 'rolesMixed']],
    [{ roles: ['caseworker'] }, ['organisationId', 'required']],
    [{ roles: [] }, ['roles', 'listEmpty']],
    [{ roles: ['king'] }, ['roles', 'choice']],
    [{ email: 'no address' }, ['email', 'email']],
    [{ organisationId: randomUUID() }, ['organisationId', 'choice']],
  ])('with %j is refused at its place', async (more, fault) => {
    const body = { ...NEW_USER(`${randomUUID()}@test.example`), ...more };
    const headers = { ...bearer(world.admin), ...JSON_TYPE };
    const reply = await call('POST', '/api/v1/users', headers, JSON.stringify(body));
    expect([reply.status, faultsOf(reply)]).toEqual([422, [fault]]);
  });
});
