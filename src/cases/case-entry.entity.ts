import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../kernel/calendar.js';
import { SealedColumn } from '../platform/columns.js';

export const ENTRY_KINDS = [
  'note',
  'referral',
  'accompaniment',
  'interpreting',
  'consultation',
  'shelter_night',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** One line of the support log: what was done, and when. It is never changed. */
@Entity('case_entries')
export class CaseEntry {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'case_id' })
  caseId: string;

  @Column({ type: 'uuid', name: 'organisation_id' })
  organisationId: string;

  @Column('text')
  kind: EntryKind;

  @Column({ type: 'date', name: 'happened_on' })
  happenedOn: Day;

  /** Sealed with the case's key. */
  @SealedColumn('body', { nullable: false })
  body: Buffer;

  @Column({ type: 'uuid', name: 'actor_id' })
  actorId: string;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;
}
