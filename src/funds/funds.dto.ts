import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { CATEGORIES, PURPOSES, type Category, type Purpose } from '../kernel/codes.js';
import { MAX_YEN } from '../kernel/money.js';
import { IsCode, IsDayText, IsOneOf, IsPart, IsText, IsWhole, IsYenAmount } from '../platform/fields.js';

export const FUND_KINDS = ['grant', 'campaign', 'donation', 'own'] as const;
export type FundKind = (typeof FUND_KINDS)[number];

/** Every line that a fund can have, as `relief.food` or `activity`. */
export const LINE_CODES: readonly string[] = PURPOSES.flatMap((purpose) =>
  purpose === 'relief' ? CATEGORIES.map((category) => `${purpose}.${category}`) : [purpose],
);

/** What the giver asks for. */
export class FundRules {
  /** In the giver's words, for those who decide and pay. */
  @IsText({ max: 2000, optional: true })
  note?: string;
}

export class NewFund {
  @IsCode({ pattern: /^[a-z][a-z0-9-]{1,39}$/, example: 'winter-2024' })
  code: string;

  @IsText({ max: 100 })
  name: string;

  @IsOneOf(FUND_KINDS)
  kind: FundKind;

  @IsDayText()
  from: Day;

  /** The last day; left out when the end is open. */
  @IsDayText({ optional: true })
  to?: Day;

  @IsPart(() => FundRules, { optional: true })
  rules?: FundRules;
}

export class NewContribution {
  @IsYenAmount()
  amount: number;

  @IsDayText()
  receivedOn: Day;

  @IsText({ max: 200 })
  source: string;

  @IsText({ max: 200, optional: true })
  reference?: string;
}

export class NewAllocation {
  @IsOneOf(PURPOSES)
  purpose: Purpose;

  /** For relief, and for relief only. */
  @IsOneOf(CATEGORIES, { optional: true })
  category?: Category;

  /** Yen from the fund to the line; below zero it gives back. */
  @IsWhole({ min: -MAX_YEN, max: MAX_YEN })
  amount: number;
}

/** An allocation as a form asks for it: one choice for purpose and category, and a direction instead of a sign. */
export class AllocationInput {
  @IsOneOf(LINE_CODES)
  line: string;

  @IsOneOf(['add', 'back'])
  direction: 'add' | 'back';

  @IsYenAmount()
  amount: number;
}

export class ContributionView extends NewContribution {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  transferId: string;
}

const Yen = (description?: string): PropertyDecorator => ApiProperty({ type: 'integer', description });

/** A budget line with what it holds, all in yen. */
export class BudgetLineView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: PURPOSES })
  purpose: Purpose;

  @ApiProperty({ enum: CATEGORIES, type: String, nullable: true })
  category: Category | null;

  @Yen('Available, committed and spent together')
  allocated: number;

  @Yen('Neither promised nor paid')
  available: number;

  @Yen('Awarded and not yet paid')
  committed: number;

  @Yen('Paid, less what came back')
  spent: number;
}

export class FundLineView extends BudgetLineView {
  @Yen('Asked for in this category and not decided, whichever fund will pay')
  pending: number;
}

export class FundView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  code: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ enum: FUND_KINDS })
  kind: FundKind;

  @ApiProperty({ format: 'date' })
  from: Day;

  @ApiProperty({ type: String, format: 'date', nullable: true })
  to: Day | null;

  @ApiProperty()
  rules: FundRules;

  @Yen('The sum of its contributions')
  received: number;

  @Yen('What no budget line has yet')
  unallocated: number;

  @ApiProperty({ type: () => FundLineView, isArray: true })
  lines: FundLineView[];
}
