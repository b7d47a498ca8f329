import { describe, expect, test } from '@jest/globals';
import { DomainError } from '../../src/kernel/errors.js';
import { parse } from '../../src/platform/fields.js';
import '../../src/grants/policies.words.js';
import { checkPolicy, PolicyRules, settled } from '../../src/grants/policy-rules.js';
import { proposalOf } from '../../src/grants/policy-form.js';
import { changesOf, pointsOf } from '../../src/grants/policy-points.js';
import { translator } from '../../src/web/words.js';

type Raw = Record<string, unknown>;

/** The table that the network began with, as a program sends it. */
const FIRST = {
  windowDays: 90,
  tiers: [
    { upTo: 50_000, approvers: 1, board: 0 },
    { upTo: 200_000, approvers: 2, board: 0 },
    { approvers: 2, board: 1 },
  ],
  urgent: { upTo: 30_000, confirmWithinDays: 7 },
  repeatDays: 30,
  caps: [],
};

/** Which fields are wrong, by their own rule or by that between them. */
function faultsOf(more: Raw): string[][] {
  try {
    const rules = parse(PolicyRules, { ...FIRST, ...more });
    return checkPolicy(rules).map(({ path, code }) => [path, code]);
  } catch (error) {
    return (error as DomainError).fields.map(({ path, code }) => [path, code]);
  }
}

const tier = (upTo: number | null, approvers = 1, board = 0) => ({ upTo, approvers, board });
const cap = (more: Raw = {}) => ({ per: 'person', days: 30, amount: 100_000, ...more });

describe('the rules of a policy', () => {
  test('the first table fits, and an absent limit is kept as none', () => {
    const rules = parse(PolicyRules, FIRST);
    expect(checkPolicy(rules)).toEqual([]);
    expect(settled(rules).tiers[2]).toEqual({ upTo: null, approvers: 2, board: 1 });
    expect(settled(parse(PolicyRules, { ...FIRST, caps: [cap()] })).caps).toEqual([
      { per: 'person', category: null, days: 30, amount: 100_000 },
    ]);
  });

  test.each<[string, Raw, string[][]]>([
    ['no window', { windowDays: 0 }, [['windowDays', 'min']]],
    ['a window of years', { windowDays: 367 }, [['windowDays', 'max']]],
    ['no tier', { tiers: [] }, [['tiers', 'listEmpty']]],
    [
      'seven tiers',
      { tiers: [1, 2, 3, 4, 5, 6, null].map((upTo) => tier(upTo)) },
      [['tiers', 'listTooLong']],
    ],
    ['a last tier with an end', { tiers: [tier(1), tier(2)] }, [['tiers.1.upTo', 'lastTierOpen']]],
    ['an open tier in the middle', { tiers: [tier(null), tier(null)] }, [['tiers.0.upTo', 'required']]],
    [
      'tiers that do not rise',
      { tiers: [tier(5), tier(5), tier(4), tier(null)] },
      [
        ['tiers.1.upTo', 'tiersRise'],
        ['tiers.2.upTo', 'tiersRise'],
      ],
    ],
    [
      'fewer approvers for more',
      { tiers: [tier(5, 2), tier(null, 1, 2)] },
      [['tiers.1.approvers', 'tierFewer']],
    ],
    [
      'fewer of the board for more',
      { tiers: [tier(5, 1, 1), tier(null, 2)] },
      [['tiers.1.board', 'tierFewer']],
    ],
    ['nobody', { tiers: [tier(null, 0)] }, [['tiers.0.approvers', 'min']]],
    ['six approvers', { tiers: [tier(null, 6)] }, [['tiers.0.approvers', 'max']]],
    ['four of the board', { tiers: [tier(null, 1, 4)] }, [['tiers.0.board', 'max']]],
    ['a fraction of a yen', { tiers: [tier(0.5), tier(null)] }, [['tiers.0.upTo', 'yen']]],
    [
      'urgent without an end',
      { urgent: { upTo: -1, confirmWithinDays: 31 } },
      [
        ['urgent.upTo', 'yen'],
        ['urgent.confirmWithinDays', 'max'],
      ],
    ],
    ['nothing urgent', { urgent: undefined }, [['urgent', 'required']]],
    ['repeats within no day', { repeatDays: 0 }, [['repeatDays', 'min']]],
    [
      '21 caps',
      { caps: Array.from({ length: 21 }, (_, days) => cap({ days: days + 1 })) },
      [['caps', 'listTooLong']],
    ],
    [
      'a cap of nobody and nothing',
      { caps: [{ days: 1 }] },
      [
        ['caps.0.per', 'required'],
        ['caps.0.amount', 'required'],
      ],
    ],
    ['the same cap twice', { caps: [cap(), cap({ amount: 1 })] }, [['caps.1.per', 'capTwice']]],
    ['a field that no rule has', { windows: 1 }, [['windows', 'unknownField']]],
  ])('%s', (_, more, faults) => {
    expect(faultsOf(more)).toEqual(faults);
  });

  test('20 different caps and six tiers fit, and so does a policy without urgency', () => {
    const caps = Array.from({ length: 20 }, (_, days) => cap({ days: days + 1 }));
    const tiers = [1, 2, 3, 4, 5, null].map((upTo) => tier(upTo, 5, 3));
    expect(faultsOf({ caps, tiers, urgent: { upTo: 0, confirmWithinDays: 30 } })).toEqual([]);
  });
});

const row = (rows: string, index: number, values: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`rules.${rows}.${index}.${name}`, value]),
  );

test('a form leaves its empty rows out, in which place they stand ever', () => {
  const body = {
    'rules.windowDays': '９０',
    ...row('tiers', 0, { upTo: '50,000', approvers: '1', board: '0' }),
    ...row('tiers', 1, { upTo: ' ', approvers: '', board: '' }),
    ...row('tiers', 2, { upTo: '', approvers: '2', board: '1' }),
    ...row('caps', 0, { per: '', category: '', days: '', amount: '' }),
    'rules.urgent.upTo': '30,000',
    'rules.urgent.confirmWithinDays': '7',
    'rules.repeatDays': '30',
    reason: '前より多くの人が要るため',
    idempotencyKey: 'x',
  };
  expect(proposalOf(body)).toEqual({
    rules: {
      windowDays: '９０',
      tiers: [
        { upTo: '50,000', approvers: '1', board: '0' },
        { upTo: '', approvers: '2', board: '1' },
      ],
      urgent: { upTo: '30,000', confirmWithinDays: '7' },
      repeatDays: '30',
      caps: [],
    },
    reason: '前より多くの人が要るため',
  });
  expect(parse(PolicyRules, proposalOf(body).rules)).toMatchObject({
    windowDays: 90,
    tiers: [{ upTo: 50_000 }, {}],
  });
  expect(proposalOf({})).toMatchObject({ rules: { tiers: [], caps: [] } });
  expect(proposalOf({ rules: 'x', 'rules.tiers': 'y' })).toMatchObject({ rules: { tiers: [], caps: [] } });
});

describe('in words', () => {
  const now = settled(parse(PolicyRules, { ...FIRST, caps: [cap()] }));

  test.each(['ja', 'en'] as const)('every rule is a sentence in %s', (language) => {
    const points = pointsOf(now, translator(language));
    expect(points.map(({ key }) => key)).toEqual([
      'window',
      'tier 0',
      'tier 1',
      'tier 2',
      'urgent',
      'repeat',
      'cap person null 30',
    ]);
    expect(points[3]!.value).toBe(
      language === 'ja' ? '承認担当2人と理事1人' : '2 approvers and 1 board member',
    );
  });

  test('a proposal says what changes, comes and goes', () => {
    const t = translator('ja');
    const proposed = {
      ...now,
      repeatDays: 60,
      tiers: now.tiers.slice(0, 2),
      caps: [{ ...now.caps[0]!, days: 60 }],
    };
    const changes = changesOf(pointsOf(now, t), pointsOf(proposed, t), t);
    expect(changes.flatMap(({ key, change }) => (change ? [[key, change]] : []))).toEqual([
      ['repeat', 'changes'],
      ['cap person null 60', 'adds'],
      ['tier 2', 'removes'],
      ['cap person null 30', 'removes'],
    ]);
    expect(changes.find(({ key }) => key === 'repeat')!.now).toContain('30日以内');
  });
});
