import { newId } from '../kernel/ids.js';
import { dateText, Day, Moment, number } from '../web/format.js';
import {
  CheckField,
  DayField,
  ErrorSummary,
  IdempotencyField,
  PostForm,
  SubmitButton,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage, type View } from '../web/page.js';
import { ButtonLink, Buttons, Card, Facts, Note } from '../web/parts.js';
import { REPORT_KINDS, type BreachView, type ReportKind } from './breach.dto.js';
import { BreachTag, fieldNames, FILTERS, labelsOf } from './desk.page.js';
import type { ExposureChoices } from './exposure.queries.js';

interface BreachParts {
  breach: BreachView;
  choices: ExposureChoices;
  form: FormState;
  refusal?: string;
}

/** One breach: whom it concerns, what has to be reported until when, and what was written. */
export function breachPage(view: View, { breach, choices, form, refusal }: BreachParts): string {
  const { t, language } = view;
  const mayClose = breach.firstReportedOn && breach.finalReportedOn && !breach.closedAt;
  return renderPage(
    <Page
      view={view}
      title={t('breach:one.title', { day: dateText(breach.awareOn, language) })}
      lead={t('breach:one.openedBy', { name: breach.openedBy ?? '' })}
      tags={<BreachTag view={view} breach={breach} />}
      back={{ href: '/privacy/breaches', label: t('breach:title') }}
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      {REPORT_KINDS.map((kind) => (
        <ReportCard key={kind} view={view} breach={breach} kind={kind} />
      ))}
      <Whom view={view} breach={breach} choices={choices} />
      <ToldCard view={view} breach={breach} form={form} />
      {mayClose && (
        <Card title={t('breach:close.title')}>
          <PostForm action={`/privacy/breaches/${breach.id}/close`}>
            <p>{t('breach:close.lead')}</p>
            <IdempotencyField value={newId()} />
            <SubmitButton variant="ghost">{t('breach:close.button')}</SubmitButton>
          </PostForm>
        </Card>
      )}
    </Page>,
  );
}

/** `3〜5日以内：12月18日〜12月20日`, and when it is late, since when. */
export function DueText({ view, breach, kind }: { view: View; breach: BreachView; kind: ReportKind }) {
  const { t } = view;
  return kind === 'first' ? (
    <>
      <Day day={breach.firstFrom} view={view} />
      {t('breach:between')}
      <Day day={breach.firstBy} view={view} />
    </>
  ) : (
    <Day day={breach.finalBy} view={view} />
  );
}

function ReportCard({ view, breach, kind }: { view: View; breach: BreachView; kind: ReportKind }) {
  const { t } = view;
  const { id, closedAt } = breach;
  const savings = breach[kind];
  const reportedOn = breach[`${kind}ReportedOn`];
  const path = `/privacy/breaches/${id}/reports/${kind}`;
  const next = kind === 'first' ? !breach.firstReportedOn : Boolean(breach.firstReportedOn);
  return (
    <Card
      title={t(`breach:reports.${kind}`)}
      accent={breach.overdue.includes(kind) ? 'lamp' : next && !reportedOn ? 'leaf' : undefined}
    >
      <Facts
        items={[
          {
            label: t(`breach:dueOf.${kind === 'final' && breach.malicious ? 'malicious' : kind}`),
            value: <DueText view={view} breach={breach} kind={kind} />,
          },
          {
            label: t('breach:handedIn'),
            value: reportedOn ? <Day day={reportedOn} view={view} /> : t('breach:notYet'),
          },
        ]}
      />
      <Buttons beside>
        {!closedAt && (
          <ButtonLink href={`${path}/write`} variant={!reportedOn && next ? 'primary' : 'ghost'}>
            {t(savings.length > 0 ? 'breach:writeOn' : 'breach:write')}
          </ButtonLink>
        )}
        {savings.length > 0 && (
          <ButtonLink href={path} variant="ghost">
            {t('breach:print')}
          </ButtonLink>
        )}
      </Buttons>
      {savings.length > 0 && (
        <details>
          <summary>{t('breach:savings', { count: savings.length })}</summary>
          <ul>
            {savings.map((saving) => (
              <li key={saving.id}>
                <a href={`${path}?saving=${saving.id}`}>
                  <Moment moment={new Date(saving.recordedAt)} view={view} />
                </a>{' '}
                {saving.by}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}

/** What is asked of the log, in words. */
function filterItems(view: View, { filter }: BreachView, choices: ExposureChoices) {
  const { t, language } = view;
  const names = [...choices.users, ...choices.organisations, ...choices.keys, ...choices.sessions];
  return FILTERS.flatMap((name) => {
    const value = filter[name];
    if (!value) return [];
    const said =
      name === 'from' || name === 'to'
        ? dateText(value, language)
        : (names.find(({ id }) => id === value)?.name ?? value);
    return [{ label: t(`breach:filter.${name}`), value: said }];
  });
}

function Whom({ view, breach, choices }: { view: View } & Pick<BreachParts, 'breach' | 'choices'>) {
  const { t } = view;
  const { people, fields } = breach;
  const query = new URLSearchParams(Object.entries(breach.filter)).toString();
  return (
    <Card title={t('breach:found')}>
      <Facts
        items={[
          ...filterItems(view, breach, choices),
          { label: t('breach:people'), value: `${number(people)} ${t('breach:unit', { count: people })}` },
          { label: t('breach:what'), value: fieldNames(view, fields) },
        ]}
      />
      <p>
        <a href={`/privacy/breaches?${query}#found`}>{t('breach:codes')}</a>
      </p>
    </Card>
  );
}

/** Since when the network knows, and when the persons were told. */
function ToldCard({ view, breach, form }: { view: View } & Pick<BreachParts, 'breach' | 'form'>) {
  const { t } = view;
  const { id, closedAt, toldOn } = breach;
  if (closedAt) {
    return (
      <Card title={t('breach:persons.title')}>
        <p>
          {t('breach:toldOn')}
          {t('common:part.gap')}
          {toldOn ? <Day day={toldOn} view={view} /> : t('breach:notYet')}
        </p>
      </Card>
    );
  }
  const field = { t, form };
  return (
    <Card title={t('breach:persons.title')}>
      <p>{t('breach:persons.lead')}</p>
      <PostForm action={`/privacy/breaches/${id}`}>
        <IdempotencyField value={newId()} />
        <DayField {...field} name="toldOn" label={t('breach:toldOn')} help={t('breach:persons.help')} />
        <DayField
          {...field}
          name="awareOn"
          label={t('breach:awareOn')}
          help={t('breach:awareHelp')}
          required
        />
        <CheckField
          {...field}
          name="malicious"
          label={t('breach:malicious')}
          help={t('breach:maliciousHelp')}
        />
        <SubmitButton variant="ghost">{t('breach:persons.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}
