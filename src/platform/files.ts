import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isId, newId } from '../kernel/ids.js';

/** The port to where files lie. They arrive encrypted: a store never sees what is in them. */
export abstract class FileStore {
  /**
   * Keeps bytes under an id as they come; they are on the disk when this resolves. Writing the same id again replaces
   * them at once and whole, and when `bytes` fails, nothing is kept.
   */
  abstract write(id: string, bytes: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void>;
  /** The bytes in pieces. @throws Error with the first one when there is no such file. */
  abstract read(id: string): AsyncIterable<Buffer>;
  abstract remove(id: string): Promise<void>;
  /** The ids of files that were written before a moment of this machine's clock. */
  abstract writtenBefore(moment: Date): AsyncIterable<string>;
}

/** Files in a folder of this machine. */
export class FolderStore extends FileStore {
  constructor(private readonly folder: string) {
    super();
  }

  async write(id: string, bytes: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    const path = this.pathOf(id);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const unfinished = `${path}.${newId()}.part`;
    try {
      const file = await open(unfinished, 'wx', 0o600);
      try {
        for await (const piece of bytes) await file.writeFile(piece);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  }

  async *read(id: string): AsyncGenerator<Buffer> {
    const file = await open(this.pathOf(id));
    // The stream closes the file, also when its reader leaves.
    yield* file.createReadStream() as AsyncIterable<Buffer>;
  }

  remove(id: string): Promise<void> {
    return rm(this.pathOf(id), { force: true });
  }

  async *writtenBefore(moment: Date): AsyncGenerator<string> {
    for (const folder of await namesIn(this.folder)) {
      for (const name of await namesIn(join(this.folder, folder))) {
        const path = join(this.folder, folder, name);
        const written = await stat(path).catch(() => null);
        if (!written || written.mtime >= moment) continue;
        // Whoever wrote such a one died meanwhile; it has no name that anybody knows.
        if (name.endsWith('.part')) await rm(path, { force: true });
        else if (isId(name)) yield name;
      }
    }
  }

  // Ids are ours, yet only an id ever becomes a path. The last two digits are random, so folders stay small.
  private pathOf(id: string): string {
    if (!isId(id)) throw new Error('A file is named by an id');
    return join(this.folder, id.slice(-2), id);
  }
}

/** What a folder holds; none, or something that is no folder, holds nothing. */
const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** A name is on the disk once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
