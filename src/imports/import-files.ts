import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { Keyring } from '../platform/encryption.js';
import { FileStore } from '../platform/files.js';

const placeOf = (importId: string): string => `imports.file:${importId}`;

/**
 * The spreadsheets that wait, sealed by the keyring, under the id of their import. A file goes when its import has
 * ended; that of a good dry run when it is imported, or a week later with the next import.
 */
@Injectable()
export class ImportFiles {
  constructor(
    private readonly files: FileStore,
    private readonly keyring: Keyring,
  ) {}

  keep(importId: string, bytes: Buffer): Promise<void> {
    return this.files.write(importId, [this.keyring.sealing().sealBytes(bytes, placeOf(importId))]);
  }

  async open(importId: string): Promise<Buffer> {
    const sealed = await buffer(this.files.read(importId));
    return this.keyring.keyOf(sealed).openBytes(sealed, placeOf(importId));
  }

  remove(importId: string): Promise<void> {
    return this.files.remove(importId);
  }
}
