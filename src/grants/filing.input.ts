import { IntersectionType, OmitType, PickType } from '@nestjs/swagger';
import { plainToInstance } from 'class-transformer';
import { NewCase } from '../cases/index.js';
import type { Day } from '../kernel/calendar.js';
import { DomainError, invalid, type FieldFault } from '../kernel/errors.js';
import { isId } from '../kernel/ids.js';
import { MAX_YEN, parseYen } from '../kernel/money.js';
import { VENDOR_KINDS, type VendorKind } from '../organisations/index.js';
import { NewPerson } from '../people/index.js';
import { IsListOf, IsOneOf, IsPart, IsText, parse } from '../platform/fields.js';
import { PAYEES, type Kind, type PayeeType } from './grant-request.entity.js';
import { checkLines, GrantRequestChange, MAX_LINES, type LineInput } from './grants.dto.js';
import type { GrantRequestView, LineView } from './grants.views.js';

/** What a form sent, as it was typed. */
export type Fields = Record<string, unknown>;

/** Somebody whom the organisation has no case for yet, and the case: what a request needs to begin. */
export class NewPersonInCase extends IntersectionType(
  PickType(NewPerson, ['alias', 'ageBand', 'prefectureCode', 'languages', 'consent'] as const),
  OmitType(NewCase, ['personIds'] as const),
) {}

/** The answer of the payee's form that asks for a name and a kind. */
export const NEW_VENDOR = 'new';

export class PayeeChoice {
  @IsOneOf(PAYEES)
  type: PayeeType;

  /** An id, or `new` with a name and a kind. */
  @IsText({ max: 40, optional: true })
  vendorId?: string;

  @IsText({ max: 100, optional: true })
  name?: string;

  @IsOneOf(VENDOR_KINDS, { optional: true })
  kind?: VendorKind;
}

class PayeeOfLine {
  @IsPart(() => PayeeChoice)
  payee: PayeeChoice;
}

class PayeesOfLines {
  @IsListOf(() => PayeeOfLine, { max: MAX_LINES })
  lines: PayeeOfLine[];
}

/** The flat names of a form (`lines.0.item`) as objects and lists. */
export function nested(fields: Fields): Fields {
  const root: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    const steps = name.split('.');
    // No field of ours is called so, and such names could reach what all objects share, or the end of the stack.
    if (steps.length > 4 || steps.some((step) => step in Object.prototype)) continue;
    const last = steps.pop()!;
    let place = root;
    for (const step of steps) place = (isObject(place[step]) ? place[step] : (place[step] = {})) as Fields;
    place[last] = value;
  }
  return withLists(root) as Fields;
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects whose keys are all numbers become lists, in the order of the numbers. */
function withLists(value: unknown): unknown {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, part]): [string, unknown] => [key, withLists(part)]);
  const list = entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key));
  return list ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}

export const emptyLine = (): Fields => ({ quantity: '1' });

/** The lines of a sent form, as they were typed. */
export function typedLines(body: Fields): Fields[] {
  const { lines } = nested(body);
  return Array.isArray(lines) ? lines.filter(isObject) : [];
}

/** The same of stored lines. */
export const storedLines = (lines: readonly LineView[]): Fields[] =>
  lines.map(({ category, item, quantity, unitPrice, periodFrom, periodTo, spentOn, payee }) => ({
    category,
    item,
    quantity,
    unitPrice,
    periodFrom,
    periodTo,
    spent: String(spentOn !== null),
    spentOn,
    payee,
  }));

const WRITTEN = ['category', 'item', 'unitPrice', 'periodFrom', 'periodTo', 'spent', 'spentOn'];
const isBlank = (line: Fields): boolean =>
  WRITTEN.every((name) => line[name] === undefined || line[name] === '');

/** Leaves out lines that nobody wrote anything into, unless there is no other. */
export function writtenLines(lines: Fields[]): Fields[] {
  const written = lines.filter((line) => !isBlank(line));
  return written.length > 0 ? written : lines.slice(0, 1);
}

/**
 * The typed lines as a change of the request, judged field by field and between fields in one go.
 * @throws DomainError `input.invalid`
 */
export function parseLines(kind: Kind, typed: readonly Fields[], today: Day): LineInput[] {
  const lines = typed.map(({ spent, spentOn, payee, ...line }) => ({
    ...line,
    spentOn: isTicked(spent) ? spentOn : undefined,
    payee: payeeOf(payee),
  }));
  const read = plainToInstance(GrantRequestChange, { lines }).lines!;
  refuse([
    ...faultsOf(() => parse(GrantRequestChange, { lines })),
    ...typed.flatMap(({ spent, spentOn }, index) => spentFaults(index, isTicked(spent), spentOn)),
    ...faultsOf(() => checkLines(kind, read, today)),
  ]);
  return read;
}

const isTicked = (value: unknown): boolean => value === 'true' || value === 'on';

/** Whom the line was to be paid to; until that is asked, the organisation. */
function payeeOf(payee: unknown): Fields {
  const { type, vendorId } = isObject(payee) ? payee : {};
  return type === 'vendor' ? { type, vendorId } : { type: type || 'organisation' };
}

function spentFaults(index: number, ticked: boolean, spentOn: unknown): FieldFault[] {
  const path = `lines.${index}.spentOn`;
  const given = spentOn !== undefined && spentOn !== null && spentOn !== '';
  if (ticked && !given) return [{ path, code: 'required' }];
  return given && !ticked ? [{ path, code: 'spentOrNot' }] : [];
}

/**
 * Whom each line is paid to, in the order of the lines.
 * @throws DomainError `input.invalid`
 */
export function parsePayees(body: Fields): PayeeChoice[] {
  const { lines } = nested(body);
  const read = plainToInstance(PayeesOfLines, { lines });
  refuse([
    ...faultsOf(() => parse(PayeesOfLines, { lines })),
    ...(Array.isArray(read.lines)
      ? read.lines.flatMap(({ payee }, index) => vendorFaults(index, payee))
      : []),
  ]);
  return read.lines.map(({ payee }) => payee);
}

export const isNewVendor = ({ type, vendorId, name }: PayeeChoice): boolean =>
  type === 'vendor' && (vendorId === NEW_VENDOR || (!vendorId && Boolean(name)));

function vendorFaults(index: number, payee: PayeeChoice | undefined): FieldFault[] {
  if (payee?.type !== 'vendor') return [];
  const missing = (field: string): FieldFault => ({
    path: `lines.${index}.payee.${field}`,
    code: 'required',
  });
  if (isNewVendor(payee)) {
    return [...(payee.name ? [] : [missing('name')]), ...(payee.kind ? [] : [missing('kind')])];
  }
  return isId(payee.vendorId) ? [] : [missing('vendorId')];
}

/** A stored line as it would be sent again. */
export const asInput = (line: LineView): Omit<LineInput, 'payee'> => ({
  category: line.category ?? undefined,
  item: line.item,
  quantity: line.quantity,
  unitPrice: line.unitPrice,
  periodFrom: line.periodFrom ?? undefined,
  periodTo: line.periodTo ?? undefined,
  spentOn: line.spentOn ?? undefined,
});

function faultsOf(work: () => unknown): FieldFault[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof DomainError && error.fields.length > 0) return error.fields;
    throw error;
  }
}

/** Refuses with each field's first fault. */
function refuse(faults: FieldFault[]): void {
  const first = faults.filter(
    ({ path }, index) => faults.findIndex((other) => other.path === path) === index,
  );
  if (first.length > 0) throw invalid(...first);
}

const amountOf = (typed: unknown): number | null => {
  if (typeof typed === 'number') return typed;
  return typeof typed === 'string' && typed.trim() !== '' ? parseYen(typed) : 0;
};

/** quantity × price as typed so far, in whole yen; null while that is no amount. */
export function subtotalOf(line: Fields): number | null {
  const [quantity, price] = [amountOf(line.quantity), amountOf(line.unitPrice)];
  if (quantity === null || price === null || quantity < 0 || price < 0) return null;
  return quantity * price <= MAX_YEN ? quantity * price : null;
}

/** Where a draft goes on: the first step that nobody sent yet. */
export function stepToContinue(request: GrantRequestView): 'urgency' | 'lines' | 'payee' | 'check' {
  if (request.status === 'returned' || request.reason) return 'check';
  if (request.lines.length > 0) return 'payee';
  return request.updatedAt === request.history[0]?.at ? 'urgency' : 'lines';
}
