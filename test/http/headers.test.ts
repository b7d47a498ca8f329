import { once as happens } from 'node:events';
import { connect } from 'node:net';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dayOf } from '../../src/kernel/calendar.js';
import { startServer } from '../faults/server-process.js';
import { given, type Given } from '../given.js';
import { clientAt, openHouse, type House, type Somebody } from '../house.js';
import { doMainJob, saidIn, type MainJob } from '../main-job.js';
import { routesOf } from '../routes.js';
import { bearer, callAt, cookieOf, JSON_TYPE, signIn, type Reply } from './calls.js';

const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

let house: House;
let world: Given;
let job: MainJob;
let dataDir: string;
let keyringFile: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sasae-headers-'));
  keyringFile = join(dataDir, 'keyring.json');
  house = await openHouse({ keyringFile });
  world = await given(house);
  job = await doMainJob(house, world);
});
afterAll(async () => {
  await house.close();
  await rm(dataDir, { recursive: true, force: true });
});

const roles = (): Somebody[] => {
  const { partner, reviewer, approver, treasurer, board, admin } = world;
  return [partner, reviewer, approver, treasurer, board, admin];
};

/** Every page's path, its ids those of the main job. */
const pages = (): string[] =>
  routesOf(house.app)
    .filter(({ method, path }) => method === 'GET' && !/^\/(api|assets|health)\b/.test(path))
    .map(({ path }) =>
      path
        .replace(':attachmentId', job.attachmentId)
        .replace(':fileId', job.attachmentId)
        .replace(':step', 'check')
        .replace(/:\w+/g, job.requestId),
    );

/** What keeps a page from being framed, sniffed, or running anything that is not ours. */
function expectSecure({ headers, text }: Reply<unknown>, what: string): void {
  const policy = headers.get('content-security-policy') ?? '';
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  expect([what, policy.includes(`default-src 'none'`), policy.includes(`frame-ancestors 'none'`)]).toEqual([
    what,
    true,
    true,
  ]);
  expect([what, /unsafe|\*|https?:/.test(policy)]).toEqual([what, false]);
  expect([what, headers.get('x-frame-options'), headers.get('referrer-policy')]).toEqual([
    what,
    'DENY',
    'same-origin',
  ]);
  expect([what, headers.get('x-content-type-options')]).toEqual([what, 'nosniff']);
  if (!headers.get('content-type')?.startsWith('text/html')) return;
  const inline = [
    ...text.matchAll(/<[^>]+\s(?:on[a-z]+|style)\s*=\s*"[^"]*"/gi),
    ...text.matchAll(/javascript:/gi),
    ...text.matchAll(/<style\b/gi),
  ].map(([found]) => found);
  expect([what, inline]).toEqual([what, []]);
  const scripts = [...text.matchAll(/<script\b([^>]*)>([^<]*)/g)];
  for (const [, attributes, code] of scripts)
    expect([what, attributes!.includes(`nonce="${nonce}"`), code]).toEqual([what, true, '']);
}

describe('every page', () => {
  test('of every role, refused and absent ones too, has its headers and nothing inline', async () => {
    const paths = [...pages(), '/nothing', '/log?from=x', '/requests?status=x'];
    expect(paths.length).toBeGreaterThan(20);
    const statuses = new Set<number>();
    for (const somebody of roles()) {
      const cookie = cookieOf(await signIn(house, somebody));
      for (const path of paths) {
        const reply = await callAt(house, 'GET', path, { cookie });
        expectSecure(reply, `${somebody.user.name} ${path}`);
        statuses.add(reply.status);
      }
    }
    for (const path of paths) expectSecure(await callAt(house, 'GET', path), `nobody ${path}`);
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
    expect([200, 403, 404, 422].filter((status) => !statuses.has(status))).toEqual([]);
  });

  test('that is posted to from elsewhere is refused, with its headers', async () => {
    const cookie = cookieOf(await signIn(house, world.partner));
    for (const origin of ['https://evil.example', 'null', `${house.url}.evil.example`]) {
      const reply = await callAt(house, 'POST', '/sign-out', { ...FORM_TYPE, cookie, origin }, '');
      expect([origin, reply.status]).toEqual([origin, 403]);
      expectSecure(reply, origin);
    }
    expect((await callAt(house, 'POST', '/sign-out', { ...FORM_TYPE, cookie }, '')).status).toBe(403);
  });
});

/** Sends this as it is, and gives the whole answer. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.on('error', () => {});
  socket.write(text);
  await happens(socket, 'close');
  return answer;
}

const get = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept-Language: en\r\n${more}\r\n`;

describe('what no route of ours ever sees', () => {
  test.each([
    ['an address that is no address', get('/api/v1/people/%ff'), 400, 'address.malformed', 'Go back'],
    ['an id without end', get(`/api/v1/people/${'a'.repeat(9_000)}`), 414, 'address.too_long', 'home page'],
    ['a head without end', get('/', `X-A: ${'a'.repeat(20_000)}\r\n`), 431, 'head.too_large', 'cookies'],
    ['no HTTP at all', 'EHLO\r\n\r\n', 400, 'request.malformed', ''],
    [
      'two lengths of one body',
      `POST /api/v1/session HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
      'request.malformed',
      'Go back',
    ],
  ])('%s is answered with a problem in the language of who asks', async (_, sent, status, code, sentence) => {
    const [head, body] = (await raw(sent)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('application/problem+json');
    expect(head!.toLowerCase()).toContain(`content-security-policy: default-src 'none'`);
    const problem = JSON.parse(body!) as { status: number; code: string; detail: string };
    expect(problem).toMatchObject({ type: 'about:blank', status, code });
    expect(problem.detail).toContain(sentence);
    expect(body).not.toContain('aaaa');
  });

  test('is answered with a page where a page was asked for', async () => {
    const answer = await raw(get('/%ff'));
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('<html lang="en">');
    expect(answer).not.toContain('FST_ERR');
  });
});

describe('what is asked wrongly', () => {
  test('a parameter that comes twice is refused by every list, and by pages', async () => {
    const cookie = cookieOf(await signIn(house, world.board));
    for (const path of ['/people', '/cases', '/grant-requests', '/vendors', '/organisations'])
      expect([path, (await world.partner.get(`${path}?limit=1&limit=2`)).status]).toEqual([path, 422]);
    expect((await world.board.get('/audit/events?limit=1&limit=2')).status).toBe(422);
    expect((await world.board.get('/audit/events?actorId=x&actorId=y')).status).toBe(422);
    for (const path of ['/log?from=2024-12-01&from=2024-12-02', '/reports?from=2024-12-01&from=2024-12-02'])
      expect([path, (await callAt(house, 'GET', path, { cookie })).status]).toEqual([path, 422]);
    const twice = `email=${world.partner.email}&email=x@example.jp&password=x`;
    const reply = await callAt(house, 'POST', '/sign-in', { ...FORM_TYPE, origin: house.url }, twice);
    expect(reply.status).toBe(422);
    for (const path of pages()) {
      const { status } = await callAt(
        house,
        'GET',
        `${path}?cursor=a&cursor=b&back=/a&back=/b&month=x&month=y`,
        { cookie },
      );
      expect([path, status < 500]).toEqual([path, true]);
    }
  });

  test('a body that is too large is refused, as JSON and as a form', async () => {
    const large = 'x'.repeat(1_000_001);
    const from = { ...bearer(world.partner), origin: house.url };
    for (const type of [JSON_TYPE, FORM_TYPE]) {
      const { status } = await callAt(house, 'POST', '/api/v1/people', { ...from, ...type }, large);
      expect(status).toBe(413);
    }
  });

  test('a fault of ours tells nothing of the inside', async () => {
    await house.sql('ALTER TABLE vendors RENAME TO vendors_gone');
    const api = await callAt(house, 'GET', '/api/v1/vendors', bearer(world.partner));
    await house.sql('ALTER TABLE vendors_gone RENAME TO vendors');
    expect([api.status, api.body.code]).toEqual([500, 'internal']);
    expect(api.text).not.toMatch(/vendors|relation|node_modules|\.[jt]s\b| at /);
    expectSecure(api, 'a fault');
  });
});

describe('who asks too often', () => {
  let small: House;
  beforeAll(async () => {
    small = await openHouse({ settings: { RATE_LIMIT: '1' } });
  });
  afterAll(() => small.close());

  test('waits as a user, while others behind the same address go on', async () => {
    const eager = await small.somebody('eager', ['reviewer']);
    const other = await small.somebody('other', ['reviewer']);
    const answers = [];
    for (let count = 0; count < 22; count += 1)
      answers.push(await callAt(small, 'GET', '/api/v1/me', { ...bearer(eager), 'accept-language': 'en' }));
    const last = answers.at(-1)!;
    expect([answers[0]!.status, last.status, last.body.code]).toEqual([200, 429, 'rate.limited']);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(last.body.detail).toContain('Wait a little');
    expectSecure(last, 'too often');
    expect((await callAt(small, 'GET', '/api/v1/me', bearer(other))).status).toBe(200);
  });

  test('waits as an address, signed in or not, at pages and API', async () => {
    const statuses = [];
    for (let count = 0; count < 80; count += 1)
      statuses.push((await callAt(small, 'GET', '/sign-in')).status);
    expect(statuses.at(-1)).toBe(429);
    const page = await callAt(small, 'GET', '/sign-in');
    expect([page.status, page.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    expect(page.text).toContain('<html');
    expectSecure(page, 'too often');
    expect((await callAt(small, 'GET', '/api/v1/me')).body.code).toBe('rate.limited');
  });

  test('cannot hide behind an address that they make up, where a proxy says who asks', async () => {
    const proxied = await openHouse({
      settings: { RATE_LIMIT: '1', PUBLIC_URL: 'https://sasae.example' },
    });
    const ask = (count: number, proxy: string) =>
      callAt(proxied, 'GET', '/api/v1/me', { 'x-forwarded-for': `10.0.0.${count}, ${proxy}` });
    let last = 0;
    for (let count = 0; count < 70; count += 1) last = (await ask(count, '203.0.113.7')).status;
    expect(last).toBe(429);
    expect((await ask(1, '203.0.113.8')).status).toBe(401);
    await proxied.close();
  });
});

test('the log of the process, at its most talkative, says nothing that people told', async () => {
  const server = await startServer({
    DATABASE_URL: house.appUrl,
    KEYRING: keyringFile,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'trace',
  });
  const there = Object.fromEntries(
    Object.entries(world).map(([name, some]) =>
      typeof some === 'object' && some !== null && 'key' in some
        ? [name, { ...some, ...clientAt(server.url, (some as Somebody).key) }]
        : [name, some],
    ),
  ) as Given;
  const at = { ...house, url: server.url };
  const { personId } = await doMainJob(at, there, dayOf(new Date()));
  const { email, password } = world.partner;
  const cookie = cookieOf(await signIn(at, { email, password }));
  await signIn(at, { email, password: 'wrong-password' });
  await callAt(at, 'GET', `/api/v1/people/${personId}?name=${encodeURIComponent('グエン・ティ・ホア')}`, {
    cookie,
  });
  expect(await server.kill('SIGTERM')).toBe(0);
  const output = server.output();
  expect(output.split('\n').length).toBeGreaterThan(20);
  expect(output).toContain('/api/v1/people/:id');
  expect(saidIn(output)).toEqual([]);
  const secrets = roles().flatMap(({ email: mail, password: secret, key }) => [mail, secret, key]);
  expect(saidIn(output, [...secrets, 'wrong-password', cookie.split('=')[1]!, personId])).toEqual([]);
});
