import { ApiProperty, PartialType } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import {
  AGE_BANDS,
  ASYLUM_STAGES,
  LANGUAGES,
  PREFECTURES,
  RESIDENCE_GROUPS,
  RESIDENCE_STATUSES,
  type AgeBand,
  type AsylumStage,
  type ResidenceGroup,
  type ResidenceStatus,
} from '../kernel/codes.js';
import { IsCode, IsDayText, IsListOf, IsOneOf, IsSomeOf, IsText } from '../platform/fields.js';
import {
  CONSENT_METHODS,
  CONSENT_PURPOSES,
  type ConsentMethod,
  type ConsentPurpose,
} from './consent-rule.js';

const STATUSES = Object.keys(RESIDENCE_STATUSES);

export class GivenConsent {
  @IsOneOf(CONSENT_PURPOSES)
  purpose: ConsentPurpose;

  @IsDayText()
  givenOn: Day;

  @IsOneOf(LANGUAGES)
  language: string;

  @IsOneOf(CONSENT_METHODS)
  method: ConsentMethod;

  @IsText({ max: 200, optional: true })
  shareWith?: string;
}

/** Each field but the alias may stay empty. The reason for asking it stands beside it (privacy, point 1). */
export class NewPerson {
  /** What the member calls this person, so that two people of a list are not mixed up. */
  @IsText({ max: 50 })
  alias: string;

  /** To tell whether two members help the same person, and to pay a person. */
  @IsText({ max: 100, optional: true })
  name?: string;

  /** The same, where a name is written in several ways; and for a bank. */
  @IsText({ max: 100, optional: true })
  kana?: string;

  /** Tells two people of one name apart. Where that is not needed, the age band serves. */
  @IsDayText({ optional: true })
  birthDate?: Day;

  /** Figures, and which help fits. */
  @IsOneOf(AGE_BANDS, { optional: true })
  ageBand?: AgeBand;

  /** Which consulate and which interpreter can help. ISO 3166-1 alpha-3, `XXA` stateless, `XXX` unknown. */
  @IsCode({ pattern: /^[A-Z]{3}$/, example: 'VNM', optional: true })
  nationality?: string;

  /** Which public help is open. Needs a consent for `sensitive`. */
  @IsOneOf(STATUSES, { optional: true })
  residenceStatus?: ResidenceStatus;

  /** The same. */
  @IsOneOf(ASYLUM_STAGES, { optional: true })
  asylumStage?: AsylumStage;

  /** Figures, and which office is in charge. Never an address. */
  @IsOneOf(PREFECTURES, { optional: true })
  prefectureCode?: string;

  /** To speak with the person. */
  @IsSomeOf(LANGUAGES, { optional: true })
  languages?: string[];

  @IsListOf(() => GivenConsent, { max: 10 })
  consent: GivenConsent[];
}

/** What is left out stays as it is; `consent` adds to what was agreed before. */
export class PersonChange extends PartialType(NewPerson) {}

/** A person in a list. */
export class PersonListed {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'P-7K3F2Q' })
  code: string;

  @ApiProperty({ type: String, nullable: true })
  alias: string | null;
}

export class ConsentView extends GivenConsent {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'date-time' })
  recordedAt: Date;

  @ApiProperty({ type: Date, nullable: true })
  withdrawnAt: Date | null;
}

export class PersonView extends PersonListed {
  @ApiProperty({ format: 'uuid' })
  organisationId: string;

  @ApiProperty({ format: 'uuid' })
  householdId: string;

  @ApiProperty({ type: String, nullable: true })
  name: string | null;

  @ApiProperty({ type: String, nullable: true })
  kana: string | null;

  @ApiProperty({ type: String, format: 'date', nullable: true })
  birthDate: Day | null;

  @ApiProperty({ enum: AGE_BANDS })
  ageBand: AgeBand;

  @ApiProperty({ type: String, nullable: true })
  nationality: string | null;

  @ApiProperty({ type: String, enum: STATUSES, nullable: true })
  residenceStatus: ResidenceStatus | null;

  @ApiProperty({ type: String, enum: ASYLUM_STAGES, nullable: true })
  asylumStage: AsylumStage | null;

  @ApiProperty({ enum: RESIDENCE_GROUPS })
  residenceGroup: ResidenceGroup;

  @ApiProperty({ enum: PREFECTURES })
  prefectureCode: string;

  @ApiProperty({ enum: LANGUAGES, isArray: true })
  languages: string[];

  @ApiProperty({ type: ConsentView, isArray: true })
  consent: ConsentView[];

  @ApiProperty({ format: 'date-time' })
  createdAt: Date;

  @ApiProperty({ format: 'date-time' })
  updatedAt: Date;
}
