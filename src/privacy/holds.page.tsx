import { newId } from '../kernel/ids.js';
import type { Page as PageOfList } from '../platform/pages.js';
import {
  ErrorSummary,
  IdempotencyField,
  PostForm,
  SelectField,
  SubmitButton,
  TextField,
  type FormState,
} from '../web/forms.js';
import { Moment } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Empty, Note, Pager, Table } from '../web/parts.js';
import type { View } from '../web/view.js';
import { HOLD_REASONS, LIFT_REASONS, type HoldView } from './holds.dto.js';

export interface HoldsPage {
  holds: PageOfList<HoldView>;
  form: FormState;
  refusal?: string;
}

/** The holds that stand, each with its way out, and a form to place one. */
export function holdsPage(view: View, { holds, form, refusal }: HoldsPage): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('privacy:holds.title')}
      lead={t('privacy:holds.lead')}
      errors={form.errors}
      back={{ href: '/privacy', label: t('privacy:preview.title') }}
    >
      <ErrorSummary
        t={t}
        errors={form.errors}
        labels={{ code: t('privacy:code'), reason: t('privacy:holds.reason') }}
      />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card title={t('privacy:holds.standing')}>
        <Standing view={view} holds={holds.items} />
        <Pager t={t} next={holds.nextCursor && `/privacy/holds?cursor=${holds.nextCursor}`} />
      </Card>
      <Card title={t('privacy:holds.place')} accent="leaf">
        <PostForm action="/privacy/holds">
          <IdempotencyField value={newId()} />
          <TextField
            {...{ t, form, name: 'code', required: true }}
            label={t('privacy:code')}
            help={t('privacy:holds.codeHelp')}
          />
          <SelectField
            {...{ t, form, name: 'reason', required: true }}
            label={t('privacy:holds.reason')}
            empty={t('privacy:choose')}
            options={optionsOf(view, 'holdReasons', HOLD_REASONS)}
          />
          <SubmitButton>{t('privacy:holds.place')}</SubmitButton>
        </PostForm>
      </Card>
    </Page>,
  );
}

const optionsOf = ({ t }: View, words: string, codes: readonly string[]) =>
  codes.map((value) => ({ value, label: t(`privacy:${words}.${value}`) }));

function Standing({ view, holds }: { view: View; holds: HoldView[] }) {
  const { t } = view;
  if (holds.length === 0) return <Empty title={t('privacy:holds.none')} />;
  return (
    <Table
      caption={t('privacy:holds.standing')}
      captionHidden
      phone="cards"
      rows={holds}
      columns={[
        { head: t('privacy:code'), oneLine: true, cell: ({ code }) => code },
        { head: t('privacy:holds.reason'), cell: ({ reason }) => t(`privacy:holdReasons.${reason}`) },
        {
          head: t('privacy:holds.placed'),
          cell: ({ placedBy, placedAt }) => (
            <>
              {placedBy}
              {t('common:part.dot')}
              <Moment moment={new Date(placedAt)} view={view} />
            </>
          ),
        },
        { head: t('privacy:holds.lift'), cell: (hold) => <Lift view={view} hold={hold} /> },
      ]}
    />
  );
}

function Lift({ view, hold: { id, code } }: { view: View; hold: HoldView }) {
  const { t } = view;
  return LIFT_REASONS.map((reason) => (
    <PostForm key={reason} action={`/privacy/holds/${id}/lift`}>
      <IdempotencyField value={newId()} />
      <SubmitButton
        variant="plain"
        name="reason"
        value={reason}
        attributes={{ 'aria-label': t(`privacy:holds.liftAs.${reason}`, { code }) }}
      >
        {t(`privacy:liftReasons.${reason}`)}
      </SubmitButton>
    </PostForm>
  ));
}
