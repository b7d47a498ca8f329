import { Injectable } from '@nestjs/common';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { onDuty } from '../kernel/actor.js';
import { absent, conflict } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Clock } from '../platform/clock.js';
import { Db, pgFault, type Tx } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';
import { Runtime } from '../platform/runtime.js';
import { CHALLENGE_MS, Challenges, type Asked } from './challenges.js';
import { hasFactor, needsFactor } from './factors.js';
import { bytesOf, handleOf, readAnswer, verifyAnswer, verifyNew, type Expected } from './passkey-answers.js';
import { makeRecoveryCodes } from './recovery-codes.js';
import type { User } from './user.entity.js';

export interface PasskeyView {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** The session that adds or shows a passkey, at the address (`https://sasae.example`) at which its browser sees us. */
export interface AtSite {
  site: string;
  session: { id: string; user: User };
}

interface Known {
  id: string;
  userId: string;
  publicKey: Buffer;
  counter: number;
}

/** Keys in somebody's device that sign what we ask (WebAuthn, level 3). Only their public halves are stored. */
@Injectable()
export class Passkeys {
  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
    private readonly challenges: Challenges,
    private readonly clock: Clock,
    private readonly runtime: Runtime,
  ) {}

  /** What a browser needs to make a passkey that also signs in without a password. */
  async creationOptions({ site, session }: AtSite): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { id, user } = session;
    return generateRegistrationOptions({
      rpName: 'Sasae',
      rpID: new URL(site).hostname,
      userID: handleOf(user.id),
      userName: user.email,
      userDisplayName: user.name,
      challenge: new Uint8Array(this.challenges.make({ purpose: 'add', sessionId: id }, this.clock.now())),
      timeout: CHALLENGE_MS,
      excludeCredentials: await this.credentialsOf(user.id),
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
    });
  }

  /** What a browser needs to ask for one of this user's passkeys. */
  async confirmOptions({ site, session }: AtSite): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.requestOptions(
      site,
      { purpose: 'confirm', sessionId: session.id },
      await this.credentialsOf(session.user.id),
    );
  }

  /** What a browser needs to ask for anybody's passkey: it names none, so that nobody learns who has one. */
  signInOptions(site: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.requestOptions(site, { purpose: 'sign-in' });
  }

  /**
   * Keeps a passkey that the user's browser made. The first factor of a user comes with recovery codes; with any other
   * the list is empty. The session then has shown its second factor.
   * @throws DomainError `passkey.not_added` for an answer that is not to our challenge, to one that was answered, too
   * old or another session's, from another site, or of a passkey that is known
   */
  async add({ site, session }: AtSite, name: string, answer: string): Promise<string[]> {
    const { id: sessionId, user } = session;
    const made = await verifyNew(answer, this.expecting({ purpose: 'add', sessionId }, site));
    return this.db.write(onDuty('gate', user.id), async (tx) => {
      if (!made || !(await this.challenges.spend(tx, made.challenge))) throw conflict('passkey.not_added');
      await lockUser(tx, user.id);
      const isFirst = !(await hasFactor(tx, user.id));
      const id = newId();
      const { credential } = made;
      await tx
        .query(
          `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, name, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [
            id,
            user.id,
            bytesOf(credential.id),
            Buffer.from(credential.publicKey),
            credential.counter,
            credential.transports ?? [],
            this.keyring.sealing().seal(name, nameOf(id)),
            tx.at,
          ],
        )
        .catch((error: unknown) => {
          if (pgFault(error).constraint === 'passkeys_credential_key') throw conflict('passkey.not_added');
          throw error;
        });
      await tx.query('UPDATE sessions SET factor_at = $2 WHERE id = $1', [sessionId, tx.at]);
      tx.audit('passkey.added', 'user', user.id, { passkeyId: id });
      return isFirst ? makeRecoveryCodes(tx, this.keyring, user.id) : [];
    });
  }

  /** The user's passkeys, the newest first. */
  async list(userId: string): Promise<PasskeyView[]> {
    const rows = await this.db.read(onDuty('gate', userId), (tx) =>
      tx.query<Omit<PasskeyView, 'name'> & { name: Buffer }>(
        `SELECT id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt"
         FROM passkeys WHERE user_id = $1 ORDER BY id DESC`,
        [userId],
      ),
    );
    return rows.map(({ name, ...row }) => ({
      ...row,
      name: this.keyring.keyOf(name).open(name, nameOf(row.id)),
    }));
  }

  /**
   * Takes one of the user's own passkeys away, and with the last factor the recovery codes.
   * @throws DomainError `resource.absent` for anybody else's; `factor.last` when it is the last factor of somebody who
   * needs one
   */
  async remove({ id: userId, roles }: User, passkeyId: string): Promise<void> {
    await this.db.write(onDuty('gate', userId), async (tx) => {
      await lockUser(tx, userId);
      const gone = await tx.query('DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING 1', [
        passkeyId,
        userId,
      ]);
      if (gone.length === 0) throw absent();
      if (!(await hasFactor(tx, userId))) {
        if (needsFactor(roles) && !this.runtime.isDemo) throw conflict('factor.last');
        await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId]);
      }
      tx.audit('passkey.removed', 'user', userId, { passkeyId });
    });
  }

  /** Whose passkey an answer is said to be of, before anything of it is verified; null when nobody's. */
  async ownerOf(answer: string): Promise<string | null> {
    const id = readAnswer(answer)?.id;
    if (!id) return null;
    const known = await this.db.read(onDuty('gate'), (tx) => knownBy(tx, id));
    return known?.userId ?? null;
  }

  /**
   * Takes an answer of one of this user's passkeys, once; a whole sign-in asks that the device made sure of its user.
   * The transaction must be the gate's. @returns whether it was taken
   */
  async use(
    tx: Tx,
    { userId, answer, asked, site }: { userId: string; answer: string; asked: Asked; site: string },
  ): Promise<boolean> {
    const read = readAnswer(answer);
    const known = read && (await knownBy(tx, read.id, 'FOR UPDATE'));
    if (!known || known.userId !== userId) return false;
    const wholeSignIn = asked.purpose === 'sign-in';
    const given = await verifyAnswer(read, known, { ...this.expecting(asked, site), wholeSignIn });
    if (!given) return false;
    // One that counts did not go on: somebody may have made a copy of it.
    if (given.counter <= known.counter && (given.counter > 0 || known.counter > 0)) {
      tx.audit('passkey.counter_back', 'user', userId, { passkeyId: known.id });
      return false;
    }
    if (!(await this.challenges.spend(tx, given.challenge))) return false;
    await tx.query('UPDATE passkeys SET counter = $2, last_used_at = $3 WHERE id = $1', [
      known.id,
      given.counter,
      tx.at,
    ]);
    return true;
  }

  private requestOptions(site: string, asked: Asked, allowCredentials?: { id: string }[]) {
    return generateAuthenticationOptions({
      rpID: new URL(site).hostname,
      challenge: new Uint8Array(this.challenges.make(asked, this.clock.now())),
      timeout: CHALLENGE_MS,
      userVerification: asked.purpose === 'sign-in' ? 'required' : 'preferred',
      ...(allowCredentials && { allowCredentials }),
    });
  }

  private credentialsOf(userId: string): Promise<{ id: string; transports: string[] }[]> {
    return this.db.read(onDuty('gate', userId), async (tx) => {
      const rows = await tx.query<{ id: Buffer; transports: string[] }>(
        'SELECT credential_id AS id, transports FROM passkeys WHERE user_id = $1 ORDER BY id',
        [userId],
      );
      return rows.map(({ id, transports }) => ({ id: id.toString('base64url'), transports }));
    });
  }

  private expecting(asked: Asked, site: string): Expected {
    return { site, isOurs: (challenge) => this.challenges.isOurs(challenge, asked, this.clock.now()) };
  }
}

const nameOf = (id: string): string => `passkeys.name:${id}`;
/** Two changes of one user's factors come one after the other. */
const lockUser = (tx: Tx, userId: string): Promise<unknown> =>
  tx.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [userId]);

async function knownBy(
  tx: Tx,
  credentialId: string,
  lock: '' | 'FOR UPDATE' = '',
): Promise<Known | undefined> {
  const [row] = await tx.query<Known>(
    `SELECT id, user_id AS "userId", public_key AS "publicKey", counter FROM passkeys WHERE credential_id = $1 ${lock}`,
    [bytesOf(credentialId)],
  );
  return row;
}
