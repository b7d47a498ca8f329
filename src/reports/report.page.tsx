import { dayOf } from '../kernel/calendar.js';
import { StackedBars } from '../web/chart.js';
import { dateText, monthText, monthTicks, number, periodFull, yen } from '../web/format.js';
import { DayField, ErrorSummary, GetForm, SelectField, SubmitButton, type FormState } from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Empty, Figures, Table, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import { monthFigures, partsOf, totalOf, type MonthFigures } from './report-months.js';
import { partName, sentenceFacts, sentenceText } from './report-sentence.js';
import type { DisbursedQuery } from './reports.dto.js';
import type { MonthlyReport, ReportChoices } from './reports.queries.js';

interface ReportPageProps {
  view: View;
  choices: ReportChoices;
  form: FormState;
  /** The report of a period; none when the form was refused. */
  shown?: { query: DisbursedQuery; report: MonthlyReport };
}

type Shown = NonNullable<ReportPageProps['shown']>;

/** The report for the board: figures, a chart with its sentence, and the same as a table. */
export function reportPage({ view, choices, form, shown }: ReportPageProps): string {
  const { t } = view;
  const { months = [] } = shown?.report ?? {};
  const hasFigures = months.length > 0;
  return renderPage(
    <Page
      view={view}
      title={t('reports:title')}
      lead={shown && leadOf(view, choices, shown.query)}
      actions={
        hasFigures && (
          <ButtonLink href="#period" variant="ghost">
            {t('reports:period.change')}
          </ButtonLink>
        )
      }
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {(!shown || choices.paid) && (
        <div id="period" class={hasFigures ? 'on-demand' : undefined}>
          <PeriodCard view={view} choices={choices} form={form} />
        </div>
      )}
      {shown && !hasFigures && (
        <Card>
          <Empty title={t(choices.paid ? 'reports:empty.here' : 'reports:empty.never')} />
        </Card>
      )}
      {shown && hasFigures && <ReportCards view={view} shown={shown} />}
    </Page>,
  );
}

/** The period in both calendars, the fund when only one is shown, and the day that the figures stand at. */
function leadOf(
  { t, language, now }: View,
  { funds }: ReportChoices,
  { from, to, fundId }: DisbursedQuery,
): string {
  const fund = funds.find(({ id }) => id === fundId)?.name;
  const asOf = t('reports:asOf', { day: dateText(dayOf(now), language) });
  return [periodFull(from, to, language), fund, asOf].filter(Boolean).join(t('common:part.dot'));
}

const labelsOf = ({ t }: View): Record<string, string> => ({
  from: t('reports:period.from'),
  to: t('reports:period.to'),
  fundId: t('reports:period.fund'),
});

function PeriodCard({ view, choices, form }: Pick<ReportPageProps, 'view' | 'choices' | 'form'>) {
  const { t } = view;
  const labels = labelsOf(view);
  const field = (name: string) => ({ t, form, name, label: labels[name]! });
  return (
    <Card title={t('reports:period.change')}>
      <GetForm action="/reports">
        <DayField {...field('from')} />
        <DayField {...field('to')} />
        <SelectField
          {...field('fundId')}
          empty={t('reports:period.anyFund')}
          options={choices.funds.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <SubmitButton>{t('reports:period.show')}</SubmitButton>
        <ButtonLink href="/reports" variant="quiet">
          {t('reports:period.reset')}
        </ButtonLink>
      </GetForm>
    </Card>
  );
}

function ReportCards({ view, shown }: { view: View; shown: Shown }) {
  const { t, language, today } = view;
  const { query, report } = shown;
  const months = monthFigures(report.months, report.cells);
  const facts = sentenceFacts(months, { from: query.from, to: query.to, today });
  return (
    <>
      <WholeCard view={view} report={report} months={months} />
      {facts && (
        <Card>
          <StackedBars
            t={t}
            title={t('reports:chart')}
            sentence={sentenceText(facts, language)}
            labels={monthTicks(months.map(({ month }) => month))}
            series={partsOf(months).map((part) => ({
              key: part,
              label: partName(t, part),
              tone: part,
              values: months.map(({ amounts }) => amounts[part]),
            }))}
            tableLink="#table"
          />
        </Card>
      )}
      <TableCard view={view} report={report} months={months} />
    </>
  );
}

interface CardProps {
  view: View;
  report: MonthlyReport;
  months: MonthFigures[];
}

function WholeCard({ view: { t }, report: { whole }, months }: CardProps) {
  const { amount, people, instances } = whole;
  // Activity helps nobody in particular, so it is not shared out; what is less than a yen is left out.
  const perPerson = people > 0 ? yen(Math.floor((amount - totalOf(months, 'activity')) / people)) : '—';
  return (
    <Card>
      <Figures
        items={[
          { label: t('reports:figures.amount'), value: yen(amount) },
          {
            label: t('reports:figures.people'),
            value: number(people),
            unit: t('reports:unit.people', { count: people }),
          },
          {
            label: t('reports:figures.instances'),
            value: number(instances),
            unit: t('reports:unit.times', { count: instances }),
          },
          { label: t('reports:figures.perPerson'), value: perPerson },
        ]}
      />
      <p class="help">{t('reports:figures.help')}</p>
    </Card>
  );
}

function TableCard({ view: { t, language }, report: { whole }, months }: CardProps) {
  const parts = partsOf(months);
  const shown = months.filter(({ total, people }) => total !== 0 || people > 0);
  // The total and the people stand first: a phone shows the columns at the left.
  const columns: Column<MonthFigures>[] = [
    { head: t('reports:table.month'), cell: ({ month }) => monthText(month, language) },
    { head: t('common:part.total'), cell: ({ total }) => yen(total), numeric: true },
    {
      head: t('reports:table.people'),
      cell: ({ people }) => t('common:units.people', { count: people }),
      numeric: true,
    },
    ...parts.map((part) => ({
      head: partName(t, part),
      cell: ({ amounts }: MonthFigures) => yen(amounts[part]),
      numeric: true,
    })),
  ];
  return (
    <Card id="table" title={t('reports:table.title')}>
      <p class="help">
        {t('reports:table.help')}
        {shown.length < months.length && t('reports:table.leftOut')}
      </p>
      <Table
        caption={t('reports:table.title')}
        captionHidden
        columns={columns}
        rows={shown}
        footer={{
          label: t('common:part.total'),
          cells: [
            yen(whole.amount),
            t('common:units.people', { count: whole.people }),
            ...parts.map((part) => yen(totalOf(months, part))),
          ],
        }}
      />
    </Card>
  );
}
