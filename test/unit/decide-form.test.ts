import { describe, expect, test } from '@jest/globals';
import type { LineFacts } from '../../src/funds/index.js';
import { sameSet, type DecidedLine } from '../../src/grants/approval-policy.js';
import type { Budgets } from '../../src/grants/beside-request.queries.js';
import {
  choicesOf,
  effectsOf,
  setOf,
  spareOf,
  totalOf,
  type LineChoice,
} from '../../src/grants/decide-form.js';
import { withTyped } from '../../src/grants/decide-input.js';
import type { LineView } from '../../src/grants/grants.views.js';
import type { PolicyRules } from '../../src/grants/policy-rules.js';
import { greetingOf } from '../../src/home/home.page.js';
import { invalid, type DomainError } from '../../src/kernel/errors.js';
import { newId } from '../../src/kernel/ids.js';

const line = (id: string, category: LineView['category'], amount: number) =>
  ({ id, category, amount }) as LineView;
const budget = (id: string, available = 1_000_000) => ({ id, available }) as LineFacts;

const [winter, spring, pantry] = [budget('winter'), budget('spring'), budget('pantry')];
const budgetsOf = (shelter: LineFacts[], approved: DecidedLine[] | null = null): Budgets => ({
  on: '2024-12-16',
  lines: new Map([
    ['shelter', shelter],
    ['food', [pantry]],
  ]),
  alsoAsked: new Map([['shelter', 184_000]]),
  approved,
  rules: {} as PolicyRules,
});
const budgets = budgetsOf([winter, spring]);
const lines = [line('a', 'shelter', 32_500), line('b', 'food', 12_000), line('c', 'shelter', 45_000)];

/** Each line as `fund amount` of who pays it. */
const shares = (choices: LineChoice[]) =>
  lines.map(({ id }) =>
    setOf(choices)
      .filter(({ lineId }) => lineId === id)
      .map(({ budgetLineId, amount }) => `${budgetLineId} ${amount}`),
  );

/** The fields that a browser would send of what the form shows. */
const sent = (choices: LineChoice[]): Record<string, string> =>
  Object.fromEntries(
    choices.flatMap(({ line: { id }, place, typed, chosen, parts, proposal }) => [
      [`${place}.lineId`, id],
      [`${place}.amount`, String(typed)],
      [`${place}.budgetLineId`, chosen?.id ?? ''],
      ...(proposal === null ? [] : [[`${place}.proposed`, proposal]]),
      ...parts.flatMap(({ typed: part }) => [
        [`${part.place}.budgetLineId`, String(part.budgetLineId)],
        [`${part.place}.amount`, Number(part.amount).toLocaleString('en-US')],
      ]),
    ]),
  );

describe('the form of a decision', () => {
  test('begins with all that is asked, from the budget that is to be used first', () => {
    const choices = choicesOf(lines, budgets, {});
    expect(shares(choices)).toEqual([['winter 32500'], ['pantry 12000'], ['winter 45000']]);
    expect(totalOf(choices)).toBe(89_500);
  });

  test('shows one effect for each category, with what several lines take from one budget together', () => {
    expect(effectsOf(choicesOf(lines, budgets, {}), budgets)).toMatchObject([
      { need: 'shelter', meters: [{ budget: winter, now: 77_500 }], alsoAsked: 184_000 },
      { need: 'food', meters: [{ budget: pantry, now: 12_000 }], alsoAsked: 0 },
    ]);
  });

  test('follows what was typed, in full width too, and counts what is no amount as nothing', () => {
    const typed = {
      'lines.0.amount': '３０，０００',
      'lines.1.amount': 'abc',
      'lines.2.budgetLineId': 'spring',
      'lines.1.budgetLineId': 'winter',
    };
    const choices = choicesOf(lines, budgets, typed);
    expect(choices.map(({ chosen, amount }) => [chosen?.id, amount])).toEqual([
      ['winter', 30_000],
      ['pantry', 0],
      ['spring', 45_000],
    ]);
    expect(effectsOf(choices, budgets)[0]!.meters).toEqual([
      { budget: winter, now: 30_000 },
      { budget: spring, now: 45_000 },
    ]);
  });

  test('has no meter where no budget can pay, and the amount still counts', () => {
    const choices = choicesOf([line('d', null, 4_800)], budgets, {});
    expect(choices).toMatchObject([{ options: [], chosen: undefined }]);
    expect(effectsOf(choices, budgets)).toMatchObject([{ need: 'activity', meters: [] }]);
    expect(setOf(choices)).toEqual([{ lineId: 'd', budgetLineId: '', amount: 4_800 }]);
  });
});

describe('a line over several funds', () => {
  const little = budgetsOf([budget('winter', 40_000), budget('spring', 30_000)]);

  test('takes from the first as far as it has money, and what nobody has stays with the first', () => {
    const choices = choicesOf(lines, little, {});
    expect(shares(choices)).toEqual([['winter 32500'], ['pantry 12000'], ['winter 15000', 'spring 30000']]);
    expect(effectsOf(choices, little)[0]!.meters.map(({ now }) => now)).toEqual([47_500, 30_000]);
  });

  test('follows a changed amount while nobody touched what was offered', () => {
    const form = sent(choicesOf(lines, little, {}));
    expect(shares(choicesOf(lines, little, form))).toEqual(shares(choicesOf(lines, little, {})));
    const less = choicesOf(lines, little, { ...form, 'lines.2.amount': '9,000' });
    expect(shares(less)[2]).toEqual(['winter 7500', 'spring 1500']);
    const touched = { ...form, 'lines.2.amount': '40,000', 'lines.2.parts.0.amount': '10,000' };
    expect(shares(choicesOf(lines, little, touched))[2]).toEqual(['winter 30000', 'spring 10000']);
  });

  test('is split by hand, with one spare part until every other fund is used', () => {
    const three = budgetsOf([winter, spring, budget('own')]);
    const [asked] = choicesOf(lines, three, {});
    expect(spareOf(asked!)).toEqual({ place: 'lines.0.parts.0' });
    const by = (fields: Record<string, string>) =>
      choicesOf(lines, three, { 'lines.0.budgetLineId': 'spring', ...fields })[0]!;
    const one = by({ 'lines.0.parts.0.budgetLineId': 'winter', 'lines.0.parts.0.amount': '２，５００' });
    expect(setOf([one]).map(({ budgetLineId, amount }) => [budgetLineId, amount])).toEqual([
      ['spring', 30_000],
      ['winter', 2_500],
    ]);
    expect(spareOf(one)).toEqual({ place: 'lines.0.parts.1' });
    expect(
      spareOf(by({ 'lines.0.parts.0.budgetLineId': 'winter', 'lines.0.parts.0.amount': '' })),
    ).toBeNull();
    expect(spareOf(choicesOf(lines, little, {})[2]!)).toBeNull();
  });

  test('a later approver finds what the first one approved, line by line', () => {
    const approved = [
      { lineId: 'a', budgetLineId: 'spring', amount: 20_000 },
      { lineId: 'a', budgetLineId: 'winter', amount: 10_000 },
      { lineId: 'c', budgetLineId: 'spring', amount: 5_000 },
    ];
    const given = budgetsOf([winter, spring], approved);
    const choices = choicesOf(lines, given, {});
    expect(sameSet(setOf(choices), approved)).toBe(true);
    expect(choices.map(({ typed }) => typed)).toEqual([30_000, 0, 5_000]);
    expect(sameSet(setOf(choicesOf(lines, given, sent(choices))), approved)).toBe(true);
    const less = choicesOf(lines, given, { ...sent(choices), 'lines.0.amount': '9,000' });
    expect(shares(less)[0]).toEqual(['spring 9000']);
    expect(shares(choicesOf(lines, given, sent(less)))[0]).toEqual(['spring 9000']);
  });
});

describe('what a form sends as a decision', () => {
  const [a, b, w, s] = [newId(), newId(), newId(), newId()];
  const form = {
    'lines.0.lineId': a,
    'lines.0.amount': '12,000',
    'lines.0.budgetLineId': w,
    'lines.0.parts.1.budgetLineId': s,
    'lines.0.parts.1.amount': '５，０００',
    'lines.0.parts.2.budgetLineId': '',
    'lines.0.parts.2.amount': '',
    'lines.1.lineId': b,
    'lines.1.amount': '0',
    'lines.1.budgetLineId': w,
    'lines.0.proposed': 'x',
    comment: '',
  };
  const faultsOf = async (fields: Record<string, string>, ...of: Parameters<typeof invalid>) => {
    const error = await withTyped({ ...form, ...fields }, () => {
      throw invalid(...of);
    }).catch((thrown: DomainError) => thrown);
    return (error as DomainError).fields.map(({ path, code }) => `${path} ${code}`);
  };

  test('is flat, and the first fund pays the rest', async () => {
    await withTyped(form, ({ lines: decided }) =>
      expect(decided).toEqual([
        { lineId: a, amount: 7_000, budgetLineId: w },
        { lineId: a, amount: 5_000, budgetLineId: s },
        { lineId: b, amount: 0, budgetLineId: w },
      ]),
    );
    const all = { ...form, 'lines.0.parts.1.amount': '12,000' };
    await withTyped(all, ({ lines: decided }) =>
      expect(decided[0]).toEqual({ lineId: a, amount: 12_000, budgetLineId: s }),
    );
  });

  test('names what is wrong with it by its place in the form', async () => {
    expect(await faultsOf({ 'lines.0.parts.1.amount': '12,001' })).toEqual([
      'lines.0.parts.1.amount partsTooMuch',
    ]);
    expect(await faultsOf({ 'lines.0.parts.1.amount': 'abc' })).toEqual(['lines.0.parts.1.amount yen']);
    expect(await faultsOf({ 'lines.0.amount': '-1' })).toEqual(['lines.0.amount yen']);
    expect(
      await faultsOf(
        {},
        { path: 'lines.1.lineId', code: 'lineTwice' },
        { path: 'lines.1.amount', code: 'moreThanAsked' },
        { path: 'lines.2.budgetLineId', code: 'fundClosed' },
        { path: 'overrideReason', code: 'capExceeded' },
      ),
    ).toEqual([
      'lines.0.parts.1.budgetLineId lineTwice',
      'lines.0.amount moreThanAsked',
      'lines.1.budgetLineId fundClosed',
      'overrideReason capExceeded',
    ]);
  });
});

test.each([
  ['2024-12-16T04:59:00+09:00', 'evening'],
  ['2024-12-16T05:00:00+09:00', 'morning'],
  ['2024-12-16T11:00:00+09:00', 'day'],
  ['2024-12-16T18:00:00+09:00', 'evening'],
])('greets at %s by the clock in Tokyo: %s', (at, greeting) => {
  expect(greetingOf(new Date(at))).toBe(greeting);
});
