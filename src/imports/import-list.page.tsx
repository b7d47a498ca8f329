import { newId } from '../kernel/ids.js';
import type { Page as PageOfList, PageQuery } from '../platform/pages.js';
import { Moment, number } from '../web/format.js';
import {
  ErrorSummary,
  FileField,
  IdempotencyField,
  PostForm,
  RadioField,
  SelectField,
  SubmitButton,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Empty, Pager, Table, Tag, type Column, type TagTone } from '../web/parts.js';
import type { View } from '../web/view.js';
import { HISTORY } from './history-rows.js';
import type { ImportKindName } from './import.entity.js';
import type { ImportStatus } from './import.states.js';
import type { ListedImport } from './imports.queries.js';
import { ORGANISATIONS } from './organisation-rows.js';

interface ImportsFacts {
  form: FormState;
  /** What the reader may bring in. */
  kinds: ImportKindName[];
  funds: { code: string; name: string }[];
  list: PageOfList<ListedImport>;
  query: PageQuery;
}

/** The form for a new import, and those before. */
export function importsPage(view: View, { list, query, ...facts }: ImportsFacts): string {
  const { t } = view;
  const { form } = facts;
  const labels = {
    kind: t('imports:form.kind'),
    fundCode: t('imports:form.fund'),
    file: t('imports:form.file'),
  };
  return renderPage(
    <Page view={view} title={t('imports:title')} lead={t('imports:lead')} errors={form.errors}>
      <ErrorSummary t={t} errors={form.errors} labels={labels} />
      <Card title={t('imports:form.title')}>
        <ImportForm view={view} {...facts} />
      </Card>
      <Card title={t('imports:list.title')}>
        {list.items.length === 0 ? (
          <Empty title={t('imports:list.empty')} />
        ) : (
          <Table
            caption={t('imports:list.title')}
            captionHidden
            columns={columnsOf(view)}
            rows={list.items}
            phone="cards"
          />
        )}
        <Pager
          t={t}
          next={list.nextCursor && `/imports?limit=${query.limit}&cursor=${list.nextCursor}`}
          first={query.cursor ? '/imports' : null}
        />
      </Card>
    </Page>,
  );
}

const SHAPES = { history: HISTORY, organisations: ORGANISATIONS };

type FormFacts = { view: View } & Pick<ImportsFacts, 'form' | 'kinds' | 'funds'>;

function ImportForm({ view, form, kinds, funds }: FormFacts) {
  const { t } = view;
  return (
    <PostForm action="/imports" multipart>
      <IdempotencyField value={newId()} />
      <RadioField
        t={t}
        form={form}
        name="kind"
        label={t('imports:form.kind')}
        required
        options={kinds.map((kind) => ({
          value: kind,
          label: t(`imports:kinds.${kind}`),
          help: t(`imports:kindHelp.${kind}`),
        }))}
      />
      {kinds.includes('history') && (
        <SelectField
          t={t}
          form={form}
          name="fundCode"
          label={t('imports:form.fund')}
          help={t('imports:form.fundHelp')}
          empty={t('imports:form.noFund')}
          options={funds.map(({ code, name }) => ({ value: code, label: name }))}
        />
      )}
      <FileField
        t={t}
        form={form}
        name="file"
        label={t('imports:form.file')}
        help={t(form.errors.length > 0 ? 'imports:form.fileAgain' : 'imports:form.fileHelp')}
        accept=".xlsx,.csv,text/csv"
        required
      />
      <details>
        <summary>{t('imports:form.columns')}</summary>
        {kinds.map((kind) => (
          <p key={kind}>
            {t(`imports:kinds.${kind}`)}
            <br />
            <code>{Object.keys(SHAPES[kind].fields).join(', ')}</code>
          </p>
        ))}
      </details>
      <SubmitButton>{t('imports:form.button')}</SubmitButton>
    </PostForm>
  );
}

const TONES: Record<ImportStatus, TagTone> = {
  waiting: 'wait',
  running: 'wait',
  done: 'ok',
  refused: 'stop',
};

const columnsOf = (view: View): Column<ListedImport>[] => {
  const { t } = view;
  return [
    {
      head: t('imports:list.when'),
      cell: ({ id, createdAt }) => (
        <a href={`/imports/${id}`}>
          <Moment moment={createdAt} view={view} />
        </a>
      ),
    },
    { head: t('imports:list.what'), cell: ({ kind }) => t(`imports:kinds.${kind}`) },
    { head: t('imports:list.fund'), cell: ({ fundName }) => fundName ?? t('imports:list.unknown') },
    {
      head: t('imports:list.status'),
      cell: ({ status, dryRun }) => (
        <Tag tone={TONES[status]}>
          {status === 'done' && dryRun ? t('imports:checked') : t(`imports:statuses.${status}`)}
        </Tag>
      ),
    },
    { head: t('imports:list.rows'), numeric: true, cell: ({ total }) => number(total) },
    {
      head: t('imports:list.added'),
      numeric: true,
      cell: ({ summary, dryRun }) =>
        summary.added === undefined || dryRun ? t('imports:list.unknown') : number(summary.added),
    },
  ];
};
