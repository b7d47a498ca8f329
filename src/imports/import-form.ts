import { DomainError, invalid, type FieldFault } from '../kernel/errors.js';
import { parse } from '../platform/fields.js';
import type { SentFile, SentForm } from '../platform/upload.js';
import { NewImport } from './imports.dto.js';
import { FILE_BYTES } from './table-reader.js';

/**
 * What a form asks for, and its file. Everything that is wrong is told at once.
 * @throws DomainError `input.invalid`
 */
export function orderOf({ fields, files, fileTooLarge }: SentForm): { input: NewImport; file: SentFile } {
  const { idempotencyKey: _, ...given } = fields;
  const faults: FieldFault[] = [];
  if (given.kind === 'history' && !given.fundCode) faults.push({ path: 'fundCode', code: 'required' });
  if (fileTooLarge) faults.push({ path: 'file', code: 'fileTooLarge', facts: { max: FILE_BYTES / 1e6 } });
  else if (files.length === 0) faults.push({ path: 'file', code: 'required' });
  try {
    const input = parse(NewImport, given);
    if (faults.length === 0) return { input, file: files[0]! };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    faults.unshift(...error.fields);
  }
  throw invalid(...faults);
}
