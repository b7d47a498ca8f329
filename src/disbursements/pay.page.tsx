import { dayText, rangeText, yen } from '../web/format.js';
import {
  DayField,
  ErrorSummary,
  IdempotencyField,
  MoneyField,
  PostForm,
  RadioField,
  SubmitButton,
  TextField,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Columns, Facts, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import { METHODS } from './disbursement.entity.js';
import type { Attempt, Payable } from './disbursements.queries.js';
import { categoryText, payeeText } from './payments.page.js';
import { Attempts, ReturnForms, returnLabels } from './returns.forms.js';

interface ShownPayment {
  attempts: Attempt[];
  form: FormState;
  refusal?: string;
}

/** One payment to be recorded; once it is, what can come back of it. */
export function payPage(view: View, payable: Payable, { attempts, form, refusal }: ShownPayment): string {
  const { t } = view;
  const { awardId, requestNumber, paid, duty } = payable;
  const standing = attempts.find(({ status }) => status === 'paid');
  const left = paid ? paid.amount - paid.returned : 0;
  return renderPage(
    <Page
      view={view}
      title={t('disbursements:payTitle', { number: requestNumber })}
      errors={form.errors}
      back={{ href: '/payments', label: t('disbursements:back') }}
    >
      <ErrorSummary t={t} errors={form.errors} labels={standing ? returnLabels(view) : labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Columns
        side={
          <>
            <Recording view={view} payable={payable} form={form} />
            {standing && !duty && left > 0 && (
              <ReturnForms view={view} awardId={awardId} attempt={standing} left={left} form={form} />
            )}
          </>
        }
      >
        <What view={view} payable={payable} />
        {attempts.length > 0 && <Attempts view={view} attempts={attempts} />}
      </Columns>
    </Page>,
  );
}

interface PayableProps {
  view: View;
  payable: Payable;
}

function What({ view, payable }: PayableProps) {
  const { t, language, today } = view;
  const { item, amount, spentOn, fundName } = payable;
  const spent = spentOn
    ? [{ label: t('disbursements:spent'), value: dayText(spentOn, language, today) }]
    : [];
  return (
    <Card title={t('disbursements:what')}>
      <Facts
        items={[
          {
            label: t('disbursements:item'),
            value: categoryText(view, payable) + t('common:part.gap') + item,
          },
          { label: t('disbursements:payee'), value: payeeText(view, payable) },
          ...spent,
          { label: t('disbursements:fund'), value: fundName },
          { label: t('disbursements:amount'), value: <b>{yen(amount)}</b> },
        ]}
      />
    </Card>
  );
}

function Recording({ view, payable, form }: PayableProps & { form: FormState }) {
  const { t, language, today } = view;
  const { paid, duty } = payable;
  return (
    <Card
      title={t(paid ? 'disbursements:attemptStatuses.paid' : 'disbursements:record')}
      accent={paid ? undefined : 'leaf'}
    >
      {paid && (
        <Note>
          {t('disbursements:alreadyPaid', {
            day: dayText(paid.paidOn, language, today),
            amount: yen(paid.amount),
          })}
        </Note>
      )}
      {duty && <Note tone="warn">{t(`disbursements:noDuty.${duty}`)}</Note>}
      {!paid && !duty && <PayForm view={view} payable={payable} form={form} />}
    </Card>
  );
}

const labelsOf = ({ t }: View): Record<string, string> => ({
  amount: t('disbursements:paidAmount'),
  paidOn: t('disbursements:paidOn'),
  method: t('disbursements:method'),
  reference: t('disbursements:reference'),
});

function PayForm({ view, payable, form }: PayableProps & { form: FormState }) {
  const { t } = view;
  const { awardId, left, startsOn, endsOn } = payable;
  const common = { t, form };
  return (
    <PostForm action={`/payments/${awardId}`}>
      <p>{t('disbursements:recordLead')}</p>
      <IdempotencyField value={String(form.values.idempotencyKey)} />
      <MoneyField
        {...common}
        name="amount"
        required
        label={t('disbursements:paidAmount')}
        help={t('disbursements:paidAmountHelp', { amount: yen(left) })}
      />
      <DayField
        {...common}
        name="paidOn"
        required
        label={t('disbursements:paidOn')}
        help={t('disbursements:paidOnHelp', { period: rangeText(startsOn, endsOn, view) })}
      />
      <RadioField
        {...common}
        name="method"
        required
        label={t('disbursements:method')}
        options={METHODS.map((value) => ({ value, label: t(`disbursements:methods.${value}`) }))}
      />
      <TextField
        {...common}
        name="reference"
        label={t('disbursements:reference')}
        help={t('disbursements:referenceHelp')}
      />
      <SubmitButton>{t('disbursements:button')}</SubmitButton>
    </PostForm>
  );
}
