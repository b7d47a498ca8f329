import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../queues.js';
import { launch, startServer, type LaunchedProcess, type ServerProcess } from './server-process.js';

jest.setTimeout(180_000);

const PASSWORD = 'a password for this test only';
const REPORT = { amount: 12_422_217, people: 311, instances: 452 };

let dataDir: string;
let environment: Record<string, string>;
const launched: LaunchedProcess[] = [];

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sasae-demo-'));
  environment = { DATA_DIR: dataDir, DEMO_PASSWORD: PASSWORD };
});
afterAll(async () => {
  for (const one of launched) await one.kill('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
});

const startDemo = async (): Promise<ServerProcess> => {
  const server = await startServer(environment, ['--demo']);
  launched.push(server);
  return server;
};

/** Asks the embedded server as the schema's owner, who sees all rows. */
async function sql(text: string): Promise<Record<string, unknown>[]> {
  const { ownerUrl } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as {
    ownerUrl: string;
  };
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const requests = async (where = 'true'): Promise<number> =>
  (await sql(`SELECT 1 FROM grant_requests WHERE ${where}`)).length;

/** What a member of the board reads after signing in as people do. */
async function boardReport({ url }: ServerProcess): Promise<unknown> {
  const signedIn = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'board@demo.example', password: PASSWORD }),
  });
  expect(signedIn.ok).toBe(true);
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const report = await fetch(`${url}/api/v1/reports/disbursed?from=2023-07-01&to=2024-11-30`, {
    headers: { cookie },
  });
  return report.json();
}

const postgresPid = (): number =>
  Number.parseInt(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);

test('the demo survives kill -9 while it loads, and loading it again changes nothing', async () => {
  const killed = launch(environment, ['--demo']);
  launched.push(killed);
  await killed.printed(/Loading the demo…/);
  await eventually(async () => (await requests(`origin = 'filed'`)) > 3);
  await killed.kill('SIGKILL');
  expect(killed.output()).not.toContain('Sign in as');

  const second = await startDemo();
  expect(await boardReport(second)).toMatchObject(REPORT);
  const loaded = await requests();
  expect(loaded).toBeGreaterThan(452);
  const postgres = postgresPid();
  expect(await second.kill('SIGTERM')).toBe(0);
  expect(() => process.kill(postgres, 0)).toThrow('ESRCH');

  const third = await startDemo();
  expect(await boardReport(third)).toMatchObject(REPORT);
  expect(await requests()).toBe(loaded);
  await sql(`INSERT INTO users (id, email, name, roles, active, created_at)
             VALUES (gen_random_uuid(), 'somebody@else.example', 'x', '{board}', true, now())`);
  expect(await third.kill('SIGTERM')).toBe(0);
});

test('the demo is not loaded where others work', async () => {
  const refused = launch(environment, ['--demo']);
  launched.push(refused);
  await expect(refused.printed(/Sasae answers/)).rejects.toThrow('this one has other users');
});
