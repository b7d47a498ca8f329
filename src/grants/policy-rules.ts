import { CATEGORIES, type Category } from '../kernel/codes.js';
import type { FieldFault } from '../kernel/errors.js';
import { IsListOf, IsOneOf, IsPart, IsWhole, IsYenAmount } from '../platform/fields.js';

export const MOST_TIERS = 6;
export const MOST_CAPS = 20;
export const CAP_OWNERS = ['person', 'household'] as const;
export type CapOwner = (typeof CAP_OWNERS)[number];

/** How many have to agree while a household's total is no more than `upTo` yen; null means whatever it is. */
export class PolicyTier {
  @IsYenAmount({ optional: true })
  upTo: number | null;

  @IsWhole({ min: 1, max: 5 })
  approvers: number;

  @IsWhole({ min: 0, max: 3 })
  board: number;
}

/** What one approver may decide tonight whatever the household's total, and how soon a second one looks at it. */
export class UrgentRule {
  /** Yen of the whole request; nothing is urgent with 0. */
  @IsYenAmount({ min: 0 })
  upTo: number;

  @IsWhole({ min: 1, max: 30 })
  confirmWithinDays: number;
}

/** More than `amount` yen within `days` needs a written reason; null means every category together. */
export class PolicyCap {
  @IsOneOf(CAP_OWNERS)
  per: CapOwner;

  @IsOneOf(CATEGORIES, { optional: true })
  category: Category | null;

  @IsWhole({ min: 1, max: 366 })
  days: number;

  @IsYenAmount()
  amount: number;
}

/** The approval policy (domain, "Approval policy"). What its fields do to each other is judged by `checkPolicy`. */
export class PolicyRules {
  /** Over how many days a household's awards are added up. */
  @IsWhole({ min: 1, max: 366 })
  windowDays: number;

  @IsListOf(() => PolicyTier, { max: MOST_TIERS })
  tiers: PolicyTier[];

  @IsPart(() => UrgentRule)
  urgent: UrgentRule;

  /** Within how many days the same person and category counts as asked twice. */
  @IsWhole({ min: 1, max: 366 })
  repeatDays: number;

  @IsListOf(() => PolicyCap, { min: 0, max: MOST_CAPS })
  caps: PolicyCap[];
}

/**
 * Each field that does not fit the others: amounts of tiers rise and only the last is open, none needs fewer approvers
 * or fewer of the board than the one before, and no two caps are of the same thing. Empty when all is well.
 */
export function checkPolicy({ tiers, caps }: PolicyRules): FieldFault[] {
  return [
    ...tiers.flatMap((tier, index) => tierFaults(tier, index, tiers)),
    ...caps.flatMap((cap, index) =>
      caps.slice(0, index).some((other) => sameThing(cap, other))
        ? [{ path: `caps.${index}.per`, code: 'capTwice' }]
        : [],
    ),
  ];
}

function tierFaults(tier: PolicyTier, index: number, tiers: readonly PolicyTier[]): FieldFault[] {
  const faults: FieldFault[] = [];
  const before = tiers[index - 1];
  const upTo = tier.upTo ?? null;
  if (index === tiers.length - 1) {
    if (upTo !== null) faults.push({ path: `tiers.${index}.upTo`, code: 'lastTierOpen' });
  } else if (upTo === null) {
    faults.push({ path: `tiers.${index}.upTo`, code: 'required' });
  } else if (before && upTo <= (before.upTo ?? 0)) {
    faults.push({ path: `tiers.${index}.upTo`, code: 'tiersRise' });
  }
  for (const role of ['approvers', 'board'] as const) {
    if (before && tier[role] < before[role]) {
      faults.push({ path: `tiers.${index}.${role}`, code: 'tierFewer', facts: { min: before[role] } });
    }
  }
  return faults;
}

const sameThing = (one: PolicyCap, other: PolicyCap): boolean =>
  one.per === other.per && (one.category ?? null) === (other.category ?? null) && one.days === other.days;

/** The rules as they are kept: what was left out is said as null. */
export const settled = ({ windowDays, tiers, urgent, repeatDays, caps }: PolicyRules): PolicyRules => ({
  windowDays,
  tiers: tiers.map(({ upTo, approvers, board }) => ({ upTo: upTo ?? null, approvers, board })),
  urgent: { upTo: urgent.upTo, confirmWithinDays: urgent.confirmWithinDays },
  repeatDays,
  caps: caps.map(({ per, category, days, amount }) => ({ per, category: category ?? null, days, amount })),
});
