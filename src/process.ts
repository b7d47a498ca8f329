import 'dotenv/config';
import { openDatabase, type OpenDatabase } from './platform/open-database.js';
import { Runtime } from './platform/runtime.js';
import { readSettings } from './platform/settings.js';

/** Says a line to whoever started this process. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Opens what every entry needs. `join` lets a command use the server that is running already. */
export async function openRuntime({ join = false } = {}): Promise<{
  runtime: Runtime;
  database: OpenDatabase;
}> {
  const settings = readSettings(process.env);
  const database = await openDatabase(settings, say, { join });
  return { runtime: new Runtime(settings, database.appUrl), database };
}

/** Runs an entry; a failure is one line (or one a fault) on stderr and exit code 1. */
export function run(entry: () => Promise<void>): void {
  entry().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}

/** Calls `close` once on the first SIGTERM or SIGINT, then ends the process. */
export function closeOnSignal(close: () => Promise<void>): void {
  let closing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (closing) return;
      closing = true;
      run(async () => {
        await close();
        process.exit(0);
      });
    });
  }
}
