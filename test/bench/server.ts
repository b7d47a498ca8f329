import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { LedgerQueries } from '../../src/ledger/index.js';
import { SystemClock } from '../../src/platform/clock.js';
import { databaseOptions } from '../../src/platform/database.js';
import { Db } from '../../src/platform/db.js';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.js';
import { Keyring } from '../../src/platform/encryption.js';
import { migrate } from '../../src/platform/migrate.js';
import { Runtime } from '../../src/platform/runtime.js';
import { readSettings } from '../../src/platform/settings.js';
import { cloneDatabase } from '../house.js';
import { fillBooks } from './books.js';

/** The embedded PostgreSQL as the product starts it, with its default durability, in a folder of its own. */
export async function openServer(): Promise<{ close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sasae-bench-'));
  const server = await startEmbeddedPostgres({ dataDir, say: () => {} });
  await migrate(server);
  // Where `openHouse` and `cloneDatabase` find it.
  process.env.TEST_OWNER_URL = server.ownerUrl;
  process.env.TEST_APP_URL = server.appUrl;
  return {
    close: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Books of about this many transfers, and what reads them as the application does. */
export interface Books {
  transfers: number;
  db: Db;
  queries: LedgerQueries;
  close(): Promise<void>;
}

export async function openBooks(transfers: number): Promise<Books> {
  const { appUrl, ownerUrl } = await cloneDatabase();
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const made = await fillBooks(owner, transfers).finally(() => owner.end());
  const source = await new DataSource(databaseOptions(appUrl)).initialize();
  const runtime = new Runtime(readSettings({}), appUrl);
  return {
    transfers: made,
    db: new Db(source, new SystemClock(), Keyring.inMemory(), runtime),
    queries: new LedgerQueries(runtime),
    close: () => source.destroy(),
  };
}
