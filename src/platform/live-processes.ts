import { hostname } from 'node:os';
import { parse } from 'node:path';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { newId } from '../kernel/ids.js';
import { Db, type Tx } from './db.js';
import { Keyring } from './encryption.js';

const BEAT_MS = 3_000;

/** Who was not heard of for so long counts as dead. Times are the database's: clocks of machines differ. */
const IS_ALIVE = `seen_at > clock_timestamp() - interval '20 seconds'`;

/** What `keys rotate` waits for, of a key: that a process has it, or that it writes with it. */
const LACKS = { key: 'NOT key_ids @> ARRAY[$1]', writing: 'sealing_key <> $1' } as const;

/**
 * Lets every other process know that this one lives, what keys it has and which one it writes with; and reads the key
 * file again when it was changed. One that was silent for too long is forgotten: it reads the file before it is heard
 * of again, and what it sealed meanwhile with a key that has gone the database refuses.
 */
@Injectable()
export class LiveProcesses implements OnModuleInit {
  private readonly id = newId();
  private readonly name = `${parse(process.argv[1] ?? 'node').name} on ${hostname()}, process ${process.pid}`;
  private readonly log = new Logger('LiveProcesses');
  private timer?: NodeJS.Timeout;
  private beating?: Promise<void>;

  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
  ) {}

  /** @throws Error when the key file lacks a key that values of this database are sealed with */
  async onModuleInit(): Promise<void> {
    await this.beat();
    await this.keep((tx) => this.takeUpKey(tx));
    this.timer = setInterval(() => {
      this.beating ??= this.beat()
        .catch((error: Error) => this.log.warn(`Nobody hears that this process lives: ${error.name}`))
        .finally(() => (this.beating = undefined));
    }, BEAT_MS);
    this.timer.unref();
  }

  /** Says that this process works no more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    // Whoever cannot say goodbye is soon counted as dead.
    await this.keep((tx) => tx.query('DELETE FROM live_processes WHERE id = $1', [this.id])).catch(() => {});
  }

  /** The names of living processes that lack this of a key. */
  async lacking(what: keyof typeof LACKS, keyId: string): Promise<string[]> {
    const rows = await this.keep((tx) =>
      tx.query<{ name: string }>(
        `SELECT name FROM live_processes WHERE ${IS_ALIVE} AND ${LACKS[what]} ORDER BY name`,
        [keyId],
      ),
    );
    return rows.map(({ name }) => name);
  }

  /** Forgets who has been silent for too long, inside a keeper's transaction. */
  async forgetDead(tx: Tx): Promise<void> {
    await tx.query(`DELETE FROM live_processes WHERE NOT ${IS_ALIVE}`);
  }

  /** Reads the file and says what is in it; again when nobody knew of this process, who may have waited for it since. */
  async beat(): Promise<void> {
    do this.keyring.refresh();
    while (!(await this.keep((tx) => this.wasKnown(tx))));
  }

  private async wasKnown(tx: Tx): Promise<boolean> {
    const now = [this.id, this.keyring.ids, this.keyring.sealing().id];
    const known = await tx.query(
      `UPDATE live_processes SET key_ids = $2, sealing_key = $3, seen_at = clock_timestamp() WHERE id = $1
       RETURNING 1`,
      now,
    );
    if (known.length > 0) return true;
    await tx.query(
      `INSERT INTO live_processes (id, key_ids, sealing_key, name, seen_at)
       VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING`,
      [...now, this.name],
    );
    return false;
  }

  /** The first process of a database, or of a restored one, brings its key along. */
  private async takeUpKey(tx: Tx): Promise<void> {
    // Holding its row: a process that was forgotten meanwhile may have a key that has gone.
    const [known] = await tx.query('SELECT 1 FROM live_processes WHERE id = $1 FOR UPDATE', [this.id]);
    if (!known) throw new Error('This process stood still while it started; start it again.');
    const used = await tx.query<{ id: string }>('SELECT id FROM ring_keys');
    const missing = used.find(({ id }) => !this.keyring.ids.includes(id));
    if (missing) {
      throw new Error(
        `The key file (KEYRING) lacks the key ${missing.id}, with which values of this database are sealed`,
      );
    }
    await addRingKey(tx, this.keyring.sealing().id);
  }

  private keep<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.write(onDuty('keeper'), work);
  }
}

/** Lets values be sealed with a key, inside a keeper's transaction. Gives whether they could not before. */
export async function addRingKey(tx: Tx, id: string): Promise<boolean> {
  const added = await tx.query('INSERT INTO ring_keys VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1', [
    id,
    tx.at,
  ]);
  return added.length > 0;
}
