import { ApiProperty } from '@nestjs/swagger';
import { IsCode, IsFlag, IsOneOf } from '../platform/fields.js';
import { PageQuery } from '../platform/pages.js';

export const HOLD_REASONS = ['court', 'audit', 'inquiry', 'complaint', 'other_law'] as const;
export const LIFT_REASONS = ['over', 'mistake'] as const;
const HOLD_KINDS = ['person', 'case', 'organisation'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export class NewHold {
  /** The code of a person (`P-…`), a case (`C-…`) or a whole organisation (`M001`). */
  @IsCode({ pattern: /^[A-Z][A-Z0-9-]{1,19}$/, example: 'C-7K3F2Q' })
  code: string;

  @IsOneOf(HOLD_REASONS)
  reason: string;
}

export class LiftedHold {
  @IsOneOf(LIFT_REASONS)
  reason: string;
}

export class HoldsQuery extends PageQuery {
  /** Also those that were lifted. */
  @IsFlag()
  lifted: boolean = false;
}

export class HoldView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: HOLD_KINDS })
  kind: HoldKind;

  @ApiProperty({ example: 'C-7K3F2Q' })
  code: string;

  @ApiProperty({ enum: HOLD_REASONS })
  reason: string;

  @ApiProperty()
  placedBy: string;

  @ApiProperty({ format: 'date-time' })
  placedAt: string;

  @ApiProperty({ enum: LIFT_REASONS, nullable: true })
  liftReason: string | null;

  @ApiProperty({ type: String, nullable: true })
  liftedBy: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  liftedAt: string | null;
}
