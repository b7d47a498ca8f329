import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Injectable } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { isId } from '../kernel/ids.js';
import { Db } from '../platform/db.js';
import { Runtime } from '../platform/runtime.js';

const TOMBSTONE_KINDS = ['person', 'case', 'request', 'attachment'] as const;

/** Whose key was destroyed. */
export interface Tombstone {
  id: string;
  kind: (typeof TOMBSTONE_KINDS)[number];
}

/**
 * The ids of everything that was forgotten, one JSON line each, beside the keyring and so outside of every backup. Lines
 * are only ever added. Nothing else of anybody stands there, and no key.
 */
@Injectable()
export class TombstoneFile {
  readonly path: string;

  constructor(
    runtime: Runtime,
    private readonly db: Db,
  ) {
    this.path = `${runtime.settings.keyringPath}.forgotten`;
  }

  /** All of them, in the order in which they were written. A line that a crash cut off was not written. */
  async read(): Promise<Tombstone[]> {
    return (await this.text()).split('\n').flatMap((line) => tombstoneOf(line) ?? []);
  }

  /** Adds those that are not there yet; they are on the disk when this resolves. One process at a time writes. */
  async add(tombstones: readonly Tombstone[]): Promise<void> {
    await this.db.write(onDuty('forgetter'), async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtext('sasae.tombstones'))`);
      const text = await this.text();
      const known = new Set(text.split('\n').map((line) => tombstoneOf(line)?.id));
      const fresh = tombstones.filter(({ id }) => !known.has(id));
      if (fresh.length === 0) return;
      // What a crash cut off must not swallow the next line.
      const gap = text === '' || text.endsWith('\n') ? '' : '\n';
      await append(this.path, gap + fresh.map((one) => `${JSON.stringify(one)}\n`).join(''));
    });
  }

  private async text(): Promise<string> {
    try {
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }
}

function tombstoneOf(line: string): Tombstone | null {
  try {
    const { id, kind } = JSON.parse(line) as Tombstone;
    return isId(id) && TOMBSTONE_KINDS.includes(kind) ? { id, kind } : null;
  } catch {
    return null;
  }
}

async function append(path: string, text: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  // Its name too has to outlive a loss of power.
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
