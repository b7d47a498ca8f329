import { newId } from '../kernel/ids.js';
import type { Page as PageOfList } from '../platform/pages.js';
import {
  ErrorSummary,
  IdempotencyField,
  PostForm,
  RadioField,
  SelectField,
  SubmitButton,
  type FormState,
} from '../web/forms.js';
import { Day, Moment } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { Buttons, Card, Empty, Note, Pager, Rows, Tag, type TagTone } from '../web/parts.js';
import type { View } from '../web/view.js';
import { ASKED_BY, DELETION_REASONS, type DeletionStatus, type DeletionView } from './deletion.dto.js';

const TONES: Record<DeletionStatus, TagTone> = {
  open: 'wait',
  deferred: 'wait',
  done: 'ok',
  refused: 'stop',
};

function StatusOf({ view, asked }: { view: View; asked: DeletionView }) {
  const { t, today } = view;
  const late = (asked.status === 'open' || asked.status === 'deferred') && asked.dueOn < today;
  return (
    <Tag tone={late ? 'urgent' : TONES[asked.status]}>{t(`privacy:deletionStatuses.${asked.status}`)}</Tag>
  );
}

/** When it was asked, by when it is to be answered, and what was answered. */
function Told({ view, asked }: { view: View; asked: DeletionView }) {
  const { t } = view;
  const waits = asked.status === 'open' || asked.status === 'deferred';
  return (
    <>
      {t(`privacy:askedBy.${asked.asked}`)}
      {t('common:part.dot')}
      <Moment moment={new Date(asked.recordedAt)} view={view} />
      {waits && (
        <>
          {t('common:part.dot')}
          {t('privacy:deletions.due')} <Day day={asked.dueOn} view={view} />
        </>
      )}
      {asked.decidedAt && (
        <>
          {t('common:part.dot')}
          {t('privacy:deletions.answered')} <Moment moment={new Date(asked.decidedAt)} view={view} />
        </>
      )}
      {asked.reason && (
        <>
          {t('common:part.dot')}
          {t(`privacy:deletionReasons.${asked.reason}`)}
        </>
      )}
    </>
  );
}

const rowOf = (view: View, asked: DeletionView) => ({
  title: asked.code,
  detail: <Told view={view} asked={asked} />,
  side: <StatusOf view={view} asked={asked} />,
});

export interface AskPage {
  personId: string;
  code: string;
  asked: DeletionView[];
  form: FormState;
  refusal?: string;
}

/** The member writes down that a person asks to be forgotten, and sees what came of it. */
export function askPage(view: View, { personId, code, asked, form, refusal }: AskPage): string {
  const { t } = view;
  const waits = asked.some(({ status }) => status === 'open' || status === 'deferred');
  const done = asked.some(({ status }) => status === 'done');
  return renderPage(
    <Page
      view={view}
      title={t('privacy:ask.title')}
      lead={code}
      narrow
      errors={form.errors}
      back={{ href: '/deletions', label: t('privacy:own.title') }}
    >
      <ErrorSummary t={t} errors={form.errors} labels={{ asked: t('privacy:ask.who') }} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      {asked.length > 0 && (
        <Card title={t('privacy:ask.before')}>
          <Rows items={asked.map((one) => rowOf(view, one))} />
        </Card>
      )}
      {!waits && !done && (
        <Card title={t('privacy:ask.write')} accent="leaf">
          <p>{t('privacy:ask.lead')}</p>
          <PostForm action={`/people/${personId}/deletion-request`}>
            <IdempotencyField value={newId()} />
            <RadioField
              {...{ t, form, name: 'asked', required: true }}
              label={t('privacy:ask.who')}
              options={ASKED_BY.map((value) => ({ value, label: t(`privacy:askedBy.${value}`) }))}
            />
            <SubmitButton>{t('privacy:ask.send')}</SubmitButton>
          </PostForm>
        </Card>
      )}
    </Page>,
  );
}

/** What the member's people asked, and what came of it. */
export function ownDeletionsPage(view: View, page: PageOfList<DeletionView>): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('privacy:own.title')} lead={t('privacy:own.lead')} narrow>
      <Card>
        {page.items.length === 0 ? (
          <Empty title={t('privacy:own.none')} />
        ) : (
          <Rows items={page.items.map((one) => rowOf(view, one))} />
        )}
        <Pager t={t} next={page.nextCursor && `/deletions?cursor=${page.nextCursor}`} />
      </Card>
    </Page>,
  );
}

export interface DecidePage {
  page: PageOfList<DeletionView>;
  form: FormState;
  refusal?: string;
}

/** What waits for an administrator's answer, by code; and what was answered. */
export function deletionsPage(view: View, { page, form, refusal }: DecidePage): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('privacy:deletions.title')}
      lead={t('privacy:deletions.lead')}
      errors={form.errors}
      back={{ href: '/privacy', label: t('privacy:preview.title') }}
    >
      <ErrorSummary
        t={t}
        errors={form.errors}
        labels={Object.fromEntries(
          page.items.map(({ id }) => [reasonField(id), t('privacy:deletions.reason')]),
        )}
      />
      {refusal && <Note tone="warn">{refusal}</Note>}
      {page.items.length === 0 && <Empty title={t('privacy:deletions.none')} />}
      {page.items.map((asked) => (
        <Card
          key={asked.id}
          title={`${asked.code}${t('common:part.gap')}${asked.organisationName}`}
          action={<StatusOf view={view} asked={asked} />}
        >
          <p>
            <Told view={view} asked={asked} />
          </p>
          {(asked.status === 'open' || asked.status === 'deferred') && (
            <Answer view={view} asked={asked} form={form} />
          )}
        </Card>
      ))}
      <Pager t={t} next={page.nextCursor && `/privacy/deletions?cursor=${page.nextCursor}`} />
    </Page>,
  );
}

/** The field of a page's many forms in which the reason of this answer is chosen. */
export const reasonField = (id: string): string => `reasons.${id}`;

function Answer({
  view: { t },
  asked: { id, code },
  form,
}: {
  view: View;
  asked: DeletionView;
  form: FormState;
}) {
  const path = `/privacy/deletions/${id}`;
  return (
    <>
      <PostForm action={`${path}/refuse`}>
        <IdempotencyField value={newId()} />
        <SelectField
          {...{ t, form, name: reasonField(id) }}
          label={t('privacy:deletions.reasonOf', { code })}
          empty={t('privacy:choose')}
          options={DELETION_REASONS.map((value) => ({ value, label: t(`privacy:deletionReasons.${value}`) }))}
        />
        <Buttons beside>
          <SubmitButton variant="ghost" action={`${path}/defer`}>
            {t('privacy:deletions.defer')}
          </SubmitButton>
          <SubmitButton variant="plain">{t('privacy:deletions.refuse')}</SubmitButton>
        </Buttons>
      </PostForm>
      <PostForm action={`${path}/grant`}>
        <IdempotencyField value={newId()} />
        <p class="help">{t('privacy:deletions.grantHelp')}</p>
        <Buttons>
          <SubmitButton
            variant="stop"
            attributes={{ 'aria-label': t('privacy:deletions.grantOf', { code }) }}
          >
            {t('privacy:deletions.grant')}
          </SubmitButton>
        </Buttons>
      </PostForm>
    </>
  );
}
