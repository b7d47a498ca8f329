import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { ApiKeys, SCOPES, UsersService, type Scope } from './access/index.js';
import { createContext } from './app.js';
import { DemoClock } from './demo-cast.js';
import { demoPassword, loadDemo } from './demo.js';
import { ImportsService, sentenceOfRow } from './imports/index.js';
import { LedgerCheck } from './ledger/index.js';
import { LogSeals } from './log/index.js';
import { Matcher } from './people/index.js';
import { Keyring } from './platform/encryption.js';
import { KeyRotation } from './platform/key-rotation.js';
import { closeAtEnd, openRuntime, runOnce, say } from './process.js';

const USAGE = `npm run cli -- COMMAND
  migrate                        bring the schema up to date
  demo                           load the demo's data
  import KIND FILE               KIND is history (with --fund CODE) or organisations
    --fund CODE --dry-run
  people index                   find people by their names who were written before there was an index
  ledger verify                  recompute the books; one line for each difference, and exit code 1
  audit verify                   compare the log with its seals; one line for each difference, and exit code 1
    --head DIGEST                that of a seal which must be there, as an earlier verification printed it
  api-key create EMAIL           print a key for programs, alone on the last line
    --scope read                 one that only reads
  user reset EMAIL               print a one-time link to choose a new password
  user reset-factor EMAIL        forget a lost second factor
  user make-admin EMAIL          when no administrator is left
  keys create FILE               make a key file, for KEYRING
  keys rotate                    write with a new key while everybody works, or go on with what was begun
    --wait SECONDS               for processes that are not ready, 300 unless told`;

type Command = (app: INestApplicationContext, clock: DemoClock) => Promise<void>;

/** What the arguments ask for. @throws Error with the usage when they ask for nothing known. */
function commandOf(): Command {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      fund: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      scope: { type: 'string', default: 'write' },
      head: { type: 'string' },
      wait: { type: 'string', default: '300' },
    },
  });
  const [command, ...rest] = positionals;
  if (command === 'migrate') return () => Promise.resolve(say('The schema is up to date.'));
  if (command === 'demo') return demo;
  if (command === 'import' && rest.length === 2) {
    return importFile(rest[0]!, rest[1]!, { fundCode: values.fund, dryRun: values['dry-run'] });
  }
  if (command === 'ledger' && rest[0] === 'verify') return verifyLedger;
  if (command === 'audit' && rest[0] === 'verify') return verifyLog(values.head);
  if (command === 'people' && rest[0] === 'index') return indexPeople;
  if (command === 'api-key' && rest[0] === 'create' && rest[1]) {
    const scope = values.scope as Scope;
    if (!SCOPES.includes(scope)) throw new Error(USAGE);
    const email = rest[1];
    return async (app) => say(await app.get(ApiKeys).create(email, { scope }));
  }
  if (command === 'keys' && rest[0] === 'rotate') return rotateKeys(values.wait);
  if (command === 'user' && rest.length === 2) return helpUser(rest[0]!, rest[1]!);
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

/** Help that needs no mail and no other administrator; each leaves a line in the log. */
function helpUser(what: string, email: string): Command {
  return async (app) => {
    const users = app.get(UsersService);
    if (what === 'reset') {
      say(`With this link, within three days: ${await users.helpWithPassword(email)}`);
    } else if (what === 'reset-factor') {
      await users.helpWithFactor(email);
      say(`${email} sets up a new second factor at the next sign-in.`);
    } else if (what === 'make-admin') {
      await users.helpWithAdmin(email);
      say(`${email} is an administrator now.`);
    } else throw new Error(USAGE);
  };
}

function verifyLog(head?: string): Command {
  if (head && !/^[0-9a-f]{64}$/i.test(head))
    throw new Error('--head is the digest of a seal: 64 hexadecimal digits.');
  return async (app) => {
    const found = await app.get(LogSeals).verify(undefined, head);
    for (const { code, eventId, seal } of found.differences) {
      say([code, eventId && `row ${eventId}`, seal && `in seal ${seal}`].filter(Boolean).join(' '));
    }
    const { differenceCount, events, seals, unsealed } = found;
    if (differenceCount > 0)
      throw new Error(`The log is not as it was sealed: ${differenceCount} differences.`);
    say(`ok: ${events} rows in ${seals} seals, ${unsealed} not sealed yet`);
    if (found.head) say(`head: ${found.head.digest}`);
  };
}

function rotateKeys(wait: string): Command {
  if (!/^\d{1,5}$/.test(wait)) throw new Error('--wait is a number of seconds.');
  return async (app) => {
    const rotated = await app.get(KeyRotation).rotate({ waitMs: Number(wait) * 1000, say });
    for (const id of rotated.gone)
      say(`Nothing is sealed with the key ${id} any more; backups need it still.`);
    say(`ok: ${rotated.wrapped} values wrapped anew`);
  };
}

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
