import type { Day } from '../kernel/calendar.js';
import { CATEGORIES, PREFECTURES, type Category } from '../kernel/codes.js';
import { IsCode, IsDayText, IsOneOf, IsText, IsWhole, IsYenAmount } from '../platform/fields.js';
import { asCode, asPrefecture, PREFECTURE_CHOICES, type RowShape } from './typed-rows.js';

export const METHODS = ['cash', 'bank_transfer'] as const;
const PAYEES = ['organisation', 'person', 'vendor'] as const;

/** One row of a history: a payment that was made before, for one person. */
export class PastPayment {
  @IsCode({ pattern: /^[A-Z0-9][A-Z0-9._/-]{0,39}$/, example: 'R2307-00001' })
  number: string;

  @IsDayText()
  paidOn: Day;

  @IsCode({ pattern: /^[A-Z][A-Z0-9-]{1,19}$/, example: 'M001' })
  organisationCode: string;

  // It is kept in clear so that the next file finds the same person: a code, never a name.
  @IsCode({ pattern: /^[A-Z0-9][A-Z0-9._-]{0,39}$/, example: 'P00001' })
  personCode: string;

  @IsWhole({ min: 0, max: 50 })
  adults: number;

  @IsWhole({ min: 0, max: 50 })
  children: number;

  @IsOneOf(PREFECTURES)
  prefectureCode: string;

  @IsOneOf(CATEGORIES)
  category: Category;

  @IsText({ max: 200 })
  item: string;

  @IsYenAmount()
  amount: number;

  @IsOneOf(METHODS)
  method: (typeof METHODS)[number];

  @IsOneOf(PAYEES)
  payee: (typeof PAYEES)[number];
}

/** What a history must look like (formats, "Spreadsheets"). */
export const HISTORY: RowShape<PastPayment> = {
  type: PastPayment,
  fields: {
    request_no: 'number',
    paid_on: 'paidOn',
    organisation_code: 'organisationCode',
    person_code: 'personCode',
    household_adults: 'adults',
    household_children: 'children',
    prefecture_code: 'prefectureCode',
    category: 'category',
    item: 'item',
    amount_jpy: 'amount',
    method: 'method',
    payee: 'payee',
  },
  days: ['paid_on'],
  cells: {
    request_no: asCode,
    organisation_code: asCode,
    person_code: asCode,
    prefecture_code: asPrefecture,
  },
  choices: { prefecture_code: PREFECTURE_CHOICES, category: CATEGORIES, method: METHODS, payee: PAYEES },
};
