import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { Db, type Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
import { FileSweep } from '../platform/file-sweep.js';
import { FileStore } from '../platform/files.js';
import { Jobs } from '../platform/jobs.js';
import { keyIdIn, openStream, sealStream } from '../platform/sealed-stream.js';
import { fileNamePlace, filePlace } from './grant-request.entity.js';

/** Files that are worked on between two looks at the table. */
const BATCH = 50;
const TOPIC = 'attachments.own_keys';
const ARCHIVIST = onDuty('archivist');

interface Row {
  id: string;
  requestId: string;
  organisationId: string;
  keyOwnerId: string;
  name: Buffer;
}

/**
 * Gives files that were sealed with their case's key, before each file had its own, a key of their own: whenever a
 * process starts to work. At every moment, and after a crash at any, the bytes say themselves which of the two keys
 * opens them, and both are there; two who do it at once come to the same.
 */
@Injectable()
export class AttachmentKeys implements OnModuleInit {
  private readonly log = new Logger('Files');

  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly files: FileStore,
    private readonly jobs: Jobs,
    private readonly sweep: FileSweep,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(TOPIC, async () => void (await this.giveOwnKeys()));
    this.jobs.onStart(() => this.db.write(ARCHIVIST, async (tx) => tx.emit(TOPIC, {})));
    this.sweep.keep((ids) => this.wanted(ids));
  }

  /** Gives every file its own key that has none, and tells how many. One whose present key was destroyed stays so. */
  async giveOwnKeys(): Promise<number> {
    let given = 0;
    let after: string | null = null;
    for (;;) {
      const rows: Row[] = await this.db.write(ARCHIVIST, (tx) => this.withKeys(tx, after));
      if (rows.length === 0) return given;
      for (const row of rows) given += await this.reseal(row).catch((error: unknown) => this.leave(error));
      after = rows.at(-1)!.id;
    }
  }

  /** The next files, each with a key of its own that is committed before anything is sealed with it. */
  private async withKeys(tx: Tx, after: string | null): Promise<Row[]> {
    const rows = await tx.query<Row>(
      `SELECT id, request_id AS "requestId", organisation_id AS "organisationId", key_owner_id AS "keyOwnerId", name FROM attachments
       WHERE key_owner_id <> id AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2 FOR UPDATE`,
      [after, BATCH],
    );
    const present = await this.vault.keysOf(
      tx.orm,
      rows.flatMap(({ id, keyOwnerId }) => [id, keyOwnerId]),
    );
    const missing = rows.filter(({ id, keyOwnerId }) => present.has(keyOwnerId) && !present.has(id));
    const owners = missing.map(({ id, organisationId }) => ({ ownerId: id, organisationId }));
    if (owners.length > 0) await this.vault.createKeys(tx.orm, owners);
    return rows;
  }

  private async reseal({ id, requestId, keyOwnerId, name }: Row): Promise<number> {
    const keys = await this.db.read(ARCHIVIST, (tx) => this.vault.keysOf(tx.orm, [id, keyOwnerId]));
    const [own, former] = [keys.get(id), keys.get(keyOwnerId)];
    // Forgotten meanwhile, or taken out.
    if (!own || !former) return 0;
    if (!(await this.isSealedBy(own, id))) {
      const clear = openStream([former, own], filePlace(id), this.files.read(id));
      await this.files.write(id, sealStream(own, filePlace(id), clear));
    }
    const renamed = own.seal(former.open(name, fileNamePlace(id)), fileNamePlace(id));
    const done = await this.db.write(ARCHIVIST, async (tx) => {
      const rows = await tx.query(
        'UPDATE attachments SET name = $2, key_owner_id = id WHERE id = $1 AND key_owner_id <> id RETURNING 1',
        [id, renamed],
      );
      if (rows.length > 0) tx.audit('attachment.own_key', 'request', requestId, { attachmentId: id });
      return rows;
    });
    return done.length;
  }

  /** A file that is gone or broken keeps nobody else's waiting; the next start tries it again. */
  private leave(error: unknown): number {
    this.log.error(
      `A file keeps its case's key: ${(error as NodeJS.ErrnoException).code ?? 'it does not open'}`,
    );
    return 0;
  }

  private async isSealedBy(key: SealingKey, id: string): Promise<boolean> {
    for await (const head of this.files.read(id)) return keyIdIn(head) === key.id;
    return false;
  }

  private wanted(ids: readonly string[]): Promise<string[]> {
    return this.db.read(ARCHIVIST, async (tx) => {
      const rows = await tx.query<{ id: string }>('SELECT id FROM attachments WHERE id = ANY($1)', [ids]);
      return rows.map(({ id }) => id);
    });
  }
}
