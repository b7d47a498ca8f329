import { Injectable } from '@nestjs/common';
import { FundsQueries } from '../funds/index.js';
import { AwardsService, type Award, type GrantRequest } from '../grants/index.js';
import type { Actor } from '../kernel/actor.js';
import { dayOf, type Day } from '../kernel/calendar.js';
import { invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { LedgerService, type Entry } from '../ledger/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { Runtime } from '../platform/runtime.js';
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
    private readonly runtime: Runtime,
  ) {}

  /**
   * Records a payment made outside a run, in cash or by transfer, to the line's payee. An award is paid once; when
   * less than the award was needed, the rest goes back to its budget line with the same commit.
   * @throws DomainError `input.invalid` (a day outside the fund's period or in the future, more than the award);
   * `transition.refused` when the award does not wait for payment; `duty.…` when the actor may not be the payer;
   * `resource.absent`
   */
  pay(actor: Actor, input: NewDisbursement, once: Once): Promise<DisbursementView> {
    return this.db.write(
      actor,
      async (tx) => {
        const { request, award } = await this.awards.lock(tx, input.awardId);
        await this.check(tx, award, input);
        // First the request's side: its policy and duties refuse before any money moves.
        await this.awards.markPaid(tx, { request, award }, input.amount);
        const id = newId();
        const [transferId] = await this.ledger.post(tx, entriesFor(id, award, input));
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

  private async check(tx: Tx, award: Award, { amount, paidOn }: NewDisbursement): Promise<void> {
    const [line] = await this.funds.lineFacts(tx, [award.budgetLineId]);
    const faults: FieldFault[] = [];
    if (amount > award.amount)
      faults.push({ path: 'amount', code: 'moreThanAwarded', facts: { max: award.amount } });
    if (paidOn > dayOf(tx.at, this.runtime.settings.TIMEZONE))
      faults.push({ path: 'paidOn', code: 'dayFuture' });
    else if (!liesIn(paidOn, line!)) {
      const { startsOn: from, endsOn: to } = line!;
      faults.push({ path: 'paidOn', code: to ? 'outsideFund' : 'beforeFund', facts: { from, to } });
    }
    if (faults.length > 0) throw invalid(...faults);
  }

  private async store(
    tx: Tx,
    made: { id: string; transferId: string; request: GrantRequest; award: Award; input: NewDisbursement },
  ): Promise<void> {
    const { id, transferId, request, award, input } = made;
    const key = input.reference ? await this.vault.keyOf(tx.orm, request.keyOwnerId) : null;
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
      reference: key?.seal(input.reference!, `disbursements.reference:${id}`) ?? null,
      paidBy: tx.actor.userId,
      transferId,
      recordedAt: tx.at,
    });
  }
}

/** A payment's day must lie in its fund's period: its day, not today's (domain, "Fund"). */
const liesIn = (day: Day, { startsOn, endsOn }: { startsOn: Day; endsOn: Day | null }): boolean =>
  day >= startsOn && (endsOn === null || day <= endsOn);

function entriesFor(id: string, award: Award, { amount, paidOn }: NewDisbursement): Entry[] {
  const { budgetLineId } = award;
  const committed = { kind: 'committed', budgetLineId } as const;
  const pay: Entry = {
    kind: 'pay',
    from: committed,
    to: { kind: 'spent', budgetLineId },
    amount,
    happenedOn: paidOn,
    subjectId: id,
  };
  const rest: Entry = {
    kind: 'release',
    from: committed,
    to: { kind: 'available', budgetLineId },
    amount: award.amount - amount,
    happenedOn: paidOn,
    subjectId: award.id,
    undoesId: award.commitTransferId,
  };
  return rest.amount > 0 ? [pay, rest] : [pay];
}
