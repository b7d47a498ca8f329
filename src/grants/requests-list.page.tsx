import type { Page as PageOfList } from '../platform/pages.js';
import { momentText, yen } from '../web/format.js';
import { GetForm, SelectField, SubmitButton } from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Empty, Pager, Rows, Table, UrgencyTag, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import { REQUEST_STATUSES, type RequestStatus } from './grant-request.states.js';
import type { GrantRequestQuery } from './grants.dto.js';
import type { Unconfirmed } from './grants.queries.js';
import type { GrantRequestSummary } from './grants.views.js';
import type { AskedRequest } from './own-requests.queries.js';
import { unconfirmedRow } from './request-confirm.js';
import { itemsText, requestRow, StatusOf } from './request-parts.js';

/** What a member's list of before has: the rest stands above it, to be gone on with. */
export const NO_LONGER_BEGUN: RequestStatus[] = REQUEST_STATUSES.filter(
  (status) => status !== 'draft' && status !== 'returned',
);

/** Which list a reader gets: a member's own, what the network decides, or what is to be paid. */
export type Listing = 'own' | 'deciding' | 'paying';

const STATUSES: Record<Listing, readonly RequestStatus[]> = {
  own: REQUEST_STATUSES,
  deciding: REQUEST_STATUSES.filter((status) => status !== 'draft'),
  paying: ['approved', 'scheduled', 'paid', 'settled'],
};

/** What is not decided: the reader's turn, what should be confirmed, and somebody else's turn. */
export interface Waiting {
  mine: GrantRequestSummary[];
  others: GrantRequestSummary[];
  unconfirmed: Unconfirmed[];
  /** Whether the reader decides, or makes the first check. */
  decides: boolean;
}

export interface RequestsList {
  listing: Listing;
  query: GrantRequestQuery;
  /** All requests, or those in the chosen state. */
  page: PageOfList<GrantRequestSummary>;
  /** What waits comes first, on the first page of the whole list; null for who decides nothing. */
  waiting: Waiting | null;
  asked: AskedRequest[];
  drafts: GrantRequestSummary[];
}

export function requestsPage(view: View, list: RequestsList): string {
  const { t } = view;
  const { listing, query } = list;
  const first = !query.cursor && !query.status?.length;
  return renderPage(
    <Page
      view={view}
      title={t(`grants:list.${listing}.title`)}
      lead={t(`grants:list.${listing}.lead`)}
      actions={listing === 'own' && <ButtonLink href="/requests/new">{t('grants:new')}</ButtonLink>}
    >
      {first && list.waiting && <ToDecide view={view} waiting={list.waiting} />}
      {first && <Begun view={view} asked={list.asked} drafts={list.drafts} />}
      <All view={view} list={list} />
    </Page>,
  );
}

function ToDecide({ view, waiting }: { view: View; waiting: Waiting }) {
  const { t } = view;
  const { mine, others, unconfirmed, decides } = waiting;
  return (
    <>
      <Some
        view={view}
        title={t(decides ? 'grants:mine' : 'grants:toCheck', { count: mine.length })}
        requests={mine}
        empty={t('grants:noneWaiting')}
      />
      {unconfirmed.length > 0 && (
        <Card title={t('decide:confirm.list', { count: unconfirmed.length })}>
          <Rows items={unconfirmed.map((request) => unconfirmedRow(view, request))} />
        </Card>
      )}
      {others.length > 0 && (
        <Some view={view} title={t('grants:others', { count: others.length })} requests={others} />
      )}
    </>
  );
}

interface SomeProps {
  view: View;
  title: string;
  requests: GrantRequestSummary[];
  empty?: string;
}

const Some = ({ view, title, requests, empty }: SomeProps) => (
  <Card title={title}>
    {requests.length === 0 ? (
      <Empty title={empty ?? ''} />
    ) : (
      <Table caption={title} captionHidden columns={columnsOf(view)} rows={requests} phone="cards" />
    )}
  </Card>
);

/** A member's open questions and drafts, each with where to go on. */
function Begun({ view, asked, drafts }: Pick<RequestsList, 'asked' | 'drafts'> & { view: View }) {
  const { t } = view;
  if (asked.length + drafts.length === 0) return null;
  const questions = asked.map((request) => ({
    ...requestRow(view, request),
    detail: request.question ? t('grants:quoted', { text: request.question }) : undefined,
    side: (
      <a
        href={`/requests/${request.id}/edit/check`}
        aria-label={t('grants:answerOf', { what: itemsText(view, request) })}
      >
        {t('grants:answer')}
      </a>
    ),
  }));
  return (
    <Card title={t('grants:begun')} accent={asked.length > 0 ? 'lamp' : undefined}>
      <Rows items={[...questions, ...drafts.map((request) => requestRow(view, request))]} />
    </Card>
  );
}

function All({ view, list: { listing, query, page } }: { view: View; list: RequestsList }) {
  const { t } = view;
  const [status] = query.status ?? [];
  const filter = status ? `status=${status}&` : '';
  return (
    <Card title={t(`grants:list.${listing}.all`)}>
      <GetForm action="/requests">
        <SelectField
          t={t}
          form={{ values: { status }, errors: [] }}
          name="status"
          label={t('grants:status')}
          empty={t('grants:anyStatus')}
          options={STATUSES[listing].map((value) => ({ value, label: statusText(view, listing, value) }))}
        />
        <SubmitButton variant="ghost">{t('grants:filter')}</SubmitButton>
      </GetForm>
      <Listed view={view} listing={listing} requests={page.items} filtered={status !== undefined} />
      <Pager
        t={t}
        next={page.nextCursor && `/requests?${filter}limit=${query.limit}&cursor=${page.nextCursor}`}
        first={query.cursor ? `/requests?${filter}` : null}
      />
    </Card>
  );
}

const statusText = ({ t }: View, listing: Listing, status: RequestStatus): string =>
  listing === 'deciding' && status === 'returned' ? t('grants:questionOpen') : t(`common:statuses.${status}`);

interface ListedProps {
  view: View;
  listing: Listing;
  requests: GrantRequestSummary[];
  filtered: boolean;
}

function Listed({ view, listing, requests, filtered }: ListedProps) {
  const { t } = view;
  if (requests.length === 0) {
    return <Empty title={t(filtered ? 'grants:noneLikeThis' : `grants:list.${listing}.empty`)} />;
  }
  if (listing === 'own') return <Rows items={requests.map((request) => requestRow(view, request))} />;
  const caption = t(`grants:list.${listing}.all`);
  return <Table caption={caption} captionHidden columns={columnsOf(view)} rows={requests} phone="cards" />;
}

function columnsOf(view: View): Column<GrantRequestSummary>[] {
  const { t, language, now } = view;
  return [
    {
      head: t('grants:number'),
      oneLine: true,
      cell: ({ id, number, urgency }) => (
        <>
          <a href={`/requests/${id}`}>{number}</a> <UrgencyTag t={t} urgency={urgency} />
        </>
      ),
    },
    {
      head: t('grants:line'),
      cell: (request) => (
        <>
          {itemsText(view, request)}
          <small>{categoriesText(view, request)}</small>
        </>
      ),
    },
    { head: t('grants:organisation'), cell: ({ organisationName }) => organisationName },
    {
      head: t('grants:submitted'),
      cell: ({ submittedAt }) => (submittedAt ? momentText(new Date(submittedAt), language, now) : '—'),
    },
    { head: t('grants:status'), cell: (request) => <StatusOf view={view} request={request} staff /> },
    { head: t('grants:asked'), numeric: true, cell: ({ requestedAmount }) => yen(requestedAmount) },
  ];
}

const categoriesText = ({ t }: View, { categories }: GrantRequestSummary): string =>
  categories.length === 0
    ? t('common:purposes.activity')
    : categories.map((category) => t(`common:categories.${category}`)).join(t('common:part.dot'));
