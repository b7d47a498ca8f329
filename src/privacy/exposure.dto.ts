import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsCode, IsDayText, IsId, IsWhole } from '../platform/fields.js';
import { EXPOSED_FIELDS, type ExposedField } from './exposure.js';

/** What of the log may have been seen by somebody who should not; at least one of these is named. */
export class ExposureFilter {
  /** Whose account. */
  @IsId({ optional: true })
  userId?: string;

  /** Which key of a program. */
  @IsId({ optional: true })
  keyId?: string;

  /** Which session of a browser. */
  @IsId({ optional: true })
  sessionId?: string;

  /** All accounts of which member. */
  @IsId({ optional: true })
  organisationId?: string;

  /** The first day, in the network's time zone. */
  @IsDayText({ optional: true })
  from?: Day;

  /** The last day. */
  @IsDayText({ optional: true })
  to?: Day;
}

export class ExposureQuery extends ExposureFilter {
  @ApiPropertyOptional({ default: 50 })
  @IsWhole({ min: 1, max: 200, optional: true })
  limit: number = 50;

  /** The last person's code; the next page goes on behind it. */
  @IsCode({ pattern: /^P-[0-9A-Z]{6}$/, example: 'P-7K3F2Q', optional: true })
  cursor?: string;
}

/** Somebody who was seen: by code, never by name. */
export class ExposedPerson {
  @ApiProperty({ example: 'P-7K3F2Q' })
  code: string;

  @ApiProperty({ format: 'uuid' })
  organisationId: string;

  @ApiProperty({ description: 'The member that helps this person' })
  organisationName: string;

  @ApiProperty({ enum: EXPOSED_FIELDS, isArray: true })
  fields: ExposedField[];

  @ApiProperty({ format: 'date-time' })
  firstAt: string;

  @ApiProperty({ format: 'date-time' })
  lastAt: string;

  @ApiProperty({ type: 'integer', description: 'How often something of this person was shown' })
  times: number;
}

export class ExposureView {
  @ApiProperty({ type: 'integer', description: 'How many people were seen in all' })
  people: number;

  @ApiProperty({ enum: EXPOSED_FIELDS, isArray: true })
  fields: ExposedField[];

  @ApiProperty({ type: ExposedPerson, isArray: true, description: 'By code' })
  items: ExposedPerson[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
