import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { dataDirHolder, lockDataDir } from './embedded-postgres-lock.js';
import { findPlace, giveTo, holdsDatabase, type Place } from './embedded-postgres-place.js';
import { DRAFT, lastWords, launch, run, type Server, stopOrphans } from './embedded-postgres-server.js';

export { DataDirLocked } from './embedded-postgres-lock.js';

export interface DatabaseUrls {
  ownerUrl: string;
  appUrl: string;
}

export interface EmbeddedPostgres extends DatabaseUrls {
  /** Shuts the server down cleanly and gives the data directory back; calling it again waits for the same end. */
  stop(): Promise<void>;
}

type Settings = Record<string, string>;

export interface EmbeddedPostgresOptions {
  dataDir: string;
  /** Takes each line meant for the one who runs the program; none holds a secret. */
  say: (line: string) => void;
  /** PostgreSQL's own settings (`postgres -c key=value`). */
  settings?: Settings;
  /** Called once if the server ends without `stop()`; `stop()` is then still needed to give the lock back. */
  onExit?: (reason: string) => void;
}

/** What postgres.json holds: always the first two, the others while a server runs. */
interface State extends Partial<DatabaseUrls> {
  folder: string;
  passwords: { superuser: string; owner: string; app: string };
  host?: string;
  port?: number;
  /** The process that holds the server: ours, not PostgreSQL's. */
  pid?: number;
}

const HOST = '127.0.0.1';
const DATABASE = 'sasae';
const FIND_TIMEOUT_MS = 3_000;

/**
 * Starts the PostgreSQL of the npm package on `dataDir/postgres`, making it the first time, and resolves when it
 * accepts connections on a free port of the loopback address. It holds the database `sasae`, the role
 * `sasae_owner` (owns the database and its schema `public`, may create databases) and the role `sasae_app` (owns
 * nothing, is bound by row-level security). How to reach it stands in `dataDir/postgres.json`, mode 0600.
 *
 * It may be killed at any moment: the next start ends what was left running and finishes what was begun.
 * @throws DataDirLocked when a living process, also this one, runs a server there
 * @throws Error in one line when the server cannot be made or started
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { say, settings = {} } = options;
  mkdirSync(dirname(options.dataDir), { recursive: true });
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(options.dataDir);
  const unlock = lockDataDir(dataDir, options.dataDir);
  let server: Server | undefined;
  try {
    const state = readState(dataDir);
    const place = await findPlace(dataDir, state?.folder, say);
    await stopOrphans(place, say);
    const passwords = state?.passwords ?? newPasswords();
    const kept = { folder: join(place.base, 'postgres'), passwords };
    await makeDatabase(place, dataDir, kept, settings);
    const log = join(dataDir, 'postgres.log');
    server = await launch(place, log, settings);
    await makeRoles(server.port, passwords);
    const urls = urlsOf(server.port, passwords);
    writeState(dataDir, { ...kept, host: HOST, port: server.port, pid: process.pid, ...urls });
    const giveBack = (): void => {
      try {
        writeState(dataDir, kept);
      } finally {
        unlock();
      }
    };
    return { ...urls, stop: watch(server, log, options, giveBack) };
  } catch (error) {
    await server?.stop().catch(() => {});
    unlock();
    throw error;
  }
}

/**
 * The server that a living process runs on this data directory, proved by a connection, or null.
 * @throws Error when `postgres.json` belongs to another user
 */
export async function findEmbeddedPostgres(dataDir: string): Promise<DatabaseUrls | null> {
  if (!existsSync(dataDir)) return null;
  const holder = dataDirHolder(realpathSync(dataDir));
  const state = holder && readState(dataDir);
  if (!state?.ownerUrl || !state.appUrl || state.pid !== holder?.pid) return null;
  try {
    await query({ connectionString: state.appUrl, connectionTimeoutMillis: FIND_TIMEOUT_MS }, (client) =>
      client.query('SELECT 1'),
    );
    return { ownerUrl: state.ownerUrl, appUrl: state.appUrl };
  } catch {
    return null;
  }
}

const stateFile = (dataDir: string): string => join(dataDir, 'postgres.json');

const newPasswords = (): State['passwords'] => ({
  superuser: newPassword(),
  owner: newPassword(),
  app: newPassword(),
});
const newPassword = (): string => randomBytes(24).toString('base64url');

/** Null if there is none, or it is not whole: new passwords are then made and set. */
function readState(dataDir: string): State | null {
  if (!existsSync(stateFile(dataDir))) return null;
  const text = readFileSync(stateFile(dataDir), 'utf8');
  try {
    const state = JSON.parse(text) as Partial<State> | null;
    const { superuser, owner, app } = state?.passwords ?? {};
    return state?.folder && superuser && owner && app ? (state as State) : null;
  } catch {
    return null;
  }
}

/** Replaces the file as a whole, on the disk before it is seen: a kill leaves the old one or the new one. */
function writeState(dataDir: string, state: State): void {
  const draft = `${stateFile(dataDir)}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(draft, stateFile(dataDir));
}

function urlsOf(port: number, passwords: State['passwords']): DatabaseUrls {
  const url = (role: string, password: string) =>
    `postgres://${role}:${password}@${HOST}:${port}/${DATABASE}`;
  return { ownerUrl: url('sasae_owner', passwords.owner), appUrl: url('sasae_app', passwords.app) };
}

/** Makes the database's folder if there is none, and makes one that is there fit to start. */
async function makeDatabase(place: Place, dataDir: string, kept: State, settings: Settings): Promise<void> {
  for (const name of readdirSync(place.base).filter((name) => name.startsWith(DRAFT))) {
    // A process of a killed initdb may still be writing there.
    await rm(join(place.base, name), { recursive: true, force: true, maxRetries: 20 });
  }
  if (!holdsDatabase(kept.folder)) {
    writeState(dataDir, kept);
    await initialise(place, kept, settings);
    return;
  }
  // Restored by root, for example.
  if (lstatSync(kept.folder).uid === 0) giveTo(place.runAs, kept.folder);
  if (!readState(dataDir)) await resetPassword(place, kept);
  // Also takes out how a killed server was reached.
  writeState(dataDir, kept);
}

/** postgres.json was lost: nobody can sign in, but who owns the folder may work on it without a server. */
async function resetPassword(place: Place, { folder, passwords }: State): Promise<void> {
  const sql = `ALTER ROLE postgres PASSWORD ${pg.escapeLiteral(passwords.superuser)}\n`;
  const settings = ['-c', 'exit_on_error=true', '-c', 'log_min_error_statement=panic'];
  await run(place, place.binaries.postgres, ['--single', '-D', folder, ...settings, 'postgres'], sql);
}

/** Fills a folder under another name and renames it when whole, so that no kill leaves half a database. */
async function initialise(place: Place, { folder, passwords }: State, settings: Settings): Promise<void> {
  const draft = join(place.base, DRAFT + randomUUID());
  const passwordFile = `${draft}.password`;
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, passwords.superuser, { mode: 0o600 });
  try {
    for (const path of [draft, passwordFile]) giveTo(place.runAs, path);
    const args = ['-D', draft, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
    if (settings.fsync === 'off') args.push('--no-sync');
    await run(place, place.binaries.initdb, args);
    renameSync(draft, folder);
    syncFolder(place.base);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Brings a rename in that folder to the disk. Windows cannot, and needs not. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** Makes the roles and the database, or what is missing of them: a kill in between is mended by the next start. */
async function makeRoles(port: number, { superuser, owner, app }: State['passwords']): Promise<void> {
  const login = { host: HOST, port, user: 'postgres', password: superuser };
  await query({ ...login, database: 'postgres' }, async (client) => {
    // CREATEDB: tests clone a migrated database.
    await makeRole(client, 'sasae_owner', 'CREATEDB', owner);
    await makeRole(client, 'sasae_app', 'NOCREATEDB', app);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER sasae_owner`);
  });
  await query({ ...login, database: DATABASE }, (client) =>
    client.query(`
      ALTER SCHEMA public OWNER TO sasae_owner;
      REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      GRANT USAGE ON SCHEMA public TO sasae_app`),
  );
}

async function makeRole(client: pg.Client, name: string, rights: string, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${name} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE
    NOREPLICATION ${rights} PASSWORD ${pg.escapeLiteral(password)}`);
}

/** A connection for the time of `work`. */
async function query(options: pg.ClientConfig, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ ...options, ssl: false });
  // A server that dies meanwhile also fails the query; the event alone would end this process.
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}

/** Follows the server: says if it ends by itself, and gives the function that ends it. */
function watch(
  server: Server,
  log: string,
  { say, onExit }: EmbeddedPostgresOptions,
  giveBack: () => void,
): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  void server.exited.then((end) => {
    if (stopping) return;
    const reason = `PostgreSQL ended by itself (${end}): ${lastWords(log)}`;
    say(reason);
    onExit?.(reason);
  });
  return () => (stopping ??= server.stop().then(giveBack));
}
