import { DomainError } from '../kernel/errors.js';
import { fieldErrorsOf, sentenceOf, statusOf } from './errors.filter.js';
import type { FieldError } from './fields.js';
import type { Language } from './words.js';

/** Why a form is shown again: its wrong fields, or one sentence when it is no field's fault. */
export interface Refused {
  errors: FieldError[];
  refusal?: string;
  status: number;
}

/** A form that nothing is wrong with yet. */
export const NOT_REFUSED: Refused = { errors: [], status: 200 };

/** What a form can be shown again for. @throws whatever else it is: unforeseen, or about something absent. */
export function refusable(error: unknown): DomainError {
  if (!(error instanceof DomainError) || error.kind === 'absent') throw error;
  return error;
}

/** A refusal as its form shows it. @throws what no form can answer, as `refusable` does. */
export function refusedForm(error: unknown, language: Language): Refused {
  const known = refusable(error);
  const errors = fieldErrorsOf(known, language);
  const refusal = errors.length > 0 ? undefined : sentenceOf(known, language);
  return { errors, refusal, status: statusOf(known) };
}
