import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FundRules } from '../../src/funds/fund-rules.dto.js';
import { narrowestFirst, unfitOf, type LineTerms } from '../../src/funds/line-fit.js';
import { leftToMove, needsSecond, type MoveFacts } from '../../src/funds/move-rule.js';

const facts = (more: Partial<MoveFacts> = {}): MoveFacts => ({
  amount: 1,
  source: { allocated: 1_000, moved: 0 },
  target: { allocated: 500, moved: 0 },
  total: { allocated: 3_333, moved: 0 },
  ...more,
});

describe('the rule on moves', () => {
  test('counts its percentage of what it says, rounded down', () => {
    expect(leftToMove({ percent: 10, of: 'source' }, facts())).toBe(100);
    expect(leftToMove({ percent: 10, of: 'target' }, facts())).toBe(50);
    expect(leftToMove({ percent: 10, of: 'total' }, facts())).toBe(333);
  });

  test('lets one person move as much as it leaves, and not a yen more', () => {
    const rule = { percent: 10, of: 'source' } as const;
    expect(needsSecond(rule, facts({ amount: 100 }))).toBe(false);
    expect(needsSecond(rule, facts({ amount: 101 }))).toBe(true);
  });

  test('counts what was moved already, so that many small moves do not slip under it', () => {
    const rule = { percent: 10, of: 'source' } as const;
    const source = { allocated: 1_000, moved: 60 };
    expect(needsSecond(rule, facts({ amount: 40, source }))).toBe(false);
    expect(needsSecond(rule, facts({ amount: 41, source }))).toBe(true);
    expect(leftToMove(rule, facts({ source: { allocated: 1_000, moved: 500 } }))).toBe(0);
  });

  test('asks nobody when the fund has no rule, and always when it leaves nothing', () => {
    expect(needsSecond(undefined, facts({ amount: 1_000 }))).toBe(false);
    expect(needsSecond({ percent: 0, of: 'total' }, facts())).toBe(true);
    expect(needsSecond({ percent: 100, of: 'target' }, facts({ target: null }))).toBe(true);
    expect(needsSecond({ percent: 50, of: 'source' }, facts({ source: { allocated: -5, moved: 0 } }))).toBe(
      true,
    );
  });

  test('is exact for any amount, and never lets moves together pass the limit', () => {
    const yen = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), yen, yen, (percent, allocated, moved) => {
        const left = leftToMove({ percent, of: 'source' }, facts({ source: { allocated, moved } }))!;
        expect(
          BigInt(left) === 0n || (BigInt(left) + BigInt(moved)) * 100n <= BigInt(percent) * BigInt(allocated),
        ).toBe(true);
      }),
    );
  });
});

const line = (rules: FundRules = {}, more: Partial<LineTerms> = {}): LineTerms & { fundCode: string } => ({
  purpose: 'relief',
  category: 'food',
  startsOn: '2024-12-01',
  endsOn: '2025-03-31',
  closed: false,
  fundCode: 'fund',
  rules,
  ...more,
});
const need = { purpose: 'relief', category: 'food', on: '2024-12-16', prefectureCode: '13' } as const;

describe('whether a line can pay', () => {
  test.each<[string | null, FundRules, Partial<LineTerms>]>([
    [null, {}, {}],
    [null, { categories: ['food'], prefectures: ['13'], paymentMethods: ['cash'] }, {}],
    ['budgetLineUnfit', {}, { category: 'shelter' }],
    ['budgetLineUnfit', {}, { purpose: 'activity', category: null }],
    ['fundClosed', {}, { closed: true }],
    ['outsideFund', {}, { startsOn: '2024-12-17' }],
    ['outsideFund', {}, { endsOn: '2024-12-15' }],
    ['beforeFund', {}, { startsOn: '2024-12-17', endsOn: null }],
    ['categoryUnfit', { categories: ['shelter'] }, {}],
    ['prefectureUnfit', { prefectures: ['14', '27'] }, {}],
    ['methodUnfit', { paymentMethods: ['bank_transfer'] }, {}],
  ])('%s', (code, rules, more) => {
    expect(unfitOf(line(rules, more), { ...need, method: 'cash' })).toBe(code);
  });

  test('the first and the last day of the period count', () => {
    for (const on of ['2024-12-01', '2025-03-31']) expect(unfitOf(line(), { ...need, on })).toBeNull();
  });

  test('what is not asked breaks no rule, and an unknown prefecture is in no restricted fund', () => {
    const rules: FundRules = { prefectures: ['13'] };
    expect(unfitOf(line(rules), { ...need, prefectureCode: null })).toBeNull();
    expect(unfitOf(line(rules), { ...need, prefectureCode: '99' })).toBe('prefectureUnfit');
  });
});

test('lines are offered narrowest first, then by their end, then by code', () => {
  const lines = [
    line({}, { endsOn: null }),
    { ...line({}, { endsOn: null }), fundCode: 'a' },
    line({ categories: ['food', 'other'] }, { endsOn: null }),
    line({}, { endsOn: '2025-01-31' }),
    line({ prefectures: ['13'] }),
    line({ categories: ['food'] }),
    line({ paymentMethods: ['cash'] }),
  ];
  const order = [4, 5, 2, 6, 3, 1, 0];
  expect([...lines].sort(narrowestFirst)).toEqual(order.map((place) => lines[place]));
});
