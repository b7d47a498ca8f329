import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';

/** For this long a challenge may be answered. */
export const CHALLENGE_MS = 5 * 60_000;
const NONCE_BYTES = 16;
const HEAD_BYTES = NONCE_BYTES + 8;

/** What an answer is for: a new passkey, the second factor of a session, or a whole sign-in, which has no session. */
export type Asked = { purpose: 'add' | 'confirm'; sessionId: string } | { purpose: 'sign-in' };

/**
 * Challenges for passkeys: a nonce and its end, marked with a key of ours for one purpose and one session. So nothing
 * is stored of those that are given out, which any stranger may ask for; only those that were answered are.
 */
@Injectable()
export class Challenges {
  constructor(private readonly keyring: Keyring) {}

  make(asked: Asked, at: Date): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    randomBytes(NONCE_BYTES).copy(head);
    head.writeBigUInt64BE(BigInt(at.getTime() + CHALLENGE_MS), NONCE_BYTES);
    return Buffer.concat([head, this.markOf(head, asked)]);
  }

  /** Whether it is one of ours for this, and not too old. */
  isOurs(challenge: Buffer, asked: Asked, at: Date): boolean {
    const [head, mark] = [challenge.subarray(0, HEAD_BYTES), challenge.subarray(HEAD_BYTES)];
    const own = this.markOf(head, asked);
    return mark.length === own.length && timingSafeEqual(mark, own) && endOf(head) > at.getTime();
  }

  /** Takes a challenge that is ours; false for all but the first. The transaction must be the gate's. */
  async spend(tx: Tx, challenge: Buffer): Promise<boolean> {
    await tx.query('DELETE FROM spent_challenges WHERE expires_at <= $1', [tx.at]);
    const spent = await tx.query(
      'INSERT INTO spent_challenges (challenge, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1',
      // Kept for longer than it is good, so that none is forgotten while an answer to it is still being verified.
      [challenge, new Date(endOf(challenge) + CHALLENGE_MS)],
    );
    return spent.length > 0;
  }

  private markOf(head: Buffer, asked: Asked): Buffer {
    const session = 'sessionId' in asked ? asked.sessionId : '';
    return this.keyring.digest('passkey-challenge', `${head.toString('hex')} ${asked.purpose} ${session}`);
  }
}

const endOf = (challenge: Buffer): number => Number(challenge.readBigUInt64BE(NONCE_BYTES));
