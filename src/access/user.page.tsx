import type { ComponentChildren } from 'preact';
import type { Role } from '../kernel/actor.js';
import {
  ChecksField,
  ErrorSummary,
  IdempotencyField,
  PostForm,
  SelectField,
  SubmitButton,
  TextField,
  type ButtonVariant,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Facts, Note } from '../web/parts.js';
import type { Refused } from '../web/refused.js';
import type { View } from '../web/view.js';
import { rolesText, StateTag } from './users.page.js';
import type { ListedUser } from './users.queries.js';

type Form = FormState & Partial<Refused>;

/** What one may give an account, and to whom. */
interface Choices {
  /** The roles that this reader may give. */
  roles: readonly Role[];
  /** Null for a lead, who invites to the own organisation. */
  organisations: { id: string; code: string; name: string }[] | null;
}

export function invitePage(view: View, form: Form, { roles, organisations }: Choices, key: string): string {
  const { t } = view;
  const labels = {
    email: t('users:email'),
    name: t('users:name'),
    roles: t('users:roles'),
    organisationId: t('users:organisation'),
  };
  return renderPage(
    <Page
      view={view}
      title={t('users:inviting.title')}
      lead={t('users:inviting.lead')}
      narrow
      back={{ href: '/users', label: t('users:title') }}
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labels} />
      {form.refusal && <Note tone="warn">{form.refusal}</Note>}
      <Card>
        <PostForm action="/users">
          <IdempotencyField value={key} />
          <TextField t={t} form={form} name="email" type="email" required label={labels.email} />
          <NameField view={view} form={form} />
          <RolesField view={view} form={form} roles={roles} />
          {organisations && (
            <SelectField
              t={t}
              form={form}
              name="organisationId"
              label={labels.organisationId}
              help={t('users:organisationHelp')}
              empty={t('users:noOrganisation')}
              options={organisations.map(({ id, code, name }) => ({ value: id, label: `${code} ${name}` }))}
            />
          )}
          <SubmitButton>{t('users:inviting.button')}</SubmitButton>
        </PostForm>
      </Card>
    </Page>,
  );
}

const NameField = ({ view: { t }, form }: { view: View; form: Form }) => (
  <TextField t={t} form={form} name="name" required label={t('users:name')} help={t('users:nameHelp')} />
);

const RolesField = ({ view: { t }, form, roles }: { view: View; form: Form } & Pick<Choices, 'roles'>) => (
  <ChecksField
    t={t}
    form={form}
    name="roles"
    required
    label={t('users:roles')}
    options={roles.map((value) => ({ value, label: t(`common:roles.${value}`) }))}
  />
);

export interface UserPageParts {
  user: ListedUser;
  colleagues: { id: string; name: string }[];
  roles: readonly Role[];
  /** Whether it is the reader's own account. */
  isOwn: boolean;
  /** Whether the reader helps those who lost the second factor. */
  helpsWithFactor: boolean;
  /** What was sent and refused. */
  form: Form;
}

export function userPage(view: View, parts: UserPageParts): string {
  const { t } = view;
  const { user, isOwn, helpsWithFactor, form } = parts;
  const labels = { name: t('users:name'), roles: t('users:roles'), successorId: t('users:end.successor') };
  return renderPage(
    <Page
      view={view}
      title={user.name}
      lead={user.email}
      tags={<StateTag view={view} active={user.active} />}
      narrow
      back={{ href: '/users', label: t('users:title') }}
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labels} />
      {form.refusal && <Note tone="warn">{form.refusal}</Note>}
      <EditCard view={view} parts={parts} />
      {user.active && !isOwn && (
        <>
          <ButtonCard view={view} user={user} what="password" to="link" variant="plain" />
          {helpsWithFactor && (
            <ButtonCard view={view} user={user} what="factor" to="second-factor" variant="stop" />
          )}
          <EndCard view={view} parts={parts} />
        </>
      )}
      {!user.active && <ButtonCard view={view} user={user} what="restore" to="restore" variant="plain" />}
    </Page>,
  );
}

function EditCard({ view, parts: { user, roles, isOwn, form } }: { view: View; parts: UserPageParts }) {
  const { t } = view;
  const typed = { ...form, values: { name: user.name, roles: user.roles, ...form.values } };
  return (
    <Card title={t('users:edit.title')}>
      <Facts
        items={[
          { label: t('users:organisation'), value: user.organisationName ?? t('users:network') },
          ...(isOwn ? [{ label: t('users:roles'), value: rolesText(view, user.roles) }] : []),
        ]}
      />
      <PostForm action={`/users/${user.id}`}>
        <NameField view={view} form={typed} />
        {isOwn ? <p>{t('users:edit.own')}</p> : <RolesField view={view} form={typed} roles={roles} />}
        <SubmitButton>{t('users:edit.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}

interface ButtonCardProps {
  view: View;
  user: ListedUser;
  /** Its words. */
  what: 'password' | 'factor' | 'restore' | 'end';
  /** Where below the user's page it goes. */
  to: string;
  variant: ButtonVariant;
  children?: ComponentChildren;
}

/** One thing that can be done with an account, what follows from it, and the button that does it. */
const ButtonCard = ({ view: { t }, user, what, to, variant, children }: ButtonCardProps) => (
  <Card title={t(`users:${what}.title`)}>
    <p>{t(`users:${what}.lead`)}</p>
    <PostForm action={`/users/${user.id}/${to}`}>
      {children}
      <SubmitButton variant={variant}>{t(`users:${what}.button`)}</SubmitButton>
    </PostForm>
  </Card>
);

const EndCard = ({ view, parts: { user, colleagues, form } }: { view: View; parts: UserPageParts }) => (
  <ButtonCard view={view} user={user} what="end" to="end" variant="stop">
    {colleagues.length > 0 && (
      <SelectField
        t={view.t}
        form={form}
        name="successorId"
        required
        label={view.t('users:end.successor')}
        empty={view.t('users:end.choose')}
        options={colleagues.map(({ id, name }) => ({ value: id, label: name }))}
      />
    )}
  </ButtonCard>
);
