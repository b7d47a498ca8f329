import { Injectable } from '@nestjs/common';
import { fileTypeFromBuffer } from 'file-type';
import sharp from 'sharp';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { normaliseText } from '../kernel/text.js';
import { Db, type Once } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';
import { FileStore } from '../platform/files.js';
import { FilingService } from './filing.service.js';
import type { RequestStatus } from './grant-request.states.js';
import type { AttachmentView } from './grants.views.js';
import { RequestWriting } from './request-writing.js';

/** A file as it came in. */
export interface UploadedFile {
  name: string;
  bytes: Buffer;
}

/** Pixels of the largest picture: a telephone's, not a bomb's. */
const MAX_PIXELS = 50_000_000;
/** Longest side kept, enough to read a receipt. */
const LONGEST_SIDE = 3_000;
const CLOSED: readonly RequestStatus[] = ['declined', 'withdrawn'];

/** Evidence on a request: an estimate, a rent demand, a receipt. Stored encrypted, pictures without metadata. */
@Injectable()
export class AttachmentsService {
  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
    private readonly files: FileStore,
    private readonly filing: FilingService,
    private readonly writing: RequestWriting,
  ) {}

  /**
   * Adds a file to a request of one's own organisation.
   * @throws DomainError `input.invalid` at `file` when it is no picture (JPEG, PNG, WebP) or PDF, or is broken;
   * `request.closed` once declined or withdrawn; `resource.absent`
   */
  async add(actor: Actor, requestId: string, file: UploadedFile, once?: Once): Promise<AttachmentView> {
    const clean = await cleaned(file.bytes);
    return this.db.write(
      actor,
      async (tx) => {
        const request = await this.filing.ownRequest(tx, requestId);
        if (CLOSED.includes(request.status)) throw conflict('request.closed', { state: request.status });
        const key = await this.writing.keyOf(tx, request);
        const id = newId();
        const name = shortName(file.name);
        // The file first: a row without its file would be a receipt that nobody can open.
        await this.files.write(id, key.sealBytes(clean.bytes, `attachments:${id}`));
        await tx.query(
          `INSERT INTO attachments
             (id, request_id, organisation_id, name, content_type, size_bytes, digest, uploaded_by, uploaded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            id,
            requestId,
            request.organisationId,
            key.seal(name, `attachments.name:${id}`),
            clean.contentType,
            clean.bytes.length,
            this.keyring.digest('attachment', file.bytes),
            actor.userId,
            tx.at,
          ],
        );
        tx.audit('attachment.added', 'request', requestId, { attachmentId: id });
        return { id, name, contentType: clean.contentType, sizeBytes: clean.bytes.length };
      },
      once,
    );
  }

  /** The file in clear, for whoever sees the request; the opening is logged. @throws DomainError `resource.absent` */
  open(
    actor: Actor,
    requestId: string,
    id: string,
  ): Promise<{ name: string; contentType: string; bytes: Buffer }> {
    return this.db.write(actor, async (tx) => {
      const [row] = await tx.query<{ name: Buffer; content_type: string; key_owner_id: string }>(
        `SELECT a.name, a.content_type, r.key_owner_id
         FROM attachments a JOIN grant_requests r ON r.id = a.request_id WHERE a.id = $1 AND a.request_id = $2`,
        [id, requestId],
      );
      if (!row) throw absent();
      const key = await this.writing.keyOf(tx, { keyOwnerId: row.key_owner_id });
      tx.audit('attachment.opened', 'request', requestId, { attachmentId: id });
      const bytes = key.openBytes(await this.files.read(id), `attachments:${id}`);
      return { name: key.open(row.name, `attachments.name:${id}`), contentType: row.content_type, bytes };
    });
  }
}

/** The type is decided by content; pictures are drawn anew, which leaves place and camera behind. */
async function cleaned(bytes: Buffer): Promise<{ bytes: Buffer; contentType: string }> {
  const type = await fileTypeFromBuffer(bytes);
  if (type?.mime === 'application/pdf') return { bytes, contentType: type.mime };
  if (type?.mime !== 'image/jpeg' && type?.mime !== 'image/png' && type?.mime !== 'image/webp') {
    throw invalid({ path: 'file', code: 'fileType' });
  }
  try {
    const picture = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      .rotate()
      .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true });
    const png = type.mime === 'image/png';
    return {
      bytes: await (png ? picture.png() : picture.jpeg({ quality: 85 })).toBuffer(),
      contentType: png ? 'image/png' : 'image/jpeg',
    };
  } catch {
    // sharp says only that it could not read it; so do we, in the reader's words.
    throw invalid({ path: 'file', code: 'fileBroken' });
  }
}

/** The last part of a file's name, without characters that a download could stumble over. */
function shortName(name: string): string {
  const last = normaliseText(name).split(/[/\\]/).at(-1) ?? '';
  return [...last.replace(/[\p{C}"<>:|?*]/gu, '')].slice(-100).join('') || 'file';
}
