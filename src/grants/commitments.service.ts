import { Injectable } from '@nestjs/common';
import { conflict } from '../kernel/errors.js';
import type { Day } from '../kernel/calendar.js';
import { newId } from '../kernel/ids.js';
import { sumYen } from '../kernel/money.js';
import { LedgerService, type Entry } from '../ledger/index.js';
import type { Tx } from '../platform/db.js';
import type { DecidedLine } from './approval-policy.js';
import { Award, GrantRequest } from './grant-request.entity.js';

/** Promises money to a request and takes promises back, inside the transaction of a decision. */
@Injectable()
export class CommitmentsService {
  constructor(private readonly ledger: LedgerService) {}

  /**
   * Makes an award of each of these, and gives the entries that commit their money on this day. The caller posts them
   * last: the accounts are what everybody waits for.
   */
  async award(tx: Tx, request: GrantRequest, decided: readonly DecidedLine[], on: Day): Promise<Entry[]> {
    const awards = decided.map((line) => ({ ...line, id: newId(), transferId: newId() }));
    await tx.orm.insert(
      Award,
      awards.map(({ id, lineId, budgetLineId, amount, transferId }) => ({
        id,
        requestId: request.id,
        requestOrigin: request.origin,
        requestLineId: lineId,
        budgetLineId,
        amount,
        status: 'approved' as const,
        approvedBy: tx.actor.userId,
        commitTransferId: transferId,
        recordedAt: tx.at,
      })),
    );
    await addApproved(tx, awards);
    return awards.map(({ id, budgetLineId, amount, transferId }) => ({
      id: transferId,
      kind: 'commit',
      from: { kind: 'available', budgetLineId },
      to: { kind: 'committed', budgetLineId },
      amount,
      happenedOn: on,
      subjectId: id,
    }));
  }

  /**
   * Releases what is still committed of a locked request's unpaid awards; gives the sum in yen. An award that was paid
   * for less, and whose payment came back, has only a rest to release.
   * @throws DomainError `transition.refused` when nothing is unpaid
   */
  async release(tx: Tx, request: GrantRequest, on: Day): Promise<number> {
    const awards = await tx.orm.findBy(Award, { requestId: request.id });
    const unpaid = awards.filter(({ status }) => status === 'approved');
    if (unpaid.length === 0) throw conflict('transition.refused', { verb: 'release', state: request.status });
    const promised = await this.promisedOf(tx, unpaid);
    const entries = unpaid.map((award) => releaseOf(award, promised.get(award.id)!, on));
    await this.ledger.post(tx, entries);
    for (const award of unpaid) award.perform('release');
    await tx.query(`UPDATE awards SET status = 'released' WHERE id = ANY($1)`, [unpaid.map(({ id }) => id)]);
    await addApproved(
      tx,
      unpaid.map(({ requestLineId, amount }) => ({ lineId: requestLineId, amount: -amount })),
    );
    request.show(awards.map(({ status }) => status));
    return sumYen(entries.map(({ amount }) => amount));
  }

  /** By award: how many yen of its promise were not released. A rest was, when it was paid for less. */
  async promisedOf(tx: Tx, awards: readonly Award[]): Promise<Map<string, number>> {
    const undone = await this.ledger.undoneOf(
      tx,
      awards.map(({ commitTransferId }) => commitTransferId),
    );
    return new Map(
      awards.map(({ id, amount, commitTransferId }) => [id, amount - undone.get(commitTransferId)!]),
    );
  }
}

/** What frees so many yen of an award's promise. */
export const releaseOf = (
  { id, budgetLineId, commitTransferId }: Award,
  amount: number,
  happenedOn: Day,
): Entry => ({
  kind: 'release',
  from: { kind: 'committed', budgetLineId },
  to: { kind: 'available', budgetLineId },
  amount,
  happenedOn,
  subjectId: id,
  undoesId: commitTransferId,
});

/** The table refuses a line that would have more approved than it asked for. */
async function addApproved(tx: Tx, lines: readonly { lineId: string; amount: number }[]): Promise<void> {
  await tx.query(
    `UPDATE request_lines l SET approved_amount = approved_amount + d.amount
     FROM (SELECT line_id, sum(amount)::bigint AS amount FROM unnest($1::uuid[], $2::bigint[]) AS d(line_id, amount)
           GROUP BY line_id) d
     WHERE l.id = d.line_id`,
    [lines.map(({ lineId }) => lineId), lines.map(({ amount }) => amount)],
  );
}
