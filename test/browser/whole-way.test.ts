import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { FundView } from '../../src/funds/index.js';
import { booksBalance, given, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { DESK, faultsOf, openBrowser, PHONE, signedIn } from './browser.js';

interface Report {
  amount: number;
  people: number;
  instances: number;
  requests: number;
  groups: { month: string; category: string; amount: number; people: number; instances: number }[];
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();

// With script and without: nothing of the way may need it.
describe.each([
  ['with script', true],
  ['without script', false],
])('one request on the winter fund, from the park to the report, %s', (_, javaScriptEnabled) => {
  let house: House;
  let world: Given;
  let browser: Browser;
  let fund: FundView;
  let path: string;

  beforeAll(async () => {
    house = await openHouse({ at: '2024-12-16T18:00:00+09:00' });
    world = await given(house);
    fund = await world.fund('winter-2024', { food: 1_500_000, shelter: 1_500_000 });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await house.close();
  });

  const shelter = async () => {
    const { lines } = (await world.treasurer.get<FundView>(`/funds/${fund.id}`)).body;
    return lines.find(({ category }) => category === 'shelter')!;
  };
  const kinds = async () =>
    (
      await house.sql<{ kind: string }>(
        `SELECT kind FROM transfers WHERE kind NOT IN ('contribute', 'accept', 'allocate') ORDER BY seq`,
      )
    ).map(({ kind }) => kind);
  const report = async () =>
    (await world.board.get<Report>('/reports/disbursed?from=2024-12-01&to=2025-03-31&groupBy=month,category'))
      .body;
  const as = (who: 'partner' | 'approver' | 'treasurer' | 'board') =>
    signedIn(browser, house, world[who], { ...(who === 'partner' ? PHONE : DESK), javaScriptEnabled });
  const clean = async (page: Page) => {
    if (javaScriptEnabled) expect(await faultsOf(page)).toEqual([]);
  };

  test('a partner files it on the telephone, one thing at a time', async () => {
    const page = await as('partner');
    await clean(page);
    await page.getByRole('link', { name: '＋ 新しい申請' }).click();
    await page.getByLabel('新しい人').check();
    await clean(page);
    await press(page, '次へ');
    await page.getByLabel('話して同意しました').check();
    await page.getByLabel('説明したことば').selectOption('en');
    await page.getByLabel('呼び名').fill('アリさん');
    await page.getByLabel('今いる都道府県').selectOption('13');
    await page.getByLabel('住居').check();
    await page.getByLabel('状況').fill('来日直後で住まいがなく、公園で夜を過ごしている。');
    await clean(page);
    await press(page, /^次へ/);
    await page.getByLabel('今夜').check();
    await clean(page);
    await press(page, /^次へ/);
    await page.getByLabel('区分').selectOption('shelter');
    await page.getByLabel('内容').fill('一時宿泊');
    // Full-width digits and separators are harmless forms.
    await page.getByLabel('1つの金額').fill('６，５００');
    await page.locator('[name="lines.0.quantity"]').fill('5');
    if (javaScriptEnabled) expect(await page.getByText('¥32,500').count()).toBe(2);
    await clean(page);
    await press(page, '次へ：支払先');
    await clean(page);
    await press(page, '次へ：理由と書類');
    await page.getByLabel('理由').fill('今夜泊まる場所がない。');
    await clean(page);
    await press(page, '次へ：確かめる');
    await clean(page);
    await press(page, /¥32,500/);
    await page.waitForURL(/\/requests\/[0-9a-f-]{36}\?done=/);
    path = new URL(page.url()).pathname;
    await clean(page);
    expect(await page.getByRole('status').textContent()).toContain('申請を受け取りました');
    expect(await kinds()).toEqual([]);
    expect(await shelter()).toMatchObject({ available: 1_500_000, committed: 0, spent: 0, pending: 32_500 });
    expect(await report()).toMatchObject({ amount: 0, people: 0, instances: 0, groups: [] });
  });

  test('an approver checks it and approves it against the budget', async () => {
    house.clock.set('2024-12-16T19:40:00+09:00');
    const page = await as('approver');
    await clean(page);
    await page.goto(path);
    await press(page, '確認を始める');
    await page.waitForURL(/done=/);
    await clean(page);
    expect(await page.getByText('¥1,500,000').first().isVisible()).toBe(true);
    await press(page, '¥32,500 を承認する');
    await page.waitForURL(/done=grants\.approved/);
    expect(await kinds()).toEqual(['commit']);
    expect(await shelter()).toMatchObject({ available: 1_467_500, committed: 32_500, spent: 0, pending: 0 });
    expect(await report()).toMatchObject({ amount: 0, people: 0, instances: 0 });
  });

  test('the treasurer pays it', async () => {
    house.clock.set('2024-12-16T20:10:00+09:00');
    const page = await as('treasurer');
    await clean(page);
    await page.goto('/payments');
    await clean(page);
    await page.getByRole('link', { name: '支払う' }).click();
    await page.getByLabel('現金').check();
    await clean(page);
    await press(page, 'この支払いを記録する');
    await page.waitForURL(/done=disbursements\.paid/);
    expect(await kinds()).toEqual(['commit', 'pay']);
    expect(await shelter()).toMatchObject({ available: 1_467_500, committed: 0, spent: 32_500 });
    expect(await report()).toMatchObject({
      amount: 32_500,
      people: 1,
      instances: 1,
      requests: 1,
      groups: [{ month: '2024-12', category: 'shelter', amount: 32_500, people: 1, instances: 1 }],
    });
  });

  test('the board reads what was paid and how many people were helped', async () => {
    const page = await as('board');
    await clean(page);
    await page.goto('/reports?from=2024-12-01&to=2025-03-31');
    await clean(page);
    const text = await page.locator('main').innerText();
    expect(text).toContain('¥32,500');
    expect(text).toMatch(/1\s*人/);
    expect(await page.locator('figure.chart svg').count()).toBeGreaterThan(0);
    // The board sees a request only when it is asked to decide it.
    expect(await page.goto(path).then((response) => response!.status())).toBe(404);
  });

  test('the partner sees that it was paid, and the books balance', async () => {
    const page = await as('partner');
    await page.goto(path);
    await clean(page);
    expect(await page.locator('main').innerText()).toContain('支払済');
    expect(await booksBalance(house)).toBe(true);
  });
});
