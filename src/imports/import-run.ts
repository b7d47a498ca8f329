import { Injectable } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { DomainError } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { chunksOf } from './bulk.js';
import { HistoryImport } from './history-import.js';
import type { Applied, ImportKind } from './import-kind.js';
import { Import, type ImportKindName } from './import.entity.js';
import { OrganisationImport } from './organisation-import.js';
import { PROGRESS_ROWS, type Progress, type ProgressTo } from './progress.js';
import type { RowError } from './table-reader.js';
import { readTableApart } from './table-thread.js';
import { firstOfEachCell, readRow, type Numbered } from './typed-rows.js';

/** Which import this is, and who asked for it. */
export interface ImportOrder {
  kind: ImportKindName;
  userId: string;
}

/** The rows of a file, read. */
interface Sheet {
  /** How many rows there are, good or bad. */
  total: number;
  rows: Numbered<object>[];
  errors: RowError[];
  progress: Progress;
}

/**
 * Finds the import's row, or makes it, in the transaction that does the work; null when it has ended already. It must
 * not lock the row, which tells the progress meanwhile.
 */
export type Begin = (tx: Tx) => Promise<Import | null>;

/** Thrown to roll back what a dry run, or an import with errors, wrote. */
class NothingStored extends Error {
  constructor(readonly applied: Applied) {
    super('Rolled back on purpose');
  }
}

const FAILED: RowError = { row: 1, column: null, code: 'failed' };
const NOTHING = { added: 0, skipped: 0, amount: 0, people: 0 };
/** The budget is judged before it is taken; as often as somebody else is faster it is judged again. */
const ATTEMPTS = 5;

/** Does the work of an import. */
@Injectable()
export class ImportRun {
  private readonly kinds: Record<ImportKindName, ImportKind<object>>;

  constructor(
    private readonly db: Db,
    history: HistoryImport,
    organisations: OrganisationImport,
  ) {
    this.kinds = { history, organisations };
  }

  /**
   * Reads, judges and stores a file: everything and the import's end in one transaction, or nothing but the end.
   * A bad file ends as `refused` with its errors and throws nothing. Imports wait for each other, so that the same
   * file sent twice at once is stored once; without harm it may run again after a crash.
   */
  async perform(order: ImportOrder, bytes: Buffer, begin: Begin, progressTo: ProgressTo): Promise<void> {
    const sheet = await this.read(this.kinds[order.kind], bytes, progressTo);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.inTurn(order.userId, begin, (tx, one) => this.store(tx, one, sheet));
      } catch (error) {
        if (error instanceof NothingStored) {
          return this.inTurn(order.userId, begin, (tx, one) => endIn(tx, one, sheet, error.applied));
        }
        if (!isOvertaken(error) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Ends an import whose work failed for good. A twin of its job that still works is waited for, and wins. */
  giveUp(begin: Begin): Promise<void> {
    return this.inTurn(null, begin, async (tx, one) => {
      one.end({ rows: one.total, ...NOTHING }, [FAILED], tx.at);
      await saveEnd(tx, one);
    });
  }

  /** One import at a time. An import that has ended meanwhile, by a twin of its job, needs no work any more. */
  private inTurn(
    userId: string | null,
    begin: Begin,
    work: (tx: Tx, one: Import) => Promise<void>,
  ): Promise<void> {
    return this.db.write(onDuty('importer', userId), async (tx) => {
      await tx.query("SELECT pg_advisory_xact_lock(hashtext('import'))");
      const one = await begin(tx);
      if (one) await work(tx, one);
    });
  }

  private async read(kind: ImportKind<object>, bytes: Buffer, progressTo: ProgressTo): Promise<Sheet> {
    const { fields, days } = kind.shape;
    const table = await readTableApart(bytes, { columns: Object.keys(fields), days });
    const progress = await progressTo(table.rows.length);
    const rows: Numbered<object>[] = [];
    const errors = [...table.errors];
    for (const chunk of chunksOf(table.rows, PROGRESS_ROWS)) {
      for (const row of chunk) {
        const read = readRow(kind.shape, row);
        if (read.value) rows.push({ row: row.row, value: read.value });
        errors.push(...read.errors);
      }
      await progress(chunk.length);
    }
    return { total: table.rows.length, rows, errors, progress };
  }

  private async store(tx: Tx, one: Import, sheet: Sheet): Promise<void> {
    const isGood = sheet.errors.length === 0;
    const how = { fundId: one.fundId, write: isGood && !one.dryRun };
    // Also the good rows of a bad file are judged, so that all errors are told at once.
    const applied =
      sheet.rows.length > 0
        ? await this.kinds[one.kind].apply(tx, sheet.rows, how, sheet.progress)
        : { ...NOTHING, errors: [] };
    if (one.dryRun || !isGood || applied.errors.length > 0) throw new NothingStored(applied);
    await endIn(tx, one, sheet, applied);
  }
}

/** Somebody took the money between judging and posting. */
const isOvertaken = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'budget.exceeded';

async function endIn(tx: Tx, one: Import, sheet: Sheet, { errors, ...applied }: Applied): Promise<void> {
  const all = firstOfEachCell([...sheet.errors, ...errors]);
  one.end({ rows: sheet.total, ...(all.length > 0 ? NOTHING : applied) }, all, tx.at);
  await saveEnd(tx, one);
}

/** Stores how an import ended, and says so in the log. */
async function saveEnd(tx: Tx, one: Import): Promise<void> {
  await tx.query(
    `UPDATE imports SET status = $2, done = $3, total = $4, summary = $5, errors = $6, finished_at = $7
     WHERE id = $1`,
    [
      one.id,
      one.status,
      one.done,
      one.total,
      JSON.stringify(one.summary),
      JSON.stringify(one.errors),
      one.finishedAt,
    ],
  );
  tx.audit(`import.${one.status}`, 'import', one.id, { ...one.summary, dryRun: one.dryRun });
}
