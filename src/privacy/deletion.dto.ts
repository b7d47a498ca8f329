import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsOneOf } from '../platform/fields.js';
import { PageQuery } from '../platform/pages.js';

/** Who asked: the person, or somebody who may speak for them. */
export const ASKED_BY = ['person', 'guardian', 'lawyer'] as const;
const DELETION_STATUSES = ['open', 'deferred', 'done', 'refused'] as const;
export type DeletionStatus = (typeof DELETION_STATUSES)[number];
export const DELETION_REASONS = [
  'legal_hold',
  'open_money',
  'still_helped',
  'not_own_wish',
  'already_done',
] as const;

/** Nothing is told in words: a reason in clear would outlive whom it is about. */
export class NewDeletion {
  @IsOneOf(ASKED_BY)
  asked: string;
}

export class DeletionAnswer {
  @IsOneOf(DELETION_REASONS)
  reason: string;
}

export class DeletionQuery extends PageQuery {
  @IsOneOf(DELETION_STATUSES, { optional: true })
  status?: DeletionStatus;
}

export class DeletionView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  personId: string;

  @ApiProperty({ example: 'P-7K3F2Q' })
  code: string;

  @ApiProperty({ enum: ASKED_BY })
  asked: string;

  @ApiProperty({ enum: DELETION_STATUSES })
  status: DeletionStatus;

  @ApiProperty({ enum: DELETION_REASONS, nullable: true })
  reason: string | null;

  @ApiProperty({ type: String, format: 'date', description: 'The person is to be answered by then' })
  dueOn: Day;

  @ApiProperty()
  organisationName: string;

  @ApiProperty({ format: 'date-time' })
  recordedAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  decidedAt: string | null;
}
