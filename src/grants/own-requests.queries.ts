import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { Db } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { GrantsQueries } from './grants.queries.js';
import type { GrantRequestSummary } from './grants.views.js';

/** A returned request with the question that came with it; null when nobody wrote one. */
export interface AskedRequest extends GrantRequestSummary {
  question: string | null;
}

/** How many of each a page shows before the list of all. */
const SHOWN = 50;

/** What waits for a member: the network's questions, and what it has begun to write. */
@Injectable()
export class OwnRequestsQueries {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly grants: GrantsQueries,
  ) {}

  /** The drafts of the actor's organisation, newest first, at most 50. */
  async drafts(actor: Actor): Promise<GrantRequestSummary[]> {
    return (await this.grants.list(actor, { status: ['draft'], limit: SHOWN })).items;
  }

  /** The requests with an open question, newest first, at most 50. */
  async asked(actor: Actor): Promise<AskedRequest[]> {
    const { items } = await this.grants.list(actor, { status: ['returned'], limit: SHOWN });
    const questions = await this.questions(
      actor,
      items.map(({ id }) => id),
    );
    return items.map((request) => ({ ...request, question: questions.get(request.id) ?? null }));
  }

  /** The last question on each of these requests. */
  private questions(actor: Actor, requestIds: string[]): Promise<Map<string, string>> {
    return this.db.write(actor, async (tx) => {
      const rows = await tx.query<{ id: string; requestId: string; keyOwnerId: string; body: Buffer }>(
        `SELECT DISTINCT ON (e.request_id) e.id, e.request_id AS "requestId", r.key_owner_id AS "keyOwnerId", c.body
         FROM request_events e
         JOIN request_comments c ON c.event_id = e.id
         JOIN grant_requests r ON r.id = e.request_id
         WHERE e.request_id = ANY($1) AND e.verb = 'return' ORDER BY e.request_id, e.id DESC`,
        [requestIds],
      );
      const asked = rows.map(({ requestId }) => requestId);
      if (asked.length > 0) tx.audit('requests.asked', 'request', null, { count: asked.length, ids: asked });
      const keys = await this.vault.keysOf(tx.orm, [...new Set(rows.map(({ keyOwnerId }) => keyOwnerId))]);
      return new Map(
        rows.flatMap(({ id, requestId, keyOwnerId, body }) => {
          const question = keys.get(keyOwnerId)?.open(body, `request_comments.body:${id}`);
          return question === undefined ? [] : [[requestId, question] as const];
        }),
      );
    });
  }
}
