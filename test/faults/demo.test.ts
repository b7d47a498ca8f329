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

/** How many requests there are, asked of the embedded server as the schema's owner, who sees all of them. */
async function requests(where = 'true'): Promise<number> {
  const { ownerUrl } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as {
    ownerUrl: string;
  };
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return Number((await client.query(`SELECT count(*) FROM grant_requests WHERE ${where}`)).rows[0].count);
  } finally {
    await client.end();
  }
}

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
  expect(await third.kill('SIGTERM')).toBe(0);
});
