import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { onDuty, type Actor } from '../kernel/actor.js';
import { absent, conflict, forbidden, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { ImportFiles } from './import-files.js';
import { ImportRun } from './import-run.js';
import { Import, kindsOf } from './import.entity.js';
import type { NewImport } from './imports.dto.js';
import { roundsOf, tellImport, untold } from './progress.js';

/** A good dry run's file can be imported for so long. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** The actor, who may bring spreadsheets in, with the rights that this needs for a moment. */
const asImporter = (actor: Actor): Actor => ({ ...actor, duties: ['importer'] });

/** Spreadsheets that come in (formats, "Spreadsheets"). */
@Injectable()
export class ImportsService {
  constructor(
    private readonly db: Db,
    private readonly files: ImportFiles,
    private readonly runner: ImportRun,
  ) {}

  /**
   * Takes a file of at most 20 MB, keeps it sealed, and lets a job import it. What is wrong inside the file is told
   * by the import when it has ended.
   * @throws DomainError `access.forbidden` when this kind is another role's; `input.invalid` when a history names no
   * fund, or one that does not exist
   */
  async start(actor: Actor, input: NewImport, bytes: Buffer, once: Once): Promise<{ id: string }> {
    const { kind, dryRun } = input;
    if (!kindsOf(actor).includes(kind)) throw forbidden();
    return this.keeping(async (id) => {
      const key = await this.files.keep(id, bytes);
      return this.db.write(
        asImporter(actor),
        async (tx) => {
          const fileKey = this.files.wrap(id, key);
          await insertImport(tx, { id, kind, dryRun, fileKey, fundId: await fundOf(tx, input) });
          return { id };
        },
        once,
      );
    });
  }

  /**
   * Imports the file of a good dry run, once.
   * @throws DomainError `resource.absent`; `access.forbidden` as `start` does; `import.file_gone` when it was imported already or lay for a week
   */
  async startAfter(actor: Actor, dryRunId: string, once: Once): Promise<{ id: string }> {
    const started = await this.keeping((id) =>
      this.db.write(
        asImporter(actor),
        async (tx) => {
          const lock = { mode: 'pessimistic_write' } as const;
          const dryRun = await tx.orm.findOne(Import, { where: { id: dryRunId }, lock });
          if (!dryRun) throw absent();
          if (!kindsOf(actor).includes(dryRun.kind)) throw forbidden();
          if (!dryRun.dryRun || !dryRun.finishedAt || !dryRun.summary.fileKept)
            throw conflict('import.file_gone');
          const fileKey = this.files.wrap(id, await this.files.keep(id, await this.files.open(dryRun)));
          await tx.query(`UPDATE imports SET summary = summary - 'fileKept' WHERE id = $1`, [dryRunId]);
          await insertImport(tx, { id, kind: dryRun.kind, fundId: dryRun.fundId, dryRun: false, fileKey });
          return { id };
        },
        once,
      ),
    );
    await this.files.remove(dryRunId);
    return started;
  }

  /**
   * Does the job of an import. Repeatable: one that has ended only loses its file. When the last attempt fails, the
   * import is refused with `failed` and nothing of it is stored.
   */
  async run(importId: string, isLastAttempt: boolean): Promise<void> {
    try {
      const one = await this.db.read(onDuty('importer'), (tx) => openImport(tx, importId));
      if (one) await this.perform(one);
    } catch (error) {
      if (isLastAttempt) await this.runner.giveUp((tx) => openImport(tx, importId));
      throw error;
    } finally {
      await this.dropFile(importId);
    }
    await this.dropOldFiles();
  }

  /**
   * Lets jobs run for all imports that have not ended: a job that failed for good while the database was away, or
   * was lost with its queue, left them so. Where the job is still there, the second one finds the work done.
   */
  askAgain(): Promise<void> {
    return this.db.write(onDuty('importer'), async (tx) => {
      const open = await tx.orm.find(Import, { select: { id: true }, where: { finishedAt: IsNull() } });
      for (const { id } of open) emitRun(tx, id);
    });
  }

  /** Of these ids, those of imports whose file is still to be read. */
  wanted(ids: readonly string[]): Promise<string[]> {
    return this.db.read(onDuty('importer'), async (tx) => {
      const rows = await tx.query<{ id: string }>(
        `SELECT id FROM imports WHERE id = ANY($1) AND (finished_at IS NULL OR summary ? 'fileKept')`,
        [ids],
      );
      return rows.map(({ id }) => id);
    });
  }

  /**
   * Imports in this process and gives the import as it ended, for the command line and the demo. It leaves a row
   * as any other does, and no file.
   * @throws DomainError `input.invalid` as `start` does; nothing is thrown for what is wrong inside the file
   */
  async runNow(userId: string, input: NewImport, bytes: Buffer): Promise<Import> {
    const actor = onDuty('importer', userId);
    const fundId = await this.db.read(actor, (tx) => fundOf(tx, input));
    const { kind, dryRun } = input;
    const id = newId();
    const begin = (tx: Tx) => addImport(tx, { id, kind, fundId, dryRun, summary: {}, fileKey: null });
    await this.runner.perform({ kind, userId }, bytes, begin, untold);
    return this.db.read(actor, (tx) => tx.orm.findOneByOrFail(Import, { id }));
  }

  private async perform(one: Import): Promise<void> {
    const { id, kind, createdBy: userId } = one;
    const progressTo = tellImport(this.db, onDuty('importer', userId), id, roundsOf(one));
    const bytes = await this.files.open(one);
    await this.runner.perform({ kind, userId }, bytes, (tx) => openImport(tx, id), progressTo);
  }

  /** Keeps no file for an import that was not stored, or that an earlier call with the same key stored. */
  private async keeping(work: (id: string) => Promise<{ id: string }>): Promise<{ id: string }> {
    const id = newId();
    let stored: string | null = null;
    try {
      const answer = await work(id);
      stored = answer.id;
      return answer;
    } finally {
      if (stored !== id) await this.files.remove(id);
    }
  }

  private async dropFile(importId: string): Promise<void> {
    const one = await this.db.read(onDuty('importer'), (tx) => tx.orm.findOneBy(Import, { id: importId }));
    if (one?.finishedAt && !one.summary.fileKept) await this.files.remove(importId);
  }

  /** Drops the files of dry runs that nobody imported within a week. */
  async dropOldFiles(): Promise<void> {
    const old = await this.db.write(onDuty('importer'), async (tx) => {
      const rows = await tx.query<{ id: string }>(
        `SELECT id FROM imports WHERE summary ? 'fileKept' AND finished_at < $1 FOR UPDATE SKIP LOCKED`,
        [new Date(tx.at.getTime() - KEPT_MS)],
      );
      const ids = rows.map(({ id }) => id);
      await tx.query(`UPDATE imports SET summary = summary - 'fileKept' WHERE id = ANY($1)`, [ids]);
      return ids;
    });
    for (const id of old) await this.files.remove(id);
  }
}

/** The import while its job is still to be done, without a lock. */
async function openImport(tx: Tx, id: string): Promise<Import | null> {
  const one = await tx.orm.findOneBy(Import, { id });
  return one?.isOpen ? one : null;
}

type NewRow = Pick<Import, 'id' | 'kind' | 'fundId' | 'dryRun' | 'summary' | 'fileKey'>;

async function addImport(tx: Tx, row: NewRow): Promise<Import> {
  const { id, kind, fundId, dryRun, summary, fileKey } = row;
  await tx.query(
    `INSERT INTO imports (id, kind, fund_id, dry_run, status, summary, created_by, created_at, file_key)
     VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8)`,
    [id, kind, fundId, dryRun, JSON.stringify(summary), tx.actor.userId, tx.at, fileKey],
  );
  tx.audit('import.started', 'import', id, { kind, dryRun });
  return tx.orm.findOneByOrFail(Import, { id });
}

/** Adds an import whose file is kept, and its job. */
async function insertImport(tx: Tx, row: Omit<NewRow, 'summary'>): Promise<void> {
  await addImport(tx, { ...row, summary: { fileKept: true } });
  emitRun(tx, row.id);
}

const emitRun = (tx: Tx, importId: string): void => tx.emit('imports.run', { importId });

async function fundOf(tx: Tx, { kind, fundCode }: NewImport): Promise<string | null> {
  if (kind !== 'history') return null;
  if (!fundCode) throw invalid({ path: 'fundCode', code: 'required' });
  const [fund] = await tx.query<{ id: string }>('SELECT id FROM funds WHERE code = $1', [fundCode]);
  if (!fund) throw invalid({ path: 'fundCode', code: 'fundUnknown' });
  return fund.id;
}
