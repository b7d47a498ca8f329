import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let admin: Somebody;
let second: Somebody;
let board: Somebody;

beforeAll(async () => {
  house = await openHouse();
  admin = await house.somebody('提案した人', ['admin']);
  second = await house.somebody('別の管理担当', ['admin']);
  board = await house.somebody('理事の人', ['board']);
});
afterAll(() => house.close());

async function shown(who: Somebody, path = '/policy', language = 'ja', fields?: Record<string, string>) {
  const response = await fetch(`${house.url}${path}`, {
    method: fields ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${who.key}`, 'accept-language': language },
    body: fields && new URLSearchParams({ idempotencyKey: randomUUID(), ...fields }),
    redirect: 'manual',
  });
  return {
    status: response.status,
    location: response.headers.get('location'),
    html: await response.text(),
  };
}
const post = (who: Somebody, path: string, fields: Record<string, string> = {}) =>
  shown(who, path, 'ja', fields);

const PROPOSED = '/policy?done=policy.proposed';

/** The form as it is first shown, with these changes. */
const form = (more: Record<string, string> = {}) => ({
  'rules.windowDays': '90',
  'rules.repeatDays': '30',
  'rules.urgent.upTo': '30,000',
  'rules.urgent.confirmWithinDays': '7',
  ...tier(0, '50,000', '1', '0'),
  ...tier(1, '200,000', '2', '0'),
  ...tier(2, '', '2', '1'),
  ...tier(3, '', '', ''),
  ...cap(0, '', '', '', ''),
  ...cap(1, '', '', '', ''),
  reason: '家賃が上がったため',
  ...more,
});
const tier = (index: number, upTo: string, approvers: string, of: string) => ({
  [`rules.tiers.${index}.upTo`]: upTo,
  [`rules.tiers.${index}.approvers`]: approvers,
  [`rules.tiers.${index}.board`]: of,
});
const cap = (index: number, per: string, category: string, days: string, amount: string) => ({
  [`rules.caps.${index}.per`]: per,
  [`rules.caps.${index}.category`]: category,
  [`rules.caps.${index}.days`]: days,
  [`rules.caps.${index}.amount`]: amount,
});

describe('the page of the policy', () => {
  test('says the table in force in words, in both languages, to everybody of the network', async () => {
    for (const role of ['reviewer', 'approver', 'treasurer', 'board', 'admin'] as const) {
      const who = await house.somebody(role, [role]);
      const [ja, en] = [await shown(who), await shown(who, '/policy', 'en')];
      expect([ja.status, en.status]).toEqual([200, 200]);
      expect(ja.html).toContain('合計 ¥200,000 まで');
      expect(ja.html).toContain('承認担当2人と理事1人');
      expect(en.html).toContain('2 approvers and 1 board member');
      expect(ja.html.includes('この変更を提案する')).toBe(role === 'admin');
      expect(ja.html).not.toContain('この提案に同意する');
      expect(ja.html.includes('href="/policy"')).toBe(['board', 'admin'].includes(role));
    }
    const partner = await house.somebody('approver', ['caseworker'], await anOrganisation());
    expect((await shown(partner)).status).toBe(403);
  });

  test('keeps every value and names every field when a proposal does not fit', async () => {
    const wrong = form({
      'rules.windowDays': '九十',
      ...tier(1, '４０，０００', '0', '0'),
      ...tier(3, '10', '3', '1'),
      ...cap(1, 'household', 'shelter', '30', '十万'),
      reason: ' ',
    });
    const { status, html } = await post(admin, '/policy', wrong);
    expect(status).toBe(422);
    for (const kept of ['九十', '４０，０００', '十万']) expect(html).toContain(`value="${kept}"`);
    expect(html).toContain('<option value="shelter" selected');
    // The empty row before it is gone, so the second row is now the first.
    for (const field of ['rules-windowDays', 'rules-tiers-1-approvers', 'rules-caps-0-amount', 'reason']) {
      expect(html).toContain(`href="#${field}"`);
      expect(html).toContain(`id="${field}"`);
    }
    const rising = await post(admin, '/policy', form(tier(3, '10', '3', '1')));
    expect(rising.status).toBe(422);
    expect(rising.html).toContain('href="#rules-tiers-2-upTo"');
    expect(rising.html).toContain('最後の段は、金額を空けてください');
    expect(rising.html).toContain('家賃が上がったため');
  });

  test('says when nothing would change', async () => {
    const { status, html } = await post(admin, '/policy', form());
    expect(status).toBe(409);
    expect(html).toContain('いまのきまりと同じです');
    expect(html).toContain('家賃が上がったため');
  });

  test('proposes, shows what would change beside it, and lets another one decide', async () => {
    const change = form({ 'rules.repeatDays': '６０', ...cap(1, 'person', '', '90', '¥100,000') });
    expect(await post(admin, '/policy', change)).toMatchObject({ status: 303, location: PROPOSED });
    const own = (await shown(admin)).html;
    expect(own).toContain('あなたの提案です');
    expect(own).toContain('いま提案が1つあります');
    expect(own).not.toContain('この提案に同意する');
    for (const language of ['ja', 'en']) {
      for (const who of [admin, second, board]) {
        expect((await shown(who, '/policy', language)).status).toBe(200);
      }
    }
    const { html } = await shown(board);
    expect(html).toContain('家賃が上がったため');
    expect(html).toContain('いま：同じ人の同じ区分の申請が30日以内');
    expect(html).toContain('90日間に ¥100,000 まで');
    expect(html).toContain('この提案に同意する');
    expect(html).toContain('（1件が待っています）');
    expect(own).not.toContain('（1件が待っています）');
    const version = /\/policy\/(\d+)\/agree/.exec(html)![1]!;
    const lost = await post(admin, `/policy/${version}/agree`);
    expect(lost.status).toBe(409);
    expect(lost.html).toContain('あなたの提案なので');
    expect(await post(board, `/policy/${version}/agree`, { refusal: '' })).toMatchObject({
      status: 303,
      location: '/policy?done=policy.agreed',
    });
    const after = await shown(second, '/policy?done=policy.agreed');
    expect(after.html).toContain('これから提出される申請は、新しいきまりで決めます');
    expect(after.html).toContain('60日以内');
    const late = await post(second, `/policy/${version}/refuse`, { refusal: 'おそすぎた' });
    expect(late.status).toBe(409);
    expect(late.html).toContain('いまは「同意ずみ」なので');
  });

  test('refuses a proposal with a reason, which stays readable', async () => {
    await post(second, '/policy', form({ 'rules.windowDays': '60' }));
    const version = /\/policy\/(\d+)\/refuse/.exec((await shown(admin)).html)![1]!;
    const long = await post(admin, `/policy/${version}/refuse`, { refusal: 'あ'.repeat(2_001) });
    expect(long.status).toBe(422);
    expect(long.html).toContain('あ'.repeat(2_001));
    expect(long.html).toContain('href="#refusal"');
    const refused = await post(admin, `/policy/${version}/refuse`, { refusal: '60日では短すぎます。' });
    expect(refused).toMatchObject({ status: 303, location: '/policy?done=policy.refused' });
    const { html } = await shown(board);
    expect(html).toContain('60日では短すぎます。');
    expect(html).toContain('見送り');
  });
});

async function anOrganisation(): Promise<string> {
  const [{ id }] = (await house.sql<{ id: string }>(
    `INSERT INTO organisations (id, code, name, kind, prefecture_code, languages, created_at)
     VALUES (gen_random_uuid(), 'T900', 'テストの会', 'organisation', '13', '{ja}', now()) RETURNING id`,
  )) as [{ id: string }];
  return id;
}
