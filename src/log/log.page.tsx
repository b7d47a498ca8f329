import type { Page as PageOfList } from '../platform/pages.js';
import { Moment, number } from '../web/format.js';
import {
  DayField,
  ErrorSummary,
  FieldsBeside,
  GetForm,
  HiddenField,
  SelectField,
  SubmitButton,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage, type View } from '../web/page.js';
import { ButtonLink, Card, Empty, Note, Pager, Table } from '../web/parts.js';
import { hasWords } from '../web/words.js';
import { isId } from '../kernel/ids.js';
import type { LogEventView } from './log.dto.js';
import type { LastCheck } from './log-seals.js';
import { ACTIONS, SUBJECTS } from './log.words.js';

export interface LogPageParts {
  page: PageOfList<LogEventView>;
  /** What was asked for. */
  form: FormState;
  users: { id: string; name: string }[];
  lastCheck: LastCheck | null;
}

/** Who did what, newest first, with the questions that one may ask of it. */
export function logPage(view: View, { page, form, users, lastCheck }: LogPageParts): string {
  const { t } = view;
  const { nextCursor } = page;
  return renderPage(
    <Page
      view={view}
      title={t('log:title')}
      lead={t('log:lead')}
      errors={form.errors}
      actions={
        <ButtonLink href="/log/check" variant="ghost">
          {t('log:check.button')}
        </ButtonLink>
      }
    >
      <ErrorSummary t={t} errors={form.errors} />
      {lastCheck && <LastChecked view={view} check={lastCheck} />}
      <Filter view={view} form={form} users={users} />
      <Card title={t('log:events')}>
        {page.items.length === 0 ? (
          <Empty title={t('log:none')} />
        ) : (
          <Table
            caption={t('log:events')}
            captionHidden
            columns={[
              { head: t('log:when'), cell: ({ at }) => <Moment moment={at} view={view} /> },
              { head: t('log:who'), names: true, cell: (event) => whoText(view, event) },
              { head: t('log:what'), cell: (event) => <What view={view} event={event} /> },
            ]}
            rows={page.items}
            phone="cards"
          />
        )}
        <Pager
          t={t}
          next={nextCursor && hrefWith(form, { cursor: nextCursor })}
          first={form.values.cursor ? hrefWith(form, {}) : null}
        />
      </Card>
    </Page>,
  );
}

function LastChecked({ view, check: { at, differences } }: { view: View; check: LastCheck }) {
  const key = differences === 0 ? 'log:check.lastClean' : 'log:check.lastDifferent';
  return (
    <Note tone={differences === 0 ? 'info' : 'warn'}>
      {view.t(key)} <Moment moment={at} view={view} />
    </Note>
  );
}

function Filter({
  view: { t, language },
  form,
  users,
}: { view: View } & Pick<LogPageParts, 'form' | 'users'>) {
  const { subjectId } = form.values;
  const all = t('log:filter.all');
  const said = (action: string) => ({ value: action, label: actionText({ t, language }, action) });
  return (
    <Card title={t('log:filter.title')}>
      <GetForm action="/log">
        <SelectField
          t={t}
          form={form}
          name="actorId"
          label={t('log:who')}
          empty={all}
          options={users.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <SelectField
          t={t}
          form={form}
          name="action"
          label={t('log:what')}
          empty={all}
          options={ACTIONS.map(said)}
        />
        <SelectField
          t={t}
          form={form}
          name="subject"
          label={t('log:filter.subject')}
          empty={all}
          options={SUBJECTS.map((value) => ({ value, label: t(`log:subjects.${value}`) }))}
        />
        {isId(subjectId) && <HiddenField name="subjectId" value={subjectId} />}
        <FieldsBeside>
          <DayField t={t} form={form} name="from" label={t('log:filter.from')} />
          <DayField t={t} form={form} name="to" label={t('log:filter.to')} />
        </FieldsBeside>
        <SubmitButton variant="ghost">{t('log:filter.button')}</SubmitButton>
      </GetForm>
      {isId(subjectId) && (
        <p>
          {t('log:filter.oneSubject')} <a href="/log">{t('log:filter.clear')}</a>
        </p>
      )}
    </Card>
  );
}

/** What was done, in words; an action without words, such as one of an older version, stands as it is. */
function actionText({ t, language }: Pick<View, 't' | 'language'>, action: string): string {
  const key = `log:did.${action}`;
  return hasWords(key, language) ? t(key) : action;
}

function whoText({ t }: View, { actorName, duties }: LogEventView): string {
  if (actorName) return actorName;
  return t(duties.includes('gate') ? 'log:nobody' : 'log:application');
}

function What({ view, event }: { view: View; event: LogEventView }) {
  const { t } = view;
  const { action, subjectId, facts } = event;
  const details = Object.entries(facts).flatMap(([name, fact]) => factText(view, name, fact));
  return (
    <>
      {actionText(view, action)}
      {details.length > 0 && <small>{details.join(t('common:part.dot'))}</small>}
      {subjectId && (
        <small>
          <a href={`/log?subjectId=${subjectId}`}>{t('log:sameSubject')}</a>
        </small>
      )}
    </>
  );
}

/** A fact that says something to people; ids and lists say nothing. */
function factText({ t, language }: View, name: string, fact: unknown): string[] {
  const key = `log:facts.${name}`;
  if (!hasWords(key, language) || (typeof fact !== 'string' && typeof fact !== 'number') || isId(fact))
    return [];
  return [
    t('common:form.labelled', { label: t(key), message: typeof fact === 'number' ? number(fact) : fact }),
  ];
}

const FILTERS = ['actorId', 'action', 'subject', 'subjectId', 'from', 'to'];

/** The same question, of another page. */
function hrefWith({ values }: FormState, more: Record<string, string>): string {
  const asked = FILTERS.flatMap((name) => {
    const value = values[name];
    return typeof value === 'string' && value ? [[name, value]] : [];
  });
  const query = new URLSearchParams([...asked, ...Object.entries(more)]).toString();
  return query ? `/log?${query}` : '/log';
}
