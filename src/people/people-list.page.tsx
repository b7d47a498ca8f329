import type { Page as PageOfList } from '../platform/pages.js';
import { ErrorSummary, PostForm, SubmitButton, TextField, type FormState } from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Empty, Pager, Rows } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { PersonListed } from './people.dto.js';

interface ListPage {
  list: PageOfList<PersonListed>;
  /** Whether these are what was looked for, and what was typed to find them. */
  searched: boolean;
  form: FormState;
  /** The address of the next page, and of the first one when this is not it. */
  next: string | null;
  first: string | null;
}

/** A member's people, newest first, or those whom a search found. */
export function peoplePage(view: View, { list, searched, form, next, first }: ListPage): string {
  const { t } = view;
  const { items } = list;
  const title = searched ? t('people:search.found', { count: items.length }) : t('people:list');
  return renderPage(
    <Page
      view={view}
      narrow
      title={t('people:title')}
      lead={t('people:lead')}
      errors={form.errors}
      actions={
        <>
          <ButtonLink href="/people/new">{t('people:new')}</ButtonLink>
          <ButtonLink href="/deletions" variant="ghost">
            {t('people:rights.wishes')}
          </ButtonLink>
        </>
      }
    >
      <ErrorSummary t={t} errors={form.errors} labels={{ query: t('people:search.label') }} />
      <Card title={t('people:search.title')}>
        {/* Sent as a form's body: a name stands in no address and in nobody's history. */}
        <PostForm action="/people/search">
          <TextField
            {...{ t, form, name: 'query', type: 'search' }}
            label={t('people:search.label')}
            help={t('people:search.help')}
          />
          <SubmitButton variant="ghost">{t('people:search.button')}</SubmitButton>
        </PostForm>
      </Card>
      <Card title={title}>
        {items.length === 0 ? (
          <Empty title={t(searched ? 'people:search.none' : 'people:empty')} />
        ) : (
          <PeopleRows people={items} />
        )}
        {searched && (
          <p>
            <a href="/people">{t('people:search.all')}</a>
          </p>
        )}
        <Pager t={t} next={next} first={first} />
      </Card>
    </Page>,
  );
}

/** One's own people, by what they are called. */
export const PeopleRows = ({ people }: { people: readonly PersonListed[] }) => (
  <Rows
    items={people.map(({ id, code, alias }) => ({
      title: (
        <a href={`/people/${id}`}>
          <b>{alias ?? code}</b>
        </a>
      ),
      detail: alias === null ? undefined : code,
    }))}
  />
);
