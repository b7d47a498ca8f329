export const ROLES = ['caseworker', 'lead', 'reviewer', 'approver', 'treasurer', 'board', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Roles that work for one organisation; all others work for the network. */
export const PARTNER_ROLES: readonly Role[] = ['caseworker', 'lead'];

/**
 * What the application itself does for everybody, each with only the rows it needs: `figures` reads what
 * figures are made of, `importer` writes past payments, `relay` hands over the outbox, `gate` lets people in,
 * `sealer` seals the log and verifies it, `matcher` indexes names and birthdays of people who were there before it,
 * `archivist` keeps files and their keys in order, `messenger` tells people what they have to know, `keeper` changes
 * the keys that values are sealed with, `forgetter` destroys keys whose time has come, and reads nothing that they seal.
 */
export type Duty =
  | 'figures'
  | 'importer'
  | 'relay'
  | 'gate'
  | 'sealer'
  | 'matcher'
  | 'archivist'
  | 'messenger'
  | 'keeper'
  | 'forgetter';

/**
 * Who is asking. PostgreSQL's row-level security is told the same (`Db`), so that a forgotten check in code
 * still shows nobody else's rows. A user has roles; the application's own work has duties instead, and keeps
 * the id of the user that it works for.
 */
export interface Actor {
  readonly userId: string | null;
  /** The organisation whose files this actor works on: a partner's own, and nobody else's. */
  readonly organisationId: string | null;
  /** The organisation that this person belongs to, whatever the role: nobody decides on a request of their own. */
  readonly memberOf: string | null;
  readonly roles: readonly Role[];
  readonly duties: readonly Duty[];
  /** How they came in, by its id, so that the log can tell what a stolen key or an open session was used for. */
  readonly through?: Through;
}

/** A program's key or a browser's session. */
export type Through = { readonly key: string } | { readonly session: string };

/** The application at one of its own duties, for a user or for nobody in particular. */
export const onDuty = (duty: Duty, userId: string | null = null): Actor => ({
  userId,
  organisationId: null,
  memberOf: null,
  roles: [],
  duties: [duty],
});

export const hasRole = (actor: Actor, ...roles: Role[]): boolean =>
  roles.some((role) => actor.roles.includes(role));
