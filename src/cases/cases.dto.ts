import { ApiProperty, OmitType, PartialType } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { CATEGORIES, type Category } from '../kernel/codes.js';
import { PersonListed } from '../people/index.js';
import { IsDayText, IsIdList, IsOneOf, IsPart, IsSomeOf, IsText, IsWhole } from '../platform/fields.js';
import { CASE_STATUSES, type CaseStatus } from './case.states.js';
import { ENTRY_KINDS, type EntryKind } from './case-entry.entity.js';

/** How many live together. */
export class HouseholdCounts {
  @IsWhole({ min: 0, max: 50 })
  adults: number;

  @IsWhole({ min: 0, max: 50 })
  children: number;

  @IsWhole({ min: 0, max: 10 })
  unborn: number;
}

export class NewCase {
  /** The case takes the household of the first one; the others join it. */
  @IsIdList({ min: 1, max: 20 })
  personIds: string[];

  @IsPart(() => HouseholdCounts)
  household: HouseholdCounts;

  @IsSomeOf(CATEGORIES, { min: 1 })
  needs: Category[];

  @IsText({ max: 4000 })
  summary: string;
}

/** What is left out stays as it is. */
export class CaseChange extends PartialType(OmitType(NewCase, ['personIds'])) {
  @IsOneOf(CASE_STATUSES, { optional: true })
  status?: CaseStatus;
}

export class NewEntry {
  @IsOneOf(ENTRY_KINDS)
  kind: EntryKind;

  @IsDayText()
  happenedOn: Day;

  @IsText({ max: 4000 })
  body: string;
}

export class CaseListed {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'C-7K3F2Q' })
  code: string;

  @ApiProperty({ enum: CASE_STATUSES })
  status: CaseStatus;

  @ApiProperty({ format: 'uuid' })
  organisationId: string;

  @ApiProperty({ type: HouseholdCounts })
  household: HouseholdCounts;

  @ApiProperty({ enum: CATEGORIES, isArray: true })
  needs: Category[];

  @ApiProperty({ format: 'date-time' })
  createdAt: Date;
}

export class RecordedEntry {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: ENTRY_KINDS })
  kind: EntryKind;

  @ApiProperty({ type: String, format: 'date' })
  happenedOn: Day;

  @ApiProperty({ format: 'date-time' })
  recordedAt: string;
}

export class EntryView extends RecordedEntry {
  @ApiProperty({ type: String, nullable: true })
  body: string | null;

  @ApiProperty({ format: 'uuid', description: 'The user who wrote it' })
  actorId: string;
}

export class CaseView extends CaseListed {
  @ApiProperty({ type: PersonListed, isArray: true })
  people: PersonListed[];

  @ApiProperty({ type: String, nullable: true })
  summary: string | null;

  @ApiProperty({ type: EntryView, isArray: true })
  entries: EntryView[];

  @ApiProperty({ format: 'date-time' })
  updatedAt: Date;
}
