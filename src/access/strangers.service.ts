import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { onDuty } from '../kernel/actor.js';
import { Db } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';
import { callerOf, RateLimit } from '../platform/rate.js';

/** One address leaves ten lines at once, and then one a minute; all together a hundred, and then one in ten seconds. */
const ONE = { perSecond: 1 / 60, atOnce: 10 };
const ALL = { perSecond: 1 / 10, atOnce: 100 };

/**
 * Leaves a line in the log when somebody who is not signed in is refused, so that probes become visible. Whoever asks
 * on and on fills no table: what is left out is counted, and the next line says how much it was.
 */
@Injectable()
export class Strangers {
  private readonly log = new Logger('Strangers');
  private readonly one = new RateLimit(ONE.perSecond, ONE.atOnce);
  private readonly all = new RateLimit(ALL.perSecond, ALL.atOnce);
  private leftOut = 0;

  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
  ) {}

  /** Notes a refusal. Of the caller only a mark is kept, by which lines of the same address are known. */
  async note(
    action: string,
    { ip, method, routeOptions }: FastifyRequest,
    key: { keyId: string; userId: string } | null = null,
  ): Promise<void> {
    const caller = callerOf(ip);
    if (this.one.take(caller) > 0 || this.all.take('all') > 0) {
      this.leftOut += 1;
      return;
    }
    const facts = {
      route: `${method} ${routeOptions.url}`,
      caller: this.keyring.digest('caller', caller).toString('hex').slice(0, 12),
      ...(this.leftOut > 0 && { leftOut: this.leftOut }),
      ...(key && { keyId: key.keyId }),
    };
    this.leftOut = 0;
    const [subject, subjectId] = key ? ['user', key.userId] : ['route', null];
    try {
      await this.db.write(onDuty('gate'), async (tx) => tx.audit(action, subject, subjectId, facts));
    } catch (error) {
      // The refusal is given all the same.
      this.log.error(`A refusal is not in the log: ${(error as Error).name}`);
    }
  }
}
