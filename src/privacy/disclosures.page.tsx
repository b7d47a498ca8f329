import { newId } from '../kernel/ids.js';
import { dateText, Day, languageName } from '../web/format.js';
import {
  CheckField,
  ChecksField,
  DayField,
  ErrorSummary,
  IdempotencyField,
  PostForm,
  RadioField,
  SelectField,
  SubmitButton,
  TextArea,
  TextField,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage, type View } from '../web/page.js';
import { ButtonLink, Card, Empty, Note, Rows } from '../web/parts.js';
import { fieldNames } from './desk.page.js';
import { DISCLOSED_FIELDS, LEGAL_BASES, RECIPIENTS, type DisclosureView } from './disclosures.dto.js';
import type { OwnPerson } from './disclosures.service.js';

interface DisclosuresParts {
  person: OwnPerson;
  items: DisclosureView[];
  form: FormState;
  refusal?: string;
}

/** To whom a person's data went, and the form to write down another time. */
export function disclosuresPage(view: View, { person, items, form, refusal }: DisclosuresParts): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('sheet:disclosures.title')}
      lead={[person.alias, person.code].filter(Boolean).join(t('common:part.gap'))}
      back={{ href: `/people/${person.id}`, label: t('sheet:disclosures.back') }}
      actions={
        <ButtonLink href={`/people/${person.id}/sheet`} variant="ghost">
          {t('sheet:link')}
        </ButtonLink>
      }
      errors={form.errors}
      narrow
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card title={t('sheet:disclosures.list')}>
        {items.length === 0 ? (
          <Empty title={t('sheet:disclosures.none')} />
        ) : (
          <DisclosureRows view={view} items={items} />
        )}
      </Card>
      <RecordForm view={view} person={person} form={form} />
    </Page>,
  );
}

/** Disclosures as people read them; the sheet has the same. */
export const DisclosureRows = ({ view, items }: { view: View; items: DisclosureView[] }) => {
  const { t } = view;
  return (
    <Rows
      items={items.map((one) => ({
        title: (
          <>
            <Day day={one.disclosedOn} view={view} /> {t(`sheet:recipients.${one.recipientKind}`)}
            {one.recipient && t('sheet:named', { name: one.recipient })}
          </>
        ),
        detail: (
          <span class="lines">
            {t('sheet:disclosures.what', { fields: fieldNames(view, one.fields) })}
            <br />
            {t('sheet:disclosures.why', { basis: t(`sheet:bases.${one.legalBasis}`) })}
            {one.basisNote && t('sheet:named', { name: one.basisNote })}
            <br />
            {t(one.personTold ? 'sheet:disclosures.told' : 'sheet:disclosures.untold')}
          </span>
        ),
      }))}
    />
  );
};

const NAMES = [
  'recipientKind',
  'recipient',
  'fields',
  'legalBasis',
  'consentId',
  'basisNote',
  'disclosedOn',
  'personTold',
] as const;

const labelsOf = ({ t }: View): Record<string, string> =>
  Object.fromEntries(NAMES.map((name) => [name, t(`sheet:form.${name}`)]));

function RecordForm({ view, person, form }: { view: View } & Pick<DisclosuresParts, 'person' | 'form'>) {
  const { t, language } = view;
  const labels = labelsOf(view);
  const field = (name: (typeof NAMES)[number]) => ({ t, form, name, label: labels[name]! });
  const standing = person.consent.filter(({ purpose, withdrawnAt }) => purpose === 'sharing' && !withdrawnAt);
  return (
    <Card title={t('sheet:form.title')} accent="leaf">
      <Note>{t('sheet:form.rule')}</Note>
      <PostForm action={`/people/${person.id}/disclosures`}>
        <IdempotencyField value={newId()} />
        <SelectField
          {...field('recipientKind')}
          required
          empty={t('common:form.choose')}
          options={RECIPIENTS.map((value) => ({ value, label: t(`sheet:recipients.${value}`) }))}
        />
        <TextField {...field('recipient')} help={t('sheet:form.recipientHelp')} required />
        <ChecksField
          {...field('fields')}
          required
          options={DISCLOSED_FIELDS.map((value) => ({ value, label: t(`breach:fields.${value}`) }))}
        />
        <RadioField
          {...field('legalBasis')}
          required
          options={LEGAL_BASES.map((value) => ({
            value,
            label: t(`sheet:bases.${value}`),
            help: t(`sheet:basisHelp.${value}`),
          }))}
        />
        <SelectField
          {...field('consentId')}
          help={t(standing.length > 0 ? 'sheet:form.consentHelp' : 'sheet:form.noConsent')}
          empty={t('sheet:form.otherBasis')}
          options={standing.map(({ id, givenOn, shareWith, language: spoken }) => ({
            value: id,
            label: [dateText(givenOn, language), shareWith, languageName(spoken, language)]
              .filter(Boolean)
              .join(t('common:part.dot')),
          }))}
        />
        <TextArea {...field('basisNote')} help={t('sheet:form.basisNoteHelp')} rows={2} />
        <DayField {...field('disclosedOn')} required />
        <CheckField {...field('personTold')} />
        <SubmitButton>{t('sheet:form.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}
