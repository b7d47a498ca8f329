import { CATEGORIES, type Category } from '../kernel/codes.js';
import type { Day } from '../kernel/calendar.js';
import { invalid, type FieldFault } from '../kernel/errors.js';
import { MAX_YEN } from '../kernel/money.js';
import {
  IsDayText,
  IsId,
  IsListOf,
  IsOneOf,
  IsPart,
  IsText,
  IsWhole,
  IsYenAmount,
  IsSomeOf,
} from '../platform/fields.js';
import { PageQuery } from '../platform/pages.js';
import { KINDS, PAYEES, URGENCIES, type Kind, type PayeeType, type Urgency } from './grant-request.entity.js';
import { REQUEST_STATUSES, type RequestStatus } from './grant-request.states.js';

export class Payee {
  @IsOneOf(PAYEES)
  type: PayeeType;

  @IsId({ optional: true })
  vendorId?: string;
}

export class LineInput {
  @IsOneOf(CATEGORIES, { optional: true })
  category?: Category;

  @IsText({ max: 200 })
  item: string;

  @IsWhole({ min: 1, max: 10_000 })
  quantity: number;

  @IsYenAmount()
  unitPrice: number;

  @IsDayText({ optional: true })
  periodFrom?: Day;

  @IsDayText({ optional: true })
  periodTo?: Day;

  @IsDayText({ optional: true })
  spentOn?: Day;

  @IsPart(() => Payee)
  payee: Payee;
}

/** Lines that one request may have; more are several requests. */
export const MAX_LINES = 20;

export class NewGrantRequest {
  @IsId({ optional: true })
  caseId?: string;

  @IsOneOf(KINDS)
  kind: Kind;

  @IsOneOf(URGENCIES)
  urgency: Urgency;

  @IsListOf(() => LineInput, { min: 1, max: MAX_LINES })
  lines: LineInput[];

  @IsText({ max: 4_000 })
  reason: string;
}

export class GrantRequestChange {
  @IsId({ optional: true })
  caseId?: string;

  @IsOneOf(URGENCIES, { optional: true })
  urgency?: Urgency;

  @IsListOf(() => LineInput, { min: 1, max: MAX_LINES, optional: true })
  lines?: LineInput[];

  @IsText({ max: 4_000, optional: true })
  reason?: string;
}

export class Comment {
  @IsText({ max: 2_000, optional: true })
  comment?: string;
}

/** A question needs words. */
export class Question {
  @IsText({ max: 2_000 })
  comment: string;
}

export class Reason {
  @IsText({ max: 2_000 })
  reason: string;
}

export class LineDecision {
  @IsId()
  lineId: string;

  @IsYenAmount({ min: 0 })
  amount: number;

  @IsId({ optional: true })
  budgetLineId?: string;
}

export class Approval {
  @IsListOf(() => LineDecision, { min: 1, max: 5 * MAX_LINES })
  lines: LineDecision[];

  @IsText({ max: 2_000, optional: true })
  comment?: string;

  @IsText({ max: 2_000, optional: true })
  overrideReason?: string;
}

/** How a second approver finds what one approved because it could not wait. */
export const CONFIRMATIONS = ['confirmed', 'objected'] as const;

export class Confirmation {
  @IsOneOf(CONFIRMATIONS)
  outcome: (typeof CONFIRMATIONS)[number];

  @IsText({ max: 2_000, optional: true })
  comment?: string;
}

export class GrantRequestQuery extends PageQuery {
  @IsSomeOf(REQUEST_STATUSES, { optional: true })
  status?: RequestStatus[];
}

/**
 * Rules between fields of the lines, which no single field knows.
 * @throws DomainError `input.invalid` naming each wrong field.
 */
export function checkLines(kind: Kind, lines: readonly LineInput[], today: Day): void {
  const faults = lines.flatMap((line, index) => {
    const at = (path: string, code: string): FieldFault => ({ path: `lines.${index}.${path}`, code });
    return [
      ...(kind === 'relief' && !line.category ? [at('category', 'required')] : []),
      ...(kind === 'activity' && line.category ? [at('category', 'activityHasNone')] : []),
      ...(line.periodFrom && line.periodTo && line.periodTo < line.periodFrom
        ? [at('periodTo', 'periodBackwards')]
        : []),
      ...(line.spentOn && line.spentOn > today ? [at('spentOn', 'dayFuture')] : []),
      ...(line.payee.type === 'vendor' && !line.payee.vendorId ? [at('payee.vendorId', 'required')] : []),
      ...(line.quantity * line.unitPrice <= MAX_YEN
        ? []
        : [{ ...at('unitPrice', 'amountTooLarge'), facts: { max: MAX_YEN } }]),
    ];
  });
  if (faults.length > 0) throw invalid(...faults);
}
