import { parse as parseCsv } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { addDays, type Day } from '../kernel/calendar.js';
import { hasUnprintable, normaliseText } from '../kernel/text.js';
import { readSheet, type Cell } from './xlsx-reader.js';

/** What is wrong with one row, or with the header (row 1) or the file as a whole (row 1 without a column). */
export interface RowError {
  row: number;
  column: string | null;
  code: string;
  /** What its sentence needs; never what a cell holds, which may be personal. */
  facts?: Record<string, unknown>;
}

/** A row's cells by column, trimmed; `row` counts as spreadsheets do, the header being row 1. */
export interface TableRow {
  row: number;
  cells: Record<string, string>;
}

export interface Table {
  rows: TableRow[];
  errors: RowError[];
}

/** The columns that a table must have, no more and no fewer, in any order. */
export interface TableShape {
  columns: readonly string[];
  /** Those which hold days: a bare number in a spreadsheet is a date there. */
  days: readonly string[];
}

export const FILE_BYTES = 20_000_000;
export const MAX_ROWS = 50_000;
/** No cell that we read is nearly as long; a forgotten quotation mark makes one of all the rest of a file. */
const MAX_RECORD = 100_000;

/** A file that cannot be read as a table, by the one error that says so. */
export class UnreadableTable extends Error {
  constructor(readonly error: RowError) {
    super(error.code);
  }
}
const ofFile = (code: string, facts?: Record<string, unknown>): RowError => ({
  row: 1,
  column: null,
  code,
  ...(facts && { facts }),
});

/**
 * Reads a spreadsheet (`.xlsx`, its first visible sheet) or a CSV in UTF-8 or CP932 with any line ends (formats,
 * "Spreadsheets"). Blank rows are left out. Whatever is wrong with the file, its header or a cell is in `errors`;
 * nothing is thrown for a bad file.
 */
export async function readTable(bytes: Buffer, shape: TableShape): Promise<Table> {
  try {
    return tableOf(await recordsOf(bytes), shape);
  } catch (error) {
    if (error instanceof UnreadableTable) return { rows: [], errors: [error.error] };
    throw error;
  }
}

const startsWith = (bytes: Buffer, ...start: number[]): boolean =>
  bytes.subarray(0, start.length).equals(Buffer.from(start));

/** The rows of a file, one array of cells each; an index in it is the row's number less one. */
async function recordsOf(bytes: Buffer): Promise<Cell[][]> {
  if (bytes.length > FILE_BYTES) throw new UnreadableTable(ofFile('fileTooLarge', { max: FILE_BYTES / 1e6 }));
  if (startsWith(bytes, 0x50, 0x4b, 3, 4)) {
    const sheet = await readSheet(bytes, MAX_ROWS + 1);
    if (typeof sheet === 'string') throw new UnreadableTable(ofFile(sheet, { max: MAX_ROWS }));
    return sheet;
  }
  // The old binary format, and also an .xlsx behind a password.
  if (startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)) throw new UnreadableTable(ofFile('oldExcel'));
  return csvRecords(decode(bytes));
}

/** UTF-8 first and strictly: text in CP932 is hardly ever valid UTF-8. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const text = iconv.decode(bytes, 'cp932');
    // What neither fits holds characters that nobody writes; UTF-16 holds a null in every other place.
    if (/[\0\ufffd]/.test(text)) throw new UnreadableTable(ofFile('encoding'));
    return text;
  }
}

function csvRecords(text: string): string[][] {
  try {
    return parseCsv(text, {
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      max_record_size: MAX_RECORD,
      // One more than allowed suffices to know that there are too many.
      to: MAX_ROWS + 2,
    });
  } catch (error) {
    const { records } = error as { records?: number };
    throw new UnreadableTable({ row: (records ?? 0) + 1, column: null, code: 'quotes' });
  }
}

const isBlank = (cell: Cell | undefined): boolean => typeof cell === 'string' && cell.trim() === '';
const hasContent = (cell: Cell | undefined): boolean => cell !== undefined && !isBlank(cell);

function tableOf(records: Cell[][], shape: TableShape): Table {
  const [header = [], ...body] = records;
  if (!records.some((record) => record.some(hasContent))) return { rows: [], errors: [ofFile('empty')] };
  const names = header.map((cell) =>
    typeof cell === 'object' ? '' : normaliseText(`${cell}`).toLowerCase(),
  );
  const errors = headerErrors(names, shape.columns);
  if (errors.length > 0) return { rows: [], errors };
  const rows: TableRow[] = [];
  body.forEach((record, index) => {
    if (record.some(hasContent)) rows.push(rowOf(record, index + 2, names, shape, errors));
  });
  if (rows.length > MAX_ROWS) return { rows: [], errors: [ofFile('tooManyRows', { max: MAX_ROWS })] };
  if (rows.length === 0) errors.push(ofFile('noRows'));
  return { rows, errors };
}

const ofHeader = (column: string, code: string): RowError => ({ row: 1, column, code });

function headerErrors(names: string[], columns: readonly string[]): RowError[] {
  // Without any known column it is no header at all, and its cells may hold anything.
  if (!names.some((name) => columns.includes(name))) {
    return [ofFile('noHeader', { columns: columns.join(', ') })];
  }
  const missing = columns.filter((column) => !names.includes(column));
  return [
    ...missing.map((column) => ofHeader(column, 'missingColumn')),
    ...names.flatMap((name, index) => {
      if (name === '') return [];
      if (!columns.includes(name)) return [ofHeader(shown(name, index), 'unknownColumn')];
      return names.indexOf(name) < index ? [ofHeader(name, 'doubledColumn')] : [];
    }),
  ];
}

/** A column is named by its heading if that looks like one, else by its letter as in a spreadsheet. */
const shown = (name: string, index: number): string =>
  /^[a-z][a-z0-9_ ]{0,39}$/.test(name) ? name : letterOf(index);

function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

/** The day of a spreadsheet's number: 1 is 1900-01-01, and by an old mistake 1900 has a 29 February. */
function dayOfSerial(serial: number): Day | null {
  const isDay = Number.isInteger(serial) && serial > 60 && serial < 400_000;
  return isDay ? addDays('1899-12-30', serial) : null;
}

function rowOf(
  record: Cell[],
  row: number,
  names: string[],
  { columns, days }: TableShape,
  errors: RowError[],
): TableRow {
  const cells: Record<string, string> = Object.fromEntries(columns.map((column) => [column, '']));
  let outside = false;
  record.forEach((cell, index) => {
    const name = names[index] ?? '';
    if (name === '') {
      // The first one of a row tells where; a file of nothing else would tell millions.
      if (!outside && hasContent(cell)) errors.push({ row, column: letterOf(index), code: 'outsideTable' });
      outside ||= hasContent(cell);
    } else if (typeof cell === 'object') {
      errors.push({ row, column: name, code: cell.code });
    } else if (typeof cell === 'number') {
      cells[name] = (days.includes(name) && dayOfSerial(cell)) || String(cell);
    } else if (hasUnprintable(cell)) {
      errors.push({ row, column: name, code: 'text' });
    } else {
      cells[name] = cell.trim();
    }
  });
  return { row, cells };
}
