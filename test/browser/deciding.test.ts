import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { GrantRequestView } from '../../src/grants/index.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { DESK, faultsOf, openBrowser, signedIn } from './browser.js';

let house: House;
let world: Given;
let browser: Browser;
let request: GrantRequestView;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  // The one that ends first is offered first, and has too little.
  await world.fund('soon', { shelter: 40_000 }, { to: '2025-01-31' });
  await world.fund('later', { shelter: 500_000 });
  request = await world.requestInReview([line('shelter', 60_000)], world.partner, undefined, 'normal');
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await house.close();
});

const opened = async (who: Somebody, options = DESK): Promise<Page> => {
  const page = await signedIn(browser, house, who, options);
  await page.goto(`/requests/${request.id}`);
  return page;
};
const field = (page: Page, name: string) => page.locator(`[name="${name}"]`);
const part = 'lines.0.parts.0.amount';

test('the decision follows what is typed, and a later approver repeats it with one click', async () => {
  const page = await opened(world.approver);
  expect(await faultsOf(page)).toEqual([]);
  expect(await field(page, part).inputValue()).toBe('20,000');
  const previewed = page.waitForResponse((response) => response.url().endsWith('/preview'));
  await field(page, 'lines.0.amount').fill('45,000');
  // A part is in its line's amount already.
  expect(await page.locator('[data-total]').textContent()).toBe('¥45,000');
  await field(page, 'comment').focus();
  await previewed;
  await page.waitForFunction(
    (name) => document.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value === '5,000',
    part,
  );
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: '¥45,000 を承認する' }).click();
  await page.waitForURL(/done=grants\.approved/);
});

test('everything for the decision fits a telephone', async () => {
  request = await world.requestInReview([line('shelter', 250_000)], world.partner, undefined, 'normal');
  for (const who of [world.approver, world.approver2, world.board]) {
    const page = await opened(who, { viewport: { width: 360, height: 740 }, hasTouch: true });
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.getByRole('button', { name: '¥250,000 を承認する' }).click();
    await page.waitForURL(/done=/);
    expect(await faultsOf(page)).toEqual([]);
  }
});
