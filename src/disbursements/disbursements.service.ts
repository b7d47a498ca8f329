import { Injectable } from '@nestjs/common';
import { FundsQueries, unfitOf } from '../funds/index.js';
import {
  AwardsService,
  CommitmentsService,
  releaseOf,
  type Award,
  type GrantRequest,
} from '../grants/index.js';
import type { Actor } from '../kernel/actor.js';
import { conflict, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { LedgerService, type Entry } from '../ledger/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { Disbursement } from './disbursement.entity.js';
import type { DisbursementView, NewDisbursement } from './disbursements.dto.js';

/** Money on its way to the right hands. */
@Injectable()
export class DisbursementsService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly ledger: LedgerService,
    private readonly funds: FundsQueries,
    private readonly awards: AwardsService,
    private readonly commitments: CommitmentsService,
  ) {}

  /**
   * Records a payment made outside a run, in cash or by transfer, to the line's payee. An award is paid once, or again
   * after its payment bounced; when less was needed than what is still promised of it, the rest goes back to its budget
   * line with the same commit.
   * @throws DomainError `input.invalid` (a day outside the fund's period or in the future, a method that the fund does
   * not allow, more than what is promised); `fund.closed`; `transition.refused` when the award does not wait for
   * payment; `duty.…` when the actor may not be the payer; `resource.absent`
   */
  pay(actor: Actor, input: NewDisbursement, once: Once): Promise<DisbursementView> {
    return this.db.write(
      actor,
      async (tx) => {
        const { request, award } = await this.awards.lock(tx, input.awardId);
        const promised = await this.promisedOf(tx, award);
        await this.check(tx, award, input, promised);
        // First the request's side: its policy and duties refuse before any money moves.
        await this.awards.markPaid(tx, { request, award }, input.amount);
        const id = newId();
        const [transferId] = await this.ledger.post(tx, entriesFor(id, award, input, promised));
        await this.store(tx, { id, transferId: transferId!, request, award, input });
        tx.audit('disbursement.paid', 'disbursement', id, { awardId: award.id, amount: input.amount });
        return {
          id,
          awardId: award.id,
          requestId: request.id,
          requestNumber: request.number,
          amount: input.amount,
          releasedAmount: award.amount - input.amount,
          paidOn: input.paidOn,
          method: input.method,
          ledgerTransferId: transferId!,
          status: 'paid',
        };
      },
      once,
    );
  }

  /** Whole yen. An award that does not wait for payment is refused by its state, and not by what is left of it. */
  private async promisedOf(tx: Tx, award: Award): Promise<number> {
    if (award.status !== 'approved') return award.amount;
    return (await this.commitments.promisedOf(tx, [award])).get(award.id)!;
  }

  /** A payment's day must lie in its fund's period: its day, not today's (domain, "Fund"). */
  private async check(tx: Tx, award: Award, input: NewDisbursement, promised: number): Promise<void> {
    const { amount, paidOn, method } = input;
    const [line] = await this.funds.lineFacts(tx, [award.budgetLineId]);
    const { purpose, category, startsOn: from, endsOn: to } = line!;
    const onItsDay = unfitOf(line!, { purpose, category, on: paidOn });
    if (onItsDay === 'fundClosed') throw conflict('fund.closed');
    const faults: FieldFault[] = [];
    if (amount > promised) faults.push({ path: 'amount', code: 'moreThanAwarded', facts: { max: promised } });
    if (paidOn > tx.today) faults.push({ path: 'paidOn', code: 'dayFuture' });
    else if (onItsDay) faults.push({ path: 'paidOn', code: onItsDay, facts: { from, to } });
    if (unfitOf(line!, { purpose, category, on: from, method }) === 'methodUnfit')
      faults.push({ path: 'method', code: 'methodUnfit' });
    if (faults.length > 0) throw invalid(...faults);
  }

  private async store(
    tx: Tx,
    made: { id: string; transferId: string; request: GrantRequest; award: Award; input: NewDisbursement },
  ): Promise<void> {
    const { id, transferId, request, award, input } = made;
    const key = (await this.vault.keysOf(tx.orm, [request.keyOwnerId])).get(request.keyOwnerId);
    await tx.orm.insert(Disbursement, {
      id,
      awardId: award.id,
      awardAmount: award.amount,
      requestId: request.id,
      requestOrigin: request.origin,
      amount: input.amount,
      status: 'paid',
      method: input.method,
      paidOn: input.paidOn,
      // Of what was forgotten nothing is written down any more; its money still moves.
      reference: (input.reference && key?.seal(input.reference, `disbursements.reference:${id}`)) || null,
      paidBy: tx.actor.userId,
      transferId,
      recordedAt: tx.at,
    });
  }
}

function entriesFor(
  id: string,
  award: Award,
  { amount, paidOn }: NewDisbursement,
  promised: number,
): Entry[] {
  const { budgetLineId } = award;
  const pay: Entry = {
    kind: 'pay',
    from: { kind: 'committed', budgetLineId },
    to: { kind: 'spent', budgetLineId },
    amount,
    happenedOn: paidOn,
    subjectId: id,
  };
  const rest = releaseOf(award, promised - amount, paidOn);
  return rest.amount > 0 ? [pay, rest] : [pay];
}
