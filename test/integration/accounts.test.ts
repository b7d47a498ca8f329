import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ApiKeys, UsersService } from '../../src/access/index.js';
import { SecondFactors } from '../../src/access/second-factors.service.js';
import { DomainError } from '../../src/kernel/errors.js';
import { laterBy, setUpFactor } from '../factor.js';
import { given, type Given } from '../given.js';
import { clientAt, type House, openHouse, type Somebody } from '../house.js';
import { bearer, callAt, cookieOf, JSON_TYPE, signIn, type Reply } from '../http/calls.js';

let house: House;
let world: Given;

beforeAll(async () => {
  house = await openHouse({ secondFactor: true });
  world = await given(house);
});
afterAll(() => house.close());

const call = <T = Record<string, unknown>>(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
) =>
  callAt<T>(
    house,
    method,
    `/api/v1${path}`,
    { origin: house.url, ...(body && JSON_TYPE), ...headers },
    body && JSON.stringify(body),
  );

const signInWith = (who: { email: string; password: string }, otp?: string): Promise<Reply> =>
  callAt(
    house,
    'POST',
    '/api/v1/session',
    { ...JSON_TYPE, origin: house.url },
    JSON.stringify({ email: who.email, password: who.password, ...(otp && { otp }) }),
  );

const codeOfRefusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

const logOf = ({ user }: Somebody): Promise<{ action: string; facts: object; duties: string[] }[]> =>
  house.sql('SELECT action, facts, duties FROM audit_events WHERE subject_id = $1 ORDER BY id', [user.id]);

describe('privacy.md, point 10: accounts: a code of the authenticator', () => {
  test('is asked for when there is one, and opens the session only when it is right', async () => {
    const reviewer = await house.somebody('otp', ['reviewer']);
    const factor = await setUpFactor(house, reviewer);
    const without = await signInWith(reviewer);
    expect([without.status, without.body.code, without.headers.get('set-cookie')]).toEqual([
      401,
      'factor.needed',
      null,
    ]);
    const wrong = await signInWith(reviewer, factor.code() === '000000' ? '000001' : '000000');
    expect([wrong.status, wrong.body.code]).toEqual([401, 'otp.refused']);
    const right = await signInWith(reviewer, factor.code());
    expect(right.status).toBe(204);
    expect((await call('GET', '/me', { cookie: cookieOf(right) })).status).toBe(200);
  });

  test('is taken once, also of several at the same moment, and none before it any more', async () => {
    const { user, ...reviewer } = await house.somebody('replay', ['reviewer']);
    const factor = await setUpFactor(house, { user, ...reviewer });
    const factors = house.app.get(SecondFactors);
    const use = (code: string) => codeOfRefusal(factors.check(user.id, code, async () => null));
    const code = factor.code();
    const replies = await Promise.all([use(code), use(code), use(code)]);
    expect(replies.sort()).toEqual(['done', 'otp.refused', 'otp.refused']);
    expect(await use(factor.code(-30))).toBe('otp.refused');
    expect(await use(factor.code(30))).toBe('done');
    expect(await use(factor.code(90))).toBe('otp.refused');
  });

  test('cannot be guessed on and on, and a right one does not help then', async () => {
    const { user, ...approver } = await house.somebody('guessed', ['approver']);
    const factor = await setUpFactor(house, { user, ...approver });
    const factors = house.app.get(SecondFactors);
    const use = (code: string) => codeOfRefusal(factors.check(user.id, code, async () => null));
    for (let time = 0; time < 5; time += 1) expect(await use('ABCDE-FGHJK')).toBe('otp.refused');
    expect(await use(factor.code())).toBe('attempts.limited');
    laterBy(house, 5 * 60);
    expect(await use(factor.code())).toBe('done');
  });

  test('comes from a secret that nobody reads in the database, nor any recovery code', async () => {
    const treasurer = await house.somebody('sealed', ['treasurer']);
    const { secret, recoveryCodes } = await setUpFactor(house, treasurer);
    const rows = await house.sql('SELECT * FROM second_factors f JOIN recovery_codes USING (user_id)');
    const stored = JSON.stringify(rows, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    for (const kept of [secret, ...recoveryCodes, recoveryCodes[0]!.replace('-', '')])
      expect(stored).not.toContain(kept);
  });
});

describe('privacy.md, point 10: accounts: a recovery code', () => {
  test('helps once in place of a number, however it is written', async () => {
    const board = await house.somebody('recovering', ['board']);
    const { recoveryCodes } = await setUpFactor(house, board);
    expect(recoveryCodes).toHaveLength(10);
    const typed = recoveryCodes[0]!.toLowerCase().replace('-', ' ');
    expect((await signInWith(board, typed)).status).toBe(204);
    expect((await signInWith(board, recoveryCodes[0])).body.code).toBe('otp.refused');
    expect((await signInWith(board, recoveryCodes[1])).status).toBe(204);
    expect((await logOf(board)).filter(({ action }) => action === 'factor.code_used')).toHaveLength(2);
  });

  test('of somebody else, or of an earlier sheet, does not', async () => {
    const one = await house.somebody('one', ['board']);
    const other = await house.somebody('other', ['board']);
    const sheet = (await setUpFactor(house, one)).recoveryCodes;
    await setUpFactor(house, other);
    expect((await signInWith(other, sheet[0])).body.code).toBe('otp.refused');
    await house.app.get(SecondFactors).newRecoveryCodes(one.user.id);
    expect((await signInWith(one, sheet[1])).body.code).toBe('otp.refused');
  });
});

describe('privacy.md, point 10: accounts: without a second factor', () => {
  test.each(['reviewer', 'approver', 'treasurer', 'board', 'admin'] as const)(
    'a session of a %s opens nothing but the way to set one up',
    async (role) => {
      const somebody = await house.somebody('bare', [role]);
      const cookie = cookieOf(await signIn(house, somebody));
      const me = await call('GET', '/me', { cookie });
      expect([me.status, me.body.code]).toEqual([403, 'factor.missing']);
      const page = await callAt(house, 'GET', '/payments', { cookie });
      expect([page.status, page.headers.get('location')]).toEqual([
        303,
        '/account/second-factor?back=%2Fpayments',
      ]);
      expect((await callAt(house, 'GET', '/account/second-factor', { cookie })).status).toBe(200);
      // A program with a key is not asked.
      expect((await somebody.get('/me')).status).toBe(200);
    },
  );

  test('a caseworker works on', async () => {
    const cookie = cookieOf(await signIn(house, world.partner));
    expect((await call('GET', '/me', { cookie })).status).toBe(200);
  });
});

describe('privacy.md, point 10: accounts: before user changes', () => {
  test('a number typed within ten minutes is asked of a session, and of no key', async () => {
    const admin = await house.somebody('stepping', ['admin']);
    const factor = await setUpFactor(house, admin);
    const cookie = cookieOf(await signInWith(admin, factor.code()));
    const change = (name: string) => call('PATCH', `/users/${world.board.user.id}`, { cookie }, { name });
    expect((await change('理事 1')).status).toBe(200);
    laterBy(house, 11 * 60);
    const stale = await change('理事 2');
    expect([stale.status, stale.body.code]).toEqual([403, 'factor.stale']);
    expect((await call('GET', '/users', { cookie })).status).toBe(200);
    expect((await admin.send('PATCH', `/users/${world.board.user.id}`, { name: '理事 3' })).status).toBe(200);
    const shown = await call('POST', '/session/second-factor', { cookie }, { otp: factor.code() });
    expect(shown.status).toBe(204);
    expect((await change('理事 4')).status).toBe(200);
  });

  test('and before payments and agreeing to a policy', async () => {
    const treasurer = await house.somebody('paying', ['treasurer', 'board']);
    const factor = await setUpFactor(house, treasurer);
    const cookie = cookieOf(await signInWith(treasurer, factor.code()));
    const at = (path: string) =>
      call('POST', path, { cookie, 'idempotency-key': randomUUID() }, {}).then(({ body }) => body.code);
    expect(await at('/disbursements')).toBe('input.invalid');
    laterBy(house, 11 * 60);
    const paths = [
      '/disbursements',
      `/disbursements/${randomUUID()}/bounce`,
      `/disbursements/${randomUUID()}/refund`,
      '/approval-policies/2/agree',
    ];
    for (const path of paths) expect([path, await at(path)]).toEqual([path, 'factor.stale']);
  });
});

const wrong = (email: string) => signInWith({ email, password: 'a wrong password' });
const limitedAs = ({ status, text, headers }: Reply) => [status, text, headers.get('retry-after')];

describe('privacy.md, point 10: accounts: signing in', () => {
  test('is refused after ten failures for an account, the same for one that does not exist', async () => {
    const { email, password } = await house.somebody('limited', ['caseworker'], world.organisation.id);
    const nobody = `nobody-${randomUUID()}@test.example`;
    // At the same moment, so that none slips through beside the others.
    const replies = await Promise.all(Array.from({ length: 14 }, () => wrong(email)));
    const nobodys = await Promise.all(Array.from({ length: 14 }, () => wrong(nobody)));
    for (const list of [replies, nobodys]) {
      expect(list.filter(({ status }) => status === 401)).toHaveLength(10);
      expect(list.filter(({ status }) => status === 429)).toHaveLength(4);
    }
    const right = await signInWith({ email, password });
    expect(limitedAs(right)).toEqual(limitedAs(await wrong(nobody)));
    expect([right.status, right.headers.get('retry-after')]).toEqual([429, '900']);
    laterBy(house, 15 * 60);
    expect((await signInWith({ email, password })).status).toBe(204);
  });

  test('is refused from an address that fails with too many accounts', async () => {
    const { email, password } = await house.somebody('from-there', ['caseworker'], world.organisation.id);
    laterBy(house, 3600);
    await house.sql('DELETE FROM attempts');
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 10 }, () => wrong(`${randomUUID()}@test.example`)));
    }
    expect((await signInWith({ email, password })).status).toBe(429);
    await house.sql('DELETE FROM attempts');
    expect((await signInWith({ email, password })).status).toBe(204);
  });

  test('that succeeds counts nothing, and what is counted names nobody', async () => {
    await house.sql('DELETE FROM attempts');
    const { email, password } = world.partner;
    await signInWith({ email, password });
    expect(await house.sql('SELECT 1 FROM attempts')).toEqual([]);
    await wrong(email);
    const rows = await house.sql<{ counter: Buffer }>('SELECT counter FROM attempts');
    expect(rows.map(({ counter }) => counter.length)).toEqual([32, 32]);
  });
});

const choose = (url: string, password: string) =>
  callAt(
    house,
    'POST',
    new URL(url).pathname,
    { 'content-type': 'application/x-www-form-urlencoded', origin: house.url },
    `${new URLSearchParams({ password })}`,
  );
const linkFor = async ({ user }: Pick<Somebody, 'user'>): Promise<string> =>
  (await world.admin.post<{ resetUrl: string }>(`/users/${user.id}/reset`, {})).body.resetUrl;

describe('privacy.md, point 10: accounts: a link to choose a new password', () => {
  test('ends the sessions and the earlier links, and the second factor is asked for as before', async () => {
    const reviewer = await house.somebody('forgetful', ['reviewer']);
    const factor = await setUpFactor(house, reviewer);
    const before = cookieOf(await signInWith(reviewer, factor.code()));
    const first = await linkFor(reviewer);
    const second = await linkFor(reviewer);
    expect((await choose(first, 'spring rain on the roof')).status).toBe(409);
    const chosen = await choose(second, 'spring rain on the roof');
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, '/']);
    expect((await call('GET', '/me', { cookie: before })).status).toBe(401);
    const half = await call('GET', '/me', { cookie: cookieOf(chosen) });
    expect([half.status, half.body.code]).toEqual([401, 'factor.needed']);
    expect((await signInWith(reviewer, factor.code(30))).status).toBe(401);
    expect((await choose(second, 'spring rain on the roof')).status).toBe(409);
    expect((await logOf(reviewer)).map(({ action }) => action)).toContain('password.reset_link');
  });

  test('is for administrators to make, and for people who may sign in', async () => {
    for (const who of [world.partner, world.treasurer]) {
      expect((await who.post(`/users/${world.board.user.id}/reset`, {})).status).toBe(403);
    }
    expect((await world.admin.post(`/users/${randomUUID()}/reset`, {})).status).toBe(404);
  });

  test('takes no password that everybody tries first, nor one with the own name in it', async () => {
    const somebody = await house.somebody('yamada', ['reviewer']);
    const link = await linkFor(somebody);
    for (const password of ['password1234', '1q2w3e4r5t6y', 'aaaaaaaaaaaaaa', 'my name is Yamada']) {
      expect([password, (await choose(link, password)).status]).toEqual([password, 422]);
    }
    expect((await choose(link, 'spring rain on the roof')).status).toBe(303);
  });

  test('and help with a factor or an administrator come from the command line, logged', async () => {
    const users = house.app.get(UsersService);
    const approver = await house.somebody('helped', ['approver']);
    const factor = await setUpFactor(house, approver);
    const cookie = cookieOf(await signInWith(approver, factor.code()));
    await users.helpWithFactor(approver.email.toUpperCase());
    expect((await call('GET', '/me', { cookie })).status).toBe(401);
    expect((await signInWith(approver)).status).toBe(204);
    await users.helpWithAdmin(approver.email);
    expect((await approver.get<{ roles: string[] }>('/me')).body.roles).toEqual(['approver', 'admin']);
    expect((await choose(await users.helpWithPassword(approver.email), 'spring rain on it')).status).toBe(
      303,
    );
    const helped = (await logOf(approver)).filter(({ facts }) => 'by' in facts);
    expect(helped).toEqual(
      ['factor.reset', 'user.made_admin', 'password.reset_link'].map((action) => ({
        action,
        facts: { by: 'command line' },
        duties: ['gate'],
      })),
    );
    await expect(users.helpWithAdmin(world.partner.email)).rejects.toThrow('input.invalid');
    await expect(users.helpWithPassword('nobody@test.example')).rejects.toThrow('Nobody signs in');
  });
});

describe('privacy.md, point 10: accounts: sessions', () => {
  interface Item {
    id: string;
    device: string;
    current: boolean;
  }
  const listed = async (cookie: string) =>
    (await call<{ items: Item[] }>('GET', '/sessions', { cookie })).body.items;

  test('are listed with their device, and ended one by one or all but the present one', async () => {
    const lead = await house.somebody('lead', ['lead'], world.organisation.id);
    const agent = 'Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0';
    const cookies = [
      cookieOf(await signIn(house, lead, { 'user-agent': agent })),
      cookieOf(await signIn(house, lead)),
      cookieOf(await signIn(house, lead)),
    ];
    const items = await listed(cookies[0]!);
    expect(items).toHaveLength(3);
    const [own] = items.filter(({ current }) => current);
    expect(own!.device).toBe('Firefox · Android');
    const another = await listed(cookies[1]!);
    const { id } = another.find(({ current }) => current)!;
    expect((await call('DELETE', `/sessions/${id}`, bearer(world.board))).status).toBe(404);
    expect((await call('DELETE', `/sessions/${id}`, { cookie: cookies[0]! })).status).toBe(204);
    expect((await call('GET', '/me', { cookie: cookies[1]! })).status).toBe(401);
    expect((await call('DELETE', '/sessions', { cookie: cookies[0]! })).status).toBe(204);
    expect((await call('GET', '/me', { cookie: cookies[2]! })).status).toBe(401);
    expect(await listed(cookies[0]!)).toHaveLength(1);
  });
});

describe('privacy.md, point 10: accounts: a key for programs', () => {
  test('that only reads changes nothing', async () => {
    const key = await house.app.get(ApiKeys).create(world.partner.email, { scope: 'read' });
    const headers = { authorization: `Bearer ${key}` };
    expect((await call('GET', '/people', headers)).status).toBe(200);
    const refused = await call('POST', '/people', headers, {});
    expect([refused.status, refused.body.code]).toEqual([403, 'key.read_only']);
  });

  test('ends after a year, or when its owner ends it, and says when it was used last', async () => {
    const { email } = await house.somebody('keys', ['board']);
    const somebody = clientAt(house.url, await house.app.get(ApiKeys).create(email));
    interface Key {
      id: string;
      scope: string;
      expiresAt: string;
      lastUsedAt: string | null;
    }
    const [key] = (await somebody.get<{ items: Key[] }>('/api-keys')).body.items;
    const now = house.clock.now();
    expect(key).toMatchObject({ scope: 'write', lastUsedAt: now.toISOString() });
    expect(new Date(key!.expiresAt).getTime() - now.getTime()).toBe(365 * 24 * 3600 * 1000);
    expect((await world.board.send('DELETE', `/api-keys/${key!.id}`, {})).status).toBe(404);
    laterBy(house, 366 * 24 * 3600);
    expect((await somebody.get('/me')).status).toBe(401);
    house.clock.set(now.toISOString());
    expect((await somebody.get('/me')).status).toBe(200);
    expect((await somebody.send('DELETE', `/api-keys/${key!.id}`, {})).status).toBe(204);
    expect((await somebody.get('/me')).status).toBe(401);
  });

  test('ends for good with the account, as its sessions and links do', async () => {
    const leaver = await house.somebody('leaver', ['caseworker'], world.organisation.id);
    const cookie = cookieOf(await signIn(house, leaver));
    const set = (active: boolean) => world.admin.send('PATCH', `/users/${leaver.user.id}`, { active });
    await set(false);
    await set(true);
    expect((await leaver.get('/me')).status).toBe(401);
    expect((await call('GET', '/me', { cookie })).status).toBe(401);
  });
});

const authorOf = async (id: string): Promise<unknown> =>
  (await house.sql('SELECT created_by FROM grant_requests WHERE id = $1', [id]))[0]?.created_by;

describe('privacy.md, point 10: accounts: somebody who leaves', () => {
  test('leaves the drafts to a named colleague, and what was sent stays in the own name', async () => {
    const leaver = await house.somebody('author', ['caseworker'], world.organisation.id);
    const colleague = await house.somebody('colleague', ['lead'], world.organisation.id);
    const drafts = [await world.draftRequest(undefined, leaver), await world.draftRequest(undefined, leaver)];
    const sent = await world.submittedRequest(undefined, leaver);
    const end = (successorId: string, active = false) =>
      world.admin.send('PATCH', `/users/${leaver.user.id}`, { active, successorId });
    const elsewhere = await house.somebody('elsewhere', ['lead'], (await world.anotherOrganisation()).id);
    for (const successor of [elsewhere, world.reviewer, leaver])
      expect((await end(successor.user.id)).status).toBe(422);
    expect((await end(colleague.user.id, true)).status).toBe(422);
    expect((await leaver.get('/me')).status).toBe(200);
    expect((await end(colleague.user.id)).status).toBe(200);
    for (const { id } of drafts) expect(await authorOf(id)).toBe(colleague.user.id);
    expect(await authorOf(sent.id)).toBe(leaver.user.id);
    expect((await leaver.get('/me')).status).toBe(401);
    expect(
      await house.sql(
        `SELECT subject_id FROM audit_events WHERE action = 'request.passed_on' ORDER BY subject_id`,
      ),
    ).toEqual(drafts.map(({ id }) => ({ subject_id: id })));
  });

  test('is nobody whom anyone but the gate could take drafts from', async () => {
    const draft = await world.draftRequest();
    const colleague = await house.somebody('taker', ['caseworker'], world.organisation.id);
    for (const { actor } of [world.admin, world.approver, colleague, world.partner]) {
      const sql = 'SELECT pass_on_drafts($1, $2)';
      expect(await house.sqlAs(actor, sql, [world.partner.user.id, colleague.user.id])).toEqual([]);
    }
    expect(await authorOf(draft.id)).toBe(world.partner.user.id);
  });
});
