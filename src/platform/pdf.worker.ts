import { parentPort, workerData } from 'node:worker_threads';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import {
  EncryptedPDFError,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFRawStream,
  PDFRef,
  type PDFObject,
} from '@cantoo/pdf-lib';
import { withoutMarkers } from './jpeg-markers.js';

/** The PDF written anew, or the code of the sentence that says why not. */
export type CleanPdf = { bytes: Uint8Array } | { code: 'pdfBroken' | 'pdfLocked' | 'pdfTooHeavy' };

/** What a PDF of at most 20 MB may come to when it is unpacked: one page of it, and all of it. */
const STREAM_BYTES = 200_000_000;
const UNPACKED_BYTES = 600_000_000;
/** What the library may ask for while it reads and writes. It frees most of it again, but a bomb must not wait for that. */
const ASKED_BYTES = 150_000_000;

const named = (names: string) => new Set(names.split(' ').map((name) => PDFName.of(name)));

/** What makes a page; everything else of it is left behind: actions, thumbnails, the history of its making. */
const OF_PAGE = named(
  'Type Parent Resources Contents Group Rotate UserUnit Annots MediaBox CropBox BleedBox TrimBox ArtBox',
);
/** What shows on a page beside its own content: what was filled in, stamped or marked. No links, films, files. */
const SHOWN = named(
  'FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly StrikeOut Stamp Ink Widget',
);
/** How it shows. Not who wrote it and when, and not what happens on a click. */
const OF_SHOWN = named('Type Subtype Rect AP AS F Contents BS Border C QuadPoints');
/** What any object may say about how it was made, and from where a picture or form may be fetched instead. */
const TELLS = named('Metadata PieceInfo LastModified');
const FETCHES = named('F FFilter FDecodeParms Ref OPI Alternates');

class TooHeavy extends Error {}

/**
 * Arrays of bytes lie outside the memory that a thread's limits know, and the library unpacks with them whatever a PDF
 * holds. So they are counted here, in this thread alone.
 */
function countBytes(): { isExceeded: () => boolean } {
  let asked = 0;
  globalThis.Uint8Array = new Proxy(Uint8Array, {
    construct(target, args: [unknown], made) {
      if (typeof args[0] === 'number') asked += args[0];
      if (asked > ASKED_BYTES) throw new TooHeavy();
      return Reflect.construct(target, args, made) as object;
    },
  });
  return { isExceeded: () => asked > ASKED_BYTES };
}

async function clean(bytes: Uint8Array): Promise<CleanPdf> {
  const counted = countBytes();
  try {
    const source = await PDFDocument.load(bytes, { updateMetadata: false });
    const pages = source.getPages();
    if (pages.length === 0) return { code: 'pdfBroken' };
    for (const { node } of pages) {
      keepOnly(node, OF_PAGE);
      keepShown(node);
    }
    // Only what its pages need goes into the new document: no actions, names, attached files, forms or outlines.
    const made = await PDFDocument.create({ updateMetadata: false });
    for (const page of await made.copyPages(source, source.getPageIndices())) made.addPage(page);
    rewriteAll(made);
    const written = await made.save({ addDefaultPage: false, updateFieldAppearances: false });
    return counted.isExceeded() ? { code: 'pdfTooHeavy' } : { bytes: written };
  } catch (error) {
    if (error instanceof EncryptedPDFError) return { code: 'pdfLocked' };
    return { code: error instanceof TooHeavy || counted.isExceeded() ? 'pdfTooHeavy' : 'pdfBroken' };
  }
}

function keepOnly(dict: PDFDict, keys: ReadonlySet<PDFName>): void {
  for (const key of dict.keys()) if (!keys.has(key)) dict.delete(key);
}

function keepShown(page: PDFDict): void {
  const annotations = page.lookup(PDFName.of('Annots'));
  page.delete(PDFName.of('Annots'));
  if (!(annotations instanceof PDFArray)) return;
  const shown = PDFArray.withContext(page.context);
  for (let index = 0; index < annotations.size(); index += 1) {
    const one = annotations.lookup(index);
    if (!(one instanceof PDFDict) || !SHOWN.has(one.lookup(PDFName.of('Subtype')) as PDFName)) continue;
    keepOnly(one, OF_SHOWN);
    shown.push(annotations.get(index));
  }
  if (shown.size() > 0) page.set(PDFName.of('Annots'), shown);
}

function rewriteAll(made: PDFDocument): void {
  let unpacked = 0;
  for (const [ref, object] of made.context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFRawStream)) {
      tellNothing(object);
      continue;
    }
    tellNothing(object.dict);
    for (const key of FETCHES) object.dict.delete(key);
    const { contents, size } = rewritten(object);
    unpacked += size;
    if (unpacked > UNPACKED_BYTES) throw new TooHeavy();
    made.context.assign(ref, PDFRawStream.of(object.dict, contents));
  }
}

/** Takes what tells out of an object and those within it; what it refers to comes by itself. */
function tellNothing(object: PDFObject | undefined): void {
  if (object instanceof PDFDict) {
    for (const key of TELLS) object.delete(key);
    for (const [, value] of object.entries()) if (!(value instanceof PDFRef)) tellNothing(value);
  } else if (object instanceof PDFArray) object.asArray().forEach(tellNothing);
}

const FLATE = PDFName.of('FlateDecode');
const JPEG = PDFName.of('DCTDecode');

/**
 * A stream packed anew, so that nothing lies behind its end, and a photo in it without its metadata. What is packed in
 * another way is kept as it is.
 */
function rewritten({ dict, contents }: PDFRawStream): { contents: Uint8Array; size: number } {
  const filters = filtersOf(dict);
  if (filters.length > 0 && filters[0] !== FLATE) {
    return { contents: filters[0] === JPEG ? withoutMarkers(contents) : contents, size: contents.length };
  }
  const inner = filters.length > 0 ? unpackedOf(contents) : contents;
  if (filters.length === 0) dict.set(PDFName.of('Filter'), FLATE);
  const plain = filters[1] === JPEG ? withoutMarkers(inner) : inner;
  return { contents: deflateSync(plain), size: plain.length };
}

function filtersOf(dict: PDFDict): PDFObject[] {
  const filter = dict.lookup(PDFName.of('Filter'));
  if (filter instanceof PDFArray) return filter.asArray().map((_, index) => filter.lookup(index)!);
  return filter ? [filter] : [];
}

function unpackedOf(contents: Uint8Array): Uint8Array {
  try {
    // A missing last byte is harmless, and some programs forget it.
    return inflateSync(contents, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: STREAM_BYTES });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? new TooHeavy() : error;
  }
}

parentPort!.postMessage(await clean(workerData as Uint8Array), []);
