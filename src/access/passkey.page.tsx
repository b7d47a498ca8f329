import type { ComponentChildren } from 'preact';
import { assetPath } from '../web/assets.js';
import {
  buttonClass,
  ErrorSummary,
  PostForm,
  TextField,
  type ButtonVariant,
  type FormState,
} from '../web/forms.js';
import { Moment } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Note, Rows } from '../web/parts.js';
import type { Refused } from '../web/refused.js';
import type { View } from '../web/view.js';
import { Onward } from './onward.js';
import type { PasskeyView } from './passkeys.service.js';

interface ButtonProps {
  view: View;
  /** `create` makes a passkey, `get` uses one. */
  kind: 'create' | 'get';
  /** Where the browser gets what it needs for it. */
  options: string;
  /** The field that carries the answer with the form around the button. */
  field: string;
  variant?: ButtonVariant;
  children: ComponentChildren;
}

/** Shown by script alone, as only script can ask for a passkey; without it a sentence says what to do. */
export const PasskeyButton = ({
  view: { t, nonce },
  kind,
  options,
  field,
  variant,
  children,
}: ButtonProps) => (
  <div class="passkey">
    <button
      type="button"
      class={buttonClass(variant)}
      hidden
      data-passkey={kind}
      data-options={options}
      data-field={field}
    >
      {children}
    </button>
    <p class="error" role="alert" data-passkey-failed hidden>
      {t('access:passkey.failed')}
    </p>
    <noscript>
      <p>{t(`access:passkey.noScript.${kind}`)}</p>
    </noscript>
    <script src={assetPath('webauthn')} nonce={nonce} defer />
    <script src={assetPath('passkeys')} nonce={nonce} type="module" />
  </div>
);

/** Makes a passkey under a name by which its owner knows it again. */
export const AddPasskey = ({
  view,
  form,
  variant,
}: {
  view: View;
  form: FormState;
  variant?: ButtonVariant;
}) => (
  <PostForm action="/account/passkeys">
    <Onward values={form.values} />
    <TextField
      t={view.t}
      form={form}
      name="name"
      required
      label={view.t('account:passkeys.name')}
      help={view.t('account:passkeys.nameHelp')}
    />
    <PasskeyButton
      view={view}
      kind="create"
      options="/api/v1/passkeys/options"
      field="answer"
      variant={variant}
    >
      {view.t('account:passkeys.make')}
    </PasskeyButton>
  </PostForm>
);

export function addPasskeyPage(view: View, form: FormState & Partial<Refused>): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('account:passkeys.add')}
      lead={t('account:passkeys.lead')}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={{ name: t('account:passkeys.name') }} />
      {form.refusal && <Note tone="warn">{form.refusal}</Note>}
      <Card>
        <AddPasskey view={view} form={form} />
      </Card>
    </Page>,
  );
}

export const PasskeysCard = ({ view, passkeys }: { view: View; passkeys: PasskeyView[] }) => {
  const { t } = view;
  return (
    <Card title={t('account:passkeys.title')}>
      <p>{t('account:passkeys.lead')}</p>
      <Rows
        items={passkeys.map(({ id, name, createdAt, lastUsedAt }) => ({
          title: name,
          detail: (
            <>
              {t('account:passkeys.since')} <Moment moment={createdAt} view={view} />
              {t('common:part.dot')}
              {lastUsedAt ? (
                <>
                  {t('account:keys.used')} <Moment moment={lastUsedAt} view={view} />
                </>
              ) : (
                t('account:keys.unused')
              )}
            </>
          ),
          side: (
            <PostForm action={`/account/passkeys/${id}/remove`}>
              <button
                type="submit"
                class={buttonClass('quiet')}
                aria-label={t('account:passkeys.removeNamed', { name })}
              >
                {t('account:passkeys.remove')}
              </button>
            </PostForm>
          ),
        }))}
      />
      <ButtonLink href="/account/passkeys/new?back=/account" variant="ghost">
        {t('account:passkeys.add')}
      </ButtonLink>
    </Card>
  );
};
