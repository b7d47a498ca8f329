import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyPage, PolicyView } from '../../src/grants/policies.dto.js';
import { PoliciesQueries } from '../../src/grants/policies.queries.js';
import { Db } from '../../src/platform/db.js';
import { openHouse, type Answer, type House, type Somebody } from '../house.js';

let house: House;
let admin: Somebody;
let second: Somebody;
let board: Somebody;
let others: Somebody[];

beforeAll(async () => {
  house = await openHouse();
  admin = await house.somebody('admin', ['admin']);
  second = await house.somebody('second', ['admin']);
  board = await house.somebody('board', ['board']);
  others = await Promise.all(
    (['reviewer', 'approver', 'treasurer'] as const).map((role) => house.somebody(role, [role])),
  );
});
afterAll(() => house.close());
// Each test begins with nothing proposed.
afterEach(async () => {
  await house.sql(
    `UPDATE approval_policies SET status = 'refused', decided_at = now(),
    decided_by = CASE proposed_by WHEN $1 THEN $2 ELSE $1 END::uuid WHERE status = 'proposed'`,
    [admin.user.id, second.user.id],
  );
});

const tiers = [
  { upTo: 50_000, approvers: 1, board: 0 },
  { upTo: 200_000, approvers: 2, board: 0 },
  { upTo: null, approvers: 2, board: 1 },
];
const rules = (more: object = {}) => ({
  windowDays: 90,
  tiers,
  urgent: { upTo: 30_000, confirmWithinDays: 7 },
  repeatDays: 30,
  caps: [],
  ...more,
});

type Told = Answer<PolicyView & { code: string; errors?: { path: string; code: string }[] }>;
const PATH = '/approval-policies';

let windows = 0;
/** A proposal that differs from all others. */
const propose = (by: Somebody = admin, more: object = {}, key?: string): Promise<Told> => {
  windows += 1;
  return by.post(
    PATH,
    { rules: rules({ windowDays: 100 + windows, ...more }), reason: '数え方を変えたい。' },
    key,
  );
};
const agree = (by: Somebody, version: number | string, key?: string): Promise<Told> =>
  by.post(`${PATH}/${version}/agree`, {}, key);
const refuse = (by: Somebody, version: number, body: object = {}): Promise<Told> =>
  by.post(`${PATH}/${version}/refuse`, body);
const refusalOf = ({ status, body }: Told) => [status, body.code];
const list = async (by: Somebody, query = '') => (await by.get<PolicyPage>(`${PATH}${query}`)).body;
const inForce = async () =>
  house.app.get(Db).read(admin.actor, (tx) => house.app.get(PoliciesQueries).current(tx));

describe('a policy', () => {
  test('is there from the beginning, and staff read it', async () => {
    for (const who of [admin, board, ...others]) {
      const { items, nextCursor } = await list(who);
      expect(nextCursor).toBeNull();
      expect(items.at(-1)).toMatchObject({ version: 1, status: 'agreed', rules: rules(), proposedBy: null });
    }
  });

  test.each(['admin', 'board'] as const)(
    'changes when an administrator proposes and %s agrees',
    async (role) => {
      const before = await inForce();
      const { status, body } = await propose();
      expect([status, body]).toMatchObject([
        201,
        {
          status: 'proposed',
          inForce: false,
          proposedBy: 'admin',
          decidedBy: null,
          reason: '数え方を変えたい。',
        },
      ]);
      expect(await inForce()).toEqual(before);
      const decider = role === 'admin' ? second : board;
      const agreed = await agree(decider, body.version);
      expect([agreed.status, agreed.body]).toMatchObject([
        200,
        { status: 'agreed', inForce: true, decidedBy: decider.user.name, decisionReason: null },
      ]);
      expect(await inForce()).toEqual({ version: body.version, rules: body.rules });
      expect((await list(board)).items.filter((one) => one.inForce)).toHaveLength(1);
    },
  );

  test('stays when the proposal is refused, with the reason; the next one has the next number', async () => {
    const before = await inForce();
    const { version } = (await propose()).body;
    const refused = await refuse(board, version, { reason: '人が足りません。' });
    expect(refused.body).toMatchObject({
      status: 'refused',
      inForce: false,
      decisionReason: '人が足りません。',
    });
    expect(await inForce()).toEqual(before);
    expect((await propose()).body.version).toBe(version + 1);
  });

  test('has one proposal at a time, also when two come at once', async () => {
    const answers = await Promise.all([propose(), propose(second), propose()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(refusalOf(answers.find(({ status }) => status === 409)!)).toEqual([
      409,
      'policy.already_proposed',
    ]);
    expect(refusalOf(await propose(second))).toEqual([409, 'policy.already_proposed']);
  });

  test('is proposed once by a double click', async () => {
    const key = randomUUID();
    const body = { rules: rules({ repeatDays: 31 }), reason: 'x' };
    const [one, other] = await Promise.all([admin.post(PATH, body, key), admin.post(PATH, body, key)]);
    expect(one).toEqual(other);
    expect(one!.status).toBe(201);
  });

  test('is not proposed as it is', async () => {
    const { rules: now } = await inForce();
    const same = await admin.post<Told['body']>(PATH, { rules: now, reason: 'x' });
    expect(refusalOf(same)).toEqual([409, 'policy.unchanged']);
  });

  test('is not proposed with rules that do not fit each other, each named', async () => {
    const wrong = [
      { upTo: 50_000, approvers: 2, board: 0 },
      { upTo: 40_000, approvers: 1, board: 0 },
    ];
    const { status, body } = await propose(admin, { tiers: wrong });
    expect(status).toBe(422);
    expect(body.errors!.map(({ path, code }) => [path, code])).toEqual([
      ['rules.tiers.1.upTo', 'lastTierOpen'],
      ['rules.tiers.1.approvers', 'tierFewer'],
    ]);
    const missing = await admin.post<Told['body']>(PATH, {});
    expect(missing.body.errors!.map(({ path }) => path)).toEqual(['rules', 'reason']);
  });

  test('leaves a line in the log for each step, without words', async () => {
    const { version } = (await propose()).body;
    await agree(board, version);
    const lines = await house.sql(
      `SELECT action, actor_id, facts FROM audit_events WHERE subject = 'policy' AND facts->>'version' = $1 ORDER BY at, action DESC`,
      [String(version)],
    );
    const facts = { version, key: expect.any(String) };
    expect(lines).toEqual([
      { action: 'policy.proposed', actor_id: admin.user.id, facts },
      { action: 'policy.agreed', actor_id: board.user.id, facts },
    ]);
  });

  test('is listed newest first, page by page', async () => {
    const first = await list(board, '?limit=2');
    expect(first.items).toHaveLength(2);
    const next = await list(board, `?limit=2&cursor=${first.nextCursor}`);
    const versions = [...first.items, ...next.items].map(({ version }) => version);
    expect(versions).toEqual([...versions].sort((one, other) => other - one));
    expect(new Set(versions).size).toBe(4);
    expect((await list(board, '?cursor=1')).items).toEqual([]);
  });
});

describe('two people', () => {
  test('who proposed neither agrees nor refuses, also as member of the board', async () => {
    const both = await house.somebody('both', ['admin', 'board']);
    const { version } = (await propose(both)).body;
    expect(refusalOf(await agree(both, version))).toEqual([409, 'policy.own']);
    expect(refusalOf(await refuse(both, version))).toEqual([409, 'policy.own']);
    expect((await agree(second, version)).status).toBe(200);
  });

  test('a decided proposal is not decided again', async () => {
    const { version } = (await propose()).body;
    await refuse(second, version);
    for (const call of [agree, refuse]) {
      expect(refusalOf(await call(board, version))).toEqual([409, 'transition.refused']);
    }
    expect(refusalOf(await agree(board, 1))).toEqual([409, 'transition.refused']);
  });

  test('of two who decide at once one wins', async () => {
    for (let times = 0; times < 5; times += 1) {
      const { version } = (await propose()).body;
      const answers = await Promise.all([agree(second, version), refuse(board, version)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const { status, body } = answers.find((answer) => answer.status === 409)!;
      expect([status, body.code]).toEqual([409, 'transition.refused']);
    }
  });

  test('the same click twice has the same answer', async () => {
    const key = randomUUID();
    const { version } = (await propose()).body;
    const [one, other] = await Promise.all([agree(board, version, key), agree(board, version, key)]);
    expect(one).toEqual(other);
    expect(one!.status).toBe(200);
  });

  test('nobody else proposes or decides', async () => {
    for (const who of [board, ...others]) expect((await propose(who)).status).toBe(403);
    const { version } = (await propose()).body;
    for (const who of others) {
      expect((await agree(who, version)).status).toBe(403);
      expect((await refuse(who, version)).status).toBe(403);
    }
  });

  test('a version that is not there is absent', async () => {
    for (const version of [999, '0', '-1', '1.5', 'x', '99999999999999']) {
      expect(refusalOf(await agree(board, version))).toEqual([404, 'resource.absent']);
    }
  });
});

const refusedByRight = expect.objectContaining({ code: '42501' });
const refusedBy = (constraint: string) => expect.objectContaining({ constraint });

/** As the application's role, told who asks. */
const decide = (by: Somebody, version: number, as: Somebody = by) =>
  house.sqlAs(
    by.actor,
    `UPDATE approval_policies SET status = 'agreed', decided_by = $2, decided_at = now() WHERE version = $1
     RETURNING version`,
    [version, as.user.id],
  );
const insert = (by: Somebody, as: Somebody, status: string, decider: Somebody | null = null) =>
  house.sqlAs(
    by.actor,
    `INSERT INTO approval_policies (version, rules, status, proposed_by, proposed_at, decided_by, decided_at)
     SELECT max(version) + 1, '{}', $1, $2, now(), $3, CASE WHEN $3::uuid IS NOT NULL THEN now() END
     FROM approval_policies`,
    [status, as.user.id, decider?.user.id ?? null],
  );

/** What the database itself refuses; each as the application's role, told who asks. */
describe('in SQL', () => {
  test('an administrator does not agree to their own proposal', async () => {
    const { version } = (await propose()).body;
    await expect(decide(admin, version)).rejects.toEqual(refusedBy('approval_policies_second_person'));
  });

  test('nobody decides in the name of another', async () => {
    const { version } = (await propose()).body;
    for (const by of [admin, board]) {
      await expect(decide(by, version, second)).rejects.toEqual(refusedByRight);
    }
  });

  test('nobody decides without being an administrator or of the board', async () => {
    const { version } = (await propose()).body;
    for (const by of others) expect(await decide(by, version)).toEqual([]);
    expect((await list(board)).items[0]).toMatchObject({ version, status: 'proposed' });
  });

  test('nothing is agreed without a second person', async () => {
    const { version } = (await propose()).body;
    await expect(
      house.sqlAs(second.actor, `UPDATE approval_policies SET status = 'agreed' WHERE version = $1`, [
        version,
      ]),
    ).rejects.toEqual(refusedByRight);
    await expect(
      house.sql(`UPDATE approval_policies SET status = 'agreed' WHERE version = $1`, [version]),
    ).rejects.toEqual(refusedBy('approval_policies_two_people'));
  });

  test('nobody changes what a version says, nor who proposed it, nor takes it out', async () => {
    const { version } = (await propose()).body;
    for (const change of [`rules = '{}'`, 'proposed_by = NULL', 'version = 99', `reason = 'x'`]) {
      await expect(
        house.sqlAs(second.actor, `UPDATE approval_policies SET ${change} WHERE version = $1`, [version]),
      ).rejects.toEqual(refusedByRight);
    }
    await expect(house.sqlAs(second.actor, 'DELETE FROM approval_policies')).rejects.toEqual(refusedByRight);
  });

  test('nobody changes what became of an agreed version', async () => {
    const { version } = (await propose()).body;
    await agree(board, version);
    const change = `UPDATE approval_policies SET status = 'refused', decided_by = $2, decided_at = now()
      WHERE version = $1 RETURNING version`;
    expect(await house.sqlAs(second.actor, change, [version, second.user.id])).toEqual([]);
    expect(await inForce()).toMatchObject({ version });
  });

  test('nobody stores an agreed version, or proposes in the name of another, or beside another one', async () => {
    await expect(insert(admin, admin, 'agreed', second)).rejects.toEqual(refusedByRight);
    await expect(insert(admin, second, 'proposed')).rejects.toEqual(refusedByRight);
    for (const by of [board, ...others]) {
      await expect(insert(by, by, 'proposed')).rejects.toEqual(refusedByRight);
    }
    await insert(admin, admin, 'proposed');
    await expect(insert(second, second, 'proposed')).rejects.toEqual(
      refusedBy('approval_policies_one_proposal'),
    );
  });
});
