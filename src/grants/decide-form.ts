import type { LineFacts } from '../funds/index.js';
import { MAX_YEN, parseYen, sumYen } from '../kernel/money.js';
import { valueAt } from '../web/forms.js';
import { needOf, type Budgets } from './beside-request.queries.js';
import type { LineView } from './grants.views.js';

type Fields = Record<string, unknown>;

/** A line of the request with what the form says of it so far. */
export interface LineChoice {
  line: LineView;
  /** Its place in the form: `lines.0`. */
  index: number;
  /** What could pay for it; the first one is chosen unless the form says another. */
  options: LineFacts[];
  chosen: LineFacts | undefined;
  /** Whole yen; nothing for what is not an amount. */
  amount: number;
}

/** What the decision would do to the money of one category. */
export interface Effect {
  need: string;
  choices: LineChoice[];
  /** Each chosen budget line with what it would pay now, in whole yen. */
  meters: { budget: LineFacts; now: number }[];
  alsoAsked: number;
}

/** What the form says of each line; what it does not say is as asked, and from the first budget line. */
export function choicesOf(lines: readonly LineView[], budgets: Budgets, values: Fields): LineChoice[] {
  return lines.map((line, index) => {
    const options = budgets.lines.get(needOf(line)) ?? [];
    const named = valueAt(values, `lines.${index}.budgetLineId`);
    const typed = valueAt(values, `lines.${index}.amount`) ?? line.amount;
    return {
      line,
      index,
      options,
      chosen: options.find(({ id }) => id === named) ?? options[0],
      amount: plausible(typeof typed === 'number' ? typed : parseYen(String(typed))),
    };
  });
}

/** What no field takes counts as nothing here; the form names it when it is sent. */
const plausible = (amount: number | null): number =>
  amount !== null && amount >= 0 && amount <= MAX_YEN ? amount : 0;

/** All yen that the form would approve. */
export const totalOf = (choices: readonly LineChoice[]): number =>
  sumYen(choices.map(({ amount }) => amount));

/** The consequence of the choices, category by category. */
export function effectsOf(choices: readonly LineChoice[], { alsoAsked }: Budgets): Effect[] {
  const needs = [...new Set(choices.map(({ line }) => needOf(line)))];
  return needs.map((need) => {
    const own = choices.filter(({ line }) => needOf(line) === need);
    const budgets = new Set(own.flatMap(({ chosen }) => chosen ?? []));
    return {
      need,
      choices: own,
      meters: [...budgets].map((budget) => ({
        budget,
        now: totalOf(own.filter(({ chosen }) => chosen === budget)),
      })),
      alsoAsked: alsoAsked.get(need) ?? 0,
    };
  });
}
