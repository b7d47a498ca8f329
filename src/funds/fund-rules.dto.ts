import { CATEGORIES, PREFECTURES, type Category } from '../kernel/codes.js';
import { IsOneOf, IsPart, IsSomeOf, IsText, IsWhole, IsYenAmount } from '../platform/fields.js';

export const PAYMENT_METHODS = ['cash', 'bank_transfer'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/** The 47 prefectures; a fund is not restricted to an unknown one. */
export const FUND_PREFECTURES: readonly string[] = PREFECTURES.filter((code) => code !== '99');

export const MOVE_BASES = ['source', 'target', 'total'] as const;

/** How much may be moved between a fund's lines before a second person has to agree. */
export class MoveLimit {
  @IsWhole({ min: 0, max: 100 })
  percent: number;

  /** Of what was allocated to the line that gives, to the line that gets, or to all of the fund's lines. */
  @IsOneOf(MOVE_BASES)
  of: (typeof MOVE_BASES)[number];
}

/** What the giver asks for. What is left out is not restricted. */
export class FundRules {
  /** In the giver's words, for those who decide and pay. */
  @IsText({ max: 2000, optional: true })
  note?: string;

  @IsSomeOf(CATEGORIES, { min: 1, optional: true })
  categories?: Category[];

  /** Where those who are helped live. */
  @IsSomeOf(FUND_PREFECTURES, { min: 1, optional: true })
  prefectures?: string[];

  /** Yen for one person over the fund's period. */
  @IsYenAmount({ optional: true })
  capPerPerson?: number;

  /** Yen for one household over the fund's period. */
  @IsYenAmount({ optional: true })
  capPerHousehold?: number;

  @IsSomeOf(PAYMENT_METHODS, { min: 1, optional: true })
  paymentMethods?: PaymentMethod[];

  @IsPart(() => MoveLimit, { optional: true })
  moveLimit?: MoveLimit;

  /** Years after the end of a fiscal year for which vouchers are kept, when the giver asks for more than the law. */
  @IsWhole({ min: 7, max: 30, optional: true })
  keepYears?: number;
}
