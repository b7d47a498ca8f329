import 'dotenv/config';
import { openDatabase } from './platform/open-database.js';
import { Runtime } from './platform/runtime.js';
import { readSettings } from './platform/settings.js';

/** Says a line to whoever started this process. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

const closers: (() => Promise<void>)[] = [];
let ending = false;

/** Remembers what has to be closed when this process ends; what was opened last is closed first. */
export const closeAtEnd = (close: () => Promise<void>): void => void closers.unshift(close);

async function closeAll(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

/** Opens what every entry needs, and closes it at the end. `join` lets a command use the server that is running. */
export async function openRuntime({ join = false, isDemo = false } = {}): Promise<Runtime> {
  const settings = readSettings(process.env);
  const database = await openDatabase(settings, say, { join });
  closeAtEnd(() => database.close());
  return new Runtime(settings, database.appUrl, isDemo);
}

/** Ends on the first SIGTERM or SIGINT, in order, at whatever point of starting or working it comes. */
function endOnSignal(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      void closeAll().then(() => process.exit(0), fail);
    });
  }
}

/** A failure is one line (or one a fault) on stderr and exit code 1. */
function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

// What fails because everything is being closed is no failure.
const failUnlessEnding = async (error: unknown): Promise<void> => {
  if (ending) return;
  ending = true;
  await closeAll().catch(fail);
  fail(error);
};

/** Runs an entry that stays: it serves until it is told to end. */
export function serve(entry: () => Promise<void>): void {
  endOnSignal();
  entry().catch(failUnlessEnding);
}

/** Runs an entry that ends by itself. */
export function runOnce(entry: () => Promise<void>): void {
  endOnSignal();
  entry().then(closeAll).catch(failUnlessEnding);
}
