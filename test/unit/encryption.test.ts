import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { Keyring, SealingKey } from '../../src/platform/encryption.js';
import { newRingKey, type KeyFile } from '../../src/platform/key-file.js';

const PLACE = 'persons.name:0197a3f0-0000-7000-8000-000000000001';

describe('privacy.md, point 3: a sealed value', () => {
  const key = SealingKey.create();

  test('opens with its key at its place, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
        expect(key.open(key.seal(text, place), place)).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(key.openBytes(key.sealBytes(Buffer.from(bytes), PLACE), PLACE)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('looks different each time, and shows nothing of what it says', () => {
    const [one, other] = [key.seal('グエン', PLACE), key.seal('グエン', PLACE)];
    expect(one.equals(other)).toBe(false);
    expect(one.includes('グエン')).toBe(false);
  });

  test('names its version and its key, so that keys can be changed later', () => {
    const sealed = key.seal('x', PLACE);
    expect(sealed[0]).toBe(1);
    expect(sealed.subarray(1, 9).toString('hex')).toBe(key.id);
    expect(sealed).toHaveLength(1 + 8 + 12 + 1 + 16);
  });

  test('does not open at another place, so that a value cannot be moved to another row or column', () => {
    const sealed = key.seal('グエン', PLACE);
    for (const place of [PLACE.replace('name', 'kana'), PLACE.replace(/1$/, '2'), `${PLACE} `, '']) {
      expect(() => key.open(sealed, place)).toThrow('unable to authenticate');
    }
  });

  test('does not open with another key, not even with one that takes its name', () => {
    const sealed = key.seal('グエン', PLACE);
    expect(() => SealingKey.create().open(sealed, PLACE)).toThrow('names another key');
    const impostor = new SealingKey(key.id, Buffer.alloc(32, 7));
    expect(() => impostor.open(sealed, PLACE)).toThrow('unable to authenticate');
  });

  test('does not open when any one of its bytes was altered', () => {
    const sealed = key.seal('グエン', PLACE);
    for (let index = 0; index < sealed.length; index += 1) {
      const altered = Buffer.from(sealed);
      altered[index]! ^= 1;
      expect([index, opens(altered)]).toEqual([index, false]);
    }
  });

  test('does not open when it was cut, or is none', () => {
    const sealed = key.seal('グエン', PLACE);
    for (let length = 0; length < sealed.length; length += 1) {
      expect([length, opens(sealed.subarray(0, length))]).toEqual([length, false]);
    }
    expect(opens(Buffer.concat([sealed, Buffer.from([0])]))).toBe(false);
    expect(opens(Buffer.from('グエン'))).toBe(false);
  });

  const opens = (sealed: Buffer): boolean => {
    try {
      key.open(sealed, PLACE);
      return true;
    } catch {
      return false;
    }
  };
});

describe('privacy.md, point 3: a wrapped key', () => {
  const outer = SealingKey.create();

  test('is unwrapped at its place and opens what it sealed', () => {
    const key = SealingKey.create();
    const wrapped = key.wrapWith(outer, 'data_keys:1');
    const again = SealingKey.unwrap(wrapped, outer, 'data_keys:1');
    expect(again.id).toBe(key.id);
    expect(again.open(key.seal('グエン', PLACE), PLACE)).toBe('グエン');
  });

  test('is not unwrapped for another owner, or by another key', () => {
    const wrapped = SealingKey.create().wrapWith(outer, 'data_keys:1');
    expect(() => SealingKey.unwrap(wrapped, outer, 'data_keys:2')).toThrow('unable to authenticate');
    expect(() => SealingKey.unwrap(wrapped, SealingKey.create(), 'data_keys:1')).toThrow('another key');
  });
});

describe('a keyring', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sasae-keyring-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('is made where told, for its owner’s eyes only, and read again later', () => {
    const path = join(folder, 'new', 'keyring.json');
    const sealed = Keyring.read(path, { create: true }).sealing().seal('グエン', PLACE);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = Keyring.read(path, { create: true });
    expect(again.keyOf(sealed).open(sealed, PLACE)).toBe('グエン');
    expect(Keyring.read(path, { create: false }).keyOf(sealed).open(sealed, PLACE)).toBe('グエン');
  });

  test('that is absent is refused by its path, and not made, unless told', () => {
    const path = join(folder, 'absent.json');
    expect(() => Keyring.read(path, { create: false })).toThrow(`${path} (KEYRING) does not exist`);
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['no JSON', 'x'],
    ['nothing', ''],
    ['no keys', '{}'],
    ['no current key', '{"current":"00","keys":{}}'],
    ['a current key that is too short', '{"current":"00","keys":{"00":"eA=="}}'],
    ['another list', '[]'],
    ['null', 'null'],
  ])('with %s is refused by its path, and left as it is', (name, content) => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, content);
    for (const create of [true, false]) {
      expect(() => Keyring.read(path, { create })).toThrow(path);
    }
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('opens what an older key sealed, and seals with the current one', () => {
    const path = join(folder, 'two.json');
    const old = Keyring.read(path, { create: true });
    const sealed = old.sealing().seal('グエン', PLACE);
    const { keys } = JSON.parse(readFileSync(path, 'utf8')) as { keys: Record<string, string> };
    const current = SealingKey.create().id;
    keys[current] = Buffer.alloc(32, 1).toString('base64');
    writeFileSync(path, JSON.stringify({ current, keys }));
    const both = Keyring.read(path, { create: false });
    expect(both.sealing().id).toBe(current);
    expect(both.keyOf(sealed).open(sealed, PLACE)).toBe('グエン');
    expect(() => Keyring.inMemory().keyOf(sealed)).toThrow(`has no key ${old.sealing().id}`);
  });

  test('reads its file again for a key that it does not know, and only when the file was changed', () => {
    const path = join(folder, 'rotating.json');
    const [one, other] = [Keyring.read(path, { create: true }), Keyring.read(path, { create: false })];
    const first = one.sealing().id;
    one.rewrite((file) => ({ ...file, ...another(file) }));
    one.rewrite((file) => ({ ...file, current: file.next!, next: undefined }));
    const sealed = one.sealing().seal('グエン', PLACE);
    expect([other.sealing().id, other.ids]).toEqual([first, [first]]);
    expect(other.keyOf(sealed).open(sealed, PLACE)).toBe('グエン');
    expect([other.sealing().id, other.ids]).toEqual([one.sealing().id, one.ids]);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ current: one.ids[1], digest: first });
    // A stranger's made-up ids do not make it read the same file again.
    const parse = jest.spyOn(JSON, 'parse');
    expect(() => other.keyOf(SealingKey.create().seal('x', PLACE))).toThrow('has no key');
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  test.each([
    ['is gone', (path: string) => rmSync(path)],
    ['is half written', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, -60))],
    [
      'is another ring',
      (path: string) => replace(path, Keyring.read(`${path}.other`, { create: true }).path!),
    ],
    ['has another secret under an id', (path: string) => changeSecret(path)],
  ])('goes on with what it knows when its file %s, and does not write over that', (name, spoil) => {
    const path = join(folder, `${name}.json`);
    const ring = Keyring.read(path, { create: true });
    const { ids } = ring;
    const sealed = ring.sealing().seal('グエン', PLACE);
    spoil(path);
    ring.refresh();
    expect([ring.ids, ring.keyOf(sealed).open(sealed, PLACE)]).toEqual([ids, 'グエン']);
    expect(() => ring.rewrite((file) => file)).toThrow(path);
  });

  test('is rewritten at once and whole, for its owner’s eyes only, through a link, and leaves no part of it lying about', () => {
    const path = join(folder, 'links', 'real.json');
    const [link, lost] = [join(folder, 'links', 'link.json'), `${path}.0123456789abcdef.part`];
    Keyring.read(path, { create: true });
    symlinkSync(path, link);
    writeFileSync(lost, 'keys of somebody who was killed');
    const ring = Keyring.read(link, { create: false });
    ring.rewrite((file) => ({ ...file, ...another(file) }));
    expect(Keyring.read(path, { create: false }).ids).toEqual(ring.ids);
    expect(ring.ids).toHaveLength(2);
    expect([statSync(path).mode & 0o777, lstatSync(link).isSymbolicLink()]).toEqual([0o600, true]);
    expect(readdirSync(join(folder, 'links')).sort()).toEqual(['link.json', 'real.json']);
  });

  test('is not rewritten as something that could not be read again', () => {
    const path = join(folder, 'stays.json');
    const ring = Keyring.read(path, { create: true });
    const before = readFileSync(path, 'utf8');
    for (const change of [
      (file: KeyFile) => ({ ...file, current: '0123456789abcdef' }),
      (file: KeyFile) => ({ ...file, keys: new Map() }),
      (file: KeyFile) => ({ ...file, keys: new Map([...file.keys, ['0123456789abcdef', Buffer.alloc(31)]]) }),
    ]) {
      expect(() => ring.rewrite(change)).toThrow('no usable current key');
    }
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('gives keyed digests, other ones for each purpose and each ring', () => {
    const ring = Keyring.inMemory();
    const digest = ring.digest('attachment', 'receipt');
    expect(digest).toHaveLength(32);
    expect(ring.digest('attachment', Buffer.from('receipt'))).toEqual(digest);
    expect(ring.digest('name', 'receipt')).not.toEqual(digest);
    expect(ring.digest('attachment', 'receipt2')).not.toEqual(digest);
    expect(Keyring.inMemory().digest('attachment', 'receipt')).not.toEqual(digest);
  });

  test('gives the same digest after another key was added, so that what was stored is still found', () => {
    const path = join(folder, 'digest.json');
    const digest = Keyring.read(path, { create: true }).digest('attachment', 'receipt');
    const { current, keys } = JSON.parse(readFileSync(path, 'utf8')) as {
      current: string;
      keys: Record<string, string>;
    };
    for (const added of ['0000000000000000', 'ffffffffffffffff']) {
      const more = { ...keys, [added]: Buffer.alloc(32, 1).toString('base64') };
      writeFileSync(path, JSON.stringify({ current, keys: more }));
      expect([added, Keyring.read(path, { create: false }).digest('attachment', 'receipt')]).toEqual([
        added,
        digest,
      ]);
    }
  });
});

/** One more key, as a rotation adds it. */
const another = ({ keys }: KeyFile) => {
  const { id, secret } = newRingKey();
  return { next: id, keys: new Map([...keys, [id, secret]]) };
};

const replace = (path: string, by: string): void => writeFileSync(path, readFileSync(by));

const changeSecret = (path: string): void => {
  const file = JSON.parse(readFileSync(path, 'utf8')) as { current: string; keys: Record<string, string> };
  file.keys[file.current] = Buffer.alloc(32, 7).toString('base64');
  writeFileSync(path, JSON.stringify(file));
};
