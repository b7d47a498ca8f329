import { describe, expect, test } from '@jest/globals';
import {
  defaultPeriod,
  lastDayOf,
  monthFigures,
  partsOf,
  type MonthFigures,
} from '../../src/reports/report-months.js';
import { sentenceFacts, sentenceText, type Window } from '../../src/reports/report-sentence.js';
import { checkDisbursedQuery, DisbursedQuery, GROUP_KEYS } from '../../src/reports/reports.dto.js';
import { PERMISSIONS } from '../../src/access/permissions.js';
import { PARTNER_ROLES } from '../../src/kernel/actor.js';
import { parse } from '../../src/platform/fields.js';
import '../../src/reports/reports.words.js';

const NOTHING = { shelter: 0, food: 0, medical: 0, other: 0, utilities: 0, activity: 0 };
const month = (name: string, amounts: Partial<MonthFigures['amounts']>, people = 1): MonthFigures => ({
  month: name,
  amounts: { ...NOTHING, ...amounts },
  total: Object.values(amounts).reduce((sum, amount) => sum + amount, 0),
  people,
});
const WINDOW: Window = { from: '2023-07-01', to: '2024-11-30', today: '2024-12-10' };
const HISTORY = [
  month('2023-11', { shelter: 360_500, food: 249_846 }),
  month('2024-10', { shelter: 279_000, medical: 825_625 }),
  month('2024-11', { shelter: 443_000, food: 827_712 }),
];
const said = (months: MonthFigures[], window: Partial<Window> = {}, language: 'ja' | 'en' = 'ja') =>
  sentenceText(sentenceFacts(months, { ...WINDOW, ...window })!, language);

const tenths = (before: number, now: number) =>
  sentenceFacts([month('2023-11', { food: before }), month('2024-11', { food: now })], WINDOW)!.tenths;

const faultsOf = (query: Record<string, string>) => {
  try {
    checkDisbursedQuery(parse(DisbursedQuery, { from: '2024-04-01', to: '2025-03-31', ...query }));
    return [];
  } catch (error) {
    return (error as { fields: { path: string; code: string }[] }).fields.map(({ path, code }) => [
      path,
      code,
    ]);
  }
};

describe('privacy.md, point 6: small numbers', () => {
  test('place and status are crossed in no table, and nationality is a column of none', () => {
    const pairs = GROUP_KEYS.flatMap((one) =>
      GROUP_KEYS.filter((other) => other !== one).map((other) => [one, other]),
    );
    const refused = pairs.filter((pair) => faultsOf({ groupBy: pair.join(',') }).length > 0);
    expect(refused).toEqual([
      ['prefecture', 'residenceGroup'],
      ['residenceGroup', 'prefecture'],
    ]);
    expect(faultsOf({ groupBy: 'nationality' })).not.toEqual([]);
    expect(faultsOf({ groupBy: 'prefecture,category,residenceGroup' })).not.toEqual([]);
  });

  test('exact figures are for staff and board alone', () => {
    expect(PERMISSIONS['reports.read'].filter((role) => PARTNER_ROLES.includes(role))).toEqual([]);
  });
});

describe('the sentence above the chart', () => {
  test('names the last month, the year before and the largest part', () => {
    expect(said(HISTORY)).toBe(
      '2024年11月の支払いは ¥1,270,712（1年前の2.1倍）で、期間全体では住居がいちばん多く36％を占めます。',
    );
    expect(said(HISTORY, {}, 'en')).toBe(
      '¥1,270,712 was paid in November 2024 (2.1 times the year before), and over the whole period the ' +
        'largest part, 36%, went to “Housing”.',
    );
  });

  test('says so when hardly anything changed', () => {
    const months = [month('2023-11', { food: 1_000 }), month('2024-11', { food: 1_049 })];
    expect(said(months)).toContain('（1年前とほぼ同じ）');
  });

  test('rounds half up, and is silent about less than a tenth', () => {
    expect(tenths(100, 125)).toBe(13);
    expect(tenths(100, 124)).toBe(12);
    expect(tenths(1_000, 49)).toBeNull();
    expect(tenths(0, 49)).toBeNull();
    expect(tenths(-10, 49)).toBeNull();
  });

  test('compares whole months only', () => {
    expect(sentenceFacts(HISTORY, { ...WINDOW, from: '2023-11-01' })!.tenths).toBe(21);
    expect(sentenceFacts(HISTORY, { ...WINDOW, from: '2023-11-02' })!.tenths).toBeNull();
    expect(said(HISTORY, { to: '2024-11-15' })).toContain('¥1,270,712（15日まで）で');
    expect(said(HISTORY, { today: '2024-11-29' }, 'en')).toContain(' (up to 29 Nov 2024)');
    expect(said(HISTORY, { today: '2024-11-30' })).toContain('（1年前の2.1倍）');
  });

  test('passes over months in which more came back than was paid', () => {
    const returned = [...HISTORY, month('2024-12', { food: -5_000 })];
    expect(sentenceFacts(returned, { ...WINDOW, to: '2024-12-31', today: '2025-01-05' })!.month).toBe(
      '2024-11',
    );
  });

  test('gives no share where a part is below zero, and nothing where nothing was paid', () => {
    expect(said([month('2024-11', { food: 5_000, shelter: -1_000 })])).toBe(
      '2024年11月の支払いは ¥4,000です。',
    );
    expect(sentenceFacts([month('2024-11', { food: -1 })], WINDOW)).toBeNull();
    expect(sentenceFacts([], WINDOW)).toBeNull();
  });

  test('never says 100 percent of a part, and knows activity costs', () => {
    const months = [month('2024-11', { activity: 99_999, food: 1 })];
    expect(said(months)).toContain('活動費がいちばん多く99％');
  });
});

describe('the months of a report', () => {
  test('hold every category, also in months without a payment', () => {
    const months = monthFigures(
      [
        { month: '2024-01', amount: 3_000, people: 1 },
        { month: '2023-11', amount: 2_000, people: 2 },
      ],
      [
        { month: '2023-11', category: 'food', amount: 1_500, people: 2 },
        { month: '2023-11', category: null, amount: 500, people: 0 },
        { month: '2024-01', category: 'other', amount: 3_000, people: 1 },
      ],
    );
    expect(months).toEqual([
      month('2023-11', { food: 1_500, activity: 500 }, 2),
      month('2023-12', {}, 0),
      month('2024-01', { other: 3_000 }, 1),
    ]);
    expect(partsOf(months)).toEqual(['shelter', 'food', 'medical', 'other', 'utilities', 'activity']);
    expect(partsOf(months.slice(1))).not.toContain('activity');
    expect(monthFigures([], [])).toEqual([]);
  });

  test.each([
    ['2024-02', '2024-02-29'],
    ['2023-02', '2023-02-28'],
    ['2024-11', '2024-11-30'],
    ['2024-12', '2024-12-31'],
  ])('%s ends on %s', (name, day) => {
    expect(lastDayOf(name)).toBe(day);
  });
});

describe('the period that a report begins with', () => {
  test('goes by whole months from the first to the last payment', () => {
    const paid = { first: '2023-07-03', last: '2024-11-28' };
    expect(defaultPeriod(paid, '2024-12-16')).toEqual({ from: '2023-07-01', to: '2024-11-30' });
    const once = { first: '2024-02-10', last: '2024-02-10' };
    expect(defaultPeriod(once, '2024-12-16')).toEqual({ from: '2024-02-01', to: '2024-02-29' });
  });

  test.each([
    ['2024-03-31', '2023-04-01', '2024-03-31'],
    ['2024-04-01', '2024-04-01', '2025-03-31'],
  ])('is the fiscal year of %s before the first payment', (today, from, to) => {
    expect(defaultPeriod(null, today)).toEqual({ from, to });
  });
});

describe('what a report is asked', () => {
  test('never crosses place and status, and does not run backwards', () => {
    expect(faultsOf({ groupBy: 'residenceGroup,prefecture', to: '2024-03-31' })).toEqual([
      ['to', 'periodBackwards'],
      ['groupBy', 'crossing'],
    ]);
    expect(faultsOf({ groupBy: 'prefecture,category' })).toEqual([]);
    expect(faultsOf({ groupBy: 'month,month' })).toEqual([['groupBy', 'list']]);
    expect(faultsOf({ groupBy: 'nationality' })).toEqual([['groupBy', 'choice']]);
  });

  test('takes a moment whose plus was not encoded', () => {
    expect(faultsOf({ asOf: '2024-11-01T00:00:00 09:00' })).toEqual([]);
    expect(faultsOf({ asOf: '2024-11-01 00:00' })).toEqual([['asOf', 'moment']]);
  });
});
