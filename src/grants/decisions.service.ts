import { Injectable } from '@nestjs/common';
import { FundsQueries } from '../funds/index.js';
import type { Actor } from '../kernel/actor.js';
import { dayOf } from '../kernel/calendar.js';
import { conflict, forbidden, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { sumYen } from '../kernel/money.js';
import { LedgerService } from '../ledger/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Runtime } from '../platform/runtime.js';
import { whyNotDecide } from './approval-policy.js';
import { checkDecision, type DecidedLine } from './decision-check.js';
import { Award, GrantRequest, RequestLine } from './grant-request.entity.js';
import type { RequestVerb } from './grant-request.states.js';
import type { Approval } from './grants.dto.js';
import { GrantsQueries } from './grants.queries.js';
import type { GrantRequestView } from './grants.views.js';
import { RequestWriting } from './request-writing.js';

/** What the network does with a request: check, ask, decide, change its mind. */
@Injectable()
export class DecisionsService {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerService,
    private readonly funds: FundsQueries,
    private readonly queries: GrantsQueries,
    private readonly writing: RequestWriting,
    private readonly runtime: Runtime,
  ) {}

  /** The first check: `submitted → in_review`. */
  review(actor: Actor, id: string, comment: string | undefined, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'review', once, comment);
  }

  /** Sends it back with a question. */
  return(actor: Actor, id: string, comment: string, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'return', once, comment);
  }

  /** Says no, with the reason. Whoever decides takes the approver's duty. */
  decline(actor: Actor, id: string, reason: string, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'decline', once, reason, (tx, request) =>
      this.writing.takeDuty(tx, request, 'approver'),
    );
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
          await this.writing.record(tx, request, { verb: 'recuse', from: request.status, comment });
        }
        return this.queries.viewIn(tx, id);
      },
      once,
    );
  }

  /**
   * Approves every line in full, in part, or not at all (amount 0), each from its budget lines, and commits the
   * money: nothing is stored unless all of it fits.
   * @throws DomainError `budget.exceeded` with what is left; `transition.refused`; `duty.…`; `input.invalid`
   */
  approve(actor: Actor, id: string, approval: Approval, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'approve', once, approval.comment, async (tx, request) => {
      await this.lockHousehold(tx, request);
      const lines = await tx.orm.findBy(RequestLine, { requestId: id });
      const budgetLines = await this.funds.lineFacts(tx, named(approval));
      const decided = checkDecision(lines, approval.lines, budgetLines, this.today(tx));
      await this.writing.takeDuty(tx, request, 'approver');
      await this.commit(tx, request, decided);
      return sumYen(decided.map(({ amount }) => amount));
    });
  }

  /**
   * Takes unpaid awards back, so that the request can be decided anew; what was paid stays paid.
   * @throws DomainError `transition.refused` when nothing is unpaid
   */
  release(actor: Actor, id: string, reason: string, once: Once): Promise<GrantRequestView> {
    return this.step(actor, id, 'release', once, reason, async (tx, request) => {
      const awards = await tx.orm.findBy(Award, { requestId: id });
      const unpaid = awards.filter(({ status }) => status === 'approved');
      if (unpaid.length === 0)
        throw conflict('transition.refused', { verb: 'release', state: request.status });
      await this.ledger.post(
        tx,
        unpaid.map((award) => ({
          kind: 'release',
          from: { kind: 'committed', budgetLineId: award.budgetLineId },
          to: { kind: 'available', budgetLineId: award.budgetLineId },
          amount: award.amount,
          happenedOn: this.today(tx),
          subjectId: award.id,
          undoesId: award.commitTransferId,
        })),
      );
      for (const award of unpaid) award.perform('release');
      await tx.query(`UPDATE awards SET status = 'released' WHERE id = ANY($1)`, [
        unpaid.map((award) => award.id),
      ]);
      await this.addApproved(
        tx,
        unpaid.map(({ requestLineId, amount }) => ({ lineId: requestLineId, amount: -amount })),
      );
      request.show(awards.map(({ status }) => status));
      return sumYen(unpaid.map(({ amount }) => amount));
    });
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
        if (refusal === 'access.forbidden') throw forbidden();
        if (refusal)
          throw conflict(refusal, refusal === 'transition.refused' ? { verb, state: request.status } : {});
        const from = request.status;
        request.perform(verb);
        const amount = (await work?.(tx, request)) ?? undefined;
        await this.writing.record(tx, request, { verb, from, comment, amount });
        return this.queries.viewIn(tx, id);
      },
      once,
    );
  }

  private async lockHousehold(tx: Tx, request: GrantRequest): Promise<void> {
    await tx.query('SELECT 1 FROM households WHERE id = $1 FOR UPDATE', [request.householdId]);
  }

  private async commit(tx: Tx, request: GrantRequest, decided: readonly DecidedLine[]): Promise<void> {
    const awards = decided.map((line) => ({ ...line, id: newId() }));
    const transferIds = await this.ledger.post(
      tx,
      awards.map(({ id, budgetLineId, amount }) => ({
        kind: 'commit',
        from: { kind: 'available', budgetLineId },
        to: { kind: 'committed', budgetLineId },
        amount,
        happenedOn: this.today(tx),
        subjectId: id,
      })),
    );
    await tx.orm.insert(
      Award,
      awards.map(({ id, lineId, budgetLineId, amount }, index) => ({
        id,
        requestId: request.id,
        requestOrigin: request.origin,
        requestLineId: lineId,
        budgetLineId,
        amount,
        status: 'approved' as const,
        approvedBy: tx.actor.userId,
        commitTransferId: transferIds[index]!,
        recordedAt: tx.at,
      })),
    );
    await this.addApproved(tx, awards);
  }

  /** The table refuses a line that would have more approved than it asked for. */
  private async addApproved(tx: Tx, lines: readonly { lineId: string; amount: number }[]): Promise<void> {
    await tx.query(
      `UPDATE request_lines l SET approved_amount = approved_amount + d.amount
       FROM (SELECT line_id, sum(amount)::bigint AS amount FROM unnest($1::uuid[], $2::bigint[]) AS d(line_id, amount)
             GROUP BY line_id) d
       WHERE l.id = d.line_id`,
      [lines.map(({ lineId }) => lineId), lines.map(({ amount }) => amount)],
    );
  }

  private today(tx: Tx): string {
    return dayOf(tx.at, this.runtime.settings.TIMEZONE);
  }
}

function named(approval: Approval): string[] {
  const ids = approval.lines.flatMap(({ budgetLineId }) => budgetLineId ?? []);
  if (approval.lines.every(({ amount }) => amount === 0))
    throw invalid({ path: 'lines', code: 'nothingApproved' });
  return [...new Set(ids)];
}
