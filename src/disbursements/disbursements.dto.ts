import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsDayText, IsId, IsOneOf, IsText, IsYenAmount } from '../platform/fields.js';
import { METHODS, type Method } from './disbursement.entity.js';
import { DISBURSEMENT_STATUSES, type DisbursementStatus } from './disbursement.states.js';

export class NewDisbursement {
  @IsId()
  awardId: string;

  @IsYenAmount()
  amount: number;

  @IsDayText()
  paidOn: Day;

  @IsOneOf(METHODS)
  method: Method;

  @IsText({ max: 200, optional: true })
  reference?: string;
}

export class DisbursementView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  awardId: string;

  @ApiProperty({ format: 'uuid' })
  requestId: string;

  @ApiProperty()
  requestNumber: string;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  amount: number;

  @ApiProperty({
    type: 'integer',
    description: 'Whole yen that was awarded but not needed, back on the budget line',
  })
  releasedAmount: number;

  @ApiProperty({ format: 'date' })
  paidOn: Day;

  @ApiProperty({ enum: METHODS })
  method: Method;

  @ApiProperty({ format: 'uuid', description: "The ledger's transfer" })
  ledgerTransferId: string;

  @ApiProperty({ enum: DISBURSEMENT_STATUSES })
  status: DisbursementStatus;
}
