import type { Keyring } from '../platform/encryption.js';

/** A line of the log as it is sealed: every column, in an order and a spelling that never change. */
export interface SealedRow {
  id: number;
  /** In UTC, to the microsecond. */
  at: string;
  actorId: string | null;
  duties: string[];
  action: string;
  subject: string;
  subjectId: string | null;
  /** As PostgreSQL writes jsonb: its keys sorted. */
  facts: string;
}

/** One link of the chain. */
export interface Seal {
  number: number;
  fromId: number;
  toId: number;
  rowIds: number[];
  rowDigests: Buffer[];
  previous: Buffer;
  sealedAt: Date;
  digest: Buffer;
}

/** What stands before the first seal. */
export const BEGINNING = { number: 0, toId: 0, digest: Buffer.alloc(32) };

export const SEALED_COLUMNS = `id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS at,
  actor_id AS "actorId", duties, action, subject, subject_id AS "subjectId", facts::text AS facts`;

/** The digest of one row. Without the keyring nobody can make one, whatever they may do in the database. */
export const digestOfRow = (keyring: Keyring, row: SealedRow): Buffer =>
  keyring.digest(
    'log.row',
    JSON.stringify([
      row.id,
      row.at,
      row.actorId,
      row.duties,
      row.action,
      row.subject,
      row.subjectId,
      row.facts,
    ]),
  );

/** The digest of a seal, over its rows' digests and the seal before it. */
export const digestOfSeal = (keyring: Keyring, seal: Omit<Seal, 'digest'>): Buffer =>
  keyring.digest(
    'log.seal',
    JSON.stringify([
      seal.number,
      seal.fromId,
      seal.toId,
      seal.rowIds,
      seal.rowDigests.map((digest) => digest.toString('base64')),
      seal.previous.toString('base64'),
      seal.sealedAt.toISOString(),
    ]),
  );
