import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let fund: FundView;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  fund = await world.fund('returns', { shelter: 1_000_000 });
});
afterAll(() => house.close());

async function shown(
  path: string,
  language = 'ja',
  fields?: Record<string, string>,
  who: Somebody = world.treasurer,
) {
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
const post = (path: string, fields: Record<string, string>) => shown(path, 'ja', fields);

interface Paid {
  request: GrantRequestView;
  page: string;
  /** Where its two forms go. */
  form: string;
}

async function paid(): Promise<Paid> {
  const request = await world.paidRequest(fund, [line('shelter', 20_000)]);
  const page = `/payments/${request.lines[0]!.awards[0]!.id}`;
  const form = /action="(\/payments\/[^"]+)\/refund"/.exec((await shown(page)).html)![1]!;
  return { request, page, form };
}

describe('the page of a payment', () => {
  test('records what was paid back, shows it with its reason, and offers the rest', async () => {
    const { request, page, form } = await paid();
    const refund = { amount: '５,０００', receivedOn: '2024-12-16', reason: '宿が1泊分を返した' };
    expect(await post(`${form}/refund`, refund)).toMatchObject({
      status: 303,
      location: `${page}?done=disbursements.refunded`,
    });
    const { html } = await shown(page);
    for (const told of ['¥5,000 の返金', '宿が1泊分を返した', '¥15,000 まで記録できます'])
      expect(html).toContain(told);
    expect(html).not.toContain('/bounce"');
    expect((await shown(page, 'en')).html).toContain('¥5,000 paid back');
    expect((await shown('/payments')).html).toContain('¥5,000 が戻りました');
    const history = await shown(`/requests/${request.id}`);
    expect(history.html).toContain('返金 ¥5,000');
  });

  test('keeps what was typed when it is refused', async () => {
    const { form } = await paid();
    const wrong = await post(`${form}/refund`, { amount: '五千', receivedOn: '2024-12-15', reason: '' });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain('value="五千"');
    expect(wrong.html).toContain('value="2024-12-15"');
    for (const field of ['amount', 'reason']) expect(wrong.html).toContain(`href="#${field}"`);
    const early = await post(`${form}/refund`, { amount: '1', receivedOn: '2024-12-15', reason: 'おつり' });
    expect(early.html).toContain('2024年12月16日');
    expect(early.html).toContain('おつり');
    const much = await post(`${form}/refund`, {
      amount: '20,001',
      receivedOn: '2024-12-16',
      reason: 'おつり',
    });
    expect(much.status).toBe(409);
    expect(much.html).toContain('戻せるのは ¥20,000 まで');
    expect(much.html).toContain('value="20,001"');
    expect(much.html).toContain('<details open');
    const silent = await post(`${form}/bounce`, { bounceReason: ' ' });
    expect(silent.status).toBe(422);
    expect(silent.html).toContain('href="#bounceReason"');
  });

  test('records that it never arrived, and lets it be paid again', async () => {
    const { request, page, form } = await paid();
    expect(await post(`${form}/bounce`, { bounceReason: '口座なし' })).toMatchObject({
      status: 303,
      location: `${page}?done=disbursements.bounced`,
    });
    for (const language of ['ja', 'en']) expect((await shown(page, language)).status).toBe(200);
    const { html } = await shown(page);
    for (const told of ['口座なし', '届かず', 'この支払いを記録する']) expect(html).toContain(told);
    expect((await shown('/payments')).html).toContain(request.number);
    const late = await post(`${form}/bounce`, { bounceReason: 'もう一度' });
    expect(late.status).toBe(409);
    expect(late.html).toContain('いまは「届かずに戻った支払い」なので');
    const again = { amount: '20,000', paidOn: '2024-12-16', method: 'cash' };
    expect((await post(page, again)).status).toBe(303);
    expect((await shown(page)).html).toContain('支払い済みです');
    expect((await shown(`/requests/${request.id}`)).html).toContain('支払いが届かずに戻りました ¥20,000');
  });
});
