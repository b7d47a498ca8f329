import { spawnSync } from 'node:child_process';
import { AxeBuilder } from '@axe-core/playwright';
import packaged from '@sparticuz/chromium';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { House, Somebody } from '../house.js';

/** Chromium runs without its own calls to the outside, which a closed network would refuse one by one. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The installed Chromium, else the one from the npm registry. */
export async function openBrowser(): Promise<Browser> {
  const installed = spawnSync('sh', [
    '-c',
    'command -v chromium || command -v chromium-browser || command -v google-chrome',
  ]);
  const path = installed.stdout.toString().trim();
  return path
    ? chromium.launch({ executablePath: path, args: ARGUMENTS })
    : chromium.launch({
        executablePath: await packaged.executablePath(),
        args: [...packaged.args, ...ARGUMENTS],
      });
}

export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true };
export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };

/** A window in which somebody has signed in by the form, as people do. */
export async function signedIn(
  browser: Browser,
  house: House,
  { email, password }: Somebody,
  options: BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext({ locale: 'ja-JP', baseURL: house.url, ...options });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.locator('[name=email]').fill(email);
  await page.locator('[name=password]').fill(password);
  await page.locator('main button[type=submit]').click();
  await page.waitForURL((url) => url.pathname === '/');
  return page;
}

/** What axe finds wrong on a page, in a line each. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
}
