import { hasRole, type Actor } from '../kernel/actor.js';
import { canMove } from '../kernel/transitions.js';
import type { Urgency } from './grant-request.entity.js';
import { REQUEST_TRANSITIONS, type RequestStatus, type RequestVerb } from './grant-request.states.js';
import type { PolicyRules } from './policy-rules.js';

/** What somebody already is on a request; one of them each (domain, "Who uses it"). */
export type DutyName = 'filer' | 'approver' | 'payer' | 'recused';

/** As what somebody approves. */
export const APPROVER_ROLES = ['approver', 'board'] as const;
export type ApproverRole = (typeof APPROVER_ROLES)[number];

/** The facts that decide who may act on a request. */
export interface DecisionFacts {
  status: RequestStatus;
  origin: 'filed' | 'import';
  organisationId: string;
  /** The actor's own duty on this request, if any. */
  duty: DutyName | null;
}

/** Money of one budget line for one line of the request, in whole yen above zero. */
export interface DecidedLine {
  lineId: string;
  budgetLineId: string;
  amount: number;
}

/** One person's living yes to a set of lines. */
export interface GivenApproval {
  userId: string;
  role: ApproverRole;
  lines: readonly DecidedLine[];
  /** A cap was exceeded, with a reason. */
  overrides: boolean;
}

/** How many have to agree, and whether that is the urgent path, which a second approver looks at afterwards. */
export interface Requirement {
  approvers: number;
  board: number;
  urgent: boolean;
}

export interface MissingApproval {
  role: ApproverRole;
  count: number;
}

const DECIDERS: Record<RequestVerb | 'confirm', readonly ('reviewer' | ApproverRole)[]> = {
  submit: [],
  answer: [],
  withdraw: [],
  review: ['reviewer', 'approver'],
  return: ['reviewer', 'approver'],
  approve: ['approver', 'board'],
  decline: ['approver', 'board'],
  release: ['approver'],
  confirm: ['approver'],
};

/**
 * Why this actor may not do this to the request now, as the code of a domain error, or null when they may. The
 * service asks before it acts and the page before it shows a button. The table of duties refuses the same in the
 * database. Who approved may still change their mind.
 */
export function whyNotDecide(
  actor: Actor,
  verb: RequestVerb | 'confirm',
  facts: DecisionFacts,
): string | null {
  if (!hasRole(actor, ...DECIDERS[verb])) return 'access.forbidden';
  if (actor.memberOf === facts.organisationId) return 'duty.own_organisation';
  if (facts.duty && facts.duty !== 'approver') return `duty.${facts.duty}`;
  if (verb === 'confirm') return null;
  if (facts.origin === 'import' || !canMove(REQUEST_TRANSITIONS, verb, facts.status))
    return 'transition.refused';
  return null;
}

/**
 * How many have to agree (domain, "Approval policy"). `total` is what the household is awarded within the policy's
 * days, this decision included; `requested` what the whole request asks for; both in yen.
 */
export function requirementOf(
  { tiers, urgent }: PolicyRules,
  { urgency, requested, total }: { urgency: Urgency; requested: number; total: number },
): Requirement {
  if (urgency === 'tonight' && requested <= urgent.upTo) return { approvers: 1, board: 0, urgent: true };
  const { approvers, board } = tiers.find(({ upTo }) => upTo === null || total <= upTo) ?? tiers.at(-1)!;
  if (!(approvers >= 1 && board >= 0))
    throw new Error('A tier of the policy does not say how many have to agree');
  return { approvers, board, urgent: false };
}

/** Who still has to agree, after these. */
export function missingApprovals(
  required: Requirement,
  given: readonly Pick<GivenApproval, 'role'>[],
): MissingApproval[] {
  return [
    { role: 'approver' as const, count: required.approvers },
    { role: 'board' as const, count: required.board },
  ].flatMap(({ role, count }) => {
    const left = count - given.filter((approval) => approval.role === role).length;
    return left > 0 ? [{ role, count: left }] : [];
  });
}

/** A set in the one order in which it is kept and compared. */
export const inOrder = (lines: readonly DecidedLine[]): DecidedLine[] =>
  lines
    .map(({ lineId, budgetLineId, amount }) => ({ lineId, budgetLineId, amount }))
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));

const keyOf = ({ lineId, budgetLineId }: DecidedLine): string => `${lineId} ${budgetLineId}`;

/** Whether two sets say the same of every line: a later approver repeats the set, or replaces it. */
export function sameSet(one: readonly DecidedLine[], other: readonly DecidedLine[]): boolean {
  const text = (lines: readonly DecidedLine[]): string =>
    inOrder(lines)
      .map((line) => `${keyOf(line)} ${line.amount}`)
      .join();
  return text(one) === text(other);
}

/**
 * As what this actor's yes to a set counts, or why it is not wanted, as the code of a domain error. `agreed` are the
 * living approvals of the identical set. When they have become enough by themselves, because an earlier award was
 * released or came back meanwhile, anybody who may decide completes it, also who said yes before.
 */
export function approvesAs(
  actor: Actor,
  required: Requirement,
  agreed: readonly GivenApproval[],
): { as: ApproverRole } | { refusal: string } {
  const missing = missingApprovals(required, agreed);
  const own = agreed.find(({ userId }) => userId === actor.userId);
  if (missing.length === 0) {
    const as = own?.role ?? APPROVER_ROLES.find((role) => hasRole(actor, role));
    return as ? { as } : { refusal: 'access.forbidden' };
  }
  if (own) return { refusal: 'approval.given' };
  const wanted = missing.find(({ role }) => hasRole(actor, role));
  return wanted ? { as: wanted.role } : { refusal: 'approval.not_wanted' };
}
