import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { Keyring, SealingKey } from '../platform/encryption.js';
import { FileStore } from '../platform/files.js';
import type { Import } from './import.entity.js';

const placeOf = (importId: string): string => `imports.file:${importId}`;
const placeOfKey = (importId: string): string => `imports.file_key:${importId}`;

/**
 * The spreadsheets that wait, under the id of their import. Each has a key of its own, wrapped by the keyring in the
 * import's row, so that no file has to change when the keyring does. A file goes when its import has ended; that of a
 * good dry run when it is imported, or a week later with the next import.
 */
@Injectable()
export class ImportFiles {
  constructor(
    private readonly files: FileStore,
    private readonly keyring: Keyring,
  ) {}

  /** Keeps the file and gives its key, for the row. */
  async keep(importId: string, bytes: Buffer): Promise<SealingKey> {
    const key = SealingKey.create();
    await this.files.write(importId, [key.sealBytes(bytes, placeOf(importId))]);
    return key;
  }

  /** A file's key as the row keeps it. */
  wrap(importId: string, key: SealingKey): Buffer {
    return key.wrapWith(this.keyring.sealing(), placeOfKey(importId));
  }

  async open({ id, fileKey }: Pick<Import, 'id' | 'fileKey'>): Promise<Buffer> {
    const sealed = await buffer(this.files.read(id));
    // A file from before files had keys was sealed by the keyring itself.
    const key = fileKey
      ? SealingKey.unwrap(fileKey, this.keyring.keyOf(fileKey), placeOfKey(id))
      : this.keyring.keyOf(sealed);
    return key.openBytes(sealed, placeOf(id));
  }

  remove(importId: string): Promise<void> {
    return this.files.remove(importId);
  }
}
