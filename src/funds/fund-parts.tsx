import { sumYen } from '../kernel/money.js';
import type { Option } from '../web/forms.js';
import { yen } from '../web/format.js';
import { Empty, Meter, Table, Tag, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { T } from '../web/words.js';
import { LINE_CODES, type FundLineView, type FundView } from './funds.dto.js';
import type { FundRules } from './fund-rules.dto.js';
import type { LineNeed } from './line-fit.js';

/** `食料` for a line of relief, `活動費` for any other. */
export const lineName = (t: T, { purpose, category }: LineNeed): string =>
  t(category ? `common:categories.${category}` : `common:purposes.${purpose}`);

/** The line that a code of `LINE_CODES` names. */
export const needOfCode = (code: string): LineNeed => {
  const [purpose, category = null] = code.split('.');
  return { purpose, category } as LineNeed;
};

/** Every line that the fund's rules allow it to have. */
export const lineOptions = (t: T, { categories }: FundRules): Option[] =>
  LINE_CODES.map((value) => ({ value, need: needOfCode(value) }))
    .filter(({ need: { category } }) => !category || !categories || categories.includes(category))
    .map(({ value, need }) => ({ value, label: lineName(t, need) }));

/** When one person may move money between lines, in a sentence. */
export const ruleOnMoves = (t: T, { moveLimit }: FundRules): string =>
  moveLimit ? t(`funds:move.rule.${moveLimit.of}`, { percent: moveLimit.percent }) : t('funds:move.noRule');

/** Short things in one line. */
export const joined = (t: T, ...parts: string[]): string => parts.filter(Boolean).join(t('common:part.dot'));

/** Says so when a fund cannot pay today. */
export function PeriodTag({ view: { t, today }, fund }: { view: View; fund: FundView }) {
  if (fund.closedAt) return <Tag>{t('funds:closed')}</Tag>;
  if (fund.to && fund.to < today) return <Tag>{t('funds:ended')}</Tag>;
  return fund.from > today ? <Tag tone="wait">{t('funds:upcoming')}</Tag> : null;
}

/** A meter for each budget line, and the same numbers as a table beside them. */
export function Budget({ view, fund }: { view: View; fund: FundView }) {
  const { t } = view;
  if (fund.lines.length === 0) {
    return <Empty title={t('funds:noLines')}>{t('funds:noLinesHelp')}</Empty>;
  }
  // What is asked for now is nothing to a fund that can no longer pay.
  const open = !fund.closedAt && (!fund.to || fund.to >= view.today);
  return (
    <div class="columns meters-first">
      <div>
        {fund.lines.map((line) => (
          <div key={line.id}>
            <h3>{lineName(t, line)}</h3>
            <Meter t={t} total={line.allocated} spent={line.spent} committed={line.committed} />
            {open && line.pending > 0 && (
              <p class="help">{t('funds:pendingSentence', { amount: yen(line.pending) })}</p>
            )}
          </div>
        ))}
      </div>
      <div>
        <BudgetTable t={t} fund={fund} open={open} />
        {open && <p class="help">{t('funds:pendingHelp')}</p>}
      </div>
    </div>
  );
}

const AMOUNTS = ['allocated', 'spent', 'committed', 'available', 'pending'] as const;

function BudgetTable({ t, fund, open }: { t: T; fund: FundView; open: boolean }) {
  const shown = AMOUNTS.filter((name) => open || name !== 'pending');
  const columns: Column<FundLineView>[] = [
    {
      head: t('funds:line'),
      cell: (line) => <a href={`/funds/${fund.id}/lines/${line.id}`}>{lineName(t, line)}</a>,
    },
    ...shown.map((name) => ({
      head: t(`funds:${name === 'available' ? 'left' : name}`),
      cell: (line: FundLineView) => yen(line[name]),
      numeric: true,
    })),
  ];
  const sums = shown.map((name) => yen(sumYen(fund.lines.map((line) => line[name]))));
  return (
    <Table
      caption={t('funds:budgetOf', { name: fund.name })}
      captionHidden
      columns={columns}
      rows={fund.lines}
      footer={{ label: t('common:part.total'), cells: sums }}
    />
  );
}
