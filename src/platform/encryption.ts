import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { conflict } from '../kernel/errors.js';
import {
  createKeyFile,
  KEY_ID_BYTES,
  newRingKey,
  readKeyFile,
  rewriteKeyFile,
  type KeyFile,
  type ReadKeyFile,
} from './key-file.js';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/**
 * One AES-256-GCM key with its id. A sealed value is
 * `version (1) | key id (8) | nonce (12) | ciphertext | tag (16)`; its place (`persons.name:<id>`) is the
 * associated data, so that a value moved to another row or column does not open.
 */
export class SealingKey {
  constructor(
    readonly id: string,
    private readonly secret: Buffer,
  ) {}

  static create(): SealingKey {
    return new SealingKey(randomBytes(KEY_ID_BYTES).toString('hex'), randomBytes(32));
  }

  seal(text: string, place: string): Buffer {
    return this.sealBytes(Buffer.from(text, 'utf8'), place);
  }

  sealBytes(bytes: Buffer, place: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.secret, nonce).setAAD(Buffer.from(place));
    const head = Buffer.concat([Buffer.from([VERSION]), Buffer.from(this.id, 'hex'), nonce]);
    return Buffer.concat([head, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws Error when the value was sealed with another key, for another place, or was altered. */
  open(sealed: Buffer, place: string): string {
    return this.openBytes(sealed, place).toString('utf8');
  }

  openBytes(sealed: Buffer, place: string): Buffer {
    if (keyIdOf(sealed) !== this.id) throw new Error(`A sealed value at ${place} names another key`);
    const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEAD_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.secret, nonce).setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
  }

  /** A key for one stream alone (`sealed-stream.ts`): its counted nonces never meet those of another stream. */
  derive(salt: Buffer): Buffer {
    return Buffer.from(hkdfSync('sha256', this.secret, salt, 'sealed-stream', 32));
  }

  /** The key's bytes, for wrapping only. */
  wrapWith(outer: SealingKey, place: string): Buffer {
    return outer.sealBytes(Buffer.concat([Buffer.from(this.id, 'hex'), this.secret]), place);
  }

  static unwrap(wrapped: Buffer, outer: SealingKey, place: string): SealingKey {
    const bytes = outer.openBytes(wrapped, place);
    return new SealingKey(bytes.subarray(0, KEY_ID_BYTES).toString('hex'), bytes.subarray(KEY_ID_BYTES));
  }
}

/** Whether bytes have the shape of a sealed value; no text that people may write has it. */
export const isSealed = (bytes: Buffer): boolean =>
  bytes.length >= HEAD_BYTES + TAG_BYTES && bytes[0] === VERSION;

function keyIdOf(sealed: Buffer): string {
  if (!isSealed(sealed)) throw new Error('Not a sealed value');
  return sealed.subarray(1, 1 + KEY_ID_BYTES).toString('hex');
}

/**
 * The keys that wrap all others, kept in a file outside the database (privacy, point 3), which is readable by its owner
 * only. Digests keep their key when another one becomes current, or nothing looked up by digest would be found again.
 */
export class Keyring {
  private constructor(
    private file: KeyFile,
    private stamp = '',
    readonly path: string | null = null,
  ) {}

  /** A ring that lives in memory, for tests. */
  static inMemory(): Keyring {
    const { id, secret } = newRingKey();
    return new Keyring({ current: id, digest: id, keys: new Map([[id, secret]]) });
  }

  /** Reads the key file. With `create`, makes it first when it is absent. @throws Error when it is unusable. */
  static read(path: string, { create }: { create: boolean }): Keyring {
    if (!existsSync(path)) {
      if (!create) throw new Error(`The key file ${path} (KEYRING) does not exist`);
      createKeyFile(path);
    }
    const { file, stamp } = readKeyFile(path)!;
    return new Keyring(file, stamp, path);
  }

  /**
   * Reads the file again if it was changed. One that is absent, broken or another ring's is not taken, and no key that
   * was known is forgotten.
   */
  refresh(): void {
    const read = this.readChanged();
    if (!read || !this.isSameRing(read.file)) return;
    this.file = { ...read.file, keys: new Map([...this.file.keys, ...read.file.keys]) };
    this.stamp = read.stamp;
  }

  /** Changes the file, and knows it. @throws Error when it cannot be written, or is another ring's */
  rewrite(change: (file: KeyFile) => KeyFile): void {
    if (!this.path) throw new Error('This keyring has no file');
    rewriteKeyFile(this.path, (file) => {
      if (!this.isSameRing(file)) throw new Error(`The key file ${this.path} (KEYRING) became another one`);
      return change(file);
    });
    this.refresh();
  }

  get ids(): string[] {
    return [...this.file.keys.keys()];
  }

  /** The key of a rotation that has begun and is not written with yet. */
  get next(): string | undefined {
    return this.file.next;
  }

  /** The key that new values are sealed with. */
  sealing(): SealingKey {
    return new SealingKey(this.file.current, this.file.keys.get(this.file.current)!);
  }

  /**
   * The key that a value was sealed with. One that is not known may be new in the file; strangers can make ids up too,
   * and an unchanged file is not read for them.
   * @throws Error when the ring does not have it
   */
  keyOf(sealed: Buffer): SealingKey {
    const id = keyIdOf(sealed);
    if (!this.file.keys.has(id)) this.refresh();
    const secret = this.file.keys.get(id);
    if (!secret) throw new Error(`The keyring has no key ${id}`);
    return new SealingKey(id, secret);
  }

  /** The same value at the same place, sealed with the current key. @throws Error as `open` does */
  reseal(sealed: Buffer, place: string): Buffer {
    return this.sealing().sealBytes(this.keyOf(sealed).openBytes(sealed, place), place);
  }

  /** A keyed digest for looking something up without storing it in clear; `purpose` keeps digests apart. */
  digest(purpose: string, value: Buffer | string): Buffer {
    const key = Buffer.from(hkdfSync('sha256', this.file.keys.get(this.file.digest)!, '', purpose, 32));
    return createHmac('sha256', key).update(value).digest();
  }

  private isSameRing({ digest, keys }: KeyFile): boolean {
    return (
      digest === this.file.digest &&
      [...this.file.keys].every(([id, secret]) => keys.get(id)?.equals(secret) !== false)
    );
  }

  private readChanged(): ReadKeyFile | null {
    try {
      return this.path ? readKeyFile(this.path, this.stamp) : null;
    } catch {
      return null;
    }
  }
}

/**
 * Data keys: one for each owner (a person, a case, a request without a case), wrapped by the keyring and kept
 * in `data_keys`. Everything personal is sealed with its owner's key, so that destroying one row of that table
 * forgets its owner in every table and in the log.
 */
@Injectable()
export class Vault {
  constructor(private readonly keyring: Keyring) {}

  /**
   * Makes and stores the owners' keys, or stores those with which something was sealed before its row. Rows are seen
   * by the organisation and by staff who read cases; those of none, by the breach desk.
   */
  async createKeys(
    orm: EntityManager,
    owners: { ownerId: string; organisationId: string | null; key?: SealingKey }[],
  ): Promise<SealingKey[]> {
    const ring = this.keyring.sealing();
    const keys = owners.map(({ key }) => key ?? SealingKey.create());
    await orm.query(
      `INSERT INTO data_keys (owner_id, organisation_id, wrapped)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[])`,
      [
        owners.map(({ ownerId }) => ownerId),
        owners.map(({ organisationId }) => organisationId),
        keys.map((key, index) => key.wrapWith(ring, `data_keys:${owners[index]!.ownerId}`)),
      ],
    );
    return keys;
  }

  async createKey(orm: EntityManager, ownerId: string, organisationId: string | null): Promise<SealingKey> {
    return (await this.createKeys(orm, [{ ownerId, organisationId }]))[0]!;
  }

  /** The keys of these owners, in one query. An owner whose key was destroyed, or is not visible, is absent. */
  async keysOf(orm: EntityManager, ownerIds: readonly string[]): Promise<Map<string, SealingKey>> {
    if (ownerIds.length === 0) return new Map();
    const rows: { owner_id: string; wrapped: Buffer }[] = await orm.query(
      'SELECT owner_id, wrapped FROM data_keys WHERE owner_id = ANY($1)',
      [ownerIds],
    );
    return new Map(rows.map(({ owner_id: ownerId, wrapped }) => [ownerId, this.unwrap(ownerId, wrapped)]));
  }

  /** @throws DomainError `record.forgotten` when the owner's key was destroyed (or is not visible): nothing is written of it. */
  async keyOf(orm: EntityManager, ownerId: string): Promise<SealingKey> {
    const key = (await this.keysOf(orm, [ownerId])).get(ownerId);
    if (!key) throw conflict('record.forgotten');
    return key;
  }

  private unwrap(ownerId: string, wrapped: Buffer): SealingKey {
    return SealingKey.unwrap(wrapped, this.keyring.keyOf(wrapped), `data_keys:${ownerId}`);
  }
}
