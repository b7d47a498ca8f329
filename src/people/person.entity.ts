import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../kernel/calendar.js';
import {
  residenceGroupOf,
  type AgeBand,
  type AsylumStage,
  type ResidenceGroup,
  type ResidenceStatus,
} from '../kernel/codes.js';
import { SealedColumn } from '../platform/columns.js';
import type { SealingKey } from '../platform/encryption.js';
import { ageBandOf } from './age-band.js';

/** What is told of a person and lies sealed with the person's own key. */
export interface PersonDetail {
  alias: string | null;
  name: string | null;
  kana: string | null;
  birthDate: Day | null;
  nationality: string | null;
  residenceStatus: ResidenceStatus | null;
  asylumStage: AsylumStage | null;
  languages: string[];
}

/** The sealed fields and their columns, which the seal is bound to. */
const SEALED = {
  alias: 'alias',
  name: 'name',
  kana: 'kana',
  birthDate: 'birth_date',
  nationality: 'nationality',
  residenceStatus: 'residence_status',
  asylumStage: 'asylum_stage',
  languages: 'languages',
} as const satisfies Record<keyof PersonDetail, string>;

const FIELDS = Object.keys(SEALED) as (keyof PersonDetail)[];

/** Opens one field of a person's row. Null when nothing is told, or when the key was destroyed. */
export function openField(
  { id, ...row }: Pick<Person, 'id'> & Partial<Person>,
  field: keyof PersonDetail,
  key: SealingKey | undefined,
): string | null {
  const sealed = row[field];
  return sealed && key ? key.open(sealed, `persons.${SEALED[field]}:${id}`) : null;
}

/** Someone helped, as one organisation knows them. In clear lies only what figures need (privacy, point 3). */
@Entity('persons')
export class Person {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'organisation_id' })
  organisationId: string;

  @Column({ type: 'uuid', name: 'household_id' })
  householdId: string;

  /** Such as `P-7K3F2Q`: what everybody calls this person by, without saying who it is. */
  @Column('text')
  code: string;

  @Column({ type: 'text', name: 'external_code', nullable: true })
  externalCode: string | null;

  @SealedColumn('alias')
  alias: Buffer | null;

  @SealedColumn('name')
  name: Buffer | null;

  @SealedColumn('kana')
  kana: Buffer | null;

  @SealedColumn('birth_date')
  birthDate: Buffer | null;

  @SealedColumn('nationality')
  nationality: Buffer | null;

  @SealedColumn('residence_status')
  residenceStatus: Buffer | null;

  @SealedColumn('asylum_stage')
  asylumStage: Buffer | null;

  @SealedColumn('languages')
  languages: Buffer | null;

  @Column({ type: 'text', name: 'age_band' })
  ageBand: AgeBand;

  @Column({ type: 'text', name: 'residence_group' })
  residenceGroup: ResidenceGroup;

  @Column({ type: 'text', name: 'prefecture_code' })
  prefectureCode: string;

  @Column({ type: 'uuid', name: 'created_by' })
  createdBy: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;

  /** By which version of the forms the person can be found; 0 is not at all. */
  @Column({ type: 'int', name: 'forms_version' })
  formsVersion: number;

  /**
   * Takes down what is told, sealed with the person's own key, and derives from all that is known what figures
   * need. What is left out stays, and null takes a value out. A birthday decides the age band, as of `today`, unless the band is told too.
   */
  describe(told: Told, key: SealingKey, today: Day): void {
    for (const field of FIELDS) {
      const value = told[field];
      if (value === undefined) continue;
      const text = Array.isArray(value) ? value.join(' ') : value;
      this[field] = text ? key.seal(text, `persons.${SEALED[field]}:${this.id}`) : null;
    }
    const { birthDate, residenceStatus, asylumStage } = this.detail(key);
    const band = told.ageBand === null ? 'unknown' : this.ageBand;
    this.ageBand = told.ageBand ?? (birthDate ? ageBandOf(birthDate, today) : band);
    this.residenceGroup = residenceGroupOf(residenceStatus, asylumStage);
    if (told.prefectureCode !== undefined) this.prefectureCode = told.prefectureCode ?? '99';
  }

  /** Those of these fields that are sealed, as they lie there, in base64: the log keeps what only this person's key opens. */
  sealedOf(fields: readonly string[]): Record<string, string | null> {
    return Object.fromEntries(
      FIELDS.filter((field) => fields.includes(field)).map((field) => [
        field,
        this[field]?.toString('base64') ?? null,
      ]),
    );
  }

  /** Everything sealed, opened; all empty when the key was destroyed. */
  detail(key: SealingKey | undefined): PersonDetail {
    const open = (field: keyof PersonDetail) => openField(this, field, key);
    return {
      alias: open('alias'),
      name: open('name'),
      kana: open('kana'),
      birthDate: open('birthDate'),
      nationality: open('nationality'),
      residenceStatus: open('residenceStatus') as ResidenceStatus | null,
      asylumStage: open('asylumStage') as AsylumStage | null,
      languages: open('languages')?.split(' ').filter(Boolean) ?? [],
    };
  }
}

/** What a member tells of a person; nothing of it is needed to help. Null says that there is nothing. */
export interface Told {
  alias?: string | null;
  name?: string | null;
  kana?: string | null;
  birthDate?: Day | null;
  ageBand?: AgeBand | null;
  nationality?: string | null;
  residenceStatus?: ResidenceStatus | null;
  asylumStage?: AsylumStage | null;
  prefectureCode?: string | null;
  languages?: string[] | null;
}
