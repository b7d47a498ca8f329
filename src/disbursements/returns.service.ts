import { Injectable } from '@nestjs/common';
import {
  AwardsService,
  CommitmentsService,
  releaseOf,
  type Award,
  type GrantRequest,
} from '../grants/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import { absent, conflict, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { LedgerService, type AccountRef, type Entry } from '../ledger/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { Disbursement } from './disbursement.entity.js';
import type { ReturnKind } from './disbursement.states.js';
import { reasonPlace, Return } from './return.entity.js';
import type { NewBounce, NewRefund, ReturnView } from './returns.dto.js';

/** A payment with what it was for, all locked. */
interface Payment {
  request: GrantRequest;
  award: Award;
  disbursement: Disbursement;
}

/** What came back: yen, on which day, and why. */
interface Coming {
  kind: ReturnKind;
  amount: number;
  happenedOn: Day;
  reason: string;
  /** Where the ledger puts it. */
  to: AccountRef;
}

/** Money that comes back after it was paid. */
@Injectable()
export class ReturnsService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly ledger: LedgerService,
    private readonly awards: AwardsService,
    private readonly commitments: CommitmentsService,
  ) {}

  /**
   * Records that a payment never arrived: today the whole of it is promised again, and its award can be paid anew. A
   * past payment that was imported is promised to nobody; its money is free again.
   * @throws DomainError `transition.refused` when the payment is not paid, or something of it came back already;
   * `fund.closed`, where nothing can be promised again and a refund is recorded instead; `duty.…` when the actor may
   * not be the payer; `resource.absent`
   */
  bounce(actor: Actor, disbursementId: string, { reason }: NewBounce, once: Once): Promise<ReturnView> {
    return this.db.write(
      actor,
      async (tx) => {
        const payment = await this.lock(tx, disbursementId, 'bounce');
        const { award, disbursement } = payment;
        if ((await this.returnedOf(tx, disbursement)) > 0)
          throw conflict('transition.refused', { verb: 'bounce', state: 'refunded' });
        const happenedOn = tx.today;
        const to = { kind: 'committed', budgetLineId: award.budgetLineId } as const;
        await tx.query('UPDATE disbursements SET status = $2 WHERE id = $1', [
          disbursement.id,
          disbursement.status,
        ]);
        // First the request's side: its states and duties refuse before any money moves.
        const lapsed = await this.awards.markBounced(tx, payment, disbursement.amount);
        const promised = lapsed ? await this.commitments.promisedOf(tx, [award]) : null;
        const rest = promised ? [releaseOf(award, promised.get(award.id)!, happenedOn)] : [];
        const { amount } = disbursement;
        return this.record(tx, payment, { kind: 'bounce', amount, happenedOn, reason, to }, rest);
      },
      once,
    );
  }

  /**
   * Records what was paid back of a payment, as often as something is: it is free again on its budget line, or
   * unallocated when the fund is closed. The award stays paid.
   * @throws DomainError `input.invalid` (a day in the future or before the payment's); `undo.exceeded` { left, asked }
   * in yen when it would be more than what was paid; `transition.refused` when the payment is not paid; `duty.…` when
   * the actor may not be the payer; `resource.absent`
   */
  refund(actor: Actor, disbursementId: string, input: NewRefund, once: Once): Promise<ReturnView> {
    const { amount, receivedOn: happenedOn, reason } = input;
    return this.db.write(
      actor,
      async (tx) => {
        const payment = await this.lock(tx, disbursementId, 'refund');
        const { request, award, disbursement } = payment;
        const faults = dayFaults(happenedOn, disbursement.paidOn, tx.today);
        if (faults.length > 0) throw invalid(...faults);
        const left = disbursement.amount - (await this.returnedOf(tx, disbursement));
        if (amount > left) throw conflict('undo.exceeded', { left, asked: amount });
        await this.awards.recordRefund(tx, request, amount);
        const { budgetLineId } = award;
        const { fundId, closed } = await this.ledger.lockLine(tx, budgetLineId);
        const to: AccountRef = closed ? { kind: 'unallocated', fundId } : { kind: 'available', budgetLineId };
        return this.record(tx, payment, { kind: 'refund', amount, happenedOn, reason, to });
      },
      once,
    );
  }

  /** Locks the request, the award and the payment, in this order, and moves the payment's state. */
  private async lock(tx: Tx, disbursementId: string, kind: ReturnKind): Promise<Payment> {
    const seen = await tx.orm.findOneBy(Disbursement, { id: disbursementId });
    if (!seen) throw absent();
    const { request, award } = await this.awards.lock(tx, seen.awardId);
    const disbursement = (await tx.orm.findOne(Disbursement, {
      where: { id: disbursementId },
      lock: { mode: 'pessimistic_write' },
    }))!;
    disbursement.comeBack(kind);
    return { request, award, disbursement };
  }

  /** How many yen of a payment came back so far. */
  private async returnedOf(tx: Tx, { transferId }: Disbursement): Promise<number> {
    return (await this.ledger.undoneOf(tx, [transferId])).get(transferId)!;
  }

  private async record(
    tx: Tx,
    { request, award, disbursement }: Payment,
    coming: Coming,
    more: Entry[] = [],
  ): Promise<ReturnView> {
    const { kind, amount, happenedOn, reason, to } = coming;
    const id = newId();
    const [transferId] = await this.ledger.post(tx, [
      {
        kind,
        from: { kind: 'spent', budgetLineId: award.budgetLineId },
        to,
        amount,
        happenedOn,
        subjectId: disbursement.id,
        undoesId: disbursement.transferId,
      },
      ...more,
    ]);
    const key = (await this.vault.keysOf(tx.orm, [request.keyOwnerId])).get(request.keyOwnerId);
    await tx.orm.insert(Return, {
      id,
      disbursementId: disbursement.id,
      requestId: request.id,
      kind,
      amount,
      happenedOn,
      // Of what was forgotten nothing is written down any more; its money still moves.
      reason: key?.seal(reason, reasonPlace(id)) ?? Buffer.alloc(0),
      transferId: transferId!,
      actorId: tx.actor.userId!,
      recordedAt: tx.at,
    });
    tx.audit(`disbursement.${kind}`, 'disbursement', disbursement.id, { returnId: id, amount });
    return {
      id,
      amount,
      happenedOn,
      ledgerTransferId: transferId!,
      disbursementId: disbursement.id,
      awardId: award.id,
      requestId: request.id,
      returnedAmount: await this.returnedOf(tx, disbursement),
      status: disbursement.status,
    };
  }
}

/** Nothing comes back before it was paid, and nobody knows yet what comes back tomorrow. */
function dayFaults(receivedOn: Day, paidOn: Day, today: Day): FieldFault[] {
  if (receivedOn > today) return [{ path: 'receivedOn', code: 'dayFuture' }];
  return receivedOn < paidOn ? [{ path: 'receivedOn', code: 'beforePayment', facts: { from: paidOn } }] : [];
}
