import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../kernel/calendar.js';
import type { ConsentMethod, ConsentPurpose } from './consent-rule.js';

/** What a person agreed to: for what, when, in which language, how, and to whom their data may go. */
@Entity('consents')
export class Consent {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'person_id' })
  personId: string;

  @Column('text')
  purpose: ConsentPurpose;

  @Column({ type: 'date', name: 'given_on' })
  givenOn: Day;

  @Column('text')
  language: string;

  @Column('text')
  method: ConsentMethod;

  @Column({ type: 'text', name: 'share_with', nullable: true })
  shareWith: string | null;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;
}
