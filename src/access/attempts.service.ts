import { Injectable } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { DomainError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Tx } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600 * 1000;

/** How many attempts may fail within how long. A code has six digits, so its owner's mistakes are counted by day too. */
const LIMITS = {
  account: [{ failures: 10, withinMs: 15 * MINUTE_MS }],
  address: [{ failures: 100, withinMs: 15 * MINUTE_MS }],
  factor: [
    { failures: 5, withinMs: 5 * MINUTE_MS },
    { failures: 20, withinMs: DAY_MS },
  ],
} as const;

/** What attempts are counted by: a mail address (known or not), a network address, a user's second factor. */
export type Counted = { by: keyof typeof LIMITS; of: string };

/** Counts what somebody may try only so often. Only keyed digests are stored of whose and from where. */
@Injectable()
export class Attempts {
  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
  ) {}

  /**
   * Does `work` as an attempt, which counts against all of these until it succeeds: it is written down before,
   * so that attempts at the same moment are counted too.
   * @throws DomainError `attempts.limited` with `retryAfterSeconds`, whatever the work would have answered
   */
  async count<T>(counted: Counted[], work: () => Promise<T>): Promise<T> {
    const counters = counted.map(({ by, of }) => ({ by, digest: this.keyring.digest(`attempts.${by}`, of) }));
    const taken = await this.db.write(onDuty('gate'), async (tx) => {
      const waitMs = await waitOf(tx, counters);
      if (waitMs > 0) tx.audit('attempts.limited', 'user', null, { by: counted.map(({ by }) => by) });
      return waitMs > 0 ? { waitMs } : { ids: await writeDown(tx, counters) };
    });
    if (!taken.ids) {
      throw new DomainError('limited', 'attempts.limited', {
        retryAfterSeconds: Math.ceil(taken.waitMs / 1000),
        minutes: Math.ceil(taken.waitMs / MINUTE_MS),
      });
    }
    const result = await work();
    await this.db.write(onDuty('gate'), (tx) =>
      tx.query('DELETE FROM attempts WHERE id = ANY($1)', [taken.ids]),
    );
    return result;
  }
}

type Counter = { by: keyof typeof LIMITS; digest: Buffer };

/** How long one of the counters still has to wait, in milliseconds; zero when none has. */
async function waitOf(tx: Tx, counters: Counter[]): Promise<number> {
  const inOrder = counters.map(({ digest }) => digest.toString('hex')).sort();
  for (const name of inOrder) await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', [name]);
  const failures = await tx.query<{ counter: Buffer; at: Date }>(
    'SELECT counter, at FROM attempts WHERE counter = ANY($1) AND at > $2 ORDER BY at DESC',
    [counters.map(({ digest }) => digest), new Date(tx.at.getTime() - DAY_MS)],
  );
  const waits = counters.flatMap(({ by, digest }) => {
    const own = failures.filter(({ counter }) => counter.equals(digest));
    return LIMITS[by].map((limit) => {
      // The failure that has to grow old before there is room for another.
      const last = own[limit.failures - 1];
      return last ? last.at.getTime() + limit.withinMs - tx.at.getTime() : 0;
    });
  });
  return Math.max(0, ...waits);
}

async function writeDown(tx: Tx, counters: Counter[]): Promise<string[]> {
  const ids = counters.map(newId);
  await tx.query('DELETE FROM attempts WHERE at <= $1', [new Date(tx.at.getTime() - DAY_MS)]);
  await tx.query('INSERT INTO attempts (id, counter, at) SELECT *, $3 FROM unnest($1::uuid[], $2::bytea[])', [
    ids,
    counters.map(({ digest }) => digest),
    tx.at,
  ]);
  return ids;
}
