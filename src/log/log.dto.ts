import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsCode, IsDayText, IsId, IsWhole } from '../platform/fields.js';
import { LOG_DIFFERENCES, type LogDifference, type LogVerification } from './verify.js';

const NAME = { pattern: /^[a-z_]{1,40}$/, example: 'person', optional: true };
const ACTION_NAME = {
  pattern: /^[a-z_]{1,40}(\.[a-z_]{1,40})?$/,
  example: 'person.opened',
  optional: true,
};

/** Which part of the log; what is left out does not matter. */
export class LogQuery {
  @ApiPropertyOptional({ default: 50 })
  @IsWhole({ min: 1, max: 200, optional: true })
  limit: number = 50;

  /** The last event's id; the next page goes on behind it. */
  @IsWhole({ min: 1, max: Number.MAX_SAFE_INTEGER, optional: true })
  cursor?: number;

  /** Who did it. */
  @IsId({ optional: true })
  actorId?: string;

  /** What was done. */
  @IsCode(ACTION_NAME)
  action?: string;

  /** To what kind of thing it was done. */
  @IsCode(NAME)
  subject?: string;

  /** To which one. */
  @IsId({ optional: true })
  subjectId?: string;

  /** The first day, in the network's time zone. */
  @IsDayText({ optional: true })
  from?: Day;

  /** The last day. */
  @IsDayText({ optional: true })
  to?: Day;
}

/** One line of the log. */
export class LogEventView {
  @ApiProperty({ type: 'integer' })
  id: number;

  @ApiProperty({ format: 'date-time' })
  at: Date;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  actorId: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The name of the user' })
  actorName: string | null;

  @ApiProperty({ type: [String], description: 'Duties of the application itself, at which it was done' })
  duties: string[];

  @ApiProperty({ example: 'person.opened' })
  action: string;

  @ApiProperty({ example: 'person' })
  subject: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  subjectId: string | null;

  @ApiProperty({ type: Object, description: 'Ids, codes and amounts; no personal data' })
  facts: Record<string, unknown>;
}

export class LogVerifyQuery {
  /** The digest of a seal, as an earlier verification gave it, that must be in the chain. */
  @IsCode({ pattern: /^[0-9a-f]{64}$/, example: '9f86d081…', optional: true })
  head?: string;
}

export class LogHeadView {
  @ApiProperty({ type: 'integer' })
  number: number;

  @ApiProperty({ description: 'In hexadecimal' })
  digest: string;

  @ApiProperty({ format: 'date-time' })
  sealedAt: Date;
}

export class LogDifferenceView implements LogDifference {
  @ApiProperty({ enum: LOG_DIFFERENCES })
  code: LogDifference['code'];

  @ApiProperty({ type: 'integer', nullable: true })
  eventId: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  seal: number | null;
}

export class LogVerificationView implements LogVerification {
  @ApiProperty({ type: 'integer', description: 'Rows that are sealed' })
  events: number;

  @ApiProperty({ type: 'integer' })
  seals: number;

  @ApiProperty({ type: 'integer', description: 'Rows written since the last seal' })
  unsealed: number;

  @ApiProperty({ type: LogHeadView, nullable: true })
  head: LogHeadView | null;

  @ApiProperty({ type: 'integer' })
  differenceCount: number;

  @ApiProperty({ type: LogDifferenceView, isArray: true, description: 'The first 1,000' })
  differences: LogDifferenceView[];
}
