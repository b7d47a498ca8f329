import { Injectable, Logger } from '@nestjs/common';
import { createPostgresBackend, createRedisBackend, withBackend } from 'bullmq';
import type { BackendFactory, IQueueBackend, Job } from 'bullmq';
import pg from 'pg';
import { onDuty } from '../kernel/actor.js';
import { Db } from './db.js';
import { Runtime } from './runtime.js';

/** A job: what the outbox said. It may run twice, so it must tolerate that. */
export interface JobContext {
  payload: Record<string, unknown>;
  /** Nobody tries again after this one: leave things in a state that people understand. */
  isLastAttempt: boolean;
}
type Handler = (job: JobContext) => Promise<void>;

interface Message {
  payload: Record<string, unknown>;
}

/** The one queue; migrations make what it needs in PostgreSQL. */
export const QUEUE = 'sasae';
/** The waits before the next attempt double: together a minute and a quarter. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 5_000;
const RELAY_BATCH = 100;
const RELAY_POLL_MS = 5_000;
const FORGET_EVERY_MS = 3_600_000;
/** When the network sleeps, in its own time zone. */
const NIGHTLY = '0 3 * * *';
const JOB_OPTIONS = {
  attempts: ATTEMPTS,
  backoff: { type: 'exponential', delay: FIRST_WAIT_MS },
  removeOnComplete: { count: 1_000 },
  removeOnFail: { count: 1_000 },
};

/** The same code on both: only the backend and how it is reached differ. */
function backendOf({ redisUrl, databaseUrl }: Runtime) {
  const factory = redisUrl ? createRedisBackend : createPostgresBackend;
  const connection = redisUrl
    ? { url: redisUrl, maxRetriesPerRequest: null }
    : { connectionString: databaseUrl, max: 4 };
  return { ...withBackend(factory as BackendFactory<IQueueBackend, object>), connection };
}

/** The queue as a process that works opens it. */
export function openQueue(runtime: Runtime) {
  const { Queue, connection } = backendOf(runtime);
  return new Queue<Message>(QUEUE, { connection });
}

function openWorker(runtime: Runtime, work: (job: Job<Message>) => Promise<void>) {
  const { Worker, connection } = backendOf(runtime);
  return new Worker<Message>(QUEUE, work, {
    connection,
    concurrency: 2,
    // A process that died is noticed when its lock runs out; a job survives many such deaths.
    lockDuration: 15_000,
    stalledInterval: 5_000,
    maxStalledCount: 20,
  });
}

interface Fault {
  name?: string;
  code?: string;
  constraint?: string;
}

/** What kind of error it is. Its message may carry what somebody wrote, as those of PostgreSQL do. */
function nameOf(error: unknown): string {
  const { name, driverError } = error as Fault & { driverError?: Fault };
  const { code, constraint } = driverError ?? (error as Fault);
  return [name, code, constraint].filter(Boolean).join(' ');
}

/** An error that may lie in the queue and in the log, in clear: where it happened, and its kind. */
function withoutValues(topic: string, error: unknown): Error {
  const safe = new Error(`${topic}: ${nameOf(error)}`);
  const frames =
    (error as Error).stack?.split('\n').filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line)) ?? [];
  safe.stack = [safe.message, ...frames.slice(0, 6)].join('\n');
  return safe;
}

/**
 * Background work: a relay hands what lies in the outbox to BullMQ with the row's id as job id, and a worker runs
 * what the rooms registered for each topic. Jobs live in PostgreSQL, or in Redis when `REDIS_URL` is set.
 */
@Injectable()
export class Jobs {
  private readonly log = new Logger('Jobs');
  private readonly handlers = new Map<string, Handler>();
  /** When each topic comes round, as cron says it. */
  private readonly rounds = new Map<string, string>();
  private readonly starters: (() => Promise<void>)[] = [];
  private queue?: ReturnType<typeof openQueue>;
  private worker?: ReturnType<typeof openWorker>;
  private listener?: pg.Client;
  private poll?: NodeJS.Timeout;
  private relaying: Promise<void> = Promise.resolve();
  private stopped = false;
  private forgetAtMs = 0;

  constructor(
    private readonly db: Db,
    private readonly runtime: Runtime,
  ) {}

  /** Registers what to do for a topic of the outbox. Called by rooms when the application starts. */
  handle(topic: string, handler: Handler): void {
    if (this.handlers.has(topic)) throw new Error(`Two handlers for ${topic}`);
    this.handlers.set(topic, handler);
  }

  /**
   * Registers what to do every night at 03:00 in the network's time zone, once however many processes work. A night
   * in which none works is left out.
   */
  nightly(topic: string, handler: Handler): void {
    this.handle(topic, handler);
    this.rounds.set(topic, NIGHTLY);
  }

  /** Registers what to do every so many minutes (a divisor of 60), once however many processes work. */
  every(minutes: number, topic: string, handler: Handler): void {
    this.handle(topic, handler);
    this.rounds.set(topic, `*/${minutes} * * * *`);
  }

  /** Registers what to do whenever a process starts to work: to ask again for work whose job may be lost. */
  onStart(starter: () => Promise<void>): void {
    this.starters.push(starter);
  }

  /** Starts relaying and working in this process. */
  async start(): Promise<void> {
    this.queue = openQueue(this.runtime);
    this.worker = openWorker(this.runtime, (job) => this.work(job));
    this.queue.on('error', (error) => this.log.error(`The queue: ${nameOf(error)}`));
    this.worker.on('error', (error) => this.log.error(`The worker: ${nameOf(error)}`));
    this.worker.on('failed', (job, error) => this.log.error(`Job ${job?.id} failed: ${error.stack}`));
    for (const [topic, pattern] of this.rounds) await this.schedule(topic, pattern);
    for (const starter of this.starters) await starter();
    await this.listen();
    this.poll = setInterval(() => this.wake(), RELAY_POLL_MS);
    this.wake();
  }

  /** Stops after the jobs that are running; the others wait for the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.poll);
    await this.listener?.end();
    await this.relaying;
    await this.worker?.close();
    await this.queue?.close();
  }

  /** Every process says the same; the topic is the schedule's id, so that there is one. */
  private async schedule(topic: string, pattern: string): Promise<void> {
    const times = { pattern, tz: this.runtime.settings.TIMEZONE };
    await this.queue!.upsertJobScheduler(topic, times, {
      name: topic,
      data: { payload: {} },
      opts: JOB_OPTIONS,
    });
  }

  private async work(job: Job<Message>): Promise<void> {
    const handler = this.handlers.get(job.name);
    if (!handler) throw new Error(`Nobody handles ${job.name}`);
    try {
      await handler({ payload: job.data.payload, isLastAttempt: job.attemptsMade + 1 >= ATTEMPTS });
    } catch (error) {
      throw withoutValues(job.name, error);
    }
  }

  /** Hears of new rows at once; polling covers a lost connection. */
  private async listen(): Promise<void> {
    const listener = new pg.Client({ connectionString: this.runtime.databaseUrl });
    listener.on('error', (error) =>
      this.log.warn(`Lost the outbox's bell, polling instead: ${nameOf(error)}`),
    );
    listener.on('notification', () => this.wake());
    await listener.connect();
    await listener.query('LISTEN outbox');
    this.listener = listener;
  }

  private wake(): void {
    this.relaying = this.relaying
      .then(() => this.relayAll())
      .catch((error: unknown) => this.log.error(`The relay: ${nameOf(error)}`));
  }

  private async relayAll(): Promise<void> {
    let handed = RELAY_BATCH;
    while (handed === RELAY_BATCH && !this.stopped) handed = await this.relayBatch();
    if (Date.now() < this.forgetAtMs) return;
    this.forgetAtMs = Date.now() + FORGET_EVERY_MS;
    await this.db.forgetOldAnswers();
  }

  /**
   * A crash between the queue and the commit hands a row over again: its id is the job's, so the queue drops it,
   * and a job that ran and was forgotten runs once more and finds its work done.
   */
  private relayBatch(): Promise<number> {
    return this.db.write(onDuty('relay'), async (tx) => {
      const rows = await tx.query<{ id: string; topic: string; payload: Record<string, unknown> }>(
        `SELECT id, topic, payload FROM outbox WHERE handed_over_at IS NULL
         ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
        [RELAY_BATCH],
      );
      if (rows.length === 0) return 0;
      await this.queue!.addBulk(
        rows.map(({ id, topic, payload }) => ({
          name: topic,
          data: { payload },
          opts: { jobId: id, ...JOB_OPTIONS },
        })),
      );
      await tx.query('UPDATE outbox SET handed_over_at = $2 WHERE id = ANY($1)', [
        rows.map(({ id }) => id),
        tx.at,
      ]);
      return rows.length;
    });
  }
}
