import { UsersService } from './access/index.js';
import { createApp, createContext } from './app.js';
import { DemoClock } from './demo-cast.js';
import { demoPassword, loadDemo } from './demo.js';
import { Jobs } from './platform/jobs.js';
import type { Runtime } from './platform/runtime.js';
import { closeAtEnd, openRuntime, say, serve } from './process.js';

/** Loads the demo in an application of its own, whose clock goes back in time; prints one sign-in per role. */
async function demo(runtime: Runtime): Promise<void> {
  const clock = new DemoClock();
  const app = await createContext(runtime, { clock });
  const password = demoPassword();
  try {
    say('Loading the demo…');
    const users = await loadDemo(app, clock, password);
    say(['Sign in as one of these:', ...users, `Password of all of them: ${password}`].join('\n'));
  } finally {
    await app.close();
  }
}

/** Serves pages, API and jobs; `--demo` loads the demo first. */
serve(async () => {
  const isDemo = process.argv.includes('--demo');
  const runtime = await openRuntime({ isDemo });
  const { settings } = runtime;
  if (isDemo) await demo(runtime);
  const app = await createApp(runtime);
  closeAtEnd(() => app.close());
  if (settings.ADMIN_EMAIL) {
    const link = await app.get(UsersService).linkForFirstAdmin(settings.ADMIN_EMAIL);
    if (link) say(`The administrator chooses a password here, within three days: ${link}`);
  }
  await app.get(Jobs).start();
  await app.listen(settings.PORT, settings.HOST);
  say(`Sasae answers on ${settings.PUBLIC_URL ?? (await app.getUrl())}`);
});
