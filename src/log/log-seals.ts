import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Views } from '../access/index.js';
import { onDuty, type Actor } from '../kernel/actor.js';
import { Db, type Tx } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';
import { Jobs } from '../platform/jobs.js';
import { BEGINNING, digestOfRow, digestOfSeal, SEALED_COLUMNS, type SealedRow } from './chain.js';
import { verifyLog, type LogVerification } from './verify.js';

const EVERY_MINUTES = 5;
/** Rows of one seal, at most. */
const BATCH = 1_000;
const WRITERS_WAIT_MS = 20_000;
const WRITERS_POLL_MS = 100;

/** How the last verification ended. */
export interface LastCheck {
  at: Date;
  differences: number;
}

/** Seals the log every few minutes, verifies all of it every night and when asked, and raises the alarm. */
@Injectable()
export class LogSeals implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
    private readonly jobs: Jobs,
    private readonly views: Views,
  ) {}

  onModuleInit(): void {
    this.jobs.every(EVERY_MINUTES, 'log.seal', async () => void (await this.seal()));
    this.jobs.nightly('log.verify', async () => {
      await this.seal();
      const { head, events, differenceCount } = await this.verify();
      // Whoever tells people keeps the head outside the database, in their mail.
      await this.db.write(onDuty('sealer'), async (tx) =>
        tx.emit('log.verified_nightly', { night: tx.today, head, events, differences: differenceCount }),
      );
    });
    this.views.addAlarm({
      href: '/log/check',
      words: 'log:alarm',
      action: 'log.read',
      rings: async (actor) => ((await this.lastCheck(actor))?.differences ?? 0) > 0,
    });
  }

  /**
   * Seals what was written since the last seal and gives how many rows that were. Writers are never kept waiting:
   * when one of them is still at it after a while, nothing is sealed now.
   * @param waitMs how long writers get to end, in milliseconds
   */
  async seal(waitMs = WRITERS_WAIT_MS): Promise<number> {
    const upTo = await this.settledId(waitMs);
    if (upTo === null) return 0;
    let sealed = 0;
    for (let batch = BATCH; batch === BATCH; sealed += batch) {
      batch = await this.db.write(onDuty('sealer'), (tx) => this.sealNext(tx, upTo));
    }
    return sealed;
  }

  /**
   * Verifies the whole log against its chain and leaves the outcome in the log; one without differences ends the
   * alarm.
   * @param head the digest of a seal that must be in the chain, as an earlier verification gave it: without it,
   *   seals cut off at the end together with their rows would not be missed
   */
  async verify(by: Actor = onDuty('sealer'), head?: string): Promise<LogVerification> {
    const duty = onDuty('sealer', by.userId);
    const found = await this.db.read(duty, (tx) => verifyLog(tx, this.keyring, head));
    const { events, seals, differenceCount } = found;
    await this.db.write(duty, async (tx) =>
      tx.audit('log.verified', 'log', null, {
        events,
        seals,
        differences: differenceCount,
        head: found.head?.digest,
      }),
    );
    return found;
  }

  /** The outcome of the last verification, or null before the first one. */
  lastCheck(actor: Actor): Promise<LastCheck | null> {
    return this.db.read(actor, async (tx) => {
      const [row] = await tx.query<LastCheck>(
        `SELECT at, (facts->>'differences')::int AS differences FROM audit_events
         WHERE action = 'log.verified' ORDER BY id DESC LIMIT 1`,
      );
      return row ?? null;
    });
  }

  /**
   * The last id at and below which no row can appear any more; null when somebody writes for too long. An id is
   * drawn before its row is committed, so a row may appear below one that is seen already. Whoever has drawn an id
   * holds the table's lock for writing until the end: once everybody who held it after the last id was seen is gone,
   * all rows up to it are there.
   */
  private async settledId(waitMs: number): Promise<number | null> {
    const { last, writers } = await this.db.read(onDuty('sealer'), async (tx) => {
      const [newest] = await tx.query<{ last: number }>(
        'SELECT coalesce(max(id), 0) AS last FROM audit_events',
      );
      return { last: newest!.last, writers: await writersOf(tx) };
    });
    const until = Date.now() + waitMs;
    for (let left = writers; left.length > 0;) {
      if (Date.now() >= until) return null;
      await sleep(WRITERS_POLL_MS);
      const now = await this.db.read(onDuty('sealer'), writersOf);
      left = left.filter((writer) => now.includes(writer));
    }
    return last;
  }

  /** Adds one seal. Two processes at once: the second waits, and goes on behind the first one's seal. */
  private async sealNext(tx: Tx, upTo: number): Promise<number> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('log-seals'))`);
    const [newest] = await tx.query<typeof BEGINNING>(
      'SELECT number, to_id AS "toId", digest FROM audit_seals ORDER BY number DESC LIMIT 1',
    );
    const { number, toId, digest: previous } = newest ?? BEGINNING;
    const rows = await tx.query<SealedRow>(
      `SELECT ${SEALED_COLUMNS} FROM audit_events WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3`,
      [toId, upTo, BATCH],
    );
    if (rows.length === 0) return 0;
    const seal = {
      number: number + 1,
      fromId: toId + 1,
      toId: rows.length < BATCH ? upTo : rows.at(-1)!.id,
      rowIds: rows.map(({ id }) => id),
      rowDigests: rows.map((row) => digestOfRow(this.keyring, row)),
      previous,
      sealedAt: tx.at,
    };
    await tx.query(
      `INSERT INTO audit_seals (number, from_id, to_id, count, row_ids, row_digests, previous, sealed_at, digest)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        seal.number,
        seal.fromId,
        seal.toId,
        rows.length,
        seal.rowIds,
        seal.rowDigests,
        previous,
        seal.sealedAt,
        digestOfSeal(this.keyring, seal),
      ],
    );
    return rows.length;
  }
}

/** The transactions that have begun to write to the log and not ended. */
async function writersOf(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ writer: string }>(
    `SELECT DISTINCT virtualtransaction AS writer FROM pg_locks
     WHERE locktype = 'relation' AND relation = 'audit_events'::regclass AND mode = 'RowExclusiveLock'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows.map(({ writer }) => writer);
}
