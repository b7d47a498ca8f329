import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SealingKey } from '../../src/platform/encryption.js';
import { openStream, sealStream } from '../../src/platform/sealed-stream.js';

const PLACE = 'attachments:0197a3f0-0000-7000-8000-000000000001';
const UNOPENED = /No key|does not open|unable to authenticate|Not a sealed value/;
const HEAD = 25;
const CHUNK = 64 * 1024;
const SEALED = CHUNK + 16;

const key = SealingKey.create();
const seal = (bytes: Buffer, place = PLACE) => buffer(sealStream(key, place, [bytes]));
const open = (sealed: Buffer, place = PLACE) => buffer(openStream([key], place, [sealed]));
const some = (length: number) => Buffer.from(Array.from({ length }, (_, index) => (index * 31) % 251));

/** Its head, and its chunks. */
function cut(sealed: Buffer): [Buffer, ...Buffer[]] {
  const chunks: Buffer[] = [];
  for (let at = HEAD; at < sealed.length; at += SEALED) chunks.push(sealed.subarray(at, at + SEALED));
  return [sealed.subarray(0, HEAD), ...chunks];
}

describe('a sealed stream', () => {
  test('opens to what was sealed, whatever its length and however it comes in pieces', async () => {
    for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5]) {
      const sealed = await seal(some(length));
      expect([length, (await open(sealed)).equals(some(length))]).toEqual([length, true]);
    }
    const pieces = fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 90_000 }), async (parts, size) => {
        const sealed = await buffer(sealStream(key, PLACE, parts.map(Buffer.from)));
        const again: Buffer[] = [];
        for (let at = 0; at < sealed.length; at += size) again.push(sealed.subarray(at, at + size));
        const opened = await buffer(openStream([SealingKey.create(), key], PLACE, again));
        expect(opened.equals(Buffer.concat(parts))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('has a version of its own, names its key, and shows nothing of what it holds', async () => {
    const sealed = await seal(Buffer.from('グエン'.repeat(1_000)));
    expect([sealed[0], sealed.subarray(1, 9).toString('hex')]).toEqual([2, key.id]);
    expect(sealed.includes('グエン')).toBe(false);
    expect(sealed.equals(await seal(Buffer.from('グエン'.repeat(1_000))))).toBe(false);
  });

  test('opens what was sealed whole before there were streams', async () => {
    const old = key.sealBytes(some(100_000), PLACE);
    expect((await open(old)).equals(some(100_000))).toBe(true);
    await expect(open(old, `${PLACE} `)).rejects.toThrow(UNOPENED);
    await expect(open(old.subarray(0, -1))).rejects.toThrow(UNOPENED);
  });

  test('does not open when it was cut, also between two chunks', async () => {
    const sealed = await seal(some(3 * CHUNK));
    for (const length of [
      0,
      1,
      HEAD - 1,
      HEAD,
      HEAD + 1,
      HEAD + SEALED,
      HEAD + 2 * SEALED,
      sealed.length - 1,
    ]) {
      await expect(open(sealed.subarray(0, length))).rejects.toThrow(UNOPENED);
    }
  });

  test('does not open when its chunks were turned round, doubled, left out, added to or mixed with another’s', async () => {
    const [head, one, two, three] = cut(await seal(some(3 * CHUNK)));
    const [otherHead, otherOne] = cut(await seal(some(3 * CHUNK)));
    const tampered = [
      [head, two!, one!, three!],
      [head, one!, one!, two!, three!],
      [head, one!, three!],
      [head, three!],
      [head, one!, two!, three!, Buffer.alloc(1)],
      [head, one!, two!, three!, three!],
      [head, otherOne!, two!, three!],
      [otherHead, one!, two!, three!],
    ];
    for (const [index, parts] of tampered.entries()) {
      const opening = open(Buffer.concat(parts)).then(() => index);
      await expect(opening).rejects.toThrow(UNOPENED);
    }
  });

  test('does not open at another place, with another key, or when one of its bits was altered', async () => {
    const sealed = await seal(some(100));
    await expect(open(sealed, PLACE.replace(/1$/, '2'))).rejects.toThrow(UNOPENED);
    await expect(buffer(openStream([SealingKey.create()], PLACE, [sealed]))).rejects.toThrow('No key');
    const impostor = new SealingKey(key.id, Buffer.alloc(32, 7));
    await expect(buffer(openStream([impostor], PLACE, [sealed]))).rejects.toThrow(UNOPENED);
    for (let index = 0; index < sealed.length; index += 1) {
      const altered = Buffer.from(sealed);
      altered[index]! ^= 1;
      await expect(open(altered).then(() => index)).rejects.toThrow(UNOPENED);
    }
  });

  test('gives a chunk as soon as it is proved, before the next one is there', async () => {
    const [head, one] = cut(await seal(some(3 * CHUNK)));
    async function* slow() {
      yield head;
      yield Buffer.concat([one!, Buffer.alloc(1)]);
      await new Promise(() => {});
    }
    const { value } = await openStream([key], PLACE, slow()).next();
    expect(value!.equals(some(3 * CHUNK).subarray(0, CHUNK))).toBe(true);
  });
});
