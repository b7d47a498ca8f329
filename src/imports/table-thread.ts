import { onThread, ThreadStopped, workerBeside } from '../platform/threads.js';
import type { Table, TableShape } from './table-reader.js';

/** A spreadsheet of 50,000 payments is read in a few seconds, with a quarter of a gigabyte. */
const LIMITS = { memoryMb: 512, timeMs: 60_000 };

/**
 * Reads a table as `readTable` does, on a thread of its own, so that nobody waits for a large or hostile file. One that
 * takes more memory or time than any real table has the error `tooHeavy`.
 */
export async function readTableApart(bytes: Buffer, shape: TableShape): Promise<Table> {
  const { columns, days } = shape;
  try {
    return await onThread(
      workerBeside(import.meta.url, 'table.worker'),
      { bytes, shape: { columns, days } },
      LIMITS,
    );
  } catch (error) {
    if (!(error instanceof ThreadStopped)) throw error;
    const code = error.why === 'fault' ? 'unreadable' : 'tooHeavy';
    return { rows: [], errors: [{ row: 1, column: null, code }] };
  }
}
