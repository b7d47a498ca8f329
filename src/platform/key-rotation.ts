import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { onDuty } from '../kernel/actor.js';
import { Db, pgFault, type Tx } from './db.js';
import { Keyring } from './encryption.js';
import { newRingKey } from './key-file.js';
import { addRingKey, LiveProcesses } from './live-processes.js';
import { Runtime } from './runtime.js';

/**
 * Everything that is sealed with the keyring itself, and not with a data key: `ring_key` of each row says with which of
 * its keys. A value's place is `place:` and its primary key.
 */
export const RING_VALUES = [
  { table: 'data_keys', column: 'wrapped', place: 'data_keys', key: { owner_id: 'uuid' } },
  { table: 'second_factors', column: 'secret', place: 'second_factors.secret', key: { user_id: 'uuid' } },
  {
    table: 'idempotency_keys',
    column: 'answer',
    place: 'idempotency_keys',
    key: { user_id: 'uuid', route: 'text', key: 'text' },
  },
  { table: 'imports', column: 'file_key', place: 'imports.file_key', key: { id: 'uuid' } },
  { table: 'passkeys', column: 'name', place: 'passkeys.name', key: { id: 'uuid' } },
];
type RingValue = (typeof RING_VALUES)[number];

/** Rows that one transaction wraps anew. */
const BATCH = 500;
const POLL_MS = 500;
/** How often the walk begins again because somebody wrote behind it. */
const WALKS = 5;
/** How long a row that somebody else holds is waited for. */
const LOCK_WAIT = '10s';
const LOCK_NOT_AVAILABLE = '55P03';
const FOREIGN_KEY_VIOLATION = '23503';

interface Rotation {
  /** How long living processes are waited for, in milliseconds. */
  waitMs: number;
  say: (line: string) => void;
}

/** What a rotation came to: the key that is written with, those that have gone, and how many values were wrapped anew. */
export interface Rotated {
  keyId: string;
  gone: string[];
  wrapped: number;
}

/**
 * Gives the keyring another key while everybody works: adds it to the file, waits until every living process has it,
 * makes it current, waits until everybody writes with it, and wraps anew what is still sealed with an older one. Killed
 * at any point it leaves everything usable, and goes on from there when it is asked again.
 */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
    private readonly live: LiveProcesses,
    private readonly runtime: Runtime,
  ) {}

  /**
   * Rotates, or ends the rotation that was begun. Old keys stay in the file: backups need them.
   * @throws Error in one line that says what to do, when somebody is not ready in time or another rotation is at work
   */
  async rotate({ waitMs, say }: Rotation): Promise<Rotated> {
    const lock = new pg.Client({ connectionString: this.runtime.databaseUrl });
    // A connection that is lost fails the next question.
    lock.on('error', () => {});
    await lock.connect();
    try {
      // Of the session, so that it goes with whoever holds it.
      const { rows } = await lock.query(`SELECT pg_try_advisory_lock(hashtext('keys.rotate')) AS taken`);
      if (!rows[0].taken) throw new Error('Another "keys rotate" is at work.');
      this.keyring.refresh();
      const stillLocked = async (): Promise<void> => void (await lock.query('SELECT 1'));
      const unfinished = (await this.usedBefore()).length > 0;
      if (this.keyring.next || !unfinished) await this.changeKey({ waitMs, say }, stillLocked);
      return await this.finish({ waitMs, say });
    } finally {
      await lock.end();
    }
  }

  private async changeKey({ waitMs, say }: Rotation, stillLocked: () => Promise<void>): Promise<void> {
    await stillLocked();
    if (!this.keyring.next) {
      const { id, secret } = newRingKey();
      this.keyring.rewrite((file) => ({ ...file, next: id, keys: new Map([...file.keys, [id, secret]]) }));
    }
    const next = this.keyring.next!;
    say(`The key ${next} is in the key file.`);
    await this.waitFor('key', next, { waitMs, say });
    await stillLocked();
    const from = this.keyring.sealing().id;
    // Before anybody writes with it.
    await this.keep(async (tx) => {
      if (await addRingKey(tx, next)) tx.audit('keys.rotated', 'keyring', null, { from, to: next });
    });
    this.keyring.rewrite((file) => ({ ...file, current: next, next: undefined }));
  }

  private async finish(rotation: Rotation): Promise<Rotated> {
    const keyId = this.keyring.sealing().id;
    rotation.say(`The key ${keyId} is written with.`);
    await this.waitFor('writing', keyId, rotation);
    const gone = await this.usedBefore();
    let wrapped = 0;
    for (const id of gone) wrapped += await this.replace(id);
    return { keyId, gone, wrapped };
  }

  /** The keys but the current one that values may still name. */
  private async usedBefore(): Promise<string[]> {
    const rows = await this.keep((tx) =>
      tx.query<{ id: string }>('SELECT id FROM ring_keys WHERE id <> $1 ORDER BY id', [
        this.keyring.sealing().id,
      ]),
    );
    return rows.map(({ id }) => id).filter((id) => id !== this.keyring.next);
  }

  private async waitFor(what: 'key' | 'writing', keyId: string, { waitMs, say }: Rotation): Promise<void> {
    const until = Date.now() + waitMs;
    await this.live.beat();
    let said = '';
    for (;;) {
      const lacking = (await this.live.lacking(what, keyId)).join('; ');
      if (lacking === '') return;
      if (Date.now() > until) {
        throw new Error(
          `Gave up waiting for ${lacking}. Does it read the same key file? Everything goes on as it is; run "keys rotate" again to go on.`,
        );
      }
      if (lacking !== said) say(`Waiting for ${lacking}`);
      said = lacking;
      await sleep(POLL_MS);
    }
  }

  /** Wraps anew everything that names this key, and lets the key go. Gives how many values that were. */
  private async replace(id: string): Promise<number> {
    let wrapped = 0;
    for (let walk = 1; walk <= WALKS; walk += 1) {
      for (const value of RING_VALUES) {
        for (let done = BATCH; done === BATCH; wrapped += done) {
          done = await this.keep((tx) => this.wrapSome(tx, value, id)).catch(sayWhoHolds);
        }
      }
      if (await this.letGo(id, wrapped)) return wrapped;
    }
    throw new Error(`Somebody still writes with the key ${id}. Run "keys rotate" again to go on.`);
  }

  private async wrapSome(tx: Tx, { table, column, place, key }: RingValue, id: string): Promise<number> {
    const names = Object.keys(key);
    await tx.query(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
    const rows = await tx.query<Record<string, string> & { value: Buffer }>(
      `SELECT ${names.join(', ')}, ${column} AS value FROM ${table} WHERE ring_key = $1
       ORDER BY ${names[0]} LIMIT ${BATCH} FOR NO KEY UPDATE`,
      [id],
    );
    const values = rows.map((row) => {
      try {
        return this.keyring.reseal(row.value, [place, ...names.map((name) => row[name])].join(':'));
      } catch {
        throw new Error(`${column} in ${table} of ${row[names[0]!]} does not open: it was altered or moved.`);
      }
    });
    const arrays = Object.values(key).map((type, index) => `$${index + 2}::${type}[]`);
    await tx.query(
      `UPDATE ${table} t SET ${column} = new.value
       FROM unnest($1::bytea[], ${arrays.join(', ')}) AS new(value, ${names.join(', ')})
       WHERE ${names.map((name) => `t.${name} = new.${name}`).join(' AND ')}`,
      [values, ...names.map((name) => rows.map((row) => row[name]))],
    );
    return rows.length;
  }

  /** Whether the key could go: nothing names it any more, and from now on nothing can. */
  private async letGo(id: string, wrapped: number): Promise<boolean> {
    try {
      await this.keep(async (tx) => {
        await tx.query(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
        await this.live.forgetDead(tx);
        // Waits for whoever has written with it and not ended.
        await tx.query('DELETE FROM ring_keys WHERE id = $1', [id]);
        tx.audit('keys.replaced', 'keyring', null, { from: id, count: wrapped });
      });
      return true;
    } catch (error) {
      if (pgFault(error).code === FOREIGN_KEY_VIOLATION) return false;
      return sayWhoHolds(error);
    }
  }

  private keep<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.write(onDuty('keeper'), work);
  }
}

function sayWhoHolds(error: unknown): never {
  if (pgFault(error).code !== LOCK_NOT_AVAILABLE) throw error;
  throw new Error(
    'A process holds what has to be wrapped anew and does not go on. Everything goes on as it is; end that process, then run "keys rotate" again.',
  );
}
