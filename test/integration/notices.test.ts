import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { LogSeals } from '../../src/log/index.js';
import { openQueue } from '../../src/platform/jobs.js';
import { Runtime } from '../../src/platform/runtime.js';
import { given, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { eventually } from '../queues.js';

interface Received {
  to: string[];
  source: string;
}

const received: Received[] = [];
/** How many of the next mails the server puts off. */
let putOff = 0;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, session, done) {
    void text(stream).then((source) => {
      if (putOff > 0) {
        putOff -= 1;
        return done(Object.assign(new Error('later'), { responseCode: 451 }));
      }
      received.push({ to: session.envelope.rcptTo.map(({ address }) => address), source });
      return done();
    });
  },
});

let house: House;
let world: Given;
let queue: ReturnType<typeof openQueue>;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const settings = { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'sasae@network.example' };
  house = await openHouse({ jobs: true, settings });
  world = await given(house);
  queue = openQueue(house.app.get(Runtime));
});
afterAll(async () => {
  await queue.close();
  await house.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
beforeEach(() => void received.splice(0));

/** Lets the night come, and waits for these many mails. */
async function night(mails: number): Promise<Received[]> {
  const [job] = (await queue.getDelayed()).filter(({ name }) => name === 'log.verify');
  await job!.promote();
  await eventually(async () => received.length >= mails);
  return received;
}

/** The text of a mail, as its reader sees it. */
const read = ({ source }: Received): string => {
  const [, encoded] = source.split(/\r\n\r\n/);
  return /base64/i.test(source) ? Buffer.from(encoded!, 'base64').toString('utf8') : decodeQuoted(source);
};
const decodeQuoted = (source: string): string =>
  Buffer.from(
    source
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

describe('privacy.md, point 7: the nightly message', () => {
  test('brings the head of the log to every board member and administrator, and to nobody else', async () => {
    const mails = await night(2);
    expect(mails.flatMap(({ to }) => to).sort()).toEqual([world.admin.email, world.board.email].sort());
    const [, digest] = /\b([0-9a-f]{64})\b/.exec(read(mails[0]!))!;
    const found = await house.app.get(LogSeals).verify(undefined, digest);
    expect(found.differenceCount).toBe(0);
    const other = await house.app.get(LogSeals).verify(undefined, '0'.repeat(64));
    expect(other.differences.map(({ code }) => code)).toEqual(['head_missing']);
  });

  test('comes once a night, however often the night is told of', async () => {
    const jobs = await queue.getCompleted();
    const told = jobs.find(({ name }) => name === 'log.verified_nightly')!;
    await queue.add(told.name, told.data);
    await eventually(
      async () => (await queue.getCompleted()).filter(({ name }) => name === told.name).length > 1,
    );
    expect(await house.sql('SELECT 1 FROM notices')).toHaveLength(2);
    expect(received).toEqual([]);
  });

  test('is sent again when the mail server puts it off, and warns when the log is not whole', async () => {
    house.clock.set('2024-12-17T18:00:00+09:00');
    await house.sql(
      `UPDATE audit_events SET action = 'forged' WHERE id = (SELECT min(id) FROM audit_events)`,
    );
    putOff = 1;
    const mails = await night(2);
    expect(mails).toHaveLength(2);
    for (const mail of mails) expect(read(mail)).toMatch(/違うところが 1 か所/);
    expect(await house.sql('SELECT 1 FROM notices WHERE mailed_at IS NULL')).toEqual([]);
  });
});
