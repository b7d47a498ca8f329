import { randomInt } from 'node:crypto';
import type { Tx } from '../platform/db.js';
import type { Keyring } from '../platform/encryption.js';

const RECOVERY_CODES = 10;
// Crockford's base 32: no letters that look like others. Ten of them are 50 bits.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Makes a user's recovery codes anew and gives them; earlier ones end. The transaction must be the gate's. */
export async function makeRecoveryCodes(tx: Tx, keyring: Keyring, userId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () =>
    Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  );
  await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId]);
  await tx.query(
    'INSERT INTO recovery_codes (user_id, code_digest, created_at) SELECT $1, unnest($2::bytea[]), $3',
    [userId, codes.map((code) => digestOf(keyring, userId, code)), tx.at],
  );
  return codes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
}

/** Takes a recovery code, in capitals and without gaps, once. The transaction must be the gate's. */
export async function useRecoveryCode(
  tx: Tx,
  keyring: Keyring,
  userId: string,
  code: string,
): Promise<boolean> {
  const used = await tx.query(
    `UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_digest = $2 AND used_at IS NULL
     RETURNING 1`,
    [userId, digestOf(keyring, userId, code), tx.at],
  );
  if (used.length > 0) tx.audit('factor.code_used', 'user', userId);
  return used.length > 0;
}

const digestOf = (keyring: Keyring, userId: string, code: string): Buffer =>
  keyring.digest('recovery-code', `${userId}:${code}`);
