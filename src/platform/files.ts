import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isId, newId } from '../kernel/ids.js';

/** The port to where files lie. They arrive encrypted: a store never sees what is in them. */
export abstract class FileStore {
  /** Keeps bytes under an id; they are on the disk when this resolves. Writing the same id again replaces them. */
  abstract write(id: string, bytes: Buffer): Promise<void>;
  /** @throws Error when there is no such file. */
  abstract read(id: string): Promise<Buffer>;
  abstract remove(id: string): Promise<void>;
}

/** Files in a folder of this machine. */
export class FolderStore extends FileStore {
  constructor(private readonly folder: string) {
    super();
  }

  async write(id: string, bytes: Buffer): Promise<void> {
    const path = this.pathOf(id);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    const unfinished = `${path}.${newId()}.part`;
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  }

  read(id: string): Promise<Buffer> {
    return readFile(this.pathOf(id));
  }

  remove(id: string): Promise<void> {
    return rm(this.pathOf(id), { force: true });
  }

  // Ids are ours, yet only an id ever becomes a path. The last two digits are random, so folders stay small.
  private pathOf(id: string): string {
    if (!isId(id)) throw new Error('A file is named by an id');
    return join(this.folder, id.slice(-2), id);
  }
}
