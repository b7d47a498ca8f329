import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { plainToInstance, Transform, Type, type ClassConstructor } from 'class-transformer';
import {
  isEmail,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  validateSync,
  type ValidationError,
} from 'class-validator';
import { isDay, parseDay } from '../kernel/calendar.js';
import { invalid, type FieldFault } from '../kernel/errors.js';
import { isId } from '../kernel/ids.js';
import { isYen, MAX_YEN, parseYen } from '../kernel/money.js';
import { hasUnprintable, normaliseText } from '../kernel/text.js';

/** What a rule says of a value: nothing, or the code of the sentence to show with its facts. */
type Verdict = null | { code: string; facts?: Record<string, unknown> };
interface Optional {
  optional?: boolean;
  /** Empty takes out what was there, and arrives as null; what is left out is absent all the same. */
  clears?: boolean;
}

const REQUIRED: Verdict = { code: 'required' };
const missing = (value: unknown): boolean => value === undefined || value === null || value === '';

/** One field: normalised, then judged by one rule, and described in OpenAPI. An empty optional field is absent. */
function field(
  { optional = false, clears = false }: Optional,
  judge: (value: unknown) => Verdict,
  normalise: (value: unknown) => unknown,
  api: ApiPropertyOptions,
): PropertyDecorator {
  const verdict = (value: unknown): Verdict => (missing(value) ? REQUIRED : judge(value));
  return applyDecorators(
    ApiProperty({ ...api, required: !optional, ...(clears && { nullable: true }) } as ApiPropertyOptions),
    Transform(({ obj, key }) => {
      const value: unknown = (obj as Record<string, unknown>)[key];
      // White space alone is as empty as nothing.
      const normal = missing(value) ? value : normalise(value);
      if (!missing(normal)) return normal;
      return clears && value !== undefined ? null : undefined;
    }),
    ...(optional ? [ValidateIf((_, value) => !missing(value))] : []),
    ValidateBy({
      name: 'field',
      validator: {
        validate: (value) => verdict(value) === null,
        defaultMessage: (args) => JSON.stringify(verdict(args?.value) ?? REQUIRED),
      },
    }),
  );
}

const asIs = (value: unknown): unknown => value;
const trimmed = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);
const lowerCased = (value: unknown): unknown =>
  typeof value === 'string' ? value.trim().toLowerCase() : value;
const plain = (value: unknown): unknown => (typeof value === 'string' ? normaliseText(value) : value);
const read = (reader: (text: string) => unknown) => (value: unknown) =>
  typeof value === 'string' ? (reader(value) ?? value) : value;

const textVerdict = (value: unknown, min: number, max: number): Verdict => {
  if (typeof value !== 'string' || hasUnprintable(value)) return { code: 'text' };
  if ([...value].length > max) return { code: 'tooLong', facts: { max } };
  return [...value].length < min ? { code: 'tooShort', facts: { min } } : null;
};

/** Free text of `min` to `max` characters, trimmed; line breaks stay. */
export const IsText = ({
  min = 1,
  max,
  ...empty
}: Optional & { min?: number; max: number }): PropertyDecorator =>
  field(empty, (value) => textVerdict(value, min, max), trimmed, {
    type: String,
    minLength: min,
    maxLength: max,
  });

/** A password or key: never trimmed or normalised. */
export const IsSecret = ({
  min,
  max = 200,
  optional,
}: Optional & { min: number; max?: number }): PropertyDecorator =>
  field({ optional }, (value) => textVerdict(value, min, max), asIs, { type: String, format: 'password' });

/** A code that matches a pattern, in half width; `example` is what the sentence shows. */
export const IsCode = ({ pattern, example, ...empty }: Optional & { pattern: RegExp; example: string }) =>
  field(
    empty,
    (value) =>
      typeof value === 'string' && pattern.test(value) ? null : { code: 'code', facts: { example } },
    plain,
    { type: String, example },
  );

/** Whole yen from `min` (1 unless told) to a trillion; full-width digits, separators, `¥` and `円` are understood. */
export const IsYenAmount = ({ min = 1, optional }: Optional & { min?: number } = {}): PropertyDecorator =>
  field(
    { optional },
    (value) => {
      if (!isYen(value) || value < min) return { code: 'yen', facts: { min, max: MAX_YEN } };
      return value > MAX_YEN ? { code: 'max', facts: { max: MAX_YEN } } : null;
    },
    read(parseYen),
    { type: 'integer', minimum: min, maximum: MAX_YEN, description: 'Whole yen' },
  );

/** A whole number from `min` to `max`. */
export const IsWhole = ({ min, max, optional }: Optional & { min: number; max: number }): PropertyDecorator =>
  field(
    { optional },
    (value) => {
      if (!isYen(value)) return { code: 'integer' };
      if (value < min) return { code: 'min', facts: { min } };
      return value > max ? { code: 'max', facts: { max } } : null;
    },
    read(parseYen),
    { type: 'integer', minimum: min, maximum: max },
  );

/** A day, `YYYY-MM-DD`; `2024/12/1` and `令和6年12月1日` are understood. */
export const IsDayText = (empty: Optional = {}): PropertyDecorator =>
  field(empty, (value) => (isDay(value) ? null : { code: 'day' }), read(parseDay), {
    type: String,
    format: 'date',
  });

/** A moment, ISO 8601 with its zone. */
export const IsMoment = ({ optional }: Optional = {}): PropertyDecorator =>
  field(
    { optional },
    (value) =>
      typeof value === 'string' &&
      /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(value) &&
      !Number.isNaN(Date.parse(value))
        ? null
        : { code: 'moment' },
    // A `+` that was not encoded arrives from an address as a space.
    read((text) => text.trim().replace(/ (?=\d{2}:\d{2}$)/, '+')),
    { type: String, format: 'date-time' },
  );

/** One of these codes. */
export const IsOneOf = (choices: readonly string[], empty: Optional = {}): PropertyDecorator =>
  field(empty, (value) => (choices.includes(value as string) ? null : { code: 'choice' }), trimmed, {
    type: String,
    enum: [...choices],
  });

// A form with one box ticked sends text, with several a list; a query string separates by commas.
const listed = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;

/** Some of these codes, each once; at least `min`. */
export const IsSomeOf = (
  choices: readonly string[],
  { min = 0, max = choices.length, ...empty }: Optional & { min?: number; max?: number } = {},
): PropertyDecorator =>
  field(
    empty,
    (value) => {
      if (!Array.isArray(value) || new Set(value).size !== value.length) return { code: 'list' };
      if (value.some((part) => !choices.includes(part))) return { code: 'choice' };
      if (value.length > max) return { code: 'listTooLong', facts: { max } };
      return value.length < min ? { code: 'listEmpty' } : null;
    },
    listed,
    { type: [String], enum: [...choices], isArray: true } as ApiPropertyOptions,
  );

/** The id of something. */
export const IsId = (empty: Optional = {}): PropertyDecorator =>
  field(empty, (value) => (isId(value) ? null : { code: 'uuid' }), lowerCased, {
    type: String,
    format: 'uuid',
  });

/** A list of `min` to `max` different ids. */
export const IsIdList = ({
  min = 1,
  max,
  optional,
}: Optional & { min?: number; max: number }): PropertyDecorator =>
  field(
    { optional },
    (value) => {
      if (!Array.isArray(value) || !value.every(isId) || new Set(value).size !== value.length)
        return { code: 'list' };
      if (value.length > max) return { code: 'listTooLong', facts: { max } };
      return value.length < min ? { code: 'listEmpty' } : null;
    },
    (value) => {
      const ids = listed(value);
      return Array.isArray(ids) ? ids.map(lowerCased) : ids;
    },
    { type: [String], format: 'uuid' },
  );

/** An e-mail address, in lower case. */
export const IsMail = (): PropertyDecorator =>
  field(
    {},
    (value) =>
      typeof value === 'string' && !hasUnprintable(value) && isEmail(value) ? null : { code: 'email' },
    (value) => (typeof value === 'string' ? normaliseText(value).toLowerCase() : value),
    { type: String, format: 'email' },
  );

/** Yes or no; a ticked box of a form counts as yes. */
export const IsFlag = ({ optional = true }: Optional = {}): PropertyDecorator =>
  field(
    { optional },
    (value) => (typeof value === 'boolean' ? null : { code: 'boolean' }),
    read((text) => ({ on: true, true: true, false: false })[text]),
    { type: Boolean },
  );

const emptyIsAbsent = Transform(({ value }): unknown => (missing(value) ? undefined : value));

/** An object with fields of its own. */
export const IsPart = (
  part: () => ClassConstructor<object>,
  { optional = false }: Optional = {},
): PropertyDecorator =>
  applyDecorators(
    // Swagger takes a function for a lazy type only when its name is `type`.
    ApiProperty({ type: () => part(), required: !optional }),
    Type(part),
    emptyIsAbsent,
    ...(optional ? [ValidateIf((_, value) => !missing(value))] : []),
    ValidateBy({
      name: 'part',
      validator: {
        validate: isObject,
        defaultMessage: (args) => JSON.stringify(missing(args?.value) ? REQUIRED : { code: 'malformed' }),
      },
    }),
    ValidateNested(),
  );

/** A list within a list is none: it would be walked into, and nothing of it be judged. */
const isObject = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && !Array.isArray(item);

/** A list of `min` to `max` such objects. */
export const IsListOf = (
  part: () => ClassConstructor<object>,
  { min = 1, max, optional = false }: Optional & { min?: number; max: number },
): PropertyDecorator => {
  const verdict = (value: unknown): Verdict => {
    if (missing(value)) return REQUIRED;
    if (!Array.isArray(value) || !value.every(isObject)) return { code: 'malformed' };
    if (value.length < min) return { code: 'listEmpty' };
    return value.length > max ? { code: 'listTooLong', facts: { max } } : null;
  };
  return applyDecorators(
    ApiProperty({ type: () => part(), isArray: true, required: !optional } as ApiPropertyOptions),
    Transform(({ obj, key }): unknown => {
      const value: unknown = (obj as Record<string, unknown>)[key];
      if (missing(value)) return undefined;
      // One more than allowed suffices to know that there are too many; a hundred thousand would take seconds.
      return Array.isArray(value) ? plainToInstance(part(), value.slice(0, max + 1)) : value;
    }),
    ...(optional ? [ValidateIf((_, value) => !missing(value))] : []),
    ValidateBy({
      name: 'list',
      validator: {
        validate: (value) => verdict(value) === null,
        defaultMessage: (args) => JSON.stringify(verdict(args?.value) ?? REQUIRED),
      },
    }),
    ValidateNested({ each: true }),
  );
};

/**
 * Makes a DTO from what came in (JSON, a form, a query string).
 * @throws DomainError `input.invalid`, naming every wrong field by its path (`lines.0.unitPrice`).
 */
export function parse<T extends object>(type: ClassConstructor<T>, input: unknown): T {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalid({ path: '', code: 'malformed' });
  const dto = plainToInstance(type, input);
  // An empty field means the default, as an absent one does.
  for (const [key, value] of Object.entries(new type())) {
    if (value !== undefined && dto[key as keyof T] === undefined) dto[key as keyof T] = value as T[keyof T];
  }
  const faults = faultsOf(validateSync(dto, { whitelist: true, forbidNonWhitelisted: true }), '');
  if (faults.length > 0) throw invalid(...faults);
  return dto;
}

/** What a change names; a field that it leaves out, or leaves empty, stays as it is. */
export const given = <T extends object>(change: T): Partial<T> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<T>;

function faultsOf(errors: ValidationError[], base: string): FieldFault[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const path = base ? `${base}.${property}` : property;
    const { field, part, list, whitelistValidation } = constraints;
    if (whitelistValidation) return [{ path, code: 'unknownField' }];
    const verdict = field ?? part ?? list;
    return verdict ? [{ path, ...(JSON.parse(verdict) as { code: string }) }] : faultsOf(children, path);
  });
}
