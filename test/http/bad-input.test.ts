import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { attach, pdfSaying } from '../files.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { bearer, callAt, cookieOf, JSON_TYPE, signIn } from './calls.js';

let house: House;
let world: Given;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
});
afterAll(() => house.close());

/** How many rows the tables hold that people fill. */
async function stored(): Promise<unknown> {
  const tables =
    'persons consents cases case_entries vendors grant_requests request_lines request_narratives attachments';
  const counts = tables.split(' ').map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`);
  return (await house.sql(`SELECT ${counts.join(', ')}`))[0];
}

/** Where somebody may write a text of their own: how it is sent, and where it is read again. */
type Place = [
  name: string,
  send: (text: string) => Promise<{ status: number; body: Record<string, unknown> }>,
  field: string,
];
const consent = [{ purpose: 'casework', givenOn: '2024-12-01', language: 'ja', method: 'spoken' }];
const PLACES: Place[] = [
  ['what a person is called', (text) => world.partner.post('/people', { alias: text, consent }), 'alias'],
  ['a vendor', (text) => world.partner.post('/vendors', { name: text, kind: 'other' }), 'name'],
  [
    'a reason',
    (text) =>
      world.partner.post('/grant-requests', {
        kind: 'activity',
        urgency: 'soon',
        reason: text,
        lines: [{ ...line('food', 100), category: undefined }],
      }),
    'reason',
  ],
  [
    'a name of a user',
    (text) => world.admin.send('PATCH', `/users/${world.board.user.id}`, { name: text }),
    'name',
  ],
];

describe.each(PLACES)('%s', (_, send, field) => {
  test.each([
    ['a null byte', 'a\u0000b'],
    ['other controls', 'a\u001b[2Jb'],
    ['a mark that turns the text round', 'photo\u202egpj.exe'],
    ['an isolate that turns it round', '\u2067x\u2069'],
    ['half a letter', 'x\ud800'],
    ['a text without end', 'あ'.repeat(20_001)],
    ['a letter under a heap of marks', `a${'\u0301'.repeat(20_001)}`],
  ])('with %s is refused at its field, and nothing is stored', async (__, text) => {
    const before = await stored();
    const { status, body } = await send(text);
    const [fault] = body.errors as { path: string; message: string }[];
    expect([status, fault!.path, fault!.message.length > 5]).toEqual([422, field, true]);
    expect(await stored()).toEqual(before);
  });

  test.each([
    ['SQL', `'; DROP TABLE persons; --`],
    ['SQL in a comment', `x' /* */ OR 1=1 --`],
    ['a pattern and a placeholder', '%_$1\\x00{{name}}${name}'],
    ['a formula', `=cmd|'/c calc'!A1`],
    ['a formula in other words', '@SUM(1+1)*cmd'],
    ['a page', '"><script>alert(1)</script><img src=x>'],
    ['Arabic', 'محمد بن علي'],
    ['Hebrew between Latin', 'abc שלום def'],
    ['combining marks', 'Nguye\u0302\u0303n Thi\u0323 Hoa'],
    ['a family and a flag in one sign each', '👨‍👩‍👧‍👦 🇻🇳'],
    ['rare characters', '𠮷野家 𩸽 \u{e0100}'],
    ['Thai and Burmese', 'สมชาย မောင်'],
  ])('with %s is taken as it stands, and is only text', async (__, text) => {
    const { status, body } = await send(text);
    expect([status < 300, body[field]]).toEqual([true, text]);
    expect(await house.sql('SELECT count(*) > 0 AS there FROM persons')).toEqual([{ there: true }]);
  });
});

test('what somebody wrote stands on a page as text, whatever it is', async () => {
  const reason = `<script>alert(1)</script>"><img src=x onerror=alert(1)> {{name}} محمد`;
  const { id } = (
    await world.partner.post('/grant-requests', {
      kind: 'activity',
      urgency: 'soon',
      reason,
      lines: [{ ...line('food', 100), category: undefined, item: reason }],
    })
  ).body;
  const cookie = cookieOf(await signIn(house, world.partner));
  for (const path of [`/requests/${id}/edit/reason`, `/requests/${id}/edit/check`, '/requests', '/']) {
    const { status, text } = await callAt(house, 'GET', path, { cookie });
    expect([path, status, /<script>alert|<img/.test(text)]).toEqual([path, 200, false]);
  }
});

describe('a file by an odd name', () => {
  test.each([
    ['../../../etc/passwd', 'passwd'],
    ['C:\\Users\\x\\領収書.pdf', '領収書.pdf'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['a\u0000b.pdf', 'ab.pdf'],
    ['a\r\nSet-Cookie: x=1.pdf', 'a%0D%0ASet-Cookie x=1.pdf'],
    ['"><script>.pdf', '%22script.pdf'],
    [`${'長'.repeat(500)}.pdf`, `${'長'.repeat(96)}.pdf`],
    [`=cmd|'/c calc'!A1.pdf`, "c calc'!A1.pdf"],
    ['\u200f\u202e', 'file'],
  ])('%j is kept under a harmless one', async (name, kept) => {
    const { id } = await world.draftRequest();
    const { status, body } = await attach(house, world.partner, id, [{ name, bytes: pdfSaying('x') }]);
    expect([status, body.name]).toEqual([201, kept]);
    const path = `/api/v1/grant-requests/${id}/attachments/${body.id}`;
    const { headers } = await callAt(house, 'GET', path, bearer(world.partner));
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename*=UTF-8''${encodeURIComponent(kept)}`,
    );
    expect(headers.get('set-cookie')).toBeNull();
  });
});

const sendJson = (body: string, path = '/api/v1/people') =>
  callAt(
    house,
    'POST',
    path,
    { ...JSON_TYPE, ...bearer(world.partner), 'idempotency-key': randomUUID() },
    body,
  );

describe('what is too much or comes twice', () => {
  test('JSON of more than a megabyte is refused unread', async () => {
    const before = await stored();
    const reply = await sendJson(JSON.stringify({ alias: 'x'.repeat(1_000_001), consent }));
    expect([reply.status, reply.body.code]).toEqual([413, 'body.too_large']);
    expect(await stored()).toEqual(before);
  });

  test('a list of a hundred thousand lines is refused by its length', async () => {
    const before = await stored();
    const lines = `[${Array.from({ length: 100_000 }, () => '{}').join()}]`;
    const request = `{"kind":"activity","urgency":"soon","reason":"x","lines":${lines}}`;
    const reply = await sendJson(request, '/api/v1/grant-requests');
    expect([reply.status, reply.body.errors!.length < 10]).toEqual([422, true]);
    expect(await stored()).toEqual(before);
  });

  test('a parameter that comes twice is refused at its name', async () => {
    for (const query of [
      'limit=1&limit=2',
      'cursor=a&cursor=b',
      'limit[]=1',
      'limit[a]=1',
      'status=draft&status=none',
    ]) {
      const reply = await callAt(house, 'GET', `/api/v1/grant-requests?${query}`, bearer(world.partner));
      expect([query, reply.status, reply.body.errors!.length]).toEqual([query, 422, 1]);
    }
  });

  test('a field of a form that comes twice is refused as itself, and nothing is stored', async () => {
    const cookie = cookieOf(await signIn(house, world.partner));
    const { id } = await world.draftRequest();
    const before = await stored();
    const form = `urgency=soon&urgency=tonight&idempotencyKey=${randomUUID()}`;
    const headers = { cookie, origin: house.url, 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await callAt(house, 'POST', `/requests/${id}/edit/urgency`, headers, form);
    expect(reply.status).toBe(422);
    expect(await stored()).toEqual(before);
  });

  test('names that objects have of themselves are names like any other', async () => {
    const reply = await sendJson(`{"alias":"x","__proto__":{"name":"y"},"consent":[]}`);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    const other = await sendJson(`{"alias":"x","constructor":{"prototype":{"a":1}},"consent":[]}`);
    expect(other.status).toBeGreaterThanOrEqual(400);
    expect(({} as { name?: string; a?: number }).name ?? ({} as { a?: number }).a).toBeUndefined();
  });
});

test('an upload that breaks off leaves nothing on the disk and nothing in the tables', async () => {
  const { id } = await world.draftRequest();
  const before = await stored();
  const body = `--x\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n${'%PDF-1.7'.repeat(50_000)}`;
  const headers = { ...bearer(world.partner), 'content-type': 'multipart/form-data; boundary=x' };
  const reply = await callAt(house, 'POST', `/api/v1/grant-requests/${id}/attachments`, headers, body);
  expect([reply.status, reply.body.code]).toEqual([400, 'body.malformed']);
  expect(await stored()).toEqual(before);
});
