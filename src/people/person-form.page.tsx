import { AGE_BANDS, ASYLUM_STAGES, LANGUAGES, PREFECTURES, RESIDENCE_STATUSES } from '../kernel/codes.js';
import { COUNTRIES } from '../kernel/nationalities.js';
import { countryName, languageName } from '../web/format.js';
import {
  ChecksField,
  DayField,
  ErrorSummary,
  HiddenField,
  IdempotencyField,
  PostForm,
  RadioField,
  SelectField,
  SubmitButton,
  TextField,
  valueAt,
  type FieldProps,
  type FormState,
  type Option,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { Buttons, Card, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import { CONSENT_METHODS } from './consent-rule.js';
import type { PersonView } from './people.dto.js';

export interface Sent {
  view: View;
  form: FormState;
  refusal?: string;
  key: string;
}

const FIELDS =
  'alias ageBand prefectureCode languages name kana birthDate nationality residenceStatus asylumStage'.split(
    ' ',
  );
const CONSENT_FIELDS = ['method', 'language', 'givenOn', 'purpose', 'shareWith'];

/** What a summary of errors calls the fields of these forms. */
export const labelsOf = ({ t }: View): Record<string, string> =>
  Object.fromEntries([
    ...CONSENT_FIELDS.map((name) => [`consent.0.${name}`, t(`people:consents.${name}`)]),
    ...FIELDS.map((name) => [name, t(`people:fields.${name}`)]),
    ['withPersonId', t('people:household.with')],
  ]);

/** Registering somebody: their consent first, then what is needed to help, and the rest folded away. */
export function newPersonPage({ view, form, refusal, key }: Sent): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      narrow
      title={t('people:form.newTitle')}
      lead={t('people:form.newLead')}
      errors={form.errors}
      back={{ href: '/people', label: t('people:title') }}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <PostForm action="/people/new">
        <IdempotencyField value={key} />
        <Card title={t('people:form.consent')}>
          <p>{t('people:form.consentHelp')}</p>
          <HowAgreed view={view} form={form} />
        </Card>
        <Needed view={view} form={form} />
        <More view={view} form={form} />
        <Note>{t('people:form.sensitiveClosed')}</Note>
        <Buttons>
          <SubmitButton>{t('people:form.register')}</SubmitButton>
        </Buttons>
      </PostForm>
    </Page>,
  );
}

/** Changing what is kept. Sensitive fields are asked for only while the person agrees to it (privacy, point 2). */
export function changePersonPage({ view, form, refusal }: Sent, person: PersonView, agreed: boolean): string {
  const { t } = view;
  const { id, code, alias } = person;
  return renderPage(
    <Page
      view={view}
      narrow
      title={t('people:form.editTitle', { who: alias ?? code })}
      lead={t('people:form.editLead')}
      errors={form.errors}
      back={{ href: `/people/${id}`, label: alias ?? code }}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <PostForm action={`/people/${id}`}>
        <HiddenField name="updatedAt" value={person.updatedAt.toISOString()} />
        <Needed view={view} form={form} />
        <More view={view} form={form} open />
        {agreed ? <Sensitive view={view} form={form} /> : <Note>{t('people:form.sensitiveClosed')}</Note>}
        <Buttons>
          <SubmitButton>{t('people:form.save')}</SubmitButton>
        </Buttons>
      </PostForm>
    </Page>,
  );
}

interface Part {
  view: View;
  form: FormState;
}

/** A field with the reason why it is asked (privacy, point 1). */
const asked = ({ view: { t }, form }: Part, name: string): FieldProps => ({
  t,
  form,
  name,
  label: t(`people:fields.${name}`),
  help: t(`people:why.${name}`),
});

const Needed = (part: Part) => {
  const { t } = part.view;
  return (
    <Card title={t('people:form.who')}>
      <TextField {...asked(part, 'alias')} required />
      <SelectField
        {...asked(part, 'ageBand')}
        empty={t('people:unknown')}
        options={AGE_BANDS.filter((value) => value !== 'unknown').map((value) => ({
          value,
          label: t(`common:ageBands.${value}`),
        }))}
      />
      <SelectField
        {...asked(part, 'prefectureCode')}
        empty={t('people:unknown')}
        options={PREFECTURES.filter((value) => value !== '99').map((value) => ({
          value,
          label: t(`common:prefectures.${value}`),
        }))}
      />
      <Languages {...part} />
    </Card>
  );
};

function Languages(part: Part) {
  const { view, form } = part;
  const chosen = valueAt(form.values, 'languages');
  const count = Array.isArray(chosen) ? chosen.filter(Boolean).length : Number(Boolean(chosen));
  return (
    <details>
      <summary>
        {count > 0 ? view.t('people:form.chosen', { count }) : view.t('people:fields.languages')}
      </summary>
      {/* Without a tick nothing is sent, and nothing would be taken out. */}
      <HiddenField name="languages" value="" />
      <ChecksField {...asked(part, 'languages')} hideLabel options={languageOptions(view)} />
    </details>
  );
}

function More({ open, ...part }: Part & { open?: boolean }) {
  const { t } = part.view;
  const wrong = part.form.errors.some(({ path }) =>
    ['name', 'kana', 'birthDate', 'nationality'].includes(path),
  );
  return (
    <Card>
      <details open={open || wrong}>
        <summary>{t('people:form.more')}</summary>
        <TextField {...asked(part, 'name')} />
        <TextField {...asked(part, 'kana')} />
        <DayField {...asked(part, 'birthDate')} />
        <SelectField
          {...asked(part, 'nationality')}
          empty={t('people:unknown')}
          options={countryOptions(part.view)}
        />
      </details>
    </Card>
  );
}

function Sensitive(part: Part) {
  const { t } = part.view;
  const unknown = t('people:unknown');
  const options = (codes: readonly string[], words: string): Option[] =>
    codes.map((value) => ({ value, label: t(`people:${words}.${value}`) }));
  return (
    <Card title={t('people:form.sensitive')}>
      <p class="help">{t('people:form.sensitiveHelp')}</p>
      <SelectField
        {...asked(part, 'residenceStatus')}
        empty={unknown}
        options={options(Object.keys(RESIDENCE_STATUSES), 'statuses')}
      />
      <SelectField
        {...asked(part, 'asylumStage')}
        empty={unknown}
        options={options(ASYLUM_STAGES, 'stages')}
      />
    </Card>
  );
}

/** How and in which language somebody agreed, and when. */
export function HowAgreed({ view, form }: Part) {
  const { t } = view;
  const field = (name: string) => ({
    t,
    form,
    name: `consent.0.${name}`,
    label: t(`people:consents.${name}`),
    required: true,
  });
  return (
    <>
      <RadioField
        {...field('method')}
        options={CONSENT_METHODS.map((value) => ({ value, label: t(`people:consents.methods.${value}`) }))}
      />
      <SelectField {...field('language')} empty={t('common:form.choose')} options={languageOptions(view)} />
      <DayField {...field('givenOn')} />
    </>
  );
}

const languageOptions = ({ language }: View): Option[] =>
  LANGUAGES.map((value) => ({ value, label: languageName(value, language) }));

const countryOptions = ({ t, language }: View): Option[] => [
  ...[...COUNTRIES.keys()]
    .map((value) => ({ value, label: countryName(value, language) }))
    .sort((one, other) => one.label.localeCompare(other.label, language)),
  { value: 'XXA', label: t('people:stateless') },
  { value: 'XXX', label: t('people:nationalityUnknown') },
];
