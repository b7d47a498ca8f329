import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('what nobody types', () => {
  test('a body nested without end is refused before anything walks through it, signed in or not', async () => {
    for (const path of ['/api/v1/session', '/api/v1/people', '/api/v1/grant-requests']) {
      const reply = await callAt(
        house,
        'POST',
        path,
        { ...JSON_TYPE, ...bearer(world.partner), origin: house.url },
        deep(5_000),
      );
      expect([path, reply.status, reply.body.code]).toEqual([path, 400, 'body.malformed']);
    }
  });

  test('white space alone is as empty as nothing', async () => {
    for (const space of [' ', '\u3000', '\ufeff']) {
      const cursor = encodeURIComponent(space);
      expect((await world.partner.get(`/people?cursor=${cursor}`)).status).toBe(200);
      expect(
        (await world.admin.send('PATCH', `/users/${world.board.user.id}`, { name: space })).body.name,
      ).toBe(world.board.user.name);
    }
  });

  test('half a letter in a mail address is named at its field', async () => {
    const reply = await callAt(
      house,
      'POST',
      '/api/v1/session',
      { ...JSON_TYPE, origin: house.url },
      '{"email":"\\ud800","password":"x"}',
    );
    expect([reply.status, reply.body.errors?.[0]?.path]).toEqual([422, 'email']);
  });

  test('a way back leads to our own plain paths only', async () => {
    for (const back of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/あ',
      '/\u0001',
      `/${'x'.repeat(600)}`,
    ]) {
      const reply = await callAt(
        house,
        'POST',
        '/language',
        { 'content-type': 'application/x-www-form-urlencoded', origin: house.url },
        `${new URLSearchParams({ language: 'en', back })}`,
      );
      expect([back, reply.status, reply.headers.get('location')]).toEqual([back, 303, '/']);
    }
  });

  test('a part without a name, and broken JSON as a field, are no files', async () => {
    const { id } = await world.draftRequest();
    const send = (part: string) =>
      callAt(
        house,
        'POST',
        `/api/v1/grant-requests/${id}/attachments`,
        { ...bearer(world.partner), 'content-type': 'multipart/form-data; boundary=x' },
        `--x\r\n${part}\r\n--x--\r\n`,
      );
    const nameless =
      'content-disposition: form-data; name="file"\r\ncontent-type: application/octet-stream\r\n\r\nx';
    const broken = 'content-disposition: form-data; name="a"\r\ncontent-type: application/json\r\n\r\n{';
    expect((await send(nameless)).status).toBe(422);
    expect((await send(broken)).status).toBe(400);
  });

  test('a Host of somebody else’s is no origin of ours', async () => {
    const cookie = cookieOf(await signIn(house, world.partner));
    const from = { ...JSON_TYPE, cookie, origin: 'http://evil.example', host: 'evil.example' };
    const reply = await callAt(house, 'POST', '/api/v1/vendors', from, '{"name":"x","kind":"other"}');
    expect([reply.status, reply.body.code]).toEqual([403, 'origin.mismatch']);
  });
});

test('sums beyond what a number holds stop nobody: funds and decisions are still shown', async () => {
  const fund = await world.fund('hostile', { food: 1_000 });
  const request = await world.requestInReview([line('food', 500)]);
  await house.sql(
    `INSERT INTO request_lines (id, request_id, request_kind, position, category, item, quantity, unit_price, payee_type)
     SELECT gen_random_uuid(), $1, 'relief', p, 'food', '\\x00', 10000, 1000000000000, 'organisation'
     FROM generate_series(2, 4) AS p`,
    [(await world.submittedRequest([line('food', 500)])).id],
  );
  expect((await world.treasurer.get(`/funds/${fund.id}`)).status).toBe(200);
  const approval = world.approvalOf(request, fund);
  expect((await world.approver.post(`/grant-requests/${request.id}/approve`, approval)).status).toBe(200);
});

test('the same call spelt otherwise is the same call', async () => {
  const fund = await world.fund('spelling', { food: 1_000 });
  const body = { amount: 5_000, receivedOn: '2024-12-16', source: '寄付' };
  const key = randomUUID();
  const first = await world.treasurer.post(`/funds/${fund.id}/contributions`, body, key);
  const again = await world.treasurer.post(`/funds/${fund.id.toUpperCase()}/%63ontributions`, body, key);
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.body.id).toBe(first.body.id);
});

test('a list within a list is refused, where nothing of it would be judged', async () => {
  const caseId = await world.householdCase();
  const rules = {
    windowDays: 90,
    tiers: [{ upTo: null, approvers: 2, board: 0 }],
    urgent: { upTo: 30_000, confirmWithinDays: 7 },
    repeatDays: 30,
    caps: [],
  };
  const asked = { caseId, kind: 'relief', urgency: 'soon', reason: '試し', lines: [[line('food', 100)], {}] };
  const calls = [
    [world.admin, '/approval-policies', { rules: { ...rules, tiers: [[]] }, reason: '試し' }],
    [world.admin, '/approval-policies', { rules: { ...rules, caps: [[]] }, reason: '試し' }],
    [world.partner, '/grant-requests', asked],
    [world.partner, '/grant-requests', { ...asked, lines: [[]] }],
    [world.partner, '/people', { alias: '試し', consent: [[]] }],
  ] as const;
  for (const [by, path, body] of calls) {
    const answer = await by.post<{ code: string; errors: { code: string }[] }>(path, body);
    expect([path, answer.status, answer.body.errors[0]!.code]).toEqual([path, 422, 'malformed']);
  }
});

describe('an account that ends', () => {
  test('is signed out everywhere, and stays so when it works again', async () => {
    const somebody = await house.somebody('leaver', ['reviewer']);
    const cookie = cookieOf(await signIn(house, somebody));
    const me = () => callAt(house, 'GET', '/api/v1/me', { cookie });
    expect((await me()).status).toBe(200);
    for (const active of [false, true]) {
      await world.admin.send('PATCH', `/users/${somebody.user.id}`, { active });
      expect((await me()).status).toBe(401);
    }
  });

  test('is not that of the last administrator, also when two leave at once', async () => {
    const other = await house.somebody('admin', ['admin']);
    const leave = (by: typeof other) => by.send('PATCH', `/users/${by.user.id}`, { active: false });
    const statuses = (await Promise.all([leave(other), leave(world.admin)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409]);
  });
});
