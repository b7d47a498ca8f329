import { newId } from '../kernel/ids.js';
import { number, yen } from '../web/format.js';
import { IdempotencyField, PostForm, SubmitButton } from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Buttons, Card, Facts, Note, ProgressBar, Table } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { T } from '../web/words.js';
import type { ImportErrorView, ImportSummaryView, ImportView } from './imports.dto.js';

interface ImportFacts {
  one: ImportView;
  /** The file of a good dry run is still there. */
  fileKept: boolean;
  /** The reader may bring in this kind. */
  mayStart: boolean;
  refusal?: string;
}

/** One import: how far it is, what it did or would do, or what needs correcting. */
export function importPage(view: View, facts: ImportFacts): string {
  const { t } = view;
  const { one, refusal } = facts;
  return renderPage(
    <Page
      view={view}
      title={t(`imports:one.${stageOf(one)}`, { kind: t(`imports:kinds.${one.kind}`) })}
      back={{ href: '/imports', label: t('imports:one.back') }}
      narrow={one.status !== 'refused'}
    >
      {refusal && <Note tone="warn">{refusal}</Note>}
      {one.summary ? <Ended t={t} {...facts} summary={one.summary} /> : <Underway t={t} one={one} />}
    </Page>,
  );
}

function stageOf({ status, dryRun }: ImportView): string {
  if (status === 'refused') return 'refused';
  if (status === 'done') return dryRun ? 'checked' : 'done';
  return dryRun ? 'checking' : 'importing';
}

const Underway = ({ t, one }: { t: T; one: ImportView }) => (
  <Card>
    {one.total > 0 && (
      <ProgressBar t={t} label={t('imports:one.progress')} done={one.done} total={one.total} />
    )}
    <p>{t(`imports:one.${one.status}`)}</p>
  </Card>
);

type EndedProps = ImportFacts & { t: T; summary: ImportSummaryView };

function Ended({ t, one, fileKept, mayStart, summary }: EndedProps) {
  if (one.status === 'refused') return <Refused t={t} errors={one.errors} count={summary.errors} />;
  const wasNothing = one.dryRun && summary.added === 0;
  const lead = one.dryRun ? 'checkedLead' : 'doneLead';
  return (
    <Card accent={one.dryRun && !wasNothing ? 'leaf' : undefined}>
      <p>{t(`imports:one.${wasNothing ? 'nothingNew' : lead}`)}</p>
      <Facts items={factsOf(t, one, summary)} numeric />
      {one.dryRun &&
        mayStart &&
        !wasNothing &&
        (fileKept ? <StartForm t={t} one={one} summary={summary} /> : <Gone t={t} />)}
    </Card>
  );
}

const factsOf = (t: T, one: ImportView, { rows, added, skipped, amount, people }: ImportSummaryView) => [
  { label: t('imports:one.rows'), value: number(rows) },
  { label: t(`imports:one.${one.dryRun ? 'added' : 'addedDone'}`), value: number(added) },
  { label: t('imports:one.skipped'), value: number(skipped) },
  ...(one.kind === 'history'
    ? [
        { label: t('imports:one.amount'), value: yen(amount) },
        { label: t('imports:one.people'), value: t('common:units.people', { count: people }) },
      ]
    : []),
];

const StartForm = ({
  t,
  one,
  summary: { added: count, amount },
}: Pick<EndedProps, 't' | 'one' | 'summary'>) => (
  <PostForm action={`/imports/${one.id}/start`}>
    <IdempotencyField value={newId()} />
    <Buttons>
      <SubmitButton>
        {t(`imports:one.${amount > 0 ? 'importMoney' : 'import'}`, { count, amount })}
      </SubmitButton>
    </Buttons>
  </PostForm>
);

const Gone = ({ t }: { t: T }) => (
  <>
    <p>{t('errors:import.file_gone')}</p>
    <ButtonLink href="/imports">{t('imports:form.title')}</ButtonLink>
  </>
);

const Refused = ({ t, errors, count }: { t: T; errors: ImportErrorView[]; count: number }) => (
  <>
    <Note tone="warn">{t('imports:one.refusedLead', { count })}</Note>
    <Card title={t('imports:one.errors')}>
      <Table
        caption={t('imports:one.errors')}
        captionHidden
        columns={[
          { head: t('imports:one.row'), cell: ({ row }) => t('imports:one.nth', { row }) },
          {
            head: t('imports:one.column'),
            cell: ({ column }) => (column ? <code>{column}</code> : t('imports:one.whole')),
          },
          { head: t('imports:one.what'), cell: ({ message }) => message },
        ]}
        rows={errors}
        phone="cards"
      />
      {count > errors.length && <p>{t('imports:one.more', { count: count - errors.length })}</p>}
      <Buttons>
        <ButtonLink href="/imports">{t('imports:one.again')}</ButtonLink>
      </Buttons>
    </Card>
  </>
);
