import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { invalid } from '../kernel/errors.js';
import { given } from '../platform/fields.js';
import { Db, type Tx } from '../platform/db.js';
import type { Page } from '../platform/pages.js';
import { Runtime } from '../platform/runtime.js';
import type { LogEventView, LogQuery } from './log.dto.js';

/** Reads of the log. Reading it leaves a line as well: who looks over whose shoulder is known. */
@Injectable()
export class LogQueries {
  constructor(
    private readonly db: Db,
    private readonly runtime: Runtime,
  ) {}

  /**
   * What was done, the newest first.
   * @throws DomainError `input.invalid` when the period ends before it begins
   */
  async events(actor: Actor, query: LogQuery): Promise<Page<LogEventView>> {
    const { limit, cursor, actorId, action, subject, subjectId, from, to } = query;
    if (from && to && to < from) throw invalid({ path: 'to', code: 'periodBackwards' });
    return this.db.write(actor, async (tx) => {
      const rows = await tx.query<LogEventView>(EVENTS, [
        limit + 1,
        ...[cursor, actorId, action, subject, subjectId, from, to].map((value) => value ?? null),
        this.runtime.settings.TIMEZONE,
      ]);
      tx.audit('log.read', 'log', null, given({ actorId, action, subject, subjectId, from, to }));
      const items = rows.slice(0, limit);
      return { items, nextCursor: rows.length > limit ? String(items.at(-1)!.id) : null };
    });
  }

  /** Everybody with an account, by name: whose deeds one may ask for. */
  users(tx: Tx): Promise<{ id: string; name: string }[]> {
    return tx.query('SELECT id, name FROM users ORDER BY name, id LIMIT 500');
  }
}

const EVENTS = `
  SELECT e.id, e.at, e.actor_id AS "actorId", u.name AS "actorName", e.duties, e.action, e.subject,
         e.subject_id AS "subjectId", e.facts
  FROM audit_events e LEFT JOIN users u ON u.id = e.actor_id
  WHERE ($2::bigint IS NULL OR e.id < $2) AND ($3::uuid IS NULL OR e.actor_id = $3)
    AND ($4::text IS NULL OR e.action = $4) AND ($5::text IS NULL OR e.subject = $5)
    AND ($6::uuid IS NULL OR e.subject_id = $6)
    AND ($7::date IS NULL OR e.at >= $7::date::timestamp AT TIME ZONE $9)
    AND ($8::date IS NULL OR e.at < ($8::date + 1)::timestamp AT TIME ZONE $9)
  ORDER BY e.id DESC LIMIT $1`;
