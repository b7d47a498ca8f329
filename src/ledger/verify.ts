import type { Tx } from '../platform/db.js';
import { PROOF } from './verify.proof.js';
import { PROMISES, RECORDS } from './verify.rules.js';

/** Something in the books that does not agree: which rule, where, what should be there and what is. No personal data. */
export interface Difference {
  code: string;
  /** The ids of what it is about, by kind. */
  ids: Record<string, string>;
  /** In yen, or a state; null where nothing can be named. */
  expected: string | null;
  found: string | null;
}

/** What a verification went through and what it found; at most a hundred differences of each statement. */
export interface Verification {
  transfers: number;
  accounts: number;
  awards: number;
  disbursements: number;
  differences: Difference[];
}

type Found = Pick<Verification, 'differences'>;

/**
 * Recomputes the books from their transfers and compares them with everything that keeps money: balances, statements,
 * contributions, awards, payments, returns. Reads in one snapshot, so nobody's work is between two sums.
 *
 * The tables of awards and payments belong to rooms above this one. They are read here in SQL because a proof that
 * asked each room for its own figures would prove what the rooms believe; nothing of those rooms is imported.
 */
export async function verify(tx: Tx): Promise<Verification> {
  // Sums by group and joins stay in memory; the setting ends with the transaction.
  await tx.query(`SELECT set_config('work_mem', '128MB', true)`);
  const [proof] = await tx.query<Verification & { broken: string[] }>(PROOF);
  const { broken, differences: inBooks, ...counts } = proof!;
  const [records] = await tx.query<Found>(RECORDS);
  const inPromises = broken.length > 0 ? await search(tx, broken) : [];
  return { ...counts, differences: [...inBooks, ...records!.differences, ...inPromises] };
}

/** Which rows they are; the proofs themselves where a fault is of a kind that no row shows. */
async function search(tx: Tx, broken: string[]): Promise<Difference[]> {
  const [promises] = await tx.query<Found>(PROMISES);
  if (promises!.differences.length > 0) return promises!.differences;
  return broken.map((found) => ({ code: 'proof.failed', ids: {}, expected: null, found }));
}
