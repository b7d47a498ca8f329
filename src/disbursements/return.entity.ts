import { Column, Entity, PrimaryColumn } from 'typeorm';
import { SealedColumn, YenColumn } from '../platform/columns.js';
import type { ReturnKind } from './disbursement.states.js';

/** The place that a return's reason is sealed for, with the key of its request. */
export const reasonPlace = (returnId: string): string => `returns.reason:${returnId}`;

/** Money of a payment that came back. */
@Entity('returns')
export class Return {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'disbursement_id' })
  disbursementId: string;

  @Column({ type: 'uuid', name: 'request_id' })
  requestId: string;

  @Column('text')
  kind: ReturnKind;

  @YenColumn('amount')
  amount: number;

  @Column({ type: 'date', name: 'happened_on' })
  happenedOn: string;

  @SealedColumn('reason', { nullable: false })
  reason: Buffer;

  /** The ledger's transfer, which undoes the payment's in whole or in part. */
  @Column({ type: 'uuid', name: 'transfer_id' })
  transferId: string;

  @Column({ type: 'uuid', name: 'actor_id' })
  actorId: string;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;
}
