import { Worker } from 'node:worker_threads';

export interface ThreadLimits {
  /** Of JavaScript's own memory, in megabytes. */
  memoryMb: number;
  timeMs: number;
}

/** A thread ended without an answer: it took too much memory or time, or failed by itself. */
export class ThreadStopped extends Error {
  constructor(readonly why: 'memory' | 'time' | 'fault') {
    super(`A thread was stopped: ${why}`);
  }
}

/** Where a compiled worker lies beside a module. Tests run the sources, and their workers what was built of them. */
export const workerBeside = (moduleUrl: string, name: string): URL =>
  new URL(`./${name}.js`, moduleUrl.replace(/(?<!\/dist)\/src\//, '/dist/src/'));

/**
 * Lets a worker do one thing with what a stranger sent, so that nothing hostile in it holds up everybody else or takes
 * the process down. The worker reads `workerData` and posts one message, the answer.
 * @throws ThreadStopped
 */
export function onThread<Out>(worker: URL, input: unknown, limits: ThreadLimits): Promise<Out> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(worker, {
      workerData: input,
      resourceLimits: {
        maxOldGenerationSizeMb: limits.memoryMb,
        maxYoungGenerationSizeMb: 32,
        stackSizeMb: 4,
      },
      // It needs none of our settings, and what a library says of a file's content belongs in no log.
      env: {},
      stdout: true,
      stderr: true,
    });
    thread.stdout.resume();
    thread.stderr.resume();
    const stop = (why: ThreadStopped['why']) => {
      reject(new ThreadStopped(why));
      void thread.terminate();
    };
    const timer = setTimeout(() => stop('time'), limits.timeMs);
    thread.once('message', (answer: Out) => {
      resolve(answer);
      void thread.terminate();
    });
    thread.once('error', (error: NodeJS.ErrnoException) =>
      stop(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'fault'),
    );
    thread.once('exit', () => {
      clearTimeout(timer);
      reject(new ThreadStopped('fault'));
    });
  });
}

/** Lets so many run at once; the others wait for their turn in the order in which they came. */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((next) => this.waiting.push(next));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
