import { sumYen } from '../kernel/money.js';
import { canMove } from '../kernel/transitions.js';
import { yen } from '../web/format.js';
import {
  ErrorSummary,
  IdempotencyField,
  PostForm,
  SubmitButton,
  TextArea,
  type FormState,
} from '../web/forms.js';
import { SimilarCard } from '../people/index.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Columns, Note, StatusTag, Table, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { BesideRequest } from './beside-request.queries.js';
import { REQUEST_TRANSITIONS, type RequestStatus } from './grant-request.states.js';
import type { GrantRequestView, LineView } from './grants.views.js';
import { Confirmation } from './request-confirm.js';
import type { HintView } from './hint.queries.js';
import { HintCard } from './request-hint.js';
import { History } from './request-history.js';
import { About, AttachmentList, Lead, lineColumns, Tags, titleOf } from './request-parts.js';

/** As what somebody reads a request. */
export type Reading = 'own' | 'deciding' | 'paying';

export interface RequestPage {
  view: View;
  grant: GrantRequestView;
  beside: BesideRequest;
  reading: Reading;
  /** Whether this reader may take unpaid awards back. */
  mayRelease: boolean;
  /** Why this reader may not confirm an urgent approval, as the code of an error; null when they may. */
  barredToConfirm: string | null;
  /** Whether this reader may open the people's own pages. */
  opensPeople: boolean;
  /** The hint that was asked for just now: null when there was nothing similar. */
  hint?: HintView | null;
  form: FormState;
  /** Why what was asked for last could not be done. */
  refusal?: string;
  /** A key for each form of the page. */
  key: string;
}

/** A request to be read, with what its reader can do next. */
export function requestPage(page: RequestPage): string {
  const { view, grant, beside, form } = page;
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={titleOf(view, grant)}
      lead={<Lead view={view} grant={grant} />}
      tags={<Tags view={view} request={grant} staff={page.reading !== 'own'} />}
      errors={form.errors}
      back={{ href: '/requests', label: t(`grants:list.${page.reading}.back`) }}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      <Refusal text={page.refusal} />
      <Confirmation {...page} />
      <Next {...page} />
      <Columns
        side={
          <>
            <History view={view} grant={grant} />
            <Regret {...page} />
          </>
        }
      >
        <Card title={t('grants:lines')}>
          <Lines view={view} grant={grant} beside={beside} />
          <AttachmentList view={view} grant={grant} />
        </Card>
        <About view={view} grant={grant} beside={beside} open={page.opensPeople} />
        <SimilarCard view={view} counts={beside.similar} />
        {page.reading === 'own' && <HintCard view={view} grant={grant} hint={page.hint} />}
      </Columns>
    </Page>,
  );
}

const labelsOf = ({ t }: View): Record<string, string> => ({
  reason: t('grants:release.words'),
  comment: t('decide:confirm.words'),
});

/** What the last button could not do; read out and shown first. */
export const Refusal = ({ text }: { text?: string }) =>
  text ? (
    <div role="alert" tabIndex={-1} data-focus>
      <Note tone="warn">{text}</Note>
    </div>
  ) : null;

/** What happens next, and the button when it is the reader's turn. */
function Next({ view, grant, reading }: RequestPage) {
  const { t } = view;
  const { status, id } = grant;
  const sentence = t(`grants:next.${reading}.${status}`);
  if (reading === 'own' && status === 'returned') {
    const question = grant.history.findLast(({ verb }) => verb === 'return')?.comment;
    return (
      <Card accent="lamp">
        <p>
          <StatusTag t={t} status={status} />
        </p>
        <p>{question ? t('grants:quoted', { text: question }) : sentence}</p>
        <ButtonLink href={`/requests/${id}/edit/check`}>{t('grants:answer')}</ButtonLink>
      </Card>
    );
  }
  if (reading === 'own' && status === 'draft') {
    return (
      <Card accent="sky">
        <p>{sentence}</p>
        <ButtonLink href={`/requests/${id}/edit`}>{t('common:action.continue')}</ButtonLink>
      </Card>
    );
  }
  if (reading === 'paying' && status === 'approved') {
    return (
      <Card accent="sky">
        <p>{sentence}</p>
        <ButtonLink href="/payments">{t('grants:toPayments')}</ButtonLink>
      </Card>
    );
  }
  return <Note>{sentence}</Note>;
}

const DECIDED: readonly RequestStatus[] = ['approved', 'scheduled', 'paid', 'settled'];

function Lines({ view, grant, beside }: Pick<RequestPage, 'view' | 'grant' | 'beside'>) {
  const { t } = view;
  const decided = DECIDED.includes(grant.status);
  const columns = decided ? [...lineColumns(view), awardsColumn(view, beside)] : lineColumns(view);
  const sums = [yen(grant.requestedAmount), ...(decided ? [yen(grant.approvedAmount)] : [])];
  return (
    <Table
      caption={t('grants:lines')}
      captionHidden
      columns={columns}
      rows={grant.lines}
      footer={{ label: t('common:part.total'), cells: sums }}
      phone="cards"
    />
  );
}

/** What was approved of each line, from which fund, and how far its payment is. */
const awardsColumn = ({ t }: View, { fundNames }: BesideRequest): Column<LineView> => ({
  head: t('grants:approved'),
  numeric: true,
  cell: ({ awards }) => {
    const living = awards.filter(({ status }) => status !== 'released');
    return living.length === 0
      ? t('grants:nothingApproved')
      : living.map(({ id, amount, status, budgetLineId }) => (
          <div key={id}>
            {yen(amount)} <StatusTag t={t} status={status} />
            {fundNames.has(budgetLineId) && <small>{fundNames.get(budgetLineId)}</small>}
          </div>
        ));
  },
});

/** Taking a request back, or an approval: rarely needed, so folded away, with a second step. */
function Regret(page: RequestPage) {
  const { grant, reading, mayRelease } = page;
  if (mayRelease) return <Fold page={page} verb="release" field="reason" required />;
  if (reading === 'own' && canMove(REQUEST_TRANSITIONS, 'withdraw', grant.status)) {
    return <Fold page={page} verb="withdraw" field="comment" />;
  }
  return null;
}

/** What taking the approval back would set free: awards that are neither paid nor taken back. */
const unpaid = ({ lines }: GrantRequestView): number =>
  sumYen(
    lines
      .flatMap(({ awards }) => awards)
      .filter(({ status }) => status === 'approved')
      .map(({ amount }) => amount),
  );

interface FoldProps {
  page: RequestPage;
  verb: 'release' | 'withdraw';
  field: string;
  required?: boolean;
}

function Fold({ page: { view, grant, form, key }, verb, field, required }: FoldProps) {
  const { t } = view;
  const wrong = form.errors.some(({ path }) => path === field);
  return (
    <Card>
      <details open={wrong}>
        <summary>{t(`grants:${verb}.open`)}</summary>
        <PostForm action={`/requests/${grant.id}/${verb}`}>
          <p>{t(`grants:${verb}.lead`)}</p>
          <IdempotencyField value={key} />
          <TextArea
            t={t}
            form={form}
            name={field}
            rows={2}
            required={required}
            label={t(`grants:${verb}.words`)}
          />
          <SubmitButton variant="stop">
            {t(`grants:${verb}.button`, { amount: yen(unpaid(grant)) })}
          </SubmitButton>
        </PostForm>
      </details>
    </Card>
  );
}
