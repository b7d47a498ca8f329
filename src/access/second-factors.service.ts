import { Injectable } from '@nestjs/common';
import { generateSecret, generateURI, verifySync } from 'otplib';
import QRCode from 'qrcode';
import { onDuty } from '../kernel/actor.js';
import { DomainError, invalid } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';
import { Attempts } from './attempts.service.js';
import { Passkeys } from './passkeys.service.js';
import { makeRecoveryCodes, useRecoveryCode } from './recovery-codes.js';

const STEP_SECONDS = 30;

/** What is shown once, to be put into an authenticator; `sealed` comes back with the first code. */
export interface NewFactor {
  secret: string;
  /** The same as a picture to be photographed, an `otpauth` address in a `data:` URL of SVG. */
  picture: string;
  sealed: string;
}

/** The session that shows a passkey, at the address at which its browser sees us. */
export interface InSession {
  sessionId: string;
  site: string;
}

/** Codes from an authenticator (TOTP, RFC 6238), and recovery codes for when it is lost. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
    private readonly attempts: Attempts,
    private readonly passkeys: Passkeys,
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
      return makeRecoveryCodes(tx, this.keyring, userId);
    });
  }

  /** Gives new recovery codes, shown only now; the earlier ones stop working. */
  newRecoveryCodes(userId: string): Promise<string[]> {
    return this.db.write(onDuty('gate', userId), async (tx) => {
      tx.audit('factor.codes_made', 'user', userId);
      return makeRecoveryCodes(tx, this.keyring, userId);
    });
  }

  /**
   * Takes a code of this user's authenticator, a recovery code, or in a session the answer of a passkey, once; then
   * does `work` in the same transaction.
   * @throws DomainError `otp.refused` or `passkey.refused`; `attempts.limited` after too many wrong ones
   */
  check<T>(userId: string, proof: string, work: (tx: Tx) => Promise<T>, at?: InSession): Promise<T> {
    const isCode = !proof.startsWith('{');
    return this.attempts.count([{ by: 'factor', of: userId }], async () => {
      const done = await this.db.write(onDuty('gate', userId), async (tx) => {
        const taken = isCode ? this.useCode(tx, userId, proof) : this.usePasskey(tx, userId, proof, at);
        if (await taken) return { result: await work(tx) };
        tx.audit('factor.refused', 'user', userId);
        return null;
      });
      if (!done) throw new DomainError('unauthenticated', isCode ? 'otp.refused' : 'passkey.refused');
      return done.result;
    });
  }

  /** When the authenticator app was set up, null without one, and how many recovery codes are left. */
  stateOf(userId: string): Promise<{ since: Date | null; codesLeft: number }> {
    return this.db.read(onDuty('gate', userId), async (tx) => {
      const [row] = await tx.query<{ since: Date | null; codesLeft: number }>(
        `SELECT (SELECT created_at FROM second_factors WHERE user_id = $1) AS since,
                (SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL)::int AS "codesLeft"`,
        [userId],
      );
      return row!;
    });
  }

  private async usePasskey(tx: Tx, userId: string, answer: string, at?: InSession): Promise<boolean> {
    if (!at) return false;
    const asked = { purpose: 'confirm', sessionId: at.sessionId } as const;
    return this.passkeys.use(tx, { userId, answer, asked, site: at.site });
  }

  private async useCode(tx: Tx, userId: string, typed: string): Promise<boolean> {
    const code = typed.normalize('NFKC').replaceAll(/[\s-]/g, '').toUpperCase();
    if (!/^\d{6}$/.test(code)) return useRecoveryCode(tx, this.keyring, userId, code);
    const [factor] = await tx.query<{ secret: Buffer; last_step: number }>(
      'SELECT secret, last_step FROM second_factors WHERE user_id = $1 FOR UPDATE',
      [userId],
    );
    if (!factor) return false;
    const secret = this.keyring.keyOf(factor.secret).open(factor.secret, secretOf(userId));
    const step = stepOf(secret, code, tx.at, factor.last_step);
    if (step === null) return false;
    await tx.query('UPDATE second_factors SET last_step = $2 WHERE user_id = $1', [userId, step]);
    return true;
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
