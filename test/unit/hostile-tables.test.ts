import { describe, expect, test } from '@jest/globals';
import { readTableApart } from '../../src/imports/table-thread.js';
import { zipOf } from '../files.js';

const SHAPE = { columns: ['code', 'name'], days: [] };
const HEADER = row(1, 'code', 'name');
const GOOD = [HEADER, row(2, 'M001', 'x')].join('');
const NONE = `<?xml version="1.0"?>`;

function row(number: number, ...cells: string[]): string {
  const inner = cells.map(
    (text, index) => `<c r="${'AB'[index]}${number}" t="inlineStr"><is><t>${text}</t></is></c>`,
  );
  return `<row r="${number}">${inner.join('')}</row>`;
}

const sheetOf = (rows: string, doctype = ''): string =>
  `${NONE}${doctype}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`;

/** An .xlsx written by hand: so many sheets, of which the first holds these rows, and whatever else. */
function book(rows: string, { sheets = 1, more = {} as Record<string, string>, doctype = '' } = {}): Buffer {
  const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packages = 'http://schemas.openxmlformats.org/package/2006/relationships';
  return zipOf({
    '_rels/.rels': `${NONE}<Relationships xmlns="${packages}"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${NONE}<workbook xmlns:r="${relations}"><sheets>${numbers
      .map((n) => `<sheet name="s${n}" sheetId="${n}" r:id="rId${n}"/>`)
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${NONE}<Relationships xmlns="${packages}">${numbers
      .map(
        (n) => `<Relationship Id="rId${n}" Type="${relations}/worksheet" Target="worksheets/sheet${n}.xml"/>`,
      )
      .join(
        '',
      )}<Relationship Id="rIdS" Type="${relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    ...Object.fromEntries(
      numbers.map((n) => [`xl/worksheets/sheet${n}.xml`, sheetOf(n === 1 ? rows : '', doctype)]),
    ),
    ...more,
  });
}

/** How a file is answered: with how many rows, or with what is wrong. */
async function answer(bytes: Buffer): Promise<string> {
  const { rows, errors } = await readTableApart(bytes, SHAPE);
  return errors.length > 0 ? [...new Set(errors.map(({ code }) => code))].join(' ') : `${rows.length} rows`;
}

const strings = (inner: string, doctype = ''): Record<string, string> => ({
  'xl/sharedStrings.xml': `${NONE}${doctype}<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">${inner}</sst>`,
});
const SHARED = `${HEADER}<row r="2"><c r="A2" t="s"><v>0</v></c></row>`;

describe('a hostile spreadsheet is answered, and nobody waits for it', () => {
  test('the plain one that the others are made of is read', async () => {
    expect(await answer(book(GOOD))).toBe('1 rows');
    expect(await answer(book(SHARED, { more: strings('<si><t>M001</t></si>') }))).toBe('1 rows');
  });

  test('a bomb, and entries that lie about their size', async () => {
    const bomb = { 'xl/worksheets/sheet1.xml': Buffer.alloc(101_000_000, ' ') };
    expect(await answer(zipOf(bomb))).toBe('fileTooBigInside');
    expect(await answer(zipOf(bomb, 1_000))).toBe('unreadable');
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`xl/media/${n}`, ' '.repeat(300_000)]),
    );
    expect(await answer(book(GOOD, { more: many }))).toBe('fileTooBigInside');
  });

  test('a great many sheets', async () => {
    expect(await answer(book(GOOD, { sheets: 3_000 }))).toBe('1 rows');
  });

  test('shared strings without end', async () => {
    const inner = '<si><t>a</t></si>'.repeat(5_000_000);
    expect(await answer(book(SHARED, { more: strings(inner) }))).toMatch(/^(tooHeavy|1 rows)$/);
  });

  test('entities, from outside or of each other', async () => {
    const outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>';
    const laughs = `<!DOCTYPE x [<!ENTITY a "ha">${Array.from(
      { length: 30 },
      (_, n) => `<!ENTITY a${n} "${`&a${n === 0 ? '' : n - 1};`.repeat(10)}">`,
    ).join('')}]>`;
    for (const [doctype, entity] of [
      [outside, '&e;'],
      [laughs, '&a29;'],
    ] as const) {
      const shared = book(SHARED, { more: strings(`<si><t>${entity}</t></si>`, doctype) });
      const inline = book([HEADER, row(2, entity, 'x')].join(''), { doctype });
      for (const bytes of [shared, inline]) {
        const { rows } = await readTableApart(bytes, SHAPE);
        expect(JSON.stringify(rows)).not.toMatch(/root:|hahaha/);
      }
    }
  });

  test('nesting without end', async () => {
    const deep = '<a>'.repeat(2_000_000);
    expect(await answer(book(deep))).toMatch(/^(unreadable|tooHeavy)$/);
    expect(await answer(book(GOOD, { more: strings(deep) }))).toMatch(/^(unreadable|tooHeavy)$/);
  });

  test('a million empty rows, and a cell at the end of the sheet', async () => {
    const empty = Array.from({ length: 1_000_000 }, (_, n) => `<row r="${n + 2}"/>`).join('');
    expect(await answer(book(HEADER + empty))).toBe('tooManyRows');
    expect(await answer(book(`${HEADER}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`))).toMatch(
      /^(unreadable|tooManyRows|outsideTable|noRows)/,
    );
    const beyond = '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>';
    expect(await answer(book(HEADER + beyond))).toMatch(/^(unreadable|noRows)$/);
  });

  test('a CSV of nothing but commas, quotation marks or line ends', async () => {
    const size = 20_000_000;
    expect(await answer(Buffer.alloc(size, ','))).toMatch(/^(tooHeavy|quotes|empty)$/);
    expect(await answer(Buffer.alloc(size, '"'))).toMatch(/^(tooHeavy|quotes|noHeader)$/);
    expect(await answer(Buffer.alloc(size, '\n'))).toMatch(/^(tooHeavy|empty|tooManyRows)$/);
    expect(await answer(Buffer.alloc(size, 'code,name\n'))).toBe('tooManyRows');
  });

  test('while it is read, everybody else goes on', async () => {
    let others = 0;
    const timer = setInterval(() => (others += 1), 1);
    await answer(Buffer.alloc(10_000_000, ','));
    clearInterval(timer);
    expect(others).toBeGreaterThan(10);
  });
});
