import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsOneOf, IsWhole } from '../platform/fields.js';
import { PageQuery } from '../platform/pages.js';

/** What has a time of its own, in the order in which pages show it. */
export const RETENTION_KINDS = ['case', 'person', 'request', 'draft', 'evidence', 'voucher'] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

/** The shortest and the longest time of each kind; PostgreSQL refuses anything beyond (docs/decisions/0013). */
export const LIMITS = {
  caseMonths: { min: 3, max: 84 },
  personMonths: { min: 3, max: 84 },
  draftMonths: { min: 1, max: 24 },
  evidenceMonths: { min: 3, max: 84 },
  voucherYears: { min: 7, max: 30 },
  sessionDays: { min: 1, max: 90 },
} as const;
export type RetentionField = keyof typeof LIMITS;
export const RETENTION_FIELDS = Object.keys(LIMITS) as RetentionField[];

/** How long each kind is kept after nobody works with it any more. */
export class RetentionRules {
  /** Months after a case was closed, or a request without a case has ended. */
  @IsWhole(LIMITS.caseMonths)
  caseMonths: number;

  /** Months after a person's last case was closed. */
  @IsWhole(LIMITS.personMonths)
  personMonths: number;

  /** Months since somebody last wrote in a request that was never submitted. */
  @IsWhole(LIMITS.draftMonths)
  draftMonths: number;

  /** Months after a request ended without money. */
  @IsWhole(LIMITS.evidenceMonths)
  evidenceMonths: number;

  /** Years after the end of the fiscal year of the last payment; longer where a fund says so. */
  @IsWhole(LIMITS.voucherYears)
  voucherYears: number;

  /** Days after a session or a one-time link ran out. */
  @IsWhole(LIMITS.sessionDays)
  sessionDays: number;
}

export class RetentionVersion extends RetentionRules {
  @ApiProperty({ type: 'integer' })
  version: number;

  @ApiProperty({ format: 'date-time' })
  setAt: string;

  @ApiProperty({ type: String, nullable: true })
  setBy: string | null;
}

/** How much of a kind goes. */
export class KindCount {
  @ApiProperty({ enum: RETENTION_KINDS })
  kind: RetentionKind;

  @ApiProperty({ type: 'integer', description: 'Goes with the next night' })
  overdue: number;

  @ApiProperty({ type: 'integer', description: 'Goes within 30 days' })
  soon: number;

  @ApiProperty({ type: 'integer', description: 'Its time has come, and a legal hold keeps it' })
  held: number;

  @ApiProperty({
    type: 'integer',
    description: 'Its time has come, and it waits for money that is still open',
  })
  waiting: number;
}

export class RetentionPreview {
  @ApiProperty({ type: RetentionVersion })
  rules: RetentionVersion;

  @ApiProperty({ type: KindCount, isArray: true })
  kinds: KindCount[];
}

export class DueQuery extends PageQuery {
  @IsOneOf(RETENTION_KINDS, { optional: true })
  kind: RetentionKind = 'case';
}

/** Something whose time comes, by its code and by nothing else. */
export class DueView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: RETENTION_KINDS })
  kind: RetentionKind;

  @ApiProperty({ example: 'C-7K3F2Q' })
  code: string;

  @ApiProperty()
  organisationName: string;

  @ApiProperty({ type: String, format: 'date' })
  dueOn: Day;

  @ApiProperty({ type: String, nullable: true, description: 'Why a legal hold keeps it' })
  hold: string | null;

  @ApiProperty({ description: 'Waits for money that is still open' })
  moneyOpen: boolean;
}
