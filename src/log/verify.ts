import type { Tx } from '../platform/db.js';
import type { Keyring } from '../platform/encryption.js';
import { BEGINNING, digestOfRow, digestOfSeal, SEALED_COLUMNS, type Seal, type SealedRow } from './chain.js';

export const LOG_DIFFERENCES = ['altered', 'removed', 'inserted', 'seal_broken', 'head_missing'] as const;

/** One place where the log is not what was sealed. */
export interface LogDifference {
  code: (typeof LOG_DIFFERENCES)[number];
  /** The row, when it is about one. */
  eventId: number | null;
  /** The seal that covers it. */
  seal: number | null;
}

/** What a verification found. */
export interface LogVerification {
  /** Rows that are sealed. */
  events: number;
  seals: number;
  /** Rows written since the last seal, which nothing proves yet. */
  unsealed: number;
  /** The last seal: who keeps its digest elsewhere can prove later that nothing was cut off. */
  head: { number: number; digest: string; sealedAt: Date } | null;
  differenceCount: number;
  /** The first 1,000 of them. */
  differences: LogDifference[];
}

const SEALS_AT_ONCE = 50;
const LISTED = 1_000;
const BEFORE_ALL = Number.MIN_SAFE_INTEGER;

/** Walks along the chain, seals beside rows, and compares. The transaction must be one snapshot. */
class Walk {
  events = 0;
  seals = 0;
  differenceCount = 0;
  readonly differences: LogDifference[] = [];
  last: Pick<Seal, 'number' | 'toId' | 'digest'> & { sealedAt?: Date } = BEGINNING;

  constructor(private readonly keyring: Keyring) {}

  note(code: LogDifference['code'], eventId: number | null, seal: number | null): void {
    this.differenceCount += 1;
    if (this.differences.length < LISTED) this.differences.push({ code, eventId, seal });
  }

  /** Compares one seal with the one before it and with the rows of its ids. */
  pass(seal: Seal, rows: SealedRow[]): void {
    const whole =
      seal.number === this.last.number + 1 &&
      seal.fromId === this.last.toId + 1 &&
      seal.previous.equals(this.last.digest) &&
      seal.digest.equals(digestOfSeal(this.keyring, seal));
    if (!whole) this.note('seal_broken', null, seal.number);
    const sealed = new Map(seal.rowIds.map((id, index) => [id, seal.rowDigests[index]!]));
    for (const row of rows) {
      const digest = sealed.get(row.id);
      if (!digest) this.note('inserted', row.id, seal.number);
      else if (!digest.equals(digestOfRow(this.keyring, row))) this.note('altered', row.id, seal.number);
      sealed.delete(row.id);
    }
    for (const id of sealed.keys()) this.note('removed', id, seal.number);
    this.events += rows.length;
    this.seals += 1;
    this.last = seal;
  }
}

/**
 * Compares the log with its chain: rows that were altered, removed or inserted below the last seal, and seals that do
 * not follow from each other.
 * @param head the digest, in hexadecimal, of a seal that must be in the chain
 */
export async function verifyLog(tx: Tx, keyring: Keyring, head?: string): Promise<LogVerification> {
  const walk = new Walk(keyring);
  let after = BEFORE_ALL;
  let seals: Seal[];
  do {
    seals = await sealsBehind(tx, walk.last.number);
    const rows = await rowsBetween(tx, after, seals.at(-1)?.toId ?? after);
    let begin = 0;
    for (const seal of seals) {
      const end = rows.findIndex(({ id }, index) => index >= begin && id > seal.toId);
      walk.pass(seal, rows.slice(begin, end === -1 ? undefined : end));
      begin = end === -1 ? rows.length : end;
    }
    after = Math.max(after, seals.at(-1)?.toId ?? after);
  } while (seals.length === SEALS_AT_ONCE);
  if (head && !(await hasSeal(tx, head))) walk.note('head_missing', null, null);
  const { last, events, differenceCount, differences } = walk;
  return {
    events,
    seals: walk.seals,
    unsealed: await unsealedBehind(tx, after),
    head: last.sealedAt
      ? { number: last.number, digest: last.digest.toString('hex'), sealedAt: last.sealedAt }
      : null,
    differenceCount,
    differences,
  };
}

async function sealsBehind(tx: Tx, number: number): Promise<Seal[]> {
  const seals = await tx.query<Seal>(
    `SELECT number, from_id AS "fromId", to_id AS "toId", row_ids AS "rowIds", row_digests AS "rowDigests",
            previous, digest, sealed_at AS "sealedAt"
     FROM audit_seals WHERE number > $1 ORDER BY number LIMIT $2`,
    [number, SEALS_AT_ONCE],
  );
  // pg gives a list of bigint as text.
  return seals.map((seal) => ({ ...seal, rowIds: seal.rowIds.map(Number) }));
}

const rowsBetween = (tx: Tx, after: number, to: number): Promise<SealedRow[]> =>
  tx.query<SealedRow>(`SELECT ${SEALED_COLUMNS} FROM audit_events WHERE id > $1 AND id <= $2 ORDER BY id`, [
    after,
    to,
  ]);

async function hasSeal(tx: Tx, digest: string): Promise<boolean> {
  const rows = await tx.query('SELECT 1 FROM audit_seals WHERE digest = $1', [Buffer.from(digest, 'hex')]);
  return rows.length > 0;
}

async function unsealedBehind(tx: Tx, after: number): Promise<number> {
  const [row] = await tx.query<{ count: number }>('SELECT count(*) FROM audit_events WHERE id > $1', [after]);
  return row!.count;
}
