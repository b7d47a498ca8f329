import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsDayText, IsId, IsWhole } from '../platform/fields.js';
import {
  ACCOUNT_KINDS,
  TRANSFER_KINDS,
  type AccountRef,
  type FundAccount,
  type LineAccount,
  type TransferKind,
} from './entry.js';

/** Which part of the journal: transfers that happened from one day to another, of one fund or of all. */
export class JournalQuery {
  @ApiPropertyOptional({ default: 50 })
  @IsWhole({ min: 1, max: 200, optional: true })
  limit: number = 50;

  /** The last transfer's place in the journal; the next page goes on behind it. */
  @IsWhole({ min: 0, max: Number.MAX_SAFE_INTEGER, optional: true })
  cursor?: number;

  @IsDayText({ optional: true })
  from?: Day;

  @IsDayText({ optional: true })
  to?: Day;

  @IsId({ optional: true })
  fundId?: string;
}

export class AccountView {
  @ApiProperty({ enum: ACCOUNT_KINDS })
  kind: AccountRef['kind'];

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  fundId: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  budgetLineId: string | null;
}

export class TransferView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: 'integer', description: 'Its place in the journal' })
  seq: number;

  @ApiProperty({ enum: TRANSFER_KINDS })
  kind: TransferKind;

  @ApiProperty({ description: 'The debited account, which the money left' })
  from: AccountView;

  @ApiProperty({ description: 'The credited account, which the money entered' })
  to: AccountView;

  @ApiProperty({ type: 'integer', description: 'Whole yen, above zero' })
  amount: number;

  @ApiProperty({ format: 'date' })
  happenedOn: Day;

  @ApiProperty({ format: 'date-time' })
  recordedAt: Date;

  @ApiProperty({ format: 'uuid' })
  actorId: string;

  @ApiProperty({ format: 'uuid', description: 'The contribution, budget line, award or disbursement' })
  subjectId: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The transfer that it undoes' })
  undoesId: string | null;
}

/** Which part of a statement: what was recorded from one day to another, in the network's time zone. */
export class StatementQuery {
  @ApiPropertyOptional({ default: 50 })
  @IsWhole({ min: 1, max: 200, optional: true })
  limit: number = 50;

  /** The last movement's place in the journal; the next page goes on behind it. */
  @IsWhole({ min: 1, max: Number.MAX_SAFE_INTEGER, optional: true })
  cursor?: number;

  @IsDayText({ optional: true })
  from?: Day;

  @IsDayText({ optional: true })
  to?: Day;
}

/** Whole yen by account: the three of a budget line, or the one of a fund. */
export type Holdings = Partial<Record<LineAccount | FundAccount, number>>;

const holdings = { type: 'object', additionalProperties: { type: 'integer' } } as const;

export class MovementView {
  @ApiProperty()
  transfer: TransferView;

  @ApiProperty({ ...holdings, description: 'Whole yen in each account after it' })
  after: Holdings;
}

export class StatementView {
  @ApiProperty({ ...holdings, description: 'Whole yen before the first day' })
  opening: Holdings;

  @ApiProperty({ type: MovementView, isArray: true, description: 'The oldest first' })
  movements: MovementView[];

  @ApiProperty({ ...holdings, description: 'Whole yen after the last day, or now' })
  closing: Holdings;

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
