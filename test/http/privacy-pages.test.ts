import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { given, line, type Given } from '../given.js';
import { ForgettingService } from '../../src/privacy/index.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
});
afterAll(() => house.close());

async function shown(who: Somebody, path: string, language = 'ja', fields?: Record<string, string>) {
  const response = await fetch(`${house.url}${path}`, {
    method: fields ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${who.key}`, 'accept-language': language },
    body: fields && new URLSearchParams({ idempotencyKey: randomUUID(), ...fields }),
    redirect: 'manual',
  });
  const { status, headers } = response;
  return { status, location: headers.get('location'), html: await response.text() };
}
const post = (who: Somebody, path: string, fields: Record<string, string> = {}) =>
  shown(who, path, 'ja', fields);

async function personOf(alias: string): Promise<{ id: string; code: string }> {
  const consent = [{ purpose: 'casework', givenOn: '2024-12-01', language: 'ja', method: 'spoken' }];
  const { body } = await world.partner.post<{ id: string; code: string }>('/people', { alias, consent });
  return body;
}

/** Somebody whose case was closed long ago. */
async function duePerson(alias: string): Promise<{ id: string; code: string }> {
  const person = await personOf(alias);
  await house.sql(`UPDATE persons SET updated_at = updated_at - interval '3 years' WHERE id = $1`, [
    person.id,
  ]);
  return person;
}

const codes = (html: string): string[] => html.match(/P-[0-9A-Z]{6}/g) ?? [];

const RULES = {
  caseMonths: '24',
  personMonths: '36',
  draftMonths: '6',
  evidenceMonths: '12',
  voucherYears: '7',
  sessionDays: '30',
};

describe('what goes next', () => {
  test('is shown to administration and board by code, and never by name', async () => {
    const { code } = await duePerson('名前の見えない人');
    for (const who of [world.admin, world.board]) {
      const { status, html } = await shown(who, '/privacy?kind=person');
      expect(status).toBe(200);
      expect(html).toContain(code);
      expect(html).toContain('次の夜に消える');
      expect(html).not.toContain('名前の見えない人');
    }
    expect((await shown(world.admin, '/privacy?kind=person', 'en')).html).toContain('Goes tonight');
  });

  test('goes on page by page', async () => {
    await Promise.all(Array.from({ length: 55 }, () => duePerson('x')));
    const first = await shown(world.admin, '/privacy?kind=person');
    const next = /href="(\/privacy\?kind=person&amp;cursor=[^"]+)"/.exec(first.html)![1]!;
    const second = await shown(world.admin, next.replace('&amp;', '&'));
    expect(codes(first.html)).toHaveLength(50);
    expect(codes(second.html).length).toBeGreaterThan(4);
    expect(codes(second.html).filter((code) => codes(first.html).includes(code))).toEqual([]);
  });

  test('is closed to everybody else', async () => {
    for (const who of [world.partner, world.reviewer, world.treasurer])
      for (const path of ['/privacy', '/privacy/retention', '/privacy/holds', '/privacy/deletions'])
        expect((await shown(who, path)).status).toBe(403);
    expect((await shown(world.board, '/privacy/deletions')).status).toBe(403);
  });
});

describe('the times', () => {
  test('are shown with their reasons, and changed by an administrator', async () => {
    const before = await shown(world.board, '/privacy/retention');
    expect(before.html).toContain('法律で、年度の終わりから7年の保存が必要です');
    expect(before.html).not.toContain('この期間にする');
    const changed = await post(world.admin, '/privacy/retention', RULES);
    expect([changed.status, changed.location]).toEqual([303, '/privacy/retention?done=privacy.changed']);
    expect((await shown(world.admin, '/privacy/retention')).html).toContain('36か月');
  });

  test('come back with what was typed and why it is refused', async () => {
    const { status, html } = await post(world.admin, '/privacy/retention', {
      ...RULES,
      voucherYears: '6',
      caseMonths: '二十四',
    });
    expect(status).toBe(422);
    expect(html).toContain('7 以上の数字にしてください。');
    expect(html).toContain('value="二十四"');
    expect(html).toContain('value="36"');
  });
});

describe('holds', () => {
  test('are placed by code, shown with who and why, and lifted', async () => {
    const { code } = await duePerson('x');
    const refused = await post(world.board, '/privacy/holds', { code: 'P-AAAAAA', reason: 'court' });
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('この番号の相談者、ケース、団体はありません');
    expect(refused.html).toContain('value="P-AAAAAA"');
    const placed = await post(world.board, '/privacy/holds', { code, reason: 'court' });
    expect([placed.status, placed.location]).toEqual([303, '/privacy/holds?done=privacy.held']);
    const { html } = await shown(world.admin, '/privacy/holds?done=privacy.held');
    expect(html).toContain(code);
    expect(html).toContain('裁判');
    const lift = /action="(\/privacy\/holds\/[^"]+\/lift)"/.exec(html)![1]!;
    expect((await post(world.admin, lift, { reason: 'over' })).status).toBe(303);
    const again = await post(world.board, lift, { reason: 'over' });
    expect([again.status, again.html.includes('ほかの人がもう解きました')]).toEqual([409, true]);
  });
});

describe('who asks to be forgotten', () => {
  test('is written down by the member, answered by an administrator, and the member sees it', async () => {
    const { id, code } = await personOf('消してほしい人');
    const path = `/people/${id}/deletion-request`;
    expect((await shown(world.partner, path)).html).toContain(code);
    expect((await post(world.partner, path)).status).toBe(422);
    const asked = await post(world.partner, path, { asked: 'person' });
    expect([asked.status, asked.location]).toEqual([303, `${path}?done=privacy.asked`]);
    const waiting = await shown(world.admin, '/privacy/deletions');
    expect(waiting.html).toContain(code);
    expect(waiting.html).toContain('答えの期限');
    expect(waiting.html).not.toContain('消してほしい人');
    const grant = new RegExp(`action="(/privacy/deletions/[^"]+/grant)"`).exec(waiting.html)![1]!;
    const refuse = grant.replace('grant', 'refuse');
    const field = `reasons.${refuse.split('/')[3]}`;
    const odd = await post(world.admin, refuse, { [field]: 'because' });
    expect([odd.status, odd.html.includes(`href="#${field.replace('.', '-')}"`)]).toEqual([422, true]);
    const deferred = await post(world.admin, grant.replace('grant', 'defer'), { [field]: 'still_helped' });
    expect(deferred.location).toBe('/privacy/deletions?done=privacy.deferred');
    expect((await shown(world.partner, '/deletions')).html).toContain('支援が続いているため');
    expect((await post(world.admin, grant)).location).toBe('/privacy/deletions?done=privacy.granted');
    const again = await post(world.admin, grant);
    expect([again.status, again.html.includes('ほかの人が先に答えました')]).toEqual([409, true]);
    expect((await shown(world.partner, '/deletions')).html).toContain('消しました');
    expect((await shown(world.partner, path)).html).not.toContain('新しく記録する');
  });

  test('is not found by another member', async () => {
    const elsewhere = await world.anotherOrganisation();
    const neighbour = await house.somebody('neighbour', ['lead'], elsewhere.id);
    const { id } = await personOf('x');
    expect((await shown(neighbour, `/people/${id}/deletion-request`)).status).toBe(404);
    expect((await post(neighbour, `/people/${id}/deletion-request`, { asked: 'person' })).status).toBe(404);
  });
});

describe('privacy.md, point 3: every page goes on without the forgotten', () => {
  test('requests, the desk, payments and the first pages show that it was forgotten, and no fault', async () => {
    const fund = await world.fund('forgotten', { shelter: 1_000_000 });
    const caseId = await world.householdCase();
    const request = await world.requestIn('settled', fund, [line('shelter', 9_000)], world.partner, caseId);
    const declined = await world.requestIn('declined', fund, [line('shelter', 9_000)], world.partner, caseId);
    await world.partner.send('PATCH', `/cases/${caseId}`, { status: 'closed' });
    await house.sql(`UPDATE cases SET closed_at = closed_at - interval '3 years' WHERE id = $1`, [caseId]);
    expect(await house.app.get(ForgettingService).night()).toBeGreaterThan(0);
    const awardId = request.lines[0]!.awards[0]!.id;
    const { partner, reviewer, approver, treasurer, board, admin } = world;
    const pages: [Somebody, string[]][] = [
      [partner, ['/', '/requests', `/requests/${request.id}`, `/requests/${declined.id}`, '/requests/new']],
      [reviewer, ['/', '/requests', `/requests/${request.id}`, `/requests/${declined.id}`]],
      [approver, ['/', '/requests', `/requests/${request.id}`, `/requests/${declined.id}`]],
      [treasurer, ['/', '/payments', `/requests/${request.id}`, `/payments/${awardId}`, '/reports']],
      [board, ['/', '/log', '/reports', '/privacy']],
      [admin, ['/', '/log', '/privacy']],
    ];
    for (const [who, paths] of pages)
      for (const path of paths)
        for (const language of ['ja', 'en']) {
          const { status } = await shown(who, path, language);
          expect([path, status]).toEqual([path, 200]);
        }
    const own = await shown(partner, `/requests/${request.id}`);
    expect(own.html).toContain('個人についての内容は消しました');
    expect(own.html).toContain('¥9,000');
    expect((await shown(partner, '/requests', 'en')).html).toContain('(text forgotten)');
  });
});
