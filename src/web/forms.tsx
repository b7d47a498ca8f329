import type { ComponentChildren } from 'preact';
import { fieldId, type FieldError } from './fields.js';
import type { T } from './words.js';

export * from './fields.js';

interface FormProps {
  action: string;
  children: ComponentChildren;
  /** A name for the form, so that a button outside of it can belong to it. */
  id?: string;
  /** More attributes of the form, such as those of htmx. */
  attributes?: Record<string, string>;
}

/** A form that changes something. Browsers do not judge it: our sentences do, in the reader's language. */
export const PostForm = ({
  multipart,
  attributes,
  children,
  ...form
}: FormProps & { multipart?: boolean }) => (
  <form
    {...attributes}
    {...form}
    method="post"
    encType={multipart ? 'multipart/form-data' : undefined}
    noValidate
  >
    {children}
  </form>
);

/** A form that only asks: a search, a filter, a period. */
export const GetForm = ({ attributes, children, ...form }: FormProps) => (
  <form {...attributes} {...form} method="get" class="filter" noValidate>
    {children}
  </form>
);

export const HiddenField = ({ name, value }: { name: string; value: string | number }) => (
  <input type="hidden" name={name} value={value} />
);

/** The key that makes sending the same form twice do its work once; made anew for each shown form. */
export const IdempotencyField = ({ value }: { value: string }) => (
  <HiddenField name="idempotencyKey" value={value} />
);

/** Two short fields side by side, also on the phone. */
export const FieldsBeside = ({ children }: { children: ComponentChildren }) => (
  <div class="beside-fields">{children}</div>
);

/** The label of a path; `lines.*.item` names that field of every line, which then is told apart by number. */
function labelled(t: T, error: FieldError, labels: Record<string, string>): string {
  const { path, message } = error;
  const own = labels[path];
  if (own !== undefined) return t('common:form.labelled', { label: own, message });
  const line = /\.(\d+)\./.exec(path)?.[1];
  const label = labels[path.replace(/\.\d+(?=\.|$)/g, '.*')];
  if (label === undefined) return message;
  return line === undefined
    ? t('common:form.labelled', { label, message })
    : t('common:form.labelledInLine', { label, message, line: Number(line) + 1 });
}

/**
 * What is wrong, on top of the page, each with a link to its field. `labels` names the fields by path; without
 * one, an error's sentence stands alone. Shows nothing when nothing is wrong.
 */
export function ErrorSummary({ t, errors, labels = {} }: SummaryProps) {
  if (errors.length === 0) return null;
  return (
    <div class="summary" role="alert" tabIndex={-1} data-focus>
      <h2>{t('common:form.errorTitle')}</h2>
      <p>{t('common:form.errorCount', { count: errors.length })}</p>
      <ul>
        {errors.map((error) => (
          <li key={`${error.path} ${error.code}`}>
            {error.path ? (
              <a href={`#${fieldId(error.path)}`}>{labelled(t, error, labels)}</a>
            ) : (
              error.message
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface SummaryProps {
  t: T;
  errors: FieldError[];
  labels?: Record<string, string>;
}

/** `primary` only for the most likely action of a page; `plain` to refuse or step back; `stop` to end something. */
export type ButtonVariant = 'primary' | 'ghost' | 'plain' | 'quiet' | 'stop';

export const buttonClass = (variant: ButtonVariant = 'primary'): string =>
  variant === 'primary' ? 'btn' : `btn ${variant}`;

interface ButtonProps {
  children: ComponentChildren;
  variant?: ButtonVariant;
  name?: string;
  value?: string;
  /** Where this button sends the form instead of to its action. */
  action?: string;
  /** The id of the form, for a button outside of it. */
  form?: string;
  /** A template such as `¥{amount} を承認する`: with script, the text follows the form's total. */
  amountLabel?: string;
  attributes?: Record<string, string>;
}

/** The button says what it does; `children` are its words without script. */
export const SubmitButton = ({
  children,
  variant,
  action,
  amountLabel,
  attributes,
  ...button
}: ButtonProps) => (
  <button
    {...attributes}
    {...button}
    type="submit"
    class={buttonClass(variant)}
    formAction={action}
    data-amount-label={amountLabel}
  >
    {children}
  </button>
);
