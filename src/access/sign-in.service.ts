import { Injectable } from '@nestjs/common';
import { onDuty, type Actor } from '../kernel/actor.js';
import { DomainError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Tx } from '../platform/db.js';
import { digestOf, fits, hashPassword, newToken } from './secrets.js';
import { User } from './user.entity.js';

/** A session ends this long after it began. */
export const SESSION_SECONDS = 14 * 24 * 3600;
const LINK_MS = 72 * 3600 * 1000;
const KEY_PREFIX = 'sasae_';

/** Lets people and programs in. Its queries run on duty at the gate: nobody else sees passwords or sessions. */
@Injectable()
export class SignInService {
  constructor(private readonly db: Db) {}

  /**
   * Begins a session for an e-mail address and password and gives its token, for the cookie.
   * @throws DomainError `sign_in.refused`, the same whether the account or the password is wrong.
   */
  async signIn(email: string, password: string): Promise<string> {
    const account = await this.db.read(onDuty('gate'), async (tx) => {
      const [row] = await tx.query<{ id: string; active: boolean; password_hash: string }>(
        'SELECT u.id, u.active, c.password_hash FROM users u JOIN credentials c ON c.user_id = u.id WHERE u.email = $1',
        [email],
      );
      return row;
    });
    const right = await fits(password, account?.password_hash);
    if (!right || !account?.active) {
      await this.db.write(onDuty('gate'), async (tx) =>
        tx.audit('sign_in.refused', 'user', account?.id ?? null),
      );
      throw new DomainError('unauthenticated', 'sign_in.refused');
    }
    return this.db.write(onDuty('gate', account.id), (tx) => openSession(tx, account.id));
  }

  /** Ends the session of this token; ending it twice is no error. */
  async signOut(token: string): Promise<void> {
    await this.db.write(onDuty('gate'), (tx) =>
      tx.query('DELETE FROM sessions WHERE token_digest = $1', [digestOf(token)]),
    );
  }

  /** Who a session's token belongs to, or null when it has ended. */
  userOfSession(token: string): Promise<User | null> {
    return this.userBy('sessions s ON s.user_id = u.id', 's.token_digest = $1 AND s.expires_at > $2', token);
  }

  /** Whose API key this is, or null. */
  userOfKey(key: string): Promise<User | null> {
    return this.userBy(
      'api_keys k ON k.user_id = u.id',
      'k.key_digest = $1 AND $2::timestamptz IS NOT NULL',
      key,
    );
  }

  /**
   * Makes a key with which a program works as this user, and gives it; it is not stored and never shown again.
   * @throws DomainError `resource.absent` when no active user has this address.
   */
  createApiKey(email: string): Promise<string> {
    return this.db.write(onDuty('gate'), async (tx) => {
      const user = await tx.orm.findOneBy(User, { email: email.toLowerCase(), active: true });
      if (!user) throw new DomainError('absent', 'resource.absent');
      const key = newToken(KEY_PREFIX);
      const id = newId();
      await tx.query('INSERT INTO api_keys (id, user_id, key_digest, created_at) VALUES ($1, $2, $3, $4)', [
        id,
        user.id,
        digestOf(key),
        tx.at,
      ]);
      tx.audit('api_key.created', 'user', user.id, { keyId: id });
      return key;
    });
  }

  /**
   * Chooses a password by a one-time link, ends the user's other sessions and begins one; gives its token.
   * @throws DomainError `link.used` when the link is unknown, used or older than three days.
   */
  async choosePassword(token: string, password: string): Promise<string> {
    const passwordHash = await hashPassword(password);
    return this.db.write(onDuty('gate'), async (tx) => {
      const [link] = await tx.query<{ user_id: string }>(
        `UPDATE one_time_links l SET used_at = $2 FROM users u
         WHERE token_digest = $1 AND used_at IS NULL AND expires_at > $2 AND u.id = l.user_id AND u.active
         RETURNING l.user_id`,
        [digestOf(token), tx.at],
      );
      if (!link) throw new DomainError('conflict', 'link.used');
      await setPassword(tx, link.user_id, passwordHash);
      await tx.query('DELETE FROM sessions WHERE user_id = $1', [link.user_id]);
      tx.audit('password.chosen', 'user', link.user_id);
      return openSession(tx, link.user_id);
    });
  }

  private userBy(join: string, condition: string, token: string): Promise<User | null> {
    return this.db.read(onDuty('gate'), async (tx) => {
      const [row] = await tx.query<User>(
        `SELECT u.id, u.email, u.name, u.roles, u.organisation_id AS "organisationId", u.active,
                u.created_at AS "createdAt"
         FROM users u JOIN ${join} WHERE u.active AND ${condition}`,
        [digestOf(token), tx.at],
      );
      return row ?? null;
    });
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

/** Ends whatever lets this user in: sessions, and links that were not used. The transaction must be the gate's. */
export async function shutOut(tx: Tx, userId: string): Promise<void> {
  await tx.query('DELETE FROM sessions WHERE user_id = $1', [userId]);
  await tx.query('UPDATE one_time_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL', [
    userId,
    tx.at,
  ]);
}

/** Makes a one-time link's token for a user, good for three days. The transaction must be the gate's. */
export async function createLink(tx: Tx, userId: string): Promise<string> {
  const token = newToken();
  await tx.query(
    'INSERT INTO one_time_links (token_digest, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)',
    [digestOf(token), userId, tx.at, new Date(tx.at.getTime() + LINK_MS)],
  );
  return token;
}

async function openSession(tx: Tx, userId: string): Promise<string> {
  const token = newToken();
  const expiresAt = new Date(tx.at.getTime() + SESSION_SECONDS * 1000);
  // Expired sessions of the same person go now, so that the table does not grow without end.
  await tx.query('DELETE FROM sessions WHERE user_id = $1 AND expires_at <= $2', [userId, tx.at]);
  await tx.query(
    'INSERT INTO sessions (token_digest, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)',
    [digestOf(token), userId, tx.at, expiresAt],
  );
  tx.audit('sign_in.done', 'user', userId);
  return token;
}

/** The same actor, at the gate for a moment: for writes to accounts that an administrator asked for. */
export const atTheGate = (actor: Actor): Actor => ({ ...actor, duties: ['gate'] });
