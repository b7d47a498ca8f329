import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processStart } from './embedded-postgres-lock.js';
import type { Place } from './embedded-postgres-place.js';

const READY_MS = 60_000;
const STOP_MS = 30_000;
const POLL_MS = 50;
const LOG_BYTES = 10_000_000;
const LOG_CHECK_MS = 60_000;

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements and details of an error hold personal data; whoever sent the statement gets the error itself.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** The folder that initdb fills gets its true name when it is whole; this begins the name it has before. */
export const DRAFT = 'postgres.new-';

/** A running server. `exited` resolves with how it ended, also when nobody asked for it. */
export interface Server {
  port: number;
  pid: number;
  exited: Promise<string>;
  stop(): Promise<void>;
}

/** PostgreSQL's programs get none of our environment, which may hold secrets and settings of other servers. */
function spawnOptions(place: Place): SpawnOptions {
  const bare = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  const env = process.platform === 'win32' ? { ...process.env, ...bare } : bare;
  // A process group of its own: Ctrl-C in the terminal reaches us, and we stop the server when we are ready.
  return { ...place.runAs, cwd: place.base, env, detached: true, windowsHide: true };
}

/** Resolves with how the child ended; if this process ends before, the child is told to stop. */
function whenExited(child: ChildProcess): Promise<string> {
  const stopWithUs = (): void => void child.kill('SIGINT');
  process.once('exit', stopWithUs);
  return new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  }).finally(() => process.off('exit', stopWithUs));
}

/**
 * Runs one of PostgreSQL's programs to its end, with `input` on its standard input.
 * @throws Error with the last fault it named when it did not end well
 */
export async function run(place: Place, program: string, args: string[], input = ''): Promise<void> {
  const child = spawn(program, args, { ...spawnOptions(place), stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4096)));
  }
  child.stdin!.on('error', () => {}).end(input);
  const end = await whenExited(child);
  if (end !== 'exit code 0') {
    const lines = output.trim().split('\n');
    const fault = lines.findLast((line) => /error|FATAL|PANIC/.test(line)) ?? lines.at(-1);
    throw new Error(`PostgreSQL's ${basename(program)} failed (${end}): ${fault}`);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

const linesOf = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
};

/** What the server said last of itself, in one line. Errors of statements are left out: they can hold personal data. */
export function lastWords(log: string): string {
  const own = linesOf(log).filter((line) => /(LOG|FATAL|PANIC): /.test(line));
  return own.slice(-3).join(' | ') || 'no word in its log';
}

/** Calls `kill`; that the process has ended meanwhile is no error. */
function unlessEnded(pid: number, kill: () => void): void {
  try {
    kill();
  } catch (error) {
    if (processStart(pid) !== null) throw error;
  }
}

function signal(place: Place, pid: number, name: 'INT' | 'QUIT'): void {
  // Windows has no signals: PostgreSQL listens to a pipe there, which its own tool knows.
  if (process.platform === 'win32') execFileSync(place.binaries.pg_ctl, ['kill', name, String(pid)]);
  else process.kill(pid, `SIG${name}`);
}

/** Asks a server to shut down fast (a clean end of all sessions, then a checkpoint), and later more firmly. */
async function stopServer(place: Place, pid: number): Promise<void> {
  const start = processStart(pid);
  const isThere = (): boolean => start !== null && processStart(pid) === start;
  for (const name of ['INT', 'QUIT'] as const) {
    if (isThere()) unlessEnded(pid, () => signal(place, pid, name));
    const until = Date.now() + STOP_MS;
    while (isThere() && Date.now() < until) await delay(POLL_MS);
  }
  if (isThere()) throw new Error(`PostgreSQL's process ${pid} does not stop`);
}

/** Every process that we may see, with its command line; empty on Windows, which does not tell. */
function commandLines(): Map<number, string> {
  if (process.platform === 'win32') return new Map();
  if (process.platform !== 'linux') {
    const rows = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
    return new Map(rows.map((row) => [Number.parseInt(row, 10), `${row.trim().replace(/^\d+ +/, '')} `]));
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(
    pids.map((pid) => [Number(pid), linesOf(`/proc/${pid}/cmdline`).join('\n').replaceAll('\0', ' ')]),
  );
}

/**
 * Ends what a killed process left: an initdb that fills a folder which nobody will use, and a server that goes on
 * by itself. Needs the lock on the data directory: what runs there then belongs to nobody.
 */
export async function stopOrphans(place: Place, say: (line: string) => void): Promise<void> {
  const commands = commandLines();
  for (const [pid, command] of commands) {
    if (!command.includes(`/initdb -D ${join(place.base, DRAFT)}`)) continue;
    // It leads a process group, with the servers that it runs one after the other.
    unlessEnded(pid, () => process.kill(-pid, 'SIGKILL'));
    while (processStart(pid) !== null) await delay(POLL_MS);
  }
  const pidFile = join(place.base, 'postgres', 'postmaster.pid');
  const pid = Number(linesOf(pidFile)[0]);
  const command = commands.get(pid);
  if (command === undefined) return;
  if (command.includes(`/postgres -D ${join(place.base, 'postgres')} `)) {
    say(`Stopping PostgreSQL's process ${pid}, which a killed process left behind`);
    await stopServer(place, pid);
  }
  // If the file is still there, its id belongs to another program or to a zombie, and PostgreSQL would take that for
  // a running server. The file must stay, as it names the memory that sessions of the dead server may still use; the
  // id of its own parent is one that PostgreSQL knows not to be a server's.
  const [, ...rest] = linesOf(pidFile);
  if (rest.length > 0) writeFileSync(pidFile, [process.pid, ...rest].join('\n'));
}

/**
 * Starts the server on `place.base/postgres` and waits until it is ready, on a free port of the loopback address.
 * A port that another program took in between, and processes of a killed server that still hold its memory, are
 * waited out.
 * @throws Error with the log's last lines when the server is not ready within 60 seconds
 */
export async function launch(place: Place, log: string, settings: Record<string, string>): Promise<Server> {
  const until = Date.now() + READY_MS;
  closeSync(openSync(log, 'w', 0o600));
  for (;;) {
    const server = await spawnServer(place, log, settings);
    const fault = await faultUntilReady(place, server, until);
    if (fault === null) return server;
    await server.stop();
    const words = lastWords(log);
    const canPass = /Address already in use|still in use/.test(words) && Date.now() < until;
    if (!canPass) throw new Error(`PostgreSQL did not start (${fault}): ${words}`);
    await delay(10 * POLL_MS);
  }
}

async function spawnServer(place: Place, log: string, settings: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const all = Object.entries({ ...SETTINGS, ...settings, port: String(port) });
  const args = [
    '-D',
    join(place.base, 'postgres'),
    ...all.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  const output = openSync(log, 'a');
  const child = spawn(place.binaries.postgres, args, {
    ...spawnOptions(place),
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const trim = setInterval(() => trimLog(log), LOG_CHECK_MS).unref();
  let isRunning = child.pid !== undefined;
  const exited = whenExited(child).finally(() => {
    isRunning = false;
    clearInterval(trim);
  });
  const stop = async (): Promise<void> => {
    if (isRunning) await stopServer(place, child.pid!);
    await exited;
  };
  return { port, pid: child.pid ?? 0, exited, stop };
}

/** Keeps the log bounded: the server appends, so it goes on at the new end. */
function trimLog(log: string): void {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES) truncateSync(log);
}

/** Null when the server accepts connections: it then writes `ready` as the eighth line of its pid file. */
async function faultUntilReady(place: Place, server: Server, until: number): Promise<string | null> {
  while (Date.now() < until) {
    const lines = linesOf(join(place.base, 'postgres', 'postmaster.pid'));
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return null;
    const end = await Promise.race([server.exited, delay(POLL_MS)]);
    if (end !== undefined) return end;
  }
  return `not ready after ${READY_MS / 1000} seconds`;
}
