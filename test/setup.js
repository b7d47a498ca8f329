import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../dist/src/platform/embedded-postgres.js';
import { migrate } from '../dist/src/platform/migrate.js';

/** Starts one real PostgreSQL for the whole run, with a migrated database that each test file clones. */
export default async function setup() {
  const dataDir = mkdtempSync(join(tmpdir(), 'sasae-test-'));
  // Only speed is given up: what a crash of the process leaves behind is tested on a server with its defaults.
  const settings = { fsync: 'off', synchronous_commit: 'off', max_connections: '300' };
  const server = await startEmbeddedPostgres({ dataDir, say: () => {}, settings });
  await migrate(server);
  process.env.TEST_OWNER_URL = server.ownerUrl;
  process.env.TEST_APP_URL = server.appUrl;
  // What nothing of the product holds: a role that row-level security does not bind.
  const { passwords } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8'));
  process.env.TEST_SUPERUSER_URL = server.appUrl.replace(/\/\/[^@]+@/, `//postgres:${passwords.superuser}@`);
  globalThis.stopTestDatabase = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
