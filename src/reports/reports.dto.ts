import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { CATEGORIES, RESIDENCE_GROUPS, type Category, type ResidenceGroup } from '../kernel/codes.js';
import { invalid, type FieldFault } from '../kernel/errors.js';
import { IsDayText, IsId, IsMoment, IsSomeOf } from '../platform/fields.js';

/** What disbursements are grouped by (contract, `/reports/disbursed`). */
export const GROUP_KEYS = [
  'month',
  'quarter',
  'fiscalYear',
  'category',
  'organisation',
  'fund',
  'prefecture',
  'residenceGroup',
] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

export class DisbursedQuery {
  @IsDayText()
  from: Day;

  @IsDayText()
  to: Day;

  @IsSomeOf(GROUP_KEYS, { min: 1, max: 2, optional: true })
  groupBy?: GroupKey[];

  @IsMoment({ optional: true })
  asOf?: string;

  @IsId({ optional: true })
  fundId?: string;

  @IsId({ optional: true })
  organisationId?: string;
}

/**
 * Judges what single fields cannot: a period has its end on or after its beginning, and place and status are
 * never crossed in one table, for nobody (privacy, point 6).
 * @throws DomainError `input.invalid` with `periodBackwards` on `to` and `crossing` on `groupBy`.
 */
export function checkDisbursedQuery({ from, to, groupBy = [] }: DisbursedQuery): void {
  const faults: FieldFault[] = [];
  if (to < from) faults.push({ path: 'to', code: 'periodBackwards' });
  if (groupBy.includes('prefecture') && groupBy.includes('residenceGroup')) {
    faults.push({ path: 'groupBy', code: 'crossing' });
  }
  if (faults.length > 0) throw invalid(...faults);
}

export class DisbursedGroup {
  @ApiPropertyOptional({ example: '2023-07' })
  month?: string;

  @ApiPropertyOptional({ example: '2023-Q3', description: 'Of the calendar: Q1 is January to March' })
  quarter?: string;

  @ApiPropertyOptional({ example: 2023, description: 'From 1 April of this year' })
  fiscalYear?: number;

  @ApiPropertyOptional({ enum: CATEGORIES, nullable: true, description: 'Null for activity costs' })
  category?: Category | null;

  @ApiPropertyOptional({ format: 'uuid' })
  organisation?: string;

  @ApiPropertyOptional()
  organisationName?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  fund?: string;

  @ApiPropertyOptional()
  fundName?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '13',
    description: 'Null for activity costs',
  })
  prefecture?: string | null;

  @ApiPropertyOptional({ enum: RESIDENCE_GROUPS, nullable: true, description: 'Null for activity costs' })
  residenceGroup?: ResidenceGroup | null;

  @ApiProperty({ type: 'integer', description: 'Whole yen paid, less what came back, each on its own day' })
  amount: number;

  @ApiProperty({ type: 'integer', description: 'Distinct within this group; groups do not add up' })
  people: number;

  @ApiProperty({ type: 'integer', description: 'Person × disbursement' })
  instances: number;
}

export class DisbursedReport {
  @ApiProperty({ format: 'date' })
  from: Day;

  @ApiProperty({ format: 'date' })
  to: Day;

  @ApiProperty({ format: 'date-time', description: 'Only what was recorded by this moment counts' })
  asOf: string;

  @ApiProperty({ type: 'integer', description: 'Whole yen paid, less what came back, each on its own day' })
  amount: number;

  @ApiProperty({ type: 'integer', description: 'Distinct people' })
  people: number;

  @ApiProperty({ type: 'integer', description: 'Person × disbursement' })
  instances: number;

  @ApiProperty({ type: 'integer', description: 'Distinct households of these people' })
  households: number;

  @ApiProperty({
    type: 'integer',
    description: 'Distinct requests whose money was paid and did not come back whole',
  })
  requests: number;

  @ApiProperty({ type: DisbursedGroup, isArray: true })
  groups: DisbursedGroup[];
}
