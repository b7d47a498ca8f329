import { Injectable } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Tx } from '../platform/db.js';
import { Runtime } from '../platform/runtime.js';
import { deviceOf } from './device.js';
import { FACTOR_COLUMNS, needsFactor, type Factors } from './factors.js';
import { digestOf, newToken } from './secrets.js';
import { USER_COLUMNS, type User } from './user.entity.js';

/** A session ends this long after it began. */
export const SESSION_SECONDS = 14 * 24 * 3600;
/** For this long after a code was typed, no other is asked for before payments and the like. */
const FRESH_MS = 10 * 60_000;
// Written down only so often, so that reading a page is nearly never a write.
const SEEN_EVERY_MS = 5 * 60_000;

/** Somebody who signed in in this browser, and perhaps has not shown the second factor yet. */
export interface Session extends Factors {
  id: string;
  user: User;
  /** When the second factor was last shown; null before that. */
  factorAt: Date | null;
}

/** What a session still lacks: a code, or a second factor at all; null when nothing. */
export type Lacking = 'factor.needed' | 'factor.missing' | null;

export interface SessionView {
  id: string;
  device: string;
  createdAt: Date;
  lastSeenAt: Date;
}

/** Sessions of people in browsers. Its queries run on duty at the gate: nobody else sees sessions. */
@Injectable()
export class Sessions {
  constructor(
    private readonly db: Db,
    private readonly runtime: Runtime,
  ) {}

  /** What this session still lacks. The demo asks for no second factor (contract, "Commands"). */
  lacking({ user, factorAt, hasApp, hasPasskey }: Omit<Session, 'id'>): Lacking {
    if (this.runtime.isDemo) return null;
    if (hasApp || hasPasskey) return factorAt ? null : 'factor.needed';
    return needsFactor(user.roles) ? 'factor.missing' : null;
  }

  /** Whether a code has to be typed now, before something that only its owner may do. */
  isStale({ factorAt, hasApp, hasPasskey }: Session, now: Date): boolean {
    if (this.runtime.isDemo || !(hasApp || hasPasskey)) return false;
    return !factorAt || now.getTime() - factorAt.getTime() > FRESH_MS;
  }

  /** The session of this token, or null when it has ended. */
  async find(token: string): Promise<Session | null> {
    const found = await this.db.read(onDuty('gate'), async (tx) => {
      const [row] = await tx.query<User & Row>(
        `SELECT ${USER_COLUMNS}, s.id AS "sessionId", s.factor_at AS "factorAt", ${FACTOR_COLUMNS},
                s.last_seen_at < $3 AS "seenLongAgo"
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE u.active AND s.token_digest = $1 AND s.expires_at > $2`,
        [digestOf(token), tx.at, new Date(tx.at.getTime() - SEEN_EVERY_MS)],
      );
      return row;
    });
    if (!found) return null;
    const { sessionId, factorAt, hasApp, hasPasskey, seenLongAgo, ...user } = found;
    if (seenLongAgo) {
      await this.db.write(onDuty('gate', user.id), (tx) =>
        tx.query('UPDATE sessions SET last_seen_at = $2 WHERE id = $1', [sessionId, tx.at]),
      );
    }
    return { id: sessionId, user, factorAt, hasApp, hasPasskey };
  }

  /** The sessions of this user that have not ended, the last used first. */
  list(userId: string): Promise<SessionView[]> {
    return this.db.read(onDuty('gate', userId), (tx) =>
      tx.query<SessionView>(
        `SELECT id, coalesce(device, '') AS device, created_at AS "createdAt", last_seen_at AS "lastSeenAt"
         FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id`,
        [userId, tx.at],
      ),
    );
  }

  /** Ends one of the user's own sessions. @throws DomainError `resource.absent` for anybody else's */
  async end(userId: string, sessionId: string): Promise<void> {
    await this.db.write(onDuty('gate', userId), async (tx) => {
      const ended = await tx.query('DELETE FROM sessions WHERE id = $1 AND user_id = $2 RETURNING 1', [
        sessionId,
        userId,
      ]);
      if (ended.length === 0) throw absent();
      tx.audit('session.ended', 'user', userId);
    });
  }

  /** Ends all of the user's sessions but the one that asks. */
  async endOthers(userId: string, present: string | null): Promise<void> {
    await this.db.write(onDuty('gate', userId), async (tx) => {
      await endSessions(tx, userId, present);
      tx.audit('sessions.ended', 'user', userId);
    });
  }

  /** Ends the session of somebody who signs out; ending it twice is no error. */
  async signOut({ id, user }: Pick<Session, 'id' | 'user'>): Promise<void> {
    await this.db.write(onDuty('gate', user.id), async (tx) => {
      const ended = await tx.query('DELETE FROM sessions WHERE id = $1 RETURNING 1', [id]);
      if (ended.length > 0) tx.audit('session.signed_out', 'user', user.id);
    });
  }

  /** Ends the session of this token, which nobody has seen yet. */
  async drop(token: string): Promise<void> {
    await this.db.write(onDuty('gate'), (tx) =>
      tx.query('DELETE FROM sessions WHERE token_digest = $1', [digestOf(token)]),
    );
  }
}

interface Row extends Factors {
  sessionId: string;
  factorAt: Date | null;
  seenLongAgo: boolean;
}

/** Begins a session and gives its token, for the cookie. The transaction must be the gate's. */
export async function openSession(
  tx: Tx,
  userId: string,
  { device, factor, ...by }: { device?: string; factor: boolean; with: 'password' | 'passkey' },
): Promise<string> {
  const token = newToken();
  const id = newId();
  const expiresAt = new Date(tx.at.getTime() + SESSION_SECONDS * 1000);
  // Expired sessions of the same person go now, so that the table does not grow without end.
  await tx.query('DELETE FROM sessions WHERE user_id = $1 AND expires_at <= $2', [userId, tx.at]);
  await tx.query(
    `INSERT INTO sessions (id, token_digest, user_id, created_at, last_seen_at, expires_at, factor_at, device)
     VALUES ($1, $2, $3, $4, $4, $5, $6, $7)`,
    [id, digestOf(token), userId, tx.at, expiresAt, factor ? tx.at : null, deviceOf(device)],
  );
  tx.audit('sign_in.done', 'user', userId, { ...by, session: id });
  return token;
}

/** Ends a user's sessions, all but `present`. The transaction must be the gate's. */
export async function endSessions(tx: Tx, userId: string, present: string | null = null): Promise<void> {
  await tx.query('DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid', [
    userId,
    present,
  ]);
}
