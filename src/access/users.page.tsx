import { ROLES } from '../kernel/actor.js';
import type { Page as PageOfList } from '../platform/pages.js';
import {
  ErrorSummary,
  HiddenField,
  PostForm,
  SelectField,
  SubmitButton,
  TextField,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Empty, Facts, Table, Tag, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { ListedUser } from './users.queries.js';

interface List {
  page: PageOfList<ListedUser>;
  /** What was searched for. */
  form: FormState;
  /** Whether these are one organisation's people. */
  own: boolean;
}

export function usersPage(view: View, { page: { items, nextCursor }, form, own }: List): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('users:title')}
      lead={t(own ? 'users:leadOwn' : 'users:lead')}
      actions={<ButtonLink href="/users/new">{t('users:invite')}</ButtonLink>}
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={{ text: t('users:search.text') }} />
      <Search view={view} form={form} own={own} />
      <Card>
        {items.length === 0 ? (
          <Empty title={t('users:none')} />
        ) : (
          <Table
            caption={t('users:title')}
            captionHidden
            columns={columnsOf(view, own)}
            rows={items}
            phone="cards"
          />
        )}
        {nextCursor && <Next view={view} form={form} cursor={nextCursor} />}
      </Card>
    </Page>,
  );
}

export const rolesText = ({ t }: View, roles: readonly string[]): string =>
  roles.map((role) => t(`common:roles.${role}`)).join(t('common:part.dot'));

const columnsOf = (view: View, own: boolean): Column<ListedUser>[] => {
  const { t } = view;
  const organisation: Column<ListedUser> = {
    head: t('users:organisation'),
    cell: ({ organisationName }) => organisationName ?? t('users:network'),
  };
  return [
    { head: t('users:name'), cell: ({ id, name }) => <a href={`/users/${id}`}>{name}</a> },
    { head: t('users:email'), cell: ({ email }) => email },
    { head: t('users:roles'), cell: ({ roles }) => rolesText(view, roles) },
    ...(own ? [] : [organisation]),
    { head: t('users:state'), cell: ({ active }) => <StateTag view={view} active={active} /> },
  ];
};

export const StateTag = ({ view: { t }, active }: { view: View; active: boolean }) => (
  <Tag tone={active ? 'ok' : 'plain'}>{t(active ? 'users:active' : 'users:ended')}</Tag>
);

/** Sent and not asked by address: names of people stay out of addresses, which browsers and proxies remember. */
function Search({ view: { t }, form, own }: { view: View } & Pick<List, 'form' | 'own'>) {
  const roles = own ? (['caseworker', 'lead'] as const) : ROLES;
  const all = t('users:search.all');
  return (
    <Card title={t('users:search.title')}>
      <form action="/users/search" method="post" class="filter" role="search" noValidate>
        <TextField t={t} form={form} name="text" type="search" label={t('users:search.text')} />
        <SelectField
          t={t}
          form={form}
          name="role"
          label={t('users:roles')}
          empty={all}
          options={roles.map((value) => ({ value, label: t(`common:roles.${value}`) }))}
        />
        <SelectField
          t={t}
          form={form}
          name="active"
          label={t('users:state')}
          empty={all}
          options={[
            { value: 'true', label: t('users:active') },
            { value: 'false', label: t('users:ended') },
          ]}
        />
        <SubmitButton variant="ghost">{t('users:search.button')}</SubmitButton>
      </form>
    </Card>
  );
}

const Next = ({ view: { t }, form, cursor }: { view: View; form: FormState; cursor: string }) => (
  <PostForm action="/users/search">
    {['text', 'role', 'active'].map((name) => (
      <HiddenField key={name} name={name} value={String(form.values[name] ?? '')} />
    ))}
    <HiddenField name="cursor" value={cursor} />
    <SubmitButton variant="ghost">{t('users:search.next')}</SubmitButton>
  </PostForm>
);

/** A one-time link, shown once. */
export function linkPage(
  view: View,
  user: { name: string; email: string },
  url: string,
  isNew: boolean,
): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t(isNew ? 'users:link.invited' : 'users:link.reset')}
      lead={t('users:link.lead')}
      narrow
    >
      <Card>
        <Facts items={[{ label: t('users:link.for'), value: `${user.name}（${user.email}）` }]} />
        <p>
          <code>{url}</code>
        </p>
        <ButtonLink href="/users">{t('users:link.done')}</ButtonLink>
      </Card>
    </Page>,
  );
}
