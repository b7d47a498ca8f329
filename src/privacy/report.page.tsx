import { dayOf } from '../kernel/calendar.js';
import { newId } from '../kernel/ids.js';
import { dateText, dayFull, number } from '../web/format.js';
import {
  DayField,
  ErrorSummary,
  HiddenField,
  IdempotencyField,
  PostForm,
  SubmitButton,
  TextArea,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage, type View } from '../web/page.js';
import { ButtonLink, Card, Empty, Facts, Note } from '../web/parts.js';
import {
  REPORT_ITEMS,
  type BreachReportView,
  type BreachView,
  type ReportItem,
  type ReportKind,
} from './breach.dto.js';
import { DueText } from './breach.page.js';
import { fieldNames } from './desk.page.js';
import type { ExposedField } from './exposure.js';
import { otherLanguage } from './printed.js';

interface WritingParts {
  breach: BreachView;
  kind: ReportKind;
  form: FormState;
  refusal?: string;
}

/** What the log says to two of the items; people write the rest. */
function fromLog(
  view: View,
  item: ReportItem,
  { people, fields }: { people: number; fields: ExposedField[] },
) {
  const { t } = view;
  if (item === 'data') return fieldNames(view, fields);
  if (item === 'persons') return `${number(people)} ${t('breach:unit', { count: people })}`;
  return null;
}

/** The form for a report: the items of the law, each with what it means. */
export function writingPage(view: View, { breach, kind, form, refusal }: WritingParts): string {
  const { t } = view;
  const reportedOn = breach[`${kind}ReportedOn`];
  const labels = Object.fromEntries(REPORT_ITEMS.map((item) => [item, t(`breach:items.${item}`)]));
  // What was refused stands at its path within the items; the fields of the form have plain names.
  const errors = form.errors.map((error) => ({ ...error, path: error.path.replace(/^items\./, '') }));
  const field = (name: string) => ({ t, form: { ...form, errors }, name });
  return renderPage(
    <Page
      view={view}
      title={t(`breach:writing.${kind}`)}
      lead={<DueText view={view} breach={breach} kind={kind} />}
      back={{ href: `/privacy/breaches/${breach.id}`, label: t('breach:back') }}
      errors={errors}
      narrow
    >
      <ErrorSummary t={t} errors={errors} labels={{ ...labels, reportedOn: t('breach:reportedOn') }} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card>
        <PostForm action={`/privacy/breaches/${breach.id}/reports/${kind}/write`}>
          <p class="help">{t('breach:writing.help')}</p>
          <IdempotencyField value={newId()} />
          <HiddenField name="basedOn" value={breach[kind][0]?.id ?? ''} />
          {REPORT_ITEMS.map((item) => {
            const known = fromLog(view, item, breach);
            return (
              <TextArea
                key={item}
                {...field(item)}
                label={t(`breach:items.${item}`)}
                help={known ? t('breach:writing.fromLog', { known }) : t(`breach:itemHelp.${item}`)}
                rows={item === 'outline' ? 5 : 3}
              />
            );
          })}
          {!reportedOn && (
            <DayField
              {...field('reportedOn')}
              label={t('breach:reportedOn')}
              help={t('breach:writing.reportedHelp')}
            />
          )}
          <SubmitButton>{t('breach:writing.button')}</SubmitButton>
        </PostForm>
      </Card>
    </Page>,
  );
}

interface PrintedParts {
  breach: BreachView;
  kind: ReportKind;
  report: BreachReportView | null;
}

/** A report on paper, in the order of the law. */
export function printedReport(view: View, { breach, kind, report }: PrintedParts): string {
  const { t, language } = view;
  const { id, awareOn, toldOn } = breach;
  const other = otherLanguage(view);
  const path = `/privacy/breaches/${id}/reports/${kind}`;
  const reportedOn = breach[`${kind}ReportedOn`];
  const due = kind === 'first' ? breach.firstBy : breach.finalBy;
  const day = (value: string | null) => (value ? dayFull(value, language) : t('breach:notYet'));
  return renderPage(
    <Page
      view={view}
      title={t(`breach:printed.${kind}`)}
      lead={t('breach:printed.law')}
      back={{ href: `/privacy/breaches/${id}`, label: t('breach:back') }}
      actions={
        <ButtonLink href={`${path}?language=${other}${report ? `&saving=${report.id}` : ''}`} variant="ghost">
          {t('breach:printed.other')}
        </ButtonLink>
      }
      narrow
    >
      <p class="help screen">{t('breach:printed.how')}</p>
      <Card>
        <Facts
          items={[
            { label: t('breach:awareOn'), value: day(awareOn) },
            { label: t('breach:malicious'), value: t(breach.malicious ? 'breach:yes' : 'breach:no') },
            { label: t('breach:printed.due'), value: day(due) },
            { label: t('breach:handedIn'), value: day(reportedOn) },
            { label: t('breach:toldOn'), value: day(toldOn) },
          ]}
        />
      </Card>
      {report ? (
        REPORT_ITEMS.map((item, index) => (
          <Card key={item} title={`${index + 1}. ${t(`breach:items.${item}`)}`}>
            {fromLog(view, item, report) && <p>{fromLog(view, item, report)}</p>}
            {report.items[item] && <p class="lines">{report.items[item]}</p>}
            {!report.items[item] && !fromLog(view, item, report) && <p>{t('breach:printed.unknown')}</p>}
          </Card>
        ))
      ) : (
        <Card>
          <Empty title={t('breach:printed.empty')} />
        </Card>
      )}
      {report && (
        <p class="help">
          {t('breach:printed.asOf', { day: dateText(dayOf(new Date(report.recordedAt)), language) })}
        </p>
      )}
    </Page>,
  );
}
