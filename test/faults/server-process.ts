import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process that is starting, and can be killed. */
export interface LaunchedProcess {
  /** What it printed. */
  output(): string;
  /** Waits until it prints this. @throws Error with its output when it ends before */
  printed(text: RegExp): Promise<RegExpExecArray>;
  pid: number;
  /** Its exit code, when it has ended. */
  ended: Promise<number | null>;
  /** Gives its exit code. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
  /** Stops it where it is, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

/** The server as its users run it, in a process of its own. */
export interface ServerProcess extends LaunchedProcess {
  url: string;
}

/** Starts `dist/src/main.js` on a free port and waits until it answers. @throws Error with its output when it ends */
export async function startServer(
  environment: Record<string, string>,
  args: string[] = [],
): Promise<ServerProcess> {
  const launched = launch(environment, args);
  const [, url] = await launched.printed(/Sasae answers on (\S+)/);
  return { ...launched, url: url! };
}

/** Starts `dist/src/main.js`, or another entry, without waiting. */
export function launch(
  environment: Record<string, string>,
  args: string[] = [],
  entry = 'main',
): LaunchedProcess {
  const child = spawn(process.execPath, [`dist/src/${entry}.js`, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  return {
    pid: child.pid!,
    ended: exited.then(([code]) => code),
    signal: (signal) => void child.kill(signal),
    output: () => output,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = text.exec(output);
          if (found) resolve(found);
        };
        look();
        child.stdout.on('data', look);
        void exited.then(() => reject(new Error(`The server ended: ${output}`)));
      }),
    kill: async (signal) => {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}
