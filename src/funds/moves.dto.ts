import { ApiProperty } from '@nestjs/swagger';
import { IsId, IsOneOf, IsText, IsYenAmount } from '../platform/fields.js';
import { PageQuery } from '../platform/pages.js';
import { MOVE_STATUSES, type MoveStatus } from './budget-move.entity.js';

class AskedMove {
  @IsYenAmount()
  amount: number;

  @IsText({ max: 1000 })
  reason: string;
}

/**
 * Three kinds: from one line to another (`fromLineId`, `toLineId`), from a line back to what its fund has unallocated
 * (`fromLineId`), and what a fund has unallocated to another fund (`fundId`, `toFundId`).
 */
export class NewMove extends AskedMove {
  @IsId({ optional: true })
  fromLineId?: string;

  @IsId({ optional: true })
  toLineId?: string;

  @IsId({ optional: true })
  fundId?: string;

  @IsId({ optional: true })
  toFundId?: string;
}

/** Stands in the form of a move for what no line has. */
export const UNALLOCATED = 'unallocated';

/** A move between lines as its form asks for it: `toLineId` may be `UNALLOCATED`, and nothing chosen is forgotten. */
export class LineMove extends AskedMove {
  @IsId()
  fromLineId: string;

  @IsText({ max: 36 })
  toLineId: string;
}

/** A carry-over as its form asks for it. */
export class CarryOver extends AskedMove {
  @IsId()
  toFundId: string;
}

export class MoveComment {
  @IsText({ max: 1000, optional: true })
  comment?: string;
}

export class MovesQuery extends PageQuery {
  @IsOneOf(MOVE_STATUSES, { optional: true })
  status?: MoveStatus;

  /** Moves out of this fund or into it. */
  @IsId({ optional: true })
  fundId?: string;
}

const NullableId = (): PropertyDecorator => ApiProperty({ type: String, format: 'uuid', nullable: true });

export class MoveView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  fundId: string;

  @NullableId()
  fromLineId: string | null;

  @ApiProperty({ format: 'uuid' })
  toFundId: string;

  @NullableId()
  toLineId: string | null;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  amount: number;

  @ApiProperty()
  reason: string;

  @ApiProperty({ enum: MOVE_STATUSES })
  status: MoveStatus;

  @ApiProperty({ description: 'Above the fund’s rule, or into another fund' })
  needsSecond: boolean;

  @ApiProperty({ description: 'A name' })
  askedBy: string;

  @ApiProperty({ format: 'uuid' })
  askedById: string;

  @ApiProperty({ format: 'date-time' })
  askedAt: Date;

  @ApiProperty({ type: String, nullable: true, description: 'The name of the second person' })
  decidedBy: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  decidedAt: Date | null;

  @NullableId()
  transferId: string | null;
}
