import type { Day } from '../kernel/calendar.js';
import { invalid, type FieldFault } from '../kernel/errors.js';
import type { RequestLine } from './grant-request.entity.js';
import type { LineDecision } from './grants.dto.js';

/** What this rule needs to know of a budget line. */
interface BudgetLineFacts {
  id: string;
  purpose: string;
  category: string | null;
  /** The fund's period; no end when it is open. */
  startsOn: Day;
  endsOn: Day | null;
}

/** Money of one budget line for one line of the request, above zero. */
export interface DecidedLine {
  lineId: string;
  budgetLineId: string;
  amount: number;
}

/**
 * Every approval names every line, with nothing for a refused one, and each line's budget lines; a line may be
 * split over several (domain, "Life of a request and of an award").
 * @throws DomainError `input.invalid` naming each fault: an unknown, forgotten or twice-named line, a budget line
 * that is missing, of another purpose or category, or of a fund whose period does not hold the day `on`; more than
 * was asked for.
 */
export function checkDecision(
  lines: readonly Pick<RequestLine, 'id' | 'requestKind' | 'category' | 'amount'>[],
  decisions: readonly LineDecision[],
  budgetLines: readonly BudgetLineFacts[],
  on: Day,
): DecidedLine[] {
  const asked = new Map(lines.map((line) => [line.id, line]));
  const budgets = new Map(budgetLines.map((line) => [line.id, line]));
  const faults: FieldFault[] = [];
  const totals = new Map<string, number>();
  const pairs = new Set<string>();
  decisions.forEach(({ lineId, amount, budgetLineId }, index) => {
    const fault = (path: string, code: string, facts?: Record<string, unknown>) =>
      faults.push({ path: `lines.${index}.${path}`, code, facts });
    const line = asked.get(lineId);
    if (!line) return void fault('lineId', 'lineUnknown');
    const pair = `${lineId} ${budgetLineId}`;
    if (pairs.has(pair)) fault('lineId', 'lineTwice');
    pairs.add(pair);
    const total = (totals.get(lineId) ?? 0) + amount;
    totals.set(lineId, total);
    if (total > line.amount) fault('amount', 'moreThanAsked', { max: line.amount });
    if (amount > 0) {
      const budget = budgetLineId ? budgets.get(budgetLineId) : undefined;
      if (!budgetLineId) fault('budgetLineId', 'required');
      else if (!budget || !fits(budget, line, on)) fault('budgetLineId', 'budgetLineUnfit');
    }
  });
  if (lines.some(({ id }) => !totals.has(id))) faults.push({ path: 'lines', code: 'lineForgotten' });
  if (faults.length > 0) throw invalid(...faults);
  return decisions
    .filter(({ amount }) => amount > 0)
    .map(({ lineId, amount, budgetLineId }) => ({ lineId, amount, budgetLineId: budgetLineId! }));
}

const fits = (
  { purpose, category, startsOn, endsOn }: BudgetLineFacts,
  line: Pick<RequestLine, 'requestKind' | 'category'>,
  on: Day,
): boolean =>
  purpose === line.requestKind &&
  category === line.category &&
  startsOn <= on &&
  (endsOn === null || on <= endsOn);
