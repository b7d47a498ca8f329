import { dayText, yen } from '../web/format.js';
import { IdempotencyField, PostForm, SubmitButton, TextArea, type FormState } from '../web/forms.js';
import { Buttons, Card, Tag } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { BesideRequest } from './beside-request.queries.js';
import type { Unconfirmed } from './grants.queries.js';
import type { GrantRequestView } from './grants.views.js';
import { requestRow } from './request-parts.js';

interface ConfirmationProps {
  view: View;
  grant: GrantRequestView;
  beside: BesideRequest;
  /** Why this reader may not confirm it, as the code of an error; null when they may. */
  barredToConfirm: string | null;
  form: FormState;
  key: string;
}

/** What one approved because it could not wait: a second approver looks at it, and the others see until when. */
export function Confirmation({ view, grant, beside, form, key, barredToConfirm }: ConfirmationProps) {
  const { t } = view;
  const { unconfirmed } = beside;
  if (!unconfirmed) return null;
  const { own, approvedBy, confirmBy } = unconfirmed;
  const facts = {
    by: approvedBy ?? t('common:roles.approver'),
    day: dayText(confirmBy, view.language, view.today),
    amount: yen(grant.approvedAmount),
  };
  const asked = !own && barredToConfirm === null;
  const late = confirmBy < view.today;
  return (
    <Card title={t('decide:confirm.title')} accent={late || asked ? 'lamp' : 'sky'}>
      <p>
        {late && <Tag tone="urgent">{t('decide:confirm.late')}</Tag>}{' '}
        {t(`decide:confirm.${own ? 'own' : asked ? 'asked' : 'others'}`, facts)}
      </p>
      {asked && (
        <PostForm action={`/requests/${grant.id}/confirm`}>
          <IdempotencyField value={key} />
          <TextArea t={t} form={form} name="comment" rows={2} label={t('decide:confirm.words')} />
          <Buttons>
            <SubmitButton name="outcome" value="confirmed">
              {t('decide:confirm.button')}
            </SubmitButton>
            <SubmitButton variant="plain" name="outcome" value="objected">
              {t('decide:confirm.object')}
            </SubmitButton>
          </Buttons>
        </PostForm>
      )}
      {!own && barredToConfirm?.startsWith('duty.') && <p class="help">{t(`errors:${barredToConfirm}`)}</p>}
    </Card>
  );
}

/** An urgent approval that waits for a second approver, with the day by which it should be looked at. */
export function unconfirmedRow(view: View, request: Unconfirmed) {
  const { t, today, language } = view;
  const { approvedAmount, approvedBy, confirmBy, own, objected, organisationName } = request;
  const by = approvedBy ?? t('common:roles.approver');
  const day = dayText(confirmBy, language, today);
  const late = confirmBy < today;
  return {
    title: (
      <>
        {requestRow(view, request).title} {yen(approvedAmount)}
      </>
    ),
    detail: (
      <>
        {organisationName}
        {t('common:part.dot')}
        {t(own ? 'decide:confirm.byYou' : 'decide:confirm.by', { by })}
      </>
    ),
    side: objected ? (
      <Tag tone="urgent">{t('decide:confirm.objected')}</Tag>
    ) : (
      <Tag tone={late ? 'urgent' : 'wait'}>
        {t(late ? 'decide:confirm.wasDue' : 'decide:confirm.due', { day })}
      </Tag>
    ),
  };
}
