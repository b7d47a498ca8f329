import { monthsBetween, type Day as CalendarDay } from '../kernel/calendar.js';
import type { Holdings, StatementView } from '../ledger/index.js';
import { GetForm, SelectField, SubmitButton } from '../web/forms.js';
import { Day, monthText, yen } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Empty, Pager, Table, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { FundView } from './funds.dto.js';

export interface StatementPageProps {
  fund: FundView;
  /** What the statement is of, in words, and its place below the fund. */
  name: string;
  place: string;
  statement: StatementView;
  /** The days on which each movement was recorded. */
  recordedOn: CalendarDay[];
  /** The month chosen (`2024-12`), or none for all of them, and the day from which there are some. */
  month?: string;
  since: CalendarDay;
  cursor?: string;
}

type Row = { movement: StatementView['movements'][number]; day: CalendarDay } | { opening: Holdings };

/** The history of a budget line, or of one account of a fund: opening, movements, closing. */
export function statementPage(view: View, props: StatementPageProps): string {
  const { t } = view;
  const { fund, name, place, statement, month, cursor } = props;
  const here = `/funds/${fund.id}/lines/${place}`;
  const chosen = month ? `month=${month}&` : '';
  const next = statement.nextCursor && `${here}?${chosen}cursor=${statement.nextCursor}`;
  const title = t('funds:statement.title', { name });
  return renderPage(
    <Page view={view} title={title} lead={fund.name} back={{ href: `/funds/${fund.id}`, label: fund.name }}>
      <MonthForm {...props} view={view} action={here} />
      <Card title={month ? monthText(month, view.language) : t('funds:statement.all')}>
        <Movements {...props} view={view} title={title} />
        {statement.movements.length === 0 && <Empty title={t('funds:statement.empty')} />}
        <Pager t={t} next={next} first={cursor ? `${here}?${chosen}` : null} />
      </Card>
    </Page>,
  );
}

function MonthForm({ view, since, month, action }: StatementPageProps & { view: View; action: string }) {
  const { t, language, today } = view;
  const options = monthsBetween(since, today)
    .toReversed()
    .map((value) => ({ value, label: monthText(value, language) }));
  const form = { values: { month }, errors: [] };
  return (
    <GetForm action={action}>
      <SelectField
        t={t}
        form={form}
        name="month"
        label={t('funds:statement.month')}
        options={options}
        empty={t('funds:statement.all')}
      />
      <SubmitButton variant="ghost">{t('funds:statement.show')}</SubmitButton>
    </GetForm>
  );
}

function Movements({
  view,
  statement,
  recordedOn,
  cursor,
  title,
}: StatementPageProps & { view: View; title: string }) {
  const { t } = view;
  const { opening, closing, movements, nextCursor } = statement;
  const accounts = Object.keys(opening) as (keyof Holdings)[];
  const rows: Row[] = [
    ...(cursor ? [] : [{ opening }]),
    ...movements.map((movement, index) => ({ movement, day: recordedOn[index]! })),
  ];
  const columns: Column<Row>[] = [
    { head: t('funds:statement.day'), cell: (row) => 'day' in row && <Day day={row.day} view={view} /> },
    {
      head: t('funds:what'),
      names: true,
      cell: (row) =>
        'opening' in row ? t('funds:statement.opening') : t(`ledger:kinds.${row.movement.transfer.kind}`),
    },
    {
      head: t('funds:amount'),
      cell: (row) => 'movement' in row && yen(row.movement.transfer.amount),
      numeric: true,
    },
    ...accounts.map((kind) => ({
      head: t(`funds:statement.accounts.${kind}`),
      cell: (row: Row) => yen(('opening' in row ? row.opening : row.movement.after)[kind]!),
      numeric: true,
    })),
  ];
  const footer = {
    label: t('funds:statement.closing'),
    cells: accounts.map((kind) => yen(closing[kind]!)),
  };
  return (
    <Table
      caption={title}
      captionHidden
      columns={columns}
      rows={rows}
      footer={nextCursor ? undefined : footer}
      phone="cards"
    />
  );
}

/** Whether a month can be asked for. */
export const isMonth = (text: string | undefined): text is string =>
  /^\d{4}-(0[1-9]|1[0-2])$/.test(text ?? '');

/** The first and the last day of a month. */
export function daysOf(month: string): { from: CalendarDay; to: CalendarDay } {
  const [year, number] = month.split('-').map(Number) as [number, number];
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { from: `${month}-01`, to: `${month}-${last}` };
}
