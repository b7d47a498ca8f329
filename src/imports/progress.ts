import type { Actor } from '../kernel/actor.js';
import type { Db } from '../platform/db.js';
import type { Import } from './import.entity.js';

/** After so many rows the bar moves. */
export const PROGRESS_ROWS = 200;

/** Tells that so many more rows were worked on. */
export type Progress = (rows: number) => Promise<void>;

/** Begins to tell, once the number of rows is known. */
export type ProgressTo = (total: number) => Promise<Progress>;

/** For those who wait for the end anyway. */
export const untold: ProgressTo = () => Promise.resolve(() => Promise.resolve());

/** A payment is read, finds its person, becomes a request and is paid; a member is read and added. */
const ROUNDS = { history: 4, organisations: 2 };

/** How often each row is worked on; a dry run only reads it. */
export const roundsOf = ({ kind, dryRun }: Pick<Import, 'kind' | 'dryRun'>): number =>
  dryRun ? 1 : ROUNDS[kind];

/**
 * Tells the import's row, in transactions of its own: the import's is not to be seen before it ends. Each row of
 * the file is worked on `rounds` times. What has ended meanwhile stays as it is.
 */
export function tellImport(db: Db, actor: Actor, importId: string, rounds: number): ProgressTo {
  return async (total) => {
    let worked = 0;
    const progress: Progress = async (rows) => {
      worked += rows;
      const done = Math.min(total, Math.floor(worked / rounds));
      await db.write(actor, (tx) =>
        tx.query(
          `UPDATE imports SET status = 'running', done = $2, total = $3
           WHERE id = $1 AND status IN ('waiting', 'running')`,
          [importId, done, total],
        ),
      );
    };
    await progress(0);
    return progress;
  };
}
