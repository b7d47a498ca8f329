import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { PersonView } from '../../src/people/people.dto.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { DESK, faultsOf, openBrowser, PHONE, signedIn } from './browser.js';

let house: House;
let world: Given;
let browser: Browser;
let here: PersonView;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  const neighbour = await house.somebody('neighbour', ['caseworker'], (await world.anotherOrganisation()).id);
  here = await asked(world.partner, 'Nguyễn Thị Hoa');
  await asked(neighbour, 'グエン・ティ・ホア');
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await house.close();
});

/** Somebody whom a submitted request names. */
async function asked(by: Somebody, name: string): Promise<PersonView> {
  const agreed = { givenOn: '2024-12-01', language: 'vi', method: 'spoken' };
  const consent = ['casework', 'sensitive', 'sharing'].map((purpose) => ({ purpose, ...agreed }));
  const told = { alias: 'ホアさん', name, birthDate: '1987-06-05', languages: ['vi'], asylumStage: 'review' };
  const { body } = await by.post<PersonView>('/people', { ...told, consent });
  const household = { adults: 1, children: 0, unborn: 0 };
  const input = { personIds: [body.id], household, needs: ['food'], summary: 'x' };
  const { body: opened } = await by.post<{ id: string }>('/cases', input);
  await world.submittedRequest([line('food', 1_000)], by, opened.id, 'normal');
  return body;
}

/** Nothing is wrong with a page, also with all of it unfolded, and it fits its window. */
async function isFine(page: Page): Promise<void> {
  await page.evaluate(() =>
    document.querySelectorAll('main details').forEach((one) => ((one as HTMLDetailsElement).open = true)),
  );
  expect([page.url(), await faultsOf(page)]).toEqual([page.url(), []]);
  const { width, room } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    room: document.documentElement.clientWidth,
  }));
  expect([page.url(), width]).toEqual([page.url(), room]);
}

test('a member registers somebody, finds them again, adds a consent and puts them into a household', async () => {
  const page = await signedIn(browser, house, world.partner, PHONE);
  await page.goto('/people');
  await isFine(page);
  await page.getByRole('link', { name: '＋ 相談者を登録する' }).click();
  await isFine(page);
  await page.locator('[name="consent.0.method"]').first().check();
  await page.locator('[name="consent.0.language"]').selectOption('vi');
  await page.locator('[name=alias]').fill('娘さん');
  await page.locator('[name=name]').fill('Nguyễn Thị Lan');
  await page.getByRole('button', { name: '登録する' }).click();
  await page.waitForURL(/done=people\.registered/);
  await isFine(page);
  await page.getByRole('link', { name: '世帯を変える' }).click();
  await page.getByRole('button', { name: '同じ世帯にする' }).click();
  expect(await page.locator('.summary').textContent()).toContain('いっしょになる人の番号');
  await isFine(page);
  await page.locator('[name=withPersonId]').fill(here.code);
  await page.getByRole('button', { name: '同じ世帯にする' }).click();
  await page.waitForURL(/done=people\.joined/);
  await page.goto('/people');
  await page.locator('[name=query]').fill('グエン ティ ラン');
  await page.getByRole('button', { name: '探す' }).click();
  expect(new URL(page.url()).search).toBe('');
  await isFine(page);
  await page.getByRole('link', { name: '娘さん' }).click();
  await page.goto(`/people/${here.id}/edit`);
  await isFine(page);
});

test('staff compare, open for a reason, and link', async () => {
  for (const options of [DESK, PHONE]) {
    const page = await signedIn(browser, house, world.reviewer, options);
    await page.goto(`/people/${here.id}`);
    await isFine(page);
    expect(await page.content()).not.toContain('Nguy');
    await page.getByText('申請を決めるのに要る').first().click();
    await page.getByRole('button', { name: '開く', exact: true }).click();
    await page.getByText('Nguyễn Thị Hoa').waitFor();
    await isFine(page);
    await page.goto(`/people/${here.id}/similar`);
    await isFine(page);
  }
  const page = await signedIn(browser, house, world.reviewer, DESK);
  await page.goto(`/people/${here.id}/similar`);
  await page.locator('[name=otherId]').first().check();
  await page.locator('[name=reason]').fill('両方の団体に電話で確かめた。');
  await page.getByRole('button', { name: '同じ人としてつなぐ' }).click();
  await page.waitForURL(/done=people\.linked/);
  await isFine(page);
});

test('a member asks for the hint on its own request', async () => {
  const page = await signedIn(browser, house, world.partner, PHONE);
  const [request] = (await world.partner.get<{ items: { id: string }[] }>('/grant-requests')).body.items;
  await page.goto(`/requests/${request!.id}`);
  await page.getByRole('button', { name: '似た支援がなかったか確かめる' }).click();
  expect(await page.locator('#hint').textContent()).toContain('お知らせできる似た支援は、ありませんでした。');
  await isFine(page);
});
