import ExcelJS from 'exceljs';
import { whyNotUnpack } from './zip-sizes.js';

/** What a cell holds: text, a bare number of a spreadsheet, or the code of what is wrong with it. */
export type Cell = string | number | { code: string };

/** What an .xlsx may hold unpacked; one of 50,000 payments has 40 MB. */
const UNPACKED_BYTES = 100_000_000;
const MAX_COLUMNS = 100;
/** The last row that spreadsheets have; a greater number is a trick. */
const LAST_ROW = 1_048_576;

/** Parts of a sheet that hold no values; some of them would be spread out over a million cells. */
const WITHOUT_VALUES = [
  'cols',
  'mergeCells',
  'dataValidations',
  'conditionalFormatting',
  'hyperlinks',
  'extLst',
];

/**
 * The rows of an .xlsx file's first visible sheet; an index is the row's number less one. A formula counts as its
 * result and a date as its day. Gives the code of what is wrong when the file cannot be read.
 */
export async function readSheet(bytes: Buffer, maxRows: number): Promise<Cell[][] | string> {
  const reason = await whyNotUnpack(bytes, UNPACKED_BYTES);
  if (reason) return reason;
  const workbook = new ExcelJS.Workbook();
  // A name can stand for a whole sheet, which exceljs would spread out cell by cell; nothing here needs names.
  Object.defineProperty(workbook.definedNames, 'model', { get: () => [], set() {} });
  try {
    // maxRows and maxCols are read by exceljs and missing from its types, as is that it takes a Node buffer.
    const options = { ignoreNodes: WITHOUT_VALUES, maxRows, maxCols: MAX_COLUMNS };
    await workbook.xlsx.load(bytes as unknown as ExcelJS.Buffer, options);
  } catch (error) {
    return (error as Error).message.startsWith('Max row count') ? 'tooManyRows' : 'unreadable';
  }
  const sheet = workbook.worksheets.find(({ state }) => state === 'visible');
  if (!sheet || sheet.rowCount > LAST_ROW) return 'unreadable';
  return recordsOf(sheet, workbook.properties?.date1904 ?? false);
}

function recordsOf(sheet: ExcelJS.Worksheet, since1904: boolean): Cell[][] {
  const records: Cell[][] = Array.from({ length: sheet.rowCount }, () => []);
  sheet.eachRow((row, number) => {
    row.eachCell((cell, column) => {
      records[number - 1]![column - 1] = cellOf(cell.value, since1904);
    });
    // Cells that were left out are empty ones.
    records[number - 1] = Array.from(records[number - 1]!, (cell) => cell ?? '');
  });
  return records;
}

const BROKEN: Cell = { code: 'formula' };

function cellOf(value: ExcelJS.CellValue, since1904: boolean): Cell {
  if (value === null || value === undefined) return '';
  // A bare number is a date only where days are counted as everywhere.
  if (typeof value === 'number') return since1904 ? String(value) : value;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? BROKEN : value.toISOString().slice(0, 10);
  if ('error' in value) return BROKEN;
  if ('richText' in value) return value.richText.map(({ text }) => text).join('');
  if ('hyperlink' in value) return cellOf(value.text, since1904);
  // A file made by a program may hold formulas that nobody has worked out yet.
  return value.result === undefined ? BROKEN : cellOf(value.result, since1904);
}
