import { createContext } from './app.js';
import { Jobs } from './platform/jobs.js';
import { closeOnSignal, openRuntime, run, say } from './process.js';

/** Runs jobs only, beside a process that serves. */
run(async () => {
  const { runtime, database } = await openRuntime({ join: true });
  const app = await createContext(runtime);
  closeOnSignal(async () => {
    await app.close();
    await database.close();
  });
  await app.get(Jobs).start();
  say('Working on jobs');
});
