import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../kernel/calendar.js';
import { move, type Transitions } from '../kernel/transitions.js';
import { YenColumn } from '../platform/columns.js';

export const CONTRIBUTION_STATUSES = ['promised', 'received', 'corrected'] as const;
export type ContributionStatus = (typeof CONTRIBUTION_STATUSES)[number];
export type ContributionVerb = 'receive' | 'correct';

/** What comes in for a promise is a contribution of its own, so that it may come in parts. */
export const CONTRIBUTION_TRANSITIONS: Transitions<ContributionStatus, ContributionVerb> = {
  receive: { from: ['promised'], to: 'promised' },
  correct: { from: ['promised', 'received'], to: 'corrected' },
};

/** Money for a fund: promised, received, or corrected by another row (or by none when nothing came). */
@Entity('contributions')
export class Contribution {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'fund_id' })
  fundId: string;

  @Column('text')
  status: ContributionStatus;

  @YenColumn('amount')
  amount: number;

  @Column({ type: 'date', name: 'received_on', nullable: true })
  receivedOn: Day | null;

  @Column({ type: 'date', name: 'expected_on', nullable: true })
  expectedOn: Day | null;

  /** From whom, as the treasurer writes it down. */
  @Column('text')
  source: string;

  @Column({ type: 'text', nullable: true })
  reference: string | null;

  /** The transfer from outside; none for a promise. */
  @Column({ type: 'uuid', name: 'transfer_id', nullable: true })
  transferId: string | null;

  /** The promise that it fulfils; for a corrected promise the first one, so that what came for it still counts. */
  @Column({ type: 'uuid', name: 'promise_id', nullable: true })
  promiseId: string | null;

  @Column({ type: 'uuid', name: 'corrects_id', nullable: true })
  correctsId: string | null;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;

  /** @throws DomainError `transition.refused` */
  perform(verb: ContributionVerb): void {
    this.status = move(CONTRIBUTION_TRANSITIONS, verb, this.status);
  }
}
