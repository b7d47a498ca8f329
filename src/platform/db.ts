import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { onDuty, type Actor } from '../kernel/actor.js';
import { dayOf, type Day } from '../kernel/calendar.js';
import { DomainError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Clock } from './clock.js';
import { Keyring } from './encryption.js';
import { Runtime } from './runtime.js';

/**
 * "Do this once": a key that the caller chose, within the caller's own keys for one route. The same key with the
 * same body gets the first answer again (contract, "HTTP").
 */
export interface Once {
  readonly route: string;
  readonly key: string;
  readonly bodyHash: string;
}

/**
 * What an audit row says beside who and when. It holds ids and codes, never personal data in clear: a change of what is
 * sealed leaves both values as they were sealed, in `before` and `after`. A list names what it showed
 * in `ids`, of people, cases or requests: the breach desk finds by them whom a reader saw.
 */
export interface AuditEntry {
  action: string;
  subject: string;
  subjectId: string | null;
  facts?: Record<string, unknown>;
}

/** An event for the outbox: ids only, because payloads lie in the queue in clear. */
export interface OutboxEvent {
  topic: string;
  payload: Record<string, unknown>;
}

/** One open transaction, seen by PostgreSQL as this actor's. */
export class Tx {
  private readonly audited: AuditEntry[] = [];
  private readonly emitted: OutboxEvent[] = [];

  constructor(
    readonly orm: EntityManager,
    readonly actor: Actor,
    /** The moment at which everything in this transaction is recorded. */
    readonly at: Date,
    /** The day of that moment where the network lives. */
    readonly today: Day,
  ) {}

  /** Runs SQL and gives its rows, those of `RETURNING` too; `$1` parameters only, never text put together. */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const { records } = await this.orm.queryRunner!.query(sql, parameters, true);
    return records as Row[];
  }

  /** Leaves a line in the log, written with the transaction's last statement before the commit. */
  audit(action: string, subject: string, subjectId: string | null, facts?: Record<string, unknown>): void {
    this.audited.push({ action, subject, subjectId, facts });
  }

  /** Lets something above know, through the outbox, once and only if the transaction commits. */
  emit(topic: string, payload: Record<string, unknown>): void {
    this.emitted.push({ topic, payload });
  }

  /** Writes what was audited and emitted. Called by `Db` alone. */
  async flush(): Promise<void> {
    if (this.audited.length > 0) {
      await this.query(
        `INSERT INTO audit_events (at, actor_id, duties, action, subject, subject_id, facts)
         SELECT $1, $2, $3, e.action, e.subject, e."subjectId", coalesce(e.facts, '{}') || $5::jsonb
         FROM jsonb_to_recordset($4::jsonb) AS e(action text, subject text, "subjectId" uuid, facts jsonb)`,
        [
          this.at,
          this.actor.userId,
          this.actor.duties,
          JSON.stringify(this.audited),
          JSON.stringify(this.actor.through ?? {}),
        ],
      );
    }
    if (this.emitted.length > 0) {
      const rows = this.emitted.map((event) => ({ id: newId(), ...event }));
      await this.query(
        `INSERT INTO outbox (id, topic, payload, recorded_at)
         SELECT e.id, e.topic, e.payload, $1
         FROM jsonb_to_recordset($2::jsonb) AS e(id uuid, topic text, payload jsonb)`,
        [this.at, JSON.stringify(rows)],
      );
      await this.query('NOTIFY outbox');
    }
  }
}

const DEADLOCK = '40P01';
const SERIALIZATION_FAILURE = '40001';
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
/** Constraints on random codes: a twin is no fault of anybody's, another code is drawn. */
const RANDOM_CODES = ['persons_code_key', 'cases_code_key'];
/** Constraints that look again at what was read before: something changed meanwhile, so the work looks again too. */
const RECOUNTED = ['awards_have_their_approvals', 'data_keys_are_there'];
const ATTEMPTS = 5;
const ANSWERS_KEPT_MS = 30 * 24 * 3600 * 1000;

/** The server shut down or ended this connection, and with it undid the transaction. */
const CONNECTION_ENDED = ['57P01', '57P02', '57P03'];

interface PgFault {
  code?: string;
  constraint?: string;
}

/** The fault as PostgreSQL reported it, or an empty one for any other error. */
export function pgFault(error: unknown): PgFault {
  return ((error as { driverError?: PgFault })?.driverError ?? {}) as PgFault;
}

const worthAnotherTry = (error: unknown): boolean => {
  const { code, constraint } = pgFault(error);
  if (RECOUNTED.includes(constraint ?? '')) return true;
  if (code === UNIQUE_VIOLATION) return RANDOM_CODES.includes(constraint ?? '');
  return code === DEADLOCK || code === SERIALIZATION_FAILURE;
};

/** A value was sealed with a key of the ring that has gone, as this process was not looking when another took its place. */
const sealedWithGoneKey = (error: unknown): boolean => {
  const { code, constraint = '' } = pgFault(error);
  return code === FOREIGN_KEY_VIOLATION && constraint.endsWith('_ring_key');
};

/** Whether the connection was lost under a transaction: by its code, by pg's own words, or as TypeORM says afterwards. */
const lostConnection = (error: unknown): boolean => {
  const { name, message } = error as Error;
  const { code = '' } = pgFault(error);
  return (
    CONNECTION_ENDED.includes(code) ||
    code.startsWith('08') ||
    name.endsWith('AlreadyReleasedError') ||
    /^Connection terminated|ECONNRESET|EPIPE/.test(message)
  );
};

async function tryAgain<T>(worthIt: (error: unknown) => boolean, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !worthIt(error)) throw error;
    }
  }
}

/** The only door to the tables. */
@Injectable()
export class Db {
  constructor(
    private readonly source: DataSource,
    private readonly clock: Clock,
    private readonly keyring: Keyring,
    private readonly runtime: Runtime,
  ) {}

  /** Reads as this actor, in one read-only snapshot; again when the connection was lost. */
  async read<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    return tryAgain(lostConnection, () => this.inTransaction(actor, 'READ ONLY', work));
  }

  /**
   * Writes as this actor: all of `work` or nothing. On a deadlock, a serialization failure or a key of the ring that
   * has gone the whole function runs again, so it must keep no state outside the transaction. With `once`, the answer
   * is stored in the same transaction and a repeated call gets it back without running `work`; a twin at the same
   * moment waits for the first. It then also runs again when the connection was lost, even in the middle of the commit.
   * `T` must then be plain JSON.
   * @throws DomainError `idempotency.mismatch` when the key came with another body before.
   */
  async write<T>(actor: Actor, work: (tx: Tx) => Promise<T>, once?: Once): Promise<T> {
    const worthIt = (error: unknown): boolean => {
      if (sealedWithGoneKey(error)) {
        this.keyring.refresh();
        return true;
      }
      return worthAnotherTry(error) || (once !== undefined && lostConnection(error));
    };
    return tryAgain(worthIt, () =>
      this.inTransaction(actor, 'READ WRITE', (tx) => (once ? this.answerOnce(tx, once, work) : work(tx))),
    );
  }

  /**
   * Takes out answers to calls over HTTP that are older than 30 days (contract, "HTTP"). A loader's own steps, such
   * as the demo's, are no such calls and stay done.
   */
  async forgetOldAnswers(): Promise<void> {
    await this.write(onDuty('relay'), (tx) =>
      tx.query(`DELETE FROM idempotency_keys WHERE recorded_at < $1 AND route LIKE '% /%'`, [
        new Date(tx.at.getTime() - ANSWERS_KEPT_MS),
      ]),
    );
  }

  private async inTransaction<T>(actor: Actor, mode: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    try {
      await runner.connect();
      // One snapshot for all queries of a read; writes see what others committed once they hold the lock.
      await runner.startTransaction(mode === 'READ ONLY' ? 'REPEATABLE READ' : undefined);
      await announce(runner, actor, mode);
      const at = this.clock.now();
      const tx = new Tx(runner.manager, actor, at, dayOf(at, this.runtime.settings.TIMEZONE));
      const result = await work(tx);
      await tx.flush();
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // Without its connection a transaction has come to nothing by itself.
      if (runner.isTransactionActive && !runner.isReleased && !lostConnection(error))
        await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  }

  private async answerOnce<T>(tx: Tx, once: Once, work: (tx: Tx) => Promise<T>): Promise<T> {
    const { userId } = tx.actor;
    if (!userId) throw new Error('Only a user can ask for something once');
    const scope = [userId, once.route, once.key];
    const place = `idempotency_keys:${scope.join(':')}`;
    // Keyed, because a short body could be guessed from its plain digest.
    const bodyHash = this.keyring.digest('idempotency', once.bodyHash).toString('base64url');
    const fresh = await tx.query(
      `INSERT INTO idempotency_keys (user_id, route, key, body_hash, recorded_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [...scope, bodyHash, tx.at],
    );
    if (fresh.length === 0) {
      const [first] = await tx.query<{ body_hash: string; answer: Buffer }>(
        'SELECT body_hash, answer FROM idempotency_keys WHERE user_id = $1 AND route = $2 AND key = $3',
        scope,
      );
      if (first!.body_hash !== bodyHash) throw new DomainError('invalid', 'idempotency.mismatch');
      return JSON.parse(this.keyring.keyOf(first!.answer).open(first!.answer, place)) as T;
    }
    const answer = await work(tx);
    await tx.query('UPDATE idempotency_keys SET answer = $4 WHERE user_id = $1 AND route = $2 AND key = $3', [
      ...scope,
      this.keyring.sealing().seal(JSON.stringify(answer ?? null), place),
    ]);
    return answer;
  }
}

/** Tells PostgreSQL who is asking, until the transaction ends; its row-level security reads these settings. */
async function announce(runner: QueryRunner, actor: Actor, mode: string): Promise<void> {
  await runner.query(
    `SELECT set_config('transaction_read_only', $1, true), set_config('sasae.user_id', $2, true),
            set_config('sasae.organisation_id', $3, true), set_config('sasae.roles', $4, true)`,
    [
      mode === 'READ ONLY' ? 'on' : 'off',
      actor.userId ?? '',
      actor.organisationId ?? '',
      [...actor.roles, ...actor.duties].join(','),
    ],
  );
}

/** A digest of a request's body, to tell the same call again from another one under the same key. */
export const hashBody = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('base64url');
