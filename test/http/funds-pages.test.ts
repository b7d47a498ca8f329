import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ContributionView } from '../../src/funds/contributions.dto.js';
import type { FundView } from '../../src/funds/index.js';
import type { MoveView } from '../../src/funds/moves.dto.js';
import type { Page } from '../../src/platform/pages.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let fund: FundView;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  fund = await world.fund(
    'pages',
    { shelter: 100_000, food: 20_000 },
    { rules: { moveLimit: { percent: 10, of: 'source' } } },
  );
});
afterAll(() => house.close());

interface Shown {
  status: number;
  location: string | null;
  html: string;
}

async function call(
  who: Somebody,
  path: string,
  fields?: Record<string, string>,
  language = 'ja',
): Promise<Shown> {
  const response = await fetch(`${house.url}${path}`, {
    method: fields ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${who.key}`, 'accept-language': language },
    body: fields && new URLSearchParams({ idempotencyKey: randomUUID(), ...fields }),
    redirect: 'manual',
  });
  const { status, headers } = response;
  return { status, location: headers.get('location'), html: await response.text() };
}
/** Follows an answer to where it leads, and gives the notice there. */
async function noticeOf(who: Somebody, { location }: Shown): Promise<string> {
  const { html } = await call(who, location!);
  return /role="status">([^<]+)/.exec(html)?.[1] ?? '';
}
const fundNow = async ({ id } = fund) => (await world.treasurer.get<FundView>(`/funds/${id}`)).body;
const lineOf = (category: string) => fund.lines.find((one) => one.category === category)!.id;
const newest = async ({ id } = fund) =>
  (await world.treasurer.get<Page<ContributionView>>(`/funds/${id}/contributions`)).body.items[0]!;
const waiting = async () =>
  (await world.board.get<Page<MoveView>>('/budget-transfers?status=waiting')).body.items;

const fundPath = () => `/funds/${fund.id}`;

const askMove = (fields: Record<string, string>) => call(world.treasurer, `/funds/${fund.id}/moves`, fields);

const moveForm = (amount: string, more: Record<string, string> = {}) => ({
  'move.fromLineId': lineOf('shelter'),
  'move.toLineId': lineOf('food'),
  'move.amount': amount,
  'move.reason': '寒波のため',
  ...more,
});

describe('every page has its words, in both languages', () => {
  test('for those who read and for those who manage', async () => {
    const contribution = await newest();
    const paths = [
      '/funds',
      `/funds/${fund.id}`,
      `/funds/${fund.id}/lines/${lineOf('food')}`,
      `/funds/${fund.id}/lines/unallocated?month=2024-12`,
      `/funds/${fund.id}/lines/contributed`,
      `/contributions/${contribution.id}`,
      '/moves',
    ];
    for (const language of ['ja', 'en']) {
      for (const who of [world.treasurer, world.board, world.reviewer]) {
        for (const path of paths)
          expect([path, (await call(who, path, undefined, language)).status]).toEqual([path, 200]);
      }
      expect((await call(world.treasurer, '/funds/new', undefined, language)).status).toBe(200);
    }
    for (const path of paths) expect((await call(world.partner, path)).status).toBe(403);
    for (const path of [`/funds/${fund.id}/lines/${fund.id}`, `/contributions/${fund.id}`])
      expect((await call(world.treasurer, path)).status).toBe(404);
  });
});

describe('a new fund without script', () => {
  const sent = {
    code: 'narrow',
    name: '住居の基金',
    kind: 'grant',
    from: '2024-12-01',
    to: '',
    source: '○○財団',
    'rules.note': '東京だけ',
    'rules.categories': 'shelter',
    'rules.prefectures': '13',
    'rules.paymentMethods': 'bank_transfer',
    'rules.capPerPerson': '３０，０００円',
    'rules.capPerHousehold': '',
    'rules.moveLimit.percent': '101',
    'rules.moveLimit.of': 'total',
  };

  test('is shown again with all that was typed, and made with all its rules', async () => {
    const again = await call(world.treasurer, '/funds/new', sent);
    expect(again.status).toBe(422);
    expect(again.html).toContain('href="#rules-moveLimit-percent"');
    expect(again.html).toContain('value="３０，０００円"');
    expect(again.html).toMatch(/value="13"[^>]*checked/);
    const made = await call(world.treasurer, '/funds/new', { ...sent, 'rules.moveLimit.percent': '20' });
    expect(made.status).toBe(303);
    const id = /funds\/([^?]+)/.exec(made.location!)![1]!;
    expect(await fundNow({ id } as FundView)).toMatchObject({
      source: '○○財団',
      to: null,
      rules: {
        note: '東京だけ',
        categories: ['shelter'],
        prefectures: ['13'],
        paymentMethods: ['bank_transfer'],
        capPerPerson: 30_000,
        moveLimit: { percent: 20, of: 'total' },
      },
    });
    for (const language of ['ja', 'en']) {
      const { html } = await call(world.treasurer, `/funds/${id}`, undefined, language);
      expect(html).toContain('¥30,000');
    }
  });

  test('without a percentage has no rule on moves', async () => {
    const form = { ...sent, code: 'free', 'rules.moveLimit.percent': '' };
    const made = await call(world.treasurer, '/funds/new', form);
    const id = /funds\/([^?]+)/.exec(made.location!)![1]!;
    expect((await fundNow({ id } as FundView)).rules.moveLimit).toBeUndefined();
  });
});

describe('money that comes in, without script', () => {
  test('is promised, received in parts and corrected', async () => {
    const promise = { 'promise.amount': '', 'promise.expectedOn': '2025-01-31', 'promise.source': '△△会' };
    const again = await call(world.treasurer, `${fundPath()}/promises`, promise);
    expect(again.status).toBe(422);
    expect(again.html).toContain('href="#promise-amount"');
    expect(again.html).toContain('value="△△会"');
    expect(again.html).toMatch(/id="promise" open/);
    const made = await call(world.treasurer, `${fundPath()}/promises`, {
      ...promise,
      'promise.amount': '10,000',
    });
    expect(await noticeOf(world.treasurer, made)).toContain('届く予定を書いておきました');
    const { id } = await newest();
    const receive = (amount: string) =>
      call(world.treasurer, `/contributions/${id}/receive`, {
        'receipt.amount': amount,
        'receipt.receivedOn': '2024-12-16',
      });
    const much = await receive('10,001');
    expect(much.status).toBe(409);
    expect(much.html).toContain('まだ届いていないのは ¥10,000 です');
    expect(much.html).toContain('value="10,001"');
    expect(await noticeOf(world.treasurer, await receive('4,000'))).toContain('受け取りを記録しました');
    expect(await fundNow()).toMatchObject({ promised: 6_000, unallocated: 4_000 });
    const received = await newest();
    const correct = (fields: Record<string, string>) =>
      call(world.treasurer, `/contributions/${received.id}/correct`, {
        'correction.amount': '4,500',
        'correction.receivedOn': '2024-12-15',
        'correction.source': '△△会',
        'correction.reference': '',
        ...fields,
      });
    const silent = await correct({});
    expect(silent.status).toBe(422);
    expect(silent.html).toContain('href="#correction-reason"');
    const corrected = await correct({ 'correction.reason': '通帳と数えなおした' });
    expect(await noticeOf(world.treasurer, corrected)).toContain('訂正しました');
    const twice = await correct({ 'correction.reason': 'もう一度' });
    expect(twice.status).toBe(409);
    expect(twice.html).toContain('いまは「訂正済み」なので、訂正することができません');
    expect(await fundNow()).toMatchObject({ promised: 5_500, unallocated: 4_500 });
    expect((await call(world.treasurer, fundPath())).html).toContain('¥4,000 → ¥4,500');
  });
});

describe('moves without script', () => {
  test('need a place to go to, and keep what was typed', async () => {
    const { status, html } = await askMove(moveForm('９万', { 'move.toLineId': '' }));
    expect(status).toBe(422);
    expect(html).toContain('href="#move-toLineId"');
    expect(html).toContain('href="#move-amount"');
    expect(html).toContain('寒波のため');
    expect(html).toMatch(/id="move" open/);
  });

  test('within the rule are done, above it wait for a second person, who sees what is left', async () => {
    expect(await noticeOf(world.treasurer, await askMove(moveForm('9,000')))).toBe('お金を移しました。');
    expect(await noticeOf(world.treasurer, await askMove(moveForm('５０００')))).toContain(
      'もう1人が同意すると',
    );
    const [{ id } = { id: '' }] = await waiting();
    const own = await call(world.treasurer, '/moves');
    expect(own.html).toContain(`/moves/${id}/withdraw`);
    expect(own.html).not.toContain(`/moves/${id}/agree`);
    expect((await call(world.board, '/funds')).html).toContain(
      '1件の移し替えが、もう1人の同意を待っています',
    );
    expect((await call(world.board, '/')).html).toContain('<b class="count" aria-hidden="true">1</b>');
    const seen = await call(world.board, '/moves');
    expect(seen.html).toContain('¥91,000 → <b>¥86,000</b>');
    expect(seen.html).toContain('¥29,000 → <b>¥34,000</b>');
    const refused = await call(world.treasurer, `/moves/${id}/agree`, { [`${id}.comment`]: '急ぎです' });
    expect(refused.status).toBe(409);
    expect(refused.html).toContain('あなたが頼んだ移し替えなので');
    const agreed = await call(world.board, `/moves/${id}/agree`, { [`${id}.comment`]: 'どうぞ' });
    expect(await noticeOf(world.board, agreed)).toBe('お金を移しました。');
    const twice = await call(world.board, `/moves/${id}/refuse`, {});
    expect(twice.status).toBe(409);
    expect(twice.html).toContain('いまは「移し替え済み」なので、見送ることができません');
    expect((await fundNow()).lines.map(({ available }) => available).sort()).toEqual([34_000, 86_000]);
  });

  test('too long a comment stays in its field', async () => {
    await askMove(moveForm('20,000', { 'move.toLineId': 'unallocated' }));
    const [{ id } = { id: '' }] = await waiting();
    const { status, html } = await call(world.board, `/moves/${id}/refuse`, {
      [`${id}.comment`]: 'あ'.repeat(1_001),
    });
    expect(status).toBe(422);
    expect(html).toContain(`href="#${id}-comment"`);
    expect((await call(world.board, `/moves/${id}/refuse`, {})).status).toBe(303);
    expect((await call(world.board, '/moves', undefined, 'en')).html).toContain('Refused');
  });
});

describe('carrying over, extending and closing without script', () => {
  test('a whole end of a fund', async () => {
    const [old, next] = [await world.fund('ending', { food: 1_000 }), await world.fund('next', { food: 1 })];
    const post = (path: string, fields: Record<string, string>) =>
      call(world.treasurer, `/funds/${old.id}/${path}`, fields);
    const early = await post('close', { 'closing.reason': '終わったので' });
    expect(early.status).toBe(409);
    expect(early.html).toContain('まだお金があるので、閉じられません（残り ¥1,000、約束済 ¥0）');
    const shorter = await post('extend', { 'extension.to': '2025-01-01', 'extension.reason': '延長' });
    expect(shorter.status).toBe(422);
    expect(shorter.html).toContain('href="#extension-to"');
    expect((await post('extend', { 'extension.to': '2025-06-30', 'extension.reason': '延長' })).status).toBe(
      303,
    );
    const back = {
      'allocation.line': 'relief.food',
      'allocation.direction': 'back',
      'allocation.amount': '1000',
    };
    expect((await post('allocations', back)).status).toBe(303);
    const carry = { 'carry.toFundId': next.id, 'carry.amount': '1,000', 'carry.reason': '次の冬へ' };
    expect((await post('carry', { ...carry, 'carry.toFundId': '' })).html).toContain(
      'href="#carry-toFundId"',
    );
    expect(await noticeOf(world.treasurer, await post('carry', carry))).toContain('頼みました');
    const [{ id } = { id: '' }] = await waiting();
    expect((await call(world.board, '/moves')).html).toContain('次の冬へ');
    expect((await call(world.board, `/moves/${id}/agree`, {})).status).toBe(303);
    const closed = await post('close', { 'closing.reason': '終わったので' });
    expect(await noticeOf(world.treasurer, closed)).toBe('財源を閉じました。');
    const { html } = await call(world.treasurer, `/funds/${old.id}`);
    for (const part of ['閉じました', '終わったので', '¥1,000 を繰り越しました', '2025年6月30日'])
      expect(html).toContain(part);
    expect(html).not.toContain('/allocations"');
    const late = await post('allocations', { ...back, 'allocation.direction': 'add' });
    expect(late.status).toBe(409);
    expect(late.html).toContain('この財源は閉じてあるので');
  });
});

test('the statement of a line tells its history month by month', async () => {
  const { id } = await world.fund('history', { shelter: 50_000 });
  house.clock.set('2025-01-05T10:00:00+09:00');
  const one = await fundNow({ id } as FundView);
  await world.paidRequest(one, [line('shelter', 3_000)]);
  const path = `/funds/${id}/lines/${one.lines[0]!.id}`;
  const text = async (query = '', language = 'ja') =>
    (await call(world.treasurer, `${path}${query}`, undefined, language)).html
      .replace(/<span class="head".*?<\/span>/g, '')
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ');
  expect(await text()).toContain('はじめ ¥0 ¥0 ¥0');
  const january = await text('?month=2025-01');
  expect(january).toContain('はじめ ¥50,000 ¥0 ¥0');
  expect(january).toContain('約束 ¥3,000 ¥47,000 ¥3,000 ¥0');
  expect(january).toContain('支払い ¥3,000 ¥47,000 ¥0 ¥3,000');
  expect(january).toContain('おわり ¥47,000 ¥0 ¥3,000');
  expect(await text('?month=2024-12', 'en')).toContain('Closing ¥50,000 ¥0 ¥0');
  expect(await text('?month=2024-11')).toContain('この期間に、お金の動きはありません');
  expect(await text('?month=nonsense')).toContain('おわり ¥47,000');
});
