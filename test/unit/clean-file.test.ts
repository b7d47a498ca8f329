import { deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { PDFDocument, PDFName } from '@cantoo/pdf-lib';
import sharp from 'sharp';
import { DomainError } from '../../src/kernel/errors.js';
import { cleanFile } from '../../src/platform/clean-file.js';
import { pdfSaying, textsOf } from '../files.js';

const clean = (bytes: Buffer) => cleanFile(() => Promise.resolve(bytes));
const refusal = (bytes: Buffer | string) =>
  clean(Buffer.from(bytes)).then(
    () => null,
    (error: DomainError) => error.fields.map(({ path, code }) => `${path} ${code}`).join(),
  );

/** What a telephone writes beside a picture. */
const TOLD = { IFD0: { Make: 'CAMERAMAKER' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '35/1 40/1 0/1' } };
const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/">XMPTELLS</x:xmpmeta>';

const drawing = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } });
const photo = (width = 60, height = 40) => drawing(width, height).withExif(TOLD).withXmp(XMP);
/** As the camera holds it on its side: the picture lies, and its metadata say so. */
const lyingPhoto = () => photo().withMetadata({ orientation: 6 }).withExif(TOLD).jpeg().toBuffer();

/** A PDF with more objects, byte by byte. */
const pdfWith = (objects: string) =>
  Buffer.from(pdfSaying('x').toString('latin1').replace('trailer', `${objects}trailer`), 'latin1');

const HIDDEN = '<html><script>alert(1)</script></html>PK\x03\x04hidden.zip';
const TELLING = ['CAMERAMAKER', 'XMPTELLS', 'Exif', '<script', 'hidden.zip'];
const toldIn = (bytes: Buffer, words: string[]) => words.filter((word) => bytes.includes(word));

describe('privacy.md, point 3: attachments lose their metadata (EXIF, GPS) before they are stored', () => {
  test('a photo keeps its picture, the right way up, and nothing of what was written beside it', async () => {
    const sent = await lyingPhoto();
    expect(toldIn(sent, TELLING)).toContain('CAMERAMAKER');
    const { bytes, contentType } = await clean(sent);
    const { exif, xmp, iptc, width, height, orientation } = await sharp(bytes).metadata();
    expect({ contentType, exif, xmp, iptc, width, height, orientation }).toEqual({
      contentType: 'image/jpeg',
      width: 40,
      height: 60,
    });
    expect(toldIn(bytes, TELLING)).toEqual([]);
  });

  test.each([
    ['PNG', () => photo().png().toBuffer(), 'image/png'],
    ['WebP', () => photo().webp().toBuffer(), 'image/jpeg'],
    ['AVIF', () => photo().avif({ effort: 0 }).toBuffer(), 'image/jpeg'],
  ])('so does a %s', async (_, make, kept) => {
    const { bytes, contentType } = await clean(await make());
    expect(contentType).toBe(kept);
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    expect(toldIn(bytes, TELLING)).toEqual([]);
  });

  test('a PDF keeps its pages, and nothing of who made it, when, with what', async () => {
    const made = await PDFDocument.create();
    made.addPage([200, 100]).drawText('見積もりNo1'.replace(/[^\x20-\x7e]/g, ''));
    made.setAuthor('CAMERAMAKER');
    made.setProducer('XMPTELLS');
    const metadata = made.context.stream(XMP, { Type: 'Metadata', Subtype: 'XML' });
    made.catalog.set(PDFName.of('Metadata'), made.context.register(metadata));
    const sent = Buffer.from(await made.save({ useObjectStreams: false }));
    const { bytes, contentType } = await clean(sent);
    const read = await PDFDocument.load(bytes, { updateMetadata: false });
    expect([contentType, read.getPageCount(), read.getPage(0).getSize()]).toEqual([
      'application/pdf',
      1,
      { width: 200, height: 100 },
    ]);
    expect((await textsOf(bytes)).some((text) => text.includes('4E6F31'))).toBe(true);
    expect([read.getAuthor(), read.getProducer(), read.getCreationDate()]).toEqual([]);
    expect(toldIn(Buffer.from((await textsOf(bytes)).join() + bytes.toString('latin1')), TELLING)).toEqual(
      [],
    );
  });

  test('a photo inside a PDF loses them too, packed or not', async () => {
    for (const useObjectStreams of [true, false]) {
      const made = await PDFDocument.create();
      const image = await made.embedJpg(await lyingPhoto());
      made.addPage([200, 100]).drawImage(image);
      const sent = Buffer.from(await made.save({ useObjectStreams }));
      expect(sent.includes('CAMERAMAKER')).toBe(true);
      const { bytes } = await clean(sent);
      expect(toldIn(bytes, TELLING)).toEqual([]);
      const read = await PDFDocument.load(bytes);
      expect(
        read.context
          .enumerateIndirectObjects()
          .flatMap(([, object]) => `${object}`)
          .join(),
      ).toContain('/DCTDecode');
    }
  });
});

describe('a PDF', () => {
  const ACTING = [
    'JavaScript',
    'Launch',
    'OpenAction',
    'EmbeddedFile',
    'SubmitForm',
    '/URI',
    '/AA',
    'RichMedia',
  ];

  test('comes out without anything that could act, and with what shows', async () => {
    const action = '<< /S /JavaScript /JS (app.alert\\(1\\)) >>';
    const sent = pdfSaying('shown', {
      catalog: `/OpenAction ${action} /AA << /WC ${action} >> /Names << /JavaScript << /Names [(x) ${action}] >>
        /EmbeddedFiles << /Names [(evil.exe) 12 0 R] >> >> /AcroForm << /XFA 12 0 R /Fields [10 0 R] >>`,
      page: `/AA << /O ${action} >> /Annots [10 0 R 11 0 R << /Subtype /Link /A << /S /URI /URI (http://evil.example) >> >>]`,
      more: `10 0 obj\n<< /Subtype /Widget /FT /Btn /T (who) /Rect [0 0 9 9] /Contents (filled in)
        /A << /S /Launch /F (cmd.exe) >> /AA << /E ${action} >> >>\nendobj
        11 0 obj\n<< /Subtype /RichMedia /Rect [0 0 9 9] /RichMediaContent 12 0 R >>\nendobj
        12 0 obj\n<< /Type /EmbeddedFile /Length 8 >>\nstream\nevil.exe\nendstream\nendobj\n`,
    });
    const { bytes } = await clean(sent);
    const { context } = await PDFDocument.load(bytes, { updateMetadata: false });
    const objects = context
      .enumerateIndirectObjects()
      .map(([, object]) => `${object}`)
      .join('\n');
    expect(toldIn(Buffer.from(objects), [...ACTING, 'evil', 'cmd.exe', 'alert', '(who)'])).toEqual([]);
    expect(objects).toContain('(filled in)');
    expect((await textsOf(bytes)).join()).toContain('shown');
  });

  test('that is also a page or an archive comes out as a PDF alone', async () => {
    const plain = pdfSaying(HIDDEN.replaceAll(/[()]/g, ''));
    const unreachable = {
      more: `10 0 obj\n<< /Length ${HIDDEN.length} >>\nstream\n${HIDDEN}\nendstream\nendobj\n`,
    };
    for (const sent of [
      Buffer.concat([pdfSaying('x'), Buffer.from(HIDDEN)]),
      Buffer.concat([Buffer.from('%PDF-1.7\n%'), Buffer.from(HIDDEN), pdfSaying('x')]),
      pdfSaying('x', unreachable),
      plain,
    ]) {
      expect(toldIn(sent, ['<script', 'hidden.zip'])).toHaveLength(2);
      const { bytes } = await clean(sent);
      expect(toldIn(bytes, TELLING)).toEqual([]);
    }
  });

  test('that hides something behind the end of a packed stream comes out without it', async () => {
    const packed = Buffer.concat([deflateSync('BT (x) Tj ET'), Buffer.from(HIDDEN)]);
    const sent = pdfSaying('x', { page: '/Contents 10 0 R' })
      .toString('latin1')
      .replace(
        'trailer',
        `10 0 obj\n<< /Filter /FlateDecode /Length ${packed.length} >>\nstream\n${packed.toString('latin1')}\nendstream\nendobj\ntrailer`,
      );
    const { bytes } = await clean(Buffer.from(sent, 'latin1'));
    expect(toldIn(bytes, TELLING)).toEqual([]);
  });

  test('that is broken, without a page or locked is refused with its own sentence', async () => {
    expect(await refusal('%PDF-1.4')).toBe('file pdfBroken');
    expect(await refusal(pdfSaying('x').toString().replace('/Kids [3 0 R]', '/Kids []'))).toBe(
      'file pdfBroken',
    );
    expect(await refusal(pdfSaying('x').toString().replace('/Kids [3 0 R]', '/Kids [2 0 R 2 0 R]'))).toBe(
      'file pdfBroken',
    );
    const nested = `10 0 obj\n${'['.repeat(1_000_000)}\nendobj\ntrailer`;
    expect(await refusal(pdfSaying('x').toString().replace('trailer', nested))).toBe(null);
    const locked = await PDFDocument.create();
    locked.addPage();
    locked.encrypt({ userPassword: 'x', ownerPassword: 'y' });
    expect(await refusal(Buffer.from(await locked.save()))).toBe('file pdfLocked');
  });

  test('that unpacks to more than any paper has is stopped, and the process goes on', async () => {
    const bomb = deflateSync(Buffer.alloc(300_000_000, ' '), { level: 9 }).toString('latin1');
    const stream = (head: string) =>
      `10 0 obj\n<< ${head} /Filter /FlateDecode /Length ${bomb.length} >>\nstream\n${bomb}\nendstream\nendobj\n`;
    expect(await refusal(pdfWith(stream('/Type /ObjStm /N 1 /First 10')))).toBe('file pdfTooHeavy');
    const content = pdfWith(stream('')).toString('latin1').replace('/Contents 4 0 R', '/Contents 10 0 R');
    expect(await refusal(Buffer.from(content, 'latin1'))).toBe('file pdfTooHeavy');
  });
});

describe('a picture', () => {
  test('with something behind its end comes out without it', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const sent = Buffer.concat([await drawing(60, 40).toFormat(format).toBuffer(), Buffer.from(HIDDEN)]);
      expect(toldIn((await clean(sent)).bytes, TELLING)).toEqual([]);
    }
  });

  test('of more pixels than a telephone has is refused by its head, not drawn', async () => {
    const head = await drawing(10_000, 10_000).png().toBuffer();
    expect(await refusal(head)).toBe('file pictureTooLarge');
    expect(await refusal(head.subarray(0, 200))).toBe('file pictureTooLarge');
  });

  test('that is cut off or only begins like one is refused', async () => {
    const jpeg = await drawing(600, 400).jpeg().toBuffer();
    expect(await refusal(jpeg.subarray(0, jpeg.length / 2))).toBe('file fileBroken');
    expect(await refusal(Buffer.concat([jpeg.subarray(0, 4), Buffer.from(HIDDEN)]))).toBe('file fileBroken');
  });
});

test.each([
  ['an SVG with a script', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ['an SVG in XML', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['a page', '<!doctype html><script>alert(1)</script>'],
  ['a page before a PDF', `<html>${pdfSaying('x')}`],
  ['a program', 'MZ\x90\0\x03\0\0\0'],
  ['an archive', 'PK\x03\x04\x14\0\0\0'],
  ['a GIF', 'GIF89a\x01\0\x01\0\0\0\0,'],
  ['text', 'receipt'],
  ['nothing to speak of', '\0'],
])('%s is refused', async (_, content) => {
  expect(await refusal(Buffer.from(content, 'latin1'))).toBe('file fileType');
});

test('a HEIC is refused with a sentence that says what to do', async () => {
  expect(await refusal('\0\0\0\x18ftypheic\0\0\0\0mif1heic')).toBe('file fileHeic');
});
