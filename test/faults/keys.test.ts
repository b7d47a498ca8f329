import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ImportsService } from '../../src/imports/index.js';
import { Clock } from '../../src/platform/clock.js';
import { Db } from '../../src/platform/db.js';
import { Keyring, Vault } from '../../src/platform/encryption.js';
import { RING_VALUES } from '../../src/platform/key-rotation.js';
import { Runtime } from '../../src/platform/runtime.js';
import { setUpFactor, type Factor } from '../factor.js';
import { given, type Given } from '../given.js';
import { clientAt, once, openHouse, type House, type Somebody } from '../house.js';
import { eventually } from '../queues.js';
import { addPasskey } from '../passkey.js';
import { launch, startServer, type LaunchedProcess, type ServerProcess } from './server-process.js';

// A command starts an application each time, and waits for heartbeats.
jest.setTimeout(240_000);

let house: House;
let world: Given;
let folder: string;
let keyringFile: string;
let environment: Record<string, string>;
let factor: Factor;
let dryRunId: string;
let here: ServerProcess;
let there: ServerProcess;
const launched: LaunchedProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sasae-keys-'));
  keyringFile = join(folder, 'keyring.json');
  // The processes beside it live today.
  house = await openHouse({ keyringFile, at: new Date().toISOString() });
  world = await given(house);
  environment = {
    DATABASE_URL: house.appUrl,
    KEYRING: keyringFile,
    DATA_DIR: folder,
    FILES_URL: `file://${house.dataDir}/files`,
    RATE_LIMIT: '10000',
  };
  await addPasskey(house, world.treasurer, '電話');
  factor = await setUpFactor(house, world.board);
  dryRunId = await keepDryRun();
  [here, there] = await Promise.all([startServer(environment), startServer(environment)]);
});
afterEach(async () => {
  there.signal('SIGCONT');
  for (const one of launched.splice(0)) await one.kill('SIGKILL');
});
afterAll(async () => {
  for (const server of [here, there]) await server?.kill('SIGKILL');
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

/** The file of a good dry run, which is kept for a week. */
async function keepDryRun(): Promise<string> {
  const imports = house.app.get(ImportsService);
  const bytes = readFileSync('config/demo/organisations.csv');
  const { id } = await imports.start(
    world.admin.actor,
    { kind: 'organisations', dryRun: true },
    bytes,
    once(),
  );
  await imports.run(id, true);
  return id;
}

const rotate = (...args: string[]): LaunchedProcess => {
  const command = launch(environment, ['keys', 'rotate', ...args], 'cli');
  launched.push(command);
  return command;
};

const keyFile = () =>
  JSON.parse(readFileSync(keyringFile, 'utf8')) as { current: string; next?: string; keys: object };

const as = ({ key }: Somebody, { url }: { url: string }) => clientAt(url, key);

const consent = [{ purpose: 'casework', givenOn: '2024-12-01', language: 'vi', method: 'spoken' }];

/** Somebody new, written through one process and read through another: gives the key that wraps their data key. */
async function writeAndRead(at: { url: string }, from: { url: string }): Promise<string> {
  const name = `グエン ${randomUUID()}`;
  const made = await as(world.partner, at).post<{ id: string }>('/people', { alias: 'ホア', name, consent });
  expect(made.status).toBe(201);
  const read = await as(world.partner, from).get(`/people/${made.body.id}`);
  expect([read.status, read.body.name]).toEqual([200, name]);
  const [row] = await house.sql<{ key: string }>(
    'SELECT ring_key AS key FROM data_keys WHERE owner_id = $1',
    [made.body.id],
  );
  return row!.key;
}

/** Every value of every table, and every file, that names this key of the ring: none when it has been replaced. */
async function naming(keyId: string): Promise<string[]> {
  const id = Buffer.from(keyId, 'hex');
  const found: string[] = [];
  const tables = await house.sql<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE relkind = 'r'
       AND relnamespace IN ('public'::regnamespace, 'bullmq'::regnamespace)`,
  );
  for (const { name } of tables) {
    for (const row of await house.sql(`SELECT * FROM ${name}`)) {
      for (const [column, value] of Object.entries(row)) {
        const values = Array.isArray(value) ? value : [value];
        if (values.some((one) => Buffer.isBuffer(one) && one.includes(id))) found.push(`${name}.${column}`);
      }
    }
  }
  for (const at of [house.dataDir, folder]) {
    for (const entry of readdirSync(at, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && readFileSync(path).includes(id)) found.push(path);
    }
  }
  return found;
}

/** Everything that the keyring seals opens with what its file says now. */
async function everythingOpens(): Promise<number> {
  const ring = Keyring.read(keyringFile, { create: false });
  let count = 0;
  for (const { table, column, place, key } of RING_VALUES) {
    const rows = await house.sql(`SELECT * FROM ${table} WHERE ${column} IS NOT NULL`);
    expect([table, rows.length]).not.toEqual([table, 0]);
    for (const row of rows) {
      const sealed = row[column] as Buffer;
      const at = [place, ...Object.keys(key).map((name) => row[name])].join(':');
      expect([table, ring.keyOf(sealed).openBytes(sealed, at).length > 0]).toEqual([table, true]);
      count += 1;
    }
  }
  return count;
}

/** Waits until somebody waits for a lock that this client holds. */
const blockedBy = (pid: number) =>
  eventually(async () => {
    const sql = 'SELECT 1 FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))';
    return (await house.sql(sql, [pid])).length > 0;
  });

/** Writes down when a process was last heard of: so long from now. */
const hear = ({ pid }: LaunchedProcess, fromNow: string) =>
  house.sql(`UPDATE live_processes SET seen_at = clock_timestamp() + $2::interval WHERE name LIKE $1`, [
    `%process ${pid}`,
    fromNow,
  ]);

/** Waits until the house and both servers say that they write with this key. */
const everybodyWritesWith = (keyId: string) =>
  eventually(async () => {
    const rows = await house.sql<{ name: string }>(
      `SELECT name FROM live_processes WHERE sealing_key = $1 AND name NOT LIKE 'cli %'`,
      [keyId],
    );
    return rows.length === 3;
  });

/** Holds a row as the owner until it is let go. */
async function hold(sql: string, parameters: unknown[] = []) {
  const client = new pg.Client({ connectionString: house.ownerUrl });
  await client.connect();
  await client.query('BEGIN');
  await client.query(sql, parameters);
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return { blocked: () => blockedBy(rows[0]!.pid), letGo: () => client.end() };
}

describe('privacy.md, point 3: rotation without downtime', () => {
  test('two processes write and read each other’s values all the while, and then nothing names the old key', async () => {
    const old = keyFile().current;
    const key = randomUUID();
    const body = { name: '大家の田中', kind: 'landlord' };
    const asked = () => as(world.partner, here).post('/vendors', body, key);
    const first = await asked();
    expect(await naming(old)).not.toEqual([]);

    const command = rotate();
    const written = new Set<string>();
    const ends: (number | null)[] = [];
    void command.ended.then((code) => ends.push(code));
    do {
      written.add(await writeAndRead(here, there));
      written.add(await writeAndRead(there, here));
    } while (ends.length === 0);
    expect([ends, command.output()]).toEqual([[0], expect.stringMatching(/^ok: \d+ values/m)]);

    const { current, next, keys } = keyFile();
    expect([...written].sort()).toEqual([old, current].sort());
    expect([next, Object.keys(keys)]).toEqual([undefined, [old, current]]);
    for (const [at, from] of [
      [here, there],
      [there, here],
      [house, here],
    ] as const) {
      expect(await writeAndRead(at, from)).toBe(current);
    }
    expect(await naming(old)).toEqual([]);
    expect(await everythingOpens()).toBeGreaterThan(50);
    expect(await asked()).toEqual(first);
    expect(await house.sql(`SELECT 1 FROM audit_events WHERE action = 'keys.replaced'`)).toHaveLength(1);
    const { body: vendors } = await as(world.partner, there).get<{ items: { name: string }[] }>('/vendors');
    expect(vendors.items.map(({ name }) => name)).toEqual([body.name]);
  });

  test('what was sealed with the old key is still of use: a second factor, the file of a dry run', async () => {
    const { SecondFactors } = await import('../../src/access/second-factors.service.js');
    const passed = house.app.get(SecondFactors).check(world.board.user.id, factor.code(), async () => true);
    await expect(passed).resolves.toBe(true);
    const imports = house.app.get(ImportsService);
    const { id } = await imports.startAfter(world.admin.actor, dryRunId, once());
    await eventually(async () => {
      const [row] = await house.sql<{ status: string }>('SELECT status FROM imports WHERE id = $1', [id]);
      return row!.status === 'done';
    });
  });

  test('a process that hangs is waited for and named, and goes on with everything as it was', async () => {
    const { current } = keyFile();
    there.signal('SIGSTOP');
    // It must not count as dead, however slow this machine is.
    await hear(there, '1 hour');
    const first = rotate();
    await first.printed(new RegExp(`Waiting for .*process ${there.pid}`));
    const second = rotate();
    expect([await second.ended, second.output()]).toEqual([
      1,
      expect.stringContaining('Another "keys rotate" is at work.'),
    ]);
    await first.kill('SIGKILL');
    const third = rotate('--wait', '1');
    expect(await third.ended).toBe(1);
    expect(third.output()).toMatch(new RegExp(`Gave up waiting for .*main on .*, process ${there.pid}`));
    expect(keyFile()).toMatchObject({ current, next: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(await writeAndRead(here, house)).toBe(current);

    there.signal('SIGCONT');
    const { next } = keyFile();
    expect(await rotate().ended).toBe(0);
    expect(keyFile()).toMatchObject({ current: next });
    expect(await writeAndRead(there, here)).toBe(next);
    expect(await naming(current)).toEqual([]);
  });

  test('a process that hung for so long that it counts as dead writes with the new key when it wakes up', async () => {
    const { current: old } = keyFile();
    await everybodyWritesWith(old);
    there.signal('SIGSTOP');
    const command = rotate();
    await command.printed(new RegExp(`Waiting for .*process ${there.pid}`));
    const asleep = writeAndRead(there, here);
    await hear(there, '-1 hour');
    expect(await command.ended).toBe(0);
    there.signal('SIGCONT');
    expect(await asleep).toBe(keyFile().current);
    expect(await naming(old)).toEqual([]);
    await everybodyWritesWith(keyFile().current);
  });

  test('killed at any moment, it leaves everything usable, and goes on when it is asked again', async () => {
    const { current: old } = keyFile();
    await makeKeys(1_200);
    const waiting = rotate();
    await waiting.printed(/is in the key file/);
    await waiting.kill('SIGKILL');
    const { next } = keyFile();
    expect(await writeAndRead(here, there)).toBe(old);

    const changing = rotate();
    await changing.printed(/is written with/);
    await changing.kill('SIGKILL');
    expect(keyFile()).toMatchObject({ current: next });

    const last = await hold(
      'SELECT 1 FROM data_keys WHERE owner_id = (SELECT max(owner_id::text)::uuid FROM data_keys) FOR UPDATE',
    );
    const wrapping = rotate();
    await last.blocked();
    await wrapping.kill('SIGKILL');
    await last.letGo();
    const left = await house.sql('SELECT 1 FROM data_keys WHERE ring_key = $1', [old]);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(1_000);
    await writeAndRead(there, here);
    await everythingOpens();

    const again = rotate();
    expect([await again.ended, again.output()]).toEqual([0, expect.stringMatching(/^ok: \d+ values/m)]);
    expect(keyFile()).toMatchObject({ current: next });
    expect(await naming(old)).toEqual([]);
    expect(await everythingOpens()).toBeGreaterThan(1_200);
  });

  test('who has written with the old key and not ended is waited for', async () => {
    const { current: old } = keyFile();
    const { partner } = world;
    let isInside!: (pid: number) => void;
    let go!: () => void;
    const inside = new Promise<number>((resolve) => (isInside = resolve));
    const mayEnd = new Promise<void>((resolve) => (go = resolve));
    const writing = house.app.get(Db).write(partner.actor, async (tx) => {
      await house.app.get(Vault).createKey(tx.orm, randomUUID(), partner.actor.organisationId!);
      const [row] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      isInside(row!.pid);
      await mayEnd;
    });
    const pid = await inside;
    const command = rotate();
    await blockedBy(pid);
    go();
    await writing;
    expect(await command.ended).toBe(0);
    expect(await naming(old)).toEqual([]);
  });

  test('with a key that has gone nobody writes: the database refuses it, and the application reads the file again', async () => {
    const { partner } = world;
    const { organisationId } = partner.actor;
    const asleep = Keyring.read(keyringFile, { create: false });
    await makeKeys(1);
    const [row] = await house.sql<{ wrapped: Buffer }>('SELECT wrapped FROM data_keys LIMIT 1');
    expect(await rotate().ended).toBe(0);
    const into = 'INSERT INTO data_keys (owner_id, organisation_id, wrapped) VALUES ($1, $2, $3)';
    await expect(
      house.sqlAs(partner.actor, into, [randomUUID(), organisationId, row!.wrapped]),
    ).rejects.toMatchObject({ constraint: 'data_keys_ring_key' });
    const db = new Db(house.app.get(DataSource), house.app.get(Clock), asleep, house.app.get(Runtime));
    const id = randomUUID();
    await db.write(partner.actor, (tx) => new Vault(asleep).createKey(tx.orm, id, organisationId!));
    expect(await house.sql('SELECT ring_key FROM data_keys WHERE owner_id = $1', [id])).toEqual([
      { ring_key: keyFile().current },
    ]);
  });

  test('a process whose key file lacks a key that values are sealed with does not start', async () => {
    const other = join(folder, 'other.json');
    Keyring.read(other, { create: true });
    const refused = launch({ ...environment, KEYRING: other });
    expect([await refused.ended, refused.output()]).toEqual([
      1,
      expect.stringContaining(`lacks the key ${keyFile().current}`),
    ]);
  });
});

/** So many data keys of nothing. */
async function makeKeys(count: number): Promise<void> {
  const { actor } = world.partner;
  const owners = Array.from({ length: count }, () => ({
    ownerId: randomUUID(),
    organisationId: actor.organisationId!,
  }));
  await house.app.get(Db).write(actor, (tx) => house.app.get(Vault).createKeys(tx.orm, owners));
}
