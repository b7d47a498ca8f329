import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { may, permissionsOf, type Action } from '../../src/access/index.js';
import { UsersQueries } from '../../src/access/users.queries.js';
import { FilingService, type GrantRequestView } from '../../src/grants/index.js';
import type { Page } from '../../src/platform/pages.js';
import type { Problem } from '../../src/web/errors.filter.js';
import { given, line, type Given } from '../given.js';
import { once, openHouse, type House, type Somebody } from '../house.js';
import { routesOf } from '../routes.js';
import { bearer, callAt, cookieOf, faultsOf, JSON_TYPE, signIn, type Reply } from './calls.js';

let house: House;
let world: Given;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
});
afterAll(() => house.close());

const call = <T = Problem>(method: string, path: string, headers?: Record<string, string>, body?: string) =>
  callAt<T>(house, method, path, headers, body);

const keyed = () => ({ ...JSON_TYPE, 'idempotency-key': randomUUID() });

const PAYMENT = JSON.stringify({ awardId: randomUUID(), amount: 1, paidOn: '2024-12-16', method: 'cash' });

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
      415,
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
      () => call('POST', '/api/v1/disbursements', { ...bearer(world.treasurer), ...JSON_TYPE }, PAYMENT),
    ],
    [
      'a key that is no word',
      400,
      'idempotency.missing',
      () =>
        call(
          'POST',
          '/api/v1/disbursements',
          { ...bearer(world.treasurer), ...JSON_TYPE, 'idempotency-key': 'two words' },
          PAYMENT,
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
    const users = house.app.get(UsersQueries);
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

/** These make something without moving money or status, or look: for them a key is welcome and not demanded. */
const WITHOUT = [
  'session',
  'session/second-factor',
  'session/second-factor/options',
  'session/passkey',
  'session/passkey/options',
  'passkeys',
  'passkeys/options',
  'users/:id/second-factor/reset',
  'users/:id/reset',
  'users',
  'organisations',
  'vendors',
  'people',
  'people/search',
  'people/:id/household',
  'people/:id/reveal',
  'cases',
  'cases/:id/entries',
  'funds',
  'grant-requests',
  'grant-requests/:id/attachments',
  'identities/link',
  'identities/unlink',
  'identities/distinct',
];

describe('a key of a call', () => {
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
      form.set('file', new Blob(['code'], { type: 'text/csv' }), 'members.csv');
      const isForm = path.endsWith('/imports');
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
    contributions: { amount: 1, receivedOn: '2024-12-01', source: 'x' },
    allocations: { purpose: 'activity', amount: 1 },
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
    const cookie = cookieOf(await signIn(house, admin));
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

  test('says of every POST that needs an Idempotency-Key that it does', async () => {
    type Operation = { parameters?: { name: string; in: string; required?: boolean }[] };
    const { body } = await call<{ paths: Record<string, { post?: Operation }> }>(
      'GET',
      '/api/v1/openapi.json',
    );
    const needing = Object.entries(body.paths).flatMap(([path, { post }]) =>
      post?.parameters?.some((one) => one.name === 'Idempotency-Key' && one.in === 'header' && one.required)
        ? [path.replace('/api/v1/', '').replaceAll(/\{(\w+)\}/g, ':$1')]
        : [],
    );
    const posts = routesOf(house.app).filter(
      ({ method, path }) => method === 'POST' && path.startsWith('/api/v1/'),
    );
    const paths = posts.map(({ path }) => path.replace('/api/v1/', ''));
    expect(needing.sort()).toEqual(paths.filter((path) => !WITHOUT.includes(path)).sort());
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
    'POST /api/v1/session/passkey',
    'POST /api/v1/session/passkey/options',
    'POST /language',
    'POST /sign-in',
    'POST /sign-in/passkey',
    'POST /welcome/:token',
  ]);
});
