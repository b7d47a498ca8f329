import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import type { FundView } from '../../src/funds/index.js';
import { AWARD_TRANSITIONS, REQUEST_TRANSITIONS } from '../../src/grants/grant-request.states.js';
import { LedgerCheck } from '../../src/ledger/index.js';
import { booksBalance, given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

/*
 * Whatever people do with money, in whatever order, several at once, while connections are cut in the middle of their
 * transactions and the same call is sent again: the rules of the domain hold and the books agree.
 */

let house: House;
let world: Given;
let funds: FundView[];
let cases: string[];
let treasurer2: Somebody;
let superuser: pg.Client;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  treasurer2 = await house.somebody('treasurer2', ['treasurer']);
  funds = [
    await world.fund(
      'one',
      { shelter: 300_000, food: 60_000 },
      { rules: { moveLimit: { percent: 10, of: 'source' } } },
    ),
    await world.fund('two', { shelter: 100_000, food: 100_000 }),
  ];
  cases = [await world.householdCase(), await world.householdCase(), await world.householdCase()];
  superuser = new pg.Client({ connectionString: process.env.TEST_SUPERUSER_URL });
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await house.close();
});

const KINDS = [
  'file',
  'approve',
  'approve',
  'approve',
  'return',
  'answer',
  'answer',
  'withdraw',
  'recuse',
  'decline',
  'release',
  'pay',
  'pay',
  'bounce',
  'refund',
  'confirm',
  'contribute',
  'promise',
  'receive',
  'correct',
  'allocate',
  'giveBack',
  'move',
  'carryOver',
  'agree',
  'refuse',
  'takeBack',
  'extend',
  'close',
  'cut',
] as const;

interface Deed {
  kind: (typeof KINDS)[number];
  /** Who does it and to which of what there is. */
  who: number;
  which: number;
  amount: number;
}

const deed = fc.record<Deed>({
  kind: fc.constantFrom(...KINDS),
  who: fc.nat(5),
  which: fc.nat(50),
  amount: fc.oneof(fc.integer({ min: 1, max: 260_000 }), fc.constantFrom(1, 30_000, 50_000, 50_001, 200_001)),
});

const pick = <T>(items: readonly T[], which: number): T | undefined =>
  items[which % Math.max(items.length, 1)];

const idsOf = async (sql: string): Promise<string[]> =>
  (await house.sql<{ id: string }>(sql)).map(({ id }) => id);

/** When a connection was cut last. */
let cutAt = 0;

/**
 * Sends it until there is an answer: a cut connection is no answer, and the key keeps it from happening twice. Without
 * a cut shortly before, a fault is a fault.
 */
async function insist(by: Somebody, path: string, body: object): Promise<number> {
  const key = randomUUID();
  for (let times = 0; times < 20; times += 1) {
    const { status } = await by.post(path, body, key);
    if (status < 500) return status;
    if (Date.now() - cutAt > 2_000) throw new Error(`${status} to ${path}`);
  }
  throw new Error(`No answer to ${path}`);
}

async function approve({ who, which, amount }: Deed): Promise<void> {
  const [request] = await house.sql<{
    id: string;
    lines: { id: string; category: string; amount: number }[];
  }>(
    `SELECT r.id, json_agg(json_build_object('id', l.id, 'category', l.category, 'amount', l.amount)) AS lines
     FROM grant_requests r JOIN request_lines l ON l.request_id = r.id
     WHERE r.status = 'in_review' GROUP BY r.id ORDER BY r.id OFFSET $1 LIMIT 1`,
    [which % 4],
  );
  if (!request) return;
  const by = pick([world.approver, world.approver2, world.board], who)!;
  // Mostly all of it from the first fund, so that people agree; now and then a part, or split over both.
  const from = amount % 5 === 0 ? funds[1]! : funds[0]!;
  const lines = request.lines.flatMap(({ id: lineId, category, amount: asked }) => {
    const lineOf = (fund: FundView) => fund.lines.find((found) => found.category === category)!.id;
    const approved = amount % 7 === 0 ? Math.max(1, asked - 1) : asked;
    return amount % 11 === 0 && approved > 1
      ? [
          { lineId, amount: 1, budgetLineId: lineOf(funds[0]!) },
          { lineId, amount: approved - 1, budgetLineId: lineOf(funds[1]!) },
        ]
      : [{ lineId, amount: approved, budgetLineId: lineOf(from) }];
  });
  await insist(by, `/grant-requests/${request.id}/approve`, { lines });
}

async function doIt(todo: Deed): Promise<unknown> {
  const { kind, who, which, amount } = todo;
  const { approver, approver2, reviewer, treasurer } = world;
  const fund = pick(funds, which)!;
  const budgetLine = pick(fund.lines, who)!;
  const on = async (sql: string, act: (id: string) => Promise<unknown>) => {
    const id = pick(await idsOf(sql), which);
    return id && act(id);
  };
  const inReview = `SELECT id FROM grant_requests WHERE status = 'in_review' ORDER BY id`;
  const paid = `SELECT id FROM disbursements WHERE status = 'paid' ORDER BY id`;
  const waiting = `SELECT id FROM budget_moves WHERE status = 'waiting' ORDER BY id`;
  const money = { amount, reason: '試し', receivedOn: '2024-12-16' };
  const acts: Record<Deed['kind'], () => Promise<unknown>> = {
    file: () =>
      world.requestInReview(
        [line(who % 2 ? 'food' : 'shelter', Math.min(amount, who % 2 ? 20_000 : 260_000))],
        world.partner,
        pick(cases, which),
        amount % 3 === 0 ? 'tonight' : 'normal',
      ),
    approve: () => approve(todo),
    answer: () =>
      on(`SELECT id FROM grant_requests WHERE status = 'returned' ORDER BY id`, (id) =>
        insist(world.partner, `/grant-requests/${id}/submit`, { comment: '明日です。' }),
      ),
    withdraw: () =>
      which % 4 === 0
        ? on(inReview, (id) => insist(world.partner, `/grant-requests/${id}/withdraw`, {}))
        : Promise.resolve(),
    recuse: () =>
      which % 4 === 0
        ? on(inReview, (id) => insist(reviewer, `/grant-requests/${id}/recuse`, {}))
        : Promise.resolve(),
    return: () =>
      on(inReview, (id) => insist(reviewer, `/grant-requests/${id}/return`, { comment: 'いつですか。' })),
    decline: () =>
      on(inReview, (id) => insist(approver2, `/grant-requests/${id}/decline`, { reason: '別の支援。' })),
    release: () =>
      on(`SELECT id FROM grant_requests WHERE status = 'approved' ORDER BY id`, (id) =>
        insist(approver, `/grant-requests/${id}/release`, { reason: '考え直します。' }),
      ),
    pay: async () => {
      const [award] = await house.sql<{ id: string; amount: number }>(
        `SELECT id, amount FROM awards WHERE status = 'approved' ORDER BY id OFFSET $1 LIMIT 1`,
        [which % 3],
      );
      const less = who === 0 ? Math.max(1, award ? award.amount - 7 : 1) : award?.amount;
      return (
        award &&
        insist(treasurer, '/disbursements', {
          awardId: award.id,
          amount: less,
          paidOn: '2024-12-16',
          method: 'cash',
        })
      );
    },
    bounce: () =>
      on(paid, (id) => insist(treasurer2, `/disbursements/${id}/bounce`, { reason: '口座がありません。' })),
    refund: () =>
      on(paid, (id) =>
        insist(treasurer, `/disbursements/${id}/refund`, { ...money, amount: (amount % 40_000) + 1 }),
      ),
    confirm: () =>
      on('SELECT request_id AS id FROM urgent_approvals WHERE outcome IS NULL ORDER BY 1', (id) =>
        insist(pick([approver, approver2], who)!, `/grant-requests/${id}/confirm`, { outcome: 'confirmed' }),
      ),
    contribute: () =>
      insist(treasurer, `/funds/${fund.id}/contributions`, {
        amount,
        receivedOn: '2024-12-16',
        source: '寄付',
      }),
    promise: () =>
      insist(treasurer, `/funds/${fund.id}/contributions`, {
        amount,
        expectedOn: '2025-01-31',
        source: '財団',
      }),
    receive: () =>
      on(`SELECT id FROM contributions WHERE status = 'promised' ORDER BY id`, (id) =>
        insist(treasurer, `/contributions/${id}/receive`, { receivedOn: '2024-12-16' }),
      ),
    correct: () =>
      on(`SELECT id FROM contributions WHERE status <> 'corrected' ORDER BY id DESC`, (id) =>
        insist(treasurer, `/contributions/${id}/correct`, {
          amount: who === 0 ? 0 : amount,
          reason: '打ち間違い',
        }),
      ),
    allocate: () =>
      insist(treasurer, `/funds/${fund.id}/allocations`, {
        purpose: 'relief',
        category: budgetLine.category,
        amount,
      }),
    giveBack: () =>
      insist(treasurer, `/funds/${fund.id}/allocations`, {
        purpose: 'relief',
        category: budgetLine.category,
        amount: -amount,
      }),
    move: () =>
      insist(treasurer, '/budget-transfers', {
        fromLineId: budgetLine.id,
        toLineId: pick(fund.lines, who + 1)!.id,
        amount,
        reason: '足りない方へ',
      }),
    carryOver: () =>
      insist(treasurer, '/budget-transfers', {
        fundId: funds[which % 2]!.id,
        toFundId: funds[(which + 1) % 2]!.id,
        amount,
        reason: '次の財源へ',
      }),
    agree: () =>
      on(waiting, (id) =>
        insist(pick([treasurer, treasurer2, world.board], who)!, `/budget-transfers/${id}/agree`, {}),
      ),
    refuse: () =>
      on(waiting, (id) =>
        insist(pick([treasurer2, world.board], who)!, `/budget-transfers/${id}/refuse`, {}),
      ),
    takeBack: () => on(waiting, (id) => insist(treasurer, `/budget-transfers/${id}/withdraw`, {})),
    extend: () => insist(treasurer, `/funds/${fund.id}/extend`, { to: '2025-06-30', reason: '延びました。' }),
    close: () => insist(treasurer, `/funds/${fund.id}/close`, { reason: '終わりました。' }),
    // As when the process dies: whatever is under way in this database is cut between two statements.
    cut: () => {
      cutAt = Date.now();
      return superuser.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = $1 AND usename = 'sasae_app' AND xact_start IS NOT NULL ORDER BY xact_start LIMIT $2`,
        [new URL(house.appUrl).pathname.slice(1), 1 + (who % 3)],
      );
    },
  };
  return acts[kind]();
}

/** Several people at once, each doing one thing after the other. */
async function doAll(deeds: Deed[]): Promise<void> {
  const lanes = [0, 1, 2, 3].map((lane) => deeds.filter((_, index) => index % 4 === lane));
  await Promise.all(
    lanes.map(async (lane) => {
      for (const todo of lane) await doIt(todo);
    }),
  );
}

const none = async (sql: string, parameters: unknown[] = []) =>
  expect(await house.sql(sql, parameters)).toEqual([]);

/** Rules 1 to 4 of the domain, straight from the tables. */
async function rulesHold(): Promise<void> {
  // 1. Nothing goes below zero.
  await none(`SELECT kind, balance FROM accounts WHERE balance < 0 AND kind <> 'outside'`);
  await none(
    `SELECT t.id FROM transfers t JOIN accounts d ON d.id = t.debit_account_id
              WHERE t.debit_after < 0 AND d.kind <> 'outside'`,
  );
  // 2. An award is paid once, and never more than it is.
  await none(
    `SELECT award_id FROM disbursements WHERE status = 'paid' GROUP BY award_id HAVING count(*) > 1`,
  );
  await none(`SELECT d.id FROM disbursements d JOIN awards a ON a.id = d.award_id WHERE d.amount > a.amount`);
  await none(`
    SELECT a.id FROM awards a
    WHERE a.amount < coalesce((SELECT max(undone_after) FROM transfers u WHERE u.undoes_id = a.commit_transfer_id), 0)
      + coalesce((SELECT sum(d.amount) FROM disbursements d WHERE d.award_id = a.id AND d.status = 'paid'), 0)`);
  // 3. Money moves by double entry, and undoings never come to more than what they undo.
  expect(await booksBalance(house)).toBe(true);
  await none(`SELECT undoes_id FROM transfers WHERE undoes_id IS NOT NULL GROUP BY undoes_id, undoes_amount
              HAVING sum(amount) > undoes_amount`);
  // 4. Every status follows the table, from where the one before led.
  await none(`
    SELECT * FROM (SELECT request_id, verb, from_status, lag(to_status) OVER (PARTITION BY request_id ORDER BY id) AS before
                   FROM request_events) e
    WHERE from_status IS DISTINCT FROM before`);
  const moves = Object.entries(REQUEST_TRANSITIONS).flatMap(([verb, { from, to }]) =>
    from.map((state) => `${verb} ${state} ${to}`),
  );
  // A request beyond `approved` shows the least advanced of its awards, also when the rest of them was released.
  const shown = Object.keys(AWARD_TRANSITIONS).filter((verb) => verb !== 'release');
  await none(
    `SELECT DISTINCT verb, from_status, to_status FROM request_events
     WHERE from_status <> to_status AND verb <> ALL ($2) AND verb || ' ' || from_status || ' ' || to_status <> ALL ($1)`,
    [[...moves, 'release approved paid'], shown],
  );
  const check = await house.app.get(LedgerCheck).run();
  expect(check.differences).toEqual([]);
}

test('whatever people do with money, at once and cut off, the rules hold and the books agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 24, maxLength: 40 }), async (deeds) => {
      await doAll(deeds);
      await rulesHold();
    }),
    // What was done stays, so that each run goes on in a richer world, and a shrunk one would not be the same.
    { numRuns: 40, endOnFailure: true },
  );
  // It was worth it: each kind of transfer happened.
  const kinds = await house.sql<{ kind: string }>('SELECT DISTINCT kind FROM transfers ORDER BY kind');
  expect(kinds.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining([
      'accept',
      'allocate',
      'bounce',
      'carry_over',
      'commit',
      'contribute',
      'give_back',
      'move',
      'pay',
      'refund',
      'release',
      'reverse',
    ]),
  );
}, 180_000);
