import { findEmbeddedPostgres, startEmbeddedPostgres, type DatabaseUrls } from './embedded-postgres.js';
import { migrate, whyNotReady } from './migrate.js';
import type { Settings } from './settings.js';

/** A database that is reachable and whose schema is up to date. */
export interface OpenDatabase {
  appUrl: string;
  /** Stops the server if this process started it. */
  close(): Promise<void>;
}

type Say = (line: string) => void;

/**
 * Finds or starts PostgreSQL and brings its schema up to date: the one of `DATABASE_URL`, else the embedded one.
 * With `join`, an embedded server that another process runs is used as it is; without, this process must hold it.
 * @throws Error in one line when migrations are pending and no owner is named, or another process holds `DATA_DIR`.
 */
export async function openDatabase(
  settings: Settings,
  say: Say,
  { join = false } = {},
): Promise<OpenDatabase> {
  if (settings.DATABASE_URL) {
    const urls = { appUrl: settings.DATABASE_URL, ownerUrl: settings.DATABASE_OWNER_URL };
    await prepare(urls, say);
    return { appUrl: urls.appUrl, close: () => Promise.resolve() };
  }
  const running = join ? await findEmbeddedPostgres(settings.dataDir) : null;
  if (running) {
    await prepare(running, say);
    return { appUrl: running.appUrl, close: () => Promise.resolve() };
  }
  const server = await startEmbeddedPostgres({
    dataDir: settings.dataDir,
    say,
    // Without its database this process is of no use: it ends in order, and whoever watches it starts it again.
    onExit: () => process.kill(process.pid, 'SIGTERM'),
  });
  try {
    await prepare(server, say);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { appUrl: server.appUrl, close: () => server.stop() };
}

async function prepare(urls: Partial<DatabaseUrls> & { appUrl: string }, say: Say): Promise<void> {
  if (urls.ownerUrl) {
    const done = await migrate({ appUrl: urls.appUrl, ownerUrl: urls.ownerUrl });
    if (done.length > 0) say(`Ran ${done.length} migrations.`);
  }
  const reason = await whyNotReady(urls.appUrl);
  if (reason) throw new Error(reason);
}
