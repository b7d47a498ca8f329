import type { Role } from '../kernel/actor.js';
import type { Tx } from '../platform/db.js';

/** Who sees requests of more than one organisation or touches money needs a second factor (privacy, point 10). */
const NEED_FACTOR: readonly Role[] = ['reviewer', 'approver', 'treasurer', 'board', 'admin'];
export const needsFactor = (roles: readonly Role[]): boolean =>
  roles.some((role) => NEED_FACTOR.includes(role));

/** Which second factors a user `u` of a query has. */
export const FACTOR_COLUMNS = `EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id) AS "hasApp",
  EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = u.id) AS "hasPasskey"`;

export interface Factors {
  hasApp: boolean;
  hasPasskey: boolean;
}

/** Whether a user has any second factor. The transaction must be the gate's. */
export async function hasFactor(tx: Tx, userId: string): Promise<boolean> {
  const [row] = await tx.query<Factors>(`SELECT ${FACTOR_COLUMNS} FROM users u WHERE u.id = $1`, [userId]);
  return row !== undefined && (row.hasApp || row.hasPasskey);
}

/** Forgets a user's second factors and recovery codes. The transaction must be the gate's. */
export async function forgetFactors(tx: Tx, userId: string): Promise<void> {
  for (const table of ['recovery_codes', 'second_factors', 'passkeys'])
    await tx.query(`DELETE FROM ${table} WHERE user_id = $1`, [userId]);
}
