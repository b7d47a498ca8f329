import { newId } from '../kernel/ids.js';
import {
  DayField,
  ErrorSummary,
  IdempotencyField,
  MoneyField,
  PostForm,
  SubmitButton,
  TextArea,
  TextField,
} from '../web/forms.js';
import { Day, yen } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Facts, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { ContributionView } from './contributions.dto.js';
import type { ShownForm } from './fund-forms.js';
import { ContributionTag } from './fund-history.js';

interface ContributionPageProps {
  contribution: ContributionView;
  fundName: string;
  /** Which of the two forms was sent, if one was. */
  sent?: 'receipt' | 'correction';
  form: ShownForm;
  /** The actor may change it, and its fund is open. */
  mayChange: boolean;
}

/** One contribution: what it says, and the forms to receive what was promised and to say right what is wrong. */
export function contributionPage(view: View, props: ContributionPageProps): string {
  const { t } = view;
  const { contribution, fundName, form, mayChange } = props;
  const { id, fundId, status, source, outstanding, correctsId } = contribution;
  const labels = Object.fromEntries(
    [...RECEIPT.map((name) => `receipt.${name}`), ...CORRECTION.map((name) => `correction.${name}`)].map(
      (path) => [path, t(`funds:${path}`)],
    ),
  );
  return renderPage(
    <Page
      view={view}
      title={source}
      lead={fundName}
      tags={<ContributionTag view={view} of={contribution} />}
      back={{ href: `/funds/${fundId}`, label: fundName }}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labels} />
      {form.refusal && <Note tone="warn">{form.refusal}</Note>}
      <Card>
        <Facts items={factsOf(view, contribution)} />
        {correctsId && (
          <p>
            <a href={`/contributions/${correctsId}`}>{t('funds:contributions.before')}</a>
          </p>
        )}
      </Card>
      {mayChange && status === 'promised' && outstanding > 0 && (
        <ReceiptForm {...props} view={view} id={id} />
      )}
      {mayChange && status !== 'corrected' && <CorrectionForm {...props} view={view} id={id} />}
    </Page>,
  );
}

const RECEIPT = ['amount', 'receivedOn'];
const CORRECTION = ['amount', 'receivedOn', 'expectedOn', 'source', 'reference', 'reason'];

function factsOf(view: View, of: ContributionView) {
  const { t } = view;
  const facts = {
    amount: yen(of.amount),
    outstanding: of.status === 'promised' && yen(of.outstanding),
    receivedOn: of.receivedOn && <Day day={of.receivedOn} view={view} />,
    expectedOn: of.expectedOn && <Day day={of.expectedOn} view={view} />,
    source: of.source,
    reference: of.reference,
  };
  return Object.entries(facts)
    .filter(([, value]) => value)
    .map(([name, value]) => ({ label: t(`funds:contributions.facts.${name}`), value }));
}

type FormProps = ContributionPageProps & { view: View; id: string };

const fieldsOf =
  ({ view: { t }, form }: FormProps, name: 'receipt' | 'correction', values: Record<string, unknown>) =>
  (field: string) => ({
    t,
    form: { ...form, values: { ...values, ...form.values } },
    name: `${name}.${field}`,
    label: t(`funds:${name}.${field}`),
  });

function ReceiptForm(props: FormProps) {
  const { view, id, contribution } = props;
  const { t } = view;
  const { outstanding } = contribution;
  const values = { 'receipt.amount': outstanding, 'receipt.receivedOn': view.today };
  const field = fieldsOf(props, 'receipt', values);
  return (
    <Card title={t('funds:receipt.title')} accent="leaf">
      <PostForm action={`/contributions/${id}/receive`}>
        <IdempotencyField value={newId()} />
        <MoneyField
          {...field('amount')}
          help={t('funds:receipt.amountHelp', { amount: yen(outstanding) })}
          required
        />
        <DayField {...field('receivedOn')} required />
        <SubmitButton>{t('funds:receipt.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}

function CorrectionForm(props: FormProps) {
  const { view, id, contribution, sent } = props;
  const { t } = view;
  const { amount, source, reference, receivedOn, expectedOn, transferId } = contribution;
  const day = transferId ? 'receivedOn' : 'expectedOn';
  const field = fieldsOf(props, 'correction', {
    'correction.amount': amount,
    [`correction.${day}`]: receivedOn ?? expectedOn,
    'correction.source': source,
    'correction.reference': reference,
  });
  return (
    <Card>
      <details class="fold" open={sent === 'correction'}>
        <summary>{t('funds:correction.title')}</summary>
        <p class="help">{t('funds:correction.help')}</p>
        <PostForm action={`/contributions/${id}/correct`}>
          <IdempotencyField value={newId()} />
          <MoneyField {...field('amount')} help={t('funds:correction.amountHelp')} required />
          <DayField {...field(day)} />
          <TextField {...field('source')} />
          <TextField {...field('reference')} />
          <TextArea {...field('reason')} help={t('funds:correction.reasonHelp')} rows={2} required />
          <SubmitButton variant="ghost">{t('funds:correction.button')}</SubmitButton>
        </PostForm>
      </details>
    </Card>
  );
}
