import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsDayText, IsFlag, IsId, IsOneOf, IsSomeOf, IsText } from '../platform/fields.js';
import type { ExposedField } from './exposure.js';

/** To whom data may have gone. */
export const RECIPIENTS = [
  'hospital',
  'lawyer',
  'shelter',
  'school',
  'consulate',
  'municipality',
  'immigration',
  'police',
  'court',
  'other',
] as const;
export type Recipient = (typeof RECIPIENTS)[number];

/**
 * What makes telling somebody lawful (個人情報保護法 第27条 第1項): the person agreed; a statute with an order or warrant;
 * life, body or property in danger; a child's sound growth. A public body that merely asks is none of them.
 */
export const LEGAL_BASES = ['consent', 'order', 'life', 'child'] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** What can have been told of one person. */
export const DISCLOSED_FIELDS = [
  'name',
  'birthDate',
  'nationality',
  'residenceStatus',
  'prefecture',
  'languages',
  'household',
  'needs',
  'narrative',
  'items',
  'amounts',
  'files',
] as const satisfies readonly ExposedField[];
export type DisclosedField = (typeof DISCLOSED_FIELDS)[number];

/** That data of one person went to somebody. It is never changed; a mistake is told by another one. */
export class NewDisclosure {
  @IsOneOf(RECIPIENTS)
  recipientKind: Recipient;

  /** Who exactly: which office, which hospital. */
  @IsText({ max: 200 })
  recipient: string;

  @IsOneOf(LEGAL_BASES)
  legalBasis: LegalBasis;

  /** The person's consent to share that it rests on; it has to stand. */
  @IsId({ optional: true })
  consentId?: string;

  /** Which statute and which order, or what the danger was. Only a consent needs none. */
  @IsText({ max: 1_000, optional: true })
  basisNote?: string;

  @IsSomeOf(DISCLOSED_FIELDS, { min: 1 })
  fields: DisclosedField[];

  @IsDayText()
  disclosedOn: Day;

  /** Whether the person was told of it. */
  @IsFlag()
  personTold?: boolean;
}

export class DisclosureView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: RECIPIENTS })
  recipientKind: Recipient;

  @ApiProperty({ type: String, nullable: true, description: 'Null when the person was forgotten' })
  recipient: string | null;

  @ApiProperty({ enum: LEGAL_BASES })
  legalBasis: LegalBasis;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  consentId: string | null;

  @ApiProperty({ type: String, nullable: true })
  basisNote: string | null;

  @ApiProperty({ enum: DISCLOSED_FIELDS, isArray: true })
  fields: DisclosedField[];

  @ApiProperty({ type: String, format: 'date' })
  disclosedOn: Day;

  @ApiProperty()
  personTold: boolean;

  @ApiProperty({ format: 'date-time' })
  recordedAt: string;
}

/** A person with all disclosures, and the consents that a new one may rest on. */
export class DisclosuresView {
  @ApiProperty({ example: 'P-7K3F2Q' })
  code: string;

  @ApiProperty({ type: String, nullable: true })
  alias: string | null;

  @ApiProperty({ type: DisclosureView, isArray: true, description: 'The newest first' })
  items: DisclosureView[];
}
