/** One bad field: where it is, which rule it breaks, and the facts that its sentence needs. */
export interface FieldFault {
  path: string;
  code: string;
  facts?: Record<string, unknown>;
}

export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'absent'
  | 'conflict'
  | 'timed_out'
  | 'too_large'
  | 'too_long'
  | 'head_too_large'
  | 'unsupported'
  | 'invalid'
  | 'limited'
  | 'unavailable';

/**
 * Something the domain refuses, by a `code` (`budget.exceeded`) and facts. Only the HTTP layer knows status
 * codes and only the translations know sentences. Facts must hold no personal data: they are logged and sent.
 */
export class DomainError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    readonly facts: Record<string, unknown> = {},
    readonly fields: FieldFault[] = [],
  ) {
    super(code);
    this.name = 'DomainError';
  }
}

/** Bad input, each wrong field named with its place. */
export const invalid = (...fields: FieldFault[]): DomainError =>
  new DomainError('invalid', 'input.invalid', {}, fields);

/** The present state does not allow it. */
export const conflict = (code: string, facts?: Record<string, unknown>): DomainError =>
  new DomainError('conflict', code, facts);

/** This actor may not do it, and knows that the thing exists. */
export const forbidden = (code = 'access.forbidden', facts?: Record<string, unknown>): DomainError =>
  new DomainError('forbidden', code, facts);

/** Absent, or not this actor's: one error for both, so that a probe learns nothing (privacy, point 4). */
export const absent = (): DomainError => new DomainError('absent', 'resource.absent');
