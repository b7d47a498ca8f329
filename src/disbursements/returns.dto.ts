import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsDayText, IsText, IsYenAmount } from '../platform/fields.js';
import { DISBURSEMENT_STATUSES, type DisbursementStatus } from './disbursement.states.js';

/** The bank's reason, or whatever is known. The bank's fee is not recorded yet. */
export class NewBounce {
  @IsText({ max: 2_000 })
  reason: string;
}

export class NewRefund {
  @IsYenAmount()
  amount: number;

  @IsDayText()
  receivedOn: Day;

  @IsText({ max: 2_000 })
  reason: string;
}

export class ReturnView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: 'integer', description: 'Whole yen that came back this time' })
  amount: number;

  @ApiProperty({ format: 'date' })
  happenedOn: Day;

  @ApiProperty({ format: 'uuid', description: "The ledger's transfer" })
  ledgerTransferId: string;

  @ApiProperty({ format: 'uuid' })
  disbursementId: string;

  @ApiProperty({ format: 'uuid' })
  awardId: string;

  @ApiProperty({ format: 'uuid' })
  requestId: string;

  @ApiProperty({ type: 'integer', description: 'Whole yen of the payment that came back so far' })
  returnedAmount: number;

  @ApiProperty({ enum: DISBURSEMENT_STATUSES, description: "The payment's state now" })
  status: DisbursementStatus;
}
