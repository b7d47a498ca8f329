import { Moment, monthText } from '../web/format.js';
import {
  ErrorSummary,
  IdempotencyField,
  PostForm,
  RadioField,
  SubmitButton,
  TextArea,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { Buttons, Card, Columns, Empty, Note, Rows, Table, Tag } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { ComparedPerson, SimilarPerson } from './similar.dto.js';
import type { GivenHelp, Said } from './similar.queries.js';

export interface SimilarPage {
  view: View;
  person: ComparedPerson;
  items: readonly SimilarPerson[];
  /** What was paid for each, by person. */
  given: ReadonlyMap<string, GivenHelp[]>;
  /** What was said of this person before. */
  said: readonly Said[];
  form: FormState;
  refusal?: string;
  key: string;
}

/** Who is likely the same as somebody, why, what each was given; and the forms to say so, or not. */
export function similarPage(page: SimilarPage): string {
  const { view, person, items, form, refusal } = page;
  const { t } = view;
  const { id, code } = person;
  return renderPage(
    <Page
      view={view}
      title={t('people:similar.title', { code })}
      lead={t('people:similar.lead')}
      errors={form.errors}
      back={{ href: `/people/${id}`, label: t('people:similar.back', { code }) }}
    >
      <ErrorSummary
        t={t}
        errors={form.errors}
        labels={{ otherId: t('people:similar.about'), reason: t('people:similar.reason') }}
      />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Columns side={items.length > 0 && <SayCard {...page} />}>
        <Card title={items.length > 0 ? t('people:similar.found', { count: items.length }) : undefined}>
          {items.length === 0 ? (
            <Empty title={t('people:similar.none')}>
              <p>{t('people:similar.noneHelp')}</p>
            </Empty>
          ) : (
            <SimilarTable {...page} />
          )}
        </Card>
        <SaidCard view={view} said={page.said} />
      </Columns>
    </Page>,
  );
}

/** `名前が同じ・生年月日が同じ`. */
const reasonsText = ({ t }: View, { reasons }: SimilarPerson): string =>
  reasons.map((reason) => t(`people:similar.reasons.${reason}`)).join(t('common:part.dot'));

function SimilarTable({ view, items, given }: SimilarPage) {
  const { t, language } = view;
  return (
    <Table
      caption={t('people:similar.found', { count: items.length })}
      captionHidden
      phone="cards"
      rows={items}
      columns={[
        {
          head: t('people:similar.who'),
          cell: ({ id, code, organisationName, ageBand, prefectureCode, linked }) => (
            <>
              <a href={`/people/${id}`}>{code}</a>
              <small>{organisationName}</small>
              <small>
                {t(`common:prefectures.${prefectureCode}`)}
                {t('common:part.dot')}
                {t(`common:ageBands.${ageBand}`)}
              </small>
              {linked && <Tag tone="ok">{t('people:similar.linked')}</Tag>}
            </>
          ),
        },
        {
          head: t('people:similar.score'),
          oneLine: true,
          cell: ({ score }) => t('people:similar.scoreOf', { score }),
        },
        { head: t('people:similar.why'), cell: (one) => reasonsText(view, one) },
        {
          head: t('people:similar.given'),
          cell: ({ id }) =>
            given.get(id)?.map(({ category, month }) => (
              <div key={`${category} ${month}`}>
                {t('people:similar.givenIn', {
                  category: t(`common:categories.${category}`),
                  month: monthText(month, language),
                })}
              </div>
            )) ?? t('people:similar.nothingGiven'),
        },
      ]}
    />
  );
}

function SayCard({ view, person, items, form, key }: SimilarPage) {
  const { t } = view;
  const to = (verb: string) => `/people/${person.id}/similar/${verb}`;
  return (
    <Card title={t('people:similar.decide')}>
      <p>{t('people:similar.ask')}</p>
      <PostForm action={to('link')}>
        <IdempotencyField value={key} />
        <RadioField
          {...{ t, form, name: 'otherId', required: true }}
          label={t('people:similar.about')}
          options={items.map(({ id, code, organisationName }) => ({
            value: id,
            label: code,
            help: organisationName,
          }))}
        />
        <TextArea
          {...{ t, form, name: 'reason', required: true, rows: 2 }}
          label={t('people:similar.reason')}
          help={t('people:similar.reasonHelp')}
        />
        <p class="help">{t('people:similar.effect')}</p>
        <Buttons>
          <SubmitButton>{t('people:similar.link')}</SubmitButton>
          <SubmitButton variant="ghost" action={to('distinct')}>
            {t('people:similar.distinct')}
          </SubmitButton>
          {items.some(({ linked }) => linked) && (
            <SubmitButton variant="plain" action={to('unlink')}>
              {t('people:similar.unlink')}
            </SubmitButton>
          )}
        </Buttons>
      </PostForm>
    </Card>
  );
}

/** What was said of this person before, and why. */
function SaidCard({ view, said }: Pick<SimilarPage, 'view' | 'said'>) {
  const { t } = view;
  if (said.length === 0) return null;
  return (
    <Card title={t('people:similar.before')}>
      <Rows
        items={said.map(({ kind, by, at, reason, others }) => ({
          title: t(`people:similar.said.${kind}`, { others: others.join(t('common:part.dot')) }),
          detail: (
            <>
              {reason && (
                <>
                  {reason}
                  <br />
                </>
              )}
              <Moment moment={at} view={view} />
              {t('common:part.dot')}
              {by ?? t('people:reveal.somebody')}
            </>
          ),
        }))}
      />
    </Card>
  );
}
