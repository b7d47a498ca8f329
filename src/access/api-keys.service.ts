import { Injectable } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db } from '../platform/db.js';
import { digestOf, newToken } from './secrets.js';
import { User, USER_COLUMNS } from './user.entity.js';

const KEY_PREFIX = 'sasae_';
const USED_EVERY_MS = 5 * 60_000;
const KEY_DAYS = 365;
const DAY_MS = 24 * 3600 * 1000;

/** What a program may do with a key: only look, or all that its user may. */
export const SCOPES = ['read', 'write'] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKeyView {
  id: string;
  name: string | null;
  scope: Scope;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

export interface NewKey {
  name?: string;
  scope?: Scope;
  /** A year unless told. */
  days?: number;
}

/** Keys with which programs work as a user. Its queries run on duty at the gate: nobody else sees keys. */
@Injectable()
export class ApiKeys {
  constructor(private readonly db: Db) {}

  /** Whose key this is, its id and what it is for, or null when it is unknown, ended or expired. */
  async find(key: string): Promise<{ id: string; user: User; scope: Scope } | null> {
    const found = await this.db.read(onDuty('gate'), async (tx) => {
      const [row] = await tx.query<User & { keyId: string; scope: Scope; usedLongAgo: boolean }>(
        `SELECT ${USER_COLUMNS}, k.id AS "keyId", k.scope,
                k.last_used_at IS NULL OR k.last_used_at < $3 AS "usedLongAgo"
         FROM api_keys k JOIN users u ON u.id = k.user_id
         WHERE u.active AND k.key_digest = $1 AND k.ended_at IS NULL AND k.expires_at > $2`,
        [digestOf(key), tx.at, new Date(tx.at.getTime() - USED_EVERY_MS)],
      );
      return row;
    });
    if (!found) return null;
    const { keyId, scope, usedLongAgo, ...user } = found;
    if (usedLongAgo) {
      await this.db.write(onDuty('gate', user.id), (tx) =>
        tx.query('UPDATE api_keys SET last_used_at = $2 WHERE id = $1', [keyId, tx.at]),
      );
    }
    return { id: keyId, user, scope };
  }

  /** Which key this is, when it was one of ours and has ended or run out; null when it never was. */
  endedOne(key: string): Promise<{ keyId: string; userId: string } | null> {
    return this.db.read(onDuty('gate'), async (tx) => {
      const [row] = await tx.query<{ keyId: string; userId: string }>(
        'SELECT id AS "keyId", user_id AS "userId" FROM api_keys WHERE key_digest = $1',
        [digestOf(key)],
      );
      return row ?? null;
    });
  }

  /**
   * Makes a key and gives it; it is not stored and never shown again.
   * @throws DomainError `resource.absent` when no active user has this address
   */
  create(email: string, { name, scope = 'write', days = KEY_DAYS }: NewKey = {}): Promise<string> {
    return this.db.write(onDuty('gate'), async (tx) => {
      const user = await tx.orm.findOneBy(User, { email: email.toLowerCase(), active: true });
      if (!user) throw absent();
      const key = newToken(KEY_PREFIX);
      const id = newId();
      await tx.query(
        `INSERT INTO api_keys (id, user_id, key_digest, name, scope, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [id, user.id, digestOf(key), name ?? null, scope, tx.at, new Date(tx.at.getTime() + days * DAY_MS)],
      );
      tx.audit('api_key.created', 'user', user.id, { keyId: id, scope, days });
      return key;
    });
  }

  /** The user's keys that work, the newest first. */
  list(userId: string): Promise<ApiKeyView[]> {
    return this.db.read(onDuty('gate', userId), (tx) =>
      tx.query<ApiKeyView>(
        `SELECT id, name, scope, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt"
         FROM api_keys WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY id DESC`,
        [userId, tx.at],
      ),
    );
  }

  /** Ends one of the user's own keys at once. @throws DomainError `resource.absent` for anybody else's */
  async end(userId: string, keyId: string): Promise<void> {
    await this.db.write(onDuty('gate', userId), async (tx) => {
      const ended = await tx.query(
        `UPDATE api_keys SET ended_at = $3 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL RETURNING 1`,
        [keyId, userId, tx.at],
      );
      if (ended.length === 0) throw absent();
      tx.audit('api_key.ended', 'user', userId, { keyId });
    });
  }
}
