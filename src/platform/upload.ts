import { createHash } from 'node:crypto';
import '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { DomainError, invalid } from '../kernel/errors.js';
import type { Once } from './db.js';
import { onceOf } from './http.js';

/** The parts of a form: its fields, and the file that was chosen under `file`, if any. */
export interface SentForm {
  fields: Record<string, string>;
  file: { name: string; bytes: Buffer } | null;
  /** The file was larger than the server takes; its bytes are not all there. */
  fileTooLarge: boolean;
}

/** Such a form, with its file. */
export interface Upload {
  file: { name: string; bytes: Buffer };
  fields: Record<string, string>;
  /** When a key came with it: a file by itself moves neither money nor status. */
  once?: Once;
}

// The types of `parts` do not know this option; the code does.
const TOO_LARGE_IS_TOLD: object = { throwFileSizeLimit: false };

/**
 * Reads a multipart body with at most one file under `file`, whole: its size is limited where the server is made.
 * A file that is too large is told and not thrown, so that the fields beside it are not lost.
 * @throws DomainError `body.type` when it is no multipart; `body.malformed`
 */
export async function readForm(request: FastifyRequest): Promise<SentForm> {
  if (!request.isMultipart()) throw new DomainError('unsupported', 'body.type');
  const form: SentForm = { fields: {}, file: null, fileTooLarge: false };
  try {
    for await (const part of request.parts(TOO_LARGE_IS_TOLD)) {
      if (part.type === 'field') form.fields[part.fieldname] = String(part.value);
      else if (part.fieldname === 'file' && !form.file) {
        const bytes = await part.toBuffer();
        form.fileTooLarge = part.file.truncated;
        // A browser sends an empty part when nothing was chosen.
        if (bytes.length > 0) form.file = { name: part.filename ?? '', bytes };
      } else part.file.resume();
    }
  } catch (error) {
    // A body that breaks off, has no boundary or holds broken JSON is the sender's, whatever status the error has.
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    throw status >= 400 && status < 500 ? error : new DomainError('malformed', 'body.malformed');
  }
  return form;
}

/** The key of a form; the same key with another file is another call. */
export const onceOfForm = (request: FastifyRequest, { fields, file }: SentForm): Once =>
  onceOf(request, {
    ...fields,
    file: file && createHash('sha256').update(file.bytes).digest('base64url'),
  });

/**
 * Reads a multipart body with exactly one file under `file`.
 * @throws DomainError `input.invalid` at `file` when it is missing or empty; `body.too_large`; `body.type` when it
 * is no multipart
 */
export async function readUpload(request: FastifyRequest): Promise<Upload> {
  const form = await readForm(request);
  const { file, fields } = form;
  if (form.fileTooLarge) throw new DomainError('too_large', 'body.too_large');
  if (!file) throw invalid({ path: 'file', code: 'required' });
  const hasKey = request.headers['idempotency-key'] !== undefined;
  return { file, fields, once: hasKey ? onceOfForm(request, form) : undefined };
}
