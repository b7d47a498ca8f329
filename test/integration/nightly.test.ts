import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Db } from '../../src/platform/db.js';
import { Jobs, openQueue } from '../../src/platform/jobs.js';
import { Runtime } from '../../src/platform/runtime.js';
import { openHouse, type House } from '../house.js';
import { eventually, openQueue as openServer, QUEUES } from '../queues.js';

describe.each(QUEUES)('what is done every night, with jobs on %s', (where) => {
  let house: House;
  let server: Awaited<ReturnType<typeof openServer>>;
  let queue: ReturnType<typeof openQueue>;
  let second: Jobs;

  beforeAll(async () => {
    server = await openServer(where);
    house = await openHouse({ jobs: true, redisUrl: server.redisUrl });
    const runtime = house.app.get(Runtime);
    queue = openQueue(runtime);
    // Another process that says the same.
    second = new Jobs(house.app.get(Db), runtime);
    second.nightly('ledger.verify', () => Promise.resolve());
    await second.start();
    await second.stop();
  });
  afterAll(async () => {
    await queue.close();
    await house.close();
    await server.close();
  });

  /** The next round of it; other rooms have rounds of their own. */
  const waiting = async () => (await queue.getDelayed()).filter(({ name }) => name === 'ledger.verify');
  const checks = () => house.sql<{ differences: unknown[] }>('SELECT differences FROM ledger_checks');

  test('waits once for three in the morning, as the network has it, however many processes start', async () => {
    const schedulers = await queue.getJobSchedulers();
    expect(schedulers.map(({ key, pattern }) => [key, pattern]).sort()).toEqual([
      ['files.sweep', '0 3 * * *'],
      ['forgetting.night', '0 3 * * *'],
      ['ledger.verify', '0 3 * * *'],
      ['log.seal', '*/5 * * * *'],
      ['log.verify', '0 3 * * *'],
      ['people.index', '0 3 * * *'],
    ]);
    const scheduler = schedulers.find(({ key }) => key === 'ledger.verify');
    expect(scheduler).toMatchObject({ key: 'ledger.verify', pattern: '0 3 * * *', tz: 'Asia/Tokyo' });
    expect(await waiting()).toHaveLength(1);
    expect(new Date(scheduler!.next!).toISOString()).toMatch(/T18:00:00.000Z$/);
    // A process that starts catches up on the nights before.
    expect(await checks()).toEqual([{ differences: [] }]);
  });

  test('verifies the books then, keeps what it found, and waits for the next night', async () => {
    const [job] = await waiting();
    await job!.promote();
    const kept = await eventually(async () => {
      const rows = await checks();
      return rows.length > 1 && rows;
    });
    expect(kept.at(-1)).toEqual({ differences: [] });
    const [next, ...others] = await eventually(async () => {
      const delayed = await waiting();
      return delayed.length > 0 && delayed;
    });
    expect(next!.id).not.toBe(job!.id);
    expect(others).toEqual([]);
  });
});
