import { addDays, fiscalYearOf, monthsBetween, type Day } from '../kernel/calendar.js';
import { CATEGORIES, type Category } from '../kernel/codes.js';
import { sumYen } from '../kernel/money.js';

/** What a part of a bar stands for: a category of relief, or the costs of those who walk with people. */
export type Part = Category | 'activity';

/** Bottom first; neighbours differ in lightness. */
const PARTS: readonly Part[] = ['shelter', 'food', 'medical', 'other', 'utilities', 'activity'];

/** One month in yen, less what came back in it; `people` are distinct within the month. */
export interface MonthFigures {
  month: string;
  amounts: Record<Part, number>;
  total: number;
  people: number;
}

interface Sum {
  month?: string;
  category?: Category | null;
  amount: number;
  people: number;
}

/** Every month from the first to the last one with figures, also those between them in which nothing was paid. */
export function monthFigures(months: readonly Sum[], cells: readonly Sum[]): MonthFigures[] {
  const people = new Map(months.map((sum) => [sum.month!, sum.people]));
  const known = [...people.keys()].sort();
  if (known.length === 0) return [];
  return monthsBetween(`${known[0]}-01`, `${known.at(-1)}-01`).map((month) => {
    const ours = cells.filter((cell) => cell.month === month);
    const amounts = Object.fromEntries(
      PARTS.map((part) => [
        part,
        ours.find(({ category }) => (category ?? 'activity') === part)?.amount ?? 0,
      ]),
    ) as Record<Part, number>;
    return { month, amounts, total: sumYen(Object.values(amounts)), people: people.get(month) ?? 0 };
  });
}

/** What a part adds up to in all months, in yen. */
export const totalOf = (months: readonly MonthFigures[], part: Part): number =>
  sumYen(months.map(({ amounts }) => amounts[part]));

/** The parts to draw: every category, and activity when there is any. */
export const partsOf = (months: readonly MonthFigures[]): Part[] =>
  PARTS.filter(
    (part) =>
      CATEGORIES.some((category) => category === part) || months.some(({ amounts }) => amounts[part] !== 0),
  );

/** The last day of a month written `2024-11`. */
export const lastDayOf = (month: string): Day => addDays(`${addDays(`${month}-01`, 31).slice(0, 7)}-01`, -1);

/**
 * The period that a report begins with: whole months from the first to the last day on which money moved, so that
 * nothing that came back is left out; this fiscal year when nothing was paid yet.
 */
export function defaultPeriod(paid: { first: Day; last: Day } | null, today: Day): { from: Day; to: Day } {
  if (paid) return { from: `${paid.first.slice(0, 7)}-01`, to: lastDayOf(paid.last.slice(0, 7)) };
  const year = fiscalYearOf(today);
  return { from: `${year}-04-01`, to: `${year + 1}-03-31` };
}
