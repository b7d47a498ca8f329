import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { generateSecret, generateURI, verifySync } from 'otplib';
import QRCode from 'qrcode';
import { onDuty, type Role } from '../kernel/actor.js';
import { DomainError, invalid } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';
import { Attempts } from './attempts.service.js';

/** Who sees requests of more than one organisation or touches money needs a second factor (privacy, point 10). */
const NEED_FACTOR: readonly Role[] = ['reviewer', 'approver', 'treasurer', 'board', 'admin'];
export const needsFactor = (roles: readonly Role[]): boolean =>
  roles.some((role) => NEED_FACTOR.includes(role));

const STEP_SECONDS = 30;
const RECOVERY_CODES = 10;
// Crockford's base 32: no letters that look like others. Ten of them are 50 bits.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What is shown once, to be put into an authenticator; `sealed` comes back with the first code. */
export interface NewFactor {
  secret: string;
  /** The same as a picture to be photographed, an `otpauth` address in a `data:` URL of SVG. */
  picture: string;
  sealed: string;
}

/** Codes from an authenticator (TOTP, RFC 6238), and recovery codes for when it is lost. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
    private readonly attempts: Attempts,
  ) {}

  /** Offers a new secret, or again the one that was offered before; nothing is stored until a code proves it. */
  async offer(user: { id: string; email: string }, sealed?: string): Promise<NewFactor> {
    const secret = sealed ? this.openOffer(user.id, sealed) : generateSecret();
    const address = generateURI({ issuer: 'Sasae', label: user.email, secret });
    const svg = await QRCode.toString(address, { type: 'svg', margin: 2 });
    return {
      secret,
      picture: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
      sealed: sealed ?? this.keyring.sealing().seal(secret, offerOf(user.id)).toString('base64url'),
    };
  }

  /**
   * Takes an offered secret as this user's second factor, in place of an earlier one, and gives new recovery codes.
   * The session then has shown its second factor.
   * @throws DomainError `input.invalid` at `code` when the code is not one of the secret's
   */
  async takeUp(session: { id: string; userId: string }, sealed: string, code: string): Promise<string[]> {
    const { userId } = session;
    const secret = this.openOffer(userId, sealed);
    return this.db.write(onDuty('gate', userId), async (tx) => {
      const step = stepOf(secret, code, tx.at);
      if (step === null) throw invalid({ path: 'code', code: 'otp' });
      await tx.query(
        `INSERT INTO second_factors (user_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = excluded.last_step,
           created_at = excluded.created_at`,
        [userId, this.keyring.sealing().seal(secret, secretOf(userId)), step, tx.at],
      );
      await tx.query('UPDATE sessions SET factor_at = $2 WHERE id = $1', [session.id, tx.at]);
      tx.audit('factor.set_up', 'user', userId);
      return this.replaceCodes(tx, userId);
    });
  }

  /** Gives new recovery codes, shown only now; the earlier ones stop working. */
  newRecoveryCodes(userId: string): Promise<string[]> {
    return this.db.write(onDuty('gate', userId), async (tx) => {
      tx.audit('factor.codes_made', 'user', userId);
      return this.replaceCodes(tx, userId);
    });
  }

  /**
   * Takes a code of this user's authenticator, or a recovery code, once; then does `work` in the same transaction.
   * @throws DomainError `otp.refused`; `attempts.limited` after too many wrong ones
   */
  check<T>(userId: string, code: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.attempts.count([{ by: 'factor', of: userId }], async () => {
      const done = await this.db.write(onDuty('gate', userId), async (tx) => {
        if (await this.use(tx, userId, code)) return { result: await work(tx) };
        tx.audit('factor.refused', 'user', userId);
        return null;
      });
      if (!done) throw new DomainError('unauthenticated', 'otp.refused');
      return done.result;
    });
  }

  /** When it was set up and how many recovery codes are left; null without one. */
  stateOf(userId: string): Promise<{ since: Date; codesLeft: number } | null> {
    return this.db.read(onDuty('gate', userId), async (tx) => {
      const [row] = await tx.query<{ since: Date; codesLeft: number }>(
        `SELECT created_at AS since, (SELECT count(*) FROM recovery_codes c
           WHERE c.user_id = f.user_id AND c.used_at IS NULL)::int AS "codesLeft"
         FROM second_factors f WHERE user_id = $1`,
        [userId],
      );
      return row ?? null;
    });
  }

  private async use(tx: Tx, userId: string, typed: string): Promise<boolean> {
    const code = typed.normalize('NFKC').replaceAll(/[\s-]/g, '').toUpperCase();
    const [factor] = await tx.query<{ secret: Buffer; last_step: number }>(
      'SELECT secret, last_step FROM second_factors WHERE user_id = $1 FOR UPDATE',
      [userId],
    );
    if (!factor) return false;
    if (!/^\d{6}$/.test(code)) return this.useRecoveryCode(tx, userId, code);
    const secret = this.keyring.keyOf(factor.secret).open(factor.secret, secretOf(userId));
    const step = stepOf(secret, code, tx.at, factor.last_step);
    if (step === null) return false;
    await tx.query('UPDATE second_factors SET last_step = $2 WHERE user_id = $1', [userId, step]);
    return true;
  }

  private async useRecoveryCode(tx: Tx, userId: string, code: string): Promise<boolean> {
    const used = await tx.query(
      `UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_digest = $2 AND used_at IS NULL
       RETURNING 1`,
      [userId, this.digestOf(userId, code), tx.at],
    );
    if (used.length > 0) tx.audit('factor.code_used', 'user', userId);
    return used.length > 0;
  }

  private async replaceCodes(tx: Tx, userId: string): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, () =>
      Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
    );
    await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId]);
    await tx.query(
      'INSERT INTO recovery_codes (user_id, code_digest, created_at) SELECT $1, unnest($2::bytea[]), $3',
      [userId, codes.map((code) => this.digestOf(userId, code)), tx.at],
    );
    return codes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
  }

  private digestOf(userId: string, code: string): Buffer {
    return this.keyring.digest('recovery-code', `${userId}:${code}`);
  }

  /** @throws DomainError `input.invalid` at `code` for what we never offered to this user */
  private openOffer(userId: string, sealed: string): string {
    try {
      const bytes = Buffer.from(sealed, 'base64url');
      return this.keyring.keyOf(bytes).open(bytes, offerOf(userId));
    } catch {
      throw invalid({ path: 'code', code: 'otp' });
    }
  }
}

const offerOf = (userId: string): string => `factor-offer:${userId}`;
const secretOf = (userId: string): string => `second_factors.secret:${userId}`;

/** Forgets a user's second factor and recovery codes. The transaction must be the gate's. */
export async function forgetFactor(tx: Tx, userId: string): Promise<void> {
  await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId]);
  await tx.query('DELETE FROM second_factors WHERE user_id = $1', [userId]);
}

/**
 * The time step that a code belongs to: now, or the one before or after for clocks that differ; null when it is
 * none of these or not after `last`. The comparison takes the same time whichever digit is wrong.
 */
function stepOf(secret: string, code: string, at: Date, last?: number): number | null {
  const token = code.normalize('NFKC').replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return null;
  const epoch = Math.floor(at.getTime() / 1000);
  // A clock that was set back: the code was taken already, or will be good again when time has come there.
  if (last !== undefined && last > epoch / STEP_SECONDS + 1) return null;
  const found = verifySync({
    secret,
    token,
    epoch,
    epochTolerance: STEP_SECONDS,
    ...(last !== undefined && { afterTimeStep: last }),
  });
  return found.valid && 'timeStep' in found ? found.timeStep : null;
}
