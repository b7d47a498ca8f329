import type { MoveLimit } from './fund-rules.dto.js';

/** Yen that was allocated to a line (moves do not count), and yen already moved without a second person. */
export interface MovedMoney {
  allocated: number;
  moved: number;
}

export interface MoveFacts {
  /** Yen, above zero. */
  amount: number;
  /** The line that gives, and what was moved out of it. */
  source: MovedMoney;
  /** The line that gets, and what was moved into it; null for what goes back to unallocated. */
  target: MovedMoney | null;
  /** All lines of the fund. */
  total: MovedMoney;
}

/**
 * How many yen may still be moved without a second person, by the fund's rule: so many percent (rounded down) of what
 * was allocated to the source, the target or all lines, less what was moved already, so that many small moves do not
 * slip under it. What goes back to unallocated has no target of which it could be a share: by such a rule nothing may
 * go without a second person, as it could be allocated to any line next. Null when the fund has no rule.
 */
export function leftToMove(rule: MoveLimit | undefined, facts: Omit<MoveFacts, 'amount'>): number | null {
  if (!rule) return null;
  const { allocated, moved } = facts[rule.of] ?? { allocated: 0, moved: 0 };
  // In whole numbers: a percentage of a large sum is no safe float.
  const limit = Number((BigInt(rule.percent) * BigInt(Math.max(0, allocated))) / 100n);
  return Math.max(0, limit - moved);
}

/** Whether this move inside a fund needs the agreement of a second person. */
export function needsSecond(rule: MoveLimit | undefined, facts: MoveFacts): boolean {
  const left = leftToMove(rule, facts);
  return left !== null && facts.amount > left;
}
