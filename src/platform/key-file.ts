import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

export const KEY_ID_BYTES = 8;

/**
 * What a key file says: `{ "current": id, "digest": id, "next": id, "keys": { id: base64 } }`. `next` is the key of a
 * rotation that has begun and is not written with yet.
 */
export interface KeyFile {
  readonly current: string;
  readonly digest: string;
  readonly next?: string;
  readonly keys: ReadonlyMap<string, Buffer>;
}

/** A key file as it was read, and how to tell that it was changed since. */
export interface ReadKeyFile {
  file: KeyFile;
  stamp: string;
}

export const newRingKey = (): { id: string; secret: Buffer } => ({
  id: randomBytes(KEY_ID_BYTES).toString('hex'),
  secret: randomBytes(32),
});

const isUsable = (id: string, secret: unknown): boolean =>
  /^[0-9a-f]{16}$/.test(id) && typeof secret === 'string' && Buffer.from(secret, 'base64').length === 32;

/**
 * Reads a key file; null when it is still the one of `stamp`. It is opened before it is asked for its stamp, because a
 * file that several machines share shows what another one has written only when it is opened.
 * @throws Error naming the path when a key of it, or the file itself, is unusable
 */
export function readKeyFile(path: string, stamp?: string): ReadKeyFile | null {
  const handle = fs.openSync(path, 'r');
  try {
    const { ino, size, mtimeNs } = fs.fstatSync(handle, { bigint: true });
    const now = [ino, size, mtimeNs].join(':');
    return now === stamp ? null : { file: parse(path, fs.readFileSync(handle, 'utf8')), stamp: now };
  } finally {
    fs.closeSync(handle);
  }
}

function parse(path: string, text: string): KeyFile {
  try {
    const { current, digest = current, next, keys } = JSON.parse(text) as Record<string, string>;
    const entries = Object.entries(keys as unknown as Record<string, string>);
    const names = [current, digest, ...(next === undefined ? [] : [next])];
    if (
      entries.every(([id, secret]) => isUsable(id, secret)) &&
      names.every((id) => entries.some(([known]) => known === id))
    ) {
      const ring = new Map(entries.map(([id, secret]) => [id, Buffer.from(secret, 'base64')]));
      return { current: current!, digest: digest!, next, keys: ring };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new Error(`The key file ${path} (KEYRING) has no usable current key`);
}

function written({ current, digest, next, keys }: KeyFile): string {
  const secrets = [...keys].map(([id, secret]) => [id, secret.toString('base64')]);
  return `${JSON.stringify({ current, digest, next, keys: Object.fromEntries(secrets) }, null, 2)}\n`;
}

/** Writes under a name of its own, whole on the disk and for its owner's eyes only. Gives the name. */
function writePart(path: string, file: KeyFile): string {
  const text = written(file);
  // What could not be read again must not take a good file's place.
  parse(path, text);
  const part = `${path}.${newRingKey().id}.part`;
  fs.writeFileSync(part, text, { mode: 0o600, flag: 'wx', flush: true });
  return part;
}

/** Makes a key file, never in place of another: a lost key is lost for good. */
export function createKeyFile(path: string): void {
  const { id, secret } = newRingKey();
  fs.mkdirSync(dirname(path), { recursive: true });
  const part = writePart(path, { current: id, digest: id, keys: new Map([[id, secret]]) });
  try {
    fs.linkSync(part, path);
  } catch (error) {
    // Somebody else made it at the same moment; theirs counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(part);
  }
}

/**
 * Puts another content in a key file's place at once: whoever reads it meanwhile gets the old one or the new one. It
 * stays its owner's, whoever does this. Only one may do this at a time (`KeyRotation` sees to it).
 * @throws Error when it cannot be written; the file is then as it was
 */
export function rewriteKeyFile(path: string, change: (file: KeyFile) => KeyFile): void {
  // A link to the file stays one.
  const real = fs.realpathSync(path);
  const folder = dirname(real);
  // Somebody was killed while writing: what is left has keys in it.
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith(`${basename(real)}.`) && name.endsWith('.part')) fs.rmSync(join(folder, name));
  }
  const { uid, gid } = fs.statSync(real);
  const part = writePart(real, change(readKeyFile(real)!.file));
  try {
    if (process.getuid?.() !== uid) fs.chownSync(part, uid, gid);
    fs.renameSync(part, real);
  } catch (error) {
    fs.rmSync(part);
    throw error;
  }
  const handle = fs.openSync(folder, 'r');
  fs.fsyncSync(handle);
  fs.closeSync(handle);
}
