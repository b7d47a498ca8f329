import { describe, expect, test } from '@jest/globals';
import type { LineFacts } from '../../src/funds/index.js';
import { choicesOf, effectsOf, totalOf } from '../../src/grants/decide-form.js';
import type { LineView } from '../../src/grants/grants.views.js';
import { greetingOf } from '../../src/home/home.page.js';

const line = (id: string, category: LineView['category'], amount: number) =>
  ({ id, category, amount }) as LineView;
const budget = (id: string) => ({ id }) as LineFacts;

const [winter, spring, pantry] = [budget('winter'), budget('spring'), budget('pantry')];
const budgets = {
  on: '2024-12-16',
  lines: new Map([
    ['shelter', [winter, spring]],
    ['food', [pantry]],
  ]),
  alsoAsked: new Map([['shelter', 184_000]]),
};
const lines = [line('a', 'shelter', 32_500), line('b', 'food', 12_000), line('c', 'shelter', 45_000)];

describe('the form of a decision', () => {
  test('begins with all that is asked, from the budget that is to be used first', () => {
    const choices = choicesOf(lines, budgets, {});
    expect(choices.map(({ chosen, amount }) => [chosen?.id, amount])).toEqual([
      ['winter', 32_500],
      ['pantry', 12_000],
      ['winter', 45_000],
    ]);
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

  test('has no meter where no budget can pay', () => {
    const [choice] = choicesOf([line('d', null, 4_800)], budgets, {});
    expect(choice).toMatchObject({ options: [], chosen: undefined });
    expect(effectsOf([choice!], budgets)).toMatchObject([{ need: 'activity', meters: [] }]);
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
