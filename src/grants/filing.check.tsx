import type { ComponentChildren } from 'preact';
import { newId } from '../kernel/ids.js';
import type { PersonListed } from '../people/index.js';
import { dayText, number, rangeText, yen } from '../web/format.js';
import { IdempotencyField, PostForm, SubmitButton, TextArea } from '../web/forms.js';
import { renderPage, type View } from '../web/page.js';
import { ButtonLink, Buttons, Card, Facts, Life, Note, Rows } from '../web/parts.js';
import { peopleText } from './filing.start.js';
import { StepPage, stepPath, type DraftStep, type ShownStep } from './filing.views.js';
import type { GrantRequestView, LineView } from './grants.views.js';
import { AttachmentList } from './request-parts.js';

/** Whom a request is for; null for activity. */
export type Whom = { code: string; people: PersonListed[] } | null;

/** Step 6: everything once more, what is missing, and what happens next. */
export function checkPage(shown: ShownStep, whom: Whom): string {
  const { view, request } = shown;
  const { t } = view;
  const returned = request.status === 'returned';
  const words = returned ? 'answer' : 'check';
  const missing = missingSteps(request);
  const labels = {
    lines: t('filing:check.lines'),
    reason: t('filing:check.reason'),
    comment: t('filing:answer.comment'),
  };
  return renderPage(
    <StepPage shown={shown} step="check" words={words} labels={labels}>
      {returned && <QuestionCard request={request} t={t} />}
      {missing.length > 0 && <Missing id={request.id} steps={missing} t={t} />}
      <Summary view={view} request={request} whom={whom} />
      {missing.length === 0 && (
        <PostForm action={stepPath(request.id, 'check')}>
          <IdempotencyField value={newId()} />
          {returned ? <Answer shown={shown} /> : <Submission t={t} request={request} />}
        </PostForm>
      )}
      <Buttons>
        <ButtonLink href="/" variant="quiet">
          {t(`filing:${words}.later`)}
        </ButtonLink>
      </Buttons>
      <GiveUp t={t} request={request} />
    </StepPage>,
  );
}

type T = View['t'];

const missingSteps = ({ lines, reason }: GrantRequestView): ('lines' | 'reason')[] => [
  ...(lines.length === 0 ? (['lines'] as const) : []),
  ...(reason ? [] : (['reason'] as const)),
];

const Missing = ({ id, steps, t }: { id: string; steps: ('lines' | 'reason')[]; t: T }) => (
  <Note tone="warn">
    <p>{t('filing:check.missing')}</p>
    {steps.map((step) => (
      <p key={step}>
        <a id={step} href={stepPath(id, step, true)}>
          {t(step === 'lines' ? 'filing:check.missingLines' : 'filing:check.missingReason')}
        </a>
      </p>
    ))}
  </Note>
);

function QuestionCard({ request, t }: { request: GrantRequestView; t: T }) {
  const question = request.history.findLast(({ verb }) => verb === 'return')?.comment;
  return (
    <Card title={t('filing:answer.question')} accent="lamp">
      <p class="lines">{t('filing:answer.quoted', { question: question ?? '' })}</p>
    </Card>
  );
}

/** Everything that was written, each part with the way to change it. */
function Summary({ view, request, whom }: { view: View; request: GrantRequestView; whom: Whom }) {
  const { t } = view;
  const { id, lines, requestedAmount, reason } = request;
  return (
    <>
      <Card title={t('filing:check.whom')}>
        <p>
          {whom
            ? t('filing:check.person', { name: peopleText(view, whom.people), code: whom.code })
            : t('filing:who.activity')}
        </p>
      </Card>
      <Part t={t} id={id} step="urgency">
        <p>{t(`common:urgency.${request.urgency}`)}</p>
      </Part>
      <Part t={t} id={id} step="lines">
        <Rows
          items={[
            ...lines.map((line) => ({
              title: line.item,
              detail: lineDetail(view, line),
              side: <b class="one-line">{yen(line.amount)}</b>,
            })),
            { title: t('filing:lines.total'), side: <b class="large">{yen(requestedAmount)}</b> },
          ]}
        />
      </Part>
      {lines.length > 0 && (
        <Part t={t} id={id} step="payee">
          <Facts
            items={lines.map(({ item, payee }) => ({
              label: item,
              value: payee.vendorName ?? t(`filing:payee.${payee.type}`),
            }))}
          />
        </Part>
      )}
      <Part t={t} id={id} step="reason">
        <p class="lines">{reason ?? '—'}</p>
        <AttachmentList view={view} grant={request} />
        {request.attachments.length === 0 && <p class="soft">{t('filing:check.noFiles')}</p>}
      </Part>
    </>
  );
}

interface PartProps {
  t: T;
  id: string;
  step: Exclude<DraftStep, 'check'>;
  children: ComponentChildren;
}

/** What one step holds, and the way back to it. */
const Part = ({ t, id, step, children }: PartProps) => (
  <Card
    title={t(`filing:check.${step}`)}
    action={
      <ButtonLink
        href={stepPath(id, step, true)}
        variant="quiet"
        attributes={{ 'aria-label': t('filing:check.editPart', { part: t(`filing:check.${step}`) }) }}
      >
        {t('common:action.edit')}
      </ButtonLink>
    }
  >
    {children}
  </Card>
);

/** `住居・¥6,500 × 5・12/16–12/20・12月17日（火）に立替`. */
function lineDetail(view: View, line: LineView): string {
  const { t, language, today } = view;
  const { category, quantity, unitPrice, periodFrom, periodTo, spentOn } = line;
  const begin = periodFrom ?? periodTo;
  return [
    category && t(`common:categories.${category}`),
    quantity > 1 && `${yen(unitPrice)} × ${number(quantity)}`,
    begin && rangeText(begin, periodTo ?? begin, view),
    spentOn && t('filing:check.paidOn', { day: dayText(spentOn, language, today) }),
  ]
    .filter(Boolean)
    .join(t('common:part.dot'));
}

/** What happens next, and the button that lets it. */
const Submission = ({ t, request }: { t: T; request: GrantRequestView }) => (
  <>
    <Card title={t('filing:check.nextTitle')}>
      <Life
        t={t}
        items={[
          { done: false, what: t('filing:check.nextCheck'), detail: t('filing:check.nextCheckDetail') },
          { done: false, what: t('filing:check.nextDecide') },
          { done: false, what: t('filing:check.nextPay') },
        ]}
      />
    </Card>
    <SubmitButton>{t('filing:check.submit', { amount: yen(request.requestedAmount) })}</SubmitButton>
  </>
);

const Answer = ({ shown: { view, form } }: { shown: ShownStep }) => (
  <>
    <Card>
      <TextArea
        {...{ t: view.t, form, name: 'comment', required: true }}
        label={view.t('filing:answer.comment')}
        help={view.t('filing:answer.help')}
      />
    </Card>
    <SubmitButton>{view.t('filing:answer.send')}</SubmitButton>
  </>
);

// Two touches apart, as it cannot be undone.
function GiveUp({ t, request }: { t: T; request: GrantRequestView }) {
  const word = request.status === 'draft' ? 'discard' : 'withdraw';
  return (
    <details>
      <summary>{t(`filing:${word}.title`)}</summary>
      <p>{t(`filing:${word}.help`)}</p>
      <PostForm action={`/requests/${request.id}/withdraw`}>
        <IdempotencyField value={newId()} />
        <SubmitButton variant="stop">{t(`filing:${word}.button`)}</SubmitButton>
      </PostForm>
    </details>
  );
}
