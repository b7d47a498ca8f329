import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Category } from '../kernel/codes.js';
import { move } from '../kernel/transitions.js';
import { CASE_TRANSITIONS, type CaseStatus } from './case.states.js';

/** What a member does for a household. Its texts lie apart, sealed with the case's own key. */
@Entity('cases')
export class Case {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'organisation_id' })
  organisationId: string;

  @Column({ type: 'uuid', name: 'household_id' })
  householdId: string;

  /** Such as `C-7K3F2Q`. */
  @Column('text')
  code: string;

  @Column('text')
  status: CaseStatus;

  /** How many live together, 0–50. They help to decide and are never counted as people helped. */
  @Column('int')
  adults: number;

  @Column('int')
  children: number;

  @Column('int')
  unborn: number;

  @Column({ type: 'text', array: true })
  needs: Category[];

  @Column({ type: 'uuid', name: 'created_by' })
  createdBy: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;

  /** Since when nobody works on it: from then on the clock of its retention runs. */
  @Column({ type: 'timestamptz', name: 'closed_at', nullable: true })
  closedAt: Date | null;

  /** Closes or reopens the case; saying what it is already changes nothing. */
  become(status: CaseStatus, at: Date): void {
    if (status === this.status) return;
    this.status = move(CASE_TRANSITIONS, status === 'closed' ? 'close' : 'reopen', this.status);
    this.closedAt = status === 'closed' ? at : null;
  }
}
