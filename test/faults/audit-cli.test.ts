import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LogSeals } from '../../src/log/index.js';
import { openHouse, type House } from '../house.js';

let house: House;
let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sasae-audit-'));
  house = await openHouse({ keyringFile: join(dataDir, 'keyring.json') });
  await house.somebody('admin', ['admin']);
  await house.app.get(LogSeals).seal();
});
afterAll(async () => {
  await house.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Runs `npm run cli -- audit verify …` beside the server. */
const verify = (...more: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const { PATH, HOME } = process.env;
    const env = {
      PATH,
      HOME,
      DATABASE_URL: house.appUrl,
      KEYRING: join(dataDir, 'keyring.json'),
      DATA_DIR: dataDir,
    };
    execFile(process.execPath, ['dist/src/cli.js', 'audit', 'verify', ...more], { env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });

test('the command says that the log is whole, and ends with 1 and a line for each row that is not', async () => {
  const whole = await verify();
  expect([whole.code, whole.out]).toEqual([0, expect.stringMatching(/^ok: \d+ rows in 1 seals, /m)]);
  const [, head] = /^head: ([0-9a-f]{64})$/m.exec(whole.out)!;
  expect((await verify('--head', head!)).code).toBe(0);
  const [row] = await house.sql<{ id: number }>(
    `UPDATE audit_events SET subject = 'x' WHERE id = (SELECT min(id) FROM audit_events) RETURNING id`,
  );
  const altered = await verify('--head', '0'.repeat(64));
  expect(altered.code).toBe(1);
  expect(altered.out).toBe(`altered row ${row!.id} in seal 1\nhead_missing\n`);
  expect(altered.err).toContain('2 differences');
});
