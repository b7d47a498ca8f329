import type { ClassConstructor } from 'class-transformer';
import { DomainError } from '../kernel/errors.js';
import { parse } from '../platform/fields.js';
import type { RowError, TableRow } from './table-reader.js';

/** Something read from a row, with the row's number. */
export interface Numbered<T> {
  row: number;
  value: T;
}

/** How the columns of a table become the fields of a DTO. */
export interface RowShape<T extends object> {
  type: ClassConstructor<T>;
  /** Field by column. */
  fields: Record<string, string>;
  /** The columns that hold days. */
  days: readonly string[];
  /** Further normalising of a cell, by column, before the field's own. */
  cells?: Record<string, (text: string) => unknown>;
  /** What to say of the choices that a column has, by column. */
  choices?: Record<string, readonly string[]>;
}

/** A code in half width and capitals, with plain hyphens. */
export const asCode = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[‐‑‒–—−ー]/g, '-')
    .toUpperCase();

/** Spreadsheets eat the zero of `08`. */
export const asPrefecture = (text: string): string => text.normalize('NFKC').replace(/^\d$/, '0$&');
export const PREFECTURE_CHOICES = ['01–47', '99'];

/** Reads one row as a DTO, or says what is wrong with each of its cells. */
export function readRow<T extends object>(
  shape: RowShape<T>,
  { row, cells }: TableRow,
): { value: T; errors: [] } | { value: null; errors: RowError[] } {
  const input = Object.entries(shape.fields).map(([column, field]) => {
    const text = cells[column] ?? '';
    return [field, shape.cells?.[column]?.(text) ?? text];
  });
  try {
    return { value: parse(shape.type, Object.fromEntries(input)), errors: [] };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { value: null, errors: error.fields.map((fault) => ({ row, ...errorOf(shape, fault) })) };
  }
}

function errorOf<T extends object>(
  { fields, choices }: RowShape<T>,
  { path, code, facts }: { path: string; code: string; facts?: Record<string, unknown> },
): Omit<RowError, 'row'> {
  const column = Object.keys(fields).find((name) => fields[name] === path) ?? null;
  const offered = code === 'choice' && column ? choices?.[column] : undefined;
  const told = offered ? { choices: offered.join(', ') } : facts;
  return { column, code, ...(told && { facts: told }) };
}

/** The errors in the order of the rows, one for each cell: what follows from an error is not another one. */
export function firstOfEachCell(errors: readonly RowError[]): RowError[] {
  const first = new Map<string, RowError>();
  for (const error of errors) {
    const place = `${error.row} ${error.column}`;
    if (!first.has(place)) first.set(place, error);
  }
  return [...first.values()].sort((one, other) => one.row - other.row);
}
