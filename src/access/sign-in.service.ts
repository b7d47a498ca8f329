import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { onDuty, type Actor } from '../kernel/actor.js';
import { conflict, DomainError, invalid } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { Attempts } from './attempts.service.js';
import { FACTOR_COLUMNS, type Factors } from './factors.js';
import { Passkeys } from './passkeys.service.js';
import { checkPassword } from './passwords.js';
import { SecondFactors } from './second-factors.service.js';
import { digestOf, fits, hashPassword, newToken } from './secrets.js';
import { endSessions, openSession, Sessions, type Lacking } from './sessions.service.js';
import { User, USER_COLUMNS } from './user.entity.js';

const LINK_MS = 72 * 3600 * 1000;

/** From where somebody asks: the network's address for counting, the browser for telling sessions apart. */
export interface Origin {
  address: string;
  device?: string;
}

export interface SignedInSession extends Factors {
  token: string;
  user: User;
  lacking: Lacking;
}

type Account = User & Factors & { passwordHash: string };

/** Lets people in. Its queries run on duty at the gate: nobody else sees passwords. */
@Injectable()
export class SignInService {
  constructor(
    private readonly db: Db,
    private readonly attempts: Attempts,
    private readonly factors: SecondFactors,
    private readonly passkeys: Passkeys,
    private readonly sessions: Sessions,
  ) {}

  /**
   * Begins a session for an e-mail address and password. Without `otp` it may still lack the second factor, and then
   * opens nothing but the way to show or set up one.
   * @throws DomainError `sign_in.refused`, the same whether the account or the password is wrong; `otp.refused`;
   * `attempts.limited` after too many failures for this address or from there, whether the account exists or not
   */
  async signIn(
    { email, password, otp }: { email: string; password: string; otp?: string },
    { address, device }: Origin,
  ): Promise<SignedInSession> {
    const counted = [{ by: 'account', of: email } as const, { by: 'address', of: address } as const];
    return this.attempts.count(counted, async () => {
      const { passwordHash: _, hasApp, hasPasskey, ...user } = await this.byPassword(email, password);
      const open = (factor: boolean) => (tx: Tx) =>
        openSession(tx, user.id, { device, factor, with: 'password' });
      const shown = (hasApp || hasPasskey) && otp !== undefined;
      const token = shown
        ? await this.factors.check(user.id, otp, open(true))
        : await this.db.write(onDuty('gate', user.id), open(false));
      const factorAt = shown ? new Date() : null;
      const who = { user, hasApp, hasPasskey };
      return { token, ...who, lacking: this.sessions.lacking({ ...who, factorAt }) };
    });
  }

  /**
   * Begins a whole session by a passkey alone, whose device made sure of its user.
   * @throws DomainError `passkey.refused`, the same whatever is wrong; `attempts.limited`
   */
  async signInWithPasskey(
    answer: string,
    { address, device }: Origin,
    site: string,
  ): Promise<{ token: string; user: User }> {
    return this.attempts.count([{ by: 'address', of: address }], async () => {
      const userId = await this.passkeys.ownerOf(answer);
      const begun = await this.db.write(onDuty('gate', userId), async (tx) => {
        const user = userId && (await tx.orm.findOneBy(User, { id: userId, active: true }));
        const asked = { purpose: 'sign-in' } as const;
        if (user && (await this.passkeys.use(tx, { userId, answer, asked, site })))
          return { user, token: await openSession(tx, userId, { device, factor: true, with: 'passkey' }) };
        return null;
      });
      if (begun) return begun;
      await this.noteRefusal(userId, 'passkey');
      throw new DomainError('unauthenticated', 'passkey.refused');
    });
  }

  /**
   * Shows the second factor in a session that lacks it, or once more before something that matters: a code, or a
   * passkey's answer given at the address `site`.
   */
  async showFactor(session: { id: string; user: User }, proof: string, site: string): Promise<void> {
    const { id: sessionId, user } = session;
    const work = async (tx: Tx): Promise<void> => {
      await tx.query('UPDATE sessions SET factor_at = $2 WHERE id = $1', [sessionId, tx.at]);
      tx.audit('factor.shown', 'user', user.id);
    };
    await this.factors.check(user.id, proof, work, { sessionId, site });
  }

  /**
   * Chooses a password by a one-time link, ends the user's other sessions and begins one; gives its token.
   * @throws DomainError `link.used` when the link is unknown, used or older than three days; `input.invalid` for a
   * password that everybody tries first
   */
  async choosePassword(link: string, password: string, device?: string): Promise<string> {
    const owner = await this.db.read(onDuty('gate'), async (tx) => {
      const [row] = await tx.query<{ email: string; name: string }>(
        `SELECT u.email, u.name FROM one_time_links l JOIN users u ON u.id = l.user_id
         WHERE token_digest = $1 AND used_at IS NULL AND expires_at > $2 AND u.active`,
        [digestOf(link), tx.at],
      );
      return row;
    });
    if (!owner) throw conflict('link.used');
    checkPassword(password, owner);
    const passwordHash = await hashPassword(password);
    return this.db.write(onDuty('gate'), async (tx) => {
      const [used] = await tx.query<{ user_id: string }>(
        `UPDATE one_time_links l SET used_at = $2 FROM users u
         WHERE token_digest = $1 AND used_at IS NULL AND expires_at > $2 AND u.id = l.user_id AND u.active
         RETURNING l.user_id`,
        [digestOf(link), tx.at],
      );
      if (!used) throw conflict('link.used');
      await setPassword(tx, used.user_id, passwordHash);
      await endSessions(tx, used.user_id);
      tx.audit('password.chosen', 'user', used.user_id);
      return openSession(tx, used.user_id, { device, factor: false, with: 'password' });
    });
  }

  /**
   * Changes the password of somebody who knows the present one, and ends the other sessions.
   * @throws DomainError `input.invalid` at `present` or `password`; `attempts.limited`
   */
  async changePassword(
    session: { id: string; user: User },
    present: string,
    password: string,
  ): Promise<void> {
    const { user } = session;
    checkPassword(password, user);
    await this.attempts.count([{ by: 'account', of: user.email }], async () => {
      const { id } = await this.byPassword(user.email, present).catch((error: unknown) => {
        if (error instanceof DomainError) throw invalid({ path: 'present', code: 'passwordWrong' });
        throw error;
      });
      const passwordHash = await hashPassword(password);
      await this.db.write(onDuty('gate', id), async (tx) => {
        await setPassword(tx, id, passwordHash);
        await endSessions(tx, id, session.id);
        await endLinks(tx, id);
        tx.audit('password.changed', 'user', id);
      });
    });
  }

  /** @throws DomainError `sign_in.refused` after the same work whether the account exists or not */
  private async byPassword(email: string, password: string): Promise<Account> {
    const account = await this.db.read(onDuty('gate'), async (tx) => {
      const [row] = await tx.query<Account>(
        `SELECT ${USER_COLUMNS}, c.password_hash AS "passwordHash", ${FACTOR_COLUMNS}
         FROM users u JOIN credentials c ON c.user_id = u.id WHERE u.email = $1`,
        [email],
      );
      return row;
    });
    const right = await fits(password, account?.passwordHash);
    if (right && account?.active) return account;
    await this.noteRefusal(account?.id ?? null, 'password');
    throw new DomainError('unauthenticated', 'sign_in.refused');
  }

  /** In nobody's name: whose account it is, is what was not shown. */
  private async noteRefusal(userId: string | null, by: 'password' | 'passkey'): Promise<void> {
    await this.db.write(onDuty('gate'), async (tx) =>
      tx.audit('sign_in.refused', 'user', userId, { with: by }),
    );
  }
}

/** Stores a password's hash for a user, replacing an earlier one. The transaction must be the gate's. */
export async function setPassword(tx: Tx, userId: string, passwordHash: string): Promise<void> {
  await tx.query(
    `INSERT INTO credentials (user_id, password_hash, changed_at) VALUES ($1, $2, $3)
     ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at`,
    [userId, passwordHash, tx.at],
  );
}

/** Ends whatever lets this user in: sessions, keys, and links that were not used. The transaction must be the gate's. */
export async function shutOut(tx: Tx, userId: string): Promise<void> {
  await endSessions(tx, userId);
  await endLinks(tx, userId);
  await tx.query('UPDATE api_keys SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL', [
    userId,
    tx.at,
  ]);
}

const endLinks = (tx: Tx, userId: string): Promise<unknown> =>
  tx.query('UPDATE one_time_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL', [userId, tx.at]);

/** Makes a one-time link's token for a user, good for three days; earlier ones end. The transaction must be the gate's. */
export async function createLink(tx: Tx, userId: string): Promise<string> {
  const token = newToken();
  await endLinks(tx, userId);
  await tx.query(
    'INSERT INTO one_time_links (token_digest, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)',
    [digestOf(token), userId, tx.at, new Date(tx.at.getTime() + LINK_MS)],
  );
  return token;
}

/** The same actor, at the gate for a moment: for writes to accounts that an administrator asked for. */
export const atTheGate = (actor: Actor): Actor => ({ ...actor, duties: ['gate'] });

/** From where a request comes. */
export const originOf = ({ ip, headers }: FastifyRequest): Origin => ({
  address: ip,
  device: headers['user-agent'],
});
