import { dayOf } from '../kernel/calendar.js';
import { nationalityText } from '../people/index.js';
import { dateText, languageName, yen } from '../web/format.js';
import { Page, renderPage, type View } from '../web/page.js';
import { ButtonLink, Buttons, Card, Empty, Facts, Note, Rows } from '../web/parts.js';
import { fieldNames } from './desk.page.js';
import { DisclosureRows } from './disclosures.page.js';
import { otherLanguage } from './printed.js';
import type { SheetCase, SheetPerson, SheetRequest, SheetView } from './sheet.dto.js';

interface SheetParts {
  id: string;
  sheet: SheetView;
  withoutNarrative: boolean;
}

/** Everything that is kept about a person, on paper for that person. */
export function sheetPage(view: View, { id, sheet, withoutNarrative }: SheetParts): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('sheet:title')}
      lead={t('sheet:lead', { code: sheet.code, day: dateText(view.today, view.language) })}
      back={{ href: `/people/${id}`, label: t('sheet:back') }}
      narrow
    >
      <PrintBar view={view} id={id} withoutNarrative={withoutNarrative} />
      <p>{t('sheet:intro', { member: sheet.organisationName ?? t('sheet:member') })}</p>
      <KeptCard view={view} sheet={sheet} />
      <ConsentsCard view={view} sheet={sheet} />
      <CasesCard view={view} sheet={sheet} withoutNarrative={withoutNarrative} />
      <RequestsCard view={view} sheet={sheet} />
      <Card title={t('sheet:disclosed.title')}>
        <p class="help">{t('sheet:disclosed.lead')}</p>
        {sheet.disclosures.length === 0 ? (
          <p>{t('sheet:disclosed.none')}</p>
        ) : (
          <DisclosureRows view={view} items={sheet.disclosures} />
        )}
      </Card>
      <LooksCard view={view} sheet={sheet} />
      <UntilCard view={view} sheet={sheet} />
      <CorrectCard view={view} />
    </Page>,
  );
}

/** How to print it; not on the paper itself. */
function PrintBar({ view, id, withoutNarrative }: { view: View } & Omit<SheetParts, 'sheet'>) {
  const { t, language } = view;
  const href = (other: { language: string; withoutNarrative: boolean }) =>
    `/people/${id}/sheet?language=${other.language}${other.withoutNarrative ? '&withoutNarrative=true' : ''}`;
  return (
    <div class="screen">
      <Note>{t(withoutNarrative ? 'sheet:print.short' : 'sheet:print.whole')}</Note>
      <Buttons beside>
        <ButtonLink href={href({ language, withoutNarrative: !withoutNarrative })} variant="ghost">
          {t(withoutNarrative ? 'sheet:print.with' : 'sheet:print.without')}
        </ButtonLink>
        <ButtonLink href={href({ language: otherLanguage(view), withoutNarrative })} variant="ghost">
          {t('sheet:print.other')}
        </ButtonLink>
      </Buttons>
    </div>
  );
}

/** What is told of each field, as people say it; nothing when nothing is kept. */
const SAID: Record<keyof SheetPerson, (view: View, person: SheetPerson) => string | null> = {
  alias: (_, { alias }) => alias,
  name: (_, { name }) => name,
  kana: (_, { kana }) => kana,
  birthDate: ({ language }, { birthDate }) => birthDate && dateText(birthDate, language),
  ageBand: ({ t }, { ageBand }) => (ageBand === 'unknown' ? null : t(`common:ageBands.${ageBand}`)),
  nationality: (view, { nationality }) => nationality && nationalityText(view, nationality),
  residenceStatus: ({ t }, { residenceStatus }) => residenceStatus && t(`people:statuses.${residenceStatus}`),
  asylumStage: ({ t }, { asylumStage }) => asylumStage && t(`people:stages.${asylumStage}`),
  prefectureCode: ({ t }, { prefectureCode }) =>
    prefectureCode === '99' ? null : t(`common:prefectures.${prefectureCode}`),
  languages: ({ t, language }, { languages }) =>
    languages.map((code) => languageName(code, language)).join(t('breach:comma')) || null,
};

const PERSON_FIELDS = Object.keys(SAID) as (keyof SheetPerson)[];

function KeptCard({ view, sheet: { person } }: { view: View; sheet: SheetView }) {
  const { t } = view;
  const kept = PERSON_FIELDS.flatMap((field) => {
    const value = SAID[field](view, person);
    return value === null ? [] : [{ field, value }];
  });
  const empty = PERSON_FIELDS.filter((field) => !kept.some((one) => one.field === field));
  return (
    <Card title={t('sheet:kept.title')}>
      <Rows
        items={kept.map(({ field, value }) => ({
          title: t('sheet:labelled', { label: t(`sheet:fields.${field}`), value }),
          detail: t(`sheet:reasons.${field}`),
        }))}
      />
      {empty.length > 0 && (
        <p class="help">
          {t('sheet:kept.empty', {
            fields: empty.map((field) => t(`sheet:fields.${field}`)).join(t('breach:comma')),
          })}
        </p>
      )}
      <p class="help">{t('sheet:kept.never')}</p>
    </Card>
  );
}

function ConsentsCard({ view, sheet: { consents } }: { view: View; sheet: SheetView }) {
  const { t, language } = view;
  return (
    <Card title={t('sheet:consents.title')}>
      {consents.length === 0 ? (
        <Empty title={t('sheet:consents.none')} />
      ) : (
        <Rows
          items={consents.map((one) => ({
            title: t(`sheet:consents.${one.purpose}`),
            detail: [
              t('sheet:consents.given', { day: dateText(one.givenOn, language) }),
              t(`sheet:consents.${one.method}`, { language: languageName(one.language, language) }),
              one.shareWith && t('sheet:consents.with', { whom: one.shareWith }),
              one.withdrawnAt &&
                t('sheet:consents.withdrawn', { day: dateText(dayOf(new Date(one.withdrawnAt)), language) }),
            ]
              .filter(Boolean)
              .join(t('common:part.dot')),
          }))}
        />
      )}
      <p>{t('sheet:consents.how')}</p>
    </Card>
  );
}

const categories = ({ t }: View, needs: readonly string[]): string =>
  needs.map((need) => t(`common:categories.${need}`)).join(t('breach:comma'));

function CasesCard({
  view,
  sheet: { cases },
  withoutNarrative,
}: {
  view: View;
  sheet: SheetView;
  withoutNarrative: boolean;
}) {
  const { t } = view;
  return (
    <Card title={t('sheet:cases.title')}>
      {cases.length === 0 && <p>{t('sheet:cases.none')}</p>}
      {cases.map((one) => (
        <CaseText key={one.code} view={view} one={one} />
      ))}
      {withoutNarrative && cases.length > 0 && <p class="help">{t('sheet:cases.hidden')}</p>}
    </Card>
  );
}

function CaseText({ view, one }: { view: View; one: SheetCase }) {
  const { t, language } = view;
  return (
    <>
      <h3>{one.code}</h3>
      <p>
        {[
          t(`sheet:cases.${one.status}`),
          t('sheet:cases.since', { day: dateText(dayOf(new Date(one.openedAt)), language) }),
          t('sheet:cases.about', { needs: categories(view, one.needs) }),
          one.others > 0 && t('sheet:cases.others', { count: one.others }),
        ]
          .filter(Boolean)
          .join(t('common:part.dot'))}
      </p>
      {one.summary && <p class="lines">{one.summary}</p>}
      {one.entries.length > 0 && (
        <Rows
          items={one.entries.map(({ kind, happenedOn, body }) => ({
            title: t('sheet:labelled', {
              label: dateText(happenedOn, language),
              value: t(`sheet:entries.${kind}`),
            }),
            detail: body && <span class="lines">{body}</span>,
          }))}
        />
      )}
    </>
  );
}

function RequestsCard({ view, sheet: { requests } }: { view: View; sheet: SheetView }) {
  const { t } = view;
  return (
    <Card title={t('sheet:requests.title')}>
      {requests.length === 0 && <p>{t('sheet:requests.none')}</p>}
      {requests.map((request) => (
        <RequestText key={request.number} view={view} request={request} />
      ))}
    </Card>
  );
}

function RequestText({ view, request }: { view: View; request: SheetRequest }) {
  const { t, language } = view;
  const { number, status, items, requestedAmount, approvedAmount, files, payments } = request;
  return (
    <>
      <h3>{number}</h3>
      <p>
        {[
          t(`common:statuses.${status}`),
          items.join(t('breach:comma')),
          t('sheet:requests.asked', { amount: yen(requestedAmount) }),
          approvedAmount > 0 && t('sheet:requests.approved', { amount: yen(approvedAmount) }),
          files > 0 && t('sheet:requests.files', { count: files }),
        ]
          .filter(Boolean)
          .join(t('common:part.dot'))}
      </p>
      {request.reason && <p class="lines">{request.reason}</p>}
      {request.comments.map((comment, index) => (
        <p key={index} class="lines">
          {comment}
        </p>
      ))}
      {payments.length > 0 && (
        <ul>
          {payments.map(({ paidOn, amount, returned }, index) => (
            <li key={index}>
              {t('sheet:requests.paid', { day: dateText(paidOn, language), amount: yen(amount) })}
              {returned > 0 && t('sheet:requests.returned', { amount: yen(returned) })}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function LooksCard({ view, sheet: { looks } }: { view: View; sheet: SheetView }) {
  const { t, language } = view;
  const day = (moment: string) => dateText(dayOf(new Date(moment)), language);
  return (
    <Card title={t('sheet:looks.title')}>
      <p class="help">{t('sheet:looks.lead')}</p>
      {looks.length === 0 && <p>{t('sheet:looks.none')}</p>}
      <Rows
        items={looks.map(({ roles, organisationName, fields, firstAt, lastAt, times }) => ({
          title: t('sheet:labelled', {
            label: organisationName ?? t('sheet:looks.network'),
            value: roles.map((role) => t(`common:roles.${role}`)).join(t('breach:comma')),
          }),
          detail: [
            fieldNames(view, fields),
            t('sheet:looks.between', { from: day(firstAt), to: day(lastAt) }),
            t('common:units.times', { count: times }),
          ].join(t('common:part.dot')),
        }))}
      />
    </Card>
  );
}

function UntilCard({ view, sheet: { keptMonths, moneyKeptUntil } }: { view: View; sheet: SheetView }) {
  const { t, language } = view;
  return (
    <Card title={t('sheet:until.title')}>
      <p>{t('sheet:until.case', { months: keptMonths })}</p>
      <p>
        {moneyKeptUntil
          ? t('sheet:until.money', { day: dateText(moneyKeptUntil, language) })
          : t('sheet:until.noMoney')}
      </p>
    </Card>
  );
}

/** Places to write in: what to correct, what to delete, the day and a name. */
function CorrectCard({ view: { t } }: { view: View }) {
  return (
    <Card title={t('sheet:correct.title')}>
      <p>{t('sheet:correct.how')}</p>
      <Facts
        items={['wrong', 'delete', 'stop', 'signed'].map((what) => ({
          label: t(`sheet:correct.${what}`),
          value: <span class="blank" />,
        }))}
      />
    </Card>
  );
}
