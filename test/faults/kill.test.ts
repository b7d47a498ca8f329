import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import type { FundView } from '../../src/funds/index.js';
import { booksBalance, given, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { eventually, openQueue, QUEUES } from '../queues.js';
import { startServer, type ServerProcess } from './server-process.js';

// A job whose process died is taken up when its lock has run out.
jest.setTimeout(180_000);

const HISTORY = 'config/demo/relief-history-2023-07_2024-11.csv';

/**
 * Killed in the middle, exactly: a lock on the budget's accounts, held here, stops the server after its first
 * statements and before its last ones, and then the process is gone.
 */
describe.each(QUEUES)('kill -9, jobs on %s', (kind) => {
  let house: House;
  let world: Given;
  let queue: Awaited<ReturnType<typeof openQueue>>;
  let folder: string;
  let environment: Record<string, string>;
  const servers: ServerProcess[] = [];

  beforeAll(async () => {
    queue = await openQueue(kind);
    folder = mkdtempSync(join(tmpdir(), 'sasae-kill-'));
    house = await openHouse({ keyringFile: join(folder, 'keyring.json') });
    world = await given(house);
    await importOrganisations();
    environment = {
      DATABASE_URL: house.appUrl,
      KEYRING: join(folder, 'keyring.json'),
      DATA_DIR: folder,
      ...(queue.redisUrl ? { REDIS_URL: queue.redisUrl } : {}),
    };
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.kill('SIGKILL');
  });
  afterAll(async () => {
    await house.close();
    await queue.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<ServerProcess> => {
    const server = await startServer(environment);
    servers.push(server);
    return server;
  };

  /** Holds a fund's accounts until it is let go; `blocked` resolves when somebody waits for them. */
  const holdAccounts = async (fundId: string) => {
    const client = new pg.Client({ connectionString: house.ownerUrl });
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM accounts WHERE fund_id = $1 FOR UPDATE', [fundId]);
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    // Asked from outside: within one transaction PostgreSQL answers about activity only once.
    const blocked = () =>
      eventually(async () => {
        const sql = 'SELECT 1 FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))';
        return (await house.sql(sql, [rows[0].pid])).length > 0;
      });
    const letGo = async () => {
      await client.query('ROLLBACK');
      await client.end();
    };
    return { blocked, letGo };
  };

  const call = (server: ServerProcess, path: string, key: string, init: RequestInit) =>
    fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      ...init,
      headers: { authorization: `Bearer ${world.treasurer.key}`, 'idempotency-key': key, ...init.headers },
    });

  const sendHistory = async (server: ServerProcess, fundCode: string, csv: string | Buffer) => {
    const file = new FormData();
    file.set('kind', 'history');
    file.set('fundCode', fundCode);
    file.set('file', new Blob([typeof csv === 'string' ? csv : new Uint8Array(csv)]), 'history.csv');
    const started = await call(server, '/imports', randomUUID(), { body: file });
    expect(started.status).toBe(201);
    return ((await started.json()) as { id: string }).id;
  };

  test('a payment is not half done, and the same call again pays once', async () => {
    const fund = await world.fund(`pay-${kind}`, { shelter: 100_000 });
    const request = await world.approvedRequest(fund);
    const payment = {
      awardId: request.lines[0]!.awards[0]!.id,
      amount: 32_500,
      paidOn: '2024-12-16',
      method: 'cash',
    };
    const key = randomUUID();
    const send = (server: ServerProcess) =>
      call(server, '/disbursements', key, {
        body: JSON.stringify(payment),
        headers: { 'content-type': 'application/json' },
      });
    const accounts = await holdAccounts(fund.id);
    const first = await start();
    const lost = send(first).catch(() => 'no answer');
    await accounts.blocked();
    await first.kill('SIGKILL');
    expect(await lost).toBe('no answer');
    await accounts.letGo();

    const second = await start();
    const line = async () => (await world.treasurer.get<FundView>(`/funds/${fund.id}`)).body.lines[0];
    expect(await line()).toMatchObject({ committed: 32_500, spent: 0 });
    const [answer, twin] = await Promise.all([send(second), send(second)]);
    expect([answer.status, twin.status]).toEqual([201, 201]);
    expect(await twin.json()).toEqual(await answer.json());
    expect(await line()).toMatchObject({ available: 67_500, committed: 0, spent: 32_500 });
    expect(await house.sql('SELECT 1 FROM disbursements WHERE request_id = $1', [request.id])).toHaveLength(
      1,
    );
    expect(await booksBalance(house)).toBe(true);
  });

  test('an import is not half done, its job runs again after the restart and ends, once', async () => {
    const fund = await world.fund(
      `past-${kind}`,
      { food: 2_573_500, shelter: 4_818_000, medical: 2_024_212, utilities: 1_077_901, other: 1_928_604 },
      { from: '2023-07-01', to: '2024-11-30' },
    );
    const accounts = await holdAccounts(fund.id);
    const first = await start();
    const id = await sendHistory(first, `past-${kind}`, readFileSync(HISTORY));
    await accounts.blocked();
    await first.kill('SIGKILL');
    await accounts.letGo();
    expect(await imported()).toBe(0);

    const second = await start();
    const ended = await eventually(async () => {
      const response = await call(second, `/imports/${id}`, '-', { method: 'GET' });
      const body = (await response.json()) as { status: string; done: number; total: number };
      return ['done', 'refused'].includes(body.status) && body;
    });
    expect(ended).toMatchObject({ status: 'done', errors: [] });
    expect(await imported()).toBe(452);
    const after = (await world.treasurer.get<FundView>(`/funds/${fund.id}`)).body;
    expect(after.lines.reduce((sum, { spent }) => sum + spent, 0)).toBe(12_422_217);
    expect(await booksBalance(house)).toBe(true);
  });

  test('a stop waits for the import that is running', async () => {
    const fund = await world.fund(
      `stop-${kind}`,
      { food: 100_000 },
      { from: '2023-07-01', to: '2024-11-30' },
    );
    const [header, first] = readFileSync(HISTORY, 'utf8').split('\n');
    const row = first!
      .replace(/^[^,]+/, `STOP-${kind.toUpperCase()}`)
      .replace(/,(shelter|medical|utilities|other),/, ',food,');
    const accounts = await holdAccounts(fund.id);
    const server = await start();
    const running = await sendHistory(server, `stop-${kind}`, `${header}\n${row}\n`);
    await accounts.blocked();
    let ended = false;
    const stopped = server.kill('SIGTERM').finally(() => (ended = true));
    await delay(2_000);
    expect([ended, await statusOf(running)]).toEqual([false, 'running']);
    await accounts.letGo();
    expect(await stopped).toBe(0);
    expect(await statusOf(running)).toBe('done');
    expect(server.output()).not.toMatch(/error|failed/i);
    expect(await house.sql('SELECT 1 FROM grant_requests WHERE number LIKE $1', ['STOP-%'])).toHaveLength(1);
    expect(await booksBalance(house)).toBe(true);
  });

  const statusOf = async (id: string) =>
    (await house.sql<{ status: string }>('SELECT status FROM imports WHERE id = $1', [id]))[0]!.status;

  const imported = async () =>
    (await house.sql(`SELECT 1 FROM grant_requests WHERE origin = 'import'`)).length;

  const importOrganisations = async () => {
    const { ImportsService } = await import('../../src/imports/index.js');
    const bytes = readFileSync('config/demo/organisations.csv');
    const imports = house.app.get(ImportsService);
    await imports.runNow(world.admin.user.id, { kind: 'organisations', dryRun: false }, bytes);
  };
});
