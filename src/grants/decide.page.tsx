import { may } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { SimilarCard } from '../people/index.js';
import { yen } from '../web/format.js';
import {
  buttonClass,
  ErrorSummary,
  HiddenField,
  IdempotencyField,
  MoneyField,
  PostForm,
  SubmitButton,
  TextArea,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { Buttons, Card, Columns, Note, Table, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { BesideRequest, Budgets } from './beside-request.queries.js';
import { sameSet } from './approval-policy.js';
import { Effects } from './decide.effects.js';
import { Approving } from './decide.approving.js';
import { Policy } from './decide.policy.js';
import { Caps, RepeatsCard, RepeatsNote } from './decide.warnings.js';
import { setOf, totalOf, type LineChoice } from './decide-form.js';
import type { DecisionView } from './decision.views.js';
import type { GrantRequestView, LineView } from './grants.views.js';
import { History } from './request-history.js';
import { About, AttachmentList, Lead, lineColumns, Tags, titleOf } from './request-parts.js';
import { Refusal } from './request.page.js';

export interface DecidePage {
  actor: Actor;
  view: View;
  grant: GrantRequestView;
  beside: BesideRequest;
  budgets: Budgets;
  /** What the form says so far. */
  choices: LineChoice[];
  /** What that comes to under the policy. */
  decision: DecisionView;
  /** Why this reader may not act on it, as the code of an error; null when they may. */
  barred: string | null;
  mayReview: boolean;
  mayReturn: boolean;
  mayApprove: boolean;
  form: FormState;
  /** Why what was asked for last could not be done. */
  refusal?: string;
  key: string;
}

/** Everything for one decision in one screen: the consequence stands beside the button. */
export function decidePage(page: DecidePage): string {
  const { view, grant, beside, form } = page;
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={titleOf(view, grant)}
      lead={<Lead view={view} grant={grant} />}
      tags={<Tags view={view} request={grant} />}
      errors={form.errors}
      back={{ href: '/requests', label: t('grants:toWaiting') }}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      <Refusal text={page.refusal} />
      <PostForm action={`/requests/${grant.id}/${VERBS[stepOf(page)]}`}>
        <IdempotencyField value={page.key} />
        <Columns side={<Decision {...page} />}>
          <Card id="lines" title={t('grants:lines')}>
            <Lines {...page} />
            <AttachmentList view={view} grant={grant} />
          </Card>
          <About view={view} grant={grant} beside={beside} open={may(page.actor, 'people.read')} />
          <SimilarCard view={view} counts={beside.similar} />
          <RepeatsCard view={view} repeats={page.decision.repeats} open={opensOthers(page.actor)} />
          <History view={view} grant={grant} />
        </Columns>
      </PostForm>
    </Page>,
  );
}

const labelsOf = ({ t }: View): Record<string, string> => ({
  comment: t('grants:comment'),
  overrideReason: t('decide:caps.reason'),
  'lines.*.amount': t('grants:toApprove'),
  'lines.*.budgetLineId': t('grants:budget'),
  'lines.*.parts.*.amount': t('decide:split.label'),
  'lines.*.parts.*.budgetLineId': t('decide:split.label'),
});

/** A board member sees only what the board was asked to decide. */
const opensOthers = (actor: Actor): boolean => may(actor, 'requests.review');

const previewOf = ({ id }: GrantRequestView): string => `/requests/${id}/preview`;

function Lines({ view, grant, form, choices, mayApprove }: DecidePage) {
  const { t } = view;
  const toApprove: Column<LineView> = {
    head: t('grants:toApprove'),
    numeric: true,
    cell: (line, index) => (
      <>
        <HiddenField name={`lines.${index}.lineId`} value={line.id} />
        <MoneyField
          t={t}
          form={{ ...form, values: { [`lines.${index}.amount`]: choices[index]!.typed } }}
          name={`lines.${index}.amount`}
          hideLabel
          label={t('grants:toApproveOf', { item: line.item })}
        />
      </>
    ),
  };
  return (
    <>
      <Table
        caption={t('grants:lines')}
        captionHidden
        columns={mayApprove ? [...lineColumns(view), toApprove] : lineColumns(view)}
        rows={grant.lines}
        footer={{
          label: t('common:part.total'),
          cells: [
            yen(grant.requestedAmount),
            ...(mayApprove ? [<span data-total="amount">{yen(totalOf(choices))}</span>] : []),
          ],
        }}
        phone="cards"
      />
      {/* The first button of the form, so that Enter in an amount shows the consequence and decides nothing. */}
      {mayApprove && (
        <Buttons>
          <SubmitButton variant="plain" action={previewOf(grant)}>
            {t('grants:preview')}
          </SubmitButton>
        </Buttons>
      )}
    </>
  );
}

function Decision(page: DecidePage) {
  const { view, barred, grant, mayReview, mayApprove } = page;
  const { t } = view;
  return (
    <Card title={t(mayReview ? 'grants:happened.review' : 'grants:decision')} accent="leaf">
      {barred ? (
        <Note tone="warn">{t(`errors:${barred}`)}</Note>
      ) : (
        <>
          <div id="effects" aria-live="polite" {...(mayApprove ? following(previewOf(grant)) : {})}>
            <Weighed {...page} />
          </div>
          <OtherWays {...page} />
        </>
      )}
    </Card>
  );
}

/** With script it follows each change by itself, and leaves alone what is being typed. */
const following = (preview: string) => ({
  'hx-post': preview,
  'hx-trigger': 'change from:"closest form"',
  'hx-select': '#effects',
  'hx-swap': 'outerMorph',
  'hx-sync': 'this:replace',
});

/** All that hangs on what the form says, up to the button that decides. */
function Weighed(page: DecidePage) {
  const { actor, view, grant, budgets, choices, decision, form, mayApprove } = page;
  const { t } = view;
  const { approved, rules } = budgets;
  const same = approved !== null && sameSet(setOf(choices), approved);
  const excused = same && decision.approvals.some(({ overrides }) => overrides);
  const open = opensOthers(actor);
  const step = stepOf(page);
  return (
    <>
      <Effects {...page} toChoose={mayApprove} />
      <RepeatsNote view={view} repeats={decision.repeats} />
      <Caps view={view} form={form} decision={decision} excused={excused} toChoose={mayApprove} />
      <Policy {...{ view, grant, decision, rules, open }} changed={approved !== null && !same} />
      {step !== 'approve' && <Note>{t(`decide:step.${step}`)}</Note>}
      <TextArea t={t} form={form} name="comment" rows={2} label={t('grants:comment')} />
      {mayApprove && <Approving {...page} rules={rules} />}
    </>
  );
}

/** What the form does by itself at each step. */
const VERBS = { review: 'review', approve: 'approve', await: 'return' };

function stepOf({ mayReview, mayApprove }: DecidePage): keyof typeof VERBS {
  if (mayReview) return 'review';
  return mayApprove ? 'approve' : 'await';
}

function OtherWays({ actor, view, grant, beside, mayReview, mayReturn, mayApprove }: DecidePage) {
  const { t } = view;
  const to = (verb: string): string => `/requests/${grant.id}/${verb}`;
  return (
    <Buttons>
      {mayReview && <SubmitButton>{t('grants:startReview')}</SubmitButton>}
      <Buttons beside>
        {mayReturn && (
          <SubmitButton variant="ghost" action={to('return')}>
            {t('grants:askBack')}
          </SubmitButton>
        )}
        {mayApprove && (
          <SubmitButton variant="plain" action={to('decline')}>
            {t('grants:decline')}
          </SubmitButton>
        )}
      </Buttons>
      {beside.duty === null && may(actor, 'requests.recuse') && (
        <details>
          <summary class={buttonClass('quiet')}>{t('grants:recuse.open')}</summary>
          <p class="help">{t('grants:recuse.lead')}</p>
          <SubmitButton variant="stop" action={to('recuse')}>
            {t('grants:recuse.button')}
          </SubmitButton>
        </details>
      )}
    </Buttons>
  );
}
