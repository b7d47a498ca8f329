import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Holder {
  pid: number;
  /** What `processStart` said of the holder: tells it from a later process with the same id. */
  start: string;
  since: string;
}

/** Another living process holds the data directory; the message says which one, and since when. */
export class DataDirLocked extends Error {
  constructor(
    readonly dataDir: string,
    readonly pid: number,
    readonly since: string,
  ) {
    super(`DATA_DIR ${dataDir} is in use by process ${pid} since ${since}`);
    this.name = 'DataDirLocked';
  }
}

/** Generations below the newest that are kept, so that a listing in progress always sees a later one. */
const KEPT_GENERATIONS = 3;

/** Reads, and gives null instead of an error when there is nothing (more) to read. */
function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** True if a process with this id exists, whoever owns it. A zombie counts here: only `processStart` knows. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a process started, as a text that is the same at each call and differs for a later process with the same
 * id; '' where the system does not tell (Windows). Null if there is no such process, or only a zombie of it.
 */
export function processStart(pid: number): string | null {
  if (!exists(pid)) return null;
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat !== null) {
    // The name in parentheses may hold anything. After it come the state (field 3) and, as field 22, the start
    // in ticks since boot: the boot's own id makes that unique.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const dead = fields[0] === 'Z' || fields[0] === 'X';
    return dead ? null : `${readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''} ${fields[19]}`;
  }
  if (process.platform === 'win32' || process.platform === 'linux') return exists(pid) ? '' : null;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

function isAlive(holder: Holder): boolean {
  const start = processStart(holder.pid);
  return start !== null && (start === '' || holder.start === '' || start === holder.start);
}

const folderOf = (dataDir: string): string => join(dataDir, 'postgres.lock');

function newest(folder: string): number {
  const generations = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  return Math.max(0, ...generations.map(Number));
}

/** The holder that a generation's file names; null if it was given back, removed, or never got to the disk. */
function holderOf(folder: string, generation: number): Holder | null {
  const text = readIfThere(join(folder, String(generation)));
  try {
    const holder = JSON.parse(text ?? 'null') as Holder | null;
    return Number.isInteger(holder?.pid) ? holder : null;
  } catch {
    return null;
  }
}

/** The living process that holds this data directory, or null. */
export function dataDirHolder(dataDir: string): { pid: number; since: string } | null {
  try {
    const folder = folderOf(dataDir);
    const holder = holderOf(folder, newest(folder));
    return holder && isAlive(holder) ? holder : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function removeOld(folder: string, mine: number): void {
  for (const name of readdirSync(folder)) {
    const draft = /^draft-(\d+)-/.exec(name);
    const isOld = /^\d+$/.test(name) && Number(name) < mine - KEPT_GENERATIONS;
    if (isOld || (draft && processStart(Number(draft[1])) === null))
      rmSync(join(folder, name), { force: true });
  }
}

/**
 * Takes the data directory for this process. A holder that was killed is recognised by its process id and start
 * time and loses it; of two that come at the same moment one gets it.
 *
 * Each holder adds a file with the next number, and the file with the highest number says who holds the lock. A
 * file appears whole and only once (hard link), and the highest is never removed, so a dead holder's lock is not
 * broken but outnumbered, and only one can do that. Whoever was late finds a higher number than its own.
 * @param dataDir the existing directory's real path; `shownAs` is how an error names it
 * @returns gives the lock back; calling it twice does no harm
 * @throws DataDirLocked when a living process (also this one) holds it
 */
export function lockDataDir(dataDir: string, shownAs = dataDir): () => void {
  const folder = folderOf(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const since = new Date().toISOString();
  const draft = join(folder, `draft-${process.pid}-${randomUUID()}`);
  const write = (holder: Holder | null) => writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  write({ pid: process.pid, start: processStart(process.pid) ?? '', since });
  try {
    for (;;) {
      const top = newest(folder);
      const holder = holderOf(folder, top);
      if (holder && isAlive(holder)) throw new DataDirLocked(shownAs, holder.pid, holder.since);
      const mine = join(folder, String(top + 1));
      try {
        linkSync(draft, mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      if (newest(folder) > top + 1) {
        rmSync(mine, { force: true });
        continue;
      }
      removeOld(folder, top + 1);
      return () => {
        write(null);
        renameSync(draft, mine);
      };
    }
  } finally {
    rmSync(draft, { force: true });
  }
}
