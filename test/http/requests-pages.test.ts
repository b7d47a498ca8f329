import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import { REQUEST_STATUSES } from '../../src/grants/grant-request.states.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let fund: FundView;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  fund = await world.fund('pages', { shelter: 100_000, food: 20_000 });
});
afterAll(() => house.close());

interface Shown {
  status: number;
  location: string | null;
  html: string;
}

async function page(who: Somebody, path: string, fields?: Record<string, string>): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const language of fields ? ['ja'] : ['ja', 'en']) {
    const response = await fetch(`${house.url}${path}`, {
      method: fields ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${who.key}`, 'accept-language': language },
      body: fields && new URLSearchParams({ idempotencyKey: randomUUID(), ...fields }),
      redirect: 'manual',
    });
    const location = response.headers.get('location');
    shown.push({ status: response.status, location, html: await response.text() });
  }
  return shown;
}
const post = async (who: Somebody, path: string, fields: Record<string, string>): Promise<Shown> =>
  (await page(who, path, fields))[0]!;
const statuses = async (who: Somebody, path: string) => (await page(who, path)).map(({ status }) => status);

/** The fields of the decision's form as it is first shown, with these changes. */
const formOf = (request: GrantRequestView, changes: Record<string, string> = {}) => ({
  ...Object.fromEntries(
    world.approvalOf(request, fund).lines.flatMap(({ lineId, amount, budgetLineId }, index) => [
      [`lines.${index}.lineId`, lineId],
      [`lines.${index}.amount`, String(amount)],
      [`lines.${index}.budgetLineId`, budgetLineId!],
    ]),
  ),
  approving: String(request.requestedAmount),
  comment: '',
  ...changes,
});

const statusOf = async ({ id }: GrantRequestView) =>
  (await world.approver.get<GrantRequestView>(`/grant-requests/${id}`)).body.status;

describe('every page has its words, in both languages', () => {
  test.each(REQUEST_STATUSES)('a request that is %s', async (state) => {
    const { id } = await world.requestIn(state, fund, [line('shelter', 1_000)]);
    expect(await statuses(world.partner, `/requests/${id}`)).toEqual([200, 200]);
    const toStaff = state === 'draft' ? 404 : 200;
    for (const who of [world.reviewer, world.approver]) {
      expect(await statuses(who, `/requests/${id}`)).toEqual([toStaff, toStaff]);
    }
    const toPay = ['approved', 'scheduled', 'paid', 'settled'].includes(state) ? 200 : 404;
    expect(await statuses(world.treasurer, `/requests/${id}`)).toEqual([toPay, toPay]);
    expect(await statuses(world.partner, `/requests?status=${state}`)).toEqual([200, 200]);
  });

  test('the first page and the list of each role', async () => {
    const { partner, reviewer, approver, treasurer, board, admin } = world;
    for (const who of [partner, reviewer, approver, treasurer, board, admin]) {
      expect(await statuses(who, '/')).toEqual([200, 200]);
    }
    for (const who of [partner, reviewer, approver, treasurer]) {
      expect(await statuses(who, '/requests')).toEqual([200, 200]);
    }
  });
});

describe('deciding without script', () => {
  test('a changed amount is shown with its consequence before it is approved', async () => {
    const request = await world.requestInReview([line('shelter', 30_000), line('food', 5_000)]);
    const path = `/requests/${request.id}`;
    const changed = formOf(request, { 'lines.1.amount': '３，０００', comment: 'お大事に' });
    const preview = await post(world.approver, `${path}/preview`, changed);
    expect(preview).toMatchObject({ status: 200 });
    for (const { status, html } of [preview, await post(world.approver, `${path}/approve`, changed)]) {
      expect([200, 409]).toContain(status);
      expect(html).toContain('¥33,000 を承認する');
      expect(html).toContain('value="３，０００"');
      expect(html).toContain('お大事に');
    }
    expect(await statusOf(request)).toBe('in_review');
    const approved = await post(world.approver, `${path}/approve`, { ...changed, approving: '33000' });
    expect(approved).toMatchObject({ status: 303, location: `${path}?done=grants.approved` });
    expect(await statusOf(request)).toBe('approved');
  });

  test('more than the budget holds is refused with what is left, and the amounts stay', async () => {
    const request = await world.requestInReview([line('food', 25_000)]);
    const { status, html } = await post(
      world.approver,
      `/requests/${request.id}/approve`,
      formOf(request, { 'lines.0.amount': '24,999', approving: '24999' }),
    );
    expect(status).toBe(409);
    expect(html).toMatch(/残りは ¥[\d,]+ で、¥24,999 には届きません/);
    expect(html).toContain('value="24,999"');
    expect(await statusOf(request)).toBe('in_review');
  });

  test('a question and a refusal need words', async () => {
    const request = await world.requestInReview();
    for (const verb of ['return', 'decline']) {
      const { status, html } = await post(world.approver, `/requests/${request.id}/${verb}`, {
        ...formOf(request, { 'lines.0.amount': '777' }),
        comment: '  ',
      });
      expect(status).toBe(422);
      expect(html).toContain('href="#comment"');
      expect(html).toContain('value="777"');
    }
    expect(await statusOf(request)).toBe('in_review');
    const asked = await post(world.approver, `/requests/${request.id}/return`, {
      comment: '領収書はありますか。',
    });
    expect(asked.status).toBe(303);
    expect((await page(world.partner, '/'))[0]!.html).toContain('領収書はありますか。');
  });

  test('who may not decide reads why instead of finding a button', async () => {
    const request = await world.requestInReview();
    const insider = await house.somebody('insider', ['approver'], world.organisation.id);
    const [own] = await page(insider, `/requests/${request.id}`);
    expect(own!.html).toContain('あなたの団体の申請なので');
    expect(own!.html).not.toContain('を承認する</button>');
    expect((await post(world.approver, `/requests/${request.id}/recuse`, {})).status).toBe(303);
    const [recused] = await page(world.approver, `/requests/${request.id}`);
    expect(recused!.html).toContain('担当をはずれています');
  });

  test('what somebody else has decided meanwhile is said, and shown as it stands', async () => {
    const request = await world.approvedRequest(fund, [line('shelter', 2_000)]);
    const { status, html } = await post(world.approver, `/requests/${request.id}/approve`, formOf(request));
    expect(status).toBe(409);
    expect(html).toContain('いまは「承認」なので、承認することができません');
  });
});
