import { createHash, type Hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import '@fastify/multipart';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Once } from './db.js';
import { SealingKey } from './encryption.js';
import { FileStore } from './files.js';
import { onceOf } from './http.js';
import { openStream, sealStream } from './sealed-stream.js';

/** A file of a form. It lies sealed on the disk, by a key that is in memory alone, until the form is dealt with. */
export interface SentFile {
  /** As the sender named it; it may hold anything. */
  name: string;
  /** Its plain digest. */
  hash: string;
  bytes(): Promise<Buffer>;
}

/** The parts of a form: its fields, and the files that were chosen under `file`. */
export interface SentForm {
  fields: Record<string, string>;
  files: SentFile[];
  /** A file was larger than the server takes; it is not among the others. */
  fileTooLarge: boolean;
}

/** How many files one form may bring. */
export const MOST_FILES = 10;

// The types of `parts` do not know this option; the code does.
const TOO_LARGE_IS_TOLD: object = { throwFileSizeLimit: false };

/** Reads forms with files; of a file no more than a piece is in memory while it comes. */
@Injectable()
export class Uploads {
  constructor(private readonly files: FileStore) {}

  /**
   * Reads a multipart body and hands it on; its files are gone when `work` has ended. Their size and number are limited
   * where the server is made. A file that is too large is told and not thrown, so that the fields beside it are not lost.
   * @throws DomainError `body.type` when it is no multipart; `body.malformed`; what `work` throws
   */
  async receive<T>(request: FastifyRequest, work: (form: SentForm) => Promise<T>): Promise<T> {
    if (!request.isMultipart()) throw new DomainError('unsupported', 'body.type');
    const kept: string[] = [];
    try {
      return await work(await this.read(request, kept));
    } finally {
      for (const id of kept) await this.files.remove(id);
    }
  }

  private async read(request: FastifyRequest, kept: string[]): Promise<SentForm> {
    const form: SentForm = { fields: {}, files: [], fileTooLarge: false };
    try {
      for await (const part of request.parts(TOO_LARGE_IS_TOLD)) {
        if (part.type === 'field') form.fields[part.fieldname] = String(part.value);
        else if (part.fieldname === 'file') {
          const { file, size } = await this.keep(part.filename ?? '', part.file, kept);
          if (part.file.truncated) form.fileTooLarge = true;
          // A browser sends an empty part when nothing was chosen.
          else if (size > 0) form.files.push(file);
        } else part.file.resume();
      }
    } catch (error) {
      throw asSenders(error as NodeJS.ErrnoException & { statusCode?: number });
    }
    return form;
  }

  private async keep(name: string, source: AsyncIterable<Buffer>, kept: string[]) {
    const id = newId();
    const key = SealingKey.create();
    const place = `uploads:${id}`;
    const hash = createHash('sha256');
    const counted = { size: 0 };
    kept.push(id);
    await this.files.write(id, sealStream(key, place, counting(source, hash, counted)));
    const bytes = () => buffer(openStream([key], place, this.files.read(id)));
    return { file: { name, hash: hash.digest('base64url'), bytes }, ...counted };
  }
}

async function* counting(source: AsyncIterable<Buffer>, hash: Hash, counted: { size: number }) {
  for await (const part of source) {
    hash.update(part);
    counted.size += part.length;
    yield part;
  }
}

/**
 * A body that breaks off, has no boundary or holds broken JSON is the sender's fault, whatever status the error has. A
 * full disk is ours.
 */
function asSenders(error: NodeJS.ErrnoException & { statusCode?: number }): Error {
  const status = error.statusCode ?? 500;
  if (error.syscall !== undefined || (status >= 400 && status < 500)) return error;
  return new DomainError('malformed', 'body.malformed');
}

/** The key of a form; the same key with other files is another call. */
export const onceOfForm = (request: FastifyRequest, { fields, files }: SentForm): Once =>
  onceOf(request, { ...fields, files: files.map(({ hash }) => hash) });

/** The same where a key is welcome but not demanded: a file by itself moves neither money nor status. */
export const onceOfFiles = (request: FastifyRequest, form: SentForm): Once | undefined =>
  request.headers['idempotency-key'] === undefined ? undefined : onceOfForm(request, form);

/**
 * The files of a form that is nothing without one.
 * @throws DomainError `input.invalid` at `file` when there is none; `body.too_large`
 */
export function filesOf({ files, fileTooLarge }: SentForm): SentFile[] {
  if (fileTooLarge) throw new DomainError('too_large', 'body.too_large');
  if (files.length === 0) throw invalid({ path: 'file', code: 'required' });
  return files;
}
