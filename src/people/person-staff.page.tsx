import { ErrorSummary, PostForm, RadioField, SubmitButton, TextField, type FormState } from '../web/forms.js';
import { Moment } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Columns, Facts, Note, Rows } from '../web/parts.js';
import type { View } from '../web/view.js';
import { Kept } from './kept.js';
import { REVEAL_REASONS, type PersonView } from './people.dto.js';
import type { AroundPerson } from './people-page.queries.js';
import { RequestsCard } from './person.page.js';
import type { Revealed } from './reveals.service.js';

export interface StaffPersonPage {
  view: View;
  person: PersonView;
  around: AroundPerson;
  reveals: readonly Revealed[];
  /** Whether the person stands open, in this answer alone. */
  opened: boolean;
  form: FormState;
  refusal?: string;
}

/** A person as those know them who work for the network: a code and what figures need, until they say why. */
export function staffPersonPage(page: StaffPersonPage): string {
  const { view, person, around, form, refusal, opened } = page;
  const { t } = view;
  const { id, code, prefectureCode, ageBand, residenceGroup } = person;
  const prefecture = t(`common:prefectures.${prefectureCode}`);
  return renderPage(
    <Page
      view={view}
      title={code}
      lead={t('people:staff.lead', { member: around.organisationName, prefecture })}
      errors={form.errors}
      back={{ href: '/requests', label: t('people:requests.title') }}
      actions={
        <ButtonLink href={`/people/${id}/similar`} variant="ghost">
          {t('people:staff.similar')}
        </ButtonLink>
      }
    >
      <ErrorSummary
        t={t}
        errors={form.errors}
        labels={{ reason: t('people:reveal.reason'), note: t('people:reveal.note') }}
      />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Columns side={<RevealCard {...page} />}>
        <Card title={t('people:staff.title')}>
          <Facts
            items={[
              { label: t('people:fields.code'), value: code },
              { label: t('people:fields.member'), value: around.organisationName },
              { label: t('people:fields.ageBand'), value: t(`common:ageBands.${ageBand}`) },
              { label: t('people:fields.prefectureCode'), value: prefecture },
              { label: t('people:fields.residenceGroup'), value: t(`people:groups.${residenceGroup}`) },
              {
                label: t('people:cases.title'),
                value:
                  around.cases.map((one) => one.code).join(t('common:part.dot')) ||
                  t('people:cases.noneToStaff'),
              },
            ]}
          />
          {!opened && <p class="help">{t('people:staff.hidden')}</p>}
        </Card>
        {opened && (
          <Card title={t('people:kept.title')} accent="lamp">
            <Note tone="warn">{t('people:reveal.opened')}</Note>
            <Kept view={view} person={person} />
          </Card>
        )}
        <RequestsCard view={view} requests={around.requests} empty={t('people:requests.none')} />
      </Columns>
    </Page>,
  );
}

function RevealCard({ view, person, reveals, opened, form }: StaffPersonPage) {
  const { t } = view;
  return (
    <>
      {!opened && (
        <Card title={t('people:reveal.title')}>
          <p>{t('people:reveal.lead')}</p>
          <PostForm action={`/people/${person.id}/reveal`}>
            <RadioField
              {...{ t, form, name: 'reason', required: true }}
              label={t('people:reveal.reason')}
              options={REVEAL_REASONS.map((value) => ({ value, label: t(`people:reveal.reasons.${value}`) }))}
            />
            <TextField
              {...{ t, form, name: 'note' }}
              label={t('people:reveal.note')}
              help={t('people:reveal.noteHelp')}
            />
            <SubmitButton variant="ghost">{t('people:reveal.button')}</SubmitButton>
          </PostForm>
        </Card>
      )}
      {reveals.length > 0 && (
        <Card title={t('people:reveal.before')}>
          <Rows items={reveals.map((one) => revealRow(view, one))} />
        </Card>
      )}
    </>
  );
}

function revealRow(view: View, { by, reason, note, at }: Revealed) {
  const { t } = view;
  return {
    title: t('people:reveal.by', {
      by: by ?? t('people:reveal.somebody'),
      reason: t(`people:reveal.reasons.${reason}`),
    }),
    detail: (
      <>
        <Moment moment={at} view={view} />
        {note && (
          <>
            <br />
            {note}
          </>
        )}
      </>
    ),
  };
}
