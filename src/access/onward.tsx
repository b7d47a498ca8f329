import { HiddenField, PostForm, SubmitButton, type FormState } from '../web/forms.js';
import type { View } from '../web/view.js';
import { safeBack } from './back.js';
import type { Fields, KeptForm } from './kept-forms.js';

/** Where to go afterwards, and the form that was kept meanwhile, as the page that is between them carries them on. */
export interface OnwardValues {
  [name: string]: unknown;
  back: string;
  kept?: string;
}

export const onwardOf = (sent: Record<string, unknown> | undefined): OnwardValues => ({
  back: safeBack(sent?.back),
  ...(typeof sent?.kept === 'string' && { kept: sent.kept }),
});

export const Onward = ({ values }: Pick<FormState, 'values'>) => (
  <>
    <HiddenField name="back" value={String(values.back ?? '/')} />
    {typeof values.kept === 'string' && <HiddenField name="kept" value={values.kept} />}
  </>
);

/** A form's fields as they were sent. */
export const SentFields = ({ fields }: { fields: Fields }) => (
  <>
    {Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((one, index) => <HiddenField key={`${name} ${index}`} name={name} value={one} />),
    )}
  </>
);

/** Sends a kept form at last. */
export const KeptFormButton = ({ view, form: { path, fields } }: { view: View; form: KeptForm }) => (
  <PostForm action={path}>
    <SentFields fields={fields} />
    <SubmitButton>{view.t('access:kept.button')}</SubmitButton>
  </PostForm>
);
