import { ROLES, hasRole, type Actor, type Role } from '../kernel/actor.js';

/**
 * Who may do what: role × action, the only such table. Every route names its action (`@Can`), and pages ask the
 * same table what to show. Whose rows an action reaches is a matter of row-level security on top of it.
 */
export const PERMISSIONS = {
  'account.own': ROLES,
  'organisations.read': ['caseworker', 'lead', 'reviewer', 'approver', 'treasurer', 'board', 'admin'],
  'organisations.list': ['reviewer', 'approver', 'treasurer', 'admin'],
  'organisations.manage': ['admin'],
  'users.read': ['admin', 'lead'],
  // A lead manages caseworkers and leads of the own organisation.
  'users.manage': ['admin', 'lead'],
  'users.factor': ['admin'],
  'log.read': ['board', 'admin'],
  'breaches.read': ['board', 'admin'],
  'breaches.manage': ['board', 'admin'],
  'vendors.read': ['caseworker', 'lead', 'reviewer', 'approver', 'treasurer'],
  'vendors.manage': ['caseworker', 'lead'],
  'people.read': ['caseworker', 'lead', 'reviewer', 'approver'],
  'people.manage': ['caseworker', 'lead'],
  // A name and all else that is sealed, for a reason; a member reads its own people without.
  'people.reveal': ['reviewer', 'approver'],
  // Who is likely the same human across members, and saying so.
  'people.match': ['reviewer', 'approver'],
  // The sheet for the person helped, and to whom their data went.
  'people.sheet': ['caseworker', 'lead'],
  'people.disclose': ['caseworker', 'lead'],
  'cases.read': ['caseworker', 'lead', 'reviewer', 'approver'],
  'cases.manage': ['caseworker', 'lead'],
  'requests.read': ['caseworker', 'lead', 'reviewer', 'approver', 'treasurer', 'board'],
  'requests.file': ['caseworker', 'lead'],
  'requests.review': ['reviewer', 'approver'],
  'requests.decide': ['approver', 'board'],
  'requests.release': ['approver'],
  'requests.recuse': ['reviewer', 'approver', 'board'],
  'requests.confirm': ['approver'],
  'policy.read': ['reviewer', 'approver', 'treasurer', 'board', 'admin'],
  'policy.propose': ['admin'],
  'policy.agree': ['admin', 'board'],
  'funds.read': ['reviewer', 'approver', 'treasurer', 'board'],
  'funds.manage': ['treasurer'],
  'moves.agree': ['treasurer', 'board'],
  'ledger.read': ['treasurer', 'board'],
  'ledger.checks': ['reviewer', 'approver', 'treasurer', 'board', 'admin'],
  'payments.make': ['treasurer'],
  'reports.read': ['reviewer', 'approver', 'treasurer', 'board'],
  'imports.run': ['treasurer', 'admin'],
  // What is kept how long, what goes next and what is held: codes and days, no case content.
  'privacy.retention': ['board', 'admin'],
  'privacy.manage': ['admin'],
  'privacy.hold': ['board', 'admin'],
  'people.deletion': ['caseworker', 'lead'],
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof PERMISSIONS;

/** Whether the table allows this actor this action. */
export const may = (actor: Actor, action: Action): boolean => hasRole(actor, ...PERMISSIONS[action]);

/** Every action that the table allows this actor. */
export const permissionsOf = (actor: Actor): Action[] =>
  (Object.keys(PERMISSIONS) as Action[]).filter((action) => may(actor, action));
