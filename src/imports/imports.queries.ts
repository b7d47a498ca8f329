import { Injectable } from '@nestjs/common';
import { onDuty, type Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { Db } from '../platform/db.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import type { Language } from '../web/words.js';
import { Import, type ImportSummary } from './import.entity.js';
import type { ImportView } from './imports.dto.js';
import { sentenceOfRow } from './row-sentences.js';

/** An import in a list, with its fund's name. */
export type ListedImport = Pick<
  Import,
  'id' | 'kind' | 'dryRun' | 'status' | 'done' | 'total' | 'createdAt'
> & {
  summary: Partial<ImportSummary>;
  fundName: string | null;
};

/** What an import needs to be told, in the reader's language. */
export const viewOf = (one: Import, language: Language): ImportView => {
  const { id, kind, status, done, total, dryRun, summary, finishedAt } = one;
  const { fileKept: _, ...counts } = summary;
  return {
    id,
    kind,
    status,
    done,
    total,
    dryRun,
    summary: finishedAt ? (counts as ImportSummary) : null,
    errors: one.errors.map((error) => ({
      row: error.row,
      column: error.column,
      code: error.code,
      message: sentenceOfRow(error, language),
    })),
  };
};

/** Reads of the imports. */
@Injectable()
export class ImportsQueries {
  constructor(private readonly db: Db) {}

  /** @throws DomainError `resource.absent` */
  async one(actor: Actor, id: string): Promise<Import> {
    const one = await this.db.read(actor, (tx) => tx.orm.findOneBy(Import, { id }));
    if (!one) throw absent();
    return one;
  }

  /** The newest first. */
  list(actor: Actor, { cursor, limit }: PageQuery): Promise<Page<ListedImport>> {
    return this.db.read(onDuty('importer', actor.userId), async (tx) => {
      const rows = await tx.query<ListedImport>(
        `SELECT i.id, i.kind, i.dry_run AS "dryRun", i.status, i.done, i.total, i.summary, i.created_at AS "createdAt",
                f.name AS "fundName"
         FROM imports i LEFT JOIN funds f ON f.id = i.fund_id
         WHERE $1::uuid IS NULL OR i.id < $1 ORDER BY i.id DESC LIMIT $2`,
        [cursor ?? null, limit + 1],
      );
      return pageOf(rows, limit);
    });
  }

  /** The funds that a history can go into, as choices: whoever may import may know their names. */
  funds(actor: Actor): Promise<{ code: string; name: string }[]> {
    return this.db.read(onDuty('importer', actor.userId), (tx) =>
      tx.query('SELECT code, name FROM funds ORDER BY starts_on DESC, code LIMIT 200'),
    );
  }
}
