import type { Tx } from '../platform/db.js';

/** Rows that one statement takes. */
const ROWS_AT_ONCE = 1000;

/** A list in pieces of at most `size`. */
export function chunksOf<T>(items: readonly T[], size = ROWS_AT_ONCE): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** What PostgreSQL reads as `bytea` from JSON. */
export const hex = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;

/**
 * Runs each statement for many rows at once, one statement after the other and never one a row. A statement reads
 * them as `$1`, a JSON array (`jsonb_to_recordset`).
 */
export async function insertAll(
  tx: Tx,
  statements: readonly string[],
  rows: readonly object[],
): Promise<void> {
  for (const chunk of chunksOf(rows)) {
    const json = JSON.stringify(chunk);
    for (const statement of statements) await tx.query(statement, [json]);
  }
}
