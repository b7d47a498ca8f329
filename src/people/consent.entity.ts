import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../kernel/calendar.js';
import { SealedColumn } from '../platform/columns.js';
import { isSealed, type SealingKey } from '../platform/encryption.js';
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

  /** Sealed with the person's key. */
  @SealedColumn('share_with')
  shareWith: Buffer | null;

  /** Whether other members are among those to whom data may go. */
  @Column({ type: 'boolean', name: 'reaches_members' })
  reachesMembers: boolean;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;

  @Column({ type: 'timestamptz', name: 'withdrawn_at', nullable: true })
  withdrawnAt: Date | null;

  @Column({ type: 'uuid', name: 'withdrawn_by', nullable: true })
  withdrawnBy: string | null;

  /** To whom data may go, opened; null when nobody is named, or when the key was destroyed. */
  sharedWith(key: SealingKey | undefined): string | null {
    if (!this.shareWith) return null;
    // What was written before it was sealed lies there in clear until the matcher has come by.
    if (!isSealed(this.shareWith)) return this.shareWith.toString('utf8');
    return key ? key.open(this.shareWith, placeOfShareWith(this.id)) : null;
  }
}

export const placeOfShareWith = (id: string): string => `consents.share_with:${id}`;
