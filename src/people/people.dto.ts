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
import {
  IsCode,
  IsDayText,
  IsFlag,
  IsId,
  IsListOf,
  IsMoment,
  IsOneOf,
  IsSomeOf,
  IsText,
} from '../platform/fields.js';
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
  @IsText({ max: 50, clears: true })
  alias: string;

  /** To tell whether two members help the same person, and to pay a person. */
  @IsText({ max: 100, optional: true, clears: true })
  name?: string | null;

  /** The same, where a name is written in several ways; and for a bank. */
  @IsText({ max: 100, optional: true, clears: true })
  kana?: string | null;

  /** Tells two people of one name apart. Where that is not needed, the age band serves. */
  @IsDayText({ optional: true, clears: true })
  birthDate?: Day | null;

  /** Figures, and which help fits. */
  @IsOneOf(AGE_BANDS, { optional: true, clears: true })
  ageBand?: AgeBand | null;

  /** Which consulate and which interpreter can help. ISO 3166-1 alpha-3, `XXA` stateless, `XXX` unknown. */
  @IsCode({ pattern: /^[A-Z]{3}$/, example: 'VNM', optional: true, clears: true })
  nationality?: string | null;

  /** Which public help is open. Needs a consent for `sensitive`. */
  @IsOneOf(STATUSES, { optional: true, clears: true })
  residenceStatus?: ResidenceStatus | null;

  /** The same. */
  @IsOneOf(ASYLUM_STAGES, { optional: true, clears: true })
  asylumStage?: AsylumStage | null;

  /** Figures, and which office is in charge. Never an address. */
  @IsOneOf(PREFECTURES, { optional: true, clears: true })
  prefectureCode?: string | null;

  /** To speak with the person. */
  @IsSomeOf(LANGUAGES, { optional: true, clears: true })
  languages?: string[] | null;

  @IsListOf(() => GivenConsent, { max: 10 })
  consent: GivenConsent[];
}

/** What is left out stays as it is, and null or '' takes a value out; `consent` adds to what was agreed before. */
export class PersonChange extends PartialType(NewPerson) {
  /** `updatedAt` of the person as it was read: a change that somebody else was faster with is refused. */
  @IsMoment({ optional: true })
  updatedAt?: string;
}

/** A name or a reading as it is written whole, a birthday, or a code. */
export class PersonSearch {
  @IsText({ max: 100 })
  query: string;
}

/** With whom a person is helped together from now on. */
export class HouseholdChange {
  /** Somebody of one's own; null or absent gives the person a household of their own. */
  @IsId({ optional: true, clears: true })
  withPersonId?: string | null;

  /** Whether everybody of the person's household comes along. */
  @IsFlag()
  whole?: boolean;
}

export const REVEAL_REASONS = ['duplicate', 'decision', 'payment', 'danger', 'other'] as const;
export type RevealReason = (typeof REVEAL_REASONS)[number];

/** Why somebody of the network opens a person's detail. */
export class Reveal {
  @IsOneOf(REVEAL_REASONS)
  reason: RevealReason;

  /** Sealed with the person's key; needed for `other`. */
  @IsText({ max: 500, optional: true })
  note?: string;
}

/** A person in a list. Aliases are for the person's own member. */
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
