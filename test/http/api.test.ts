import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { may, permissionsOf, UsersService, type Action } from '../../src/access/index.js';
import { FilingService, type GrantRequestView } from '../../src/grants/index.js';
import type { Page } from '../../src/platform/pages.js';
import type { Problem } from '../../src/web/errors.filter.js';
import { given, line, type Given } from '../given.js';
import { once, openHouse, type House, type Somebody } from '../house.js';
import { routesOf } from '../routes.js';

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

interface Reply<T = Problem> {
  status: number;
  headers: Headers;
  text: string;
  body: T;
}

/** Calls as a browser or a program would, with nothing but what is told. */
async function call<T = Problem>(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
  at: House = house,
): Promise<Reply<T>> {
  const response = await fetch(`${at.url}${path}`, { method, headers, body, redirect: 'manual' });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') && text;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson ? JSON.parse(text) : null) as T,
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const bearer = ({ key }: Somebody) => ({ authorization: `Bearer ${key}` });
const keyed = () => ({ ...JSON_TYPE, 'idempotency-key': randomUUID() });

const signIn = (email: string, password: string, headers: Record<string, string> = {}, at: House = house) =>
  call(
    'POST',
    '/api/v1/session',
    { ...JSON_TYPE, origin: at.url, ...headers },
    JSON.stringify({ email, password }),
    at,
  );

const cookieOf = ({ headers }: Reply<unknown>): string => headers.get('set-cookie')!.split(';')[0]!;

const faultsOf = ({ body }: Reply): [string, string][] =>
  (body.errors ?? []).map(({ path, code }) => [path, code]);

describe('an error', () => {
  const cases: [string, number, string, () => Promise<Reply>][] = [
    ['somebody who is not signed in', 401, 'access.signed_out', () => call('GET', '/api/v1/me')],
    [
      'a key that nobody has',
      401,
      'access.signed_out',
      () => call('GET', '/api/v1/me', { authorization: 'Bearer sasae_x' }),
    ],
    [
      'somebody who may not',
      403,
      'access.forbidden',
      () => call('GET', '/api/v1/users', bearer(world.partner)),
    ],
    [
      'a path that is not there',
      404,
      'resource.absent',
      () => call('GET', '/api/v1/nothing', bearer(world.partner)),
    ],
    [
      'an id that nobody has',
      404,
      'resource.absent',
      () => call('GET', `/api/v1/people/${randomUUID()}`, bearer(world.partner)),
    ],
    [
      'an id that is none',
      404,
      'resource.absent',
      () => call('GET', `/api/v1/people/1`, bearer(world.partner)),
    ],
    [
      'a method that a path does not have',
      404,
      'resource.absent',
      () => call('PUT', '/api/v1/me', { ...bearer(world.partner), ...JSON_TYPE }, '{}'),
    ],
    [
      'JSON that is none',
      400,
      'body.malformed',
      () => call('POST', '/api/v1/people', { ...bearer(world.partner), ...JSON_TYPE }, '{"alias": '),
    ],
    [
      'no body where one is said to come',
      400,
      'body.malformed',
      () => call('POST', '/api/v1/people', { ...bearer(world.partner), ...JSON_TYPE }, ''),
    ],
    [
      'a kind of body that is not understood',
      400,
      'body.type',
      () => call('POST', '/api/v1/people', { ...bearer(world.partner), 'content-type': 'text/csv' }, 'a,b'),
    ],
    [
      'a body that is too large',
      413,
      'body.too_large',
      () =>
        call(
          'POST',
          '/api/v1/people',
          { ...bearer(world.partner), ...JSON_TYPE },
          `"${'x'.repeat(1_100_000)}"`,
        ),
    ],
    [
      'a call without the key that it needs',
      400,
      'idempotency.missing',
      () => call('POST', '/api/v1/users', { ...bearer(world.admin), ...JSON_TYPE }, NEW_USER()),
    ],
    [
      'a key that is no word',
      400,
      'idempotency.missing',
      () =>
        call(
          'POST',
          '/api/v1/users',
          { ...bearer(world.admin), ...JSON_TYPE, 'idempotency-key': 'two words' },
          NEW_USER(),
        ),
    ],
    [
      'bad input',
      422,
      'input.invalid',
      () => call('POST', '/api/v1/people', { ...bearer(world.partner), ...JSON_TYPE }, '{}'),
    ],
    [
      'what the present state does not allow',
      409,
      'email.taken',
      () =>
        call('POST', '/api/v1/users', { ...bearer(world.admin), ...keyed() }, NEW_USER(world.reviewer.email)),
    ],
  ];

  test.each(cases)('tells %s by a problem with status %i and code %s', async (_, status, code, ask) => {
    const reply = await ask();
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.body).toMatchObject({ type: 'about:blank', status, code });
    expect(reply.body.title).toMatch(/\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u);
    expect(reply.body.detail).toMatch(/。$/);
  });

  test('that nobody foresaw tells nothing of the inside', async () => {
    const users = house.app.get(UsersService);
    const broken = jest.spyOn(users, 'list').mockRejectedValue(new Error('password of the database'));
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const reply = await call('GET', '/api/v1/users', bearer(world.admin));
    broken.mockRestore();
    jest.restoreAllMocks();
    expect([reply.status, reply.body.code]).toEqual([500, 'internal']);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.text).not.toMatch(/password|database|Error|\.ts/);
  });

  test('on a page is a page', async () => {
    const reply = await call('GET', '/nothing');
    expect(reply.status).toBe(404);
    expect(reply.headers.get('content-type')).toMatch(/^text\/html/);
  });
});

const NEW_USER = (email = 'somebody@test.example') =>
  JSON.stringify({ email, name: '誰か', roles: ['reviewer'] });

const paidTo = (vendorId: string) => ({ ...line('shelter', 1_000), payee: { type: 'vendor', vendorId } });

/** Files a request as the partner. */
const file = (body: unknown, headers: Record<string, string> = {}) =>
  call(
    'POST',
    '/api/v1/grant-requests',
    { ...bearer(world.partner), ...keyed(), ...headers },
    JSON.stringify(body),
  );

describe('bad input', () => {
  const wrong = {
    kind: 'charity',
    urgency: 'tonight',
    lines: [
      { ...line('food', 1_000), unitPrice: 'たくさん', surprise: 1 },
      { ...line('food', 1_000), item: 'x'.repeat(201), quantity: 0, payee: { type: 'friend' } },
      { ...line('food', 1_000), spentOn: '2024-02-30', payee: undefined },
    ],
    surprise: true,
  };

  test('is named field by field with its place, unknown fields too', async () => {
    const reply = await file(wrong);
    expect(reply.status).toBe(422);
    expect(new Map(faultsOf(reply))).toEqual(
      new Map([
        ['kind', 'choice'],
        ['lines.0.unitPrice', 'yen'],
        ['lines.0.surprise', 'unknownField'],
        ['lines.1.item', 'tooLong'],
        ['lines.1.quantity', 'min'],
        ['lines.1.payee.type', 'choice'],
        ['lines.2.spentOn', 'day'],
        ['lines.2.payee', 'required'],
        ['reason', 'required'],
        ['surprise', 'unknownField'],
      ]),
    );
  });

  test('has a sentence for each field, in the reader’s language', async () => {
    const [ja, en] = [await file(wrong), await file(wrong, { 'accept-language': 'en' })];
    expect(faultsOf(en)).toEqual(faultsOf(ja));
    for (const { message } of ja.body.errors!) expect(message).toMatch(/。$/);
    for (const { message } of en.body.errors!) expect(message).toMatch(/^[ -~¥“”’–]+\.$/);
  });

  test.each([
    ['a list', []],
    ['a text', 'text'],
    ['a number', 7],
    ['nothing', null],
  ])('that is %s and no object is refused', async (_, body) => {
    expect((await file(body)).status).toBe(422);
  });

  test.each(['x', 7, null, [], true])(
    'that has %j where an object belongs is named there',
    async (household) => {
      const headers = { ...bearer(world.partner), ...JSON_TYPE };
      const body = { personIds: [randomUUID()], household, needs: ['food'], summary: 'x' };
      const reply = await call('POST', '/api/v1/cases', headers, JSON.stringify(body));
      const code = household === null ? 'required' : 'malformed';
      expect([reply.status, faultsOf(reply)]).toEqual([422, [['household', code]]]);
    },
  );

  test('that names what all objects have is an unknown field and nothing else', async () => {
    const body =
      '{"email":"a@test.example","password":"x","constructor":{"prototype":{"polluted":1}},"toString":1}';
    const reply = await call('POST', '/api/v1/session', { ...JSON_TYPE, origin: house.url }, body);
    expect([400, 422]).toContain(reply.status);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('names the vendor that is not known, and not another one', async () => {
    const { body: known } = await world.partner.post<{ id: string }>('/vendors', {
      name: '大家',
      kind: 'landlord',
    });
    const reply = await file({
      kind: 'relief',
      urgency: 'soon',
      caseId: await world.householdCase(),
      reason: '家賃',
      lines: [paidTo(known.id), paidTo(randomUUID())],
    });
    expect([reply.status, faultsOf(reply)]).toEqual([422, [['lines.1.payee.vendorId', 'vendorUnknown']]]);
  });

  test('in a query string is named too', async () => {
    for (const [query, fault] of [
      ['limit=0', ['limit', 'min']],
      ['limit=201', ['limit', 'max']],
      ['limit=x', ['limit', 'integer']],
      ['cursor=x', ['cursor', 'uuid']],
      ['status=lost', ['status', 'choice']],
      ['page=2', ['page', 'unknownField']],
    ] as const) {
      const reply = await call('GET', `/api/v1/grant-requests?${query}`, bearer(world.partner));
      expect([query, reply.status, faultsOf(reply)]).toEqual([query, 422, [fault]]);
    }
  });
});

describe('the language of an answer', () => {
  test.each([
    [undefined, 'ja'],
    ['ja', 'ja'],
    ['en', 'en'],
    ['en-GB,en;q=0.9', 'en'],
    ['fr, en;q=0.8, ja;q=0.7', 'en'],
    ['ja, en;q=0.9', 'ja'],
    ['fr', 'ja'],
    ['en;q=0', 'ja'],
    ['*', 'ja'],
  ])('for Accept-Language %p is %s', async (accept, language) => {
    // Node's own default for this header is `*`, so it is said each time.
    const reply = await call('GET', '/api/v1/me', { 'accept-language': accept ?? '*' });
    const isEnglish = /^[ -~]+$/.test(reply.body.detail);
    expect(isEnglish ? 'en' : 'ja').toBe(language);
  });
});

describe('signing in', () => {
  test('puts a session into a cookie that no script reads and no other site sends', async () => {
    const { email, password } = world.partner;
    const reply = await signIn(email, password);
    expect(reply.status).toBe(204);
    const [session, ...flags] = reply.headers.get('set-cookie')!.split('; ');
    expect(session).toMatch(/^sasae_session=[\w-]{43}$/);
    expect(flags.sort()).toEqual(['HttpOnly', 'Max-Age=1209600', 'Path=/', 'SameSite=Lax']);
    const me = await call<{ email: string }>('GET', '/api/v1/me', { cookie: session! });
    expect([me.status, me.body.email]).toEqual([200, email]);
  });

  test('keeps of the session, the key and the password nothing that could be used again', async () => {
    const { email, password, key } = world.partner;
    const token = cookieOf(await signIn(email, password)).split('=')[1]!;
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
      await signIn(email, 'a wrong password'),
      await signIn('nobody@test.example', 'a wrong password'),
      await signIn(gone.email, gone.password),
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
    expect((await signIn(email.toUpperCase(), password)).status).toBe(204);
    expect((await signIn(email, ` ${password}`)).status).toBe(401);
    expect((await signIn(email, password.toUpperCase())).status).toBe(401);
  });

  test('leaves a line in the log, whether it was done or refused', async () => {
    const { email, password, user } = world.reviewer;
    await signIn(email, 'a wrong password');
    await signIn(email, password);
    expect(
      await house.sql(
        `SELECT action FROM audit_events WHERE subject_id = $1 AND action LIKE 'sign_in.%' ORDER BY id`,
        [user.id],
      ),
    ).toEqual([{ action: 'sign_in.refused' }, { action: 'sign_in.done' }]);
  });

  test('over https gives a cookie that only https carries, and says so for the whole site', async () => {
    const secure = await openAnother({ settings: { PUBLIC_URL: 'https://sasae.example' } });
    const { email, password } = await secure.somebody('secure', ['reviewer']);
    const own = await signIn(email, password, { origin: 'https://sasae.example' }, secure);
    expect(own.status).toBe(204);
    expect(own.headers.get('set-cookie')!.split('; ')).toContain('Secure');
    expect(own.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
    // The address at which the process listens is not the one that people use.
    expect((await signIn(email, password, { origin: secure.url }, secure)).status).toBe(403);
  });

  test('ends with signing out, for the cookie and not for other sessions', async () => {
    const { email, password } = world.partner;
    const [one, other] = [await signIn(email, password), await signIn(email, password)].map(cookieOf);
    const out = await call('DELETE', '/api/v1/session', { cookie: one!, origin: house.url });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^sasae_session=;/);
    expect((await call('GET', '/api/v1/me', { cookie: one! })).status).toBe(401);
    expect((await call('GET', '/api/v1/me', { cookie: other! })).status).toBe(200);
  });

  test('ends by itself after fourteen days', async () => {
    const { email, password } = world.partner;
    house.clock.set('2024-12-16T18:00:00+09:00');
    const cookie = cookieOf(await signIn(email, password));
    const stillIn = async () => (await call('GET', '/api/v1/me', { cookie })).status === 200;
    house.clock.set('2024-12-30T17:59:59+09:00');
    expect(await stillIn()).toBe(true);
    house.clock.set('2024-12-30T18:00:00+09:00');
    expect(await stillIn()).toBe(false);
    house.clock.set('2024-12-16T18:00:00+09:00');
  });

  test('ends for sessions and keys when an administrator closes the account', async () => {
    const leaver = await house.somebody('leaver', ['reviewer']);
    const cookie = cookieOf(await signIn(leaver.email, leaver.password));
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
    cookie = cookieOf(await signIn(world.partner.email, world.partner.password));
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
    expect((await signIn(email, password, { origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('/me', () => {
  test.each(['partner', 'reviewer', 'approver', 'treasurer', 'board', 'admin'] as const)(
    'tells %s who they are and what they may do',
    async (who) => {
      const { user, actor, email } = world[who];
      const { id, name, roles, organisationId } = user;
      expect((await world[who].get('/me')).body).toEqual({
        id,
        email,
        name,
        roles,
        organisationId,
        permissions: permissionsOf(actor),
      });
      expect(permissionsOf(actor).length).toBeGreaterThan(0);
    },
  );

  test('and the guard say the same about every route', async () => {
    const somebodies = ['partner', 'reviewer', 'approver', 'treasurer', 'board', 'admin'] as const;
    const lists = routesOf(house.app).filter(
      ({ method, path }) => method === 'GET' && path.startsWith('/api/') && !path.includes(':'),
    );
    for (const { path, action } of lists) {
      if (action === 'signed-in') continue;
      for (const who of somebodies) {
        const { status } = await world[who].get(path.replace('/api/v1', ''));
        const allowed = may(world[who].actor, action as Action);
        expect([who, path, status === 403]).toEqual([who, path, !allowed]);
      }
    }
  });
});

/** Reads a list page by page; something may happen between the first and the second page. */
async function pagesOf<T>(by: Somebody, path: string, meanwhile?: () => Promise<unknown>): Promise<T[][]> {
  const pages: T[][] = [];
  let cursor: string | null = '';
  do {
    const answer: { body: Page<T> } = await by.get<Page<T>>(`${path}${cursor && `&cursor=${cursor}`}`);
    pages.push(answer.body.items);
    cursor = answer.body.nextCursor;
    if (pages.length === 1) await meanwhile?.();
  } while (cursor !== null);
  return pages;
}

describe('a list', () => {
  test('is read page by page to its end, without gap or double, while more is added', async () => {
    const elsewhere = await world.anotherOrganisation();
    const busy = await house.somebody('busy', ['caseworker'], elsewhere.id);
    const caseId = await world.householdCase(busy);
    const ids: string[] = [];
    for (let count = 0; count < 120; count += 1) {
      ids.push((await world.draftRequest([line('food', 100)], busy, caseId)).id);
    }
    const pages = await pagesOf<{ id: string }>(busy, '/grant-requests?limit=50', () =>
      world.draftRequest([line('food', 100)], busy, caseId),
    );
    expect(pages.map((page) => page.length)).toEqual([50, 50, 20]);
    expect(pages.flat().map(({ id }) => id)).toEqual(ids.toReversed());

    const whole = await busy.get<Page<GrantRequestView>>('/grant-requests?limit=121');
    expect([whole.body.items.length, whole.body.nextCursor]).toEqual([121, null]);
    const unasked = await busy.get<Page<GrantRequestView>>('/grant-requests');
    expect(unasked.body.items).toHaveLength(50);

    await house.app.get(FilingService).withdraw(busy.actor, ids[60]!, undefined, once());
    const drafts = await busy.get<Page<GrantRequestView>>('/grant-requests?limit=200&status=draft');
    expect(drafts.body.items).toHaveLength(120);
    const both = await busy.get<Page<GrantRequestView>>('/grant-requests?limit=200&status=draft,withdrawn');
    expect(both.body.items).toHaveLength(121);
  });

  test('of members goes on where it stopped, in the order of their codes', async () => {
    const pages = await pagesOf<{ code: string }>(world.admin, '/organisations?limit=1');
    const codes = pages.flat().map(({ code }) => code);
    const stored = await house.sql<{ code: string }>('SELECT code FROM organisations ORDER BY code');
    expect(codes).toEqual(stored.map(({ code }) => code));
    expect(codes.length).toBeGreaterThan(1);
  });
});

/** Somebody who may do this. */
const needing = (action: unknown) =>
  [world.partner, world.approver, world.treasurer, world.admin].find(({ actor }) =>
    may(actor, action as Action),
  );

describe('a key of a call', () => {
  /** These make something without moving money or status, and a session is no thing at all. */
  const WITHOUT = ['session', 'people', 'cases', 'cases/:id/entries', 'organisations', 'vendors'];

  test('is needed by every POST that moves money or status', async () => {
    const posts = routesOf(house.app).filter(
      ({ method, path }) => method === 'POST' && path.startsWith('/api/v1/'),
    );
    const asked = posts.filter(({ path }) => !WITHOUT.includes(path.replace('/api/v1/', '')));
    expect(asked.length).toBe(posts.length - WITHOUT.length);
    for (const { path, action } of asked) {
      const known = path.replaceAll(/:\w+/g, randomUUID());
      const form = new FormData();
      form.set('kind', 'organisations');
      form.set('file', new Blob(['%PDF-1.4'], { type: 'application/pdf' }), 'x.pdf');
      const isForm = /attachments|imports/.test(path);
      const response = await fetch(`${house.url}${known}`, {
        method: 'POST',
        headers: { ...bearer(needing(action)!), ...(!isForm && JSON_TYPE) },
        body: isForm ? form : JSON.stringify(BODIES[path.split('/').at(-1)!] ?? { comment: 'x' }),
      });
      const { code } = (await response.json()) as Problem;
      expect([path, response.status, code]).toEqual([path, 400, 'idempotency.missing']);
    }
  });

  const BODIES: Record<string, object> = {
    users: { email: 'x@test.example', name: 'x', roles: ['reviewer'] },
    funds: { code: 'x1', name: 'x', kind: 'grant', from: '2024-12-01' },
    contributions: { amount: 1, receivedOn: '2024-12-01', source: 'x' },
    allocations: { purpose: 'activity', amount: 1 },
    'grant-requests': { kind: 'relief', urgency: 'soon', lines: [line('food', 1)], reason: 'x' },
    approve: { lines: [{ lineId: randomUUID(), amount: 1 }] },
    decline: { reason: 'x' },
    release: { reason: 'x' },
    disbursements: { awardId: randomUUID(), amount: 1, paidOn: '2024-12-16', method: 'cash' },
  };

  test('gives the same call the first answer, also in a new session; another body is refused', async () => {
    const { admin } = world;
    const body = NEW_USER('twice@test.example');
    const key = randomUUID();
    const first = await call(
      'POST',
      '/api/v1/users',
      { ...bearer(admin), ...JSON_TYPE, 'idempotency-key': key },
      body,
    );
    const cookie = cookieOf(await signIn(admin.email, admin.password));
    const browser = { cookie, origin: house.url, ...JSON_TYPE, 'idempotency-key': key };
    const again = await call('POST', '/api/v1/users', browser, body);
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    const other = await call('POST', '/api/v1/users', browser, NEW_USER('thrice@test.example'));
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.mismatch']);
  });
});

describe('the description of the API', () => {
  test('is served, readable too, and names every route with its method', async () => {
    interface Description {
      openapi: string;
      paths: Record<string, Record<string, { responses: object }>>;
    }
    const { status, body } = await call<Description>('GET', '/api/v1/openapi.json');
    expect([status, body.openapi]).toEqual([200, expect.stringMatching(/^3\./)]);
    const named = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const routes = routesOf(house.app).filter(({ path }) => path.startsWith('/api/v1/'));
    expect(named.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    expect(routes.length).toBeGreaterThan(35);
    const docs = await call('GET', '/api/docs');
    expect([docs.status, docs.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^text\/html/),
    ]);
  });

  test('says of every field of a request what it takes', async () => {
    const { body } = await call<{ components: { schemas: Record<string, { properties?: object }> } }>(
      'GET',
      '/api/v1/openapi.json',
    );
    const { NewGrantRequest, LineInput } = body.components.schemas;
    expect(NewGrantRequest).toMatchObject({
      required: ['kind', 'urgency', 'lines', 'reason'],
      properties: {
        kind: { enum: ['relief', 'activity'] },
        lines: { type: 'array', items: { $ref: '#/components/schemas/LineInput' } },
        reason: { type: 'string', maxLength: 4_000 },
      },
    });
    expect(LineInput).toMatchObject({
      properties: { unitPrice: { type: 'integer', minimum: 1 }, spentOn: { type: 'string', format: 'date' } },
    });
  });
});

describe('who watches the process', () => {
  test.each(['live', 'ready'])('hears from /health/%s without signing in', async (path) => {
    const reply = await call('GET', `/health/${path}`);
    expect([reply.status, reply.body]).toEqual([200, { status: 'ok' }]);
  });
});

describe('every answer', () => {
  test.each<[string, () => Promise<Reply>]>([
    ['JSON', () => call('GET', '/api/v1/me', bearer(world.partner))],
    ['a problem', () => call('GET', '/api/v1/me')],
    ['an absent path', () => call('GET', '/api/v1/nothing')],
    ['malformed JSON', () => call('POST', '/api/v1/session', { ...JSON_TYPE, origin: house.url }, '{')],
    ['a page', () => call('GET', '/sign-in')],
    ['an absent page', () => call('GET', '/nothing')],
    ['a redirect', () => call('GET', '/requests')],
    ['an asset', () => call('GET', '/assets/sasae.css')],
    ['health', () => call('GET', '/health/live')],
    ['the description', () => call('GET', '/api/v1/openapi.json')],
    ['the readable description', () => call('GET', '/api/docs')],
  ])('(%s) tells the browser what it may do with it', async (_, ask) => {
    const { headers } = await ask();
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]{24}'/);
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('with something personal is kept by no cache', async () => {
    for (const path of ['/api/v1/me', '/api/v1/people']) {
      expect((await call('GET', path, bearer(world.partner))).headers.get('cache-control')).toBe('no-store');
    }
  });

  test('has scripts of its own, named anew each time', async () => {
    const policies = [await call('GET', '/sign-in'), await call('GET', '/sign-in')].map(({ headers }) =>
      headers.get('content-security-policy'),
    );
    expect(policies[0]).not.toBe(policies[1]);
  });
});

const invite = async (email: string): Promise<string> =>
  (await world.admin.post<{ invitationUrl: string }>('/users', JSON.parse(NEW_USER(email)))).body
    .invitationUrl;

describe('a one-time link', () => {
  const PASSWORD = '朝ごはんは味噌汁とおにぎり';
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const choose = (link: string, password: string, at: House = house) =>
    call(
      'POST',
      new URL(link).pathname,
      { ...form, origin: at.url },
      new URLSearchParams({ password }).toString(),
      at,
    );

  test('lets the first administrator in, once, and nobody makes a second first one', async () => {
    const empty = await openAnother();
    const users = empty.app.get(UsersService);
    const [link, second] = await Promise.all(
      ['First@test.example', 'second@test.example'].map((email) => users.createFirstAdmin(email)),
    ).then((links) => links.sort((one) => (one ? -1 : 1)));
    expect(second).toBeNull();
    expect(await users.createFirstAdmin('third@test.example')).toBeNull();
    const page = await call('GET', new URL(link!).pathname, {}, undefined, empty);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const chosen = await choose(link!, PASSWORD, empty);
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, '/']);
    const me = await call<{ roles: string[] }>(
      'GET',
      '/api/v1/me',
      { cookie: cookieOf(chosen) },
      undefined,
      empty,
    );
    expect(me.body.roles).toEqual(['admin']);
    expect((await choose(link!, 'another long password', empty)).status).toBe(409);
    const [{ email }] = (await empty.sql<{ email: string }>('SELECT email FROM users')) as [
      { email: string },
    ];
    expect(email).toBe(email.toLowerCase());
    expect((await signIn(email, PASSWORD, {}, empty)).status).toBe(204);
  });

  test('of an invitation lets the new user choose a password and come in', async () => {
    const link = await invite('invited@test.example');
    expect((await signIn('invited@test.example', PASSWORD)).status).toBe(401);
    const chosen = await choose(link, PASSWORD);
    expect(chosen.status).toBe(303);
    expect(chosen.headers.get('set-cookie')).toMatch(/HttpOnly/);
    expect((await signIn('invited@test.example', PASSWORD)).status).toBe(204);
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
    const body = { ...JSON.parse(NEW_USER(`${randomUUID()}@test.example`)), ...more };
    const reply = await call(
      'POST',
      '/api/v1/users',
      { ...bearer(world.admin), ...keyed() },
      JSON.stringify(body),
    );
    expect([reply.status, faultsOf(reply)]).toEqual([422, [fault]]);
  });
});

test('every route says which action it is, and every page but the way in needs somebody', () => {
  const routes = routesOf(house.app);
  expect(routes.length).toBeGreaterThan(50);
  expect(routes.filter(({ action }) => typeof action !== 'string')).toEqual([]);
  expect(
    routes
      .filter(({ action }) => action === 'public')
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  ).toEqual([
    'GET /assets/:file',
    'GET /health/live',
    'GET /health/ready',
    'GET /sign-in',
    'GET /welcome/:token',
    'POST /api/v1/session',
    'POST /language',
    'POST /sign-in',
    'POST /welcome/:token',
  ]);
});
