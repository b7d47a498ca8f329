import { ApiProperty } from '@nestjs/swagger';
import type { Role } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import {
  AGE_BANDS,
  ASYLUM_STAGES,
  CATEGORIES,
  PREFECTURES,
  RESIDENCE_STATUSES,
  type AgeBand,
  type AsylumStage,
  type Category,
  type ResidenceStatus,
} from '../kernel/codes.js';
import { IsFlag } from '../platform/fields.js';
import { DisclosureView } from './disclosures.dto.js';
import { EXPOSED_FIELDS, type ExposedField } from './exposure.js';

/** What a sheet is printed with. */
export class SheetQuery {
  /** Leaves out what was written in words, for paper that may lie around. */
  @IsFlag()
  withoutNarrative?: boolean;
}

const maybe = (options: object = {}): PropertyDecorator =>
  ApiProperty({ type: String, nullable: true, ...options });

export class SheetPerson {
  @maybe()
  alias: string | null;

  @maybe()
  name: string | null;

  @maybe()
  kana: string | null;

  @maybe({ format: 'date' })
  birthDate: Day | null;

  @ApiProperty({ enum: AGE_BANDS })
  ageBand: AgeBand;

  @maybe()
  nationality: string | null;

  @maybe({ enum: Object.keys(RESIDENCE_STATUSES) })
  residenceStatus: ResidenceStatus | null;

  @maybe({ enum: ASYLUM_STAGES })
  asylumStage: AsylumStage | null;

  @ApiProperty({ enum: PREFECTURES })
  prefectureCode: string;

  @ApiProperty({ type: [String] })
  languages: string[];
}

export class SheetConsent {
  @ApiProperty()
  purpose: string;

  @ApiProperty({ format: 'date' })
  givenOn: Day;

  @ApiProperty()
  language: string;

  @ApiProperty()
  method: string;

  @maybe()
  shareWith: string | null;

  @maybe({ format: 'date-time' })
  withdrawnAt: string | null;
}

export class SheetEntry {
  @ApiProperty()
  kind: string;

  @ApiProperty({ format: 'date' })
  happenedOn: Day;

  @maybe({ description: 'Null without narrative' })
  body: string | null;
}

export class SheetCase {
  @ApiProperty()
  code: string;

  @ApiProperty()
  status: string;

  @ApiProperty({ format: 'date-time' })
  openedAt: string;

  @ApiProperty({ enum: CATEGORIES, isArray: true })
  needs: Category[];

  @ApiProperty({
    type: 'integer',
    description: 'How many others the case is about; who they are is not told',
  })
  others: number;

  @maybe({ description: 'Null without narrative' })
  summary: string | null;

  @ApiProperty({ type: SheetEntry, isArray: true })
  entries: SheetEntry[];
}

export class SheetPayment {
  @ApiProperty({ format: 'date' })
  paidOn: Day;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  amount: number;

  @ApiProperty({ type: 'integer', description: 'Whole yen of it that came back' })
  returned: number;
}

export class SheetRequest {
  @ApiProperty()
  number: string;

  @ApiProperty()
  status: string;

  @maybe({ format: 'date-time' })
  submittedAt: string | null;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  requestedAmount: number;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  approvedAmount: number;

  @ApiProperty({ type: [String] })
  items: string[];

  @ApiProperty({ type: 'integer', description: 'How many files were attached' })
  files: number;

  @maybe({ description: 'Null without narrative' })
  reason: string | null;

  @ApiProperty({ type: [String], description: 'What was written on it; empty without narrative' })
  comments: string[];

  @ApiProperty({ type: SheetPayment, isArray: true })
  payments: SheetPayment[];
}

/** Who looked: as what and from where, never by name. */
export class SheetLook {
  @ApiProperty({ type: [String] })
  roles: Role[];

  @maybe({ description: 'Null for the office of the network' })
  organisationName: string | null;

  @ApiProperty({ enum: EXPOSED_FIELDS, isArray: true })
  fields: ExposedField[];

  @ApiProperty({ format: 'date-time' })
  firstAt: string;

  @ApiProperty({ format: 'date-time' })
  lastAt: string;

  @ApiProperty({ type: 'integer' })
  times: number;
}

export class SheetView {
  @ApiProperty({ example: 'P-7K3F2Q' })
  code: string;

  @maybe({ description: 'The member that keeps this, and whom to ask' })
  organisationName: string | null;

  @ApiProperty({ format: 'date-time' })
  registeredAt: string;

  @ApiProperty({ type: SheetPerson })
  person: SheetPerson;

  @ApiProperty({ type: SheetConsent, isArray: true })
  consents: SheetConsent[];

  @ApiProperty({ type: SheetCase, isArray: true })
  cases: SheetCase[];

  @ApiProperty({ type: SheetRequest, isArray: true })
  requests: SheetRequest[];

  @ApiProperty({ type: DisclosureView, isArray: true })
  disclosures: DisclosureView[];

  @ApiProperty({ type: SheetLook, isArray: true })
  looks: SheetLook[];

  @ApiProperty({ type: 'integer', description: 'Months after the help has ended, when it is forgotten' })
  keptMonths: number;

  @maybe({ format: 'date', description: 'Until when the records of money stay; null when nothing was paid' })
  moneyKeptUntil: Day | null;
}
