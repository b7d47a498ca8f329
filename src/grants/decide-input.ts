import { DomainError, invalid, type FieldFault } from '../kernel/errors.js';
import { MAX_YEN, parseYen, sumYen } from '../kernel/money.js';
import { parse } from '../platform/fields.js';
import { Approval } from './grants.dto.js';

type Fields = Record<string, unknown>;

/** A further fund of a line as it was typed, and where in the form: `lines.0.parts.1`. */
export interface TypedPart {
  place: string;
  budgetLineId?: unknown;
  amount?: unknown;
}

/** A line of the form as it was typed. Its first fund pays what the parts leave of the amount. */
export interface TypedLine extends TypedPart {
  lineId?: unknown;
  /** What the form offered by itself, as `proposalText` has it. */
  proposed?: unknown;
  parts: TypedPart[];
}

const FIELD = /^lines\.(\d{1,3})\.(?:parts\.(\d{1,3})\.)?(lineId|amount|budgetLineId|proposed)$/;

/** The lines of a sent form by their number. */
export function typedDecision(values: Fields): Map<number, TypedLine> {
  const lines = new Map<number, TypedLine>();
  for (const [name, value] of Object.entries(values)) {
    const [, number, part, field] = FIELD.exec(name) ?? [];
    if (!number || !field) continue;
    const line = lines.get(Number(number)) ?? { place: `lines.${number}`, parts: [] };
    lines.set(Number(number), line);
    Object.assign(part ? partAt(line, `${line.place}.parts.${part}`) : line, { [field]: value });
  }
  return lines;
}

function partAt({ parts }: TypedLine, place: string): TypedPart {
  const known = parts.find((part) => part.place === place);
  if (!known) parts.push({ place });
  return known ?? parts.at(-1)!;
}

/** Whole yen of what was typed, or null for what no field takes; the form names it when it is sent. */
export function yenOf(typed: unknown): number | null {
  const amount = typeof typed === 'string' ? parseYen(typed) : typed;
  return typeof amount === 'number' && amount >= 0 && amount <= MAX_YEN ? amount : null;
}

/** Without an amount a part is only begun. */
export const isWritten = ({ amount }: TypedPart): boolean =>
  typeof amount === 'string' && amount.trim() !== '';

/** The set that a form says, flat as the API takes it, and where in the form each of it stands. */
function flat(values: Fields) {
  const decisions: Fields[] = [];
  const places: string[] = [];
  const add = (place: string, decision: Fields): void => {
    decisions.push(decision);
    places.push(place);
  };
  const faults: FieldFault[] = [];
  for (const { place, lineId, amount, budgetLineId, parts } of typedDecision(values).values()) {
    const total = yenOf(amount);
    const written = parts.filter(isWritten);
    const rest = total === null ? null : total - sumYen(written.map((part) => yenOf(part.amount) ?? 0));
    if (rest !== null && rest < 0)
      faults.push({ path: `${written.at(-1)!.place}.amount`, code: 'partsTooMuch', facts: { max: total } });
    if (written.length === 0 || rest === null) add(place, { lineId, amount, budgetLineId });
    else if (rest > 0) add(place, { lineId, amount: rest, budgetLineId });
    for (const part of written)
      add(part.place, { lineId, amount: part.amount, budgetLineId: part.budgetLineId });
  }
  return { decisions, places, faults };
}

/** The place in the form of a fault in the flat set. More than was asked for is a fault of the whole line. */
function inForm(places: string[], { path, ...fault }: FieldFault): FieldFault {
  const [, number, field] = /^lines\.(\d+)\.(\w+)$/.exec(path) ?? [];
  const place = places[Number(number)];
  if (!place) return { path, ...fault };
  if (fault.code === 'moreThanAsked') return { path: `${place.replace(/\.parts\..*/, '')}.amount`, ...fault };
  return { path: `${place}.${field === 'lineId' ? 'budgetLineId' : field}`, ...fault };
}

/**
 * Does something with the decision that a form says; what is found wrong with it is named by its place in the form.
 * @throws DomainError
 */
export async function withTyped<T>(values: Fields, work: (approval: Approval) => T | Promise<T>): Promise<T> {
  const { decisions, places, faults } = flat(values);
  try {
    if (faults.length > 0) throw invalid(...faults);
    const { comment, overrideReason } = values;
    return await work(parse(Approval, { lines: decisions, comment, overrideReason }));
  } catch (error) {
    if (!(error instanceof DomainError) || error.fields.length === 0) throw error;
    throw invalid(...error.fields.map((fault) => inForm(places, fault)));
  }
}
