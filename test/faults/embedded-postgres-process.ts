import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { transformFileSync } from '@swc/core';

const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES = join(ROOT, 'src/platform');

/** Starts a server, tells how to reach it in one line of JSON, and runs until it is told to stop or is killed. */
const PROGRAM = `
import { startEmbeddedPostgres } from './embedded-postgres.js';
const tell = (event) => process.stdout.write(JSON.stringify(event) + '\\n');
try {
  const server = await startEmbeddedPostgres({
    dataDir: process.argv[2],
    say: (line) => tell({ said: line }),
    settings: { fsync: 'off', shared_buffers: '16MB' },
    onExit: (reason) => tell({ ended: reason }),
  });
  tell({ ownerUrl: server.ownerUrl, appUrl: server.appUrl });
  process.stdin.resume().on('end', () => server.stop());
} catch (error) {
  tell({ error: error.message, name: error.name });
}
`;

/** Takes and gives back the lock many times; fails if another process believes to hold it at the same moment. */
const RACE = `
import { closeSync, openSync, rmSync } from 'node:fs';
import { lockDataDir } from './embedded-postgres-lock.js';
const alone = process.argv[2] + '/alone';
for (let turns = 0; turns < 100; ) {
  let unlock;
  try {
    unlock = lockDataDir(process.argv[2]);
  } catch (error) {
    if (error.name !== 'DataDirLocked') throw error;
    continue;
  }
  closeSync(openSync(alone, 'wx'));
  rmSync(alone);
  unlock();
  turns += 1;
}
`;

export interface Told {
  said?: string;
  ended?: string;
  ownerUrl?: string;
  appUrl?: string;
  error?: string;
  name?: string;
}

/** The product's files as JavaScript, for a process of its own: Node has no loader for TypeScript here. */
export function transpile(folder: string, packages = join(ROOT, 'node_modules')): string {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(SOURCES).filter((name) => name.startsWith('embedded-postgres'))) {
    const { code } = transformFileSync(join(SOURCES, name), {
      swcrc: false,
      module: { type: 'es6' },
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    });
    writeFileSync(join(folder, name.replace(/ts$/, 'js')), code);
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'program.js'), PROGRAM);
  writeFileSync(join(folder, 'race.js'), RACE);
  symlinkSync(packages, join(folder, 'node_modules'));
  return join(folder, 'program.js');
}

export interface Process {
  pid: number;
  /** The next line that the process tells; rejects when it ends without one. */
  next(): Promise<Told>;
  /** The next line that is not only said to the one who runs it: the server's addresses, its end, or an error. */
  outcome(): Promise<Told>;
  /** kill -9, as an out-of-memory killer or a power cut would. */
  kill(): Promise<void>;
  /** Asks for a clean stop and waits for it. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Runs what `transpile` made on a data directory. */
export function startProcess(program: string, dataDir: string): Process {
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  const exited = once(child, 'exit').finally(() => running.delete(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Told> => {
    const line = await lines.next();
    if (line.done) throw new Error('The process ended without a word');
    return JSON.parse(line.value) as Told;
  };
  const outcome = async (): Promise<Told> => {
    for (;;) {
      const told = await next();
      if (!told.said) return told;
    }
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  return { pid: child.pid!, next, outcome, kill, stop };
}

/** Ends what a failed test left running, each with a clean stop of its server. */
export async function stopProcesses(): Promise<void> {
  for (const child of running) {
    child.stdin?.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}
