import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { BreachView } from '../../src/privacy/breach.dto.js';
import type { DisclosuresView } from '../../src/privacy/disclosures.dto.js';
import type { ExposureView } from '../../src/privacy/exposure.dto.js';
import { EXPOSED_FIELDS } from '../../src/privacy/exposure.js';
import type { SheetView } from '../../src/privacy/sheet.dto.js';
import { ApiKeys, permissionsOf } from '../../src/access/index.js';
import type { PersonView } from '../../src/people/people.dto.js';
import { LogSeals } from '../../src/log/index.js';
import { given, line, type Given } from '../given.js';
import { callAt, cookieOf, signIn } from '../http/calls.js';
import { clientAt, openHouse, type House, type Somebody } from '../house.js';
import { doMainJob, saidIn, TOLD, type MainJob } from '../main-job.js';
import { routesOf } from '../routes.js';

let house: House;
let world: Given;
let job: MainJob;
let neighbour: Somebody;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  const elsewhere = await world.anotherOrganisation();
  neighbour = await house.somebody('neighbour', ['caseworker', 'lead'], elsewhere.id);
  job = await doMainJob(house, world);
});
afterAll(() => house.close());
beforeEach(() => house.clock.set('2024-12-16T18:00:00+09:00'));

const search = async (query: string, by: Somebody = world.board): Promise<ExposureView> =>
  (await by.get<ExposureView>(`/exposures?${query}`)).body;

const lastLine = async (action: string) =>
  (
    await house.sql<{ actor_id: string; subject_id: string; facts: Record<string, unknown> }>(
      'SELECT actor_id, subject_id, facts FROM audit_events WHERE action = $1 ORDER BY id DESC LIMIT 1',
      [action],
    )
  )[0]!;

/** A person of this partner's, and the code that everybody knows them by. */
const someone = async (by: Somebody = world.partner): Promise<PersonView> => {
  const consent = [{ purpose: 'casework', givenOn: '2024-12-01', language: 'vi', method: 'spoken' }];
  return (await by.post<PersonView>('/people', { alias: TOLD.alias, name: TOLD.name, consent })).body;
};

const report = (id: string, kind: string, body: object, by = world.board) =>
  by.post<BreachView & { code: string }>(`/breaches/${id}/reports/${kind}`, body);

const opened = async (more: object = {}): Promise<BreachView> => {
  const filter = { userId: world.partner.user.id };
  const answer = await world.board.post<BreachView>('/breaches', {
    filter,
    awareOn: '2024-12-16',
    ...more,
  });
  expect(answer.status).toBe(201);
  return answer.body;
};

const sheetOf = (personId: string, query = '', by: Somebody = world.partner) =>
  by.get<SheetView>(`/people/${personId}/sheet${query}`);

const disclosure = {
  recipientKind: 'hospital',
  recipient: '港町診療所',
  legalBasis: 'order',
  basisNote: '刑訴法の差押令状',
  fields: ['name', 'residenceStatus'],
  disclosedOn: '2024-12-16',
  personTold: true,
};

const disclose = (personId: string, more: object = {}, by: Somebody = world.partner) =>
  by.post<DisclosuresView & { errors?: object[] }>(`/people/${personId}/disclosures`, {
    ...disclosure,
    ...more,
  });

const agreed = { purpose: 'sharing', givenOn: '2024-12-10', language: 'vi', method: 'spoken' };

/** What the database tells somebody of whom the case is about. */
const behindCase = ({ actor }: Somebody) =>
  house.sqlAs(actor, 'SELECT * FROM people_behind(ARRAY[$1::uuid])', [job.caseId]);

const codeOf = async (answer: Promise<{ body: { code?: string } }>) => (await answer).body.code;

describe('privacy.md, point 7: reads leave who, what, why and when', () => {
  test('with the ids that a list showed, and through which key', async () => {
    const { partner } = world;
    await partner.get('/people');
    const line = await lastLine('people.listed');
    const [key] = await house.app.get(ApiKeys).list(partner.user.id);
    expect(line).toMatchObject({ actor_id: partner.user.id, facts: { key: key!.id } });
    expect(line.facts.ids).toContain(job.personId);
    for (const [path, action, id] of [
      ['/cases', 'cases.listed', job.caseId],
      ['/grant-requests', 'requests.listed', job.requestId],
    ] as const) {
      await partner.get(path);
      expect((await lastLine(action)).facts.ids).toContain(id);
    }
  });

  test('and through which session of a browser, from its first line on', async () => {
    const cookie = cookieOf(await signIn(house, world.treasurer));
    const { session } = (await lastLine('sign_in.done')).facts;
    expect(await house.sql('SELECT 1 FROM sessions WHERE id = $1', [session])).toHaveLength(1);
    expect((await callAt(house, 'GET', '/payments', { cookie })).status).toBe(200);
    const line = await lastLine('payments.listed');
    expect(line).toMatchObject({ actor_id: world.treasurer.user.id, facts: { session } });
    // Whoever was refused came in through it too.
    expect((await callAt(house, 'GET', '/log', { cookie })).status).toBe(403);
    expect((await lastLine('access.denied')).facts).toMatchObject({ session });
  });

  test('of what waits for staff as well, which stands on their first page', async () => {
    const { id } = await world.submittedRequest();
    const cookie = cookieOf(await signIn(house, world.reviewer));
    expect((await callAt(house, 'GET', '/', { cookie })).status).toBe(200);
    expect((await lastLine('requests.listed')).facts.ids).toContain(id);
  });

  test('under the seal of the chain', async () => {
    const seals = house.app.get(LogSeals);
    await seals.seal();
    const forged = `jsonb_set(facts, '{key}', '"00000000-0000-7000-8000-000000000000"')`;
    const [{ id, facts } = { id: 0, facts: {} }] = await house.sql<{ id: number; facts: object }>(
      `SELECT id, facts FROM audit_events WHERE facts ? 'key' ORDER BY id LIMIT 1`,
    );
    await house.sql(`UPDATE audit_events SET facts = ${forged} WHERE id = $1`, [id]);
    expect((await seals.verify()).differences).toMatchObject([{ code: 'altered', eventId: id }]);
    await house.sql('UPDATE audit_events SET facts = $2 WHERE id = $1', [id, facts]);
    expect((await seals.verify()).differenceCount).toBe(0);
  });

  test('with the ids, and never a name, of at most 200 a page', async () => {
    const rows = await house.sql<{ facts: { ids?: string[] } }>(`SELECT facts FROM audit_events`);
    expect(saidIn(JSON.stringify(rows))).toEqual([]);
    expect(Math.max(...rows.map(({ facts }) => facts.ids?.length ?? 0))).toBeLessThanOrEqual(200);
  });
});

describe('privacy.md, point 9: a breach, drawn from the log', () => {
  test('whom an account saw: by code and member, with fields, first and last time, and how often', async () => {
    const person = await someone();
    const thief = await house.somebody('thief', ['caseworker'], world.organisation.id);
    house.clock.set('2024-12-16T20:00:00+09:00');
    await thief.get(`/people/${person.id}`);
    house.clock.set('2024-12-16T23:30:00+09:00');
    await thief.get('/people');
    const found = await search(`userId=${thief.user.id}`);
    const { items } = found;
    expect(items.map(({ code }) => code)).toContain(person.code);
    expect(items.find(({ code }) => code === person.code)).toEqual({
      code: person.code,
      organisationId: world.organisation.id,
      organisationName: world.organisation.name,
      fields: [
        'alias',
        'name',
        'birthDate',
        'ageBand',
        'nationality',
        'residenceStatus',
        'prefecture',
        'languages',
        'consents',
      ],
      firstAt: expect.stringContaining('2024-12-16T11:00:00'),
      lastAt: expect.stringContaining('2024-12-16T14:30:00'),
      times: 2,
    });
    // Everybody else of the list was seen by alias alone.
    expect(items.filter(({ code }) => code !== person.code).map(({ fields }) => fields)).toEqual(
      items.filter(({ code }) => code !== person.code).map(() => ['alias']),
    );
    expect(found.people).toBe(items.length);
    expect(saidIn(JSON.stringify(found))).toEqual([]);
  });

  test('through cases, requests and files to the people on them', async () => {
    const thief = await house.somebody('thief2', ['lead'], world.organisation.id);
    const seen = async () => (await search(`userId=${thief.user.id}`)).items;
    const { code } = (await world.partner.get<PersonView>(`/people/${job.personId}`)).body;
    await thief.get(`/cases/${job.caseId}`);
    expect(await seen()).toMatchObject([{ code, fields: ['alias', 'household', 'needs', 'narrative'] }]);
    await thief.get(`/grant-requests/${job.requestId}`);
    expect((await seen())[0]!.fields).toEqual(expect.arrayContaining(['items', 'amounts', 'comments']));
    expect((await seen())[0]!.fields).not.toContain('files');
    const file = `${house.url}/api/v1/grant-requests/${job.requestId}/attachments/${job.attachmentId}`;
    await (await fetch(file, { headers: { authorization: `Bearer ${thief.key}` } })).text();
    expect(await seen()).toMatchObject([{ code, fields: expect.arrayContaining(['files']), times: 3 }]);
    // A draft names nobody yet, and is about its case's people.
    const other = await house.somebody('thief3', ['lead'], world.organisation.id);
    const draft = await world.draftRequest(undefined, world.partner, job.caseId);
    await other.get(`/grant-requests/${draft.id}`);
    expect((await search(`userId=${other.user.id}`)).items.map((one) => one.code)).toEqual([code]);
  });

  test('of one key or one session alone, of a member, and within a span of days', async () => {
    const { partner, board } = world;
    const keys = house.app.get(ApiKeys);
    const stolen = clientAt(house.url, await keys.create(partner.email));
    const [{ id: keyId } = { id: '' }] = await keys.list(partner.user.id);
    const person = await someone();
    await stolen.get(`/people/${person.id}`);
    const byKey = await search(`keyId=${keyId}`);
    expect(byKey.items.map(({ code }) => code)).toEqual([person.code]);

    const cookie = cookieOf(await signIn(house, partner));
    const sessionId = (await lastLine('sign_in.done')).facts.session as string;
    expect((await search(`sessionId=${sessionId}`)).people).toBe(0);
    await callAt(house, 'GET', `/api/v1/people/${job.personId}`, { cookie });
    expect((await search(`sessionId=${sessionId}&keyId=${keyId}`)).people).toBe(0);
    expect((await search(`sessionId=${sessionId}`)).people).toBe(1);

    house.clock.set('2025-02-03T00:30:00+09:00');
    await neighbour.post('/people', { alias: 'x', consent: [] });
    const theirs = await someone(neighbour);
    await neighbour.get(`/people/${theirs.id}`);
    const members = `organisationId=${neighbour.user.organisationId}`;
    const all = (await search(members)).items.map(({ code }) => code);
    expect(all).toContain(theirs.code);
    expect(all).not.toContain(person.code);
    // The day is the network's: half past midnight in Tokyo is the day before elsewhere.
    expect((await search('from=2025-02-03&to=2025-02-03')).items.map(({ code }) => code)).toEqual(all);
    expect((await search('from=2025-02-04')).people).toBe(0);
    expect((await board.get('/exposures')).body).toMatchObject({ code: 'input.invalid' });
    expect((await board.get('/exposures?from=2025-02-03&to=2025-02-01')).status).toBe(422);
  });

  test('page by page, for board and admin alone; who asked is logged, and the figures stay the same', async () => {
    const query = `userId=${world.partner.user.id}`;
    const whole = await search(`${query}&limit=200`);
    expect(whole.people).toBeGreaterThan(2);
    const codes: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: ExposureView = await search(
        `${query}&limit=2${cursor && `&cursor=${cursor}`}`,
        world.admin,
      );
      expect([page.people, page.fields]).toEqual([whole.people, whole.fields]);
      codes.push(...page.items.map(({ code }) => code));
      cursor = page.nextCursor;
    }
    expect(codes).toEqual(whole.items.map(({ code }) => code));
    expect(await lastLine('breaches.searched')).toMatchObject({
      actor_id: world.admin.user.id,
      facts: { userId: world.partner.user.id, count: whole.people },
    });
    for (const who of [world.partner, world.reviewer, world.approver, world.treasurer])
      expect((await who.get(`/exposures?${query}`)).status).toBe(403);
  });

  test('the people behind ids are given by SQL to board and admin alone, and by code', async () => {
    for (const who of [world.partner, neighbour, world.reviewer, world.treasurer])
      expect(await behindCase(who)).toEqual([]);
    const [row] = await behindCase(world.admin);
    expect(Object.keys(row!).sort()).toEqual(['code', 'id', 'organisation_id', 'person_id']);
  });

  test('a record has its due days, what the log says, and is due in its time', async () => {
    const breach = await opened();
    expect(breach).toMatchObject({
      firstFrom: '2024-12-18',
      firstBy: '2024-12-20',
      finalBy: '2025-01-14',
      overdue: [],
      first: [],
      closedAt: null,
    });
    const { people, fields } = await search(`userId=${world.partner.user.id}`);
    expect([breach.people, breach.fields]).toEqual([people, fields]);
    expect((await opened({ malicious: true })).finalBy).toBe('2025-02-13');
    const late = await world.board.post('/breaches', { filter: {}, awareOn: '2024-12-16' });
    expect([late.status, late.body.errors]).toEqual([
      422,
      [expect.objectContaining({ code: 'filterNeeded' })],
    ]);
    const tomorrow = { filter: { userId: world.partner.user.id }, awareOn: '2024-12-17' };
    expect((await world.board.post('/breaches', tomorrow)).status).toBe(422);
  });

  test('every saving is kept, sealed, and nobody writes over what was saved meanwhile', async () => {
    const { id } = await opened();
    const outline = 'ホアさんの書類が見られた。';
    const one = await report(id, 'first', { items: { outline, cause: '調べている。' } });
    expect(one.body.first).toMatchObject([{ items: { outline, cause: '調べている。' } }]);
    const basedOn = one.body.first[0]!.id;
    const twins = await Promise.all(
      [world.board, world.admin].map((by) => report(id, 'first', { items: { outline: 'x' }, basedOn }, by)),
    );
    expect(twins.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(twins.find(({ status }) => status === 409)!.body.code).toBe('breach.meanwhile');
    const { first } = (await world.board.get<BreachView>(`/breaches/${id}`)).body;
    expect(first.map(({ items }) => items.outline)).toEqual(['x', outline]);
    const stored = await house.sql<{ items: Buffer }>('SELECT items FROM breach_reports');
    expect(stored.some(({ items }) => items.includes(outline))).toBe(false);
    await expect(house.sqlAs(world.board.actor, 'DELETE FROM breach_reports')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(
      house.sqlAs(world.board.actor, `UPDATE breach_reports SET people = 0`),
    ).rejects.toMatchObject({ code: '42501' });
  });

  test('the final report comes after the first, a close after both, and then nothing changes', async () => {
    const { board } = world;
    const { id } = await opened();
    const items = { outline: '見られた。' };

    expect(await codeOf(report(id, 'final', { items, reportedOn: '2024-12-16' }))).toBe(
      'breach.first_missing',
    );
    expect(await codeOf(board.post(`/breaches/${id}/close`, {}))).toBe('breach.unreported');
    expect(await codeOf(report(id, 'first', { items, reportedOn: '2024-12-15' }))).toBe('input.invalid');
    const first = await report(id, 'first', { items, reportedOn: '2024-12-16' });
    expect(first.body).toMatchObject({
      firstReportedOn: '2024-12-16',
      firstReportId: first.body.first[0]!.id,
    });
    const basedOn = first.body.first[0]!.id;
    expect(await codeOf(report(id, 'first', { items, basedOn, reportedOn: '2024-12-16' }))).toBe(
      'breach.reported',
    );
    expect(await codeOf(board.post(`/breaches/${id}/close`, {}))).toBe('breach.unreported');
    house.clock.set('2025-01-20T12:00:00+09:00');
    expect((await board.get<BreachView>(`/breaches/${id}`)).body.overdue).toEqual(['final']);
    await report(id, 'final', { items, reportedOn: '2025-01-20' });
    const told = { awareOn: '2024-12-16', toldOn: '2025-01-10' };
    expect((await board.send('PATCH', `/breaches/${id}`, told)).body.toldOn).toBe('2025-01-10');
    const closed = await board.post<BreachView>(`/breaches/${id}/close`, {});
    expect(closed.body).toMatchObject({ overdue: [], closedAt: expect.any(String) });
    for (const call of [
      board.post(`/breaches/${id}/close`, {}),
      report(id, 'first', { items, basedOn }),
      board.send('PATCH', `/breaches/${id}`, told),
    ])
      expect(await codeOf(call as Promise<{ body: { code?: string } }>)).toBe('breach.closed');
    const update = 'UPDATE breaches SET malicious = true WHERE id = $1 RETURNING 1';
    expect(await house.sqlAs(board.actor, update, [id])).toEqual([]);
    expect((await lastLine('breach.closed')).subject_id).toBe(id);
  });

  test.each([
    ['a final report without the first', `final_report_id = 'FINAL', final_reported_on = '2024-12-17'`],
    ['a report before anybody knew', `first_report_id = 'FIRST', first_reported_on = '2024-12-15'`],
    ['a day without a report', `first_reported_on = '2024-12-17'`],
    [
      'a final report in the place of the first',
      `first_report_id = 'FINAL', first_reported_on = '2024-12-17'`,
    ],
    ['an end without reports', `closed_at = now(), closed_by = opened_by`],
  ])('the database refuses %s', async (_, change) => {
    const { id } = await opened();
    const first = (await report(id, 'first', { items: {} })).body.first[0]!.id;
    const final = (await report(id, 'final', { items: {} })).body.final[0]!.id;
    const set = change.replace('FIRST', first).replace('FINAL', final);
    await expect(house.sql(`UPDATE breaches SET ${set} WHERE id = $1`, [id])).rejects.toMatchObject({
      code: expect.stringMatching(/^(23514|23503)$/),
    });
  });

  test('rings for board and admin when a report is late, on every page, until it is handed in', async () => {
    const at = await openHouse();
    try {
      const other = await given(at);
      const filter = { from: '2024-12-16' };
      const { body } = await other.admin.post<BreachView>('/breaches', { filter, awareOn: '2024-12-16' });
      const cookies = await Promise.all(
        [other.board, other.treasurer].map(async (who) => cookieOf(await signIn(at, who))),
      );
      const alarms = () =>
        Promise.all(
          cookies.map(async (cookie) =>
            (await callAt(at, 'GET', '/', { cookie })).text.includes('role="alert"'),
          ),
        );
      expect(await alarms()).toEqual([false, false]);
      at.clock.set('2024-12-21T09:00:00+09:00');
      expect(await alarms()).toEqual([true, false]);
      await other.board.post(`/breaches/${body.id}/reports/first`, { items: {}, reportedOn: '2024-12-21' });
      expect(await alarms()).toEqual([false, false]);
    } finally {
      await at.close();
    }
  });
});

describe('privacy.md, point 11: disclosures, one person at a time', () => {
  test('are recorded with their basis, sealed, and never changed', async () => {
    const { id, code } = await someone();
    expect((await disclose(id)).body).toMatchObject({
      code,
      items: [{ ...disclosure, consentId: null }],
    });
    expect(await lastLine('person.disclosed')).toMatchObject({
      actor_id: world.partner.user.id,
      subject_id: id,
      facts: { legalBasis: 'order', recipientKind: 'hospital', fields: ['name', 'residenceStatus'] },
    });
    const rows = await house.sql<{ recipient: Buffer; basis_note: Buffer }>('SELECT * FROM disclosures');
    for (const { recipient, basis_note: note } of rows)
      expect([recipient.includes(disclosure.recipient), note.includes('令状')]).toEqual([false, false]);
    for (const change of [`UPDATE disclosures SET person_told = true`, 'DELETE FROM disclosures'])
      await expect(house.sqlAs(world.partner.actor, change)).rejects.toMatchObject({ code: '42501' });
    for (const more of [{ basisNote: undefined }, { disclosedOn: '2024-12-17' }, { fields: [] }])
      expect((await disclose(id, more)).status).toBe(422);
    expect((await disclose(id, {}, neighbour)).status).toBe(404);
    expect((await disclose(id, {}, world.reviewer)).status).toBe(403);
  });

  test('rest on a consent only while it stands, is for sharing, is this person’s and was given by then', async () => {
    const { partner } = world;
    const { id } = await someone();
    const other = await someone();
    const consentOf = async (personId: string) => {
      const { body } = await partner.send<PersonView>('PATCH', `/people/${personId}`, { consent: [agreed] });
      return body.consent;
    };
    const [casework, sharing] = await consentOf(id);
    const [, others] = await consentOf(other.id);
    const by = (consentId: string | undefined, more = {}) =>
      disclose(id, { legalBasis: 'consent', consentId, basisNote: undefined, ...more });
    for (const consentId of [undefined, casework!.id, others!.id]) {
      const { status, body } = await by(consentId);
      expect([status, body.errors]).toMatchObject([422, [{ path: 'consentId', code: 'consentNotStanding' }]]);
    }
    expect((await by(sharing!.id, { disclosedOn: '2024-12-09' })).status).toBe(422);
    expect((await by(sharing!.id)).status).toBe(201);
    await partner.post(`/people/${id}/consents/${sharing!.id}/withdraw`, {});
    expect((await by(sharing!.id)).status).toBe(422);
    // The database says the same to whoever forgets to ask.
    const forged = `INSERT INTO disclosures (id, person_id, organisation_id, recipient_kind, legal_basis, consent_id, fields,
      disclosed_on, person_told, recipient, actor_id, recorded_at)
      VALUES (gen_random_uuid(), $1, $2, 'police', 'consent', $3, '{name}', '2024-12-16', false, 'x', $4, now())`;
    for (const consentId of [sharing!.id, casework!.id, null])
      await expect(
        house.sqlAs(partner.actor, forged, [id, world.organisation.id, consentId, partner.user.id]),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|23514)$/) });
  });

  test('a consent that is taken back at the same moment either carries it or does not', async () => {
    const { partner } = world;
    const { id } = await someone();
    const { body } = await partner.send<PersonView>('PATCH', `/people/${id}`, { consent: [agreed] });
    const consent = body.consent.find(({ purpose }) => purpose === 'sharing')!;
    const [disclosed] = await Promise.all([
      disclose(id, { legalBasis: 'consent', consentId: consent.id }),
      partner.post(`/people/${id}/consents/${consent.id}/withdraw`, {}),
    ]);
    expect([201, 422]).toContain(disclosed.status);
    const kept = await house.sql('SELECT 1 FROM disclosures WHERE person_id = $1', [id]);
    expect(kept).toHaveLength(disclosed.status === 201 ? 1 : 0);
  });

  /** What would make a list of names or statuses of what somebody can get. */
  const SECRET = [TOLD.name, TOLD.kana, TOLD.birthDate, TOLD.residenceStatus, TOLD.asylumStage];

  test('no list and no export gives a name or a status, whoever asks', async () => {
    const leads = await house.somebody('lead', ['lead'], world.organisation.id);
    const everybody = [
      world.partner,
      leads,
      neighbour,
      world.reviewer,
      world.approver,
      world.treasurer,
    ].concat(world.board, world.admin);
    const lists = routesOf(house.app).filter(({ method, path }) => method === 'GET' && !path.includes(':'));
    expect(lists.length).toBeGreaterThan(20);
    const leaks: unknown[] = [];
    for (const who of everybody) {
      const cookie = cookieOf(await signIn(house, who));
      for (const { path } of lists) {
        const query = '?limit=200&from=2024-01-01&to=2025-12-31';
        const got = await callAt(house, 'GET', `${path}${path.startsWith('/api/') ? query : ''}`, { cookie });
        const said = saidIn(got.text, SECRET);
        if (said.length > 0) leaks.push([who.user.roles, path, said]);
        const type = got.headers.get('content-type') ?? '';
        if (got.status === 200 && /csv|spreadsheet|pdf|zip|octet/.test(type)) leaks.push([path, type]);
      }
    }
    expect(leaks).toEqual([]);
  });

  test('what does give them is about one person: theirs, by its id, and to their own member or for a reason', async () => {
    const paths = routesOf(house.app)
      .filter(({ method, path }) => method === 'GET' && path.includes(':'))
      .map(({ path }) => path);
    const giving: string[] = [];
    const ids = [job.personId, job.caseId, job.requestId];
    for (const path of paths.filter((some) => !some.includes(':kind'))) {
      for (const id of ids) {
        const { text } = await callAt(house, 'GET', path.replaceAll(/:\w+/g, id), {
          cookie: cookieOf(await signIn(house, world.partner)),
        });
        if (saidIn(text, [TOLD.name, TOLD.residenceStatus]).length > 0) giving.push(path);
      }
    }
    for (const path of giving) expect(path).toMatch(/^(\/api\/v1)?\/people\/:id(\/\w+)?$/);
    expect(giving).toContain('/api/v1/people/:id/sheet');
    expect(permissionsOf(world.board.actor)).not.toContain('people.read');
  });
});

describe('privacy.md, point 12: the sheet for the person helped', () => {
  test('has everything that is kept about them, and leaves a line in the log', async () => {
    const { partner } = world;
    const { body: sheet } = await sheetOf(job.personId);
    const { name, kana, birthDate, nationality, residenceStatus, asylumStage } = TOLD;
    expect(sheet).toMatchObject({
      organisationName: world.organisation.name,
      person: { alias: TOLD.alias, name, kana, birthDate, nationality, residenceStatus, asylumStage },
      consents: [{ purpose: 'casework' }, { purpose: 'sensitive' }],
      cases: [{ summary: TOLD.summary, entries: [{ body: TOLD.entry }], others: 0 }],
      moneyKeptUntil: '2032-03-31',
    });
    const request = sheet.requests.find(({ reason }) => reason === TOLD.reason)!;
    expect(request).toMatchObject({
      items: [TOLD.item],
      comments: expect.arrayContaining([TOLD.question, TOLD.answer]),
      files: 1,
      payments: [{ paidOn: '2024-12-16', amount: 19_500, returned: 1 }],
    });
    expect(await lastLine('person.sheet_opened')).toMatchObject({
      actor_id: partner.user.id,
      subject_id: job.personId,
    });
    const { items } = await search(`userId=${partner.user.id}&limit=200`);
    expect(items.find(({ code }) => code === sheet.code)!.fields).toEqual([...EXPOSED_FIELDS]);
  });

  test('without narrative says nothing that was written in words', async () => {
    const { body } = await sheetOf(job.personId, '?withoutNarrative=true');
    const { summary, entry, reason, question, answer, remark } = TOLD;
    expect(saidIn(JSON.stringify(body), [summary, entry, reason, question, answer, remark])).toEqual([]);
    expect(body.person.name).toBe(TOLD.name);
    expect(body.requests[0]!.payments).toHaveLength(1);
  });

  test('says who looked, by role and member and never by name, and to whom data went', async () => {
    const { partner, reviewer, treasurer } = world;
    const person = await someone();
    const household = { adults: 1, children: 0, unborn: 0 };
    const about = { personIds: [person.id], household, needs: ['food'], summary: 'x' };
    const { body: file } = await partner.post<{ id: string }>('/cases', about);
    await world.submittedRequest([line('food', 100)], partner, file.id);
    await reviewer.get(`/people/${person.id}`);
    await treasurer.get('/people');
    await neighbour.get(`/people/${person.id}`);
    house.clock.set('2024-12-18T12:00:00+09:00');
    await partner.get('/people?limit=200');
    await partner.post(`/people/${person.id}/disclosures`, {
      recipientKind: 'hospital',
      recipient: '港町診療所',
      legalBasis: 'life',
      basisNote: '意識がなかった。',
      fields: ['name'],
      disclosedOn: '2024-12-17',
    });
    const { body } = await sheetOf(person.id);
    expect(body.disclosures).toMatchObject([{ recipient: '港町診療所', legalBasis: 'life' }]);
    const looked = body.looks.map(({ roles, organisationName }) => [roles, organisationName]);
    expect(looked).toEqual([
      [['caseworker'], world.organisation.name],
      [['reviewer'], null],
    ]);
    expect(body.looks[0]).toMatchObject({
      fields: expect.arrayContaining(['alias', 'name']),
      firstAt: expect.stringContaining('2024-12-16'),
      lastAt: expect.stringContaining('2024-12-18'),
    });
    const names = [partner, reviewer, treasurer].flatMap(({ user }) => [user.id, user.email]);
    expect(saidIn(JSON.stringify(body), names)).toEqual([]);
  });

  test('is for their own member alone, in the application and by SQL', async () => {
    const { partner, reviewer, board } = world;
    const nobodys = await sheetOf('00000000-0000-7000-8000-000000000000', '', neighbour);
    expect(await sheetOf(job.personId, '', neighbour)).toEqual(nobodys);
    expect(nobodys.status).toBe(404);
    for (const who of [reviewer, board, world.treasurer, world.admin])
      expect((await sheetOf(job.personId, '', who)).status).toBe(403);
    const looks = ({ actor }: Somebody) => house.sqlAs(actor, 'SELECT * FROM looks_at($1)', [job.personId]);
    expect(await looks(partner)).not.toEqual([]);
    for (const who of [neighbour, reviewer, board]) expect(await looks(who)).toEqual([]);
  });

  test('tells nothing of others on the same case but how many they are', async () => {
    const [one, other] = [await someone(), await someone()];
    const { alias } = { alias: '隣の人の呼び名' };
    await world.partner.send('PATCH', `/people/${other.id}`, { alias });
    const household = { adults: 2, children: 0, unborn: 0 };
    const personIds = [one.id, other.id];
    await world.partner.post('/cases', { personIds, household, needs: ['food'], summary: 'x' });
    const { body } = await sheetOf(one.id);
    expect(body.cases).toMatchObject([{ others: 1 }]);
    expect(saidIn(JSON.stringify(body), [alias, other.code, other.id])).toEqual([]);
  });
});
