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
import { Effects } from './decide.effects.js';
import { choicesOf, totalOf, type LineChoice } from './decide-form.js';
import type { GrantRequestView, LineView } from './grants.views.js';
import { History } from './request-history.js';
import { About, AttachmentList, Lead, lineColumns, Tags, titleOf } from './request-parts.js';
import { Refusal } from './request.page.js';

export interface DecidePage {
  view: View;
  grant: GrantRequestView;
  beside: BesideRequest;
  budgets: Budgets;
  /** Why this reader may not act on it, as the code of an error; null when they may. */
  barred: string | null;
  mayReview: boolean;
  mayApprove: boolean;
  form: FormState;
  /** Why what was asked for last could not be done. */
  refusal?: string;
  key: string;
}

type Deciding = DecidePage & { choices: LineChoice[] };

/** Everything for one decision in one screen: the consequence stands beside the button. */
export function decidePage(page: DecidePage): string {
  const { view, grant, beside, budgets, form } = page;
  const { t } = view;
  const deciding: Deciding = { ...page, choices: choicesOf(grant.lines, budgets, form.values) };
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
        <Columns side={<Decision {...deciding} />}>
          <Card id="lines" title={t('grants:lines')}>
            <Lines {...deciding} />
            <AttachmentList view={view} grant={grant} />
          </Card>
          <About view={view} grant={grant} household={beside.household} />
          <History view={view} grant={grant} />
        </Columns>
      </PostForm>
    </Page>,
  );
}

const labelsOf = ({ t }: View): Record<string, string> => ({
  comment: t('grants:comment'),
  'lines.*.amount': t('grants:toApprove'),
  'lines.*.budgetLineId': t('grants:budget'),
});

const previewOf = ({ id }: GrantRequestView): string => `/requests/${id}/preview`;

function Lines({ view, grant, form, choices, mayApprove }: Deciding) {
  const { t } = view;
  const toApprove: Column<LineView> = {
    head: t('grants:toApprove'),
    numeric: true,
    cell: (line, index) => (
      <>
        <HiddenField name={`lines.${index}.lineId`} value={line.id} />
        <MoneyField
          t={t}
          form={withAsked(form, index, line)}
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

/** Until somebody types another amount, a line is approved as asked. */
const withAsked = (form: FormState, index: number, line: LineView): FormState => ({
  ...form,
  values: { [`lines.${index}.amount`]: line.amount, ...form.values },
});

function Decision(page: Deciding) {
  const { view, barred } = page;
  const { t } = view;
  return (
    <Card title={t(page.mayReview ? 'grants:happened.review' : 'grants:decision')} accent="leaf">
      {barred ? (
        <Note tone="warn">{t(`errors:${barred}`)}</Note>
      ) : (
        <>
          <Effects {...page} preview={page.mayApprove ? previewOf(page.grant) : null} />
          <Note>{t(`grants:policy.${stepOf(page)}`)}</Note>
          <TextArea t={t} form={page.form} name="comment" rows={2} label={t('grants:comment')} />
          <Actions {...page} />
        </>
      )}
    </Card>
  );
}

/** What the form does by itself at each step. */
const VERBS = { review: 'review', approve: 'approve', await: 'return' };

function stepOf({ mayReview, mayApprove }: DecidePage): keyof typeof VERBS {
  if (mayReview) return 'review';
  return mayApprove ? 'approve' : 'await';
}

function Actions(page: Deciding) {
  const { view, grant, mayReview, mayApprove, choices } = page;
  const { t } = view;
  const to = (verb: string): string => `/requests/${grant.id}/${verb}`;
  const total = totalOf(choices);
  return (
    <Buttons>
      {mayReview && <SubmitButton>{t('grants:startReview')}</SubmitButton>}
      {mayApprove && (
        <SubmitButton name="approving" value={String(total)} amountLabel={t('grants:approveLabel')}>
          {t('grants:approve', { amount: yen(total) })}
        </SubmitButton>
      )}
      {!mayReview && (
        <Buttons beside>
          <SubmitButton variant="ghost" action={to('return')}>
            {t('grants:askBack')}
          </SubmitButton>
          {mayApprove && (
            <SubmitButton variant="plain" action={to('decline')}>
              {t('grants:decline')}
            </SubmitButton>
          )}
        </Buttons>
      )}
      {page.beside.duty === null && (
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
