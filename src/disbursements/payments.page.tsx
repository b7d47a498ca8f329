import { Day, Moment, rangeText, yen, dayText } from '../web/format.js';
import {
  DayField,
  ErrorSummary,
  IdempotencyField,
  MoneyField,
  PostForm,
  RadioField,
  SubmitButton,
  TextField,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import {
  ButtonLink,
  Card,
  Columns,
  Empty,
  Facts,
  Note,
  Table,
  UrgencyTag,
  type Column,
} from '../web/parts.js';
import type { View } from '../web/view.js';
import { METHODS } from './disbursement.entity.js';
import type { Payable } from './disbursements.queries.js';

/** To whom the money goes, in words. */
const payeeText = ({ t }: View, { payeeType, vendorName, organisationName }: Payable): string =>
  t(`disbursements:payees.${payeeType}`, { name: payeeType === 'vendor' ? vendorName : organisationName });

const categoryText = ({ t }: View, { category }: Payable): string =>
  category ? t(`common:categories.${category}`) : t('common:purposes.activity');

function commonColumns(view: View): Column<Payable>[] {
  const { t } = view;
  return [
    {
      head: t('disbursements:request'),
      oneLine: true,
      cell: ({ requestId, requestNumber, urgency }) => (
        <>
          <a href={`/requests/${requestId}`}>{requestNumber}</a> <UrgencyTag t={t} urgency={urgency} />
        </>
      ),
    },
    {
      head: t('disbursements:item'),
      cell: (row) => (
        <>
          <b>{categoryText(view, row)}</b>
          {t('common:part.gap')}
          {row.item}
        </>
      ),
    },
    { head: t('disbursements:payee'), cell: (row) => payeeText(view, row) },
    { head: t('disbursements:fund'), cell: ({ fundName }) => fundName },
  ];
}

function waitingColumns(view: View): Column<Payable>[] {
  const { t } = view;
  const go = t('disbursements:go');
  return [
    ...commonColumns(view),
    {
      head: t('disbursements:approved'),
      cell: ({ approvedAt }) => <Moment moment={approvedAt} view={view} />,
    },
    { head: t('disbursements:amount'), numeric: true, cell: ({ amount }) => yen(amount) },
    {
      head: <span class="visually-hidden">{go}</span>,
      oneLine: true,
      cell: ({ awardId, duty }) =>
        duty ? (
          t('disbursements:mayNot')
        ) : (
          <ButtonLink href={`/payments/${awardId}`} variant="ghost">
            {go}
          </ButtonLink>
        ),
    },
  ];
}

function paidColumns(view: View): Column<Payable>[] {
  const { t } = view;
  return [
    ...commonColumns(view),
    { head: t('disbursements:paidOn'), cell: ({ paid }) => <Day day={paid!.paidOn} view={view} /> },
    {
      head: t('disbursements:method'),
      oneLine: true,
      cell: ({ paid }) => t(`disbursements:methods.${paid!.method}`),
    },
    { head: t('disbursements:amount'), numeric: true, cell: ({ paid }) => yen(paid!.amount) },
  ];
}

interface PayablesProps {
  title: string;
  empty: string;
  columns: Column<Payable>[];
  rows: Payable[];
}

const Payables = ({ title, empty, columns, rows }: PayablesProps) => (
  <Card title={title}>
    {rows.length === 0 ? (
      <Empty title={empty} />
    ) : (
      <Table caption={title} captionHidden columns={columns} rows={rows} phone="cards" />
    )}
  </Card>
);

/** What waits to be paid, and what was paid last. */
export function paymentsPage(view: View, waiting: Payable[], paid: Payable[]): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('disbursements:title')}
      lead={t('disbursements:lead', { count: waiting.length })}
    >
      <Payables
        title={t('disbursements:toPay')}
        empty={t('disbursements:nothing')}
        columns={waitingColumns(view)}
        rows={waiting}
      />
      <Payables
        title={t('disbursements:lastPaid')}
        empty={t('disbursements:nonePaid')}
        columns={paidColumns(view)}
        rows={paid}
      />
    </Page>,
  );
}

/** One payment to be recorded, with what it does beside it. */
export function payPage(view: View, payable: Payable, form: FormState, refusal?: string): string {
  const { t, language, today } = view;
  const { requestNumber, item, amount, spentOn, fundName, paid, duty } = payable;
  const title = t('disbursements:payTitle', { number: requestNumber });
  return renderPage(
    <Page
      view={view}
      title={title}
      errors={form.errors}
      back={{ href: '/payments', label: t('disbursements:back') }}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Columns
        side={
          <Card title={t('disbursements:record')} accent="leaf">
            {paid && (
              <Note>
                {t('disbursements:alreadyPaid', {
                  day: dayText(paid.paidOn, language, today),
                  amount: yen(paid.amount),
                })}
              </Note>
            )}
            {duty && <Note tone="warn">{t(`disbursements:noDuty.${duty}`)}</Note>}
            {!paid && !duty && <PayForm view={view} payable={payable} form={form} />}
          </Card>
        }
      >
        <Card title={t('disbursements:what')}>
          <Facts
            items={[
              {
                label: t('disbursements:item'),
                value: categoryText(view, payable) + t('common:part.gap') + item,
              },
              { label: t('disbursements:payee'), value: payeeText(view, payable) },
              ...(spentOn
                ? [{ label: t('disbursements:spent'), value: dayText(spentOn, language, today) }]
                : []),
              { label: t('disbursements:fund'), value: fundName },
              { label: t('disbursements:amount'), value: <b>{yen(amount)}</b> },
            ]}
          />
        </Card>
      </Columns>
    </Page>,
  );
}

const labelsOf = ({ t }: View): Record<string, string> => ({
  amount: t('disbursements:paidAmount'),
  paidOn: t('disbursements:paidOn'),
  method: t('disbursements:method'),
  reference: t('disbursements:reference'),
});

function PayForm({ view, payable, form }: { view: View; payable: Payable; form: FormState }) {
  const { t } = view;
  const { awardId, amount, startsOn, endsOn } = payable;
  const common = { t, form };
  return (
    <PostForm action={`/payments/${awardId}`}>
      <p>{t('disbursements:recordLead')}</p>
      <IdempotencyField value={String(form.values.idempotencyKey)} />
      <MoneyField
        {...common}
        name="amount"
        required
        label={t('disbursements:paidAmount')}
        help={t('disbursements:paidAmountHelp', { amount: yen(amount) })}
      />
      <DayField
        {...common}
        name="paidOn"
        required
        label={t('disbursements:paidOn')}
        help={t('disbursements:paidOnHelp', { period: rangeText(startsOn, endsOn, view) })}
      />
      <RadioField
        {...common}
        name="method"
        required
        label={t('disbursements:method')}
        options={METHODS.map((value) => ({ value, label: t(`disbursements:methods.${value}`) }))}
      />
      <TextField
        {...common}
        name="reference"
        label={t('disbursements:reference')}
        help={t('disbursements:referenceHelp')}
      />
      <SubmitButton>{t('disbursements:button')}</SubmitButton>
    </PostForm>
  );
}
