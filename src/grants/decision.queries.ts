import { Injectable } from '@nestjs/common';
import { FundsQueries, type LineFacts } from '../funds/index.js';
import type { Actor } from '../kernel/actor.js';
import { addDays } from '../kernel/calendar.js';
import { sumYen } from '../kernel/money.js';
import { Db, type Tx } from '../platform/db.js';
import {
  approvesAs,
  missingApprovals,
  requirementOf,
  sameSet,
  whyNotDecide,
  type DecidedLine,
  type DutyName,
  type GivenApproval,
  type Requirement,
} from './approval-policy.js';
import { capFacts, sinceOf, type CapFact, type HouseholdAward } from './caps.js';
import type { DecisionView, PendingApproval, RepeatView } from './decision.views.js';
import type { Urgency } from './grant-request.entity.js';
import { UNDECIDED, type RequestStatus } from './grant-request.states.js';
import type { PolicyRules } from './policy-rules.js';

/** What stands around one request for who decides on it: its policy, who said what, whom it names. */
export interface Situation {
  id: string;
  organisationId: string;
  status: RequestStatus;
  origin: 'filed' | 'import';
  urgency: Urgency;
  householdId: string | null;
  /** Where the first person it names lives; null for activity. */
  prefectureCode: string | null;
  policyVersion: number;
  rules: PolicyRules;
  /** The actor's own. */
  duty: DutyName | null;
  /** Living approvals, the oldest first. */
  given: (GivenApproval & { id: string; by: string | null; at: string })[];
  /** What the whole request asks for, in yen. */
  requested: number;
  identityIds: string[];
}

/** What a set of awards comes to under the policy. Money in yen. */
export interface Weighed {
  awarded: number;
  total: number;
  awards: HouseholdAward[];
  caps: CapFact[];
  required: Requirement;
  /** The living approvals of this very set. */
  agreed: Situation['given'];
}

/** The facts behind a decision. Those who may not decide get none of them (`request_households` and its sisters). */
@Injectable()
export class DecisionQueries {
  constructor(
    private readonly db: Db,
    private readonly funds: FundsQueries,
  ) {}

  /** What stands around a request that was submitted, or null for any other and for a past payment. */
  async situation(tx: Tx, requestId: string): Promise<Situation | null> {
    const [found] = await tx.query<Situation>(situation, [requestId, tx.actor.userId]);
    return found ?? null;
  }

  /**
   * The household of a request and those that share a person with it, locked in id order until the transaction ends:
   * nobody else decides for any of them meanwhile (architecture, "One way through").
   */
  async lockHouseholds(tx: Tx, requestId: string): Promise<void> {
    await tx.query('SELECT lock_households($1)', [requestId]);
  }

  /** What this set comes to, with what the household was awarded before. Sums are taken now: lock first. */
  async weigh(
    tx: Tx,
    { id, rules, urgency, householdId, requested, identityIds, given }: Situation,
    set: readonly DecidedLine[],
    budgetLines: readonly LineFacts[],
  ): Promise<Weighed> {
    const { today } = tx;
    const from = addDays(today, -rules.windowDays);
    const since = sinceOf({ rules, today, budgetLines });
    const all = householdId ? await tx.query<HouseholdAward>(householdAwards, [id, since]) : [];
    const awards = all.filter(({ happenedOn }) => happenedOn >= from);
    const awarded = sumYen(awards.map(({ amount }) => amount));
    const total = awarded + sumYen(set.map(({ amount }) => amount));
    const caps = householdId ? capFacts({ rules, today, identityIds, awards: all, set, budgetLines }) : [];
    return {
      awarded,
      total,
      awards,
      caps,
      required: requirementOf(rules, { urgency, requested, total }),
      agreed: given.filter(({ lines }) => sameSet(lines, set)),
    };
  }

  /** Who has to agree before money is committed: to the set that was approved last, or to all that is asked for. */
  async pending(tx: Tx, requestId: string): Promise<PendingApproval[]> {
    const around = await this.situation(tx, requestId);
    if (around?.status !== 'in_review') return [];
    const set = around.given.at(-1)?.lines ?? [{ lineId: '', budgetLineId: '', amount: around.requested }];
    const { required, agreed } = await this.weigh(tx, around, set, []);
    return missingApprovals(required, agreed);
  }

  /** The same for a reader who may know nothing of other requests: what this one needs by its own amount. */
  async pendingByItself(tx: Tx, requestId: string): Promise<PendingApproval[]> {
    const around = await this.situation(tx, requestId);
    if (around?.status !== 'in_review') return [];
    const { rules, urgency, requested, given } = around;
    const needed = missingApprovals(requirementOf(rules, { urgency, requested, total: requested }), given);
    return needed.length > 0 ? needed : [{ role: 'approver', count: 1 }];
  }

  /**
   * Everything to be known before deciding on this set (or on the one approved last, when none is named), or null when
   * there is nothing to decide. It tells of other requests, so it leaves a line in the log.
   */
  view(actor: Actor, requestId: string, set?: readonly DecidedLine[]): Promise<DecisionView | null> {
    return this.db.write(actor, async (tx) => {
      const around = await this.situation(tx, requestId);
      if (!around || !UNDECIDED.includes(around.status)) return null;
      tx.audit('request.weighed', 'request', requestId);
      const { given, rules, policyVersion, requested } = around;
      const asked = set ?? given.at(-1)?.lines ?? [{ lineId: '', budgetLineId: '', amount: requested }];
      const named = [...new Set(asked.flatMap(({ budgetLineId }) => budgetLineId || []))];
      const weighed = await this.weigh(tx, around, asked, await this.funds.lineFacts(tx, named));
      const { required, agreed, awards, ...sums } = weighed;
      return {
        policyVersion,
        windowDays: rules.windowDays,
        ...sums,
        awards: awards.map(({ requestId: of, requestNumber, category, amount, happenedOn }) => ({
          requestId: of,
          requestNumber,
          category,
          amount,
          happenedOn,
        })),
        required,
        missing: missingApprovals(required, agreed),
        approvals: given.map(({ userId, by, role, at, overrides, lines }) => ({
          by,
          own: userId === actor.userId,
          role,
          at: new Date(at).toISOString(),
          overrides,
          lines: [...lines],
        })),
        repeats: await this.repeats(tx, requestId, rules.repeatDays),
        barred: barred(actor, around, weighed),
      };
    });
  }

  private async repeats(tx: Tx, requestId: string, days: number): Promise<RepeatView[]> {
    const since = new Date(tx.at.getTime() - days * 86_400_000);
    const rows = await tx.query<Omit<RepeatView, 'submittedAt'> & { submittedAt: Date }>(
      `SELECT kind, request_id AS "requestId", request_number AS "requestNumber",
              organisation_name AS "organisationName", status, category, amount, submitted_at AS "submittedAt"
       FROM repeats_of_request($1, $2)`,
      [requestId, since],
    );
    return rows.map(({ submittedAt, ...row }) => ({ ...row, submittedAt: submittedAt.toISOString() }));
  }
}

function barred(actor: Actor, around: Situation, { required, agreed }: Weighed): string | null {
  const refusal = whyNotDecide(actor, 'approve', around);
  if (refusal) return refusal;
  const judged = approvesAs(actor, required, agreed);
  return 'refusal' in judged ? judged.refusal : null;
}

const situation = `
  SELECT r.id, r.organisation_id AS "organisationId", r.status, r.origin, r.urgency, r.household_id AS "householdId",
         r.prefecture_code AS "prefectureCode",
         p.version AS "policyVersion", p.rules,
         (SELECT d.duty FROM duties d WHERE d.request_id = r.id AND d.user_id = $2) AS duty,
         (SELECT coalesce(json_agg(json_build_object('id', a.id, 'userId', a.user_id, 'role', a.as_role, 'lines', a.lines,
                   'overrides', a.overrides, 'by', u.name, 'at', a.recorded_at) ORDER BY a.id), '[]')
          FROM approvals a LEFT JOIN users u ON u.id = a.user_id
          WHERE a.request_id = r.id AND a.voided_at IS NULL) AS given,
         (SELECT coalesce(sum(l.amount), 0)::bigint FROM request_lines l WHERE l.request_id = r.id) AS requested,
         ARRAY(SELECT (SELECT l.identity_id FROM identity_links l WHERE l.person_id = rp.person_id
                       ORDER BY l.id DESC LIMIT 1)
               FROM request_persons rp WHERE rp.request_id = r.id) AS "identityIds"
  FROM grant_requests r JOIN approval_policies p ON p.version = r.policy_version
  WHERE r.id = $1`;

const householdAwards = `
  SELECT request_id AS "requestId", request_number AS "requestNumber", category, fund_id AS "fundId", amount,
         happened_on AS "happenedOn", identity_ids AS "identityIds"
  FROM awards_of_households(ARRAY(SELECT request_households($1)), $2)`;
