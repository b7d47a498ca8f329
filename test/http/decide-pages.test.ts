import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { bearer, callAt, type Reply } from './calls.js';

let house: House;
let world: Given;
let later: FundView;

const EVENING = '2024-12-16T18:00:00+09:00';

beforeAll(async () => {
  house = await openHouse({ at: EVENING });
  world = await given(house);
  // The one that ends first is offered first.
  await world.fund('soon', { shelter: 40_000, food: 840_000 }, { to: '2025-01-31' });
  later = await world.fund('later', { shelter: 3_000_000 });
});
afterAll(() => house.close());
beforeEach(() => house.clock.set(EVENING));

const open = (who: Somebody, path: string, language = 'ja'): Promise<Reply<unknown>> =>
  callAt(house, 'GET', path, { ...bearer(who), 'accept-language': language });

/** The main part as one reads it. */
const textOf = ({ text }: Reply<unknown>): string =>
  text
    .slice(text.indexOf('<main'))
    .replace(/<[^>]+>/g, '')
    .replaceAll('&quot;', '"');

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];

/** What a browser sends of the form of a page, but for its buttons. */
function fieldsOf({ text }: Reply<unknown>): Record<string, string> {
  const main = text.slice(text.indexOf('<main'));
  const fields: Record<string, string> = {};
  for (const [tag] of main.matchAll(/<input[^>]*>/g))
    fields[attribute(tag, 'name')!] = attribute(tag, 'value') ?? '';
  for (const [, tag, inside] of main.matchAll(/<select([^>]*)>(.*?)<\/select>/gs)) {
    const options = [...inside!.matchAll(/<option([^>]*)>/g)].map(([, option]) => option!);
    const chosen = options.find((option) => option.includes(' selected')) ?? options[0]!;
    fields[attribute(tag!, 'name')!] = attribute(chosen, 'value')!;
  }
  for (const [, tag, inside] of main.matchAll(/<textarea([^>]*)>\n?(.*?)<\/textarea>/gs))
    fields[attribute(tag!, 'name')!] = inside!;
  return fields;
}

const post = (who: Somebody, path: string, fields: Record<string, string>): Promise<Reply<unknown>> =>
  callAt(
    house,
    'POST',
    path,
    { ...bearer(who), 'accept-language': 'ja', 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({ ...fields, idempotencyKey: randomUUID() }).toString(),
  );

const pathOf = ({ id }: GrantRequestView): string => `/requests/${id}`;
const button = ({ text }: Reply<unknown>): string | undefined =>
  /<button[^>]*name="approving"[^>]*>([^<]*)</.exec(text)?.[1];

/** Opens the decision, changes something, and presses the button that decides. */
async function approve(who: Somebody, request: GrantRequestView, changes: Record<string, string> = {}) {
  const shown = await open(who, pathOf(request));
  const approving = /name="approving"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="approving"/.exec(shown.text)!;
  return post(who, `${pathOf(request)}/approve`, {
    ...fieldsOf(shown),
    approving: approving[1] ?? approving[2]!,
    ...changes,
  });
}
const ended = (reply: Reply<unknown>) => [reply.status, reply.headers.get('location')?.split('done=')[1]];
const stateOf = async ({ id }: GrantRequestView) =>
  (await world.approver.get<GrantRequestView>(`/grant-requests/${id}`)).body;

const inReview = (amount: number, caseId?: string, urgency: 'normal' | 'tonight' = 'normal') =>
  world.requestInReview([line('shelter', amount)], world.partner, caseId, urgency);

describe('the money of a decision', () => {
  test('is split over the funds by itself, and the first click does what was shown', async () => {
    const request = await inReview(45_000);
    const shown = await open(world.approver, pathOf(request));
    expect(button(shown)).toBe('¥45,000 を承認する');
    expect(textOf(shown)).toContain('残りの ¥40,000 は「基金 soon」から払います');
    expect(textOf(shown)).toMatch(
      /住居（基金 soon） ¥40,000 → ¥0.*住居（基金 later） ¥3,000,000 → ¥2,995,000/,
    );
    expect(ended(await approve(world.approver, request))).toEqual([303, 'grants.approved']);
    const { lines } = await stateOf(request);
    expect(lines[0]!.awards.map(({ amount }) => amount).sort()).toEqual([40_000, 5_000]);
    await world.approver.post(`/grant-requests/${request.id}/release`, { reason: '数えなおします。' });
  });

  test('can be split by hand, and what is wrong stands at its field', async () => {
    const request = await inReview(30_000);
    const ofLater = later.lines[0]!.id;
    const part = { 'lines.0.parts.0.budgetLineId': ofLater, 'lines.0.parts.0.amount': '３０，００１' };
    const wrong = await approve(world.approver, request, part);
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('href="#lines-0-parts-0-amount"');
    expect(wrong.text).toContain('value="３０，００１"');
    const twice = { ...part, 'lines.0.budgetLineId': ofLater, 'lines.0.parts.0.amount': '1' };
    expect((await approve(world.approver, request, twice)).text).toContain('同じ内容と財源が2回あります');
    const preview = await post(world.approver, `${pathOf(request)}/preview`, {
      ...fieldsOf(await open(world.approver, pathOf(request))),
      ...part,
      'lines.0.parts.0.amount': '12,000',
    });
    expect(preview.status).toBe(200);
    expect(textOf(preview)).toContain('残りの ¥18,000 は「基金 soon」から払います');
    expect(ended(await post(world.approver, `${pathOf(request)}/approve`, fieldsOf(preview)))).toEqual([
      303,
      'grants.approved',
    ]);
    const { lines } = await stateOf(request);
    expect(lines[0]!.awards.map(({ amount }) => amount).sort()).toEqual([12_000, 18_000]);
    await world.approver.post(`/grant-requests/${request.id}/release`, { reason: '数えなおします。' });
  });

  test('that does not fit is said beside the button before it is sent', async () => {
    const request = await world.requestInReview([line('food', 850_000)], world.partner, undefined, 'normal');
    const shown = textOf(await open(world.approver, pathOf(request)));
    expect(shown).toContain('食料 ¥840,000 → −¥10,000');
    expect(shown).toContain('食料は ¥10,000 足りません。このままでは承認できません');
  });
});

describe('several approvals', () => {
  test('the second one finds the set of the first and repeats it with one click', async () => {
    const request = await inReview(60_000);
    const first = textOf(await open(world.approver, pathOf(request)));
    expect(first).toContain('承認は2名必要です。');
    expect(first).toContain('90日間で ¥60,000 になり、¥50,000 を超えるためです');
    expect(first).toContain('承認したあと、承認担当1名の承認を待ちます');
    expect(
      ended(await approve(world.approver, request, { 'lines.0.amount': '55,000', approving: '55000' })),
    ).toEqual([303, 'grants.agreed']);
    const again = await open(world.approver, pathOf(request));
    expect(textOf(again)).toContain('あなたは、この内容をもう承認しています');
    expect(button(again)).toBeUndefined();
    const second = await open(world.approver2, pathOf(request));
    expect(textOf(second)).toContain('approverさんが ¥55,000 を承認しました');
    expect(textOf(second)).toContain('あなたは2人目です');
    expect(textOf(second)).toContain('承認すると決まり、お金が取り置かれます');
    expect(textOf(second)).toContain('承認（ほかの承認を待っています） ¥55,000');
    expect(button(second)).toBe('¥55,000 を承認する');
    expect(ended(await approve(world.approver2, request))).toEqual([303, 'grants.approved']);
    expect(await stateOf(request)).toMatchObject({ status: 'approved', approvedAmount: 55_000 });
  });

  test('another set voids the earlier ones, which is said before', async () => {
    const request = await inReview(60_000);
    await approve(world.approver, request);
    const shown = await open(world.approver2, pathOf(request));
    const preview = await post(world.approver2, `${pathOf(request)}/preview`, {
      ...fieldsOf(shown),
      'lines.0.amount': '52,000',
    });
    expect(textOf(preview)).toContain('これまでの承認は無効になり、承認をはじめからやり直します');
    expect(button(preview)).toBe('¥52,000 を承認する');
    const changed = { ...fieldsOf(preview), approving: '52000' };
    expect(ended(await post(world.approver2, `${pathOf(request)}/approve`, changed))).toEqual([
      303,
      'grants.agreed',
    ]);
    expect(textOf(await open(world.approver, pathOf(request)))).toContain('approver2さんが ¥52,000');
    expect(ended(await approve(world.approver, request))).toEqual([303, 'grants.approved']);
  });

  test('the largest need the board, which finds them among its requests', async () => {
    const request = await inReview(250_000);
    expect((await open(world.board, pathOf(request))).status).toBe(404);
    await approve(world.approver, request);
    const waits = textOf(await open(world.approver2, pathOf(request)));
    expect(waits).toContain('承認担当2名と理事1名の承認が必要です');
    expect(waits).toContain('承認したあと、理事1名の承認を待ちます');
    await approve(world.approver2, request);
    const third = await house.somebody('approver3', ['approver']);
    const notWanted = await open(third, pathOf(request));
    expect(textOf(notWanted)).toContain('いま必要なのは、ほかの担当の承認です');
    expect(button(notWanted)).toBeUndefined();
    for (const path of ['/', '/requests']) {
      const listed = await open(world.board, path);
      expect(listed.text).toContain(request.number);
      expect((await open(world.board, path, 'en')).status).toBe(200);
    }
    expect(textOf(await open(world.board, '/requests'))).toContain('あなたの決定を待っています（1件）');
    const shown = await open(world.board, pathOf(request));
    expect(textOf(shown)).toContain('あなたは3人目です');
    expect(shown.text).toContain('担当をはずれる');
    expect((await open(world.board, pathOf(request), 'en')).status).toBe(200);
    expect(ended(await approve(world.board, request))).toEqual([303, 'grants.approved']);
  });

  test('of one household count together, with the requests that the total is made of', async () => {
    const caseId = await world.householdCase();
    const before = await inReview(45_000, caseId);
    await approve(world.approver, before);
    const request = await inReview(10_000, caseId);
    const shown = await open(world.approver2, pathOf(request));
    expect(textOf(shown)).toContain('90日間で ¥55,000 になり');
    expect(textOf(shown)).toContain('この世帯の90日間の支援（1件）');
    expect(shown.text).toContain(`href="/requests/${before.id}"`);
    expect(textOf(shown)).toContain('同じ人の、同じ区分の申請があります');
  });
});

describe('a cap', () => {
  test('is exceeded only with a reason, which stays in the history and is not told to the group', async () => {
    await house.sql(`UPDATE funds SET rules = '{"capPerHousehold": 20000}' WHERE id = $1`, [later.id]);
    const request = await inReview(25_000);
    const fund = { 'lines.0.budgetLineId': later.lines[0]!.id };
    const kept = { ...fund, comment: 'お大事に' };
    const refused = await approve(world.approver, request, kept);
    expect(refused.status).toBe(422);
    expect(textOf(refused)).toContain(
      '「基金 later」の1世帯（2024年12月1日から）：¥0 → ¥25,000（上限 ¥20,000）',
    );
    expect(refused.text).toContain('href="#overrideReason"');
    expect(fieldsOf(refused)).toMatchObject({ ...kept, overrideReason: '' });
    const less = await post(world.approver, `${pathOf(request)}/preview`, {
      ...fieldsOf(refused),
      'lines.0.amount': '15,000',
      overrideReason: '冬を越すため。',
    });
    expect(textOf(less)).toContain('上限の中におさまっています（1件）');
    expect(fieldsOf(less)).toMatchObject({ keptReason: '冬を越すため。' });
    const more = await post(world.approver, `${pathOf(request)}/preview`, {
      ...fieldsOf(less),
      'lines.0.amount': '25,000',
    });
    expect(fieldsOf(more)).toMatchObject({ overrideReason: '冬を越すため。' });
    expect(ended(await post(world.approver, `${pathOf(request)}/approve`, fieldsOf(more)))).toEqual([
      303,
      'grants.approved',
    ]);
    const told = '上限を超えて承認する理由「冬を越すため。」';
    expect(textOf(await open(world.reviewer, pathOf(request)))).toContain(told);
    expect(textOf(await open(world.partner, pathOf(request)))).not.toContain('冬を越すため');
    await house.sql(`UPDATE funds SET rules = '{}' WHERE id = $1`, [later.id]);
  });
});

const tonight = async (amount = 20_000) => {
  const request = await inReview(amount, undefined, 'tonight');
  expect(textOf(await open(world.approver, pathOf(request)))).toContain(
    'もう1人の承認担当が、7日以内に確かめます',
  );
  expect(ended(await approve(world.approver, request))).toEqual([303, 'grants.approved']);
  return request;
};

describe('an urgent approval', () => {
  test('is confirmed by another approver, and the one who approved sees by when', async () => {
    const request = await tonight();
    const own = await open(world.approver, pathOf(request));
    expect(textOf(own)).toContain('12月23日（月）までに、もう1人の承認担当が確かめます');
    expect(own.text).not.toContain('name="outcome"');
    const forged = await post(world.approver, `${pathOf(request)}/confirm`, { outcome: 'confirmed' });
    expect(forged.status).toBe(409);
    expect(textOf(forged)).toContain('確かめるのは別の承認担当です');
    expect((await open(world.board, '/')).text).not.toContain(request.number);
    expect((await open(world.reviewer, pathOf(request))).text).not.toContain('name="outcome"');
    const asked = await open(world.approver2, pathOf(request), 'en');
    expect(textOf(asked)).toContain('approver alone approved ¥20,000');
    const confirmed = await post(world.approver2, `${pathOf(request)}/confirm`, { outcome: 'confirmed' });
    expect(ended(confirmed)).toEqual([303, 'grants.confirmed']);
    const after = await open(world.approver2, pathOf(request));
    expect(textOf(after)).toContain('今夜の承認をあとから確かめました');
    expect(after.text).not.toContain('name="outcome"');
    const twice = await post(world.approver2, `${pathOf(request)}/confirm`, { outcome: 'confirmed' });
    expect(twice.status).toBe(409);
    expect(textOf(twice)).toContain('あとからの確認は、もう終わっているか');
  });

  test('is objected to with a reason, and in sight until then, in orange once it is late', async () => {
    const request = await tonight(21_000);
    for (const path of ['/', '/requests']) {
      const listed = textOf(await open(world.approver2, path));
      expect(listed).toContain('approverさんが1人で承認しました');
      expect(listed).toContain('12月23日（月）まで');
    }
    house.clock.set('2024-12-24T09:00:00+09:00');
    const late = await open(world.approver2, '/requests');
    expect(late.text).toContain('<span class="tag urgent">12月23日（月）の期限が過ぎています</span>');
    const empty = await post(world.approver2, `${pathOf(request)}/confirm`, {
      outcome: 'objected',
      comment: ' ',
    });
    expect(empty.status).toBe(422);
    expect(textOf(empty)).toContain('異議の理由を書いてください');
    const objected = await post(world.approver2, `${pathOf(request)}/confirm`, {
      outcome: 'objected',
      comment: '領収書がありません。',
    });
    expect(ended(objected)).toEqual([303, 'grants.objected']);
    expect(textOf(await open(world.approver, pathOf(request)))).toContain(
      '今夜の承認に異議がありました「領収書がありません。」',
    );
    expect((await open(world.approver2, '/requests')).text).not.toContain('の期限が過ぎています');
  });
});
