import { normaliseText } from './text.js';

/** The largest amount that one field takes: a trillion yen. Sums of many stay safe integers. */
export const MAX_YEN = 1_000_000_000_000;

/** Whether a value is a whole, safe number of yen. Money is never a float (architecture, "Money, time"). */
export function isYen(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/**
 * Takes money at a boundary (a bigint column arrives as text) and gives a safe integer of yen.
 * @throws RangeError on a fraction, a non-number, or anything beyond 2^53 − 1.
 */
export function toYen(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (!isYen(number)) throw new RangeError('Not a safe whole number of yen');
  return number;
}

/** The sum of whole yen. @throws RangeError when it is no longer a safe integer. */
export function sumYen(amounts: Iterable<number>): number {
  let total = 0;
  for (const amount of amounts) total = toYen(total + toYen(amount));
  return total;
}

/**
 * Reads what people write for an amount of yen: full-width digits, thousands separators, `¥`, `円`.
 * Gives null when it is not a whole number, so that the caller shows it back; it never repairs.
 */
export function parseYen(text: string): number | null {
  const plain = normaliseText(text)
    .replace(/^[¥\\]\s*/, '')
    .replace(/\s*円$/, '')
    .replace(/^−|^▲|^△/, '-');
  if (!/^-?(\d+|\d{1,3}(,\d{3})+)$/.test(plain)) return null;
  const number = Number(plain.replaceAll(',', ''));
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * Percent of a target, rounded half up, and never 100 below the target (domain, "The people and the money").
 * `target` above zero, `part` zero or more, both in yen; exact by integer arithmetic.
 */
export function percentOf(part: number, target: number): number {
  if (toYen(target) <= 0 || toYen(part) < 0) throw new RangeError('A percentage needs a target above zero');
  const rounded = Number((200n * BigInt(part) + BigInt(target)) / (2n * BigInt(target)));
  return part < target ? Math.min(rounded, 99) : rounded;
}
