import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { migrations } from '../../migrations/index.js';
import { may, UsersService, type Action } from '../../src/access/index.js';
import type { FundView } from '../../src/funds/index.js';
import { ImportsService } from '../../src/imports/index.js';
import { LedgerCheck } from '../../src/ledger/index.js';
import { LogSeals } from '../../src/log/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { onDuty, type Actor, type Role } from '../../src/kernel/actor.js';
import type { PersonView } from '../../src/people/people.dto.js';
import { REQUEST_STATUSES, type RequestStatus } from '../../src/grants/grant-request.states.js';
import { Db } from '../../src/platform/db.js';
import { Keyring } from '../../src/platform/encryption.js';
import { RING_VALUES } from '../../src/platform/key-rotation.js';
import { given, line, type Given } from '../given.js';
import { pdfSaying, textsOf } from '../files.js';
import { cookieOf, signIn } from '../http/calls.js';
import { setUpFactor } from '../factor.js';
import { TOLD } from '../main-job.js';
import { addPasskey } from '../passkey.js';
import { once, openHouse, type House, type Somebody } from '../house.js';
import { routesOf } from '../routes.js';

/** What a member wrote down, and nobody finds in the database or on the disk. */
const CLEAR = {
  ...TOLD,
  refusal: 'ほかの支援があります。',
  vendor: '大家のグエン太郎',
  passkey: '妹にもらった電話',
  recipient: '港町診療所の受付',
  basis: '本人が書いた紙による',
  outline: '窓口のパソコンが盗まれた。',
};

let house: House;
let world: Given;
let neighbour: Somebody;
/** Ids of what the partner's organisation has. */
let theirs: Record<string, string>;
const requests = {} as Record<RequestStatus, GrantRequestView>;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  const elsewhere = await world.anotherOrganisation();
  neighbour = await house.somebody('neighbour', ['caseworker', 'lead'], elsewhere.id);
  theirs = await fileEverything();
  await leaveTheRest();
});
afterAll(() => house.close());

const words = (...texts: string[]): string[] => texts.flatMap((text) => text.split(' '));

const id = async (answer: Promise<{ status: number; body: Record<string, unknown> }>): Promise<string> => {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body.id as string;
};

async function fileCase(): Promise<{ personId: string; otherId: string; caseId: string }> {
  const { alias, name, kana, birthDate, nationality, residenceStatus, asylumStage } = CLEAR;
  const agreed = { givenOn: '2024-12-01', language: 'vi', method: 'spoken' };
  const consent = ['casework', 'sensitive'].map((purpose) => ({ purpose, ...agreed }));
  const told = { alias, name, kana, birthDate, nationality, residenceStatus, asylumStage, languages: ['vi'] };
  const personId = await id(world.partner.post('/people', { ...told, prefectureCode: '13', consent }));
  const otherId = await id(world.partner.post('/people', { alias: 'x', consent: consent.slice(0, 1) }));
  const household = { adults: 2, children: 0, unborn: 0 };
  // The second one comes from a household of their own.
  const opened = { personIds: [personId, otherId], household, needs: ['shelter'], summary: CLEAR.summary };
  const caseId = await id(world.partner.post('/cases', opened));
  const entry = { kind: 'note', happenedOn: '2024-12-15', body: CLEAR.entry };
  await id(world.partner.post(`/cases/${caseId}/entries`, entry));
  return { personId, otherId, caseId };
}

/** The partner's work: a person, a case, a vendor, and a request in every state, one of them with a file. */
async function fileEverything(): Promise<Record<string, string>> {
  const { partner } = world;
  const { personId, otherId, caseId } = await fileCase();
  const vendorId = await id(partner.post('/vendors', { name: CLEAR.vendor, kind: 'landlord' }));
  const fund = await world.fund('isolated', { shelter: 1_000_000 });
  const lines = [{ ...line('shelter', 6_500, 3), item: CLEAR.item, ...paidTo(vendorId) }];
  for (const status of REQUEST_STATUSES) {
    const state = status === 'paid' ? 'returned' : status;
    requests[status] = await world.requestIn(state, fund, lines, partner, caseId);
  }
  requests.paid = await answerApprovePay(requests.paid, fund);
  const file = new Blob([pdfSaying(CLEAR.content)], { type: 'application/pdf' });
  return {
    personId,
    otherId,
    caseId,
    vendorId,
    budgetLineId: fund.lines[0]!.id,
    attachmentId: await attach(partner, requests.paid.id, file, CLEAR.attachment),
    awardId: requests.approved.lines[0]!.awards[0]!.id,
    organisationId: partner.user.organisationId!,
    userId: partner.user.id,
  };
}

/** Goes on with a returned request until it is paid, with a word at each step. */
async function answerApprovePay(request: GrantRequestView, fund: FundView): Promise<GrantRequestView> {
  const { partner, approver, treasurer } = world;
  const path = `/grant-requests/${request.id}`;
  await id(partner.post(`${path}/submit`, { comment: CLEAR.answer }));
  const approval = { ...world.approvalOf(request, fund), comment: CLEAR.remark };
  const { body } = await approver.post<GrantRequestView>(`${path}/approve`, approval);
  const { id: awardId, amount } = body.lines[0]!.awards[0]!;
  const payment = { awardId, amount, paidOn: '2024-12-16', method: 'cash', reference: CLEAR.reference };
  const paid = await id(treasurer.post('/disbursements', payment));
  const rest = { amount: 1, receivedOn: '2024-12-16', reason: CLEAR.rest };
  await id(treasurer.post(`/disbursements/${paid}/refund`, rest));
  return (await partner.get<GrantRequestView>(path)).body;
}

const paidTo = (vendorId: string) => ({ payee: { type: 'vendor' as const, vendorId } });

async function attach(by: Somebody, requestId: string, file: Blob, name: string): Promise<string> {
  const form = new FormData();
  form.set('file', file, name);
  const response = await fetch(`${house.url}/api/v1/grant-requests/${requestId}/attachments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by.key}`, 'idempotency-key': randomUUID() },
    body: form,
  });
  return id(response.json().then((body) => ({ status: response.status, body: body as { id: string } })));
}

/** A row in every table that the partner's work leaves empty. */
async function leaveTheRest(): Promise<void> {
  const { admin, partner, organisation } = world;
  await signIn(house, partner);
  await signIn(house, { ...partner, password: 'a wrong one' });
  const { clock } = house;
  const before = clock.now().toISOString();
  await setUpFactor(house, world.board);
  await addPasskey(house, world.treasurer, CLEAR.passkey);
  clock.set(before);
  const invited = { email: 'new@test.example', name: 'x', roles: ['lead' as const] };
  await house.app
    .get(UsersService)
    .invite(admin.actor, { ...invited, organisationId: organisation.id }, once());
  await house.app.get(Db).write(partner.actor, async (tx) => tx.emit('test', {}));
  await house.app.get(LedgerCheck).run();
  await house.app.get(LogSeals).seal();
  await sayWhoIsWho();
  await leakAndDisclose();
  await holdAndForget();
  const fromLineId = (await world.fund('moved', { shelter: 1 })).lines[0]!.id;
  await id(world.treasurer.post('/budget-transfers', { fromLineId, amount: 1, reason: '残りました。' }));
  await house.sql(
    `INSERT INTO notices (id, user_id, topic, about, facts, recorded_at)
     VALUES (gen_random_uuid(), $1, 'night', '2024-12-16', '{}', now())`,
    [admin.user.id],
  );
  const dryRun = { kind: 'organisations' as const, dryRun: true };
  await house.app.get(ImportsService).start(admin.actor, dryRun, Buffer.from(CLEAR.content), once());
}

/** Two people of theirs, linked, unlinked and called different; one was opened; and a hint that was asked for. */
/** What a member says of telling somebody about a person, on the ground of this consent. */
const told = (consentId: string) => ({
  recipientKind: 'hospital',
  recipient: CLEAR.recipient,
  legalBasis: 'consent',
  consentId,
  basisNote: CLEAR.basis,
  fields: ['name'],
  disclosedOn: '2024-12-16',
});

/** Somebody outside who was told of them, and a breach with a report. */
async function leakAndDisclose(): Promise<void> {
  const { partner, board } = world;
  const sharing = { purpose: 'sharing', givenOn: '2024-12-01', language: 'vi', method: 'spoken' };
  const path = `/people/${theirs.personId}`;
  const { body } = await partner.send<PersonView>('PATCH', path, { consent: [sharing] });
  const consent = body.consent.find(({ purpose }) => purpose === 'sharing')!;
  const disclosed = await partner.post(`${path}/disclosures`, told(consent.id));
  expect(disclosed.status).toBe(201);
  const filter = { userId: partner.user.id };
  theirs.breachId = await id(board.post('/breaches', { filter, awareOn: '2024-12-16' }));
  await id(board.post(`/breaches/${theirs.breachId}/reports/first`, { items: { outline: CLEAR.outline } }));
}

/** One of their people is held, and another one is forgotten as they wished. */
async function holdAndForget(): Promise<void> {
  const { admin, board, partner } = world;
  const { body } = await partner.get(`/people/${theirs.personId}`);
  await id(board.post('/privacy/holds', { code: body.code, reason: 'court' }));
  const consent = [{ purpose: 'casework', givenOn: '2024-12-01', language: 'vi', method: 'spoken' }];
  const personId = await id(partner.post('/people', { alias: CLEAR.alias, name: CLEAR.name, consent }));
  const asked = await id(partner.post(`/people/${personId}/deletion-request`, { asked: 'person' }));
  await id(admin.post(`/privacy/deletion-requests/${asked}/grant`, {}));
}

/** Two people of theirs, linked, unlinked and called different; and a hint that was asked for. */
async function sayWhoIsWho(): Promise<void> {
  const { partner, reviewer } = world;
  const { personId, otherId } = theirs;
  const input = { personIds: [personId, otherId], reason: CLEAR.remark };
  for (const [verb, body] of [
    ['link', input],
    ['unlink', { personId: otherId, reason: CLEAR.remark }],
    ['distinct', input],
  ] as const) {
    await id(reviewer.post(`/identities/${verb}`, body));
  }
  await id(reviewer.post(`/people/${personId}/reveal`, { reason: 'other', note: CLEAR.remark }));
  await partner.get(`/grant-requests/${requests.submitted.id}/hint`);
}

const tables = async (schema = 'public'): Promise<string[]> =>
  (
    await house.sql<{ name: string }>(
      `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       WHERE nspname = $1 AND relkind IN ('r', 'p') ORDER BY relname`,
      [schema],
    )
  ).map(({ name }) => name);

/** How many rows of each table this actor sees by SQL; tables without any, or without the right, are left out. */
async function seen(actor: Actor): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of await tables()) {
    const [right] = await house.sql(
      `SELECT has_table_privilege('sasae_app', '${table}', 'SELECT') AS granted`,
    );
    if (!right!.granted) continue;
    const [row] = await house.sqlAs<{ count: number }>(actor, `SELECT count(*) AS count FROM ${table}`);
    if (row!.count > 0) counts[table.replace('public.', '')] = row!.count;
  }
  return counts;
}

/** Behind no row-level security, and why. */
const OPEN_TABLES = { 'public.migrations': 'says how old the schema is, and nothing of anybody' };
const MIGRATIONS = migrations.length;
const CASEWORKER: Role[] = ['caseworker'];
const NOBODY: Actor = { userId: null, organisationId: null, memberOf: null, roles: [], duties: [] };

describe('privacy.md, point 4: isolate: the schema', () => {
  test('puts every table behind row-level security, for its owner too', async () => {
    const unbound = await house.sql<{ name: string }>(
      `SELECT format('public.%I', relname) AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(unbound.map(({ name }) => name)).toEqual(Object.keys(OPEN_TABLES));
  });

  test('gives every policy to one role, and nothing to everybody', async () => {
    expect(
      await house.sql(`SELECT tablename, policyname FROM pg_policies WHERE roles <> '{sasae_app}'
                         AND NOT (roles = '{sasae_owner}' AND policyname = 'owner_all')`),
    ).toEqual([]);
    expect(
      await house.sql(`SELECT relname FROM pg_class, aclexplode(relacl) a
                       WHERE relnamespace = 'public'::regnamespace AND a.grantee = 0`),
    ).toEqual([]);
  });

  test('has no view that shows anything to people, and no function but a few with their reasons', async () => {
    const views = await house.sql<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f') ORDER BY relname`,
    );
    expect(views.map(({ name }) => name)).toEqual([
      'award_figures',
      'disbursement_figures',
      'request_line_figures',
    ]);
    for (const { name } of views) {
      expect(await house.sql(`SELECT 1 FROM ${name}`)).toEqual([]);
      const { partner, treasurer, approver, board } = world;
      for (const { actor } of [partner, neighbour, treasurer, approver, board])
        expect(await house.sqlAs(actor, `SELECT 1 FROM ${name}`)).toEqual([]);
      expect(await house.sqlAs(onDuty('figures'), `SELECT 1 FROM ${name}`)).not.toEqual([]);
    }
    const functions = await house.sql<{ name: string; callable: boolean }>(
      `SELECT proname AS name, has_function_privilege('sasae_app', oid, 'EXECUTE') AS callable FROM pg_proc
       WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY proname`,
    );
    expect(functions).toEqual([
      { name: 'acts_on', callable: true },
      { name: 'award_is_approved', callable: false },
      { name: 'awards_of_households', callable: true },
      { name: 'empty_request', callable: false },
      { name: 'find_own_people', callable: true },
      { name: 'forget_answers', callable: false },
      { name: 'forget_case', callable: true },
      { name: 'forget_file', callable: true },
      { name: 'forget_files', callable: true },
      { name: 'forget_key', callable: false },
      { name: 'forget_person', callable: true },
      { name: 'forget_request', callable: true },
      { name: 'hint_of_request', callable: true },
      { name: 'hold_on', callable: false },
      { name: 'index_people', callable: true },
      { name: 'key_is_there', callable: false },
      { name: 'key_may_go', callable: false },
      { name: 'lock_households', callable: true },
      { name: 'lock_identities', callable: true },
      { name: 'looks_at', callable: true },
      { name: 'money_is_open', callable: false },
      { name: 'named_to_board', callable: true },
      { name: 'names_a_file', callable: true },
      { name: 'pass_on_drafts', callable: true },
      { name: 'people_behind', callable: true },
      { name: 'repeats_of_request', callable: true },
      { name: 'request_households', callable: true },
      { name: 'request_people', callable: false },
      { name: 'retention_due', callable: true },
      { name: 'similar_people', callable: true },
      { name: 'subject_of_code', callable: true },
      { name: 'told_to_staff', callable: true },
    ]);
  });
});

test('every table holds something, so that seeing nothing of it means something', async () => {
  const empty: string[] = [];
  for (const table of await tables()) {
    if ((await house.sql(`SELECT 1 FROM ${table} LIMIT 1`)).length === 0) empty.push(table);
  }
  expect(empty).toEqual([]);
});

test('privacy.md, point 4: isolate: without anybody asking, the application sees no row of any table', async () => {
  expect(await seen(NOBODY)).toEqual({ migrations: MIGRATIONS });
});

describe('privacy.md, point 4: isolate: a partner of another organisation', () => {
  test('sees nothing by SQL but its own organisation and itself', async () => {
    // The policy, and how long things are kept, are no secrets.
    expect(await seen(neighbour.actor)).toEqual({
      approval_policies: 1,
      migrations: MIGRATIONS,
      organisations: 1,
      retention_rules: 1,
      users: 1,
    });
  });

  test('changes and deletes nothing of theirs by SQL', async () => {
    const touched: string[] = [];
    for (const table of await tables()) {
      const [may] = await house.sql<{ column: string | null; deletes: boolean }>(
        `SELECT has_table_privilege('sasae_app', $1, 'DELETE') AS deletes,
                (SELECT min(attname) FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0
                   AND attgenerated = '' AND has_column_privilege('sasae_app', attrelid, attnum, 'UPDATE')) AS column`,
        [table],
      );
      // They read no column: one that does is held back by the rule for reading, and proves nothing of its own.
      const attempts = [
        ...(may!.column ? [`UPDATE ${table} SET ${may!.column} = NULL`] : []),
        ...(may!.deletes ? [`DELETE FROM ${table}`] : []),
      ];
      // A lead changes accounts of the own organisation, and is tried with others' below.
      const actor = table === 'public.users' ? { ...neighbour.actor, roles: CASEWORKER } : neighbour.actor;
      for (const sql of attempts) {
        await house.sqlAs(actor, refusedWhenTouching(sql)).catch(() => touched.push(sql));
      }
    }
    expect(touched).toEqual([]);
  });

  test.each([
    ['a household', `INSERT INTO households (id, organisation_id, created_at) VALUES ($1, $2, now())`],
    [
      'a vendor',
      `INSERT INTO vendors (id, organisation_id, name, kind, created_at) VALUES ($1, $2, (SELECT name FROM vendors LIMIT 1), 'other', now())`,
    ],
    [
      'a data key',
      `INSERT INTO data_keys (owner_id, organisation_id, wrapped)
       VALUES ($1, $2, (SELECT wrapped FROM data_keys LIMIT 1))`,
    ],
  ])('cannot slip %s into their files by SQL', async (_, sql) => {
    const into = [randomUUID(), theirs.organisationId];
    await expect(house.sqlAs(neighbour.actor, sql, into)).rejects.toMatchObject({ code: '42501' });
    await house.sqlAs(world.partner.actor, sql, into);
  });

  test('gets no list with anything of theirs', async () => {
    for (const path of ['/people', '/cases', '/grant-requests', '/vendors']) {
      expect([path, (await neighbour.get(path)).body]).toEqual([path, { items: [], nextCursor: null }]);
      const cursor = await neighbour.get(`${path}?cursor=${theirs.personId}`);
      expect(cursor.body).toEqual({ items: [], nextCursor: null });
    }
    const { items } = (await neighbour.get<{ items: { id: string }[] }>('/organisations')).body;
    expect(items.map((organisation) => organisation.id)).toEqual([neighbour.user.organisationId]);
  });

  test('is told of each of their ids what it is told of an id that nobody has, at every path of the API', async () => {
    const ids = [...Object.values(theirs), ...Object.values(requests).map((request) => request.id)];
    const routes = routesOf(house.app).filter(({ path }) => path.startsWith('/api/') && path.includes(':'));
    expect(routes.length).toBeGreaterThan(20);
    for (const { method, path, action } of routes) {
      const ask = (known: string) => probe(method, path, [known, theirs.attachmentId!]);
      const nobodys = await ask(randomUUID());
      const expected = may(neighbour.actor, action as Action) ? 404 : 403;
      expect([method, path, nobodys.status, nobodys.type]).toEqual([method, path, expected, PROBLEM]);
      for (const known of ids.filter((some) => some !== theirs.attachmentId)) {
        expect([method, path, await ask(known)]).toEqual([method, path, nobodys]);
      }
    }
  });

  const opened = { household: { adults: 1, children: 0, unborn: 0 }, needs: ['food'], summary: 'x' };
  const request = { kind: 'relief', urgency: 'soon', reason: 'x', lines: [line('food', 100)] };
  test.each<[string, string, (some: string, ownCase: string) => object]>([
    ['personId', '/cases', (some) => ({ ...opened, personIds: [some] })],
    ['caseId', '/grant-requests', (some) => ({ ...request, caseId: some })],
    [
      'vendorId',
      '/grant-requests',
      (some, caseId) => ({ ...request, caseId, lines: [{ ...line('food', 100), ...paidTo(some) }] }),
    ],
  ])('is told the same of their %s within a body of %s: it is unknown', async (known, path, body) => {
    const ownCase = await world.householdCase(neighbour);
    const answer = await neighbour.post(path, body(theirs[known]!, ownCase));
    expect(answer.status).toBe(422);
    expect(answer).toEqual(await neighbour.post(path, body(randomUUID(), ownCase)));
  });

  test('gets the same page for each of their ids as for an id that nobody has', async () => {
    const cookie = cookieOf(await signIn(house, neighbour));
    const ids = [requests.paid.id, requests.draft.id, theirs.awardId!, theirs.caseId!];
    const routes = routesOf(house.app).filter(({ path }) => !path.startsWith('/api/') && path.includes(':'));
    for (const { method, path } of routes) {
      const ask = (known: string) => page(method, path.replaceAll(/:\w+/g, known), cookie);
      const nobodys = await ask(randomUUID());
      for (const known of ids) expect([method, path, await ask(known)]).toEqual([method, path, nobodys]);
    }
  });
});

/** A statement that fails when it finds a row to change. */
const refusedWhenTouching = (sql: string): string => `
  DO $$ DECLARE touched int; BEGIN
    ${sql}; GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched > 0 THEN RAISE '% rows', touched; END IF;
  END $$`;

const PROBLEM = 'application/problem+json; charset=utf-8';

/** Asks as the neighbour for a path with these ids in it, with a body that suits the path. */
async function probe(method: string, path: string, [first, second]: [string, string]) {
  const [place, another] = [first, second];
  const url = `${house.url}${path.replace(/:\w+/, place).replace(/:\w+/, another)}`;
  const form = new FormData();
  form.set('file', new Blob(['%PDF-1.4'], { type: 'application/pdf' }), 'x.pdf');
  const upload = method === 'POST' && path.endsWith('/attachments');
  const body = upload ? form : method === 'GET' ? undefined : JSON.stringify(bodyFor(path));
  const response = await fetch(url, {
    method,
    body,
    headers: {
      authorization: `Bearer ${neighbour.key}`,
      'idempotency-key': randomUUID(),
      ...(typeof body === 'string' && { 'content-type': 'application/json' }),
    },
  });
  const { status, headers } = response;
  return { status, type: headers.get('content-type'), body: await response.text() };
}

/** What a path needs so that it is not the body that is refused. */
function bodyFor(path: string): object {
  if (path.endsWith('/entries')) return { kind: 'note', happenedOn: '2024-12-16', body: 'x' };
  if (path.endsWith('/household')) return { withPersonId: randomUUID() };
  if (path.endsWith('/approve'))
    return { lines: [{ lineId: randomUUID(), amount: 1, budgetLineId: randomUUID() }] };
  if (/\/(return|submit|withdraw|review)$/.test(path)) return { comment: 'x' };
  if (/\/(decline|release)$/.test(path)) return { reason: 'x' };
  if (path.endsWith('/disclosures')) return told(randomUUID());
  if (path.endsWith('/deletion-request')) return { asked: 'person' };
  return {};
}

/** A page without what differs each time: ids, and the nonce of its scripts. */
async function page(method: string, path: string, cookie: string) {
  const response = await fetch(`${house.url}${path}`, {
    method,
    redirect: 'manual',
    headers: { cookie, origin: house.url, 'content-type': 'application/x-www-form-urlencoded' },
    body: method === 'GET' ? undefined : `idempotencyKey=${randomUUID()}&comment=x&reason=x`,
  });
  const html = await response.text();
  return {
    status: response.status,
    html: html
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
      .replaceAll(/nonce="[^"]*"/g, ''),
  };
}

/** Tables with something of a person, a case, or a narrative. */
const FILES = words(
  'persons households consents identities identity_links cases case_persons case_narratives case_entries',
  'request_narratives request_comments identity_decisions identity_decision_people distinct_people',
  'household_moves person_reveals',
  'request_narratives request_comments identity_decisions identity_decision_people distinct_people disclosures',
);
/** Tables with something of a request. */
const REQUESTS = words(
  'grant_requests request_lines request_persons request_events attachments duties awards disbursements',
);
const PAYABLE: RequestStatus[] = ['approved', 'scheduled', 'paid', 'settled'];

/** The ids of the requests whose rows of this table the actor sees by SQL. */
async function requestsSeen(actor: Actor, table: string): Promise<Set<string>> {
  const column = table === 'grant_requests' ? 'id' : 'request_id';
  const rows = await house.sqlAs<{ id: string }>(actor, `SELECT DISTINCT ${column} AS id FROM ${table}`);
  return new Set(rows.map((row) => row.id));
}

describe('privacy.md, point 4: isolate: the treasurer', () => {
  test('sees by SQL no person, no case, no narrative', async () => {
    const counts = await seen(world.treasurer.actor);
    expect(FILES.filter((table) => counts[table])).toEqual([]);
  });

  test('sees by SQL only requests that were approved, in every table', async () => {
    const approved = new Set(PAYABLE.map((status) => requests[status].id));
    for (const table of REQUESTS) {
      const others = [...(await requestsSeen(world.treasurer.actor, table))].filter(
        (some) => !approved.has(some),
      );
      expect([table, others]).toEqual([table, []]);
    }
    expect(await requestsSeen(world.treasurer.actor, 'grant_requests')).toEqual(approved);
  });

  test('is shown by the API what is to be paid, without narrative, and nothing that is undecided', async () => {
    const { treasurer } = world;
    const list = await treasurer.get<{ items: GrantRequestView[] }>('/grant-requests');
    expect(new Set(list.body.items.map(({ status }) => status))).toEqual(new Set(PAYABLE));
    for (const [status, { id: requestId }] of Object.entries(requests)) {
      const { status: code, body } = await treasurer.get<GrantRequestView>(`/grant-requests/${requestId}`);
      expect([status, code]).toEqual([status, PAYABLE.includes(status as RequestStatus) ? 200 : 404]);
      if (code === 404) continue;
      expect(body).toMatchObject({ reason: null, people: [], lines: [{ item: CLEAR.item }] });
      expect(body.history.map(({ comment }) => comment)).toEqual(body.history.map(() => null));
    }
    for (const path of ['/people', '/cases', `/people/${theirs.personId}`, `/cases/${theirs.caseId}`]) {
      expect([path, (await treasurer.get(path)).status]).toEqual([path, 403]);
    }
  });
});

describe.each(['admin', 'board'] as const)('privacy.md, point 4: isolate: %s', (role) => {
  test('sees by SQL no person, no case, no request and no narrative', async () => {
    const counts = await seen(world[role].actor);
    expect([...FILES, ...REQUESTS, 'vendors'].filter((table) => counts[table])).toEqual([]);
    // The keys of breaches are nobody's else.
    const keys = await house.sqlAs(world[role].actor, 'SELECT owner_id FROM data_keys');
    expect(keys).toEqual([{ owner_id: theirs.breachId }]);
  });

  test('is shown none of them by the API', async () => {
    const { personId, caseId } = theirs;
    const paths = ['/people', `/people/${personId}`, '/cases', `/cases/${caseId}`, '/vendors'];
    for (const path of paths) expect([path, (await world[role].get(path)).status]).toEqual([path, 403]);
    // The board decides the largest, and reads what it is asked to decide: of these nothing.
    const list = await world[role].get('/grant-requests');
    expect([list.status, list.body.items]).toEqual(role === 'admin' ? [403, undefined] : [200, []]);
    const one = await world[role].get(`/grant-requests/${requests.approved.id}`);
    expect(one.status).toBe(role === 'admin' ? 403 : 404);
  });
});

describe('privacy.md, point 4: isolate: the reviewer', () => {
  test('sees by SQL every request but the draft, and nothing of the draft in any table', async () => {
    const { reviewer } = world;
    const { draft, ...others } = requests;
    expect(await requestsSeen(reviewer.actor, 'grant_requests')).toEqual(
      new Set(Object.values(others).map((request) => request.id)),
    );
    for (const table of [...REQUESTS, 'request_narratives', 'request_comments']) {
      expect([table, (await requestsSeen(reviewer.actor, table)).has(draft.id)]).toEqual([table, false]);
    }
  });

  test('is shown no draft by the API, as if there were none', async () => {
    const { reviewer } = world;
    const list = await reviewer.get<{ items: GrantRequestView[] }>('/grant-requests?limit=200');
    expect(list.body.items.map(({ status }) => status).sort()).toEqual(
      Object.keys(requests)
        .filter((status) => status !== 'draft')
        .sort(),
    );
    expect(await reviewer.get(`/grant-requests/${requests.draft.id}`)).toEqual(
      await reviewer.get(`/grant-requests/${randomUUID()}`),
    );
  });

  test('does read the narrative of what was submitted', async () => {
    const { body } = await world.reviewer.get<GrantRequestView>(`/grant-requests/${requests.returned.id}`);
    expect(body.reason).toBe(CLEAR.reason);
    expect(body.history.map(({ comment }) => comment)).toContain(CLEAR.question);
  });
});

/** Whether a value of a row says this in clear; short words count only whole, as they occur by chance. */
function says(value: unknown, word: string): boolean {
  if (Array.isArray(value)) return value.some((one) => says(one, word));
  if (Buffer.isBuffer(value)) return word.length > 4 ? value.includes(word) : value.toString() === word;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return word.length > 4 ? text.includes(word) : new RegExp(`(^|\\W)${word}(\\W|$)`).test(text);
}

/** Every value of every column of every table, the queue's too. */
async function everyValue(): Promise<{ column: string; value: unknown }[]> {
  const values: { column: string; value: unknown }[] = [];
  for (const table of [...(await tables()), ...(await tables('bullmq'))]) {
    for (const row of await house.sql(`SELECT * FROM ${table}`)) {
      for (const [name, value] of Object.entries(row)) values.push({ column: `${table}.${name}`, value });
    }
  }
  return values;
}

describe('privacy.md, point 3: what lies at rest', () => {
  test('holds nothing in clear of what people told, in no column of no table', async () => {
    const found = (await everyValue()).flatMap(({ column, value }) =>
      Object.values(CLEAR).flatMap((word) => (says(value, word) ? [`${column}: ${word}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test('names a key of the ring only where a rotation wraps it anew, and says so in each of these rows', async () => {
    const { id: ringKey } = house.app.get(Keyring).sealing();
    const named = Buffer.from(ringKey, 'hex');
    const places = RING_VALUES.map(({ table, column }) => `public.${table}.${column}`).sort();
    const naming = (await everyValue()).filter(
      ({ value }) => Buffer.isBuffer(value) && value.includes(named),
    );
    expect([...new Set(naming.map(({ column }) => column))].sort()).toEqual(places);
    const bound = await house.sql<{ name: string }>(
      `SELECT conrelid::regclass::text AS name FROM pg_constraint WHERE confrelid = 'ring_keys'::regclass ORDER BY 1`,
    );
    expect(bound.map(({ name }) => name)).toEqual(RING_VALUES.map(({ table }) => table).sort());
  });

  test('holds the file, and nothing of it in clear, on the disk', async () => {
    const entries = await readdir(house.dataDir, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.filter((path) => path.endsWith(theirs.attachmentId!))).toHaveLength(1);
    for (const path of files) {
      const bytes = await readFile(path);
      expect([path, bytes.includes(CLEAR.content), bytes.includes('%PDF')]).toEqual([path, false, false]);
    }
  });

  test('gives the file back to who may read it, and nobody else', async () => {
    const path = `/api/v1/grant-requests/${requests.paid.id}/attachments/${theirs.attachmentId}`;
    const open = async ({ key }: Somebody) => {
      const response = await fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
      if (response.status !== 200) return [response.status, false];
      const texts = await textsOf(Buffer.from(await response.arrayBuffer()));
      return [response.status, texts.some((text) => text.includes(CLEAR.content))];
    };
    expect(await open(world.partner)).toEqual([200, true]);
    expect(await open(world.reviewer)).toEqual([200, true]);
    expect(await open(neighbour)).toEqual([404, false]);
    expect(await open(world.board)).toEqual([404, false]);
  });
});
