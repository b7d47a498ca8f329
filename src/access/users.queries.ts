import { Injectable } from '@nestjs/common';
import { hasRole, PARTNER_ROLES, type Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { normaliseText } from '../kernel/text.js';
import { Db, type Tx } from '../platform/db.js';
import { pageOf, type Page } from '../platform/pages.js';
import type { UserSearch, UserView } from './access.dto.js';
import { USER_COLUMNS } from './user.entity.js';

export type ListedUser = UserView & { organisationName: string | null };

/** Whose accounts an actor manages: an administrator everybody's, a lead those of partners of the own organisation. */
const REACHED = `($1::uuid IS NULL OR (u.organisation_id = $1 AND u.roles <@ $2::text[]))`;
const reachOf = (actor: Actor): unknown[] => [
  hasRole(actor, 'admin') ? null : actor.organisationId,
  PARTNER_ROLES,
];

/** Whether this actor manages the account. */
export const reaches = (actor: Actor, user: Pick<UserView, 'organisationId' | 'roles'>): boolean =>
  hasRole(actor, 'admin') ||
  (actor.organisationId !== null &&
    user.organisationId === actor.organisationId &&
    user.roles.every((role) => PARTNER_ROLES.includes(role)));

/** Reads of the accounts that an actor manages. */
@Injectable()
export class UsersQueries {
  constructor(private readonly db: Db) {}

  /** Those that fit, newest first; `text` is looked for in names and mail addresses. Leaves a line in the log. */
  list(actor: Actor, { text, role, active, limit, cursor }: UserSearch): Promise<Page<ListedUser>> {
    return this.db.write(actor, async (tx) => {
      const rows = await tx.query<ListedUser>(
        `SELECT ${USER_COLUMNS}, o.name AS "organisationName"
         FROM users u LEFT JOIN organisations o ON o.id = u.organisation_id
         WHERE ${REACHED} AND ($3::text IS NULL OR $3 = ANY(u.roles)) AND ($4::boolean IS NULL OR u.active = $4)
           AND ($5::text IS NULL OR strpos(lower(normalize(u.name, NFKC)), $5) > 0 OR strpos(u.email, $5) > 0)
           AND ($6::uuid IS NULL OR u.id < $6)
         ORDER BY u.id DESC LIMIT $7`,
        [
          ...reachOf(actor),
          role ?? null,
          active ?? null,
          text ? normaliseText(text).toLowerCase() : null,
          cursor ?? null,
          limit + 1,
        ],
      );
      const page = pageOf(rows, limit);
      tx.audit('users.listed', 'user', null, { count: page.items.length, searched: Boolean(text) });
      return page;
    });
  }

  /**
   * One account, and the colleagues to whom its drafts may pass.
   * @throws DomainError `resource.absent`, also when it is not this lead's to manage
   */
  read(actor: Actor, id: string): Promise<{ user: ListedUser; colleagues: { id: string; name: string }[] }> {
    return this.db.read(actor, async (tx) => {
      const [user] = await tx.query<ListedUser>(
        `SELECT ${USER_COLUMNS}, o.name AS "organisationName"
         FROM users u LEFT JOIN organisations o ON o.id = u.organisation_id WHERE ${REACHED} AND u.id = $3`,
        [...reachOf(actor), id],
      );
      if (!user) throw absent();
      return { user, colleagues: await colleaguesOf(tx, user) };
    });
  }

  /** The members that somebody may be invited for, by code. */
  organisations(actor: Actor): Promise<{ id: string; code: string; name: string }[]> {
    return this.db.read(actor, (tx) => tx.query('SELECT id, code, name FROM organisations ORDER BY code'));
  }
}

/** Who works for the same organisation and can go on with somebody's drafts. */
const colleaguesOf = (
  tx: Tx,
  { id, organisationId }: Pick<UserView, 'id' | 'organisationId'>,
): Promise<{ id: string; name: string }[]> =>
  tx.query(
    `SELECT id, name FROM users
     WHERE active AND organisation_id = $1 AND id <> $2 AND roles && $3::text[] ORDER BY name, id`,
    [organisationId, id, PARTNER_ROLES],
  );
