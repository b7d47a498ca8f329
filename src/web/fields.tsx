import { isDay } from '../kernel/calendar.js';
import {
  chosen,
  errorsOf,
  Field,
  fieldId,
  Label,
  Notes,
  Question,
  textOf,
  tied,
  typed,
  valueAt,
  type FieldProps,
  type Option,
} from './field-frame.js';
import { number } from './format.js';

export {
  fieldId,
  valueAt,
  type FieldError,
  type FieldProps,
  type FormState,
  type Option,
} from './field-frame.js';

type TextProps = FieldProps & {
  type?: 'text' | 'email' | 'password' | 'tel' | 'search';
  autocomplete?: string;
};

// There is no maxlength: a browser would cut a pasted text in silence. A password is never sent back.
export const TextField = ({ type = 'text', autocomplete, ...field }: TextProps) => (
  <Field field={field}>
    <input
      {...tied(field)}
      // preact types each kind of input by itself; these have the same attributes.
      type={type as 'text'}
      autoComplete={autocomplete ?? 'off'}
      value={type === 'password' ? undefined : typed(field)}
    />
  </Field>
);

// The parser drops one line break after the tag, so one is put there: a text that begins with one keeps it.
export const TextArea = ({ rows = 4, ...field }: FieldProps & { rows?: number }) => (
  <Field field={field}>
    <textarea {...tied(field)} rows={rows}>
      {`\n${typed(field)}`}
    </textarea>
  </Field>
);

/** A number comes as typed; one from the database gets its thousands separators. */
const digitsOf = (field: FieldProps): string => {
  const value = valueAt(field.form.values, field.name);
  return typeof value === 'number' ? number(value) : textOf(value);
};

/** A whole number with the word for its unit behind it. */
export const NumberField = ({ unit, ...field }: FieldProps & { unit?: string }) => (
  <Field field={field}>
    <div class="measure">
      <input {...tied(field)} type="text" inputMode="numeric" autoComplete="off" value={digitsOf(field)} />
      {unit && <span>{unit}</span>}
    </div>
  </Field>
);

export const MoneyField = (field: FieldProps) => <NumberField {...field} unit={field.t('common:form.yen')} />;

// A date control shows nothing for what is not a day, and would lose what was typed.
export const DayField = (field: FieldProps) => (
  <Field field={field}>
    <input
      {...tied(field)}
      type={(typed(field) === '' || isDay(typed(field)) ? 'date' : 'text') as 'date'}
      value={typed(field)}
    />
  </Field>
);

/** `empty` is the first option's text when nothing is chosen yet; without it the first option is chosen. */
export const SelectField = ({
  options,
  empty,
  ...field
}: FieldProps & { options: Option[]; empty?: string }) => (
  <Field field={field}>
    <select {...tied(field)}>
      {empty !== undefined && <option value="">{empty}</option>}
      {options.map(({ value, label }) => (
        <option key={value} value={value} selected={value === typed(field)}>
          {label}
        </option>
      ))}
    </select>
  </Field>
);

function Choices({
  type,
  options,
  field,
}: {
  type: 'radio' | 'checkbox';
  options: Option[];
  field: FieldProps;
}) {
  const id = fieldId(field.name);
  const values = chosen(field);
  return options.map(({ value, label, help }, index) => (
    <label key={value} class="choice">
      <input
        {...field.attributes}
        type={type}
        // The first one carries the field's id, so that the error summary leads there.
        id={index === 0 ? id : `${id}-${value}`}
        name={field.name}
        value={value}
        required={type === 'radio' && field.required}
        checked={values.includes(value)}
      />
      <span>
        {label}
        {help && <small>{help}</small>}
      </span>
    </label>
  ));
}

/** One of a few, each with a large target. */
export const RadioField = ({ options, ...field }: FieldProps & { options: Option[] }) => (
  <Question field={field}>
    <Choices type="radio" options={options} field={field} />
  </Question>
);

/** Any of a few; the value is a list. */
export const ChecksField = ({ options, ...field }: FieldProps & { options: Option[] }) => (
  <Question field={field}>
    <Choices type="checkbox" options={options} field={field} />
  </Question>
);

/** Yes or nothing: sends `true` when ticked. */
export const CheckField = (field: FieldProps) => (
  <div class={errorsOf(field).length > 0 ? 'field wrong' : 'field'}>
    <label class="choice">
      <input
        {...tied(field)}
        type="checkbox"
        value="true"
        checked={['true', 'on', '1'].includes(typed(field))}
      />
      <span>
        <Label field={field} />
      </span>
    </label>
    <Notes field={field}>{null}</Notes>
  </div>
);

/** A telephone offers its camera for `accept` with pictures; the form must be `multipart`. */
export const FileField = ({
  accept,
  multiple,
  ...field
}: FieldProps & { accept?: string; multiple?: boolean }) => (
  <Field field={field}>
    <input {...tied(field)} type="file" accept={accept} multiple={multiple} />
  </Field>
);
