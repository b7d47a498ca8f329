import { unfitOf, type LineTerms } from '../funds/index.js';
import type { Day } from '../kernel/calendar.js';
import { invalid, type FieldFault } from '../kernel/errors.js';
import type { DecidedLine } from './approval-policy.js';
import type { RequestLine } from './grant-request.entity.js';
import type { LineDecision } from './grants.dto.js';

/**
 * Every approval names every line, with nothing for a refused one, and each line's budget lines; a line may be
 * split over several (domain, "Life of a request and of an award").
 * @throws DomainError `input.invalid` naming each fault: an unknown, forgotten or twice-named line, a budget line
 * that is missing or that may not pay for this (`unfitOf`: purpose, category, prefecture, the fund's period on the day
 * `on`, a closed fund); more than was asked for.
 */
export function checkDecision(
  lines: readonly Pick<RequestLine, 'id' | 'requestKind' | 'category' | 'amount'>[],
  decisions: readonly LineDecision[],
  budgetLines: readonly (LineTerms & { id: string })[],
  { prefectureCode, on }: { prefectureCode: string | null; on: Day },
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
      const need = { purpose: line.requestKind, category: line.category, prefectureCode, on };
      const unfit = budget ? unfitOf(budget, need) : 'budgetLineUnfit';
      if (!budgetLineId) fault('budgetLineId', 'required');
      else if (unfit) fault('budgetLineId', unfit, budget && { from: budget.startsOn, to: budget.endsOn });
    }
  });
  if (lines.some(({ id }) => !totals.has(id))) faults.push({ path: 'lines', code: 'lineForgotten' });
  if (faults.length > 0) throw invalid(...faults);
  return decisions
    .filter(({ amount }) => amount > 0)
    .map(({ lineId, amount, budgetLineId }) => ({ lineId, amount, budgetLineId: budgetLineId! }));
}
