import { addDays, type Day } from '../kernel/calendar.js';
import { sumYen } from '../kernel/money.js';
import type { Category } from '../kernel/codes.js';
import type { LineFacts } from '../funds/index.js';
import type { DecidedLine } from './approval-policy.js';
import type { PolicyRules } from './policy-rules.js';

/** What a household was awarded before, less what was released or came back. */
export interface HouseholdAward {
  requestId: string;
  requestNumber: string;
  /** Null for activity. */
  category: Category | null;
  fundId: string;
  /** Whole yen. */
  amount: number;
  happenedOn: Day;
  /** The people that its request names. */
  identityIds: string[];
}

/** A limit, and where a decision leaves it. Money in whole yen. */
export interface CapFact {
  per: 'person' | 'household';
  /** The fund whose rule it is; null for one of the approval policy. */
  fundName: string | null;
  /** Null when it holds for every category together. */
  category: Category | null;
  /** The first day that counts. */
  since: Day;
  limit: number;
  before: number;
  after: number;
}

interface Asked {
  rules: PolicyRules;
  today: Day;
  /** The people that this request names. */
  identityIds: readonly string[];
  awards: readonly HouseholdAward[];
  set: readonly DecidedLine[];
  budgetLines: readonly LineFacts[];
}

interface Cap extends Pick<CapFact, 'per' | 'fundName' | 'category' | 'since' | 'limit'> {
  fundId: string | null;
}

/** The first day whose awards any cap or the policy's total needs. */
export function sinceOf({ rules, today, budgetLines }: Pick<Asked, 'rules' | 'today' | 'budgetLines'>): Day {
  const days = [
    addDays(today, -rules.windowDays),
    ...capsOf(rules, today, budgetLines).map(({ since }) => since),
  ];
  return days.sort()[0]!;
}

/**
 * Every cap that these budget lines and the policy set (domain, "Approval policy"), with what was awarded before and
 * what it comes to with this decision. A sum for a household counts for each person by head, rounded up: a cap per
 * person holds for the one who got the most.
 */
export function capFacts({ rules, today, identityIds, awards, set, budgetLines }: Asked): CapFact[] {
  const lineOf = new Map(budgetLines.map((line) => [line.id, line]));
  const now = set.flatMap(({ budgetLineId, amount }) => {
    const line = lineOf.get(budgetLineId);
    return line ? [{ category: line.category, fundId: line.fundId, amount, happenedOn: today }] : [];
  });
  return capsOf(rules, today, budgetLines).map(({ fundId, ...cap }) => {
    const counts = (award: { fundId: string; category: Category | null; happenedOn: Day }): boolean =>
      (fundId === null || award.fundId === fundId) &&
      (cap.category === null || award.category === cap.category) &&
      award.happenedOn >= cap.since;
    const earlier = awards.filter(counts);
    const asked = sumYen(now.filter(counts).map(({ amount }) => amount));
    const before =
      cap.per === 'household' ? sumYen(earlier.map(({ amount }) => amount)) : mostOf(identityIds, earlier);
    return {
      ...cap,
      before,
      after: before + (cap.per === 'household' ? asked : perHead(asked, identityIds.length)),
    };
  });
}

/** The caps that a decision goes beyond: it then needs a written reason. One that gives nothing exceeds nothing. */
export const exceededCaps = (facts: readonly CapFact[]): CapFact[] =>
  facts.filter(({ before, after, limit }) => after > limit && after > before);

const perHead = (amount: number, people: number): number => Math.ceil(amount / Math.max(people, 1));

/** What the one of these people who got the most was awarded. */
const mostOf = (identityIds: readonly string[], awards: readonly HouseholdAward[]): number =>
  Math.max(
    0,
    ...identityIds.map((id) =>
      sumYen(
        awards
          .filter((award) => award.identityIds.includes(id))
          .map((award) => perHead(award.amount, award.identityIds.length)),
      ),
    ),
  );

function capsOf(rules: PolicyRules, today: Day, budgetLines: readonly LineFacts[]): Cap[] {
  const funds = [...new Map(budgetLines.map((line) => [line.fundId, line])).values()];
  return [
    ...rules.caps.map(({ per, category, days, amount }) => ({
      per,
      category,
      fundId: null,
      fundName: null,
      since: addDays(today, -days),
      limit: amount,
    })),
    ...funds.flatMap(({ fundId, fundName, startsOn, rules: { capPerPerson, capPerHousehold } }) =>
      (
        [
          ['person', capPerPerson],
          ['household', capPerHousehold],
        ] as const
      ).flatMap(([per, limit]) =>
        limit === undefined ? [] : [{ per, category: null, fundId, fundName, since: startsOn, limit }],
      ),
    ),
  ];
}
