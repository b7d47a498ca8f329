import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { invalid } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { given } from '../platform/fields.js';
import { Runtime } from '../platform/runtime.js';
import { fieldsOf, READS } from './exposure.js';
import type { ExposedPerson, ExposureFilter, ExposureQuery, ExposureView } from './exposure.dto.js';

/** How many accounts or members a form offers: all that a network has, in an emergency too. */
const CHOICES = 5_000;

/** What the form of the desk offers to choose from. */
export interface ExposureChoices {
  users: { id: string; name: string }[];
  organisations: { id: string; name: string }[];
  keys: { id: string; name: string; at: Date }[];
  /** Those of the chosen user alone. */
  sessions: { id: string; name: string; at: Date }[];
}

type FoundPerson = Omit<ExposedPerson, 'fields' | 'organisationName'> & { actions: string[] };

/** Who was seen, drawn from the log. */
@Injectable()
export class ExposureQueries {
  constructor(
    private readonly db: Db,
    private readonly runtime: Runtime,
  ) {}

  /**
   * The people whom the readers of the filter were shown, each with the fields, the first and last time and how often.
   * Leaves a line in the log: who looked into whose reading.
   * @throws DomainError `input.invalid` (`filterNeeded` when nothing is named, `periodBackwards`)
   */
  search(actor: Actor, query: ExposureQuery): Promise<ExposureView> {
    const { limit, cursor, ...filter } = query;
    checkFilter(filter);
    return this.db.write(actor, async (tx) => {
      const found = await this.exposed(tx, filter, { limit, cursor });
      tx.audit('breaches.searched', 'breach', null, { ...given(filter), count: found.people });
      return found;
    });
  }

  /** The same inside a transaction; the caller leaves the line in the log. */
  async exposed(
    tx: Tx,
    filter: ExposureFilter,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<ExposureView> {
    const { keyId, sessionId, organisationId, from, to } = filter;
    const userId = filter.userId ?? (await userOf(tx, filter));
    const [found] = await tx.query<{ people: number; actions: string[]; items: FoundPerson[] | null }>(
      EXPOSED,
      [
        READS,
        ...[userId, keyId, sessionId, organisationId, from, to].map((value) => value ?? null),
        this.runtime.settings.TIMEZONE,
        cursor ?? null,
        limit + 1,
      ],
    );
    const { people, actions, items } = found!;
    const page = (items ?? []).slice(0, limit);
    const names = await namesOf(tx, page);
    return {
      people,
      fields: fieldsOf(actions),
      items: page.map(({ actions: done, ...person }) => ({
        ...person,
        organisationName: names.get(person.organisationId) ?? '',
        fields: fieldsOf(done),
      })),
      nextCursor: (items ?? []).length > limit ? page.at(-1)!.code : null,
    };
  }

  /** Accounts, members, keys, and the sessions of the chosen account. */
  choices(actor: Actor, userId?: string): Promise<ExposureChoices> {
    return this.db.read(actor, async (tx) => ({
      users: await tx.query(`SELECT id, name FROM users ORDER BY name, id LIMIT ${CHOICES}`),
      organisations: await tx.query(`SELECT id, name FROM organisations ORDER BY code LIMIT ${CHOICES}`),
      keys: await tx.query(
        `SELECT e.facts ->> 'keyId' AS id, u.name, e.at FROM audit_events e JOIN users u ON u.id = e.subject_id
         WHERE e.action = 'api_key.created' ORDER BY e.id DESC LIMIT 200`,
      ),
      sessions: userId
        ? await tx.query(
            `SELECT e.facts ->> 'session' AS id, u.name, e.at FROM audit_events e JOIN users u ON u.id = e.subject_id
             WHERE e.subject_id = $1 AND e.action = 'sign_in.done' AND e.facts ? 'session' ORDER BY e.id DESC LIMIT 50`,
            [userId],
          )
        : [],
    }));
  }
}

/** @throws DomainError `input.invalid`, as `ExposureQueries.search` */
export function checkFilter(filter: ExposureFilter): void {
  const { from, to } = filter;
  if (Object.keys(given(filter)).length === 0) throw invalid({ path: 'userId', code: 'filterNeeded' });
  if (from && to && to < from) throw invalid({ path: 'to', code: 'periodBackwards' });
}

/** Whose key or session it is, so that the log is read by its index of who did what; nobody when it is not known. */
async function userOf(tx: Tx, { keyId, sessionId }: ExposureFilter): Promise<string | undefined> {
  if (!keyId && !sessionId) return undefined;
  const [made] = await tx.query<{ id: string }>(
    `SELECT subject_id AS id FROM audit_events
     WHERE action = $1 AND facts ->> $2 = $3 LIMIT 1`,
    keyId ? ['api_key.created', 'keyId', keyId] : ['sign_in.done', 'session', sessionId],
  );
  return made?.id;
}

async function namesOf(tx: Tx, people: FoundPerson[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; name: string }>(
    'SELECT id, name FROM organisations WHERE id = ANY($1)',
    [[...new Set(people.map(({ organisationId }) => organisationId))]],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/**
 * What an event is about, and what a list showed, each looked up once whatever the number of events. People are those
 * who are on a case or request now.
 */
const EXPOSED = `
  WITH events AS MATERIALIZED (
    SELECT e.at, e.action, e.subject_id, e.facts -> 'ids' AS ids
    FROM audit_events e
    WHERE e.action = ANY($1) AND ($2::uuid IS NULL OR e.actor_id = $2)
      AND ($3::text IS NULL OR e.facts ->> 'key' = $3) AND ($4::text IS NULL OR e.facts ->> 'session' = $4)
      AND ($5::uuid IS NULL OR e.actor_id = ANY(ARRAY(SELECT u.id FROM users u WHERE u.organisation_id = $5)))
      AND ($6::date IS NULL OR e.at >= $6::date::timestamp AT TIME ZONE $8)
      AND ($7::date IS NULL OR e.at < ($7::date + 1)::timestamp AT TIME ZONE $8)
  ), shown AS (
    SELECT at, action, subject_id AS thing FROM events WHERE subject_id IS NOT NULL
    UNION ALL
    SELECT at, action, listed::uuid FROM events, jsonb_array_elements_text(ids) AS listed
  ), touched AS MATERIALIZED (
    SELECT thing, action, min(at) AS first_at, max(at) AS last_at, count(*) AS times FROM shown GROUP BY thing, action
  ), found AS MATERIALIZED (
    SELECT p.code, p.organisation_id AS "organisationId", array_agg(DISTINCT t.action) AS actions,
           min(t.first_at) AS "firstAt", max(t.last_at) AS "lastAt", sum(t.times)::bigint AS times
    FROM people_behind(ARRAY(SELECT DISTINCT thing FROM touched)) p JOIN touched t ON t.thing = p.id
    GROUP BY p.code, p.organisation_id
  )
  SELECT (SELECT count(*) FROM found) AS people,
         ARRAY(SELECT DISTINCT unnest(actions) FROM found) AS actions,
         (SELECT json_agg(page) FROM (SELECT * FROM found WHERE $9::text IS NULL OR code > $9
                                      ORDER BY code LIMIT $10) page) AS items`;
