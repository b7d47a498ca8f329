import type { ComponentChildren } from 'preact';
import { dayText, Moment, momentText, number, rangeText, yen } from '../web/format.js';
import { Card, Facts, StatusTag, Tag, UrgencyTag, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { T } from '../web/words.js';
import type { HeadCounts } from './beside-request.queries.js';
import type { PendingApproval } from './decision.views.js';
import type { RequestStatus } from './grant-request.states.js';
import type { GrantRequestSummary, GrantRequestView, LineView } from './grants.views.js';

/** `一時宿泊と食料`: what is asked for, in a few words. */
export function itemsText(
  { t }: View,
  { items, forgotten }: Pick<GrantRequestSummary, 'items' | 'forgotten'>,
): string {
  if (forgotten) return t('grants:forgotten.short');
  const [first, second, ...others] = items.filter(Boolean);
  if (!first) return t('grants:nothingWritten');
  if (!second) return first;
  return others.length === 0
    ? t('grants:two', { first, second })
    : t('grants:more', { first, count: others.length + 1 });
}

export const titleOf = (view: View, request: GrantRequestSummary): string =>
  request.number + view.t('common:part.gap') + itemsText(view, request);

const categoryText = ({ t }: View, { category }: Pick<LineView, 'category'>): string =>
  category ? t(`common:categories.${category}`) : t('common:purposes.activity');

// Japanese puts a space between digits and a word: 今日 18:02 に提出, but 3時間前に提出.
const gapAfter = (text: string): string => (/\d$/.test(text) ? ' ' : '');

/** A sentence with the moment `when` in it, which hovering and paper show in full. */
function WithMoment({ view, words, moment }: { view: View; words: string; moment: string }) {
  const [before, after] = view.t(words, { when: '\n' }).split('\n');
  const at = new Date(moment);
  return (
    <>
      {before}
      <Moment moment={at} view={view} />
      {gapAfter(momentText(at, view.language, view.now))}
      {after}
    </>
  );
}

/** Who asks, from where, since when. */
export function Lead({ view, grant }: { view: View; grant: GrantRequestView }) {
  const { t } = view;
  const { organisationName: name, prefectureCode: code, submittedAt } = grant;
  return (
    <>
      {code ? t('grants:from', { name, prefecture: t(`common:prefectures.${code}`) }) : name}
      {t('common:part.dot')}
      {submittedAt ? (
        <WithMoment view={view} words="grants:since.submitted" moment={submittedAt} />
      ) : (
        <WithMoment view={view} words="grants:since.draft" moment={grant.updatedAt} />
      )}
    </>
  );
}

interface StatusProps {
  view: View;
  request: GrantRequestSummary;
  /** Whether its reader works for the network, to whom an open question is not theirs to answer. */
  staff?: boolean;
}

export const Tags = ({ view: { t }, request, staff }: StatusProps) => (
  <>
    <UrgencyTag t={t} urgency={request.urgency} /> <Status t={t} request={request} staff={staff} />
  </>
);

const Status = ({ t, request, staff, amount }: Omit<StatusProps, 'view'> & { t: T; amount?: number }) =>
  staff && request.status === 'returned' ? (
    <Tag tone="wait">{t('grants:questionOpen')}</Tag>
  ) : (
    <StatusTag t={t} status={request.status} amount={amount} />
  );

const WITH_AMOUNT: readonly RequestStatus[] = ['approved', 'scheduled', 'paid', 'settled'];

/** The status in words, with the amount once money was promised. */
export const StatusOf = ({ view: { t }, request, staff }: StatusProps) => (
  <Status
    t={t}
    request={request}
    staff={staff}
    amount={WITH_AMOUNT.includes(request.status) ? request.approvedAmount : undefined}
  />
);

const SENT: readonly RequestStatus[] = ['submitted', 'in_review'];

/** A request in a short list: its number and what for, since when, and its status or where to go on. */
export function requestRow(view: View, request: GrantRequestSummary) {
  const { t, language, now } = view;
  const { id, number: name, status, submittedAt, updatedAt } = request;
  const moment = SENT.includes(status) ? (submittedAt ?? updatedAt) : updatedAt;
  const when = momentText(new Date(moment), language, now);
  const draft = status === 'draft';
  return {
    title: (
      <>
        <a href={`/requests/${id}`}>
          <b>{draft ? t('common:statuses.draft') : name}</b>
        </a>
        {t('common:part.gap')}
        {itemsText(view, request)}
      </>
    ),
    detail: t(`grants:since.${status}`, { when: when + gapAfter(when) }),
    side: draft ? (
      <a
        href={`/requests/${id}/edit`}
        aria-label={t('grants:continueOf', { what: itemsText(view, request) })}
      >
        {t('common:action.continue')}
      </a>
    ) : (
      <StatusOf view={view} request={request} />
    ),
  };
}

/** `承認担当1名と理事1名`. */
export const decidersText = (t: T, people: readonly PendingApproval[]): string =>
  people.map(({ role, count }) => t(`grants:deciders.${role}`, { count })).join(t('grants:deciders.and'));

function payeeText({ t, language, today }: View, { payee, spentOn }: LineView): ComponentChildren {
  const whom = payee.type === 'vendor' ? payee.vendorName : t(`grants:payees.${payee.type}`);
  return (
    <>
      {whom}
      {spentOn && <small>{t('grants:spent', { day: dayText(spentOn, language, today) })}</small>}
    </>
  );
}

/** What is asked for, for when, for whom, and how much: the first columns of every table of lines. */
export function lineColumns(view: View): Column<LineView>[] {
  const { t } = view;
  return [
    {
      head: t('grants:line'),
      cell: (line) => (
        <>
          <b>{categoryText(view, line)}</b>
          <br />
          {line.item}
          {line.quantity > 1 &&
            ` ${t('grants:times', { price: yen(line.unitPrice), quantity: number(line.quantity) })}`}
        </>
      ),
    },
    {
      head: t('grants:period'),
      oneLine: true,
      cell: ({ periodFrom, periodTo }) =>
        periodFrom || periodTo ? rangeText((periodFrom ?? periodTo)!, periodTo ?? periodFrom, view) : '—',
    },
    { head: t('grants:payee'), cell: (line) => payeeText(view, line) },
    { head: t('grants:asked'), numeric: true, cell: ({ amount }) => yen(amount) },
  ];
}

const kilobytes = (bytes: number): string => number(Math.max(1, Math.round(bytes / 1024)));

export function AttachmentList({ view, grant }: { view: View; grant: GrantRequestView }) {
  const { t } = view;
  if (grant.attachments.length === 0) return null;
  return (
    <>
      <h3>{t('grants:attachments')}</h3>
      <ul>
        {grant.attachments.map(({ id, name, sizeBytes }) => (
          <li key={id}>
            <a href={`/api/v1/grant-requests/${grant.id}/attachments/${id}`}>
              {t('grants:attachment', { name, size: kilobytes(sizeBytes) })}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function peopleText({ t }: View, { people }: GrantRequestView, household: HeadCounts | null): string {
  const codes = people.map(({ code }) => code).join(t('common:part.dot'));
  if (!household) return codes;
  const heads = (['adults', 'children', 'unborn'] as const)
    .filter((kind) => household[kind] > 0)
    .map((kind) => t(`grants:heads.${kind}`, { count: household[kind] }))
    .join(t('common:part.dot'));
  return codes && heads ? t('grants:peopleWithHeads', { codes, heads }) : codes || heads;
}

interface AboutProps {
  view: View;
  grant: GrantRequestView;
  household: HeadCounts | null;
}

/** Who is helped and why, for those to whom it is open. */
export function About({ view, grant, household }: AboutProps) {
  const { t } = view;
  const people = peopleText(view, grant, household);
  const items = [
    ...(people ? [{ label: t('grants:people'), value: people }] : []),
    ...(grant.reason ? [{ label: t('grants:reason'), value: <Paragraphs text={grant.reason} /> }] : []),
    ...(grant.forgotten ? [{ label: t('grants:reason'), value: t('grants:forgotten.long') }] : []),
  ];
  if (items.length === 0) return null;
  return (
    <Card title={t(`grants:about.${grant.kind}`)}>
      <Facts items={items} />
    </Card>
  );
}

/** A text with the line breaks that its writer made. */
const Paragraphs = ({ text }: { text: string }) => (
  <>
    {text.split(/\r?\n/).map((line, index) => (
      <>
        {index > 0 && <br />}
        {line}
      </>
    ))}
  </>
);
