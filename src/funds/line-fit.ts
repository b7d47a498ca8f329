import type { Day } from '../kernel/calendar.js';
import { CATEGORIES, type Category, type Purpose } from '../kernel/codes.js';
import { FUND_PREFECTURES, PAYMENT_METHODS, type FundRules, type PaymentMethod } from './fund-rules.dto.js';

/** What a budget line is for. */
export interface LineNeed {
  purpose: Purpose;
  category: Category | null;
}

/** For what, when and whom a budget line may pay. */
export interface LineTerms extends LineNeed {
  /** The fund's period; no end when it is open. */
  startsOn: Day;
  endsOn: Day | null;
  rules: FundRules;
  /** The fund is closed: nothing is paid from it any more. */
  closed: boolean;
}

/** What somebody wants to pay for. What is left out (or null) is not asked. */
export interface PaymentNeed extends LineNeed {
  /** The day on which it is promised or paid: the day of the payment counts, not today. */
  on: Day;
  /** Where the person who is helped lives; `99` for unknown is in no restricted fund. */
  prefectureCode?: string | null;
  method?: PaymentMethod;
}

/**
 * Why a budget line cannot pay for this, as the code of a field's fault, or null when it can: `budgetLineUnfit`
 * (another purpose or category), `fundClosed`, `beforeFund` or `outsideFund` (the day; their sentences take `from` and
 * `to` of the fund), `categoryUnfit`, `prefectureUnfit`, `methodUnfit` (the fund's rules). Pages and services ask this.
 */
export function unfitOf(line: LineTerms, need: PaymentNeed): string | null {
  const { rules, startsOn, endsOn } = line;
  const { on, category, prefectureCode, method } = need;
  if (line.purpose !== need.purpose || line.category !== category) return 'budgetLineUnfit';
  if (line.closed) return 'fundClosed';
  if (on < startsOn || (endsOn !== null && on > endsOn))
    return endsOn === null ? 'beforeFund' : 'outsideFund';
  if (!allows(rules.categories, category)) return 'categoryUnfit';
  if (!allows(rules.prefectures, prefectureCode)) return 'prefectureUnfit';
  return allows(rules.paymentMethods, method) ? null : 'methodUnfit';
}

/** Whether a rule leaves a value open; without a rule it leaves all, and what is not asked breaks none. */
const allows = <T extends string>(allowed: readonly T[] | undefined, value: T | null | undefined): boolean =>
  !allowed || value === null || value === undefined || allowed.includes(value);

/**
 * Narrowest restriction first, so that money that can pay for much is kept; then what ends soonest (an open end last),
 * then by code, so that the order is always the same.
 */
export function narrowestFirst(one: LineTerms & { fundCode: string }, other: typeof one): number {
  const byEnd = (line: LineTerms): string => line.endsOn ?? '9999-12-31';
  return (
    openness(one.rules) - openness(other.rules) ||
    byEnd(one).localeCompare(byEnd(other)) ||
    one.fundCode.localeCompare(other.fundCode)
  );
}

/** How much of everything the rules allow: 1 for all, the smaller the narrower. */
const openness = ({ prefectures, categories, paymentMethods }: FundRules): number =>
  shareOf(prefectures, FUND_PREFECTURES) *
  shareOf(categories, CATEGORIES) *
  shareOf(paymentMethods, PAYMENT_METHODS);

const shareOf = (allowed: readonly string[] | undefined, all: readonly string[]): number =>
  (allowed ?? all).length / all.length;
