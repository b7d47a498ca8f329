import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../kernel/calendar.js';

export const ORGANISATION_KINDS = ['organisation', 'individual'] as const;
export type OrganisationKind = (typeof ORGANISATION_KINDS)[number];

/** A member of the network: a group, or one person. */
@Entity('organisations')
export class Organisation {
  @PrimaryColumn('uuid')
  id: string;

  /** Such as `M001`, unique. */
  @Column('text')
  code: string;

  @Column('text')
  name: string;

  @Column('text')
  kind: OrganisationKind;

  @Column({ type: 'text', name: 'prefecture_code' })
  prefectureCode: string;

  /** BCP 47, of the languages that its members speak with people. */
  @Column({ type: 'text', array: true })
  languages: string[];

  @Column({ type: 'date', name: 'joined_on', nullable: true })
  joinedOn: Day | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}
