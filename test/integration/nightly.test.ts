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

  const checks = () => house.sql<{ differences: unknown[] }>('SELECT differences FROM ledger_checks');

  test('waits once for three in the morning, as the network has it, however many processes start', async () => {
    const [scheduler, ...others] = await queue.getJobSchedulers();
    expect(others).toEqual([]);
    expect(scheduler).toMatchObject({ key: 'ledger.verify', pattern: '0 3 * * *', tz: 'Asia/Tokyo' });
    expect(await queue.getDelayed()).toHaveLength(1);
    expect(new Date(scheduler!.next!).toISOString()).toMatch(/T18:00:00.000Z$/);
    // A process that starts catches up on the nights before.
    expect(await checks()).toEqual([{ differences: [] }]);
  });

  test('verifies the books then, keeps what it found, and waits for the next night', async () => {
    const [job] = await queue.getDelayed();
    await job!.promote();
    const kept = await eventually(async () => {
      const rows = await checks();
      return rows.length > 1 && rows;
    });
    expect(kept.at(-1)).toEqual({ differences: [] });
    const [next, ...others] = await eventually(async () => {
      const delayed = await queue.getDelayed();
      return delayed.length > 0 && delayed;
    });
    expect(next!.id).not.toBe(job!.id);
    expect(others).toEqual([]);
  });
});
