import { createContext } from './app.js';
import { Jobs } from './platform/jobs.js';
import { closeAtEnd, openRuntime, say, serve } from './process.js';

/** Runs jobs only, beside a process that serves. */
serve(async () => {
  const app = await createContext(await openRuntime({ join: true }));
  closeAtEnd(() => app.close());
  await app.get(Jobs).start();
  say('Working on jobs');
});
