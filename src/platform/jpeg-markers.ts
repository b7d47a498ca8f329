const START = 0xd8;
const SCAN = 0xda;
const END = 0xd9;
const COMMENT = 0xfe;
const isApplication = (marker: number): boolean => marker >= 0xe0 && marker <= 0xef;
/** Says how the colours are to be read; without it a print comes out wrong. */
const ADOBE = 0xee;

/**
 * A JPEG without what programs wrote beside the picture (EXIF with place and camera, XMP, comments) and without what
 * follows its end; the picture itself is not touched. For pictures inside a PDF, which are not drawn anew.
 * @throws Error when it is no JPEG
 */
export function withoutMarkers(jpeg: Uint8Array): Uint8Array {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  if (bytes.readUInt16BE(0) !== 0xff00 + START) throw new Error('Not a JPEG');
  const kept = [bytes.subarray(0, 2)];
  for (let at = 2; at < bytes.length;) {
    if (bytes[at] !== 0xff) throw new Error('Not a JPEG');
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      // Markers may be filled up with any number of these.
      at += 1;
      continue;
    }
    if (marker === END) return Buffer.concat([...kept, bytes.subarray(at, at + 2)]);
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    const next = marker === SCAN ? endOfScan(bytes, end) : end;
    const told = marker === COMMENT || (isApplication(marker) && marker !== ADOBE);
    if (!told) kept.push(bytes.subarray(at, next));
    at = next;
  }
  // Cut off: what there is of it still shows.
  return Buffer.concat(kept);
}

/** Where the data of a scan end: at the first marker that is neither escaped nor a restart. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}
