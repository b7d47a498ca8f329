import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { given, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { DESK, faultsOf, openBrowser, PHONE, signedIn } from './browser.js';

let house: House;
let world: Given;
let browser: Browser;

beforeAll(async () => {
  [house, browser] = await Promise.all([openHouse(), openBrowser()]);
  world = await given(house);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

const clean = async (page: Page): Promise<void> =>
  expect([page.url(), await faultsOf(page)]).toEqual([page.url(), []]);

describe('privacy.md, point 10: accounts: the page of users', () => {
  test('lets a lead invite on the phone, without script, and end with a colleague', async () => {
    const lead = await house.somebody('lead', ['lead'], world.organisation.id);
    const page = await signedIn(browser, house, lead, { ...PHONE, javaScriptEnabled: false });
    await page.goto('/users/new');
    await page.getByLabel('メールアドレス').fill('hana@test.example');
    await page.getByLabel('名前').fill('山田 花');
    await page.getByRole('button', { name: '招待のリンクを作る' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('役割');
    expect(await page.getByLabel('名前').inputValue()).toBe('山田 花');
    await page.getByLabel('相談担当').check();
    await page.getByRole('button', { name: '招待のリンクを作る' }).click();
    expect(await page.locator('main code').innerText()).toContain('/welcome/');
    await page.getByRole('link', { name: '使う人の一覧へ' }).click();
    await page.getByRole('link', { name: '山田 花' }).click();
    await page.getByLabel('下書きを引きつぐ人').selectOption(world.partner.user.id);
    await page.getByRole('button', { name: 'アカウントを終わらせる' }).click();
    await page.waitForURL(/done=users\.ended/);
    expect(await page.getByRole('status').innerText()).toContain('終わらせました');
  });

  test('is fit for everybody to read', async () => {
    const lead = await house.somebody('reading', ['lead'], world.organisation.id);
    const windows = [
      { who: lead, options: PHONE, about: lead },
      { who: lead, options: PHONE, about: world.partner },
      { who: world.admin, options: DESK, about: world.partner },
    ];
    for (const { who, options, about } of windows) {
      const page = await signedIn(browser, house, who, options);
      for (const path of ['/users', '/users/new', `/users/${about.user.id}`]) {
        await page.goto(path);
        await clean(page);
      }
      await page.goto('/users');
      await page.getByLabel('名前かメールアドレス').fill('partner');
      await page.getByRole('button', { name: '探す' }).click();
      expect(await page.getByRole('link', { name: 'partner' }).count()).toBe(1);
      await clean(page);
    }
  });
});
