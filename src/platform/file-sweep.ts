import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { FileStore } from './files.js';
import { Jobs } from './jobs.js';

/** Of these ids, those whose files a room still wants. */
type Wanted = (ids: readonly string[]) => Promise<string[]>;

/** Longer than any upload takes from its file to its row. */
const MIN_AGE_MS = 24 * 3600 * 1000;
const BATCH = 500;

/**
 * Takes away, every night, files that no row knows: a crash came between the file and its row, or between the end of
 * a row and that of its file. Every room that keeps files says here which ones it wants.
 */
@Injectable()
export class FileSweep implements OnModuleInit {
  private readonly log = new Logger('Files');
  private readonly rooms: Wanted[] = [];

  constructor(
    private readonly files: FileStore,
    private readonly jobs: Jobs,
  ) {}

  /** Called by each room that keeps files, when the application starts. */
  keep(wanted: Wanted): void {
    this.rooms.push(wanted);
  }

  onModuleInit(): void {
    this.jobs.nightly('files.sweep', async () => void (await this.sweep()));
  }

  /** Takes them away, if they are older than a day; gives how many it took. */
  async sweep(now = new Date()): Promise<number> {
    let removed = 0;
    let batch: string[] = [];
    const take = async () => {
      const wanted = new Set((await Promise.all(this.rooms.map((room) => room(batch)))).flat());
      const orphans = batch.filter((id) => !wanted.has(id));
      for (const id of orphans) await this.files.remove(id);
      removed += orphans.length;
      batch = [];
    };
    for await (const id of this.files.writtenBefore(new Date(now.getTime() - MIN_AGE_MS))) {
      batch.push(id);
      if (batch.length === BATCH) await take();
    }
    await take();
    if (removed > 0) this.log.warn(`Took away ${removed} files that no row knows`);
    return removed;
  }
}
