import { dayOf } from '../kernel/calendar.js';
import { newId } from '../kernel/ids.js';
import type { Page as PageOfList } from '../platform/pages.js';
import {
  ErrorSummary,
  FieldsBeside,
  IdempotencyField,
  NumberField,
  PostForm,
  SubmitButton,
  type FormState,
} from '../web/forms.js';
import { Day, dayText, number } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Empty, Facts, Note, Pager, Table, Tag } from '../web/parts.js';
import type { View } from '../web/view.js';
import {
  LIMITS,
  RETENTION_FIELDS,
  type DueView,
  type KindCount,
  type RetentionField,
  type RetentionKind,
  type RetentionPreview,
  type RetentionVersion,
} from './retention.dto.js';

export interface PreviewPage extends RetentionPreview {
  kind: RetentionKind;
  due: PageOfList<DueView>;
  mayManage: boolean;
}

/** What goes next, what is held, and what waits for money: codes and days only. */
export function previewPage(view: View, shown: PreviewPage): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('privacy:preview.title')}
      lead={t('privacy:preview.lead')}
      actions={
        <>
          <ButtonLink href="/privacy/holds" variant="ghost">
            {t('privacy:holds.title')}
          </ButtonLink>
          {shown.mayManage && (
            <ButtonLink href="/privacy/deletions" variant="ghost">
              {t('privacy:deletions.title')}
            </ButtonLink>
          )}
          <ButtonLink href="/privacy/breaches" variant="ghost">
            {t('breach:place')}
          </ButtonLink>
          <ButtonLink href="/privacy/retention" variant="ghost">
            {t('privacy:rules.title')}
          </ButtonLink>
        </>
      }
    >
      <Card title={t('privacy:preview.counts')}>
        <Table
          caption={t('privacy:preview.counts')}
          captionHidden
          phone="cards"
          rows={shown.kinds}
          columns={[
            {
              head: t('privacy:preview.kind'),
              cell: ({ kind }) => <a href={`/privacy?kind=${kind}#due`}>{t(`privacy:kinds.${kind}`)}</a>,
            },
            ...(['overdue', 'soon', 'held', 'waiting'] as const).map((what) => ({
              head: t(`privacy:preview.${what}`),
              numeric: true,
              cell: (row: KindCount) => number(row[what]),
            })),
          ]}
        />
        <p class="soft">{t('privacy:preview.stays')}</p>
      </Card>
      <DueList view={view} shown={shown} />
    </Page>,
  );
}

function DueList({ view, shown: { kind, due } }: { view: View; shown: PreviewPage }) {
  const { t } = view;
  const title = t('privacy:preview.listed', { kind: t(`privacy:kinds.${kind}`) });
  return (
    <Card title={title} id="due">
      {due.items.length === 0 ? (
        <Empty title={t('privacy:preview.none')} />
      ) : (
        <Table
          caption={title}
          captionHidden
          phone="cards"
          rows={due.items}
          columns={[
            { head: t('privacy:code'), oneLine: true, cell: ({ code }) => code },
            { head: t('privacy:organisation'), cell: ({ organisationName }) => organisationName },
            { head: t('privacy:preview.dueOn'), cell: ({ dueOn }) => <Day day={dueOn} view={view} /> },
            { head: t('privacy:preview.state'), cell: (row) => <State view={view} due={row} /> },
          ]}
        />
      )}
      <Pager
        t={t}
        next={due.nextCursor && `/privacy?kind=${kind}&cursor=${due.nextCursor}#due`}
        first={view.path.includes('cursor=') ? `/privacy?kind=${kind}#due` : null}
      />
    </Card>
  );
}

function State({ view: { t, today }, due }: { view: View; due: DueView }) {
  if (due.hold)
    return (
      <>
        <Tag tone="stop">{t('privacy:preview.held')}</Tag> {t(`privacy:holdReasons.${due.hold}`)}
      </>
    );
  if (due.moneyOpen) return <Tag tone="wait">{t('privacy:preview.waiting')}</Tag>;
  return (
    <Tag tone={due.dueOn <= today ? 'urgent' : 'plain'}>
      {t(due.dueOn <= today ? 'privacy:preview.overdue' : 'privacy:preview.soon')}
    </Tag>
  );
}

export interface RulesPage {
  rules: RetentionVersion;
  mayManage: boolean;
  form: FormState;
  refusal?: string;
}

/** How long each kind is kept and why, and a form to change it. */
export function rulesPage(view: View, { rules, mayManage, form, refusal }: RulesPage): string {
  const { t, language, today } = view;
  return renderPage(
    <Page
      view={view}
      title={t('privacy:rules.title')}
      lead={t('privacy:rules.lead')}
      errors={form.errors}
      back={{ href: '/privacy', label: t('privacy:preview.title') }}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card title={t('privacy:rules.inForce', { version: rules.version })}>
        <Facts
          items={[
            ...RETENTION_FIELDS.map((field) => ({
              label: t(`privacy:fields.${field}`),
              value: (
                <>
                  {t(`privacy:units.${unitOf(field)}`, { count: rules[field] })}
                  <div class="help">{t(`privacy:reasons.${field}`)}</div>
                </>
              ),
            })),
            ...(['money', 'imports', 'answers', 'log'] as const).map((fixed) => ({
              label: t(`privacy:fixed.${fixed}`),
              value: (
                <>
                  {t(`privacy:fixed.${fixed}Time`)}
                  <div class="help">{t(`privacy:fixed.${fixed}Why`)}</div>
                </>
              ),
            })),
          ]}
        />
        <p class="soft">
          {t('privacy:rules.since', {
            day: dayText(dayOf(new Date(rules.setAt)), language, today),
            name: rules.setBy ?? t('privacy:rules.first'),
          })}
        </p>
      </Card>
      {mayManage && <RulesForm view={view} form={form} />}
    </Page>,
  );
}

const unitOf = (field: RetentionField): string =>
  field.endsWith('Years') ? 'years' : field.endsWith('Days') ? 'days' : 'months';

const labelsOf = ({ t }: View): Record<string, string> =>
  Object.fromEntries(RETENTION_FIELDS.map((field) => [field, t(`privacy:fields.${field}`)]));

function RulesForm({ view: { t }, form }: { view: View; form: FormState }) {
  return (
    <Card title={t('privacy:rules.change')} accent="leaf">
      <p>{t('privacy:rules.changeLead')}</p>
      <PostForm action="/privacy/retention">
        <IdempotencyField value={newId()} />
        {[0, 2, 4].map((from) => (
          <FieldsBeside key={from}>
            {RETENTION_FIELDS.slice(from, from + 2).map((field) => (
              <NumberField
                key={field}
                {...{ t, form, name: field }}
                label={t(`privacy:fields.${field}`)}
                unit={t(`privacy:unit.${unitOf(field)}`)}
                help={t('privacy:rules.between', { ...LIMITS[field] })}
              />
            ))}
          </FieldsBeside>
        ))}
        <SubmitButton>{t('privacy:rules.save')}</SubmitButton>
      </PostForm>
    </Card>
  );
}
