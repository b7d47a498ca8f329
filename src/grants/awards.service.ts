import { Injectable } from '@nestjs/common';
import { absent } from '../kernel/errors.js';
import type { Tx } from '../platform/db.js';
import { Award, GrantRequest } from './grant-request.entity.js';
import { RequestWriting } from './request-writing.js';

/** What the room that pays does to awards, inside its own transaction. */
@Injectable()
export class AwardsService {
  constructor(private readonly writing: RequestWriting) {}

  /** Locks the request and then the award. @throws DomainError `resource.absent` when the actor sees no such award */
  async lock(tx: Tx, awardId: string): Promise<{ request: GrantRequest; award: Award }> {
    const seen = await tx.orm.findOneBy(Award, { id: awardId });
    if (!seen) throw absent();
    const request = await this.writing.lock(tx, seen.requestId);
    const award = await tx.orm.findOne(Award, {
      where: { id: awardId },
      lock: { mode: 'pessimistic_write' },
    });
    return { request, award: award! };
  }

  /**
   * Marks a locked award paid by the actor, who takes the payer's duty, and moves the request along; `amount` is
   * what was paid, in whole yen.
   * @throws DomainError `transition.refused` when it is not waiting to be paid; `duty.…` when the actor filed,
   * approved or is of the request's organisation
   */
  async markPaid(
    tx: Tx,
    { request, award }: { request: GrantRequest; award: Award },
    amount: number,
  ): Promise<void> {
    award.perform('pay');
    await this.writing.takeDuty(tx, request, 'payer');
    await this.store(tx, { request, award }, 'pay', amount);
  }

  /**
   * Marks a locked award whose payment of `amount` yen never arrived: it can be paid again. That of an imported past
   * payment is released instead, and then `true` says that its money has to be, too.
   * @throws DomainError `transition.refused` when it is not paid; `duty.…` as for `markPaid`
   */
  async markBounced(
    tx: Tx,
    { request, award }: { request: GrantRequest; award: Award },
    amount: number,
  ): Promise<boolean> {
    const lapses = request.origin === 'import';
    award.perform(lapses ? 'lapse' : 'bounce');
    await this.writing.takeDuty(tx, request, 'payer');
    if (lapses) {
      await tx.query('UPDATE request_lines SET approved_amount = approved_amount - $2 WHERE id = $1', [
        award.requestLineId,
        award.amount,
      ]);
    }
    await this.store(tx, { request, award }, 'bounce', amount);
    return lapses;
  }

  /**
   * Tells a locked request's history that `amount` yen of a payment were paid back; nothing changes its state.
   * @throws DomainError `duty.…` as for `markPaid`
   */
  async recordRefund(tx: Tx, request: GrantRequest, amount: number): Promise<void> {
    await this.writing.takeDuty(tx, request, 'payer');
    await this.writing.record(tx, request, { verb: 'refund', from: request.status, amount });
  }

  /** Stores an award's new state, and that of its request, which shows the least advanced of its awards. */
  private async store(
    tx: Tx,
    { request, award }: { request: GrantRequest; award: Award },
    verb: 'pay' | 'bounce',
    amount: number,
  ): Promise<void> {
    await tx.query('UPDATE awards SET status = $2 WHERE id = $1', [award.id, award.status]);
    const from = request.status;
    const awards = await tx.orm.findBy(Award, { requestId: request.id });
    request.show(awards.map(({ status }) => status));
    await this.writing.record(tx, request, { verb, from, amount });
  }
}
