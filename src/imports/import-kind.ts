import type { Tx } from '../platform/db.js';
import type { ImportSummary } from './import.entity.js';
import type { Progress } from './progress.js';
import type { RowError } from './table-reader.js';
import type { Numbered, RowShape } from './typed-rows.js';

/** What became of the rows. */
export type Applied = Pick<ImportSummary, 'added' | 'skipped' | 'amount' | 'people'> & { errors: RowError[] };

/** One kind of spreadsheet: what its rows look like, and what becomes of them. */
export interface ImportKind<Row extends object> {
  readonly shape: RowShape<Row>;
  /**
   * Judges the rows by what is there, and writes them. The transaction is rolled back when there are errors, and
   * on a dry run; with `write` false nothing needs to be written.
   */
  apply(
    tx: Tx,
    rows: readonly Numbered<Row>[],
    how: { fundId: string | null; write: boolean },
    progress: Progress,
  ): Promise<Applied>;
}
