import { newId } from '../kernel/ids.js';
import {
  DayField,
  IdempotencyField,
  MoneyField,
  PostForm,
  SubmitButton,
  TextArea,
  type FormState,
} from '../web/forms.js';
import { Day, yen } from '../web/format.js';
import { Card, Rows, Tag } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { Attempt, CameBack } from './disbursements.queries.js';

const backText = ({ t }: View, { kind, amount }: CameBack): string =>
  t(`disbursements:came.${kind}`, { amount: yen(amount) });

function AttemptText({ view, attempt }: { view: View; attempt: Attempt }) {
  const { t } = view;
  return (
    <>
      <b>{yen(attempt.amount)}</b>
      {t('common:part.gap')}
      <Day day={attempt.paidOn} view={view} />
      {t('common:part.dot')}
      {t(`disbursements:methods.${attempt.method}`)}
    </>
  );
}

/** What was paid so far, and what came back of it with its reason. */
export function Attempts({ view, attempts }: { view: View; attempts: Attempt[] }) {
  const { t } = view;
  return (
    <Card title={t('disbursements:attempts')}>
      <Rows
        items={attempts.map((attempt) => ({
          title: <AttemptText view={view} attempt={attempt} />,
          detail: attempt.returns.map((back, index) => (
            <span key={index} class="lines">
              {index > 0 && <br />}
              <Day day={back.happenedOn} view={view} /> {backText(view, back)}
              {back.reason && t('disbursements:because', { reason: back.reason })}
            </span>
          )),
          side: (
            <Tag tone={attempt.status === 'paid' ? 'ok' : 'stop'}>
              {t(`disbursements:attemptStatuses.${attempt.status}`)}
            </Tag>
          ),
        }))}
      />
    </Card>
  );
}

interface FormsProps {
  view: View;
  awardId: string;
  attempt: Attempt;
  left: number;
  form: FormState;
}

/** Whether this form was sent, so that it is shown open again. */
const wasSent = ({ values }: FormState, name: string): boolean => values[name] !== undefined;

/** Two ways in which money comes back. Seldom needed, so they open on demand. */
export function ReturnForms({ view, awardId, attempt, left, form }: FormsProps) {
  const { t, today } = view;
  const action = `/payments/${awardId}/${attempt.id}`;
  const shown = { ...form, values: { receivedOn: today, ...form.values } };
  const common = { t, form: shown, required: true };
  return (
    <Card title={t('disbursements:came.title')}>
      <details open={wasSent(form, 'receivedOn')}>
        <summary>{t('disbursements:came.refundOpen')}</summary>
        <PostForm action={`${action}/refund`}>
          <p>{t('disbursements:came.refundLead')}</p>
          <IdempotencyField value={newId()} />
          <MoneyField
            {...common}
            name="amount"
            label={t('disbursements:came.amount')}
            help={t('disbursements:came.amountHelp', { amount: yen(left) })}
          />
          <DayField {...common} name="receivedOn" label={t('disbursements:came.receivedOn')} />
          <TextArea {...common} name="reason" label={t('disbursements:came.reason')} rows={2} />
          <SubmitButton variant="ghost">{t('disbursements:came.refundButton')}</SubmitButton>
        </PostForm>
      </details>
      {attempt.returns.length === 0 && (
        <details open={wasSent(form, 'bounceReason')}>
          <summary>{t('disbursements:came.bounceOpen')}</summary>
          <PostForm action={`${action}/bounce`}>
            <p>{t('disbursements:came.bounceLead', { amount: yen(attempt.amount) })}</p>
            <IdempotencyField value={newId()} />
            <TextArea {...common} name="bounceReason" label={t('disbursements:came.reason')} rows={2} />
            <SubmitButton variant="stop">{t('disbursements:came.bounceButton')}</SubmitButton>
          </PostForm>
        </details>
      )}
    </Card>
  );
}

/** The names of these forms' fields, for the summary of what is wrong. */
export const returnLabels = ({ t }: View): Record<string, string> => ({
  amount: t('disbursements:came.amount'),
  receivedOn: t('disbursements:came.receivedOn'),
  reason: t('disbursements:came.reason'),
  bounceReason: t('disbursements:came.reason'),
});
