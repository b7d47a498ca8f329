import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import { AttachmentKeys } from '../../src/grants/attachment-keys.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { newId } from '../../src/kernel/ids.js';
import { Db } from '../../src/platform/db.js';
import { Vault, type SealingKey } from '../../src/platform/encryption.js';
import { FileSweep } from '../../src/platform/file-sweep.js';
import { FileStore } from '../../src/platform/files.js';
import { sealStream } from '../../src/platform/sealed-stream.js';
import { attach, download, pdfSaying, textsOf } from '../files.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { callAt, cookieOf, signIn } from './calls.js';

let house: House;
let world: Given;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
});
afterAll(() => house.close());

const receipt = (says: string = randomUUID()) => ({ name: '領収書.pdf', bytes: pdfSaying(says) });
const add = (requestId: string, ...files: { name: string; bytes: Buffer<ArrayBuffer> }[]) =>
  attach(house, world.partner, requestId, files);
const pathOf = (requestId: string, id: string) => `/grant-requests/${requestId}/attachments/${id}`;
const says = async (bytes: Buffer, text: string) => (await textsOf(bytes)).some((one) => one.includes(text));

/** Where the first chunk of a sealed file ends. */
const SEALED_CHUNK = 25 + 65_536 + 16;
/** A picture of many chunks. */
const noise = () =>
  sharp({
    create: {
      width: 400,
      height: 400,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer();

/** The names of all files that lie on the disk. */
async function onDisk(): Promise<string[]> {
  const entries = await readdir(join(house.dataDir, 'files'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
const fileOf = (id: string) => join(house.dataDir, 'files', id.slice(-2), id);
const rows = async (requestId: string) =>
  (await house.sql<{ id: string }>('SELECT id FROM attachments WHERE request_id = $1', [requestId])).length;

async function filed(): Promise<{ requestId: string; id: string; text: string }> {
  const { id: requestId } = await world.draftRequest();
  const text = randomUUID();
  const { body } = await add(requestId, receipt(text));
  return { requestId, id: body.id, text };
}

describe('several files at once', () => {
  test('are all kept, each under its own name and sealed by its own key', async () => {
    const { id: requestId } = await world.draftRequest();
    const photo = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const { status, body } = await add(requestId, receipt('one'), { name: 'レシート.png', bytes: photo });
    expect(status).toBe(201);
    const { attachments } = (await world.partner.get<GrantRequestView>(`/grant-requests/${requestId}`)).body;
    expect(body.items).toEqual(attachments);
    expect(body).toMatchObject(attachments[0]!);
    expect(attachments.map(({ name, contentType }) => [name, contentType])).toEqual([
      ['領収書.pdf', 'application/pdf'],
      ['レシート.png', 'image/png'],
    ]);
    const owners = await house.sql('SELECT owner_id FROM data_keys WHERE owner_id = ANY($1)', [
      attachments.map(({ id }) => id),
    ]);
    expect(owners).toHaveLength(2);
  });

  test('are all refused with one that is bad, which is named, and nothing stays of any', async () => {
    const { id: requestId } = await world.draftRequest();
    const before = await onDisk();
    const { status, body } = await add(requestId, receipt(), { name: 'x.svg', bytes: Buffer.from('<svg/>') });
    expect([
      status,
      body.errors.map(({ path, code }: { path: string; code: string }) => [path, code]),
    ]).toEqual([422, [['file.1', 'fileType']]]);
    expect([await rows(requestId), await onDisk()]).toEqual([0, before]);
  });

  test('are kept once, however often the same call comes; with other files it is another call', async () => {
    const { id: requestId } = await world.draftRequest();
    const before = await onDisk();
    const [key, files] = [randomUUID(), [receipt(), receipt()]];
    const first = await attach(house, world.partner, requestId, files, key);
    const again = await attach(house, world.partner, requestId, files, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await attach(house, world.partner, requestId, [files[0]!], key)).body.code).toBe(
      'idempotency.mismatch',
    );
    expect([await rows(requestId), (await onDisk()).length]).toEqual([2, before.length + 2]);
  });

  test('of more than ten, or one of more than 20 MB, are refused and leave nothing', async () => {
    const { id: requestId } = await world.draftRequest();
    const before = await onDisk();
    const eleven = Array.from({ length: 11 }, () => receipt());
    const large = { name: 'large.pdf', bytes: Buffer.alloc(20_000_001, '%PDF-1.4 ') };
    expect((await add(requestId, ...eleven)).status).toBe(413);
    expect((await add(requestId, receipt(), large)).status).toBe(413);
    expect([await rows(requestId), await onDisk()]).toEqual([0, before]);
  });
});

describe('a file that is opened', () => {
  test('is saved and never shown within our own pages, and the log says who opened it', async () => {
    const { requestId, id, text } = await filed();
    const { status, headers, bytes } = await download(house, world.partner, pathOf(requestId, id));
    expect([status, await says(bytes, text)]).toEqual([200, true]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent('領収書.pdf')}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    const opened = await house.sql(
      `SELECT actor_id FROM audit_events WHERE action = 'attachment.opened' AND facts->>'attachmentId' = $1`,
      [id],
    );
    expect(opened).toEqual([{ actor_id: world.partner.user.id }]);
  });

  test('begins to arrive before its end was read', async () => {
    const { id: requestId } = await world.draftRequest();
    const { body } = await add(requestId, { name: 'x.png', bytes: await noise() });
    const files = house.app.get(FileStore);
    const sealed = await buffer(files.read(body.id));
    const gate = new EventEmitter();
    const held = once(gate, 'open');
    // As from a slow disk: a chunk and the beginning of the next one, and the rest when it is let go.
    const read = jest.spyOn(files, 'read').mockImplementation(async function* () {
      yield sealed.subarray(0, SEALED_CHUNK + 1);
      await held;
      yield sealed.subarray(SEALED_CHUNK + 1);
    });
    const response = await fetch(`${house.url}/api/v1${pathOf(requestId, body.id)}`, {
      headers: { authorization: `Bearer ${world.partner.key}` },
    });
    const reader = response.body!.getReader();
    let length = (await reader.read()).value!.length;
    expect(length).toBeGreaterThan(0);
    gate.emit('open');
    for (let part = await reader.read(); !part.done; part = await reader.read()) length += part.value.length;
    expect(length).toBe(body.sizeBytes);
    read.mockRestore();
  });

  test('does not arrive whole when its end is missing on the disk, and not at all under another’s name', async () => {
    const { id: requestId } = await world.draftRequest();
    const { body } = await add(requestId, { name: 'x.png', bytes: await noise() }, receipt());
    const [large, other] = body.items as { id: string }[];
    const files = house.app.get(FileStore);
    const sealed = await buffer(files.read(large!.id));
    await files.write(other!.id, [sealed]);
    expect((await download(house, world.partner, pathOf(requestId, other!.id))).status).toBe(500);
    await files.write(large!.id, [sealed.subarray(0, 2 * SEALED_CHUNK - 25)]);
    await expect(download(house, world.partner, pathOf(requestId, large!.id))).rejects.toThrow('terminated');
  });
});

const remove = (by: Given['partner'], requestId: string, id: string) =>
  by.send('DELETE', pathOf(requestId, id), {});

describe('a file that is taken out', () => {
  test('of a draft or a returned request is gone with its key and its bytes, and the log says so', async () => {
    const fund = await world.fund('taken-out', { shelter: 1_000_000 });
    for (const state of ['draft', 'returned'] as const) {
      const { id: requestId } = await world.requestIn(state, fund);
      const { body } = await add(requestId, receipt(), receipt());
      const [gone, stays] = body.items as { id: string }[];
      expect((await remove(world.partner, requestId, gone!.id)).status).toBe(204);
      expect((await remove(world.partner, requestId, gone!.id)).status).toBe(404);
      const kept = await house.sql(
        `SELECT owner_id AS id FROM data_keys WHERE owner_id = ANY($1) UNION ALL
         SELECT id FROM attachments WHERE id = ANY($1)`,
        [[gone!.id, stays!.id]],
      );
      expect(kept).toEqual([{ id: stays!.id }, { id: stays!.id }]);
      expect((await onDisk()).filter((name) => [gone!.id, stays!.id].includes(name))).toEqual([stays!.id]);
      const [told] = await house.sql(
        `SELECT actor_id, facts FROM audit_events WHERE action = 'attachment.removed' AND subject_id = $1`,
        [requestId],
      );
      expect(told).toEqual({
        actor_id: world.partner.user.id,
        facts: { attachmentId: gone!.id, key: expect.any(String) },
      });
    }
  });

  test('of a request that was submitted stays, also by SQL; another group’s is as absent as none', async () => {
    const { id: requestId } = await world.submittedRequest();
    const { body } = await add(requestId, receipt());
    const refused = await remove(world.partner, requestId, body.id);
    expect([refused.status, refused.body.code]).toEqual([409, 'request.not_editable']);
    for (const table of ['attachments WHERE id', 'data_keys WHERE owner_id']) {
      await house.sqlAs(world.partner.actor, `DELETE FROM ${table} = $1`, [body.id]);
    }
    expect((await download(house, world.partner, pathOf(requestId, body.id))).status).toBe(200);
    const elsewhere = await world.anotherOrganisation();
    const neighbour = await house.somebody('neighbour', ['caseworker'], elsewhere.id);
    const theirs = await remove(neighbour, requestId, body.id);
    expect(theirs).toEqual(await remove(neighbour, requestId, randomUUID()));
    expect(theirs.status).toBe(404);
  });

  test('takes no other key along: not by SQL, and not that of a person or a case', async () => {
    const { requestId } = await filed();
    const [{ key_owner_id: caseId }] = (await house.sql<{ key_owner_id: string }>(
      'SELECT key_owner_id FROM grant_requests WHERE id = $1',
      [requestId],
    )) as [{ key_owner_id: string }];
    await house.sqlAs(world.partner.actor, 'DELETE FROM data_keys WHERE owner_id = $1', [caseId]);
    expect(await house.sql('SELECT 1 FROM data_keys WHERE owner_id = $1', [caseId])).toHaveLength(1);
  });

  test('goes by a button of the page, where what was typed and chosen beside it stays', async () => {
    const { requestId, id } = await filed();
    const cookie = cookieOf(await signIn(house, world.partner));
    const path = `/requests/${requestId}/edit/reason`;
    expect((await callAt(house, 'GET', path, { cookie })).text).toContain(`name="remove" value="${id}"`);
    const send = async (
      fields: Record<string, string>,
      ...files: { name: string; bytes: Buffer<ArrayBuffer> }[]
    ) => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ idempotencyKey: randomUUID(), ...fields }))
        form.set(name, value);
      for (const { name, bytes } of files) form.append('file', new Blob([bytes]), name);
      const headers = { cookie, origin: house.url };
      return fetch(`${house.url}${path}`, { method: 'POST', headers, body: form, redirect: 'manual' });
    };
    const removed = await send({ reason: '今夜寒いので。', remove: id }, receipt(), receipt());
    expect([removed.status, removed.headers.get('location')]).toEqual([303, `${path}?done=filing.removed`]);
    const shown = (await world.partner.get<GrantRequestView>(`/grant-requests/${requestId}`)).body;
    expect([shown.reason, shown.attachments.map((one) => one.id === id)]).toEqual([
      '今夜寒いので。',
      [false, false],
    ]);
    const refused = await send({ reason: '今夜', attach: 'true' }, receipt(), {
      ...receipt(),
      name: '偽.pdf',
      bytes: Buffer.from('x'),
    });
    const page = await refused.text();
    expect([refused.status, page.includes('「偽.pdf」：'), page.includes('href="#file"')]).toEqual([
      422,
      true,
      true,
    ]);
    expect(await rows(requestId)).toBe(2);
  });
});

test('a paper that comes again is found by what was sent, and no more once it was taken out', async () => {
  const paper = receipt();
  const twins = async () => {
    const found = await house.sql(
      `SELECT 1 FROM attachments a JOIN attachments b ON a.digest = b.digest AND a.id < b.id WHERE a.request_id = $1`,
      [first.id],
    );
    return found.length;
  };
  const [first, second] = [await world.draftRequest(), await world.draftRequest()];
  await add(first.id, paper);
  const { body } = await add(second.id, { ...paper, name: 'another name.pdf' });
  expect(await twins()).toBe(1);
  await world.partner.send('DELETE', pathOf(second.id, body.id), {});
  expect(await twins()).toBe(0);
});

describe('each file has its own key', () => {
  test('so it opens when its case was forgotten, and does not when it was itself', async () => {
    const { requestId, id, text } = await filed();
    await house.sql(
      'DELETE FROM data_keys WHERE owner_id = (SELECT key_owner_id FROM grant_requests WHERE id = $1)',
      [requestId],
    );
    const opened = await download(house, world.partner, pathOf(requestId, id));
    expect([opened.status, await says(opened.bytes, text)]).toEqual([200, true]);
    const other = await filed();
    await house.sql('DELETE FROM data_keys WHERE owner_id = $1', [other.id]);
    expect((await download(house, world.partner, pathOf(other.requestId, other.id))).status).toBe(404);
    const shown = await world.partner.get<GrantRequestView>(`/grant-requests/${other.requestId}`);
    expect([shown.status, shown.body.attachments.map(({ name }) => name)]).toEqual([200, ['']]);
  });

  test('that a board member who is asked to decide may use', async () => {
    const request = await world.requestInReview([line('shelter', 300_000)]);
    const { body } = await add(request.id, receipt('board'));
    expect((await download(house, world.board, pathOf(request.id, body.id))).status).toBe(404);
    const fund = await world.fund('board-files', { shelter: 1_000_000 });
    await world.approvedBy(request, fund, [world.approver, world.approver2]);
    const { status, bytes } = await download(house, world.board, pathOf(request.id, body.id));
    expect([status, await says(bytes, 'board')]).toEqual([200, true]);
  });
});

/** As it was: sealed whole, with the key of the request's case, the name too. */
async function olden() {
  const { requestId, text } = await filed();
  const id = newId();
  const bytes = pdfSaying(text);
  const key = await house.app.get(Db).read(world.partner.actor, async (tx) => {
    const [row] = await tx.query<{ owner: string }>(
      'SELECT key_owner_id AS owner FROM grant_requests WHERE id = $1',
      [requestId],
    );
    return { owner: row!.owner, seal: await house.app.get(Vault).keyOf(tx.orm, row!.owner) };
  });
  await house.app.get(FileStore).write(id, [key.seal.sealBytes(bytes, `attachments:${id}`)]);
  await house.sql(
    `INSERT INTO attachments (id, request_id, organisation_id, key_owner_id, name, content_type, size_bytes, digest,
                              uploaded_by, uploaded_at)
     SELECT $1, request_id, organisation_id, $2, $3, content_type, $4, digest, uploaded_by, uploaded_at
     FROM attachments WHERE request_id = $5`,
    [id, key.owner, key.seal.seal('古い.pdf', `attachments.name:${id}`), bytes.length, requestId],
  );
  return { requestId, id, bytes };
}
const opens = async ({ requestId, id, bytes }: Awaited<ReturnType<typeof olden>>) => {
  const { attachments } = (await world.partner.get<GrantRequestView>(`/grant-requests/${requestId}`)).body;
  const name = attachments.find((one) => one.id === id)?.name;
  const opened = await download(house, world.partner, pathOf(requestId, id));
  return name === '古い.pdf' && opened.bytes.equals(bytes);
};
const waiting = async () =>
  (await house.sql<{ id: string }>('SELECT id FROM attachments WHERE key_owner_id <> id ORDER BY id')).map(
    ({ id }) => id,
  );

describe('a file from before each had its own key', () => {
  test('opens as before, is given one, and opens with that one alone', async () => {
    const keys = house.app.get(AttachmentKeys);
    const olds = [await olden(), await olden()];
    for (const old of olds) expect(await opens(old)).toBe(true);
    expect(await Promise.all([keys.giveOwnKeys(), keys.giveOwnKeys()]).then(([a, b]) => a + b)).toBe(2);
    expect([await waiting(), await keys.giveOwnKeys()]).toEqual([[], 0]);
    for (const old of olds) {
      expect(await opens(old)).toBe(true);
      expect((await buffer(house.app.get(FileStore).read(old.id)))[0]).toBe(2);
    }
  });

  test('opens after a crash at any step, and the next start goes on', async () => {
    const [keys, files, db] = [house.app.get(AttachmentKeys), house.app.get(FileStore), house.app.get(Db)];
    const old = await olden();
    // Its key is there, and its bytes are not sealed with it yet.
    const write = jest.spyOn(files, 'write').mockRejectedValue(new Error('killed'));
    expect(await keys.giveOwnKeys()).toBe(0);
    write.mockRestore();
    expect([await opens(old), await waiting()]).toEqual([true, [old.id]]);
    // Its bytes are sealed with it, and its row does not say so yet.
    const key: SealingKey = await db.read(world.partner.actor, (tx) =>
      house.app.get(Vault).keyOf(tx.orm, old.id),
    );
    await files.write(old.id, sealStream(key, `attachments:${old.id}`, [old.bytes]));
    expect([await opens(old), await waiting()]).toEqual([true, [old.id]]);
    expect([await keys.giveOwnKeys(), await opens(old), await waiting()]).toEqual([1, true, []]);
  });

  test('that is missing on the disk keeps no other waiting', async () => {
    const [lost, old] = [await olden(), await olden()];
    await house.app.get(FileStore).remove(lost.id);
    expect(await house.app.get(AttachmentKeys).giveOwnKeys()).toBe(1);
    expect([await waiting(), await opens(old)]).toEqual([[lost.id], true]);
  });
});

const age = (path: string, hours: number) => {
  const then = new Date(Date.now() - hours * 3_600_000);
  return utimes(path, then, then);
};

describe('a file that no row knows', () => {
  test('is what a crash between the file and its row leaves, and nothing else stays', async () => {
    const { id: requestId } = await world.draftRequest();
    const before = await onDisk();
    const write = jest
      .spyOn(house.app.get(Vault), 'createKeys')
      .mockRejectedValueOnce(new Error('connection lost'));
    expect((await add(requestId, receipt())).status).toBe(500);
    write.mockRestore();
    const left = (await onDisk()).filter((name) => !before.includes(name));
    expect([await rows(requestId), left.length]).toEqual([0, 1]);
  });

  test('is taken away a day later; what a row knows, what is new, and what an import waits for stay', async () => {
    const files = house.app.get(FileStore);
    const [orphan, fresh, imported, ended] = [newId(), newId(), newId(), newId()];
    for (const id of [orphan, fresh, imported, ended]) await files.write(id, [Buffer.from('x')]);
    for (const [id, status, summary] of [
      [imported, 'waiting', '{"fileKept": true}'],
      [ended, 'refused', '{}'],
    ]) {
      await house.sql(
        `INSERT INTO imports (id, kind, dry_run, status, summary, created_by, created_at, finished_at)
         VALUES ($1, 'organisations', true, $2, $3, $4, now(), CASE WHEN $2 = 'refused' THEN now() END)`,
        [id, status, summary, world.admin.user.id],
      );
    }
    const unfinished = `${fileOf(orphan)}.${newId()}.part`;
    await writeFile(unfinished, 'x');
    const { id: known } = await filed();
    for (const path of [orphan, imported, ended, known].map(fileOf)) await age(path, 25);
    await age(unfinished, 25);
    await age(fileOf(fresh), 23);
    expect(await house.app.get(FileSweep).sweep()).toBe(2);
    const names = await onDisk();
    expect([orphan, fresh, imported, ended, known].map((id) => names.includes(id))).toEqual([
      false,
      true,
      true,
      false,
      true,
    ]);
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
