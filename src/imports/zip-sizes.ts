import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END = Buffer.from('PK\x05\x06', 'latin1');
const STORED = 0;
const DEFLATED = 8;

interface ZipEntry {
  method: number;
  packed: number;
  size: number;
  /** Where the entry's own header lies. */
  at: number;
}

/** What the directory at the end of a zip says of its entries. @throws RangeError where it is cut off. */
function entriesOf(zip: Buffer): ZipEntry[] | null {
  const end = zip.lastIndexOf(END);
  if (end < 0) return null;
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count -= 1) {
    const isEncrypted = (zip.readUInt16LE(at + 8) & 1) === 1;
    if (zip.readUInt32LE(at) !== CENTRAL || isEncrypted) return null;
    entries.push({
      method: zip.readUInt16LE(at + 10),
      packed: zip.readUInt32LE(at + 20),
      size: zip.readUInt32LE(at + 24),
      at: zip.readUInt32LE(at + 42),
    });
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

const inflate = promisify(inflateRaw);

/** Whether an entry holds no more than it says: inflating stops as soon as it is more. */
async function isHonest(zip: Buffer, { method, packed, size, at }: ZipEntry): Promise<boolean> {
  if (zip.readUInt32LE(at) !== LOCAL) return false;
  const start = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
  const content = zip.subarray(start, start + packed);
  if (method === STORED) return packed === size;
  if (method !== DEFLATED) return false;
  return (await inflate(content, { maxOutputLength: Math.max(1, size) })).length === size;
}

/**
 * Why a zip must not be unpacked, or null when it may: `fileTooBigInside` when its entries say that they hold more
 * than `limit` bytes together, `unreadable` when it is no whole zip or an entry holds something else than it says
 * (so that a small file cannot fill the memory).
 */
export async function whyNotUnpack(
  zip: Buffer,
  limit: number,
): Promise<'unreadable' | 'fileTooBigInside' | null> {
  try {
    const entries = entriesOf(zip);
    if (!entries) return 'unreadable';
    if (entries.reduce((sum, { size }) => sum + size, 0) > limit) return 'fileTooBigInside';
    for (const entry of entries) if (!(await isHonest(zip, entry))) return 'unreadable';
    return null;
  } catch {
    return 'unreadable';
  }
}
