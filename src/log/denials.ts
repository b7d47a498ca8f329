import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../access/index.js';
import { isId } from '../kernel/ids.js';
import { Db } from '../platform/db.js';

const ACTIONS: Record<number, string> = { 403: 'access.denied', 404: 'access.absent' };

/** Leaves a line in the log when somebody who is signed in is refused: probes become visible. */
@Injectable()
export class Denials {
  private readonly log = new Logger('Denials');

  constructor(private readonly db: Db) {}

  /**
   * Notes an answer if it is a refusal: 403 anywhere, 404 where the path has an id, whether there is no such thing or
   * it is somebody else's. Nothing that was sent is kept but the id.
   */
  async note({ user, through, method, routeOptions, params }: FastifyRequest, status: number): Promise<void> {
    const action = ACTIONS[status];
    const route = routeOptions.url;
    if (!user || !action || !route || (status === 404 && !route.includes(':'))) return;
    const id = Object.values((params ?? {}) as Record<string, unknown>).find(isId) ?? null;
    try {
      await this.db.write(actorOf(user, through), async (tx) =>
        tx.audit(action, 'route', id, { route: `${method} ${route}` }),
      );
    } catch (error) {
      // The refusal is given all the same.
      this.log.error(`A refusal is not in the log: ${(error as Error).name}`);
    }
  }
}
