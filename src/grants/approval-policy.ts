import { hasRole, type Actor } from '../kernel/actor.js';
import { canMove } from '../kernel/transitions.js';
import { REQUEST_TRANSITIONS, type RequestStatus, type RequestVerb } from './grant-request.states.js';

/** What somebody already is on a request; one of them each (domain, "Who uses it"). */
export type DutyName = 'filer' | 'approver' | 'payer' | 'recused';

/** The facts that decide who may decide. */
export interface DecisionFacts {
  status: RequestStatus;
  origin: 'filed' | 'import';
  organisationId: string;
  /** The actor's own duty on this request, if any. */
  duty: DutyName | null;
}

const DECIDERS: Record<RequestVerb, readonly ('reviewer' | 'approver')[]> = {
  submit: [],
  answer: [],
  withdraw: [],
  review: ['reviewer', 'approver'],
  return: ['reviewer', 'approver'],
  approve: ['approver'],
  decline: ['approver'],
  release: ['approver'],
};

/**
 * Why this actor may not do this to the request now, as the code of a domain error, or null when they may. The
 * service asks before it acts and the page before it shows a button. The table of duties refuses the same in the
 * database. For now one approver suffices, and who approved may change their mind.
 */
export function whyNotDecide(actor: Actor, verb: RequestVerb, facts: DecisionFacts): string | null {
  if (!hasRole(actor, ...DECIDERS[verb])) return 'access.forbidden';
  if (actor.memberOf === facts.organisationId) return 'duty.own_organisation';
  if (facts.duty && facts.duty !== 'approver') return `duty.${facts.duty}`;
  if (facts.origin === 'import' || !canMove(REQUEST_TRANSITIONS, verb, facts.status))
    return 'transition.refused';
  return null;
}

/** Who still has to approve before money is committed. */
export function pendingApprovals(status: RequestStatus): { role: 'approver'; count: number }[] {
  return status === 'in_review' ? [{ role: 'approver', count: 1 }] : [];
}
