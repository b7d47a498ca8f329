import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { FundView } from '../../src/funds/index.js';
import { ImportsService } from '../../src/imports/index.js';
import { onDuty } from '../../src/kernel/actor.js';
import { Db } from '../../src/platform/db.js';
import { FileStore } from '../../src/platform/files.js';
import { Jobs } from '../../src/platform/jobs.js';
import { booksBalance, given, type Given } from '../given.js';
import { once, openHouse, type House, type Somebody } from '../house.js';
import { eventually, openQueue, QUEUES } from '../queues.js';

interface ImportAnswer {
  id: string;
  status: string;
  done: number;
  total: number;
  summary: { rows: number; added: number; skipped: number; amount: number; people: number };
  errors: { row: number; column: string | null; code: string; message: string }[];
}

const HISTORY = readFileSync('config/demo/relief-history-2023-07_2024-11.csv');
const OUTREACH = {
  food: 2_573_500,
  shelter: 4_818_000,
  medical: 2_024_212,
  utilities: 1_077_901,
  other: 1_928_604,
};

const history = (more: Record<string, string> = {}) => ({ kind: 'history', fundCode: 'outreach', ...more });

describe.each(QUEUES)('spreadsheets come in as jobs on %s', (kind) => {
  let house: House;
  let world: Given;
  let queue: Awaited<ReturnType<typeof openQueue>>;
  let fund: FundView;

  beforeAll(async () => {
    queue = await openQueue(kind);
    house = await openHouse({ jobs: true, redisUrl: queue.redisUrl, at: '2024-12-10T10:00:00+09:00' });
    world = await given(house);
    fund = await world.fund('outreach', OUTREACH, { from: '2023-07-01', to: '2024-11-30' });
  });
  afterAll(async () => {
    await house.close();
    await queue.close();
  });

  const sendFile = (who: Somebody, bytes: Buffer | string, fields: Record<string, string>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)]), 'file.csv');
    return fetch(`${house.url}/api/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${who.key}`, 'idempotency-key': randomUUID() },
      body: form,
    });
  };

  /** Sends a file and waits for its job to end. */
  const bringIn = async (bytes: Buffer | string, fields: Record<string, string>): Promise<ImportAnswer> => {
    const who = fields.kind === 'organisations' ? world.admin : world.treasurer;
    const response = await sendFile(who, bytes, fields);
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    return eventually(async () => {
      const { body } = await who.get<ImportAnswer>(`/imports/${id}`);
      return ['done', 'refused'].includes(body.status) && body;
    });
  };
  const requests = async () =>
    (await house.sql(`SELECT 1 FROM grant_requests WHERE origin = 'import'`)).length;
  const report = async (more = '') =>
    (await world.board.get(`/reports/disbursed?from=2023-07-01&to=2024-11-30${more}`)).body;

  test('the members first', async () => {
    const answer = await bringIn(readFileSync('config/demo/organisations.csv'), { kind: 'organisations' });
    expect(answer).toMatchObject({ status: 'done', errors: [], summary: { added: 110 } });
  });

  test("payments are the treasurer's to bring in, and members the administrator's", async () => {
    const before = await house.sql('SELECT 1 FROM imports');
    const members = { kind: 'organisations' };
    expect((await sendFile(world.treasurer, 'code', members)).status).toBe(403);
    expect((await sendFile(world.admin, HISTORY, history({ dryRun: 'true' }))).status).toBe(403);
    expect(await house.sql('SELECT 1 FROM imports')).toHaveLength(before.length);

    const offered = async (path: string, who: Somebody) => {
      const page = await fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${who.key}` } });
      return [...(await page.text()).matchAll(/value="(history|organisations)"|action="(\S+start)"/g)].length;
    };
    expect([await offered('/imports', world.treasurer), await offered('/imports', world.admin)]).toEqual([
      1, 1,
    ]);
    const more = 'code,name,kind,prefecture_code,languages,joined_on\nM999,x,organisation,13,ja,2024-01-01';
    const { id } = await bringIn(more, { ...members, dryRun: 'true' });
    const page = `/imports/${id}`;
    expect([await offered(page, world.treasurer), await offered(page, world.admin)]).toEqual([0, 1]);
    const start = house.app.get(ImportsService).startAfter(world.treasurer.actor, id, once());
    await expect(start).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('a row that cannot be read is named with its column, and nothing of the file is stored', async () => {
    const lines = HISTORY.toString('utf8').split('\n');
    lines[3] = lines[3]!.replace(/,bank_transfer,/, ',shells,');
    lines[5] = lines[5]!.replace(/^[^,]*,[^,]*/, 'R2307-00005,2023-02-30');
    const answer = await bringIn(lines.join('\n'), history());
    expect(answer.status).toBe('refused');
    const named = answer.errors.map(({ row, column, code }) => ({ row, column, code }));
    expect(named).toContainEqual({ row: 6, column: 'paid_on', code: 'day' });
    expect(answer.errors.every(({ message }) => message.length > 5)).toBe(true);
    expect(await requests()).toBe(0);
  });

  test('a dry run says what it would do and stores nothing', async () => {
    const answer = await bringIn(HISTORY, history({ dryRun: 'true' }));
    expect(answer).toMatchObject({ status: 'done', errors: [] });
    expect(answer.summary).toMatchObject({ rows: 452, added: 452, amount: 12_422_217, people: 311 });
    expect(await requests()).toBe(0);
    expect(await report()).toMatchObject({ amount: 0, people: 0 });
  });

  test('the history becomes 452 payments to 311 people, ¥12,422,217 in the books', async () => {
    house.clock.set('2024-12-10T11:00:00+09:00');
    const answer = await bringIn(HISTORY, history());
    expect(answer).toMatchObject({ status: 'done', done: answer.total, errors: [] });
    expect(await report()).toMatchObject({ amount: 12_422_217, people: 311, instances: 452, requests: 452 });
    const { lines } = (await world.treasurer.get<FundView>(`/funds/${fund.id}`)).body;
    expect(Object.fromEntries(lines.map(({ category, spent }) => [category, spent]))).toEqual(OUTREACH);
    expect(lines.every(({ available, committed }) => available === 0 && committed === 0)).toBe(true);
    expect(await booksBalance(house)).toBe(true);
  });

  test('before the import was recorded, the report answers zero', async () => {
    const before = encodeURIComponent('2024-12-10T10:59:00+09:00');
    expect(await report(`&asOf=${before}`)).toMatchObject({
      amount: 0,
      people: 0,
      instances: 0,
      requests: 0,
    });
  });

  test('the same file again changes nothing', async () => {
    const answer = await bringIn(HISTORY, history());
    expect(answer).toMatchObject({ status: 'done', summary: { added: 0, skipped: 452 } });
    expect(await requests()).toBe(452);
    expect(await report()).toMatchObject({ amount: 12_422_217, people: 311, instances: 452 });
  });

  test('an import whose job was lost is taken up when a process starts to work', async () => {
    const lane = await openQueue(kind);
    const another = await openHouse({ redisUrl: lane.redisUrl, at: '2024-12-10T10:00:00+09:00' });
    try {
      const { admin } = await given(another);
      const imports = another.app.get(ImportsService);
      const bytes = readFileSync('config/demo/organisations.csv');
      const { id } = await imports.start(
        admin.actor,
        { kind: 'organisations', dryRun: false },
        bytes,
        once(),
      );
      await another.sql('UPDATE outbox SET handed_over_at = now()');
      await another.sql(`UPDATE imports SET status = 'running' WHERE id = $1`, [id]);
      await another.app.get(Jobs).start();
      const ended = await eventually(async () => {
        const { body } = await admin.get<ImportAnswer>(`/imports/${id}`);
        return body.status === 'done' && body;
      });
      expect(ended.summary.added).toBe(110);
    } finally {
      await another.close();
      await lane.close();
    }
  });

  test('what an error says stays out of the queue', async () => {
    const { app } = house;
    const failed = new Promise<void>((resolve) => {
      app.get(Jobs).handle('test.fails', async () => {
        resolve();
        await app.get(Db).read(onDuty('relay'), (tx) => tx.query(`SELECT 'アリさん'::int`));
      });
    });
    await app.get(Db).write(onDuty('relay'), async (tx) => tx.emit('test.fails', {}));
    await failed;
    const kept = await eventually(() => reasonIn(queue.redisUrl));
    expect(kept).toContain('test.fails: QueryFailedError 22P02');
    expect(kept).not.toContain('アリ');
  });

  /** What the queue keeps of the job that failed. */
  const reasonIn = async (redisUrl?: string): Promise<string | undefined> => {
    if (!redisUrl) {
      const rows = await house.sql<{ kept: string }>(
        `SELECT row_to_json(j)::text AS kept FROM bullmq.job j WHERE name = 'test.fails' AND failed_reason IS NOT NULL`,
      );
      return rows[0]?.kept;
    }
    const client = new Redis(redisUrl);
    try {
      for (const key of await client.keys('bull:sasae:*-*-*')) {
        const job = key.endsWith(':lock') ? {} : await client.hgetall(key);
        if (job.name === 'test.fails' && job.failedReason) return JSON.stringify(job);
      }
      return undefined;
    } finally {
      await client.quit();
    }
  };

  test('everything in the outbox was handed over', async () => {
    await eventually(
      async () => (await house.sql('SELECT 1 FROM outbox WHERE handed_over_at IS NULL')).length === 0,
    );
    expect(await house.sql('SELECT 1 FROM outbox')).not.toHaveLength(0);
  });
});

test('an import whose last attempt fails is refused and says so; before that it waits', async () => {
  const house = await openHouse();
  try {
    const { admin } = await given(house);
    const imports = house.app.get(ImportsService);
    const bytes = readFileSync('config/demo/organisations.csv');
    const { id } = await imports.start(admin.actor, { kind: 'organisations', dryRun: false }, bytes, once());
    const answer = async () => (await admin.get<ImportAnswer>(`/imports/${id}`)).body;
    await house.app.get(FileStore).remove(id);
    await expect(imports.run(id, false)).rejects.toThrow('ENOENT');
    expect(await answer()).toMatchObject({ status: 'waiting', errors: [] });
    await expect(imports.run(id, true)).rejects.toThrow('ENOENT');
    expect(await answer()).toMatchObject({ status: 'refused', errors: [{ code: 'failed' }] });
    await imports.run(id, true);
    expect(await house.sql(`SELECT 1 FROM organisations WHERE code LIKE 'M%'`)).toEqual([]);
  } finally {
    await house.close();
  }
});
