import type { LineFacts } from '../funds/index.js';
import { sumYen } from '../kernel/money.js';
import type { DecidedLine } from './approval-policy.js';
import { needOf, type Budgets } from './beside-request.queries.js';
import { isWritten, typedDecision, yenOf, type TypedLine, type TypedPart } from './decide-input.js';
import type { LineView } from './grants.views.js';

type Fields = Record<string, unknown>;

/** A further fund of a line: what the form shows of it, and what that comes to. */
export interface PartChoice {
  typed: TypedPart;
  budget: LineFacts | undefined;
  /** Whole yen; nothing for what is not an amount. */
  amount: number;
}

/** A line of the request with what the form says of it so far. */
export interface LineChoice {
  line: LineView;
  /** Its place in the form: `lines.0`. */
  place: string;
  /** What its amount field shows. */
  typed: unknown;
  /** Whole yen for all of the line; nothing for what is not an amount. */
  amount: number;
  /** What could pay for it, in the order to be used. */
  options: LineFacts[];
  /** The fund that pays what the parts leave. */
  chosen: LineFacts | undefined;
  parts: PartChoice[];
  /** What the form offers by itself, so that it can follow a changed amount; null for what somebody chose. */
  proposal: string | null;
}

/** Money of one budget line, in whole yen. */
export interface Share {
  budget: LineFacts;
  amount: number;
}

/** What the decision would do to the money of one category. */
export interface Effect {
  need: string;
  choices: LineChoice[];
  /** Each chosen budget line with what it would pay now, in whole yen. */
  meters: { budget: LineFacts; now: number }[];
  alsoAsked: number;
}

type Split = Pick<LineChoice, 'chosen' | 'parts' | 'proposal'>;
type Asked = Omit<LineChoice, keyof Split>;

/**
 * What the form says of each line. What it does not say is as somebody approved it already, else as asked; and from
 * the first budget line as far as that has money, with the rest from the next ones.
 */
export function choicesOf(lines: readonly LineView[], budgets: Budgets, values: Fields): LineChoice[] {
  const said = typedDecision(values);
  const known = lines.map((line, index) => lineChoice(line, `lines.${index}`, budgets, said.get(index)));
  const left = new Map<string, number>();
  for (const choice of known) if (choice.chosen) takeFrom(left, choice);
  return known.map((choice) => {
    if (choice.chosen) return choice;
    const proposed = { ...choice, ...proposalOf(choice, left) };
    takeFrom(left, proposed);
    return proposed;
  });
}

/** A line's choice; without a fund where the form is to propose it. */
function lineChoice(line: LineView, place: string, budgets: Budgets, said?: TypedLine): LineChoice {
  const options = budgets.lines.get(needOf(line)) ?? [];
  const approved = budgets.approved?.filter(({ lineId }) => lineId === line.id);
  const typed = said?.amount ?? (approved ? sumYen(approved.map(({ amount }) => amount)) : line.amount);
  const choice = { line, place, typed, amount: yenOf(typed) ?? 0, options };
  if (said?.budgetLineId !== undefined) return { ...choice, ...saidSplit(choice, said) };
  return { ...choice, ...(approved ? approvedSplit(choice, approved) : NOTHING_CHOSEN) };
}

const NOTHING_CHOSEN: Split = { chosen: undefined, parts: [], proposal: null };
/** Marks a split as that of the one who approved before: it is kept, and only made smaller with the amount. */
const KEPT = 'kept ';

/** The split of the form, or nothing when it is still the one that was offered: then it is offered anew. */
function saidSplit({ options, amount }: Asked, { budgetLineId, proposed, parts: typed }: TypedLine): Split {
  const text = proposalText(budgetLineId, typed);
  if (proposed === text) return NOTHING_CHOSEN;
  const chosen = options.find(({ id }) => id === budgetLineId) ?? options[0];
  const parts = typed.map((part) => partChoice(options, part));
  return proposed === KEPT + text ? keptSplit(chosen, parts, amount) : { chosen, parts, proposal: null };
}

/** The split of the one who approved before, in the order of the form. */
function approvedSplit({ options, place, amount }: Asked, approved: readonly DecidedLine[]): Split {
  const shares = options.flatMap((budget) =>
    approved
      .filter(({ budgetLineId }) => budgetLineId === budget.id)
      .map((share) => ({ budget, amount: share.amount })),
  );
  return keptSplit(shares[0]?.budget ?? options[0], partsAt(place, shares.slice(1)), amount);
}

function keptSplit(chosen: LineFacts | undefined, parts: PartChoice[], amount: number): Split {
  let left = amount;
  const fitting = parts.flatMap((part) => {
    const taken = Math.min(part.amount, left);
    left -= taken;
    if (taken === 0) return [];
    return taken === part.amount
      ? [part]
      : [{ ...part, amount: taken, typed: { ...part.typed, amount: taken } }];
  });
  const typed = fitting.map((part) => part.typed);
  return { chosen, parts: fitting, proposal: chosen ? KEPT + proposalText(chosen.id, typed) : null };
}

const partChoice = (options: LineFacts[], typed: TypedPart): PartChoice => ({
  typed,
  budget: options.find(({ id }) => id === typed.budgetLineId),
  amount: yenOf(typed.amount) ?? 0,
});

const partsAt = (place: string, shares: Share[]): PartChoice[] =>
  shares.map(({ budget, amount }, index) => ({
    typed: { place: `${place}.parts.${index}`, budgetLineId: budget.id, amount },
    budget,
    amount,
  }));

/** From the first one as far as it has money, then from the next ones. What nobody has stays with the first. */
function proposalOf({ amount, options, place }: Asked, left: Map<string, number>): Split {
  const shares: Share[] = [];
  let rest = amount;
  for (const budget of options) {
    const taken = Math.min(rest, Math.max(0, left.get(budget.id) ?? budget.available));
    if (taken > 0) shares.push({ budget, amount: taken });
    rest -= taken;
  }
  const chosen = shares[0]?.budget ?? options[0];
  const parts = partsAt(place, shares.slice(1));
  const typed = parts.map((part) => part.typed);
  return { chosen, parts, proposal: chosen ? proposalText(chosen.id, typed) : null };
}

/** A split in one text, to tell whether somebody changed what was offered. */
const proposalText = (budgetLineId: unknown, parts: readonly TypedPart[]): string =>
  [
    budgetLineId,
    ...parts
      .filter(({ budgetLineId: id, amount }) => Boolean(id) || Boolean(amount))
      .map(({ budgetLineId: id, amount }) => `${String(id)}=${yenOf(amount) ?? String(amount)}`),
  ].join(' ');

function takeFrom(left: Map<string, number>, choice: LineChoice): void {
  for (const { budget, amount } of sharesOf(choice))
    left.set(budget.id, (left.get(budget.id) ?? budget.available) - amount);
}

/** What the first fund of a line pays; below zero when the parts are more than the whole. */
export const restOf = ({ amount, parts }: LineChoice): number =>
  amount - sumYen(parts.map((part) => part.amount));

/** Who pays how much of a line. */
function sharesOf(choice: LineChoice): Share[] {
  const { chosen, parts } = choice;
  return [{ budget: chosen, amount: restOf(choice) }, ...parts].flatMap(({ budget, amount }) =>
    budget && amount > 0 ? [{ budget, amount }] : [],
  );
}

/** A further part that is still empty, when more funds could pay for this line. */
export function spareOf({ place, parts, options }: LineChoice): TypedPart | null {
  if (parts.some(({ typed }) => !isFilled(typed)) || parts.length >= options.length - 1) return null;
  const numbers = parts.map(({ typed }) => Number(typed.place.split('.').at(-1)));
  return { place: `${place}.parts.${Math.max(-1, ...numbers) + 1}` };
}

const isFilled = (part: TypedPart): boolean =>
  Boolean(part.budgetLineId) && (typeof part.amount === 'number' || isWritten(part));

/** All yen that the form would approve. */
export const totalOf = (choices: readonly LineChoice[]): number =>
  sumYen(choices.map(({ amount }) => amount));

/** The set that the form would approve. Money that no fund pays yet counts too, without a budget line. */
export const setOf = (choices: readonly LineChoice[]): DecidedLine[] =>
  choices.flatMap((choice) => {
    const lineId = choice.line.id;
    if (!choice.chosen) return choice.amount > 0 ? [{ lineId, budgetLineId: '', amount: choice.amount }] : [];
    return sharesOf(choice).map(({ budget, amount }) => ({ lineId, budgetLineId: budget.id, amount }));
  });

/** The consequence of the choices, category by category. */
export function effectsOf(choices: readonly LineChoice[], { alsoAsked }: Budgets): Effect[] {
  const needs = [...new Set(choices.map(({ line }) => needOf(line)))];
  return needs.map((need) => {
    const own = choices.filter(({ line }) => needOf(line) === need);
    const shares = own.flatMap(sharesOf);
    // A fund that is chosen is shown also when it pays nothing yet.
    const budgets = new Set([
      ...own.flatMap(({ chosen }) => chosen ?? []),
      ...shares.map(({ budget }) => budget),
    ]);
    return {
      need,
      choices: own,
      meters: [...budgets].map((budget) => ({
        budget,
        now: sumYen(shares.filter((share) => share.budget === budget).map(({ amount }) => amount)),
      })),
      alsoAsked: alsoAsked.get(need) ?? 0,
    };
  });
}
