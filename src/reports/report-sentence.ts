import type { Day } from '../kernel/calendar.js';
import { percentOf, sumYen } from '../kernel/money.js';
import { dateText, monthText, yen } from '../web/format.js';
import { translator, type Language, type T } from '../web/words.js';
import { lastDayOf, partsOf, totalOf, type MonthFigures, type Part } from './report-months.js';

/** What the figures end at: the period, and today when it is not over. */
export interface Window {
  from: Day;
  to: Day;
  today: Day;
}

export interface SentenceFacts {
  /** The last month in which more was paid than came back, and its yen. */
  month: string;
  amount: number;
  /** The last day that the month's figures hold, while it is not over. */
  until: Day | null;
  /** Tenths of what the same month paid a year before; null when either month is not there whole. */
  tenths: number | null;
  /** The largest part of the whole period. */
  largest: { part: Part; percent: number } | null;
}

/** What the chart shows, from the figures of its months; null when nothing was paid. */
export function sentenceFacts(months: readonly MonthFigures[], window: Window): SentenceFacts | null {
  const last = months.findLast(({ total }) => total > 0);
  if (!last) return null;
  const end = window.to < window.today ? window.to : window.today;
  return {
    month: last.month,
    amount: last.total,
    until: end < lastDayOf(last.month) ? end : null,
    tenths: tenthsOfYearBefore(months, last, { ...window, to: end }),
    largest: largestPart(months),
  };
}

/** Rounded half up, by whole numbers; nothing is said of a change too small to have a tenth. */
function tenthsOfYearBefore(
  months: readonly MonthFigures[],
  { month, total }: MonthFigures,
  { from, to }: { from: Day; to: Day },
): number | null {
  const yearBefore = `${Number(month.slice(0, 4)) - 1}${month.slice(4)}`;
  const before = months.find((one) => one.month === yearBefore)?.total ?? 0;
  if (before <= 0 || from > `${yearBefore}-01` || to < lastDayOf(month)) return null;
  return Number((20n * BigInt(total) + BigInt(before)) / (2n * BigInt(before))) || null;
}

/** Where more came back than was paid, parts of a whole say nothing. */
function largestPart(months: readonly MonthFigures[]): SentenceFacts['largest'] {
  const parts = partsOf(months).map((part) => ({ part, amount: totalOf(months, part) }));
  const whole = sumYen(parts.map(({ amount }) => amount));
  if (whole <= 0 || parts.some(({ amount }) => amount < 0)) return null;
  const { part, amount } = parts.reduce((largest, one) => (one.amount > largest.amount ? one : largest));
  return { part, percent: percentOf(amount, whole) };
}

/** `住居`, or `活動費`. */
export const partName = (t: T, part: Part): string =>
  t(part === 'activity' ? 'common:purposes.activity' : `common:categories.${part}`);

/** The facts in one sentence. */
export function sentenceText(facts: SentenceFacts, language: Language): string {
  const t = translator(language);
  const { month, amount, largest } = facts;
  const said = { month: monthText(month, language), amount: yen(amount), aside: asideText(facts, language) };
  if (!largest) return t('reports:sentence.alone', said);
  const { part, percent } = largest;
  return t('reports:sentence.whole', { ...said, part: partName(t, part), percent });
}

function asideText({ until, tenths }: SentenceFacts, language: Language): string {
  const t = translator(language);
  if (until)
    return t('reports:sentence.until', { day: Number(until.slice(8)), date: dateText(until, language) });
  if (tenths === null) return '';
  return tenths === 10
    ? t('reports:sentence.same')
    : t('reports:sentence.times', { times: (tenths / 10).toFixed(1) });
}
