import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict, DomainError, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { normaliseText } from '../kernel/text.js';
import { cleanFile } from '../platform/clean-file.js';
import { Db, pgFault, type Once, type Tx } from '../platform/db.js';
import { Keyring, SealingKey, Vault } from '../platform/encryption.js';
import { FileStore } from '../platform/files.js';
import { openStream, sealStream } from '../platform/sealed-stream.js';
import type { SentFile } from '../platform/upload.js';
import { FilingService } from './filing.service.js';
import { fileNamePlace, filePlace, type GrantRequest } from './grant-request.entity.js';
import type { RequestStatus } from './grant-request.states.js';
import type { AttachmentView } from './grants.views.js';

/** A file of a request that somebody opened: its bytes come as they are read. */
export interface OpenedFile {
  name: string;
  contentType: string;
  sizeBytes: number;
  content: Readable;
}

/** A file that lies on the disk, and has no row yet. */
interface Written extends AttachmentView {
  key: SealingKey;
  digest: Buffer;
}

const CLOSED: readonly RequestStatus[] = ['declined', 'withdrawn'];

/** Evidence on a request: an estimate, a rent demand, a receipt. Stored clean and sealed, each file by its own key. */
@Injectable()
export class AttachmentsService {
  constructor(
    private readonly db: Db,
    private readonly keyring: Keyring,
    private readonly vault: Vault,
    private readonly files: FileStore,
    private readonly filing: FilingService,
  ) {}

  /**
   * Adds files to a request of one's own organisation, all of them or none.
   * @throws DomainError `input.invalid` as `cleanFile` does, at `file`, or of several at `file.<index>`;
   * `request.closed` once declined or withdrawn; `resource.absent`
   */
  async add(
    actor: Actor,
    requestId: string,
    sent: readonly SentFile[],
    once?: Once,
  ): Promise<AttachmentView[]> {
    // Asked before the work, and again with the lock.
    await this.db.write(actor, async (tx) => void (await this.openRequest(tx, requestId)));
    const written: Written[] = [];
    try {
      await this.writeAll(sent, written);
      const views = await this.db.write(actor, (tx) => this.insert(tx, requestId, written), once);
      // The answer to an earlier call with the same key: what was written now is not wanted.
      if (!views.some(({ id }) => id === written[0]?.id)) await this.removeAll(written);
      return views;
    } catch (error) {
      // Whether any other error came before or after the commit is not known; the nightly sweep knows.
      if (error instanceof DomainError) await this.removeAll(written);
      throw error;
    }
  }

  /**
   * Takes a file out of a request that can still be changed. Its key goes with its row, and its bytes after them; its
   * digest too, so that the same paper can be evidence elsewhere.
   * @throws DomainError `resource.absent`, `request.not_editable`, `forgetting.legal_hold`
   */
  async remove(actor: Actor, requestId: string, id: string): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const request = await this.filing.ownRequest(tx, requestId);
      const [row] = await tx.query('SELECT 1 FROM attachments WHERE id = $1 AND request_id = $2', [
        id,
        requestId,
      ]);
      if (!row) throw absent();
      request.checkEditable();
      await tx.query('DELETE FROM data_keys WHERE owner_id = $1', [id]).catch(refuseUnderHold);
      await tx.query('DELETE FROM attachments WHERE id = $1', [id]);
      tx.audit('attachment.removed', 'request', requestId, { attachmentId: id });
    });
    await this.files.remove(id);
  }

  /** The file in clear, for whoever sees the request; the opening is logged. @throws DomainError `resource.absent` */
  async open(actor: Actor, requestId: string, id: string): Promise<OpenedFile> {
    return this.db.write(actor, async (tx) => {
      const [row] = await tx.query<{
        name: Buffer;
        contentType: string;
        sizeBytes: number;
        keyOwnerId: string;
      }>(
        `SELECT name, content_type AS "contentType", size_bytes AS "sizeBytes", key_owner_id AS "keyOwnerId"
         FROM attachments WHERE id = $1 AND request_id = $2`,
        [id, requestId],
      );
      // While a file is given its own key, its bytes may already be sealed by that one.
      const keys = await this.vault.keysOf(tx.orm, [id, row?.keyOwnerId ?? id]);
      const key = row && keys.get(row.keyOwnerId);
      if (!key) throw absent();
      tx.audit('attachment.opened', 'request', requestId, { attachmentId: id });
      const content = Readable.from(openStream([...keys.values()], filePlace(id), this.files.read(id)), {
        objectMode: false,
      });
      return { ...row, name: key.open(row.name, fileNamePlace(id)), content };
    });
  }

  /** A request of one's own that still takes papers. */
  private async openRequest(tx: Tx, requestId: string): Promise<GrantRequest> {
    const request = await this.filing.ownRequest(tx, requestId);
    if (CLOSED.includes(request.status)) throw conflict('request.closed', { state: request.status });
    return request;
  }

  /** Each file is written whole before the next is read: a row without its file would be a receipt nobody can open. */
  private async writeAll(sent: readonly SentFile[], written: Written[]): Promise<void> {
    const faults: FieldFault[] = [];
    for (const [index, file] of sent.entries()) {
      try {
        written.push(await this.write(file, sent.length > 1 ? `file.${index}` : 'file'));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        faults.push(...error.fields);
      }
    }
    if (faults.length > 0) throw invalid(...faults);
  }

  private async write(file: SentFile, path: string): Promise<Written> {
    const { sent, bytes, contentType } = await cleanFile(() => file.bytes(), path);
    const id = newId();
    const key = SealingKey.create();
    await this.files.write(id, sealStream(key, filePlace(id), [bytes]));
    // Of the file as it was sent: drawing anew may come out otherwise with the next version of a library.
    const digest = this.keyring.digest('attachment', sent);
    return { id, name: shortName(file.name), contentType, sizeBytes: bytes.length, key, digest };
  }

  private async insert(tx: Tx, requestId: string, written: readonly Written[]): Promise<AttachmentView[]> {
    const { organisationId } = await this.openRequest(tx, requestId);
    await this.vault.createKeys(
      tx.orm,
      written.map(({ id, key }) => ({ ownerId: id, organisationId, key })),
    );
    for (const { id, name, contentType, sizeBytes, key, digest } of written) {
      await tx.query(
        `INSERT INTO attachments (id, request_id, organisation_id, key_owner_id, name, content_type, size_bytes,
                                  digest, uploaded_by, uploaded_at)
         VALUES ($1, $2, $3, $1, $4, $5, $6, $7, $8, $9)`,
        [
          id,
          requestId,
          organisationId,
          key.seal(name, fileNamePlace(id)),
          contentType,
          sizeBytes,
          digest,
          tx.actor.userId,
          tx.at,
        ],
      );
      tx.audit('attachment.added', 'request', requestId, { attachmentId: id });
    }
    return written.map(({ id, name, contentType, sizeBytes }) => ({ id, name, contentType, sizeBytes }));
  }

  private async removeAll(written: readonly Written[]): Promise<void> {
    for (const { id } of written) await this.files.remove(id);
  }
}

function refuseUnderHold(error: unknown): never {
  throw pgFault(error).constraint === 'data_keys_held' ? conflict('forgetting.legal_hold') : error;
}

/** The last part of a file's name, without characters that a download could stumble over. */
function shortName(name: string): string {
  const last = normaliseText(name).split(/[/\\]/).at(-1) ?? '';
  return [...last.replace(/[\p{C}"<>:|?*]/gu, '')].slice(-100).join('') || 'file';
}
