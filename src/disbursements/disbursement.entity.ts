import { Column, Entity, PrimaryColumn } from 'typeorm';
import { move } from '../kernel/transitions.js';
import { SealedColumn, YenColumn } from '../platform/columns.js';
import { DISBURSEMENT_TRANSITIONS, type DisbursementStatus, type ReturnKind } from './disbursement.states.js';

export const METHODS = ['cash', 'bank_transfer'] as const;
export type Method = (typeof METHODS)[number];

/** A payment for one award. */
@Entity('disbursements')
export class Disbursement {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'award_id' })
  awardId: string;

  /** The award's amount, which the payment never exceeds; a foreign key keeps the two equal. */
  @YenColumn('award_amount')
  awardAmount: number;

  @Column({ type: 'uuid', name: 'request_id' })
  requestId: string;

  @Column({ type: 'text', name: 'request_origin' })
  requestOrigin: 'filed' | 'import';

  @YenColumn('amount')
  amount: number;

  @Column('text')
  status: DisbursementStatus;

  @Column('text')
  method: Method;

  @Column({ type: 'date', name: 'paid_on' })
  paidOn: string;

  @SealedColumn('reference')
  reference: Buffer | null;

  @Column({ type: 'uuid', name: 'paid_by', nullable: true })
  paidBy: string | null;

  @Column({ type: 'text', name: 'payer_duty', insert: false, update: false })
  payerDuty: string;

  @Column({ type: 'uuid', name: 'transfer_id' })
  transferId: string;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;

  /** Money of it came back. @throws DomainError `transition.refused` unless it is paid */
  comeBack(kind: ReturnKind): void {
    this.status = move(DISBURSEMENT_TRANSITIONS, kind, this.status);
  }
}
