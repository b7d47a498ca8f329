import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import ExcelJS from 'exceljs';
import iconv from 'iconv-lite';
import { judgeHistory, type HistoryFacts } from '../../src/imports/history-checks.js';
import { HISTORY, type PastPayment } from '../../src/imports/history-rows.js';
import '../../src/imports/imports.words.js';
import { ORGANISATIONS } from '../../src/imports/organisation-rows.js';
import { sentenceOfRow } from '../../src/imports/row-sentences.js';
import { MAX_ROWS, readTable, type RowError } from '../../src/imports/table-reader.js';
import { firstOfEachCell, readRow, type Numbered, type RowShape } from '../../src/imports/typed-rows.js';
import { CATEGORIES, type Category } from '../../src/kernel/codes.js';
import { sumYen } from '../../src/kernel/money.js';
import { zipOf } from '../files.js';

const demo = (name: string): Buffer => readFileSync(new URL(`../../config/demo/${name}`, import.meta.url));
const history = demo('relief-history-2023-07_2024-11.csv');

const tableOf = (bytes: Buffer | string, { fields, days }: RowShape<object> = HISTORY) =>
  readTable(Buffer.from(bytes), { columns: Object.keys(fields), days });

/** Reads a whole file as its import does: the good rows, and what is wrong with the others. */
async function read<T extends object>(bytes: Buffer | string, shape: RowShape<T>) {
  const table = await tableOf(bytes, shape);
  const rows = table.rows.map((row) => ({ row: row.row, ...readRow(shape, row) }));
  return {
    rows: rows.flatMap(({ row, value }): Numbered<T>[] => (value ? [{ row, value }] : [])),
    errors: firstOfEachCell([...table.errors, ...rows.flatMap(({ errors }) => errors)]),
  };
}

const HEADER = Object.keys(HISTORY.fields).join(',');
const ROW = {
  request_no: 'R2307-00001',
  paid_on: '2023-07-03',
  organisation_code: 'M016',
  person_code: 'P00148',
  household_adults: '2',
  household_children: '0',
  prefecture_code: '13',
  category: 'food',
  item: '粉ミルク',
  amount_jpy: '24000',
  method: 'cash',
  payee: 'organisation',
};
const csvOf = (...rows: Partial<typeof ROW>[]): string =>
  [
    HEADER,
    ...rows.map((row) =>
      Object.values({ ...ROW, ...row })
        .map(quoted)
        .join(','),
    ),
  ].join('\n');
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const codesOf = async (bytes: Buffer) => codes((await tableOf(bytes)).errors);
const codes = (errors: RowError[]) => errors.map(({ row, column, code }) => `${row} ${column} ${code}`);

async function xlsx(
  rows: unknown[][],
  change: (sheet: ExcelJS.Worksheet) => void = () => {},
): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('表');
  sheet.addRows(rows);
  change(sheet);
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

describe('the demo files', () => {
  test('hold the history in the network’s true size', async () => {
    const { rows, errors } = await read(history, HISTORY);
    expect(errors).toEqual([]);
    expect(rows).toHaveLength(452);
    expect(new Set(rows.map(({ value }) => value.personCode)).size).toBe(311);
    const sumOf = (category: Category) =>
      sumYen(rows.filter(({ value }) => value.category === category).map(({ value }) => value.amount));
    expect(Object.fromEntries(CATEGORIES.map((category) => [category, sumOf(category)]))).toEqual({
      food: 2_573_500,
      shelter: 4_818_000,
      medical: 2_024_212,
      utilities: 1_077_901,
      other: 1_928_604,
    });
    expect(sumYen(rows.map(({ value }) => value.amount))).toBe(12_422_217);
  });

  test('hold 110 members', async () => {
    const { rows, errors } = await read(demo('organisations.csv'), ORGANISATIONS);
    expect(errors).toEqual([]);
    expect(rows).toHaveLength(110);
    expect(rows[0]).toEqual({
      row: 2,
      value: {
        code: 'M001',
        name: '多言語相談の会 001',
        kind: 'organisation',
        prefectureCode: '11',
        languages: ['ja', 'ne', 'zh', 'am'],
        joinedOn: '1999-05-01',
      },
    });
  });
});

describe('a CSV', () => {
  test.each([
    ['UTF-8', (text: string) => Buffer.from(text)],
    ['UTF-8 with a BOM', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['CP932', (text: string) => iconv.encode(text, 'cp932')],
  ])('is read in %s, with LF, CRLF or CR', async (_, encode) => {
    const text = csvOf({ item: '髙橋①の～家賃' }, { request_no: 'R2307-00002', item: '"か、ぎ"' });
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      const { rows, errors } = await read(encode(text.replaceAll('\n', lineEnd)), HISTORY);
      expect(errors).toEqual([]);
      expect(rows.map(({ row }) => row)).toEqual([2, 3]);
      expect(rows[0]!.value.item).toBe('髙橋①の～家賃');
      expect(rows[1]!.value.item).toBe('"か、ぎ"');
    }
  });

  test('keeps the numbers of its rows past blank ones and line breaks in cells', async () => {
    const [first, second] = csvOf({ item: '家賃\n7月分' }).split(/(?<=item.*)\n/);
    const text = `${first}\n\n${second ?? ''}\n,,,,,,,,,,,\n${csvOf({ amount_jpy: 'x' }).split('\n')[1]}\n`;
    const { rows, errors } = await read(text, HISTORY);
    expect(rows.map(({ row, value }) => [row, value.item])).toEqual([[3, '家賃\n7月分']]);
    expect(codes(errors)).toEqual(['5 amount_jpy yen']);
  });

  test('may have its columns in any order, in any width and case, and empty ones behind', async () => {
    const [header, row] = csvOf({})
      .split('\n')
      .map((line) => line.split(',').toReversed().join(','));
    const wide = header!.replace('method', ' Ｍｅｔｈｏｄ ');
    const { rows, errors } = await read(`${wide},,\n${row},,`, HISTORY);
    expect(errors).toEqual([]);
    expect(rows[0]!.value).toMatchObject({ number: 'R2307-00001', method: 'cash', amount: 24_000 });
  });

  test.each([
    ['empty', '', '1 null empty'],
    ['only blank', '\ufeff\n , \n', '1 null empty'],
    ['without rows', HEADER, '1 null noRows'],
    ['without a header', csvOf({}).split('\n')[1]!, '1 null noHeader'],
    ['with an open quotation mark', `${csvOf({})}\n"R2307`, '3 null quotes'],
    ['with a stray quotation mark', `${csvOf({})}\nR23"07",x`, '3 null quotes'],
    ['in no encoding', Buffer.from([0x72, 0xff, 0xfe, 0x80, 0xa0, 0xfd]), '1 null encoding'],
    ['in UTF-16', Buffer.from(`\ufeff${csvOf({})}`, 'utf16le'), '1 null encoding'],
    ['in the old binary format', Buffer.from('d0cf11e0a1b11ae1', 'hex'), '1 null oldExcel'],
    ['too large', Buffer.alloc(20_000_001, 'a'), '1 null fileTooLarge'],
  ])('%s says so', async (_, bytes, error) => {
    const table = await tableOf(bytes);
    expect(codes(table.errors)).toEqual([error]);
    expect(table.rows).toEqual([]);
  });

  test('names missing, unknown and doubled columns and repeats no name that may be a person', async () => {
    const header = HEADER.replace('payee', 'method').replace('item', 'note');
    const { errors } = await tableOf(`${header},グエンさん\n${'1,'.repeat(13)}`);
    expect(codes(errors)).toEqual([
      '1 item missingColumn',
      '1 payee missingColumn',
      '1 note unknownColumn',
      '1 method doubledColumn',
      '1 M unknownColumn',
    ]);
  });

  test('refuses cells outside of the table and characters that hide something', async () => {
    const table = await tableOf(`${csvOf({ item: 'a\u202eb' })},x`);
    expect(codes(table.errors)).toEqual(['2 item text', '2 M outsideTable']);
  });

  test('has a limit of rows', async () => {
    const { errors } = await tableOf(`${HEADER}\n${'x\n'.repeat(MAX_ROWS + 1)}`);
    expect(errors).toEqual([{ row: 1, column: null, code: 'tooManyRows', facts: { max: MAX_ROWS } }]);
  });
});

describe('an .xlsx', () => {
  const header = Object.keys(ROW);
  const row = (change: Partial<Record<keyof typeof ROW, unknown>>) => Object.values({ ...ROW, ...change });

  test('gives numbers, dates, rich text, links and results of formulas as text', async () => {
    const file = await xlsx([
      header,
      row({
        paid_on: new Date('2023-07-03T00:00:00Z'),
        amount_jpy: { formula: '12000*2', result: 24_000 },
        item: { richText: [{ text: '粉' }, { text: 'ミルク' }] },
        prefecture_code: 8,
        household_adults: 2,
        payee: { text: 'vendor', hyperlink: 'https://example.jp' },
      }),
      [],
      row({ request_no: 'R2307-00002', paid_on: 45_110 }),
    ]);
    const { rows, errors } = await read(file, HISTORY);
    expect(errors).toEqual([]);
    expect(rows[0]).toMatchObject({
      row: 2,
      value: {
        paidOn: '2023-07-03',
        amount: 24_000,
        item: '粉ミルク',
        prefectureCode: '08',
        payee: 'vendor',
      },
    });
    // A date whose format is one of Japan's own comes as its bare number.
    expect(rows[1]).toMatchObject({ row: 4, value: { paidOn: '2023-07-03' } });
  });

  test('names cells whose formula failed or was never worked out, and amounts that are not whole', async () => {
    const file = await xlsx([
      header,
      row({ amount_jpy: { formula: '1/0', result: { error: '#DIV/0!' } }, item: { formula: 'A1' } }),
      row({ amount_jpy: 24_000.5 }),
    ]);
    const { errors } = await read(file, HISTORY);
    expect(codes(errors)).toEqual(['2 item formula', '2 amount_jpy formula', '3 amount_jpy yen']);
  });

  test('is read from its first visible sheet, without what would spread out over it', async () => {
    const file = await xlsx([header, row({})], (sheet) => {
      sheet.mergeCells('A4:C6');
      sheet.getCell('A2').dataValidation = { type: 'list', formulae: ['"a,b"'] };
      sheet.workbook.addWorksheet('ほか').addRow(['何か']);
      sheet.workbook.addWorksheet('隠し', { state: 'hidden' });
    });
    const { rows, errors } = await read(file, HISTORY);
    expect([rows.length, errors]).toEqual([1, []]);
  });

  test('with too many rows or columns is refused', async () => {
    const many = await xlsx([header, ...Array.from({ length: MAX_ROWS + 1 }, () => ['x'])]);
    expect(await codesOf(many)).toEqual(['1 null tooManyRows']);
    const wide = await xlsx([Array.from({ length: 101 }, () => 'x')]);
    expect(await codesOf(wide)).toEqual(['1 null unreadable']);
  });

  test('that is cut off, no spreadsheet, a bomb or a liar is refused before it fills the memory', async () => {
    const whole = await xlsx([header, row({})]);
    expect(await codesOf(whole.subarray(0, whole.length - 400))).toEqual(['1 null unreadable']);
    expect(await codesOf(zipOf({ 'xl/workbook.xml': '<hello/>' }))).toEqual(['1 null unreadable']);
    const zeros = Buffer.alloc(101_000_000);
    expect(await codesOf(zipOf({ 'xl/workbook.xml': zeros }))).toEqual(['1 null fileTooBigInside']);
    expect(await codesOf(zipOf({ 'xl/workbook.xml': zeros }, 1_000))).toEqual(['1 null unreadable']);
  });
});

describe('a row of a history', () => {
  test.each<[Partial<typeof ROW>, Partial<PastPayment>]>([
    [{ amount_jpy: '￥２４，０００' }, { amount: 24_000 }],
    [{ amount_jpy: '24,000 円' }, { amount: 24_000 }],
    [{ paid_on: '令和6年12月1日' }, { paidOn: '2024-12-01' }],
    [{ paid_on: 'R6.12.1' }, { paidOn: '2024-12-01' }],
    [{ paid_on: '２０２４／１２／１' }, { paidOn: '2024-12-01' }],
    [{ prefecture_code: '８' }, { prefectureCode: '08' }],
    [{ request_no: ' ｒ２３０７－００００１ ' }, { number: 'R2307-00001' }],
    [
      { household_adults: '２', household_children: '１' },
      { adults: 2, children: 1 },
    ],
  ])('understands %j', async (cells, expected) => {
    const { rows, errors } = await read(csvOf(cells), HISTORY);
    expect(errors).toEqual([]);
    expect(rows[0]!.value).toMatchObject(expected);
  });

  test.each<[Partial<typeof ROW>, string]>([
    [{ request_no: '' }, 'request_no required'],
    [{ request_no: '番号1' }, 'request_no code'],
    [{ paid_on: '2024-02-30' }, 'paid_on day'],
    [{ paid_on: '45110' }, 'paid_on day'],
    [{ organisation_code: '16' }, 'organisation_code code'],
    [{ person_code: 'グエンさん' }, 'person_code code'],
    [{ household_adults: '2.5' }, 'household_adults integer'],
    [{ household_adults: '-1' }, 'household_adults min'],
    [{ household_children: '51' }, 'household_children max'],
    [{ prefecture_code: '48' }, 'prefecture_code choice'],
    [{ category: '食料' }, 'category choice'],
    [{ item: 'x'.repeat(201) }, 'item tooLong'],
    [{ amount_jpy: '24000.5' }, 'amount_jpy yen'],
    [{ amount_jpy: '0' }, 'amount_jpy yen'],
    [{ amount_jpy: '9007199254740993' }, 'amount_jpy yen'],
    [{ method: 'card' }, 'method choice'],
    [{ payee: 'friend' }, 'payee choice'],
  ])('refuses %j', async (cells, error) => {
    const { errors } = await read(csvOf(cells), HISTORY);
    expect(codes(errors)).toEqual([`2 ${error}`]);
  });
});

const facts = (change: Partial<HistoryFacts> = {}): HistoryFacts => ({
  today: '2024-12-16',
  fund: { id: 'fund', startsOn: '2023-07-01', endsOn: '2024-11-30' },
  lines: new Map([['food', { id: 'line', available: 50_000 }]]),
  organisations: new Map([['M016', 'organisation']]),
  recorded: new Map(),
  ...change,
});

describe('a history as a whole', () => {
  const judge = async (rows: Partial<typeof ROW>[], change?: Partial<HistoryFacts>) =>
    judgeHistory((await read(csvOf(...rows), HISTORY)).rows, facts(change));
  const second = { request_no: 'R2307-00002' };

  test('is given in the order of the days of payment', async () => {
    const { fresh, errors, skipped } = await judge([{ paid_on: '2024-01-01' }, second]);
    expect([errors, skipped]).toEqual([[], 0]);
    expect(fresh.map(({ paidOn }) => paidOn)).toEqual(['2023-07-03', '2024-01-01']);
  });

  test.each<[string, Partial<typeof ROW>[], Partial<HistoryFacts>, string[]]>([
    ['the same number twice', [{}, {}], {}, ['3 request_no duplicateNumber']],
    ['an unknown member', [{ organisation_code: 'M999' }], {}, ['2 organisation_code organisationUnknown']],
    ['a day after the fund', [{ paid_on: '2024-12-01' }], {}, ['2 paid_on outsidePeriod']],
    [
      'a day before an open fund',
      [{}],
      { fund: { id: 'fund', startsOn: '2024-01-01', endsOn: null } },
      ['2 paid_on beforePeriod'],
    ],
    ['a day to come', [{}], { today: '2023-07-02' }, ['2 paid_on inFuture']],
    ['a category without a budget', [{ category: 'shelter' }], {}, ['2 category budgetLineMissing']],
    [
      'more than is left, from the row that no longer fits',
      [{}, second, { request_no: 'R2307-00003' }, { request_no: 'R2307-00004' }],
      {},
      ['4 amount_jpy budgetExceeded'],
    ],
  ])('refuses %s', async (_, rows, change, errors) => {
    expect(codes((await judge(rows, change)).errors)).toEqual(errors);
  });

  test('says how much is asked of a line and how much is left', async () => {
    const { errors } = await judge([{}, { ...second, amount_jpy: '30000' }]);
    expect(errors[0]!.facts).toEqual({ category: 'food', asked: 54_000, left: 50_000 });
  });

  test('skips what is recorded with the same content and refuses what differs', async () => {
    const {
      adults: _adults,
      children: _children,
      ...payment
    } = (await read(csvOf({}), HISTORY)).rows[0]!.value;
    const recorded = (change: object) => ({
      recorded: new Map([[payment.number, { ...payment, fundId: 'fund', ...change }]]),
    });
    expect(await judge([{}], recorded({}))).toEqual({ errors: [], fresh: [], skipped: 1 });
    expect((await judge([{}], recorded({ item: undefined }))).skipped).toBe(1);
    for (const change of [{ amount: 1 }, { item: 'x' }, { paidOn: '2023-07-04' }, { fundId: 'another' }]) {
      expect(codes((await judge([{}], recorded(change))).errors)).toEqual(['2 request_no numberTaken']);
    }
  });
});

test.each<[Record<string, string>, string[]]>([
  [{ languages: 'ja、ne・zh' }, []],
  [{ languages: '' }, []],
  [{ joined_on: '' }, []],
  [{ code: '' }, ['2 code required']],
  [{ code: 'M' }, ['2 code code']],
  [{ name: '' }, ['2 name required']],
  [{ kind: 'group' }, ['2 kind choice']],
  [{ prefecture_code: '0' }, ['2 prefecture_code choice']],
  [{ languages: 'ja xx' }, ['2 languages choice']],
  [{ languages: 'ja ja' }, ['2 languages list']],
  [{ joined_on: '昔' }, ['2 joined_on day']],
])('a row of members with %j', async (cells, expected) => {
  const row = {
    code: 'M001',
    name: '会',
    kind: 'organisation',
    prefecture_code: '13',
    languages: 'ja',
    joined_on: '1999-05-01',
    ...cells,
  };
  const { errors } = await read(
    `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}`,
    ORGANISATIONS,
  );
  expect(codes(errors)).toEqual(expected);
});

test('every error has a sentence in both languages, with the choices that a cell has', () => {
  const bare = `required text day list integer numberTaken codeTaken organisationUnknown budgetLineMissing
    fileTooBigInside unreadable oldExcel encoding quotes empty noRows missingColumn unknownColumn doubledColumn
    outsideTable formula failed`;
  const errors: [string, Record<string, unknown>?][] = [
    ...bare.split(/\s+/).map((code): [string] => [code]),
    ['yen', { min: 1 }],
    ['min', { min: 0 }],
    ['max', { max: 50 }],
    ['tooLong', { max: 200 }],
    ['code', { example: 'M001' }],
    ['choice', { choices: 'cash, bank_transfer' }],
    ['duplicateNumber', { firstRow: 2 }],
    ['duplicateCode', { firstRow: 2 }],
    ['outsidePeriod', { from: '2023-07-01', to: '2024-11-30' }],
    ['beforePeriod', { from: '2023-07-01', to: null }],
    ['inFuture', { today: '2024-12-16' }],
    ['budgetExceeded', { category: 'food', asked: 54_000, left: 50_000 }],
    ['fileTooLarge', { max: 20 }],
    ['tooManyRows', { max: MAX_ROWS }],
    ['noHeader', { columns: 'code, name' }],
  ];
  for (const [code, facts] of errors) {
    for (const language of ['ja', 'en'] as const) {
      expect(sentenceOfRow({ row: 1, column: null, code, facts }, language)).not.toMatch(/\{\{|^$/);
    }
  }
  const exceeded = { row: 4, column: 'amount_jpy', code: 'budgetExceeded' };
  expect(
    sentenceOfRow({ ...exceeded, facts: { category: 'food', asked: 54_000, left: 50_000 } }, 'ja'),
  ).toContain('「食料」の予算が足りません。残りは ¥50,000、');
});
