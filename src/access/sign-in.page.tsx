import {
  ErrorSummary,
  HiddenField,
  PostForm,
  SubmitButton,
  TextField,
  type FormState,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import { STEP_UP_FIELD, type Fields, type KeptForm } from './kept-forms.js';

/** Where to go afterwards, and the form that was kept meanwhile. */
export const Onward = ({ values }: Pick<FormState, 'values'>) => (
  <>
    <HiddenField name="back" value={String(values.back ?? '/')} />
    {typeof values.kept === 'string' && <HiddenField name="kept" value={values.kept} />}
  </>
);

/** A form's fields as they were sent. */
const SentFields = ({ fields }: { fields: Fields }) => (
  <>
    {Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((one, index) => <HiddenField key={`${name} ${index}`} name={name} value={one} />),
    )}
  </>
);

/** A code of the authenticator, or a recovery code. A telephone offers the one that it has just shown. */
export const CodeField = ({ view, form, name = 'code' }: { view: View; form: FormState; name?: string }) => (
  <TextField
    t={view.t}
    form={{ values: {}, errors: form.errors }}
    name={name}
    autocomplete="one-time-code"
    required
    label={view.t('access:code.label')}
    help={view.t('access:code.help')}
  />
);

export function signInPage(view: View, form: FormState, refusal?: string): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('access:signIn.title')}
      lead={t('access:signIn.lead')}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card>
        <PostForm action="/sign-in">
          <Onward values={form.values} />
          <TextField
            t={t}
            form={form}
            name="email"
            type="email"
            autocomplete="username"
            required
            label={t('access:signIn.email')}
          />
          <TextField
            t={t}
            form={form}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            label={t('access:signIn.password')}
          />
          <SubmitButton>{t('access:signIn.button')}</SubmitButton>
        </PostForm>
      </Card>
      <p>{t('access:signIn.help')}</p>
    </Page>,
  );
}

/** After the password: a code, before anything else is shown. */
export function codePage(view: View, form: FormState, refusal?: string): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('access:code.title')} lead={t('access:code.lead')} narrow errors={form.errors}>
      <ErrorSummary t={t} errors={form.errors} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card>
        <PostForm action="/second-factor">
          <Onward values={form.values} />
          <CodeField view={view} form={form} />
          <SubmitButton>{t('access:code.button')}</SubmitButton>
        </PostForm>
      </Card>
      <p>{t('access:code.lost')}</p>
      {!view.user && (
        <PostForm action="/sign-out">
          <SubmitButton variant="quiet">{t('access:code.other')}</SubmitButton>
        </PostForm>
      )}
    </Page>,
  );
}

/** Before something that matters: a code, and then on with the very form that was sent. */
export function stepUpPage(view: View, path: string, fields: Fields, refusal?: string): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('access:stepUp.title')} lead={t('access:stepUp.lead')} narrow>
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card>
        <PostForm action={path}>
          <SentFields fields={fields} />
          <CodeField view={view} form={{ values: {}, errors: [] }} name={STEP_UP_FIELD} />
          <SubmitButton>{t('access:stepUp.button')}</SubmitButton>
        </PostForm>
      </Card>
      <p>{t('access:code.lost')}</p>
    </Page>,
  );
}

/** Back again: what was typed before the session ended waits to be sent. */
export function continuePage(view: View, { path, fields }: KeptForm): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('access:kept.title')} lead={t('access:kept.lead')} narrow>
      <Card>
        <PostForm action={path}>
          <SentFields fields={fields} />
          <SubmitButton>{t('access:kept.button')}</SubmitButton>
        </PostForm>
        <ButtonLink href="/" variant="quiet">
          {t('access:kept.drop')}
        </ButtonLink>
      </Card>
    </Page>,
  );
}

export function welcomePage(view: View, token: string, form: FormState): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('access:welcome.title')}
      lead={t('access:welcome.lead')}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} />
      <Card>
        <PostForm action={`/welcome/${token}`}>
          <TextField
            t={t}
            form={form}
            name="password"
            type="password"
            autocomplete="new-password"
            required
            label={t('access:welcome.password')}
          />
          <SubmitButton>{t('access:welcome.button')}</SubmitButton>
        </PostForm>
      </Card>
    </Page>,
  );
}
