import { dayOf } from '../kernel/calendar.js';
import { dayText, languageName } from '../web/format.js';
import {
  CheckField,
  ErrorSummary,
  HiddenField,
  IdempotencyField,
  PostForm,
  SelectField,
  SubmitButton,
  TextField,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Columns, Note, Rows, StatusTag, Tag } from '../web/parts.js';
import type { View } from '../web/view.js';
import { CONSENT_PURPOSES } from './consent-rule.js';
import { Kept } from './kept.js';
import type { ConsentView, PersonListed, PersonView } from './people.dto.js';
import { PeopleRows } from './people-list.page.js';
import type { AroundPerson, CaseOfPerson, RequestOfPerson } from './people-page.queries.js';
import { HowAgreed, labelsOf } from './person-form.page.js';

export interface OwnPersonPage {
  view: View;
  person: PersonView;
  around: AroundPerson;
  /** One's other people, to choose from when the household is changed; null when nobody asked to. */
  others: readonly PersonListed[] | null;
  form: FormState;
  refusal?: string;
  /** A key for each form of the page. */
  key: string;
}

/** A person as their own member knows them: what is kept, what they agreed to, with whom, and what is done for them. */
export function personPage(page: OwnPersonPage): string {
  const { view, person, around, form, refusal } = page;
  const { t, language, today } = view;
  const { id, code, alias } = person;
  const day = dayText(dayOf(person.createdAt), language, today);
  return renderPage(
    <Page
      view={view}
      title={alias ?? code}
      lead={t('people:kept.since', { code, day })}
      errors={form.errors}
      back={{ href: '/people', label: t('people:title') }}
      actions={<ButtonLink href={`/people/${id}/edit`}>{t('people:kept.edit')}</ButtonLink>}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Columns
        side={
          <>
            <RequestsCard view={view} requests={around.requests} empty={t('people:requests.none')} />
            <CasesCard view={view} cases={around.cases} />
            <HouseholdCard {...page} />
          </>
        }
      >
        <Card title={t('people:kept.title')}>
          <Kept view={view} person={person} />
          <NoLonger view={view} person={person} />
        </Card>
        <ConsentsCard {...page} />
        <RightsCard view={view} id={id} />
      </Columns>
    </Page>,
  );
}

/** To read what is kept, to know whom it was told, to be forgotten (privacy, points 8, 11 and 12). */
function RightsCard({ view: { t }, id }: { view: View; id: string }) {
  const ways = { sheet: 'sheet', disclosures: 'disclosures', forget: 'deletion-request' };
  return (
    <Card title={t('people:rights.title')}>
      <Rows
        items={Object.entries(ways).map(([way, path]) => ({
          title: <a href={`/people/${id}/${path}`}>{t(`people:rights.${way}`)}</a>,
        }))}
      />
    </Card>
  );
}

const stands = (person: PersonView, purpose: string): boolean =>
  person.consent.some((consent) => consent.purpose === purpose && !consent.withdrawnAt);

/** Whether the person agrees to have sensitive fields written down. */
export const agreesToSensitive = (person: PersonView): boolean => stands(person, 'sensitive');

/** What was written down with a consent that was taken back stays until its member takes it out: in one step. */
function NoLonger({ view: { t }, person }: { view: View; person: PersonView }) {
  const { id, residenceStatus, asylumStage } = person;
  if (agreesToSensitive(person) || (!residenceStatus && !asylumStage)) return null;
  return (
    <>
      <Note tone="warn">{t('people:kept.noLonger')}</Note>
      <PostForm action={`/people/${id}`}>
        <HiddenField name="residenceStatus" value="" />
        <HiddenField name="asylumStage" value="" />
        <SubmitButton variant="stop">{t('people:kept.clear')}</SubmitButton>
      </PostForm>
    </>
  );
}

function ConsentsCard({ view, person, form, key }: OwnPersonPage) {
  const { t } = view;
  const { id, consent } = person;
  const wrong = form.errors.some(({ path }) => path.startsWith('consent'));
  return (
    <Card title={t('people:consents.title')}>
      {consent.length === 0 && <p>{t('people:consents.none')}</p>}
      <Rows items={consent.map((one) => consentRow(view, id, one, key))} />
      <details open={wrong}>
        <summary>{t('people:consents.add')}</summary>
        <PostForm action={`/people/${id}/consents`}>
          <SelectField
            {...{ t, form, name: 'consent.0.purpose', required: true }}
            label={t('people:consents.purpose')}
            empty={t('common:form.choose')}
            options={CONSENT_PURPOSES.map((value) => ({
              value,
              label: t(`people:consents.purposes.${value}`),
            }))}
          />
          <HowAgreed view={view} form={form} />
          <TextField
            {...{ t, form, name: 'consent.0.shareWith' }}
            label={t('people:consents.shareWith')}
            help={t('people:consents.shareWithHelp')}
          />
          <SubmitButton variant="ghost">{t('people:consents.button')}</SubmitButton>
        </PostForm>
      </details>
      <p class="help">{t('people:consents.effect')}</p>
    </Card>
  );
}

function consentRow(view: View, personId: string, consent: ConsentView, key: string) {
  const { t, language, today } = view;
  const { id, purpose, shareWith, withdrawnAt } = consent;
  const day = (of: string) => dayText(of, language, today);
  const what = t(`people:consents.purposes.${purpose}`);
  return {
    title: what,
    detail: (
      <>
        {t('people:consents.detail', {
          day: day(consent.givenOn),
          language: languageName(consent.language, language),
          method: t(`people:consents.methods.${consent.method}`),
        })}
        {shareWith && (
          <>
            <br />
            {t('people:consents.to', { whom: shareWith })}
          </>
        )}
      </>
    ),
    side: withdrawnAt ? (
      <Tag>{t('people:consents.withdrawn', { day: day(dayOf(withdrawnAt)) })}</Tag>
    ) : (
      <PostForm action={`/people/${personId}/consents/${id}/withdraw`}>
        <IdempotencyField value={key} />
        <SubmitButton
          variant="quiet"
          attributes={{ 'aria-label': t('people:consents.withdrawOf', { purpose: what }) }}
        >
          {t('people:consents.withdraw')}
        </SubmitButton>
      </PostForm>
    ),
  };
}

const OTHERS = 'own-people';

/** With whom somebody is helped. Other people are shown only to change that, as whoever is shown is in the log. */
function HouseholdCard(page: OwnPersonPage) {
  const { t } = page.view;
  const { household } = page.around;
  return (
    <Card title={t('people:household.title')} id="household">
      {household.length === 0 ? (
        <p>{t('people:household.alone')}</p>
      ) : (
        <>
          <p class="help">{t('people:household.together')}</p>
          <PeopleRows people={household} />
        </>
      )}
      {page.others ? (
        <HouseholdForms {...page} others={page.others} />
      ) : (
        <ButtonLink href={`/people/${page.person.id}?change=household#household`} variant="ghost">
          {t('people:household.change')}
        </ButtonLink>
      )}
    </Card>
  );
}

function HouseholdForms(page: OwnPersonPage & { others: readonly PersonListed[] }) {
  const { view, person, around, others, form, key } = page;
  const { t } = view;
  const { household } = around;
  const action = `/people/${person.id}/household`;
  return (
    <>
      <p>{t('people:household.lead')}</p>
      <PostForm action={action}>
        <IdempotencyField value={key} />
        <TextField
          {...{ t, form, name: 'withPersonId', required: true }}
          label={t('people:household.with')}
          help={t('people:household.withHelp')}
          attributes={{ list: OTHERS }}
        />
        <datalist id={OTHERS}>
          {others.map(({ id, code, alias }) => (
            <option key={id} value={code} label={alias ?? code} />
          ))}
        </datalist>
        {household.length > 0 && (
          <CheckField {...{ t, form, name: 'whole' }} label={t('people:household.whole')} />
        )}
        <SubmitButton variant="ghost">{t('people:household.join')}</SubmitButton>
      </PostForm>
      {household.length > 0 && (
        <PostForm action={action}>
          <IdempotencyField value={`${key}-alone`} />
          <HiddenField name="alone" value="true" />
          <p class="help">{t('people:household.leaveHelp')}</p>
          <SubmitButton variant="plain">{t('people:household.leave')}</SubmitButton>
        </PostForm>
      )}
    </>
  );
}

function CasesCard({ view: { t }, cases }: { view: View; cases: readonly CaseOfPerson[] }) {
  return (
    <Card title={t('people:cases.title')}>
      {cases.length === 0 && <p>{t('people:cases.none')}</p>}
      <Rows
        items={cases.map(({ id, code, status, needs, ofHousehold }) => ({
          title: `${code}${t('common:part.gap')}${needs.map((need) => t(`common:categories.${need}`)).join(t('common:part.dot'))}`,
          detail: ofHousehold ? t(`people:cases.${status}`) : t('people:cases.earlier'),
          side: status === 'open' && (
            <a href={`/requests/new?caseId=${id}`} aria-label={t('people:cases.fileOf', { code })}>
              {t('people:cases.file')}
            </a>
          ),
        }))}
      />
    </Card>
  );
}

interface RequestsCardProps {
  view: View;
  requests: readonly RequestOfPerson[];
  empty: string;
}

/** The requests for a person, as far as the reader sees them. */
export const RequestsCard = ({ view, requests, empty }: RequestsCardProps) => (
  <Card title={view.t('people:requests.title')}>
    {requests.length === 0 && <p>{empty}</p>}
    <Rows
      items={requests.map(({ id, number, status, at }) => ({
        title: (
          <a href={`/requests/${id}`}>
            <b>{number}</b>
          </a>
        ),
        detail: dayText(dayOf(at), view.language, view.today),
        side: <StatusTag t={view.t} status={status} />,
      }))}
    />
  </Card>
);
