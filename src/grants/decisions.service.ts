import { Injectable } from '@nestjs/common';
import { FundsQueries } from '../funds/index.js';
import type { Actor } from '../kernel/actor.js';
import { addDays } from '../kernel/calendar.js';
import { absent, conflict, forbidden, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { sumYen } from '../kernel/money.js';
import { LedgerService, type Entry } from '../ledger/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import {
  approvesAs,
  inOrder,
  missingApprovals,
  whyNotDecide,
  type ApproverRole,
  type DecidedLine,
} from './approval-policy.js';
import { exceededCaps } from './caps.js';
import { CommitmentsService } from './commitments.service.js';
import { checkDecision } from './decision-check.js';
import { DecisionQueries, type Situation, type Weighed } from './decision.queries.js';
import { GrantRequest, RequestLine } from './grant-request.entity.js';
import type { RequestVerb } from './grant-request.states.js';
import type { Approval, Confirmation } from './grants.dto.js';
import { GrantsQueries, URGENT } from './grants.queries.js';
import type { GrantRequestView } from './grants.views.js';
import { RequestWriting } from './request-writing.js';

/** What the network does with a request: check, ask, decide, change its mind. */
@Injectable()
export class DecisionsService {
  constructor(
    private readonly db: Db,
    private readonly funds: FundsQueries,
    private readonly queries: GrantsQueries,
    private readonly decisions: DecisionQueries,
    private readonly commitments: CommitmentsService,
    private readonly ledger: LedgerService,
    private readonly writing: RequestWriting,
  ) {}

  /** The first check: `submitted → in_review`. */
  review(actor: Actor, id: string, comment: string | undefined, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'review', once, comment);
  }

  /** Sends it back with a question; what was agreed so far is void, as the answer may change it. */
  return(actor: Actor, id: string, comment: string, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'return', once, comment, (tx) => this.writing.voidApprovals(tx, id));
  }

  /** Says no, with the reason. Whoever decides takes the approver's duty. */
  decline(actor: Actor, id: string, reason: string, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'decline', once, reason, async (tx, request) => {
      await this.writing.voidApprovals(tx, id);
      await this.writing.takeDuty(tx, request, 'approver');
    });
  }

  /** Stays out of this request from now on, for reasons of one's own; its state stays as it is. */
  recuse(actor: Actor, id: string, comment: string | undefined, once: Once): Promise<GrantRequestView> {
    return this.db.write(
      actor,
      async (tx) => {
        const request = await this.writing.lock(tx, id);
        const already = (await this.writing.dutyOf(tx, id)) === 'recused';
        await this.writing.takeDuty(tx, request, 'recused');
        if (!already) {
          const from = request.status;
          await this.writing.record(tx, request, { verb: 'recuse', from, comment, quiet: true });
        }
        return this.queries.viewIn(tx, id);
      },
      once,
    );
  }

  /**
   * Says yes to every line in full, in part, or not at all (amount 0), each from its budget lines. When the policy
   * asks for more people, the yes is kept and the request stays in review; a later approver repeats the same set or
   * replaces it, which voids the earlier ones. With the last one needed the money is committed: nothing is stored
   * unless all of it fits. Urgent, one suffices, and a second approver looks at it afterwards (`confirm`).
   * @throws DomainError `budget.exceeded` with what is left; `transition.refused`; `duty.…`; `approval.given`,
   *   `approval.not_wanted`; `input.invalid`, also for a cap exceeded without a reason
   */
  approve(actor: Actor, id: string, approval: Approval, once: Once): Promise<GrantRequestView> {
    const { comment, overrideReason } = approval;
    return this.db.write(
      actor,
      async (tx) => {
        const request = await this.writing.lock(tx, id);
        const around = await this.decisions.situation(tx, id);
        refuse('approve', request, whyNotDecide(actor, 'approve', around ?? { ...request, duty: null }));
        if (!around) throw absent();
        const { set, weighed, as, overrides } = await this.judge(tx, around, approval);
        const from = request.status;
        if (weighed.agreed.length < around.given.length) await this.writing.voidApprovals(tx, id);
        await this.writing.takeDuty(tx, request, 'approver', around.duty);
        const before = weighed.agreed.find(({ userId }) => userId === actor.userId);
        const approvalId = before?.id ?? (await this.sayYes(tx, id, as, set, overrides));
        const agreed = before ? weighed.agreed : [...weighed.agreed, { role: as }];
        const missing = missingApprovals(weighed.required, agreed);
        if (overrides)
          await this.writing.record(tx, request, {
            verb: 'override',
            from,
            comment: overrideReason,
            quiet: true,
          });
        let entries: Entry[] = [];
        if (missing.length === 0) {
          request.perform('approve');
          entries = await this.commitments.award(tx, request, set, tx.today);
          if (weighed.required.urgent) await this.askToConfirm(tx, around, approvalId);
        }
        const askBoard = missing.length > 0 && missing.every(({ role }) => role === 'board');
        request.boardAskedAt = askBoard ? (request.boardAskedAt ?? tx.at) : null;
        // Nobody outside the network sees that more are needed: it would tell what the household got through others.
        const quiet = missing.length > 0;
        const amount = sumYen(set.map((line) => line.amount));
        await this.writing.record(tx, request, { verb: 'approve', from, comment, amount, quiet });
        const view = await this.queries.viewIn(tx, id);
        await this.ledger.post(tx, entries);
        return view;
      },
      once,
    );
  }

  /**
   * A second approver confirms what one approved because it could not wait, or objects; nothing is clawed back.
   * @throws DomainError `confirmation.not_waiting`; `duty.…`, also for the one who approved; `resource.absent`
   */
  confirm(actor: Actor, id: string, input: Confirmation, once: Once): Promise<GrantRequestView> {
    const { outcome, comment } = input;
    return this.db.write(
      actor,
      async (tx) => {
        const request = await this.writing.lock(tx, id);
        const duty = await this.writing.dutyOf(tx, id);
        refuse('confirm', request, whyNotDecide(actor, 'confirm', { ...request, duty }));
        const [waiting] = await tx.query<{ approvalId: string; approvedBy: string }>(
          `SELECT u.approval_id AS "approvalId", u.approved_by AS "approvedBy"
           FROM ${URGENT} WHERE u.request_id = $1 AND u.outcome IS NULL`,
          [id],
        );
        if (!waiting) throw conflict('confirmation.not_waiting');
        if (waiting.approvedBy === actor.userId) throw conflict('confirmation.own');
        await this.writing.takeDuty(tx, request, 'approver', duty);
        await tx.query(
          `UPDATE urgent_approvals SET outcome = $2, confirmed_by = $3, confirmed_at = $4 WHERE approval_id = $1`,
          [waiting.approvalId, outcome, actor.userId, tx.at],
        );
        const verb = outcome === 'confirmed' ? 'confirm' : 'object';
        await this.writing.record(tx, request, { verb, from: request.status, comment, quiet: true });
        return this.queries.viewIn(tx, id);
      },
      once,
    );
  }

  /**
   * Takes unpaid awards back, so that the request can be decided anew; what was paid stays paid.
   * @throws DomainError `transition.refused` when nothing is unpaid
   */
  release(actor: Actor, id: string, reason: string, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'release', once, reason, async (tx, request) => {
      await this.writing.voidApprovals(tx, id);
      return this.commitments.release(tx, request, tx.today);
    });
  }

  /** Locks the households, and gives the set, what it comes to, and as what this actor's yes to it counts. */
  private async judge(
    tx: Tx,
    around: Situation,
    approval: Approval,
  ): Promise<{ set: DecidedLine[]; weighed: Weighed; as: ApproverRole; overrides: boolean }> {
    await this.decisions.lockHouseholds(tx, around.id);
    const lines = await tx.orm.findBy(RequestLine, { requestId: around.id });
    const budgetLines = await this.funds.lineFacts(tx, named(approval));
    const set = inOrder(checkDecision(lines, approval.lines, budgetLines, { ...around, on: tx.today }));
    const weighed = await this.decisions.weigh(tx, around, set, budgetLines);
    const judged = approvesAs(tx.actor, weighed.required, weighed.agreed);
    if ('refusal' in judged) throw conflict(judged.refusal);
    const exceeded = exceededCaps(weighed.caps).length > 0;
    const overrides = exceeded && Boolean(approval.overrideReason);
    if (exceeded && !overrides && !weighed.agreed.some((one) => one.overrides))
      throw invalid({ path: 'overrideReason', code: 'capExceeded' });
    return { set, weighed, as: judged.as, overrides };
  }

  private async sayYes(
    tx: Tx,
    requestId: string,
    as: ApproverRole,
    set: DecidedLine[],
    overrides: boolean,
  ): Promise<string> {
    const id = newId();
    await tx.query(
      `INSERT INTO approvals (id, request_id, user_id, as_role, lines, overrides, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, requestId, tx.actor.userId, as, JSON.stringify(set), overrides, tx.at],
    );
    return id;
  }

  private async askToConfirm(tx: Tx, { id, rules }: Situation, approvalId: string): Promise<void> {
    await tx.query(
      `INSERT INTO urgent_approvals (approval_id, request_id, approved_by, confirm_by) VALUES ($1, $2, $3, $4)`,
      [approvalId, id, tx.actor.userId, addDays(tx.today, rules.urgent.confirmWithinDays)],
    );
  }

  /** One change of status: lock, ask the policy, do the work, move, and tell the history. */
  private step(
    actor: Actor,
    id: string,
    verb: RequestVerb,
    once: Once,
    comment?: string,
    work?: (tx: Tx, request: GrantRequest) => Promise<number | void>,
  ): Promise<GrantRequestView> {
    return this.db.write(
      actor,
      async (tx) => {
        const request = await this.writing.lock(tx, id);
        const refusal = whyNotDecide(actor, verb, { ...request, duty: await this.writing.dutyOf(tx, id) });
        refuse(verb, request, refusal);
        const from = request.status;
        request.perform(verb);
        request.boardAskedAt = null;
        const amount = (await work?.(tx, request)) ?? undefined;
        await this.writing.record(tx, request, { verb, from, comment, amount });
        return this.queries.viewIn(tx, id);
      },
      once,
    );
  }
}

/** @throws DomainError what the policy names, in the form that its reader needs */
function refuse(verb: RequestVerb | 'confirm', { status }: GrantRequest, refusal: string | null): void {
  if (refusal === 'access.forbidden') throw forbidden();
  if (refusal) throw conflict(refusal, refusal === 'transition.refused' ? { verb, state: status } : {});
}

function named(approval: Approval): string[] {
  const ids = approval.lines.flatMap(({ budgetLineId }) => budgetLineId ?? []);
  if (approval.lines.every(({ amount }) => amount === 0))
    throw invalid({ path: 'lines', code: 'nothingApproved' });
  return [...new Set(ids)];
}
