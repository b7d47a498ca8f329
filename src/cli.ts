import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { SignInService, UsersService } from './access/index.js';
import { createContext } from './app.js';
import { DemoClock } from './demo-cast.js';
import { demoPassword, loadDemo } from './demo.js';
import { ImportsService, sentenceOfRow } from './imports/index.js';
import { LedgerCheck } from './ledger/index.js';
import { Matcher } from './people/index.js';
import { Keyring } from './platform/encryption.js';
import { closeAtEnd, openRuntime, runOnce, say } from './process.js';

const USAGE = `npm run cli -- COMMAND
  migrate                        bring the schema up to date
  demo                           load the demo's data
  import KIND FILE               KIND is history (with --fund CODE) or organisations
    --fund CODE --dry-run
  people index                   find people by their names who were written before there was an index
  ledger verify                  recompute the books; one line for each difference, and exit code 1
  api-key create EMAIL           print a key for programs, alone on the last line
  keys create FILE               make a key file, for KEYRING`;

type Command = (app: INestApplicationContext, clock: DemoClock) => Promise<void>;

/** What the arguments ask for. @throws Error with the usage when they ask for nothing known. */
function commandOf(): Command {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { fund: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } },
  });
  const [command, ...rest] = positionals;
  if (command === 'migrate') return () => Promise.resolve(say('The schema is up to date.'));
  if (command === 'demo') return demo;
  if (command === 'import' && rest.length === 2) {
    return importFile(rest[0]!, rest[1]!, { fundCode: values.fund, dryRun: values['dry-run'] });
  }
  if (command === 'ledger' && rest[0] === 'verify') return verifyLedger;
  if (command === 'people' && rest[0] === 'index') return indexPeople;
  if (command === 'api-key' && rest[0] === 'create' && rest[1]) {
    const email = rest[1];
    return async (app) => say(await app.get(SignInService).createApiKey(email));
  }
  throw new Error(USAGE);
}

const demo: Command = async (app, clock) => {
  const password = demoPassword();
  const lines = await loadDemo(app, clock, password);
  for (const line of lines) say(line);
  say(`Password of all of them: ${password}`);
};

const indexPeople: Command = async (app) => say(JSON.stringify(await app.get(Matcher).catchUp()));

const verifyLedger: Command = async (app) => {
  const { differences, ...counts } = await app.get(LedgerCheck).run();
  for (const { code, ids, expected, found } of differences) {
    say(`${code} ${JSON.stringify(ids)} expected ${expected}, found ${found}`);
  }
  if (differences.length > 0) throw new Error(`The books do not agree: ${differences.length} differences.`);
  const counted = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  say(`ok: ${counted.join(', ')}`);
};

function importFile(kind: string, path: string, options: { fundCode?: string; dryRun: boolean }): Command {
  if (kind !== 'history' && kind !== 'organisations') throw new Error(USAGE);
  return async (app) => {
    const admin = await app.get(UsersService).oldestAdmin();
    if (!admin) throw new Error('There is no administrator yet in whose name to import.');
    const result = await app.get(ImportsService).runNow(admin.id, { kind, ...options }, await readFile(path));
    for (const error of result.errors)
      say(`${error.row}: ${error.column ?? ''} ${sentenceOfRow(error, 'ja')}`);
    say(JSON.stringify(result.summary));
    if (result.status !== 'done') throw new Error('Nothing was imported.');
  };
}

/** Makes a key file; needs no database. @throws Error when the file exists: a key file is never overwritten. */
function createKeys(path: string): void {
  if (existsSync(path)) throw new Error(`${path} exists already and stays as it is.`);
  Keyring.read(path, { create: true });
  say(`Made ${path}. Keep a copy of it apart from the backups: without it the files cannot be read.`);
}

runOnce(async () => {
  const [first, second, path] = process.argv.slice(2);
  if (first === 'keys' && second === 'create' && path) return createKeys(path);
  const command = commandOf();
  const clock = new DemoClock();
  const app = await createContext(await openRuntime({ join: true }), { clock });
  closeAtEnd(() => app.close());
  await command(app, clock);
});
