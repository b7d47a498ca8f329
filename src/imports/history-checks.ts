import type { Day } from '../kernel/calendar.js';
import type { Category } from '../kernel/codes.js';
import type { PastPayment } from './history-rows.js';
import type { RowError } from './table-reader.js';
import type { Numbered } from './typed-rows.js';

/**
 * A payment with a number that is taken already, as it was recorded, and from which fund. The household may have
 * changed since, and an item whose key was destroyed can no longer be compared.
 */
export type RecordedPayment = Omit<PastPayment, 'adults' | 'children' | 'item'> & {
  item?: string;
  fundId: string;
};

/** What the rows of a history are judged by. */
export interface HistoryFacts {
  today: Day;
  fund: { id: string; startsOn: Day; endsOn: Day | null };
  /** The fund's relief lines: their ids, and what is left on each in yen. */
  lines: Map<Category, { id: string; available: number }>;
  /** Id by code. */
  organisations: Map<string, string>;
  /** By number. */
  recorded: Map<string, RecordedPayment>;
}

export interface JudgedHistory {
  errors: RowError[];
  /** What is not recorded yet, in the order of the days of payment. */
  fresh: PastPayment[];
  skipped: number;
}

/**
 * Judges a history by what is there already. A payment that is recorded with the same content is skipped, so that
 * the same file twice changes nothing. The budget is judged as a whole: the error stands at the first row of a
 * category for which its line does not suffice.
 */
export function judgeHistory(payments: readonly Numbered<PastPayment>[], facts: HistoryFacts): JudgedHistory {
  const errors: RowError[] = [];
  const fresh: Numbered<PastPayment>[] = [];
  const rowOf = new Map<string, number>();
  let skipped = 0;
  for (const payment of payments) {
    const { row, value } = payment;
    const firstRow = rowOf.get(value.number);
    const recorded = facts.recorded.get(value.number);
    const refuse = (code: string, told?: Record<string, unknown>) =>
      errors.push({ row, column: 'request_no', code, ...(told && { facts: told }) });
    if (firstRow !== undefined) refuse('duplicateNumber', { firstRow });
    else if (recorded && isSame(value, recorded, facts.fund.id)) skipped += 1;
    else if (recorded) refuse('numberTaken');
    else {
      errors.push(...errorsOf(payment, facts));
      fresh.push(payment);
    }
    rowOf.set(value.number, firstRow ?? row);
  }
  errors.push(...overspent(fresh, facts.lines));
  const byDay = fresh.map(({ value }) => value).sort((one, other) => compare(one.paidOn, other.paidOn));
  return { errors, fresh: byDay, skipped };
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

function errorsOf({ row, value }: Numbered<PastPayment>, facts: HistoryFacts): RowError[] {
  const { fund, today, organisations, lines } = facts;
  const errors: RowError[] = [];
  const add = (column: string, code: string, told?: Record<string, unknown>) =>
    errors.push({ row, column, code, ...(told && { facts: told }) });
  if (value.paidOn < fund.startsOn || (fund.endsOn && value.paidOn > fund.endsOn)) {
    add('paid_on', fund.endsOn ? 'outsidePeriod' : 'beforePeriod', { from: fund.startsOn, to: fund.endsOn });
  } else if (value.paidOn > today) {
    add('paid_on', 'inFuture', { today });
  }
  if (!organisations.has(value.organisationCode)) add('organisation_code', 'organisationUnknown');
  if (!lines.has(value.category)) add('category', 'budgetLineMissing');
  return errors;
}

const isSame = (payment: PastPayment, { fundId, ...recorded }: RecordedPayment, intoFund: string): boolean =>
  fundId === intoFund &&
  Object.entries(recorded).every(
    ([field, value]) => value === undefined || payment[field as keyof PastPayment] === value,
  );

function* overspent(
  payments: readonly Numbered<PastPayment>[],
  lines: HistoryFacts['lines'],
): Generator<RowError> {
  const asked = new Map<Category, number>();
  const exceeded = new Map<Category, number>();
  for (const { row, value } of payments) {
    const sum = (asked.get(value.category) ?? 0) + value.amount;
    asked.set(value.category, sum);
    const line = lines.get(value.category);
    if (line && sum > line.available && !exceeded.has(value.category)) exceeded.set(value.category, row);
  }
  for (const [category, row] of exceeded) {
    const facts = { category, asked: asked.get(category)!, left: lines.get(category)!.available };
    yield { row, column: 'amount_jpy', code: 'budgetExceeded', facts };
  }
}
