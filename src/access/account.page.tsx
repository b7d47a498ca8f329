import {
  ErrorSummary,
  HiddenField,
  PostForm,
  RadioField,
  SubmitButton,
  TextField,
  type FormState,
} from '../web/forms.js';
import { Moment } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Facts, Note, Rows, Tag } from '../web/parts.js';
import type { Refused } from '../web/refused.js';
import type { View } from '../web/view.js';
import { SCOPES, type ApiKeyView } from './api-keys.service.js';
import type { KeptForm } from './kept-forms.js';
import { KeptFormButton, Onward } from './onward.js';
import { AddPasskey, PasskeysCard } from './passkey.page.js';
import type { PasskeyView } from './passkeys.service.js';
import type { NewFactor } from './second-factors.service.js';
import type { SessionView } from './sessions.service.js';
import type { User } from './user.entity.js';

type Form = FormState & Refused;
export interface AccountForms {
  password?: Form;
  key?: Form;
}

export interface Account {
  user: User;
  factor: { since: Date | null; codesLeft: number };
  passkeys: PasskeyView[];
  sessions: SessionView[];
  keys: ApiKeyView[];
  /** The session that asks. */
  present?: string;
}

const NOTHING: FormState = { values: {}, errors: [] };

export function accountPage(view: View, account: Account, forms: AccountForms): string {
  const { t } = view;
  const errors = [...(forms.password?.errors ?? []), ...(forms.key?.errors ?? [])];
  const refusal = forms.password?.refusal ?? forms.key?.refusal;
  return renderPage(
    <Page view={view} title={t('account:title')} lead={account.user.email} narrow errors={errors}>
      <ErrorSummary t={t} errors={errors} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <FactorCard view={view} account={account} />
      <PasskeysCard view={view} passkeys={account.passkeys} />
      <SessionsCard view={view} account={account} />
      <PasswordCard view={view} form={forms.password ?? NOTHING} />
      <KeysCard view={view} keys={account.keys} form={forms.key ?? NOTHING} />
    </Page>,
  );
}

function FactorCard({ view, account: { factor, passkeys } }: { view: View; account: Account }) {
  const { t } = view;
  const { since, codesLeft } = factor;
  if (!since && passkeys.length === 0) {
    return (
      <Card title={t('account:factor.title')} accent="lamp">
        <p>{t('account:factor.none')}</p>
        <ButtonLink href="/account/second-factor?back=/account">{t('account:factor.setUp')}</ButtonLink>
      </Card>
    );
  }
  return (
    <Card title={t('account:factor.title')}>
      <Facts
        items={[
          {
            label: t('account:factor.since'),
            value: since ? <Moment moment={since} view={view} /> : t('account:factor.noApp'),
          },
          { label: t('account:factor.codes'), value: t('account:factor.codesLeft', { count: codesLeft }) },
        ]}
      />
      <PostForm action="/account/recovery-codes">
        <SubmitButton variant="plain">{t('account:factor.newCodes')}</SubmitButton>
      </PostForm>
      <ButtonLink href="/account/second-factor?back=/account" variant="quiet">
        {t(since ? 'account:factor.replace' : 'account:factor.setUp')}
      </ButtonLink>
    </Card>
  );
}

function SessionsCard({ view, account: { sessions, present } }: { view: View; account: Account }) {
  const { t } = view;
  return (
    <Card title={t('account:sessions.title')}>
      <Rows
        items={sessions.map(({ id, device, createdAt, lastSeenAt }) => ({
          title: device || t('account:sessions.unknown'),
          detail: (
            <>
              {t('account:sessions.seen')} <Moment moment={lastSeenAt} view={view} />
              {t('common:part.dot')}
              {t('account:sessions.begun')} <Moment moment={createdAt} view={view} />
            </>
          ),
          side:
            id === present ? (
              <Tag tone="ok">{t('account:sessions.present')}</Tag>
            ) : (
              <PostForm action={`/account/sessions/${id}/end`}>
                <SubmitButton variant="quiet">{t('account:sessions.end')}</SubmitButton>
              </PostForm>
            ),
        }))}
      />
      {sessions.length > 1 && (
        <PostForm action="/account/sessions/end">
          <SubmitButton variant="stop">{t('account:sessions.endOthers')}</SubmitButton>
        </PostForm>
      )}
    </Card>
  );
}

function PasswordCard({ view, form }: { view: View; form: FormState }) {
  const { t } = view;
  return (
    <Card title={t('account:password.title')}>
      <PostForm action="/account/password">
        <TextField
          t={t}
          form={form}
          name="present"
          type="password"
          autocomplete="current-password"
          required
          label={t('account:password.present')}
        />
        <TextField
          t={t}
          form={form}
          name="password"
          type="password"
          autocomplete="new-password"
          required
          label={t('access:welcome.password')}
          help={t('account:password.help')}
        />
        <SubmitButton>{t('account:password.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}

function KeysCard({ view, keys, form }: { view: View; form: FormState } & Pick<Account, 'keys'>) {
  const { t } = view;
  return (
    <Card title={t('account:keys.title')}>
      <p>{t('account:keys.lead')}</p>
      <Rows
        items={keys.map(({ id, name, scope, expiresAt, lastUsedAt }) => ({
          title: name ?? t('account:keys.unnamed'),
          detail: (
            <>
              {t(`account:keys.scope.${scope}`)}
              {t('common:part.dot')}
              {t('account:keys.until')} <Moment moment={expiresAt} view={view} />
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
            <PostForm action={`/account/api-keys/${id}/end`}>
              <SubmitButton variant="quiet">{t('account:keys.end')}</SubmitButton>
            </PostForm>
          ),
        }))}
      />
      <PostForm action="/account/api-keys">
        <TextField
          t={t}
          form={form}
          name="name"
          required
          label={t('account:keys.name')}
          help={t('account:keys.nameHelp')}
        />
        <RadioField
          t={t}
          form={{ ...form, values: { scope: 'read', ...form.values } }}
          name="scope"
          required
          label={t('account:keys.scopeLabel')}
          options={SCOPES.map((value) => ({ value, label: t(`account:keys.scope.${value}`) }))}
        />
        <SubmitButton variant="plain">{t('account:keys.make')}</SubmitButton>
      </PostForm>
    </Card>
  );
}

/** The secret as a picture and in letters, and the first code that proves it was taken over. */
export function setUpPage(view: View, offer: NewFactor, form: FormState): string {
  const { t } = view;
  const spaced = offer.secret.match(/.{1,4}/g)!.join(' ');
  return renderPage(
    <Page
      view={view}
      title={t('account:setUp.title')}
      lead={t('account:setUp.lead')}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} />
      {typeof form.values.kept === 'string' && <Note>{t('account:setUp.kept')}</Note>}
      <Card title={t('account:setUp.scan')}>
        <p>{t('account:setUp.scanHow')}</p>
        <img class="qr" src={offer.picture} alt={t('account:setUp.picture')} width="200" height="200" />
        <p>{t('account:setUp.type')}</p>
        <p>
          <code>{spaced}</code>
        </p>
      </Card>
      <Card title={t('account:setUp.prove')}>
        <PostForm action="/account/second-factor">
          <HiddenField name="sealed" value={offer.sealed} />
          <Onward values={form.values} />
          <TextField
            t={t}
            form={{ values: {}, errors: form.errors }}
            name="code"
            autocomplete="one-time-code"
            required
            label={t('account:setUp.code')}
          />
          <SubmitButton>{t('account:setUp.button')}</SubmitButton>
        </PostForm>
      </Card>
      <Card title={t('account:setUp.passkey')}>
        <p>{t('account:passkeys.lead')}</p>
        <AddPasskey view={view} form={{ values: form.values, errors: [] }} variant="ghost" />
      </Card>
    </Page>,
  );
}

/** Recovery codes, shown once; then on to where one was going, or to the form that was kept. */
export function codesPage(view: View, codes: string[], back: string, form: KeptForm | null = null): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('account:codes.title')} lead={t('account:codes.lead')} narrow>
      <Card>
        <ol class="codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
        <p>{t('account:codes.keep')}</p>
        {form ? (
          <KeptFormButton view={view} form={form} />
        ) : (
          <ButtonLink href={back}>{t('account:codes.done')}</ButtonLink>
        )}
      </Card>
    </Page>,
  );
}

/** A new key, shown once. */
export function keyPage(view: View, key: string): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('account:newKey.title')} lead={t('account:newKey.lead')} narrow>
      <Card>
        <p>
          <code>{key}</code>
        </p>
        <ButtonLink href="/account">{t('account:newKey.done')}</ButtonLink>
      </Card>
    </Page>,
  );
}
