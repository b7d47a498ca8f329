import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsDayText, IsText, IsYenAmount } from '../platform/fields.js';
import { CONTRIBUTION_STATUSES, type ContributionStatus } from './contribution.entity.js';

class Money {
  @IsYenAmount()
  amount: number;

  @IsText({ max: 200 })
  source: string;

  @IsText({ max: 200, optional: true })
  reference?: string;
}

/** Money that came in (`receivedOn`) or is promised (`expectedOn`): exactly one of the two. */
export class NewContribution extends Money {
  @IsDayText({ optional: true })
  receivedOn?: Day;

  @IsDayText({ optional: true })
  expectedOn?: Day;
}

/** Money that came in, as its form asks for it. */
export class ReceivedMoney extends Money {
  @IsDayText()
  receivedOn: Day;
}

/** Money that is promised, as its form asks for it. */
export class PromisedMoney extends Money {
  @IsDayText()
  expectedOn: Day;
}

export class Receipt {
  /** All that is still outstanding, unless told. */
  @IsYenAmount({ optional: true })
  amount?: number;

  @IsDayText()
  receivedOn: Day;
}

/** What is right instead; what is left out stays. An amount of 0 says that nothing came, or will come. */
export class Correction {
  @IsYenAmount({ min: 0 })
  amount: number;

  @IsDayText({ optional: true })
  receivedOn?: Day;

  @IsDayText({ optional: true })
  expectedOn?: Day;

  @IsText({ max: 200, optional: true })
  source?: string;

  @IsText({ max: 200, optional: true })
  reference?: string;

  @IsText({ max: 1000 })
  reason: string;
}

const Nullable = (format: 'date' | 'uuid' | undefined, description?: string): PropertyDecorator =>
  ApiProperty({ type: String, format, nullable: true, description });

export class ContributionView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  fundId: string;

  @ApiProperty({ enum: CONTRIBUTION_STATUSES })
  status: ContributionStatus;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  amount: number;

  @ApiProperty({ type: 'integer', description: 'What of a promise has not come yet; 0 for all else' })
  outstanding: number;

  @Nullable('date')
  receivedOn: Day | null;

  @Nullable('date')
  expectedOn: Day | null;

  @ApiProperty()
  source: string;

  @Nullable(undefined)
  reference: string | null;

  @Nullable('uuid')
  transferId: string | null;

  @Nullable('uuid', 'The promise that it fulfils')
  promiseId: string | null;

  @Nullable('uuid', 'The contribution that it says right')
  correctsId: string | null;
}
