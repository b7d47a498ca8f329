import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SealingKey } from './encryption.js';

/** Values that are sealed whole begin with 1 (`encryption.ts`), and so do files of earlier versions. */
const WHOLE = 1;
const VERSION = 2;
const KEY_ID_BYTES = 8;
const SALT_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + SALT_BYTES;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;

type Source = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * Seals bytes as they come, in memory for one chunk. A sealed stream is `version (1) | key id (8) | salt (16)` and
 * then chunks of 64 KiB, the last one shorter or full, each `ciphertext | tag (16)` by AES-256-GCM. Key id and salt
 * make a key for this stream alone; the nonce is the chunk's number; associated data are the stream's place
 * (`attachments:<id>`), that number, and whether it is the last. So a stream that was cut, turned round, mixed with
 * another or moved elsewhere does not open (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár).
 */
export async function* sealStream(key: SealingKey, place: string, source: Source): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const secret = key.derive(salt);
  yield Buffer.concat([Buffer.from([VERSION]), Buffer.from(key.id, 'hex'), salt]);
  for await (const { bytes, number, isLast } of piecesOf(source, CHUNK_BYTES)) {
    const cipher = createCipheriv('aes-256-gcm', secret, nonceOf(number));
    cipher.setAAD(aadOf(place, number, isLast));
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }
}

/**
 * Opens such a stream chunk by chunk, or what was sealed whole before there were streams. Nothing is given that was
 * not proved; that nothing is missing is known at the end.
 * @param keys those among which the stream's own is found by its id
 * @throws Error when none of them fits, or the stream was altered or is not this place's
 */
export async function* openStream(
  keys: Iterable<SealingKey>,
  place: string,
  source: Source,
): AsyncGenerator<Buffer> {
  let key: SealingKey | undefined;
  let secret: Buffer | undefined;
  const whole: Buffer[] = [];
  for await (const { bytes, number, isLast } of piecesOf(source, CHUNK_BYTES + TAG_BYTES, HEAD_BYTES)) {
    if (number === 0) {
      key = [...keys].find(({ id }) => id === keyIdIn(bytes));
      if (!key) throw new Error(`No key for what is sealed at ${place}`);
      if (bytes[0] !== WHOLE && bytes[0] !== VERSION) throw unopened(place);
      if (bytes[0] === VERSION) secret = key.derive(bytes.subarray(1 + KEY_ID_BYTES));
    }
    if (!secret) whole.push(bytes);
    else if (number > 0) yield openChunk(secret, bytes, place, number - 1, isLast);
    else if (isLast) throw unopened(place);
  }
  if (!secret) yield key!.openBytes(Buffer.concat(whole), place);
}

const unopened = (place: string): Error => new Error(`What is sealed at ${place} does not open`);

/** The id of the key that a sealed value or stream names. */
export const keyIdIn = (head: Buffer): string => head.subarray(1, 1 + KEY_ID_BYTES).toString('hex');

function openChunk(secret: Buffer, bytes: Buffer, place: string, number: number, isLast: boolean): Buffer {
  if (bytes.length < TAG_BYTES) throw unopened(place);
  const decipher = createDecipheriv('aes-256-gcm', secret, nonceOf(number));
  decipher.setAAD(aadOf(place, number, isLast)).setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 8);
  return nonce;
}

const aadOf = (place: string, number: number, isLast: boolean): Buffer =>
  Buffer.from(`${place}|${number}|${isLast ? 'last' : 'more'}`);

interface Piece {
  bytes: Buffer;
  number: number;
  isLast: boolean;
}

/** The same bytes in pieces of one size, but for the first; the last one, which may be empty, is known as such. */
async function* piecesOf(source: Source, size: number, firstSize = size): AsyncGenerator<Piece> {
  let number = 0;
  let held: Buffer[] = [];
  let length = 0;
  const sizeNow = () => (number === 0 ? firstSize : size);
  for await (const part of source) {
    held.push(part);
    length += part.length;
    if (length <= sizeNow()) continue;
    let all = Buffer.concat(held, length);
    while (all.length > sizeNow()) {
      const bytes = all.subarray(0, sizeNow());
      all = all.subarray(sizeNow());
      yield { bytes, number, isLast: false };
      number += 1;
    }
    held = [all];
    length = all.length;
  }
  yield { bytes: Buffer.concat(held, length), number, isLast: true };
}
