import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

const hasRedis = Boolean(process.env.REDIS_URL) || spawnSync('redis-server', ['--version']).status === 0;

/** Where jobs can live on this machine: PostgreSQL always, Redis when there is one. */
export const QUEUES: readonly ('postgres' | 'redis')[] = hasRedis ? ['postgres', 'redis'] : ['postgres'];

/** A Redis for one test file: that of `REDIS_URL`, else one of its own; null for jobs on PostgreSQL. */
export async function openQueue(
  queue: 'postgres' | 'redis',
): Promise<{ redisUrl?: string; close(): Promise<void> }> {
  if (queue === 'postgres') return { close: () => Promise.resolve() };
  if (process.env.REDIS_URL) {
    await emptied(process.env.REDIS_URL);
    return { redisUrl: process.env.REDIS_URL, close: () => Promise.resolve() };
  }
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
  await emptied(redisUrl);
  return {
    redisUrl,
    close: async () => {
      server.kill('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until it answers; what an earlier run left there is none of this test's. */
async function emptied(url: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 100 });
  client.on('error', () => delay(0));
  await client.flushdb();
  await client.quit();
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
