import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { laterBy } from '../factor.js';
import { given, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { DESK, faultsOf, openBrowser, PHONE } from './browser.js';

let house: House;
let world: Given;
let browser: Browser;

beforeAll(async () => {
  [house, browser] = await Promise.all([openHouse({ secondFactor: true }), openBrowser()]);
  world = await given(house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

/** A window whose machine has an authenticator of its own, which knows its user by a fingerprint. */
async function withAuthenticator(options: BrowserContextOptions): Promise<Page> {
  // A browser makes no passkey for a bare address.
  const baseURL = house.url.replace('127.0.0.1', 'localhost');
  const context = await browser.newContext({ locale: 'ja-JP', baseURL, ...options });
  const page = await context.newPage();
  const machine = await context.newCDPSession(page);
  await machine.send('WebAuthn.enable');
  await machine.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return page;
}

async function enter(page: Page, { email, password }: Somebody): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('[name=email]').fill(email);
  await page.locator('[name=password]').fill(password);
  await press(page, 'ログインする');
}

const press = (page: Page, name: string): Promise<void> =>
  page.locator('main').getByRole('button', { name, exact: true }).click();

const titleOf = (page: Page): Promise<string> => page.locator('h1').innerText();

const clean = async (page: Page): Promise<void> =>
  expect([page.url(), await faultsOf(page)]).toEqual([page.url(), []]);

describe('privacy.md, point 10: accounts: a passkey in a browser', () => {
  test('is set up, signs in, and goes before a payment, whose form is kept', async () => {
    const treasurer = await house.somebody('treasurer', ['treasurer']);
    const fund = await world.fund('passkeys', { shelter: 100_000 });
    const [award] = (await world.approvedRequest(fund)).lines[0]!.awards;
    const page = await withAuthenticator(DESK);
    await enter(page, treasurer);
    expect(await titleOf(page)).toBe('2つ目の確認を登録してください');
    await clean(page);
    await page.getByLabel('パスキーの名前').fill('会計のパソコン');
    await press(page, 'パスキーを作る');
    await page.getByRole('heading', { level: 1, name: '予備コード' }).waitFor();
    await clean(page);
    await page.getByRole('link', { name: /先へ進む/ }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto('/account');
    expect(await page.locator('main').innerText()).toContain('会計のパソコン');
    await clean(page);

    await page.evaluate(() => document.querySelector<HTMLFormElement>('form[action="/sign-out"]')!.submit());
    await page.waitForURL(/\/sign-in/);
    await clean(page);
    await press(page, 'パスキーでログインする');
    await page.waitForURL((url) => url.pathname === '/');

    await page.goto(`/payments/${award!.id}`);
    laterBy(house, 11 * 60);
    await page.getByLabel('現金').check();
    await press(page, 'この支払いを記録する');
    await page.getByRole('heading', { level: 1, name: 'もう一度、本人か確かめます' }).waitFor();
    await clean(page);
    await press(page, 'パスキーで確かめる');
    await page.waitForURL(/done=disbursements\.paid/);
    const paid = await house.sql('SELECT method FROM disbursements WHERE award_id = $1', [award!.id]);
    expect(paid).toEqual([{ method: 'cash' }]);
  });

  test('is added on a telephone beside others, counts after the password, and is removed', async () => {
    const caseworker = await house.somebody('caseworker', ['caseworker'], world.organisation.id);
    const page = await withAuthenticator(PHONE);
    await enter(page, caseworker);
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto('/account');
    await page.getByRole('link', { name: 'パスキーを追加する' }).click();
    await clean(page);
    await press(page, 'パスキーを作る');
    await page.getByRole('link', { name: /先へ進む/ }).click();
    await page.waitForURL(/\/account$/);
    await page.context().clearCookies();
    await enter(page, caseworker);
    expect(await titleOf(page)).toBe('2つ目の確認');
    await clean(page);
    await press(page, 'パスキーで確かめる');
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto('/account');
    // The same machine does not make a second one for the same account, and says so.
    await page.getByRole('link', { name: 'パスキーを追加する' }).click();
    await press(page, 'パスキーを作る');
    await page.getByRole('alert').waitFor();
    await clean(page);
    await page.goto('/account');
    await page.getByRole('button', { name: /を取り消す/ }).click();
    await page.waitForURL(/done=account\.passkeyGone/);
    expect(await house.sql('SELECT 1 FROM passkeys WHERE user_id = $1', [caseworker.user.id])).toEqual([]);
  });

  test('is asked for when it is due before another is made, and the name is kept', async () => {
    const admin = await house.somebody('admin', ['admin']);
    const page = await withAuthenticator(DESK);
    await enter(page, admin);
    await press(page, 'パスキーを作る');
    await page.getByRole('link', { name: /先へ進む/ }).click();
    laterBy(house, 11 * 60);
    await page.goto('/account/passkeys/new?back=/account');
    await page.getByLabel('パスキーの名前').fill('机の鍵');
    await press(page, 'パスキーを作る');
    await press(page, 'パスキーで確かめる');
    await page.getByText('下のボタンを押して').waitFor();
    expect(await page.getByLabel('パスキーの名前').inputValue()).toBe('机の鍵');
  });

  test('without script there is no button for it, and the page says what to do', async () => {
    const page = await withAuthenticator({ ...DESK, javaScriptEnabled: false });
    await page.goto('/sign-in');
    expect(await page.getByRole('button', { name: 'パスキーでログインする' }).count()).toBe(0);
    expect(await page.locator('main').innerText()).toContain('JavaScript');
  });

  test('at a bare address there is no button for it either', async () => {
    const page = await withAuthenticator({ ...DESK, baseURL: house.url });
    await page.goto('/sign-in');
    expect(await page.getByRole('button', { name: 'パスキーでログインする' }).count()).toBe(0);
  });
});
