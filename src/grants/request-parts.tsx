import type { ComponentChildren } from 'preact';
import { dayText, Moment, momentText, number, rangeText, yen } from '../web/format.js';
import { SubmitButton } from '../web/forms.js';
import { Card, Facts, StatusTag, Tag, UrgencyTag, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { T } from '../web/words.js';
import type { BesideRequest, HeadCounts } from './beside-request.queries.js';
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

interface AttachmentListProps {
  view: View;
  grant: GrantRequestView;
  /** Within a form, whose buttons `remove` take a file out. */
  removable?: boolean;
}

export function AttachmentList({ view, grant, removable }: AttachmentListProps) {
  const { t } = view;
  if (grant.attachments.length === 0) return null;
  return (
    <>
      <h3>{t('grants:attachments')}</h3>
      <ul>
        {grant.attachments.map(({ id, name, sizeBytes }) => (
          <li key={id} class={removable ? 'row' : undefined}>
            {name ? (
              <a href={`/api/v1/grant-requests/${grant.id}/attachments/${id}`}>
                {t('grants:attachment', { name, size: kilobytes(sizeBytes) })}
              </a>
            ) : (
              t('grants:attachmentGone')
            )}
            {removable && (
              <SubmitButton
                variant="quiet"
                name="remove"
                value={id}
                attributes={{ 'aria-label': t('grants:removeAttachment', { name }) }}
              >
                {t('common:action.remove')}
              </SubmitButton>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** `アリさん・P-7K3F2Q（大人2・子ども1）`, each with a link to the person for those who may open it. */
function People({ view: { t }, grant: { people }, beside, open }: AboutProps): ComponentChildren {
  const { household, aliases } = beside;
  const named = people.map(({ id, code }, index) => (
    <>
      {index > 0 && t('common:part.dot')}
      {open ? <a href={`/people/${id}`}>{aliases.get(id) ?? code}</a> : code}
    </>
  ));
  const heads = household && headsText(t, household);
  if (!heads) return named;
  const [before, after] = t('grants:peopleWithHeads', { codes: '\n', heads }).split('\n');
  return named.length === 0 ? (
    heads
  ) : (
    <>
      {before}
      {named}
      {after}
    </>
  );
}

const headsText = (t: T, household: HeadCounts): string =>
  (['adults', 'children', 'unborn'] as const)
    .filter((kind) => household[kind] > 0)
    .map((kind) => t(`grants:heads.${kind}`, { count: household[kind] }))
    .join(t('common:part.dot'));

interface AboutProps {
  view: View;
  grant: GrantRequestView;
  beside: BesideRequest;
  /** Whether the reader may open the people's own pages. */
  open: boolean;
}

/** Who is helped and why, for those to whom it is open. */
export function About(about: AboutProps) {
  const { view, grant, beside } = about;
  const { t } = view;
  const items = [
    ...(grant.people.length > 0 || (beside.household && headsText(t, beside.household))
      ? [{ label: t('grants:people'), value: <People {...about} /> }]
      : []),
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
