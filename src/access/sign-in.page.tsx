import { ErrorSummary, PostForm, SubmitButton, TextField, type FormState } from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { Factors } from './factors.js';
import { STEP_UP_FIELD, type KeptForm } from './kept-forms.js';
import { KeptFormButton, Onward, SentFields } from './onward.js';
import { PasskeyButton } from './passkey.page.js';

const CONFIRM = '/api/v1/session/second-factor/options';

/** Which of its sentences a page shows, by what its reader can show. */
const kindOf = ({ hasApp, hasPasskey }: Factors): string => {
  if (hasApp && hasPasskey) return 'both';
  return hasPasskey ? 'passkey' : 'app';
};

interface ProofProps {
  view: View;
  form: FormState;
  factors: Factors;
  name: string;
  /** What the button of a code says. */
  button: string;
}

/** A passkey, a code of the authenticator or a recovery code: whatever this reader has. */
const Proof = ({ view, form, factors, name, button }: ProofProps) => (
  <>
    {factors.hasPasskey && (
      <PasskeyButton view={view} kind="get" options={CONFIRM} field={name}>
        {view.t('access:passkey.use')}
      </PasskeyButton>
    )}
    <CodeField view={view} form={form} factors={factors} name={name} />
    <SubmitButton variant={factors.hasPasskey ? 'plain' : 'primary'}>{button}</SubmitButton>
  </>
);

/** A code of the authenticator, or a recovery code. A telephone offers the one that it has just shown. */
const CodeField = ({
  view: { t },
  form,
  factors: { hasApp, hasPasskey },
  name,
}: Omit<ProofProps, 'button'>) => (
  <TextField
    t={t}
    form={{ values: {}, errors: form.errors }}
    name={name}
    autocomplete="one-time-code"
    required={!hasPasskey}
    label={t(hasApp ? 'access:code.label' : 'access:code.recovery')}
    help={hasApp ? t('access:code.help') : undefined}
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
        <PostForm action="/sign-in/passkey">
          <Onward values={form.values} />
          <PasskeyButton
            view={view}
            kind="get"
            options="/api/v1/session/passkey/options"
            field="answer"
            variant="ghost"
          >
            {t('access:passkey.signIn')}
          </PasskeyButton>
        </PostForm>
      </Card>
      <p>{t('access:signIn.help')}</p>
    </Page>,
  );
}

/** After the password: a code, before anything else is shown. */
export function codePage(view: View, form: FormState, factors: Factors, refusal?: string): string {
  const { t } = view;
  const kind = kindOf(factors);
  return renderPage(
    <Page
      view={view}
      title={t('access:code.title')}
      lead={t(`access:code.lead.${kind}`)}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card>
        <PostForm action="/second-factor">
          <Onward values={form.values} />
          <Proof view={view} form={form} factors={factors} name="code" button={t('access:code.button')} />
        </PostForm>
      </Card>
      <p>{t(`access:code.lost.${kind}`)}</p>
      {!view.user && (
        <PostForm action="/sign-out">
          <SubmitButton variant="quiet">{t('access:code.other')}</SubmitButton>
        </PostForm>
      )}
    </Page>,
  );
}

/** Before something that matters: the second factor, and then on with the very form that was sent. */
export function stepUpPage(
  view: View,
  { path, fields }: KeptForm,
  factors: Factors,
  refusal?: string,
): string {
  const { t } = view;
  const kind = kindOf(factors);
  return renderPage(
    <Page view={view} title={t('access:stepUp.title')} lead={t(`access:stepUp.lead.${kind}`)} narrow>
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card>
        <PostForm action={path}>
          <SentFields fields={fields} />
          <Proof
            view={view}
            form={{ values: {}, errors: [] }}
            factors={factors}
            name={STEP_UP_FIELD}
            button={t('access:stepUp.button')}
          />
        </PostForm>
      </Card>
      <p>{t(`access:code.lost.${kind}`)}</p>
    </Page>,
  );
}

/** Back again: what was typed before the session ended waits to be sent. */
export function continuePage(view: View, form: KeptForm): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('access:kept.title')} lead={t('access:kept.lead')} narrow>
      <Card>
        <KeptFormButton view={view} form={form} />
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
