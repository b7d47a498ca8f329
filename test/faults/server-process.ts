import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The server as its users run it, in a process of its own that can be killed. */
export interface ServerProcess {
  url: string;
  /** What it printed. */
  output(): string;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** Starts `dist/src/main.js` on a free port and waits until it answers. @throws Error with its output when it ends */
export async function startServer(
  environment: Record<string, string>,
  args: string[] = [],
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['dist/src/main.js', ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /Sasae answers on (\S+)/.exec(output);
      if (found) resolve(found[1]!);
    });
    void exited.then(() => reject(new Error(`The server ended: ${output}`)));
  });
  return {
    url,
    output: () => output,
    kill: async (signal) => {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}
