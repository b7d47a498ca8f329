import { fileTypeFromBuffer } from 'file-type';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { DomainError, invalid } from '../kernel/errors.js';
import type { CleanPdf } from './pdf.worker.js';
import { onThread, ThreadStopped, Turns, workerBeside } from './threads.js';

/** A file as it is kept: drawn or written anew, so that nothing rides along with it. */
export interface CleanFile {
  bytes: Buffer;
  contentType: 'application/pdf' | 'image/jpeg' | 'image/png';
}

/** Pixels of the largest picture: a telephone's, not a bomb's. */
const MAX_PIXELS = 50_000_000;
/** Longest side kept, enough to read a receipt. */
const LONGEST_SIDE = 3_000;
const PICTURES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'];
const HEIC = ['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence'];
const PICTURE_SECONDS = 15;
const PDF_LIMITS = { memoryMb: 256, timeMs: 20_000 };

/** Ten people who send at once wait for each other: a picture of the largest size takes some 200 MB while it is drawn. */
const turns = new Turns(2);

// The library could read a dozen formats more, some of which can do more than show a picture.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Heif'].map((format) => `VipsForeignLoad${format}`),
});
// What was drawn is never drawn again, so nothing is kept in memory for it.
sharp.cache(false);

/**
 * Decides by the content what a file is, and makes it anew without what it tells about its maker (privacy, point 3):
 * a picture turned upright and without any metadata, a PDF without metadata and without anything that could act. What
 * was hidden beside the picture or the pages does not come along. It is read when its turn has come.
 * @throws DomainError `input.invalid` at `path`: `fileType` (no picture that we read and no PDF), `fileHeic`,
 * `fileBroken`, `pictureTooLarge`, `pdfBroken`, `pdfLocked`, `pdfTooHeavy`
 */
export const cleanFile = (
  read: () => Promise<Buffer>,
  path = 'file',
): Promise<CleanFile & { sent: Buffer }> =>
  turns.take(async () => {
    const sent = await read();
    return { ...(await cleaned(sent, path)), sent };
  });

async function cleaned(bytes: Buffer, path: string): Promise<CleanFile> {
  const type = (await fileTypeFromBuffer(bytes))?.mime ?? '';
  if (HEIC.includes(type)) throw invalid({ path, code: 'fileHeic' });
  if (type === 'application/pdf') return cleanPdf(bytes, path);
  if (!PICTURES.includes(type)) throw invalid({ path, code: 'fileType' });
  try {
    return await drawnAnew(bytes, type === 'image/png', path);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    // sharp says only that it could not read it; so do we, in the reader's words.
    throw invalid({ path, code: 'fileBroken' });
  }
}

async function drawnAnew(bytes: Buffer, isPng: boolean, path: string): Promise<CleanFile> {
  const { width, height }: Metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  if (width * height > MAX_PIXELS) {
    throw invalid({ path, code: 'pictureTooLarge', facts: { max: MAX_PIXELS / 1e6 } });
  }
  const picture: Sharp = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
    .autoOrient()
    .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
    .timeout({ seconds: PICTURE_SECONDS });
  // JPEG knows nothing of what shines through, which on paper is white.
  const drawn = isPng ? picture.png() : picture.flatten({ background: 'white' }).jpeg({ quality: 85 });
  return { bytes: await drawn.toBuffer(), contentType: isPng ? 'image/png' : 'image/jpeg' };
}

async function cleanPdf(bytes: Buffer, path: string): Promise<CleanFile> {
  try {
    const answer = await onThread<CleanPdf>(workerBeside(import.meta.url, 'pdf.worker'), bytes, PDF_LIMITS);
    if ('code' in answer) throw invalid({ path, code: answer.code });
    return { bytes: Buffer.from(answer.bytes), contentType: 'application/pdf' };
  } catch (error) {
    if (!(error instanceof ThreadStopped)) throw error;
    throw invalid({ path, code: error.why === 'fault' ? 'pdfBroken' : 'pdfTooHeavy' });
  }
}
