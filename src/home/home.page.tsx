import type { Day } from '../kernel/calendar.js';
import type { Payable } from '../disbursements/index.js';
import { itemsText, requestRow, type AskedRequest, type GrantRequestSummary } from '../grants/index.js';
import { periodText, timeText, yen } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Buttons, Card, Empty, Figures, Rows, StatusTag, UrgencyTag } from '../web/parts.js';
import type { View } from '../web/view.js';
import { countAwaiting, SHOWN, ToDecide, type Awaiting } from './to-decide.js';

/** A member's own requests. */
export interface Own {
  asked: AskedRequest[];
  drafts: GrantRequestSummary[];
  latest: GrantRequestSummary[];
}

/** What was paid since the fiscal year began. */
export interface Year {
  from: Day;
  to: Day;
  amount: number;
  people: number;
  instances: number;
}

export interface Home {
  own: Own | null;
  awaiting: Awaiting | null;
  toPay: Payable[] | null;
  year: Year | null;
}

/** By the clock of the network's time zone. */
export function greetingOf(now: Date): 'morning' | 'day' | 'evening' {
  const hour = Number(timeText(now).slice(0, 2));
  if (hour >= 5 && hour < 11) return 'morning';
  return hour >= 11 && hour < 18 ? 'day' : 'evening';
}

export function homePage(view: View, { own, awaiting, toPay, year }: Home): string {
  const { t } = view;
  const acts = own || awaiting || toPay;
  const count = (own?.asked.length ?? 0) + (awaiting ? countAwaiting(awaiting) : 0) + (toPay?.length ?? 0);
  return renderPage(
    <Page
      view={view}
      narrow
      title={t(`home:greeting.${greetingOf(view.now)}`)}
      lead={acts ? waitingText(view, count) : t('home:lead')}
    >
      {own && <OwnRequests view={view} own={own} />}
      {awaiting && <ToDecide view={view} awaiting={awaiting} />}
      {toPay && <ToPay view={view} payables={toPay} />}
      {year && <YearCard view={view} year={year} />}
      <Places view={view} />
    </Page>,
  );
}

// Japanese counts up to nine things by themselves (つ), and more in pieces (件).
function waitingText({ t }: View, count: number): string {
  if (count === 0) return t('home:nothingWaits');
  return t(count < 10 ? 'home:waiting' : 'home:manyWaiting', { count });
}

function OwnRequests({ view, own: { asked, drafts, latest } }: { view: View; own: Own }) {
  const { t } = view;
  return (
    <>
      {asked.map((request, index) => (
        <Question key={request.id} view={view} request={request} first={index === 0} />
      ))}
      {drafts.length > 0 && (
        <Card title={t('home:drafts')} accent="sky">
          <Rows items={drafts.map((request) => requestRow(view, request))} />
        </Card>
      )}
      <Buttons>
        <ButtonLink href="/requests/new">{t('home:new')}</ButtonLink>
      </Buttons>
      <Card title={t('home:requests')} action={latest.length > 0 && <a href="/requests">{t('home:all')}</a>}>
        {latest.length === 0 ? (
          <Empty title={t('home:noRequests')} />
        ) : (
          <Rows items={latest.map((request) => requestRow(view, request))} />
        )}
      </Card>
    </>
  );
}

interface QuestionProps {
  view: View;
  request: AskedRequest;
  /** Only one button of its kind is filled. */
  first: boolean;
}

const Question = ({ view, request, first }: QuestionProps) => (
  <Card accent="lamp">
    <p>
      <StatusTag t={view.t} status="returned" />
    </p>
    <p>
      <b>
        {request.number}
        {view.t('common:part.gap')}
        {itemsText(view, request)}
      </b>
      {request.question && (
        <>
          <br />
          {view.t('home:question', { text: request.question })}
        </>
      )}
    </p>
    <ButtonLink href={`/requests/${request.id}/edit/check`} variant={first ? 'primary' : 'ghost'}>
      {view.t('home:answer')}
    </ButtonLink>
  </Card>
);

function ToPay({ view, payables }: { view: View; payables: Payable[] }) {
  const { t } = view;
  return (
    <Card title={t('home:toPay')} accent={payables.length > 0 ? 'leaf' : undefined}>
      {payables.length === 0 && <Empty title={t('home:nothingToPay')} />}
      <Rows
        items={payables.slice(0, SHOWN).map(({ awardId, requestNumber, item, amount, urgency, ...rest }) => ({
          title: (
            <>
              <a href={`/payments/${awardId}`}>
                <b>{requestNumber}</b>
              </a>
              {t('common:part.gap')}
              {item} {yen(amount)}
            </>
          ),
          detail: rest.vendorName ?? rest.organisationName,
          side: <UrgencyTag t={t} urgency={urgency} />,
        }))}
      />
      {payables.length > 0 && (
        <Buttons>
          <ButtonLink href="/payments">{t('home:pay')}</ButtonLink>
        </Buttons>
      )}
    </Card>
  );
}

function YearCard({ view: { t, language }, year }: { view: View; year: Year }) {
  const { from, to, amount, people, instances } = year;
  return (
    <Card
      title={t('home:year.title')}
      action={<a href={`/reports?from=${from}&to=${to}`}>{t('home:year.report')}</a>}
    >
      <p class="help">{periodText(from, to, language)}</p>
      <Figures
        items={[
          { label: t('home:year.amount'), value: yen(amount) },
          { label: t('home:year.people'), value: t('common:units.people', { count: people }) },
          { label: t('home:year.instances'), value: t('common:units.times', { count: instances }) },
        ]}
      />
    </Card>
  );
}

/** Where else this reader can go, in a sentence each. Their own list of requests stands above already. */
function Places({ view }: { view: View }) {
  const { t, navigation } = view;
  const places = navigation.filter(({ href }) => href in PLACES);
  if (places.length === 0) return null;
  return (
    <Card title={t('home:places')}>
      <Rows
        items={places.map(({ href, label }) => ({
          title: <a href={href}>{label}</a>,
          detail: t(`home:placeOf.${PLACES[href]}`),
        }))}
      />
    </Card>
  );
}

const PLACES: Record<string, string> = {
  '/funds': 'funds',
  '/reports': 'reports',
  '/organisations': 'organisations',
  '/imports': 'imports',
};
