import { Day, Moment, momentText, number } from '../web/format.js';
import {
  CheckField,
  DayField,
  ErrorSummary,
  FieldsBeside,
  GetForm,
  HiddenField,
  PostForm,
  SelectField,
  SubmitButton,
  valueAt,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage, type View } from '../web/page.js';
import { Card, Empty, Figures, Note, Pager, Table, Tag } from '../web/parts.js';
import type { BreachListed } from './breach.dto.js';
import type { ExposedField } from './exposure.js';
import type { ExposedPerson, ExposureView } from './exposure.dto.js';
import type { ExposureChoices } from './exposure.queries.js';

/** What one may ask of the log, by the names of the form. */
export const FILTERS = ['userId', 'keyId', 'sessionId', 'organisationId', 'from', 'to'] as const;

interface DeskParts {
  /** Whom the log shows, once something was asked. */
  found: ExposureView | null;
  choices: ExposureChoices;
  records: BreachListed[];
  form: FormState;
  refusal?: string;
}

/** Where one begins when something may have leaked: whom the log shows, and the breaches that are being dealt with. */
export function deskPage(view: View, { found, choices, records, form, refusal }: DeskParts): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('breach:title')} lead={t('breach:lead')} errors={form.errors}>
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Records view={view} records={records} />
      <Filter view={view} choices={choices} form={form} />
      {found && <Found view={view} found={found} form={form} />}
      {found && <OpenForm view={view} form={form} />}
    </Page>,
  );
}

export const labelsOf = ({ t }: View): Record<string, string> => ({
  ...Object.fromEntries(FILTERS.map((name) => [name, t(`breach:filter.${name}`)])),
  awareOn: t('breach:awareOn'),
  toldOn: t('breach:toldOn'),
});

export const fieldNames = ({ t }: Pick<View, 't'>, fields: readonly ExposedField[]): string =>
  fields.map((field) => t(`breach:fields.${field}`)).join(t('breach:comma'));

/** How far a breach is: closed, late, or going on. */
export function BreachTag({ view: { t }, breach }: { view: View; breach: BreachListed }) {
  if (breach.closedAt) return <Tag tone="ok">{t('breach:closed')}</Tag>;
  if (breach.overdue.length > 0)
    return (
      <Tag tone="urgent">
        {breach.overdue.map((kind) => t(`breach:late.${kind}`)).join(t('breach:comma'))}
      </Tag>
    );
  return <Tag tone="wait">{t('breach:going')}</Tag>;
}

function Records({ view, records }: { view: View; records: BreachListed[] }) {
  const { t } = view;
  if (records.length === 0) return null;
  const due = (reportedOn: string | null, by: string) =>
    reportedOn ? (
      <>
        {t('breach:handedIn')} <Day day={reportedOn} view={view} />
      </>
    ) : (
      <>
        {t('breach:until')} <Day day={by} view={view} />
      </>
    );
  return (
    <Card title={t('breach:records')}>
      <Table
        caption={t('breach:records')}
        captionHidden
        phone="cards"
        rows={records}
        columns={[
          {
            head: t('breach:awareOn'),
            cell: ({ id, awareOn }) => (
              <a href={`/privacy/breaches/${id}`}>
                <Day day={awareOn} view={view} />
              </a>
            ),
          },
          { head: t('breach:reports.first'), cell: (one) => due(one.firstReportedOn, one.firstBy) },
          { head: t('breach:reports.final'), cell: (one) => due(one.finalReportedOn, one.finalBy) },
          { head: t('breach:state'), cell: (one) => <BreachTag view={view} breach={one} /> },
        ]}
      />
    </Card>
  );
}

const named = ({ id, name }: { id: string; name: string }) => ({ value: id, label: name });

function Filter({ view, choices, form }: { view: View } & Pick<DeskParts, 'choices' | 'form'>) {
  const { t, language, now } = view;
  const field = (name: string) => ({ t, form, name, label: t(`breach:filter.${name}`) });
  const since = ({ id, name, at }: ExposureChoices['keys'][number]) => ({
    value: id,
    label: `${name}${t('common:part.gap')}${momentText(at, language, now)}`,
  });
  const all = t('breach:filter.all');
  return (
    <Card title={t('breach:filter.title')}>
      <p class="help">{t('breach:filter.help')}</p>
      <GetForm action="/privacy/breaches">
        <SelectField {...field('userId')} empty={all} options={choices.users.map(named)} />
        <SelectField {...field('organisationId')} empty={all} options={choices.organisations.map(named)} />
        <SelectField {...field('keyId')} empty={all} options={choices.keys.map(since)} />
        {choices.sessions.length > 0 && (
          <SelectField {...field('sessionId')} empty={all} options={choices.sessions.map(since)} />
        )}
        <FieldsBeside>
          <DayField {...field('from')} />
          <DayField {...field('to')} />
        </FieldsBeside>
        <SubmitButton variant="ghost">{t('breach:filter.button')}</SubmitButton>
      </GetForm>
    </Card>
  );
}

function Found({ view, found, form }: { view: View; found: ExposureView; form: FormState }) {
  const { t } = view;
  const { people, fields, items, nextCursor } = found;
  const asked = FILTERS.flatMap((name) => {
    const value = form.values[name];
    return typeof value === 'string' && value ? [[name, value]] : [];
  });
  const hrefWith = (more: Record<string, string>) =>
    `/privacy/breaches?${new URLSearchParams([...asked, ...Object.entries(more)]).toString()}`;
  return (
    <Card title={t('breach:found')} id="found">
      {people === 0 ? (
        <Empty title={t('breach:nobody')} />
      ) : (
        <>
          <Figures
            items={[
              { label: t('breach:people'), value: number(people), unit: t('breach:unit', { count: people }) },
            ]}
          />
          <p>
            {t('breach:fieldsOfAll')}
            {fieldNames(view, fields)}
          </p>
          <Exposed view={view} items={items} />
        </>
      )}
      <Pager
        t={t}
        next={nextCursor && hrefWith({ cursor: nextCursor })}
        first={form.values.cursor ? hrefWith({}) : null}
      />
    </Card>
  );
}

function Exposed({ view, items }: { view: View; items: ExposedPerson[] }) {
  const { t } = view;
  return (
    <Table
      caption={t('breach:found')}
      captionHidden
      phone="cards"
      rows={items}
      columns={[
        { head: t('breach:code'), cell: ({ code }) => code, oneLine: true },
        { head: t('breach:member'), cell: ({ organisationName }) => organisationName },
        { head: t('breach:what'), cell: ({ fields }) => fieldNames(view, fields) },
        {
          head: t('breach:firstAt'),
          cell: ({ firstAt }) => <Moment moment={new Date(firstAt)} view={view} />,
        },
        { head: t('breach:lastAt'), cell: ({ lastAt }) => <Moment moment={new Date(lastAt)} view={view} /> },
        {
          head: t('breach:times'),
          cell: ({ times }) => t('common:units.times', { count: times }),
          numeric: true,
        },
      ]}
    />
  );
}

/** Begins a breach of what was asked; what the law then asks for follows from the day. */
function OpenForm({ view, form }: { view: View; form: FormState }) {
  const { t } = view;
  return (
    <Card title={t('breach:open.title')} accent="leaf">
      <PostForm action="/privacy/breaches">
        <p>{t('breach:open.lead')}</p>
        <HiddenField name="idempotencyKey" value={String(form.values.idempotencyKey)} />
        {FILTERS.map((name) => (
          <HiddenField key={name} name={name} value={String(valueAt(form.values, name) ?? '')} />
        ))}
        <DayField
          t={t}
          form={form}
          name="awareOn"
          label={t('breach:awareOn')}
          help={t('breach:awareHelp')}
          required
        />
        <CheckField
          t={t}
          form={form}
          name="malicious"
          label={t('breach:malicious')}
          help={t('breach:maliciousHelp')}
        />
        <SubmitButton>{t('breach:open.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}
