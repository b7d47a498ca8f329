import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { may, type Action } from '../../src/access/index.js';
import { LogSeals } from '../../src/log/index.js';
import { Db } from '../../src/platform/db.js';
import { LiveProcesses } from '../../src/platform/live-processes.js';
import type { Role } from '../../src/kernel/actor.js';
import { given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { routesOf, type Route } from '../routes.js';
import { callAt, cookieOf, signIn, type Reply } from './calls.js';
import { sampleBodies } from './sample-bodies.js';
import { aFile, fileAll, type Thing, type Things } from './two-members.js';

/** One account of each role; the first two belong to the same member. */
const ROLES = ['caseworker', 'lead', 'reviewer', 'approver', 'treasurer', 'board', 'admin'] as const;

const ACCOUNTS: Thing[] = ['session', 'key'];
const DRAFT: Thing[] = ['draft', 'draftFile'];
const UNDECIDED: Thing[] = ['submitted', 'large', 'largeFile'];
const CASEWORK: Thing[] = ['person', 'consent', 'case'];

/**
 * What a role must not see of another member (domain, "Who uses it"), and what it is told is no different from an id
 * that nobody has. An account of one's own belongs to nobody else, an administrator included.
 */
const HIDDEN: Record<Role, readonly Thing[]> = {
  caseworker: [],
  lead: [],
  reviewer: [...ACCOUNTS, ...DRAFT],
  approver: [...ACCOUNTS, ...DRAFT],
  treasurer: [...ACCOUNTS, ...DRAFT, ...UNDECIDED, ...CASEWORK],
  board: [...ACCOUNTS, ...DRAFT, 'submitted', 'approved', 'paid', 'paidFile', ...CASEWORK],
  admin: [...ACCOUNTS, ...DRAFT, ...UNDECIDED, 'approved', 'paid', 'paidFile', ...CASEWORK],
};

let house: House;
let people: Record<Role, Somebody>;
let cookies: Record<Role, string>;
/** What the member of the caseworker and the lead has, and what another one has. */
let own: Things;
let others: Things;
let routes: Route[];
/** What the application has sent to PostgreSQL since this was emptied. */
const statements: string[] = [];
const openRunners = new Set<object>();
let bodyFor: (method: string, path: string) => unknown;

beforeAll(async () => {
  house = await openHouse({ settings: { RATE_LIMIT: '100000' } });
  const world = await given(house);
  const elsewhere = await world.anotherOrganisation();
  const neighbour = await house.somebody('neighbour', ['caseworker'], elsewhere.id);
  const { partner: caseworker, reviewer, approver, treasurer, board, admin, organisation } = world;
  const lead = await house.somebody('lead', ['lead'], organisation.id);
  people = { caseworker, lead, reviewer, approver, treasurer, board, admin };
  own = await fileAll(house, world, caseworker);
  others = await fileAll(house, world, neighbour);
  await admin.post(`/users/${caseworker.user.id}/reset`, {});
  await signIn(house, { ...caseworker, password: 'a wrong one' });
  await house.app.get(LogSeals).seal();
  await house.app.get(Db).write(caseworker.actor, async (tx) => tx.emit('test', {}));
  cookies = Object.fromEntries(
    await Promise.all(ROLES.map(async (role) => [role, cookieOf(await signIn(house, people[role]))])),
  ) as Record<Role, string>;
  routes = routesOf(house.app);
  // It writes every few seconds that it lives, which is no answer to anybody.
  await house.app.get(LiveProcesses).stop();
  listen(house.app.get(DataSource));
  bodyFor = await sampleBodies(house);
});
afterAll(() => house.close());

/** Hears every statement, and knows when the last transaction has ended: a refusal does not wait for what runs beside it. */
function listen(source: DataSource): void {
  const createQueryRunner = source.createQueryRunner.bind(source);
  source.createQueryRunner = (mode) => {
    const runner = createQueryRunner(mode);
    const [query, release] = [runner.query.bind(runner), runner.release.bind(runner)];
    openRunners.add(runner);
    runner.query = (sql: string, ...rest: unknown[]) => {
      statements.push(sql);
      return query(sql, ...(rest as []));
    };
    runner.release = () => {
      openRunners.delete(runner);
      return release();
    };
    return runner;
  };
}

/** Bodies that need more than what is always required. */
const MORE: Record<string, object> = {
  '/api/v1/funds/:id/contributions': { amount: 1, receivedOn: '2024-12-16', source: 'x' },
  '/api/v1/funds/:id/allocations': { purpose: 'relief', category: 'food', amount: 1 },
};

const isApi = ({ path }: Route): boolean => path.startsWith('/api/');
const named = (route: Route): string => `${route.method} ${route.path}`;
const withIds = (route: Route, ids: readonly string[]): string => {
  let next = 0;
  return route.path.replaceAll(/:\w+/g, () => ids[Math.min(next++, ids.length - 1)]!);
};

/** Calls a route as this role does: a program's key for the API, a browser's session for a page. */
async function ask(role: Role | null, route: Route, ids: readonly string[] = []): Promise<Reply> {
  const headers: Record<string, string> = { 'idempotency-key': randomUUID(), origin: house.url };
  if (role && isApi(route)) headers.authorization = `Bearer ${people[role].key}`;
  if (role && !isApi(route)) headers.cookie = cookies[role];
  let body: string | FormData | undefined;
  if (!['GET', 'DELETE'].includes(route.method)) {
    const files = /\/(attachments|imports|edit\/reason)$/.test(route.path);
    if (files) body = aFile();
    else if (isApi(route)) {
      headers['content-type'] = 'application/json';
      body = JSON.stringify(MORE[route.path] ?? bodyFor(route.method, route.path));
    } else {
      headers['content-type'] = 'application/x-www-form-urlencoded';
      body = `_key=${headers['idempotency-key']}`;
    }
  }
  const period = /\/(reports\/disbursed|exposures)$/.test(route.path) ? '?from=2024-12-01&to=2024-12-31' : '';
  return callAt(house, route.method, `${withIds(route, ids)}${period}`, headers, body as string);
}

/** What is told, without what differs each time: nonces, keys of forms, and the id that was asked for. */
const told = ({ status, text }: Reply, ids: readonly string[]): unknown[] => [
  status,
  ids
    .reduce((shown, id) => shown.replaceAll(id, '·'), text)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '·')
    .replaceAll(/nonce="[^"]+"/g, ''),
];

/** Every row of every table that somebody's deeds could touch; the log and the traces of asking are left out. */
async function fingerprint(): Promise<string> {
  const tables = await house.sql<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       AND relname NOT IN ('audit_events', 'sessions', 'api_keys', 'attempts', 'hint_answers') ORDER BY 1`,
  );
  const hash = createHash('sha256');
  for (const { name } of tables) {
    const [row] = await house.sql<{ rows: string }>(
      `SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') AS rows FROM ${name} t`,
    );
    hash.update(`${name}:${row!.rows}`);
  }
  return hash.digest('hex');
}

const PUBLIC = (route: Route): boolean => route.action === 'public';
const FOR_ANYBODY = ['signed-in', 'halfway'];
const mayDo = (role: Role, { action }: Route): boolean =>
  FOR_ANYBODY.includes(action as string) || may(people[role].actor, action as Action);

test('nobody who is not signed in is answered by any route that is not public', async () => {
  const before = await fingerprint();
  const answered: string[] = [];
  for (const route of routes.filter((each) => !PUBLIC(each))) {
    const reply = await ask(null, route, [others.paid]);
    const refused = isApi(route)
      ? reply.status === 401
      : reply.status === 401 ||
        (reply.status === 303 && reply.headers.get('location')!.startsWith('/sign-in'));
    if (!refused) answered.push(`${named(route)}: ${reply.status}`);
  }
  expect(answered).toEqual([]);
  expect(await fingerprint()).toBe(before);
});

describe.each(ROLES)('privacy.md, point 4: isolate: the %s', (role) => {
  const hiddenIds = (): string[] => {
    const things = role === 'caseworker' || role === 'lead' ? (Object.keys(others) as Thing[]) : HIDDEN[role];
    return things.map((thing) => others[thing]);
  };

  test('is refused every action that the table does not allow, whatever the id, and changes nothing', async () => {
    const before = await fingerprint();
    const answered: string[] = [];
    const closed = routes.filter((route) => !PUBLIC(route) && !mayDo(role, route));
    expect(closed.length).toBeGreaterThan(10);
    for (const route of closed) {
      const nobodys = await ask(role, route, [randomUUID()]);
      if (nobodys.status !== 403) answered.push(`${named(route)}: ${nobodys.status}`);
      for (const id of [own.submitted, others.paid]) {
        expect([named(route), told(await ask(role, route, [id]), [id])]).toEqual([
          named(route),
          told(nobodys, []),
        ]);
      }
    }
    expect(answered).toEqual([]);
    expect(await fingerprint()).toBe(before);
  });

  test('is told of what is not theirs what is told of an id that nobody has, and changes nothing', async () => {
    const before = await fingerprint();
    const open = routes.filter((route) => !PUBLIC(route) && route.path.includes(':') && mayDo(role, route));
    expect(open.length).toBeGreaterThan(3);
    const odd: string[] = [];
    for (const route of open) {
      const nobodys = await probe(role, route, randomUUID());
      const status = nobodys.told[0] as number;
      if (!(isApi(route) ? [404] : [303, 404, 422]).includes(status)) odd.push(`${named(route)}: ${status}`);
      for (const id of hiddenIds()) {
        expect([named(route), await probe(role, route, id)]).toEqual([named(route), nobodys]);
      }
    }
    expect(odd).toEqual([]);
    expect(await fingerprint()).toBe(before);
  });

  test('is answered what the table allows', async () => {
    const closed: string[] = [];
    for (const route of routes.filter(
      (each) => each.method === 'GET' && !PUBLIC(each) && mayDo(role, each),
    )) {
      const reply = await ask(role, route, idsFor(role, route));
      // The way into a draft leads on to its first open step.
      const onward = reply.status === 303 && reply.headers.get('location')!.startsWith('/requests/');
      if (reply.status !== 200 && !onward) closed.push(`${named(route)}: ${reply.status}`);
    }
    expect(closed).toEqual([]);
  });

  test('reaches by SQL no more than that', async () => {
    const { actor } = people[role];
    for (const table of CLOSED[role]) {
      const rows = await house.sqlAs(actor, `SELECT 1 FROM ${table} LIMIT 1`).catch(unlessGranted);
      expect([table, rows]).toEqual([table, []]);
      expect([table, await house.sql(`SELECT 1 FROM ${table} LIMIT 1`)]).toEqual([
        table,
        [expect.anything()],
      ]);
    }
    const hidden = [...hiddenIds(), ...(HIDDEN[role].length === 0 ? [others.organisation] : [])];
    const reached: string[] = [];
    for (const { table, column } of await ownedColumns()) {
      const found = `SELECT 1 FROM ${table} WHERE ${column} = ANY($1) LIMIT 1`;
      const rows = await house.sqlAs(actor, found, [hidden]).catch(unlessGranted);
      // The log names ids, and whoever reads it reads those of everybody.
      if (rows.length > 0 && table !== 'audit_events') reached.push(`${table}.${column}`);
    }
    expect(reached).toEqual(NAMED[role] ?? []);
  });
});

/** Closed as a whole, by privilege or by policy: of nobody does this role see a row there (domain, "Who uses it"). */
const NARRATIVE = ['case_narratives', 'case_entries', 'request_narratives', 'request_comments'];
const PEOPLE = ['persons', 'households', 'consents', 'cases', 'case_persons', 'person_index'];
const MONEY = ['accounts', 'transfers', 'funds', 'contributions'];
const LOG = ['audit_events', 'audit_seals'];
const WAYS_IN = ['credentials', 'one_time_links', 'attempts', 'outbox'];
const CLOSED: Record<Role, readonly string[]> = {
  caseworker: [...WAYS_IN, ...MONEY, ...LOG],
  lead: [...WAYS_IN, ...MONEY, ...LOG],
  reviewer: [...WAYS_IN, 'person_index', ...LOG],
  approver: [...WAYS_IN, 'person_index', ...LOG],
  treasurer: [...WAYS_IN, ...NARRATIVE, ...PEOPLE, ...LOG],
  // A request that the board was asked to decide comes with its reason and the codes of its people.
  board: [...WAYS_IN, 'case_narratives', 'case_entries', 'person_index'],
  admin: [
    ...WAYS_IN,
    ...NARRATIVE,
    ...PEOPLE,
    'grant_requests',
    'request_lines',
    'disbursements',
    'attachments',
  ],
};

/** Ids that stand in what a role may see: an approved request names its case and its people, and is sealed with the case's key. */
const NAMED: Partial<Record<Role, string[]>> = {
  treasurer: [
    'data_keys.owner_id',
    'grant_requests.case_id',
    'grant_requests.key_owner_id',
    'request_persons.person_id',
  ],
};

const unlessGranted = (error: { code?: string }): [] => {
  if (error.code !== '42501') throw error;
  return [];
};

/** Every column that says whose a row is: of a person, a case, a request, a member or a user. */
const ownedColumns = (): Promise<{ table: string; column: string }[]> =>
  house.sql(
    `SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type = 'uuid' ORDER BY 1, 2`,
  );

/** What is told of an id, and what it took to tell it: as much for one that is not theirs as for one of nobody. */
async function probe(role: Role, route: Route, id: string) {
  statements.length = 0;
  const answer = told(await ask(role, route, [id]), [id]);
  while (openRunners.size > 0) await new Promise((resolve) => setImmediate(resolve));
  return { told: answer, statements: statements.toSorted() };
}

/** Ids of one's own that suit this path: a request is what this role sees at this step of its life. */
function idsFor(role: Role, { path }: Route): string[] {
  const found = KINDS.find(([pattern]) => pattern.test(path));
  if (!found && path.includes(':')) throw new Error(`Say what the ids of ${path} are`);
  const seen: Partial<Things> = role === 'board' ? { ...own, paid: own.large, paidFile: own.largeFile } : own;
  return (found?.[1] ?? []).map((thing) => (thing === 'check' || thing === 'first' ? thing : seen[thing]!));
}

const KINDS: [RegExp, (Thing | 'check' | 'first')[]][] = [
  [/breaches\/:/, ['breach', 'first']],
  [/requests\/:id\/edit/, ['draft', 'check']],
  [/requests\/:id\/decision/, ['large']],
  [/requests\/:id\/attachments/, ['paid', 'paidFile']],
  [/requests\/:/, ['paid']],
  [/people\/:/, ['person', 'consent']],
  [/cases\/:/, ['case']],
  [/payments\/:/, ['award', 'payment']],
  [/organisations\/:/, ['organisation']],
  [/funds\/:/, ['fund', 'line']],
  [/budget-lines\/:/, ['line']],
  [/contributions\/:/, ['contribution']],
  [/users\/:/, ['user']],
  [/imports\/:/, ['import']],
];
