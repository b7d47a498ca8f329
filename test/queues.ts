import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

const hasServer = spawnSync('redis-server', ['--version']).status === 0;
const hasRedis = hasServer || Boolean(process.env.REDIS_URL);

/** Where jobs can live on this machine: PostgreSQL always, Redis when there is one. */
export const QUEUES: readonly ('postgres' | 'redis')[] = hasRedis ? ['postgres', 'redis'] : ['postgres'];

/**
 * A Redis for one test file: a server of its own, else an empty logical database of `REDIS_URL`, which is somebody's
 * and where nothing else is touched. None for jobs on PostgreSQL.
 */
export async function openQueue(
  queue: 'postgres' | 'redis',
): Promise<{ redisUrl?: string; close(): Promise<void> }> {
  if (queue === 'postgres') return { close: () => Promise.resolve() };
  return hasServer ? startRedis() : borrowDatabase(process.env.REDIS_URL!);
}

async function startRedis() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sasae-redis-'));
  const server = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    folder,
  ]);
  const redisUrl = `redis://127.0.0.1:${port}`;
  const client = clientOf(redisUrl);
  await client.ping();
  await client.quit();
  return {
    redisUrl,
    close: async () => {
      server.kill('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Never the database 0, and never one that holds anything: only what was empty is emptied afterwards. */
async function borrowDatabase(server: string) {
  const numbers = Array.from({ length: 15 }, (_, index) => index + 1);
  const from = Math.floor(Math.random() * numbers.length);
  for (const number of [...numbers.slice(from), ...numbers.slice(0, from)]) {
    const url = new URL(server);
    url.pathname = `/${number}`;
    const client = clientOf(url.href);
    // Another test file may look at the same moment: who sets the mark has it.
    if ((await client.dbsize()) === 0 && (await client.set('sasae-test', 'taken', 'NX'))) {
      const close = async () => {
        await client.flushdb();
        await client.quit();
      };
      return { redisUrl: url.href, close };
    }
    await client.quit();
  }
  throw new Error(
    'None of the databases 1 to 15 of REDIS_URL is empty: tests use no other. Empty one of them.',
  );
}

/** Waits until the server answers. */
function clientOf(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => 100 });
  client.on('error', () => delay(0));
  return client;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

/** Asks again and again until the answer is there, for what happens in the background. */
export async function eventually<T>(
  ask: () => Promise<T | null | undefined | false>,
  seconds = 60,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await delay(100)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`Still not so after ${seconds} seconds`);
}
