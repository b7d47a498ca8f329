import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CaseView } from '../../src/cases/cases.dto.js';
import { CasesService } from '../../src/cases/index.js';
import { LedgerCheck } from '../../src/ledger/index.js';
import { LogSeals } from '../../src/log/index.js';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { onDuty } from '../../src/kernel/actor.js';
import { SimilarQueries } from '../../src/people/index.js';
import { Db } from '../../src/platform/db.js';
import { FileStore } from '../../src/platform/files.js';
import { Jobs } from '../../src/platform/jobs.js';
import { ForgettingService } from '../../src/privacy/index.js';
import { TombstoneFile } from '../../src/privacy/tombstone-file.js';
import { attach as attachFiles, pdfSaying } from '../files.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { eventually } from '../queues.js';

let house: House;
let world: Given;
let fund: FundView;
let admin2: Somebody;

beforeAll(async () => {
  house = await openHouse({ jobs: true });
  world = await given(house);
  admin2 = await house.somebody('admin2', ['admin']);
  fund = await world.fund('forget', { shelter: 5_000_000, food: 1_000_000 });
});
afterAll(() => house.close());

const NOW = '2024-12-16T18:00:00+09:00';
const night = () => house.app.get(ForgettingService).night();
const sql = <Row = Record<string, unknown>>(text: string, ...parameters: unknown[]) =>
  house.sql<Row>(text, parameters);

/** Works at another moment, and comes back. */
async function at<T>(moment: string, work: () => Promise<T>): Promise<T> {
  house.clock.set(moment);
  try {
    return await work();
  } finally {
    house.clock.set(NOW);
  }
}

const TOLD = {
  alias: 'わすれる人',
  name: 'グエン・ティ・ホア',
  kana: 'グエンテイホア',
  birthDate: '1987-06-05',
  nationality: 'VNM',
  residenceStatus: 'provisional_release',
  asylumStage: 'in_court',
  languages: ['vi'],
  prefectureCode: '13',
};
const AGREED = { givenOn: '2024-12-01', language: 'vi', method: 'spoken' };

interface File {
  personId: string;
  code: string;
  caseId: string;
}

async function made<T extends { id: string }>(
  answer: Promise<{ status: number; body: unknown }>,
): Promise<T> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as T;
}

/** A person with everything told, in a case of their own with a note. */
async function fileOf(by = world.partner): Promise<File> {
  const consent = ['casework', 'sensitive', 'sharing'].map((purpose) => ({
    purpose,
    ...AGREED,
    ...(purpose === 'sharing' && { shareWith: '移住連の会員' }),
  }));
  const person = await made<{ id: string; code: string }>(by.post('/people', { ...TOLD, consent }));
  const opened = await made(
    by.post('/cases', {
      personIds: [person.id],
      household: { adults: 1, children: 0, unborn: 0 },
      needs: ['shelter'],
      summary: '公園で夜を過ごしている。',
    }),
  );
  await made(
    by.post(`/cases/${opened.id}/entries`, {
      kind: 'note',
      happenedOn: '2024-12-15',
      body: '病院に行った。',
    }),
  );
  return { personId: person.id, code: person.code, caseId: opened.id };
}

/** The same with money that was paid and settled. */
async function settled(amount = 6_500): Promise<File & { request: GrantRequestView }> {
  const file = await fileOf();
  const request = await world.requestIn(
    'settled',
    fund,
    [line('shelter', amount)],
    world.partner,
    file.caseId,
  );
  return { ...file, request };
}

const close = (caseId: string) => world.partner.send('PATCH', `/cases/${caseId}`, { status: 'closed' });
/** Until somebody waits for what another holds. */
const waiting = () =>
  eventually(async () => {
    const [row] = await sql(`SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE NOT l.granted AND a.datname = current_database()`);
    return row;
  });
const keysOf = (...ids: string[]) => sql('SELECT owner_id FROM data_keys WHERE owner_id = ANY($1)', ids);

/** A case that was closed so long ago that it is due now. */
async function dueFile(): Promise<File & { request: GrantRequestView }> {
  const file = await settled();
  await close(file.caseId);
  await longAgo(file);
  return file;
}

/** Moves a file's days back by three years. */
async function longAgo({ personId, caseId }: File): Promise<void> {
  await sql(`UPDATE cases SET closed_at = closed_at - interval '3 years' WHERE id = $1`, caseId);
  await sql(`UPDATE persons SET updated_at = updated_at - interval '3 years' WHERE id = $1`, personId);
}

const figures = async () => {
  const query = '/reports/disbursed?from=2023-04-01&to=2025-03-31&groupBy=month,category';
  const byGroup = '/reports/disbursed?from=2023-04-01&to=2025-03-31&groupBy=prefecture,residenceGroup';
  return Promise.all([query, byGroup].map(async (path) => (await world.treasurer.get(path)).body));
};

/** Every value of a person's and a case's that was sealed, and where it lies. */
async function sealedOf({ personId, caseId }: File): Promise<Record<string, unknown>[]> {
  return sql(
    `SELECT alias, name, kana, birth_date, nationality, residence_status, asylum_stage, languages FROM persons WHERE id = $1
       AND num_nonnulls(alias, name, kana, birth_date, nationality, residence_status, asylum_stage, languages) > 0
     UNION ALL SELECT summary, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM case_narratives WHERE case_id = $2
     UNION ALL SELECT body, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM case_entries WHERE case_id = $2 AND body <> ''
     UNION ALL SELECT n.reason, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM request_narratives n
       JOIN grant_requests r ON r.id = n.request_id WHERE r.case_id = $2
     UNION ALL SELECT c.body, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM request_comments c
       JOIN grant_requests r ON r.id = c.request_id WHERE r.case_id = $2
     UNION ALL SELECT l.item, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM request_lines l
       JOIN grant_requests r ON r.id = l.request_id WHERE r.case_id = $2 AND l.item <> ''
     UNION ALL SELECT share_with, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM consents
       WHERE person_id = $1 AND (share_with IS NOT NULL OR reaches_members AND purpose = 'sharing')
     UNION ALL SELECT digest, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM person_index WHERE person_id = $1`,
    personId,
    caseId,
  );
}

/** Keeps a receipt on a request; gives its id. */
const attach = async (requestId: string): Promise<string> => {
  const receipt = { name: '領収書.pdf', bytes: pdfSaying('receipt') };
  return (await attachFiles(house, world.partner, requestId, [receipt])).body.id;
};
const lies = (id: string) =>
  buffer(house.app.get(FileStore).read(id)).then(
    () => true,
    () => false,
  );

const hold = (code: string, by = world.board) => by.post('/privacy/holds', { code, reason: 'court' });

const ask = (personId: string, by = world.partner) =>
  by.post<{ id: string }>(`/people/${personId}/deletion-request`, { asked: 'person' });
const answer = (id: string, verb: string, by = world.admin, body: object = {}) =>
  by.post(`/privacy/deletion-requests/${id}/${verb}`, body);

const tombstones = () => house.app.get(TombstoneFile);
const lines = async () => (await readFile(tombstones().path, 'utf8')).trim().split('\n');
const buried = (id: string) =>
  eventually(async () => (await tombstones().read()).filter((one) => one.id === id).length > 0);

const voucherUntil = async (paidOn: string, years: number) =>
  (await sql<{ day: string }>('SELECT voucher_until($1, $2)::text AS day', paidOn, years))[0]!.day;

describe('privacy.md, point 8: forget', () => {
  test('a closed case and its person go when their time has come; money, counts and the log stay as they were', async () => {
    const file = await dueFile();
    const before = await figures();
    await house.app.get(LogSeals).seal();
    expect(await sealedOf(file)).not.toEqual([]);
    expect(await night()).toBeGreaterThanOrEqual(2);
    expect(await sealedOf(file)).toEqual([]);
    expect(await keysOf(file.personId, file.caseId)).toEqual([]);
    expect(await figures()).toEqual(before);
    expect((await house.app.get(LedgerCheck).run()).differences).toEqual([]);
    await house.app.get(LogSeals).seal();
    expect((await house.app.get(LogSeals).verify()).differences).toEqual([]);
    const kept = await sql(
      `SELECT r.prefecture_code, r.residence_group, l.category, l.amount, p.age_band, p.code
       FROM grant_requests r JOIN request_lines l ON l.request_id = r.id
       JOIN request_persons rp ON rp.request_id = r.id JOIN persons p ON p.id = rp.person_id WHERE r.id = $1`,
      file.request.id,
    );
    expect(kept).toEqual([
      {
        prefecture_code: '13',
        residence_group: 'asylum_pending',
        category: 'shelter',
        amount: 6_500,
        age_band: '30-49',
        code: file.code,
      },
    ]);
    expect(await night()).toBe(0);
  });

  test('nothing goes before its time, nor an open case, nor a person in one', async () => {
    const open = await settled();
    const young = await settled();
    await close(young.caseId);
    await sql(`UPDATE persons SET updated_at = updated_at - interval '9 years' WHERE id = $1`, open.personId);
    await night();
    expect(await keysOf(open.personId, open.caseId, young.personId, young.caseId)).toHaveLength(4);
    await at('2027-01-01T03:00:00+09:00', night);
    expect(await keysOf(young.personId, young.caseId)).toEqual([]);
    expect(await keysOf(open.personId, open.caseId)).toHaveLength(2);
  });

  test('nor a person for whom a case is opened at that moment', async () => {
    const file = await dueFile();
    let opened!: () => void;
    const open = new Promise<void>((resolve) => (opened = resolve));
    const input = {
      personIds: [file.personId],
      household: { adults: 1, children: 0, unborn: 0 },
      needs: ['food' as const],
      summary: 'また相談に来た。',
    };
    const opening = house.app.get(Db).write(world.partner.actor, async (tx) => {
      const { id } = await house.app.get(CasesService).open(tx, input);
      opened();
      await waiting();
      return id;
    });
    await open;
    await night();
    await opening;
    expect(await keysOf(file.personId, file.caseId)).toEqual([{ owner_id: file.personId }]);
  });

  test('whose name is being read at that moment is found by it no more', async () => {
    const file = await dueFile();
    await sql('UPDATE persons SET forms_version = 0 WHERE id = $1', file.personId);
    const digests = [Buffer.alloc(16, 1)];
    await night();
    // What was opened before the night comes to be written after it.
    await house.sqlAs(
      onDuty('matcher'),
      `SELECT index_people(ARRAY[$1::uuid], 99, ARRAY[$1::uuid], '{name}', $2)`,
      [file.personId, digests],
    );
    expect(await sql('SELECT 1 FROM person_index WHERE person_id = $1', file.personId)).toEqual([]);
  });

  test('one that cannot be forgotten keeps no other waiting, and the night says that it was not all', async () => {
    const [stuck, other] = [await dueFile(), await dueFile()];
    await sql(`CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stuck'; END $$`);
    await sql(`CREATE TRIGGER stuck BEFORE DELETE ON data_keys FOR EACH ROW WHEN (old.owner_id = '${stuck.caseId}')
      EXECUTE FUNCTION stuck()`);
    try {
      await expect(night()).rejects.toThrow(/^1 things/);
    } finally {
      await sql('DROP FUNCTION stuck CASCADE');
    }
    expect(await keysOf(stuck.caseId, stuck.personId, other.caseId, other.personId)).toEqual([
      { owner_id: stuck.caseId },
    ]);
    await night();
    expect(await keysOf(stuck.caseId)).toEqual([]);
  });

  test('two nights at once come to the same as one', async () => {
    const files = [await dueFile(), await dueFile(), await dueFile()];
    const [one, other] = await Promise.all([night(), night()]);
    expect(one + other).toBe(6);
    for (const file of files) expect(await sealedOf(file)).toEqual([]);
    const owners = files.flatMap(({ personId, caseId }) => [personId, caseId]);
    const again = await sql(
      'SELECT owner_id FROM forgotten WHERE owner_id = ANY($1) GROUP BY owner_id HAVING count(*) > 1',
      owners,
    );
    expect(again).toEqual([]);
  });

  test('a draft that nobody went on with goes as a whole', async () => {
    const { caseId } = await fileOf();
    const draft = await world.draftRequest([line('shelter', 100)], world.partner, caseId);
    await sql(
      `UPDATE grant_requests SET updated_at = updated_at - interval '7 months' WHERE id = $1`,
      draft.id,
    );
    await night();
    expect(await sql('SELECT 1 FROM grant_requests WHERE id = $1', draft.id)).toEqual([]);
    expect(await keysOf(caseId)).toHaveLength(1);
  });

  test('files of a request without money go with their time, from the disk too', async () => {
    const { caseId } = await fileOf();
    const request = await world.submittedRequest([line('shelter', 100)], world.partner, caseId);
    const id = await attach(request.id);
    await made(world.partner.post(`/grant-requests/${request.id}/withdraw`, { comment: 'x' }));
    await night();
    expect(await lies(id)).toBe(true);
    await sql(
      `UPDATE grant_requests SET updated_at = updated_at - interval '13 months' WHERE id = $1`,
      request.id,
    );
    await night();
    expect(await sql('SELECT 1 FROM attachments WHERE id = $1', id)).toEqual([]);
    expect(await keysOf(id)).toEqual([]);
    await eventually(async () => !(await lies(id)));
  });

  test('vouchers of paid requests stay when the story is forgotten, until their own time has come', async () => {
    const file = await settled();
    const id = await attach(file.request.id);
    await close(file.caseId);
    await longAgo(file);
    await night();
    expect([await keysOf(file.caseId), await keysOf(file.personId)]).toEqual([[], []]);
    expect(await lies(id)).toBe(true);
    await at('2032-03-31T03:00:00+09:00', night);
    expect(await keysOf(id)).toHaveLength(1);
    await at('2032-04-01T03:00:00+09:00', night);
    expect(await keysOf(id)).toEqual([]);
    await eventually(async () => !(await lies(id)));
  });

  test('answers that were kept for repeated calls go with the person', async () => {
    const { partner, reviewer, admin } = world;
    const file = await fileOf();
    const request = await world.submittedRequest([line('shelter', 100)], partner, file.caseId);
    const mine = `SELECT 1 FROM idempotency_keys k JOIN users u ON u.id = k.user_id
      WHERE k.route LIKE '% /%' AND (u.organisation_id = $1 OR k.route LIKE '%' || $2 || '%')`;
    await made(reviewer.post(`/grant-requests/${request.id}/review`, {}));
    await made(partner.post(`/grant-requests/${request.id}/withdraw`, { comment: 'x' }));
    expect(await sql(mine, world.organisation.id, request.id)).not.toEqual([]);
    const asked = await made(partner.post(`/people/${file.personId}/deletion-request`, { asked: 'person' }));
    await made(admin.post(`/privacy/deletion-requests/${asked.id}/grant`, {}));
    expect(await sql(mine, world.organisation.id, request.id)).toEqual([]);
  });
});

describe('privacy.md, point 3: destroying the key forgets everywhere', () => {
  test('whoever asks is shown that it was forgotten, by every route, and no fault', async () => {
    const file = await dueFile();
    await night();
    const { partner, reviewer, treasurer } = world;
    const person = await partner.get(`/people/${file.personId}`);
    expect(person).toMatchObject({
      status: 200,
      body: { code: file.code, alias: null, name: null, birthDate: null, residenceGroup: 'asylum_pending' },
    });
    const opened = await partner.get<CaseView>(`/cases/${file.caseId}`);
    expect(opened).toMatchObject({ status: 200, body: { status: 'closed', summary: null } });
    expect(opened.body.entries.map(({ kind, body }) => [kind, body])).toEqual([['note', null]]);
    for (const who of [partner, reviewer, treasurer]) {
      const { status, body } = await who.get<GrantRequestView>(`/grant-requests/${file.request.id}`);
      expect([status, body.forgotten, body.reason, body.requestedAmount]).toEqual([200, true, null, 6_500]);
      expect((await who.get('/grant-requests?limit=200')).status).toBe(200);
    }
    for (const path of ['/people', '/cases']) expect((await partner.get(path)).status).toBe(200);
    expect((await reviewer.get(`/people/${file.personId}/similar`)).body.items).toEqual([]);
  });

  test('what staff said of them and of others stays without its reason, for whoever is left', async () => {
    const elsewhere = await world.anotherOrganisation();
    const neighbour = await house.somebody('neighbour2', ['caseworker'], elsewhere.id);
    const files = [await settled(), await fileOf(neighbour), await settled()];
    await world.submittedRequest([line('shelter', 100)], neighbour, files[1]!.caseId);
    const [first, left, last] = files.map(({ personId }) => personId);
    for (const personId of [first!, last!])
      await made(
        world.reviewer.post('/identities/distinct', { personIds: [personId, left], reason: '別人' }),
      );
    for (const personId of [first!, last!]) await made(answer((await ask(personId)).body.id, 'grant'));
    for (const [personId, said] of [
      [first!, 1],
      [left!, 2],
      [last!, 1],
    ] as const) {
      const told = await house.app.get(SimilarQueries).said(world.reviewer.actor, personId);
      expect(told.map(({ kind, reason }) => [kind, reason])).toEqual(
        Array.from({ length: said }, () => ['distinct', null]),
      );
    }
  });

  test('nothing is written of the forgotten any more, and their money still moves', async () => {
    const file = await dueFile();
    await night();
    const { partner, treasurer } = world;
    const refused = [
      partner.send('PATCH', `/people/${file.personId}`, { name: 'x' }),
      partner.send('PATCH', `/cases/${file.caseId}`, { status: 'open' }),
      partner.post(`/cases/${file.caseId}/entries`, { kind: 'note', happenedOn: '2024-12-15', body: 'x' }),
      partner.post('/grant-requests', {
        caseId: file.caseId,
        kind: 'relief',
        urgency: 'normal',
        lines: [line('shelter', 1)],
        reason: 'x',
      }),
      partner.post('/cases', {
        personIds: [file.personId],
        household: { adults: 1, children: 0, unborn: 0 },
        needs: ['food'],
        summary: 'x',
      }),
    ];
    for (const answer of refused)
      expect(await answer).toMatchObject({ status: 409, body: { code: 'record.forgotten' } });
    const [paid] = await sql<{ id: string }>(
      'SELECT id FROM disbursements WHERE request_id = $1',
      file.request.id,
    );
    const back = { amount: 100, receivedOn: '2024-12-16', reason: '余りました。' };
    await made(treasurer.post(`/disbursements/${paid!.id}/refund`, back));
    const [kept] = await sql<{ reason: Buffer }>(
      'SELECT reason FROM returns WHERE request_id = $1',
      file.request.id,
    );
    expect(kept!.reason).toHaveLength(0);
  });

  test('the log holds ids of them and nothing else', async () => {
    const file = await dueFile();
    await night();
    const rows = await sql<{ action: string; facts: unknown }>(
      `SELECT action, facts FROM audit_events WHERE subject_id = ANY($1)`,
      [file.personId, file.caseId],
    );
    expect(rows.map(({ action }) => action)).toContain('forgetting.retention');
    for (const word of Object.values(TOLD).filter((value) => typeof value === 'string' && value.length > 3))
      expect(JSON.stringify(rows)).not.toContain(word);
  });
});

describe('privacy.md, point 8: legal hold', () => {
  test('stops the clock of a person, a case with them, and of a whole organisation, until it is lifted', async () => {
    const file = await dueFile();
    const placed = await made(hold(file.code));
    await night();
    expect(await keysOf(file.personId, file.caseId)).toHaveLength(2);
    const { body } = await world.admin.get<{ items: object[] }>(
      '/privacy/retention/due?kind=person&limit=200',
    );
    expect(body.items).toContainEqual(expect.objectContaining({ code: file.code, hold: 'court' }));
    const all = await made(hold(world.organisation.code, world.admin));
    await made(world.admin.post(`/privacy/holds/${placed.id}/lift`, { reason: 'over' }));
    await night();
    expect(await keysOf(file.personId, file.caseId)).toHaveLength(2);
    await made(world.board.post(`/privacy/holds/${all.id}/lift`, { reason: 'mistake' }));
    expect(await world.board.post(`/privacy/holds/${all.id}/lift`, { reason: 'mistake' })).toMatchObject({
      status: 409,
      body: { code: 'hold.lifted' },
    });
    await night();
    expect(await keysOf(file.personId, file.caseId)).toEqual([]);
  });

  test('and a key under it is destroyed by nobody, not by the schema’s owner either', async () => {
    const file = await dueFile();
    const placed = await made(hold(file.code));
    for (const id of [file.personId, file.caseId])
      await expect(sql('DELETE FROM data_keys WHERE owner_id = $1', id)).rejects.toMatchObject({
        constraint: 'data_keys_held',
      });
    await made(world.admin.post(`/privacy/holds/${placed.id}/lift`, { reason: 'over' }));
  });

  test('nor that of somebody whose money is open', async () => {
    const file = await fileOf();
    const { admin, partner } = world;
    await world.submittedRequest([line('shelter', 100)], partner, file.caseId);
    for (const id of [file.personId, file.caseId])
      await expect(sql('DELETE FROM data_keys WHERE owner_id = $1', id)).rejects.toMatchObject({
        constraint: 'data_keys_money_open',
      });
    await sql(
      `UPDATE cases SET status = 'closed', closed_at = now() - interval '9 years' WHERE id = $1`,
      file.caseId,
    );
    await longAgo(file);
    await night();
    expect(await keysOf(file.personId, file.caseId)).toHaveLength(2);
    const { body } = await admin.get<{ items: object[] }>('/privacy/retention/due?kind=case&limit=200');
    expect(body.items).toContainEqual(expect.objectContaining({ id: file.caseId, moneyOpen: true }));
  });

  test('placed while the night forgets, it comes before or after, and never in between', async () => {
    for (let round = 0; round < 5; round += 1) {
      const file = await dueFile();
      const [, placed] = await Promise.all([night(), hold(file.code)]);
      const left = await keysOf(file.personId, file.caseId);
      if (left.length > 0) expect(left.map((row) => row.owner_id)).toContain(file.personId);
      expect(placed.status).toBe(201);
      await night();
      expect((await keysOf(file.personId)).length).toBe(
        left.some((row) => row.owner_id === file.personId) ? 1 : 0,
      );
    }
  });

  test('and names nothing that does not exist', async () => {
    expect(await hold('P-000000')).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'code', code: 'codeUnknown' }] },
    });
  });
});

describe('privacy.md, point 8: how long things are kept', () => {
  const RULES = {
    caseMonths: 24,
    personMonths: 24,
    draftMonths: 6,
    evidenceMonths: 12,
    voucherYears: 7,
    sessionDays: 30,
  };

  test('is set by an administrator, with a version, and never below what the law asks for', async () => {
    const { admin, board } = world;
    expect((await board.post('/privacy/retention', RULES)).status).toBe(403);
    expect(await admin.post('/privacy/retention', { ...RULES, voucherYears: 6 })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'voucherYears', code: 'min' }] },
    });
    const below = `INSERT INTO retention_rules VALUES (9, 24, 24, 6, 12, 6, 30, $1, now())`;
    await expect(house.sqlAs(admin.actor, below, [admin.user.id])).rejects.toMatchObject({
      constraint: 'retention_rules_vouchers',
    });
    const changed = await admin.post('/privacy/retention', { ...RULES, draftMonths: 5 });
    expect(changed).toMatchObject({ status: 201, body: { version: 2, draftMonths: 5, setBy: 'admin' } });
    expect((await board.get('/privacy/retention')).body.rules).toMatchObject({ version: 2 });
  });

  test('two who change it at once: one is told', async () => {
    const answers = await Promise.all(
      [world.admin, admin2].map((who) => who.post('/privacy/retention', RULES)),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect([
      [201, 201],
      [201, 409],
    ]).toContainEqual(statuses);
  });

  test('admin and board see codes and days, and no row of a person or a case', async () => {
    const file = await dueFile();
    for (const who of [world.admin, world.board]) {
      const { body } = await who.get<{ items: object[] }>('/privacy/retention/due?kind=person&limit=200');
      expect(body.items).toContainEqual({
        id: file.personId,
        kind: 'person',
        code: file.code,
        organisationName: world.organisation.name,
        dueOn: expect.any(String),
        hold: null,
        moneyOpen: false,
      });
    }
    for (const who of [world.partner, world.reviewer, world.treasurer]) {
      expect((await who.get('/privacy/retention')).status).toBe(403);
      expect(await house.sqlAs(who.actor, `SELECT * FROM retention_due('Asia/Tokyo', '2099-01-01')`)).toEqual(
        [],
      );
      expect(
        await house.sqlAs(who.actor, `SELECT * FROM forget_person($1, 'asked', now())`, [file.personId]),
      ).toEqual([]);
    }
    expect(await keysOf(file.personId)).toHaveLength(1);
  });

  test('a voucher stays until seven years after the fiscal year of its payment, longer if its fund says so', async () => {
    expect(await voucherUntil('2024-12-16', 7)).toBe('2032-04-01');
    expect(await voucherUntil('2025-03-31', 7)).toBe('2032-04-01');
    expect(await voucherUntil('2025-04-01', 10)).toBe('2036-04-01');
  });
});

describe('privacy.md, point 8: who asks to be forgotten', () => {
  test('is forgotten at once when it is granted, with the case in which nobody else is', async () => {
    const file = await settled();
    const { id } = (await ask(file.personId)).body;
    expect(await ask(file.personId)).toMatchObject({ status: 409, body: { code: 'deletion.asked_already' } });
    expect(await answer(id, 'grant')).toMatchObject({
      status: 200,
      body: { status: 'done', code: file.code },
    });
    expect(await sealedOf(file)).toEqual([]);
    expect(await keysOf(file.personId, file.caseId)).toEqual([]);
    const { body } = await world.partner.get<{ items: object[] }>('/deletion-requests');
    expect(body.items).toContainEqual(expect.objectContaining({ id, status: 'done' }));
    expect(await ask(file.personId)).toMatchObject({ status: 409, body: { code: 'record.forgotten' } });
  });

  test('leaves the others of the case theirs', async () => {
    const caseId = await world.householdCase(world.partner, 2);
    const { body } = await world.partner.get<CaseView>(`/cases/${caseId}`);
    const [first, second] = body.people;
    await made(answer((await ask(first!.id)).body.id, 'grant'));
    expect(await keysOf(first!.id)).toEqual([]);
    expect(await keysOf(second!.id, caseId)).toHaveLength(2);
    const request = await world.submittedRequest([line('shelter', 100)], world.partner, caseId);
    expect(request.people.map(({ id }) => id)).toEqual([second!.id]);
  });

  test('waits while money is open, and while a hold stands, and is told why', async () => {
    const file = await fileOf();
    const request = await world.submittedRequest([line('shelter', 100)], world.partner, file.caseId);
    const { id } = (await ask(file.personId)).body;
    expect(await answer(id, 'grant')).toMatchObject({ status: 409, body: { code: 'forgetting.open_money' } });
    expect(await answer(id, 'defer', world.admin, { reason: 'open_money' })).toMatchObject({
      status: 200,
      body: { status: 'deferred', reason: 'open_money', dueOn: '2025-01-15' },
    });
    await made(world.partner.post(`/grant-requests/${request.id}/withdraw`, { comment: 'x' }));
    const placed = await made(world.admin.post('/privacy/holds', { code: file.code, reason: 'audit' }));
    expect(await answer(id, 'grant')).toMatchObject({ status: 409, body: { code: 'forgetting.legal_hold' } });
    expect(await keysOf(file.personId, file.caseId)).toHaveLength(2);
    await made(world.admin.post(`/privacy/holds/${placed.id}/lift`, { reason: 'over' }));
    expect((await answer(id, 'grant')).status).toBe(200);
  });

  test('two administrators answer at once: one wins, the other is told', async () => {
    for (let round = 0; round < 4; round += 1) {
      const file = await fileOf();
      const { id } = (await ask(file.personId)).body;
      const answers = await Promise.all([
        answer(id, 'grant'),
        answer(id, 'refuse', admin2, { reason: 'not_own_wish' }),
      ]);
      const told = answers.map(({ status, body }) => (status === 200 ? 'done' : body.code)).sort();
      expect(told).toEqual(['deletion.decided', 'done']);
      const granted = answers[0]!.status === 200;
      expect(await keysOf(file.personId)).toHaveLength(granted ? 0 : 1);
    }
  });

  test('a request submitted for them at that moment: one wins, the other is told', async () => {
    const outcomes: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const file = await fileOf();
      const draft = await world.draftRequest([line('shelter', 100)], world.partner, file.caseId);
      const { id } = (await ask(file.personId)).body;
      const [granted, submitted] = await Promise.all([
        answer(id, 'grant'),
        world.partner.post(`/grant-requests/${draft.id}/submit`, {}),
      ]);
      outcomes.push(`${granted.status} ${submitted.status}`);
      if (granted.status === 200) {
        expect([404, 409]).toContain(submitted.status);
        expect(await keysOf(file.personId, file.caseId)).toEqual([]);
      } else {
        expect([granted.body.code, submitted.status]).toEqual(['forgetting.open_money', 200]);
        expect(await keysOf(file.personId, file.caseId)).toHaveLength(2);
      }
    }
    expect(outcomes.every((each) => !each.includes('500'))).toBe(true);
  });

  test('stands before all that was answered, page by page, however old it is', async () => {
    const waiting = (await ask((await fileOf()).personId)).body.id;
    const later = (await ask((await fileOf()).personId)).body.id;
    await made(answer(later, 'refuse', world.admin, { reason: 'not_own_wish' }));
    type Seen = { id: string; status: string };
    const seen: Seen[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path = `/privacy/deletion-requests?limit=2${cursor && `&cursor=${cursor}`}`;
      const page: { body: { items: Seen[]; nextCursor: string | null } } = await world.admin.get(path);
      seen.push(...page.body.items);
      cursor = page.body.nextCursor;
    }
    const [{ count }] = (await house.sql('SELECT count(*)::int FROM deletion_requests')) as [
      { count: number },
    ];
    expect(new Set(seen.map(({ id }) => id)).size).toBe(count);
    const answered = seen.findIndex(({ status }) => status === 'done' || status === 'refused');
    expect(seen.slice(answered).filter(({ status }) => status === 'open' || status === 'deferred')).toEqual(
      [],
    );
    expect(seen.findIndex(({ id }) => id === waiting)).toBeLessThan(answered);
    expect(seen.findIndex(({ id }) => id === later)).toBeGreaterThanOrEqual(answered);
  });

  test('a partner writes nothing down for another’s person, and answers nobody', async () => {
    const elsewhere = await world.anotherOrganisation();
    const neighbour = await house.somebody('neighbour', ['lead'], elsewhere.id);
    const file = await fileOf();
    const theirs = await ask(file.personId, neighbour);
    expect(theirs.status).toBe(404);
    expect(theirs.body).toEqual((await ask('0193c8a0-0000-7000-8000-000000000000', neighbour)).body);
    const { id } = (await ask(file.personId)).body;
    expect((await neighbour.get('/deletion-requests')).body.items).toEqual([]);
    expect((await answer(id, 'grant', world.partner)).status).toBe(403);
    expect((await answer(id, 'grant', world.board)).status).toBe(403);
  });
});

describe('privacy.md, point 8: tombstones', () => {
  test('lie beside the keyring, ids only, readable by their owner only, each once', async () => {
    const one = await dueFile();
    await night();
    await buried(one.personId);
    await buried(one.caseId);
    expect(tombstones().path).toMatch(/keyring\.json\.forgotten$/);
    expect((await stat(tombstones().path)).mode & 0o777).toBe(0o600);
    await tombstones().add([{ id: one.personId, kind: 'person' }]);
    const all = await lines();
    expect(new Set(all).size).toBe(all.length);
    for (const text of all)
      expect(text).toMatch(/^\{"id":"[0-9a-f-]{36}","kind":"(person|case|request|attachment)"\}$/);
  });

  test('are written by the next night when they could not be for a while', async () => {
    const one = await dueFile();
    await night();
    await buried(one.personId);
    await buried(one.caseId);
    const kept = (await lines()).filter((text) => !text.includes(one.personId));
    await writeFile(tombstones().path, kept.map((text) => `${text}\n`).join(''));
    await night();
    expect(await lines()).toEqual([...kept, JSON.stringify({ id: one.personId, kind: 'person' })]);
  });

  test('outlive a line that a crash cut off', async () => {
    const one = await dueFile();
    await appendFile(tombstones().path, '{"id":"0193c8a0-0000');
    await night();
    expect(await buried(one.personId)).toBe(true);
    expect(await buried(one.caseId)).toBe(true);
  });

  test('forget again what a restored backup brought back, when a process starts', async () => {
    const one = await dueFile();
    const before: Record<string, string> = {};
    for (const [table, column, id] of [
      ['data_keys', 'owner_id', one.personId],
      ['data_keys', 'owner_id', one.caseId],
      ['persons', 'id', one.personId],
      ['case_narratives', 'case_id', one.caseId],
    ] as const) {
      const [row] = await sql<{ row: object }>(
        `SELECT to_jsonb(t) AS row FROM ${table} t WHERE ${column} = $1`,
        id,
      );
      before[`${table} ${id}`] = JSON.stringify(row!.row);
    }
    await night();
    await buried(one.personId);
    await buried(one.caseId);
    // As a backup of the day before would: the keys, the texts, the person, and money that was open then.
    for (const [key, row] of Object.entries(before)) {
      const table = key.split(' ')[0]!;
      if (table === 'persons') {
        await sql(
          `UPDATE persons SET (alias, name) = (SELECT r.alias, r.name FROM jsonb_populate_record(NULL::persons, $2) r) WHERE id = $1`,
          one.personId,
          row,
        );
      } else {
        const columns =
          table === 'data_keys' ? 'owner_id, organisation_id, wrapped' : 'case_id, organisation_id, summary';
        await sql(
          `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_record(NULL::${table}, $1)`,
          row,
        );
      }
    }
    await sql(`UPDATE grant_requests SET status = 'paid' WHERE id = $1`, one.request.id);
    await sql('DELETE FROM forgotten WHERE owner_id = ANY($1)', [one.personId, one.caseId]);
    expect((await world.partner.get(`/people/${one.personId}`)).body.name).toBe(TOLD.name);
    await house.app.get(Jobs).stop();
    await house.app.get(Jobs).start();
    expect(await sealedOf(one)).toEqual([]);
    expect(await keysOf(one.personId, one.caseId)).toEqual([]);
    const told = await sql(
      `SELECT 1 FROM audit_events WHERE action = 'forgetting.restored' AND subject_id = ANY($1)`,
      [one.personId, one.caseId],
    );
    expect(told).toHaveLength(2);
    expect((await lines()).filter((text) => text.includes(one.personId))).toHaveLength(1);
  });
});
