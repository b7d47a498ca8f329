import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { actorOf, ApiKeys, UsersService, type User } from '../src/access/index.js';
import { createApp } from '../src/app.js';
import type { Actor, Role } from '../src/kernel/actor.js';
import { Clock } from '../src/platform/clock.js';
import { Keyring } from '../src/platform/encryption.js';
import { Jobs } from '../src/platform/jobs.js';
import { Runtime } from '../src/platform/runtime.js';
import { readSettings } from '../src/platform/settings.js';

/** Time as a test wants it: it stands still until it is set. */
export class StandingClock extends Clock {
  constructor(private moment: Date) {
    super();
  }

  now(): Date {
    return this.moment;
  }

  set(moment: string): void {
    this.moment = new Date(moment);
  }
}

/** A fresh key for a call that is to be done once. */
export const once = (route = 'test') => ({ route, key: randomUUID(), bodyHash: '' });

/** An answer of the API, its JSON read. */
export interface Answer<T> {
  status: number;
  body: T;
}

/** Somebody who signed in: for services an actor, for the API a client. */
export interface Somebody {
  user: User;
  actor: Actor;
  email: string;
  password: string;
  key: string;
  get<T = Record<string, unknown>>(path: string, language?: string): Promise<Answer<T>>;
  send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body: unknown,
    key?: string,
  ): Promise<Answer<T>>;
  post<T = Record<string, unknown>>(path: string, body: unknown, key?: string): Promise<Answer<T>>;
}

/** The whole application on a database of its own, listening on a port of its own. */
export interface House {
  app: NestFastifyApplication;
  url: string;
  clock: StandingClock;
  appUrl: string;
  ownerUrl: string;
  dataDir: string;
  somebody(name: string, roles: Role[], organisationId?: string): Promise<Somebody>;
  /** SQL as the schema's owner, who sees all rows. */
  sql<Row = Record<string, unknown>>(text: string, parameters?: unknown[]): Promise<Row[]>;
  /** SQL as the application's role, told who is asking as `Db` tells it. */
  sqlAs<Row = Record<string, unknown>>(actor: Actor, text: string, parameters?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

interface Options {
  at?: string;
  jobs?: boolean;
  redisUrl?: string;
  /** A key file to share with other processes; made when absent. */
  keyringFile?: string;
  /** Asks for the second factor, as outside the demo. Most tests are about something else. */
  secondFactor?: boolean;
  /** What else the environment sets. */
  settings?: Record<string, string>;
}

/** A clone of the migrated database, by both roles' addresses. It goes with the whole server after the run. */
export async function cloneDatabase() {
  const { TEST_OWNER_URL, TEST_APP_URL } = process.env;
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: TEST_OWNER_URL!.replace(/\/sasae$/, '/postgres') });
  await client.connect();
  await client.query(`CREATE DATABASE ${name} TEMPLATE sasae`).finally(() => client.end());
  return {
    ownerUrl: TEST_OWNER_URL!.replace(/\/sasae$/, `/${name}`),
    appUrl: TEST_APP_URL!.replace(/\/sasae$/, `/${name}`),
  };
}

/** Opens a house at a moment (2024-12-16, evening in Tokyo, unless told). */
export async function openHouse({
  at = '2024-12-16T18:00:00+09:00',
  jobs = false,
  redisUrl,
  keyringFile,
  secondFactor = false,
  settings: more = {},
}: Options = {}): Promise<House> {
  const database = await cloneDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'sasae-house-'));
  const clock = new StandingClock(new Date(at));
  const settings = readSettings({
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    PORT: '0',
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    ...more,
  });
  const keyring = keyringFile ? Keyring.read(keyringFile, { create: true }) : Keyring.inMemory();
  const app = await createApp(new Runtime(settings, database.appUrl, !secondFactor), { keyring, clock });
  await app.listen(0, '127.0.0.1');
  if (jobs) await app.get(Jobs).start();
  const url = await app.getUrl();
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  const application = new pg.Pool({ connectionString: database.appUrl, max: 2 });
  return {
    app,
    url,
    clock,
    dataDir,
    ...database,
    somebody: (name, roles, organisationId) => somebody(app, url, { name, roles, organisationId }),
    sql: async (text, parameters) => (await owner.query(text, parameters)).rows,
    sqlAs: (actor, text, parameters) => sqlAs(application, actor, text, parameters),
    close: async () => {
      await app.close();
      await owner.end();
      await application.end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function somebody(
  app: NestFastifyApplication,
  url: string,
  { name, roles, organisationId }: { name: string; roles: Role[]; organisationId?: string },
): Promise<Somebody> {
  const email = `${name}-${randomUUID().slice(0, 8)}@test.example`;
  const password = randomUUID();
  const user = await app.get(UsersService).addWithPassword({ email, name, roles, organisationId }, password);
  // A house's clock may stand years back, and a process beside it lives today.
  const key = await app.get(ApiKeys).create(email, { days: 36_500 });
  return { user, email, password, key, actor: actorOf(user), ...clientAt(url, key) };
}

/** Calls the API of the server at an address as a program with this key does. */
export function clientAt(url: string, key: string): Pick<Somebody, 'get' | 'send' | 'post'> {
  const call = async (method: string, path: string, headers: Record<string, string>, body?: unknown) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  };
  const send = (method: string, path: string, body: unknown, onceKey: string = randomUUID()) =>
    call(method, path, { 'content-type': 'application/json', 'idempotency-key': onceKey }, body);
  return {
    send,
    get: (path, language = 'ja') => call('GET', path, { 'accept-language': language }),
    post: (path, body, onceKey) => send('POST', path, body, onceKey),
  };
}

async function sqlAs(pool: pg.Pool, actor: Actor, text: string, parameters: unknown[] = []) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `SELECT set_config('sasae.user_id', $1, true), set_config('sasae.organisation_id', $2, true),
              set_config('sasae.roles', $3, true)`,
      [actor.userId ?? '', actor.organisationId ?? '', [...actor.roles, ...actor.duties].join(',')],
    );
    const { rows } = await client.query(text, parameters);
    await client.query('COMMIT');
    return rows;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
