import type { CaseChoice } from '../cases/index.js';
import { AGE_BANDS, CATEGORIES, LANGUAGES, PREFECTURES } from '../kernel/codes.js';
import { newId } from '../kernel/ids.js';
import { languageName } from '../web/format.js';
import {
  CheckField,
  ChecksField,
  DayField,
  IdempotencyField,
  NumberField,
  PostForm,
  RadioField,
  SelectField,
  TextArea,
  TextField,
} from '../web/forms.js';
import { renderPage, type View } from '../web/page.js';
import { Card } from '../web/parts.js';
import { StepButtons, StepPage, type Shown } from './filing.views.js';

/** Cases shown at first: those of the last weeks, so that a telephone's page stays short. */
const SHOWN_FIRST = 8;

/** Step 1: one of the open cases, somebody new, or no one person. `all` shows more than the newest cases. */
export function whoPage(shown: Shown, cases: readonly CaseChoice[], all: boolean): string {
  const { view, form } = shown;
  const { t } = view;
  // One that was chosen before stays on the page, wherever it stands.
  const offered = cases.filter(({ id }, index) => all || index < SHOWN_FIRST || id === form.values.for);
  const options = [
    { value: 'new', label: t('filing:who.person'), help: t('filing:who.personHelp') },
    { value: 'activity', label: t('filing:who.activity'), help: t('filing:who.activityHelp') },
    ...offered.map((one) => ({
      value: one.id,
      label: peopleText(view, one.people),
      help: caseText(view, one),
    })),
  ];
  return renderPage(
    <StepPage shown={shown} step="who" labels={{ for: t('filing:who.for') }}>
      <PostForm action="/requests/new">
        <IdempotencyField value={newId()} />
        <RadioField t={t} form={form} name="for" label={t('filing:who.for')} hideLabel options={options} />
        {offered.length < cases.length && (
          <p>
            <a href="/requests/new?all=1">{t('filing:who.more', { count: cases.length - offered.length })}</a>
          </p>
        )}
        <StepButtons t={t} next="urgency" />
      </PostForm>
    </StepPage>,
  );
}

/** `あおい・C-7K3F2Q` as people know them. */
export const peopleText = ({ t }: View, people: CaseChoice['people']): string =>
  people.map(({ alias, code }) => alias ?? code).join(t('common:part.dot'));

const caseText = ({ t }: View, { code, needs }: CaseChoice): string =>
  [code, ...needs.map((need) => t(`common:categories.${need}`))].join(t('common:part.gap'));

const PERSON_LABELS = {
  'consent.0.method': 'method',
  'consent.0.givenOn': 'givenOn',
  'consent.0.language': 'language',
  alias: 'alias',
  ageBand: 'ageBand',
  prefectureCode: 'prefecture',
  languages: 'languages',
  'household.adults': 'adults',
  'household.children': 'children',
  'household.unborn': 'unborn',
  needs: 'needs',
  summary: 'summary',
};

/** Step 1, for somebody new. */
export function personPage(shown: Shown): string {
  const { t } = shown.view;
  return renderPage(
    <StepPage
      shown={shown}
      step="who"
      words="person"
      labels={Object.fromEntries(
        Object.entries(PERSON_LABELS).map(([path, word]) => [path, t(`filing:person.${word}`)]),
      )}
      back={{ href: '/requests/new', label: t('filing:back') }}
    >
      <PostForm action="/requests/new/person">
        <IdempotencyField value={newId()} />
        <ConsentCard shown={shown} />
        <PersonCard shown={shown} />
        <CaseCard shown={shown} />
        <StepButtons t={t} next="urgency" />
      </PostForm>
    </StepPage>,
  );
}

const languageOptions = (view: View) =>
  LANGUAGES.map((code) => ({ value: code, label: languageName(code, view.language) }));

// First of all, because nothing may be taken down before it.
function ConsentCard({ shown: { view, form } }: { shown: Shown }) {
  const { t } = view;
  return (
    <Card title={t('filing:person.consentTitle')}>
      <p>{t('filing:person.consentHelp')}</p>
      <RadioField
        {...{ t, form, name: 'consent.0.method', required: true }}
        label={t('filing:person.method')}
        options={['spoken', 'written'].map((value) => ({
          value,
          label: t(`filing:person.methods.${value}`),
        }))}
      />
      <SelectField
        {...{ t, form, name: 'consent.0.language', required: true }}
        label={t('filing:person.language')}
        empty={t('common:form.choose')}
        options={languageOptions(view)}
      />
      <DayField
        {...{ t, form, name: 'consent.0.givenOn', required: true }}
        label={t('filing:person.givenOn')}
      />
      <CheckField
        {...{ t, form, name: 'sensitive' }}
        label={t('filing:person.sensitive')}
        help={t('filing:person.sensitiveHelp')}
      />
    </Card>
  );
}

function PersonCard({ shown: { view, form } }: { shown: Shown }) {
  const { t } = view;
  const unknown = t('filing:person.unknown');
  return (
    <Card title={t('filing:person.personTitle')}>
      <TextField
        {...{ t, form, name: 'alias', required: true }}
        label={t('filing:person.alias')}
        help={t('filing:person.aliasHelp')}
      />
      <SelectField
        {...{ t, form, name: 'ageBand', empty: unknown }}
        label={t('filing:person.ageBand')}
        help={t('filing:person.ageBandHelp')}
        options={AGE_BANDS.filter((value) => value !== 'unknown').map((value) => ({
          value,
          label: t(`common:ageBands.${value}`),
        }))}
      />
      <SelectField
        {...{ t, form, name: 'prefectureCode', empty: unknown }}
        label={t('filing:person.prefecture')}
        help={t('filing:person.prefectureHelp')}
        options={PREFECTURES.filter((value) => value !== '99').map((value) => ({
          value,
          label: t(`common:prefectures.${value}`),
        }))}
      />
      <SelectField
        {...{ t, form, name: 'languages', empty: unknown }}
        label={t('filing:person.languages')}
        help={t('filing:person.languagesHelp')}
        options={languageOptions(view)}
      />
    </Card>
  );
}

function CaseCard({ shown: { view, form } }: { shown: Shown }) {
  const { t } = view;
  return (
    <>
      <Card title={t('filing:person.householdTitle')}>
        <p class="help">{t('filing:person.householdHelp')}</p>
        {['adults', 'children', 'unborn'].map((who) => (
          <NumberField
            {...{ t, form, name: `household.${who}`, required: true, key: who }}
            label={t(`filing:person.${who}`)}
            unit={t('filing:person.people')}
          />
        ))}
      </Card>
      <Card title={t('filing:person.caseTitle')}>
        <ChecksField
          {...{ t, form, name: 'needs', required: true }}
          label={t('filing:person.needs')}
          help={t('filing:person.needsHelp')}
          options={CATEGORIES.map((value) => ({ value, label: t(`common:categories.${value}`) }))}
        />
        <TextArea
          {...{ t, form, name: 'summary', required: true }}
          label={t('filing:person.summary')}
          help={t('filing:person.summaryHelp')}
        />
      </Card>
    </>
  );
}
