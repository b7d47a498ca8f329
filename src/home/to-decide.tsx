import {
  itemsText,
  requestRow,
  unconfirmedRow,
  type GrantRequestSummary,
  type Unconfirmed,
} from '../grants/index.js';
import { yen } from '../web/format.js';
import { ButtonLink, Card, Empty, Rows, Tag, UrgencyTag } from '../web/parts.js';
import type { View } from '../web/view.js';

/** How many of a list stand on the first page; the rest is one link away. */
export const SHOWN = 8;

/** What is not decided or confirmed: the reader's turn, and somebody else's. */
export interface Awaiting {
  mine: GrantRequestSummary[];
  others: GrantRequestSummary[];
  /** What one approved because it could not wait, to be looked at by a second approver. */
  unconfirmed: Unconfirmed[];
  /** Whether the reader may confirm what somebody else approved. */
  mayConfirm: boolean;
}

/** How many of these wait for the reader. */
export const countAwaiting = ({ mine, unconfirmed, mayConfirm }: Awaiting): number =>
  mine.length + (mayConfirm ? unconfirmed.filter(({ own }) => !own).length : 0);

interface TonightProps {
  view: View;
  request: GrantRequestSummary;
  /** Only one button of its kind is filled. */
  first: boolean;
}

export function ToDecide({ view, awaiting }: { view: View; awaiting: Awaiting }) {
  const { t } = view;
  const { mine, others, unconfirmed } = awaiting;
  const tonight = mine.filter(({ urgency }) => urgency === 'tonight').slice(0, SHOWN);
  const later = mine.filter((request) => !tonight.includes(request));
  return (
    <>
      {tonight.map((request, index) => (
        <Tonight key={request.id} view={view} request={request} first={index === 0} />
      ))}
      {(later.length > 0 || tonight.length === 0) && (
        <RequestList
          view={view}
          title={t('home:yourTurn')}
          requests={later}
          empty={t('home:nothingToDecide')}
        />
      )}
      <ToConfirm view={view} unconfirmed={unconfirmed} />
      {others.length > 0 && <RequestList view={view} title={t('home:othersTurn')} requests={others} />}
    </>
  );
}

function ToConfirm({ view, unconfirmed }: { view: View; unconfirmed: Unconfirmed[] }) {
  const { t } = view;
  if (unconfirmed.length === 0) return null;
  const late = unconfirmed.some(({ confirmBy, objected }) => objected || confirmBy < view.today);
  return (
    <Card
      title={t('home:toConfirm')}
      accent={late ? 'lamp' : undefined}
      action={
        unconfirmed.length > SHOWN && <a href="/requests">{t('home:allOf', { count: unconfirmed.length })}</a>
      }
    >
      <Rows items={unconfirmed.slice(0, SHOWN).map((request) => unconfirmedRow(view, request))} />
    </Card>
  );
}

const Tonight = ({ view, request, first }: TonightProps) => (
  <Card accent="lamp">
    <p>
      <Tag tone="urgent">{view.t('home:tonight')}</Tag>
    </p>
    <p>
      <b>
        {request.number}
        {view.t('common:part.gap')}
        {itemsText(view, request)} {yen(request.requestedAmount)}
      </b>
      <br />
      {request.organisationName}
    </p>
    <ButtonLink href={`/requests/${request.id}`} variant={first ? 'primary' : 'ghost'}>
      {view.t(`home:look.${request.status}`)}
    </ButtonLink>
  </Card>
);

interface RequestListProps {
  view: View;
  title: string;
  requests: GrantRequestSummary[];
  empty?: string;
}

function RequestList({ view, title, requests, empty }: RequestListProps) {
  const { t } = view;
  return (
    <Card
      title={title}
      action={
        requests.length > SHOWN && <a href="/requests">{t('home:allOf', { count: requests.length })}</a>
      }
    >
      {requests.length === 0 && empty && <Empty title={empty} />}
      <Rows
        items={requests.slice(0, SHOWN).map((request) => ({
          title: (
            <>
              {requestRow(view, request).title} {yen(request.requestedAmount)}
            </>
          ),
          detail: (
            <>
              {request.organisationName}
              {t('common:part.dot')}
              {requestRow(view, request).detail}
            </>
          ),
          side: <UrgencyTag t={t} urgency={request.urgency} />,
        }))}
      />
    </Card>
  );
}
