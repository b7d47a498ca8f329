import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { laterBy, setUpFactor } from '../factor.js';
import { given, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { authenticator, type Authenticator, type CreationOptions, type RequestOptions } from '../passkey.js';
import { bearer, callAt, cookieOf, JSON_TYPE, signIn, type Reply } from './calls.js';

let house: House;
let world: Given;
let site: string;

beforeAll(async () => {
  house = await openHouse({ secondFactor: true });
  world = await given(house);
  site = house.url;
});
afterAll(() => house.close());

const post = <T = { code: string }>(path: string, cookie = '', body: object = {}): Promise<Reply<T>> =>
  callAt<T>(
    house,
    'POST',
    `/api/v1${path}`,
    { ...JSON_TYPE, origin: house.url, cookie },
    JSON.stringify(body),
  );
const me = (cookie: string) => callAt(house, 'GET', '/api/v1/me', { cookie });
const told = ({ status, body }: Reply<{ code: string }>) => [status, body?.code];

const REFUSED = [401, 'passkey.refused'];
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

interface Holder extends Somebody {
  device: Authenticator;
  cookie: string;
  recoveryCodes: string[];
}

/** Somebody who added a passkey, in a session that has shown it. */
async function holder(role: 'reviewer' | 'treasurer' | 'admin' = 'reviewer', counter = 0): Promise<Holder> {
  const somebody = await house.somebody('holder', [role]);
  const cookie = cookieOf(await signIn(house, somebody));
  const device = authenticator(site);
  const { body } = await post<CreationOptions>('/passkeys/options', cookie);
  const added = await post<{ recoveryCodes: string[] }>('/passkeys', cookie, {
    name: '仕事のパソコン',
    answer: device.create(body, { counter }),
  });
  expect(added.status).toBe(201);
  return { ...somebody, device, cookie, recoveryCodes: added.body.recoveryCodes };
}

const askedToSignIn = async (): Promise<RequestOptions> =>
  (await post<RequestOptions>('/session/passkey/options')).body;
const askedToConfirm = async (cookie: string): Promise<RequestOptions> =>
  (await post<RequestOptions>('/session/second-factor/options', cookie)).body;
const askedToAdd = async (cookie: string): Promise<CreationOptions> =>
  (await post<CreationOptions>('/passkeys/options', cookie)).body;
const add = async (cookie: string, answer: string): Promise<number> =>
  (await post('/passkeys', cookie, { name: 'x', answer })).status;
const signInWith = (answer: string) => post('/session/passkey', '', { answer });
const confirmWith = (cookie: string, otp: string) => post('/session/second-factor', cookie, { otp });

const lastLines = (count: number): Promise<{ action: string; actor_id: string | null }[]> =>
  house.sql(
    `SELECT action, actor_id FROM (SELECT * FROM audit_events ORDER BY id DESC LIMIT $1) e ORDER BY id`,
    [count],
  );

describe('privacy.md, point 10: accounts: a passkey', () => {
  test('may be the only second factor, and comes with recovery codes', async () => {
    const { user, email, password, cookie, recoveryCodes } = await holder();
    expect(recoveryCodes).toHaveLength(10);
    expect((await me(cookie)).status).toBe(200);
    const half = await signIn(house, { email, password });
    expect(half.body.code).toBe('factor.needed');
    const whole = await callAt(
      house,
      'POST',
      '/api/v1/session',
      { ...JSON_TYPE, origin: house.url },
      JSON.stringify({ email, password, otp: recoveryCodes[0] }),
    );
    expect(whole.status).toBe(204);
    expect(
      await house.sql(`SELECT action FROM audit_events WHERE subject_id = $1 AND action LIKE 'passkey.%'`, [
        user.id,
      ]),
    ).toEqual([{ action: 'passkey.added' }]);
  });

  test('signs in without a password, and has shown the second factor then', async () => {
    const { device, user } = await holder('admin');
    const reply = await signInWith(device.get(await askedToSignIn()));
    expect(reply.status).toBe(204);
    const cookie = cookieOf(reply);
    expect((await me(cookie)).status).toBe(200);
    expect(await lastLines(1)).toEqual([{ action: 'sign_in.done', actor_id: user.id }]);
    // And what needs a fresh one goes on.
    const changed = await callAt(
      house,
      'PATCH',
      `/api/v1/users/${world.board.user.id}`,
      { ...JSON_TYPE, origin: house.url, cookie },
      JSON.stringify({ name: '理事' }),
    );
    expect(changed.status).toBe(200);
  });

  test('counts after the password, and before what matters, also where its device knows no user', async () => {
    const { device, email, password } = await holder('admin');
    const entered = await callAt<null>(
      house,
      'POST',
      '/sign-in',
      { ...FORM, origin: house.url },
      `${new URLSearchParams({ email, password, back: '/policy' })}`,
    );
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/second-factor?back=%2Fpolicy']);
    const cookie = cookieOf(entered);
    const options = await askedToConfirm(cookie);
    expect(options).toMatchObject({ allowCredentials: [{ id: device.id }] });
    const code = device.get(options, { verified: false, userHandle: '' });
    const shown = await callAt<null>(
      house,
      'POST',
      '/second-factor',
      { ...FORM, origin: house.url, cookie },
      `${new URLSearchParams({ code, back: '/policy' })}`,
    );
    expect([shown.status, shown.headers.get('location')]).toEqual([303, '/policy']);
    laterBy(house, 11 * 60);
    const change = (more: object) =>
      callAt(
        house,
        'PATCH',
        `/api/v1/users/${world.board.user.id}`,
        { ...JSON_TYPE, origin: house.url, cookie },
        JSON.stringify({ name: '理事', ...more }),
      );
    expect((await change({})).body.code).toBe('factor.stale');
    const again = device.get(await askedToConfirm(cookie));
    expect((await change({ stepUpCode: again })).status).toBe(200);
  });

  test('does not tell whether anybody has one: all are asked the same', async () => {
    const [one, other] = [await askedToSignIn(), await askedToSignIn()];
    expect(Object.keys(one).sort()).toEqual(['challenge', 'rpId', 'timeout', 'userVerification']);
    expect({ ...one, challenge: '' }).toEqual({ ...other, challenge: '' });
    const stranger = authenticator(site);
    stranger.create({ challenge: '', rp: { id: '' }, user: { id: 'AAAAAAAAAAAAAAAAAAAAAA' } });
    const unknown = await signInWith(stranger.get(one));
    const gone = await holder();
    await world.admin.send('PATCH', `/users/${gone.user.id}`, { active: false });
    const ended = await signInWith(gone.device.get(other));
    const nonsense = await signInWith('{}');
    for (const reply of [unknown, ended, nonsense]) expect(told(reply)).toEqual(REFUSED);
    expect(ended.text).toBe(unknown.text);
    expect(nonsense.text).toBe(unknown.text);
  });
});

describe('privacy.md, point 10: accounts: a passkey is refused', () => {
  test('a second time for one challenge, also of several at the same moment', async () => {
    const { device, cookie } = await holder();
    const answer = device.get(await askedToSignIn());
    const replies = await Promise.all([signInWith(answer), signInWith(answer), signInWith(answer)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
    expect(told(await signInWith(answer))).toEqual(REFUSED);
    const again = device.get(await askedToConfirm(cookie));
    expect((await confirmWith(cookie, again)).status).toBe(204);
    expect(told(await confirmWith(cookie, again))).toEqual(REFUSED);
  });

  test('from another site, with another site’s name, or as another kind of answer', async () => {
    const { device } = await holder();
    const options = await askedToSignIn();
    for (const answer of [
      device.get(options, { origin: 'https://evil.example' }),
      device.get({ ...options, rpId: 'evil.example' }),
      device.get(options, { type: 'webauthn.create' }),
    ])
      expect(told(await signInWith(answer))).toEqual(REFUSED);
    expect((await signInWith(device.get(options))).status).toBe(204);
  });

  test('for a challenge that is not ours, is too old, or was given for something else', async () => {
    const { device, cookie } = await holder();
    const other = await holder();
    const options = await askedToSignIn();
    const forged = { ...options, challenge: Buffer.alloc(56, 255).toString('base64url') };
    const confirming = await askedToConfirm(cookie);
    for (const asked of [forged, { ...options, challenge: '' }, confirming])
      expect(told(await signInWith(device.get(asked)))).toEqual(REFUSED);
    // Nor does an answer that signs in confirm anything, nor one given in another session.
    expect(told(await confirmWith(cookie, device.get(options)))).toEqual(REFUSED);
    const elsewhere = await askedToConfirm(other.cookie);
    expect(told(await confirmWith(cookie, device.get(elsewhere)))).toEqual(REFUSED);
    laterBy(house, 5 * 60);
    expect(told(await signInWith(device.get(options)))).toEqual(REFUSED);
  });

  test('of another user, and one that signs in the name of another', async () => {
    const one = await holder();
    const other = await holder();
    const options = await askedToConfirm(one.cookie);
    expect(told(await confirmWith(one.cookie, other.device.get(options)))).toEqual(REFUSED);
    const handle = Buffer.from(other.user.id.replaceAll('-', ''), 'hex').toString('base64url');
    const signed = one.device.get(await askedToSignIn(), { userHandle: handle });
    expect(told(await signInWith(signed))).toEqual(REFUSED);
    // Another key under the id of a known one.
    const forged = JSON.parse(authenticator(site).get(await askedToSignIn())) as {
      id: string;
      rawId: string;
    };
    const claimed = JSON.stringify({ ...forged, id: one.device.id, rawId: one.device.id });
    expect(told(await signInWith(claimed))).toEqual(REFUSED);
    expect(await lastLines(1)).toEqual([{ action: 'sign_in.refused', actor_id: null }]);
  });

  test('for a whole sign-in when its device did not make sure of its user, or does not know whom it signs for', async () => {
    const { device } = await holder();
    const options = await askedToSignIn();
    expect(options).toMatchObject({ userVerification: 'required' });
    expect(told(await signInWith(device.get(options, { verified: false })))).toEqual(REFUSED);
    expect(told(await signInWith(device.get(options, { userHandle: '' })))).toEqual(REFUSED);
  });

  test('when it counts and its count did not go on, which is logged', async () => {
    const { device, user } = await holder('reviewer', 7);
    const at = async (counter: number) =>
      (await signInWith(device.get(await askedToSignIn(), { counter }))).status;
    expect([await at(8), await at(8), await at(3), await at(0), await at(9)]).toEqual([
      204, 401, 401, 401, 204,
    ]);
    const lines = await house.sql(
      `SELECT 1 FROM audit_events WHERE action = 'passkey.counter_back' AND subject_id = $1`,
      [user.id],
    );
    expect(lines).toHaveLength(3);
  });

  test('as often as a code, and then for a while', async () => {
    const { cookie, device } = await holder();
    for (let time = 0; time < 5; time += 1)
      expect(told(await confirmWith(cookie, '{"id":"x","response":{}}'))).toEqual(REFUSED);
    const right = device.get(await askedToConfirm(cookie));
    expect((await confirmWith(cookie, right)).status).toBe(429);
  });
});

describe('privacy.md, point 10: accounts: adding and removing a passkey', () => {
  test('takes one answer once, to our challenge of this session, from our own pages', async () => {
    const somebody = await house.somebody('adder', ['reviewer']);
    const cookie = cookieOf(await signIn(house, somebody));
    const another = cookieOf(await signIn(house, somebody));
    const device = authenticator(site);
    const options = await askedToAdd(cookie);
    expect(await add(another, device.create(options))).toBe(409);
    expect(await add(cookie, device.create(options, { origin: 'https://evil.example' }))).toBe(409);
    expect(await add(cookie, device.create({ ...options, rp: { id: 'evil.example' } }))).toBe(409);
    expect(await add(cookie, '{}')).toBe(409);
    const answers = [device.create(options), authenticator(site).create(options)];
    expect((await Promise.all(answers.map((answer) => add(cookie, answer)))).sort()).toEqual([201, 409]);
    // A key that is known is nobody's to add again.
    const known = await holder();
    expect(await add(known.cookie, known.device.create(await askedToAdd(known.cookie)))).toBe(409);
    const other = await holder();
    expect(await add(other.cookie, known.device.create(await askedToAdd(other.cookie)))).toBe(409);
  });

  test('is not for who knows the password alone, nor for a stale session, nor for a program', async () => {
    const { email, password, cookie, key } = await holder();
    const half = await callAt<null>(
      house,
      'POST',
      '/sign-in',
      { ...FORM, origin: house.url },
      `${new URLSearchParams({ email, password })}`,
    );
    expect(told(await post('/passkeys/options', cookieOf(half)))).toEqual([403, 'factor.stale']);
    laterBy(house, 11 * 60);
    expect(told(await post('/passkeys/options', cookie))).toEqual([403, 'factor.stale']);
    const asProgram = await callAt(house, 'POST', '/api/v1/passkeys/options', bearer({ key } as Somebody));
    expect([asProgram.status, asProgram.body.code]).toEqual([403, 'session.needed']);
  });

  test('lists its name and last use, and keeps the name sealed', async () => {
    const { cookie, device, user } = await holder();
    interface Item {
      id: string;
      name: string;
      lastUsedAt: string | null;
    }
    const listed = async () =>
      (await callAt<{ items: Item[] }>(house, 'GET', '/api/v1/passkeys', { cookie })).body.items;
    expect(await listed()).toMatchObject([{ name: '仕事のパソコン', lastUsedAt: null }]);
    await confirmWith(cookie, device.get(await askedToConfirm(cookie)));
    expect(await listed()).toMatchObject([{ lastUsedAt: house.clock.now().toISOString() }]);
    const [row] = await house.sql<{ name: Buffer }>('SELECT name FROM passkeys WHERE user_id = $1', [
      user.id,
    ]);
    expect(row!.name.includes('仕事')).toBe(false);
  });

  test('leaves nobody who needs a second factor without one, also of two removals at once', async () => {
    const { cookie, user } = await holder('treasurer');
    const second = authenticator(site);
    const { body } = await post<CreationOptions>('/passkeys/options', cookie);
    expect(body).toMatchObject({ excludeCredentials: [{ type: 'public-key' }] });
    const added = await post<{ recoveryCodes: string[] }>('/passkeys', cookie, {
      name: '電話',
      answer: second.create(body),
    });
    expect(added.body.recoveryCodes).toEqual([]);
    const ids = await house.sql<{ id: string }>('SELECT id FROM passkeys WHERE user_id = $1', [user.id]);
    const remove = (id: string, at = cookie) =>
      callAt(house, 'DELETE', `/api/v1/passkeys/${id}`, { origin: house.url, cookie: at });
    const stranger = await holder();
    expect((await remove(ids[0]!.id, stranger.cookie)).status).toBe(404);
    expect((await remove(randomUUID())).status).toBe(404);
    const replies = await Promise.all(ids.map(({ id }) => remove(id)));
    expect(replies.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(replies.find(({ status }) => status === 409)!.body.code).toBe('factor.last');
  });

  test('beside an authenticator app, either of them serves', async () => {
    const reviewer = await house.somebody('both', ['reviewer']);
    const factor = await setUpFactor(house, reviewer);
    const { email, password } = reviewer;
    const entered = await callAt(
      house,
      'POST',
      '/api/v1/session',
      { ...JSON_TYPE, origin: house.url },
      JSON.stringify({ email, password, otp: factor.code() }),
    );
    const cookie = cookieOf(entered);
    const device = authenticator(site);
    const { body } = await post<CreationOptions>('/passkeys/options', cookie);
    await post('/passkeys', cookie, { name: 'x', answer: device.create(body) });
    expect((await signInWith(device.get(await askedToSignIn()))).status).toBe(204);
    expect((await confirmWith(cookie, factor.code(30))).status).toBe(204);
    expect((await confirmWith(cookie, factor.recoveryCodes[0]!)).status).toBe(204);
  });
});

test('over https a passkey is bound to the address of PUBLIC_URL', async () => {
  const secure = await openHouse({ secondFactor: true, settings: { PUBLIC_URL: 'https://sasae.example' } });
  try {
    const reply = await callAt<RequestOptions>(secure, 'POST', '/api/v1/session/passkey/options', {
      origin: 'https://sasae.example',
    });
    expect([reply.status, reply.body.rpId]).toEqual([200, 'sasae.example']);
  } finally {
    await secure.close();
  }
});
