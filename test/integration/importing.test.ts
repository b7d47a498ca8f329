import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import { booksBalance, given, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
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

  /** Sends a file and waits for its job to end. */
  const bringIn = async (bytes: Buffer | string, fields: Record<string, string>): Promise<ImportAnswer> => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)]), 'file.csv');
    const who = fields.kind === 'organisations' ? world.admin : world.treasurer;
    const response = await fetch(`${house.url}/api/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${who.key}`, 'idempotency-key': randomUUID() },
      body: form,
    });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    return eventually(async () => {
      const { body } = await who.get<ImportAnswer>(`/imports/${id}`);
      return ['done', 'refused'].includes(body.status) && body;
    });
  };
  const history = (more: Record<string, string> = {}) => ({ kind: 'history', fundCode: 'outreach', ...more });
  const requests = async () =>
    (await house.sql(`SELECT 1 FROM grant_requests WHERE origin = 'import'`)).length;
  const report = async (more = '') =>
    (await world.board.get(`/reports/disbursed?from=2023-07-01&to=2024-11-30${more}`)).body;

  test('the members first', async () => {
    const answer = await bringIn(readFileSync('config/demo/organisations.csv'), { kind: 'organisations' });
    expect(answer).toMatchObject({ status: 'done', errors: [], summary: { added: 110 } });
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

  test('everything in the outbox was handed over', async () => {
    await eventually(
      async () => (await house.sql('SELECT 1 FROM outbox WHERE handed_over_at IS NULL')).length === 0,
    );
    expect(await house.sql('SELECT 1 FROM outbox')).not.toHaveLength(0);
  });
});
