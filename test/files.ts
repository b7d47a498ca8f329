import { crc32, deflateRawSync, inflateSync } from 'node:zlib';
import { PDFDocument, PDFRawStream, PDFName } from '@cantoo/pdf-lib';
import type { House, Somebody } from './house.js';

/** A PDF of one page with this text in its content, written by hand; `more` are further objects, from number 10 on. */
export function pdfSaying(text: string, { catalog = '', page = '', more = '' } = {}) {
  const content = Buffer.from(`BT (${text}) Tj ET`);
  const parts = [
    `%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R ${catalog} >>\nendobj\n`,
    `2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n`,
    `3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R ${page} >>\nendobj\n`,
    `4 0 obj\n<< /Length ${content.length} >>\nstream\n`,
    content,
    `\nendstream\nendobj\n${more}trailer\n<< /Root 1 0 R /Size 5 >>\nstartxref\n0\n%%EOF\n`,
  ];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** What the streams of a PDF hold, unpacked. */
export async function textsOf(pdf: Buffer): Promise<string[]> {
  const { context } = await PDFDocument.load(pdf, { updateMetadata: false });
  return context.enumerateIndirectObjects().flatMap(([, object]) => {
    if (!(object instanceof PDFRawStream)) return [];
    const isPacked = object.dict.lookup(PDFName.of('Filter')) === PDFName.of('FlateDecode');
    return Buffer.from(isPacked ? inflateSync(object.contents) : object.contents).toString();
  });
}

/** Attaches files to a request by the API, and gives the answer. */
export async function attach(
  { url }: Pick<House, 'url'>,
  { key }: Pick<Somebody, 'key'>,
  requestId: string,
  files: { name: string; bytes: Buffer<ArrayBuffer> }[],
  onceKey?: string,
) {
  const form = new FormData();
  for (const { name, bytes } of files) form.append('file', new Blob([bytes]), name);
  const response = await fetch(`${url}/api/v1/grant-requests/${requestId}/attachments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...(onceKey && { 'idempotency-key': onceKey }) },
    body: form,
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}

/** The bytes of an attachment as this person gets them, and the answer's status and headers. */
export async function download({ url }: Pick<House, 'url'>, { key }: Pick<Somebody, 'key'>, path: string) {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

/** A zip of these entries, each of which says to hold `claimed` bytes, or what it does hold. */
export function zipOf(entries: Record<string, Buffer | string>, claimed?: number): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [path, content] of Object.entries(entries)) {
    const [name, bytes] = [Buffer.from(path), Buffer.from(content)];
    const packed = deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claimed ?? bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, packed]);
    parts.push(local);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, name);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(Object.keys(entries).length, 8);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}
