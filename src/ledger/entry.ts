import type { Day } from '../kernel/calendar.js';

/** What a transfer means. The last four undo another one, in whole or in part. */
export const TRANSFER_KINDS = [
  'contribute',
  'accept',
  'allocate',
  'give_back',
  'move',
  'carry_over',
  'commit',
  'pay',
  'release',
  'bounce',
  'refund',
  'reverse',
] as const;
export type TransferKind = (typeof TRANSFER_KINDS)[number];

export const LINE_ACCOUNTS = ['available', 'committed', 'spent'] as const;
export type LineAccount = (typeof LINE_ACCOUNTS)[number];
export const FUND_ACCOUNTS = ['contributed', 'unallocated'] as const;
export type FundAccount = (typeof FUND_ACCOUNTS)[number];
export const ACCOUNT_KINDS = ['outside', ...FUND_ACCOUNTS, ...LINE_ACCOUNTS] as const;

/** An account, named by whose it is: the world outside, a fund, or a budget line. */
export type AccountRef =
  { kind: 'outside' } | { kind: FundAccount; fundId: string } | { kind: LineAccount; budgetLineId: string };

/** One transfer to post: `amount` yen (above zero) from the debited to the credited account. */
export interface Entry {
  /** Chosen by the caller who needs it beforehand; a new one otherwise. */
  id?: string;
  kind: TransferKind;
  from: AccountRef;
  to: AccountRef;
  amount: number;
  happenedOn: Day;
  /** What it is about: a contribution, a budget line, an award, a disbursement. */
  subjectId: string;
  /** The transfer that a release, bounce, refund or reversal undoes. */
  undoesId?: string;
}

/** What a budget line holds, in yen: free, promised and paid. Together they are what was allocated to it. */
export type LineBalance = Record<LineAccount, number>;
