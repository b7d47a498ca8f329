import type { ComponentChildren } from 'preact';
import type { T } from './words.js';

/** One wrong field: where, by which rule, and the sentence for its reader. */
export interface FieldError {
  path: string;
  code: string;
  message: string;
}

/** What was typed, flat (`'lines.0.item'`) or nested, and what is wrong with it. */
export interface FormState {
  values: Record<string, unknown>;
  errors: FieldError[];
}

export interface FieldProps {
  t: T;
  form: FormState;
  /** May be a path (`lines.0.item`). */
  name: string;
  label: string;
  help?: ComponentChildren;
  required?: boolean;
  /** Only for eyes that have the heading of a table column instead. */
  hideLabel?: boolean;
  /** More attributes of the control, such as those of htmx. */
  attributes?: Record<string, string>;
}

export interface Option {
  value: string;
  label: string;
  help?: string;
}

/** The id of a field, which the error summary links to: its name with dashes. */
export const fieldId = (name: string): string => name.replaceAll('.', '-');

/** The typed value at a path: of the flat map when it has the path, else walked down. */
export function valueAt(values: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(values, path)) return values[path];
  let value: unknown = values;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

export const typed = ({ form, name }: FieldProps): string => textOf(valueAt(form.values, name));

export const chosen = ({ form, name }: FieldProps): string[] => {
  const value = valueAt(form.values, name);
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)];
};

export const errorsOf = ({ form, name }: FieldProps): FieldError[] =>
  form.errors.filter(({ path }) => path === name);

/** What ties a control to its label, its help and its error. */
export function tied(field: FieldProps) {
  const id = fieldId(field.name);
  const wrong = errorsOf(field).length > 0;
  const notes = [field.help && `${id}-help`, wrong && `${id}-error`].filter(Boolean);
  return {
    ...field.attributes,
    id,
    name: field.name,
    required: field.required,
    'aria-invalid': wrong ? ('true' as const) : undefined,
    'aria-describedby': notes.length > 0 ? notes.join(' ') : undefined,
  };
}

export const Label = ({ field }: { field: FieldProps }) => (
  <>
    {field.label}
    {field.required && <span class="required">{field.t('common:form.required')}</span>}
  </>
);

export function Notes({ field, children }: { field: FieldProps; children: ComponentChildren }) {
  const id = fieldId(field.name);
  const errors = errorsOf(field);
  return (
    <>
      {field.help && (
        <div class="help" id={`${id}-help`}>
          {field.help}
        </div>
      )}
      {children}
      {errors.length > 0 && (
        <p class="error" id={`${id}-error`}>
          {errors.map(({ message }) => message).join(' ')}
        </p>
      )}
    </>
  );
}

/** Label above, help between label and control, error below: the frame of every single control. */
export const Field = ({ field, children }: { field: FieldProps; children: ComponentChildren }) => (
  <div class={errorsOf(field).length > 0 ? 'field wrong' : 'field'}>
    <label for={fieldId(field.name)} class={field.hideLabel ? 'visually-hidden' : undefined}>
      <Label field={field} />
    </label>
    <Notes field={field}>{children}</Notes>
  </div>
);

/** The same for several choices under one question. */
export const Question = ({ field, children }: { field: FieldProps; children: ComponentChildren }) => (
  <fieldset
    class={errorsOf(field).length > 0 ? 'field wrong' : 'field'}
    aria-describedby={tied(field)['aria-describedby']}
  >
    <legend class={field.hideLabel ? 'visually-hidden' : undefined}>
      <Label field={field} />
    </legend>
    <Notes field={field}>{children}</Notes>
  </fieldset>
);
