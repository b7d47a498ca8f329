import { Day, Moment, yen } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Empty, Table, UrgencyTag, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { Payable } from './disbursements.queries.js';

/** To whom the money goes, in words. */
export const payeeText = ({ t }: View, { payeeType, vendorName, organisationName }: Payable): string =>
  t(`disbursements:payees.${payeeType}`, { name: payeeType === 'vendor' ? vendorName : organisationName });

/** For what it is, in a word. */
export const categoryText = ({ t }: View, { category }: Payable): string =>
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
    { head: t('disbursements:amount'), numeric: true, cell: ({ left }) => yen(left) },
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
    {
      head: t('disbursements:amount'),
      numeric: true,
      cell: ({ paid }) => (
        <>
          {yen(paid!.amount)}
          {paid!.returned > 0 && (
            <small>{t('disbursements:returned', { amount: yen(paid!.returned) })}</small>
          )}
        </>
      ),
    },
    {
      head: <span class="visually-hidden">{t('disbursements:details')}</span>,
      oneLine: true,
      cell: ({ awardId }) => <a href={`/payments/${awardId}`}>{t('disbursements:details')}</a>,
    },
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
