import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { CATEGORIES, PURPOSES, type Category, type Purpose } from '../kernel/codes.js';
import { MAX_YEN } from '../kernel/money.js';
import { IsCode, IsDayText, IsOneOf, IsPart, IsText, IsWhole, IsYenAmount } from '../platform/fields.js';
import { FundRules } from './fund-rules.dto.js';

export const FUND_KINDS = ['grant', 'campaign', 'donation', 'own'] as const;
export type FundKind = (typeof FUND_KINDS)[number];

export const FUND_VERBS = [
  'created',
  'extended',
  'closed',
  'corrected',
  'moved',
  'carried',
  'refused',
] as const;
export type FundVerb = (typeof FUND_VERBS)[number];

/** Days, amounts in yen and ids that an event tells beside its reason. */
export interface FundEventFacts {
  from?: Day | null;
  to?: Day | null;
  amount?: number;
  before?: number;
  moveId?: string;
  contributionId?: string;
  comment?: string;
}

/** Every line that a fund can have, as `relief.food` or `activity`. */
export const LINE_CODES: readonly string[] = PURPOSES.flatMap((purpose) =>
  purpose === 'relief' ? CATEGORIES.map((category) => `${purpose}.${category}`) : [purpose],
);

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

  /** Who gives the money. */
  @IsText({ max: 200, optional: true })
  source?: string;

  @IsPart(() => FundRules, { optional: true })
  rules?: FundRules;
}

export class Extension {
  /** The new last day, later than the one so far; left out when the end is open from now on. */
  @IsDayText({ optional: true })
  to?: Day;

  @IsText({ max: 1000 })
  reason: string;
}

export class FundReason {
  @IsText({ max: 1000 })
  reason: string;
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

  @ApiProperty({ type: String, nullable: true })
  source: string | null;

  @ApiProperty()
  rules: FundRules;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  closedAt: string | null;

  @Yen('The sum of what was received')
  received: number;

  @Yen('What was promised to it and has not come yet')
  promised: number;

  @Yen('What no budget line has yet')
  unallocated: number;

  @ApiProperty({ type: () => FundLineView, isArray: true })
  lines: FundLineView[];
}

/** What was done to a fund beside its money, and why. */
export class FundEventView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: FUND_VERBS })
  verb: FundVerb;

  @ApiProperty({ type: String, nullable: true })
  reason: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true })
  facts: FundEventFacts;

  @ApiProperty()
  by: string;

  @ApiProperty({ format: 'date-time' })
  at: Date;
}
