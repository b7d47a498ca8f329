import { randomInt } from 'node:crypto';
import { v7 } from 'uuid';

/** A new identifier: UUID v7, so that rows made one after another lie together in an index. */
export const newId = (): string => v7();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

// Crockford's base 32: no I, L, O, U, so that a code can be read out on the telephone.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A random code that says nothing about whom it names, such as `P-7K3F2Q`. A billion exist of each prefix; the
 * table's unique constraint catches twins and `Db.write` runs the work again with another.
 */
export function newCode(prefix: 'P' | 'C'): string {
  let code = `${prefix}-`;
  for (let place = 0; place < 6; place += 1) code += ALPHABET[randomInt(ALPHABET.length)];
  return code;
}
