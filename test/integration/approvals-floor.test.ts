import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import type { Urgency } from '../../src/grants/grant-request.entity.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { booksBalance, given, leavesNoTrace, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let fund: FundView;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  fund = await world.fund('floor', { shelter: 50_000_000 });
});
afterAll(() => house.close());
afterEach(async () => expect(await booksBalance(house)).toBe(true));

const asked = (amount: number, caseId?: string, urgency: Urgency = 'normal') =>
  world.requestInReview([line('shelter', amount)], world.partner, caseId, urgency);

const approve = (by: Somebody, request: GrantRequestView) =>
  by.post(`/grant-requests/${request.id}/approve`, world.approvalOf(request, fund));

const sayYes = (by: Somebody, { id }: GrantRequestView, asRole: string, lines: object[], user = by.user.id) =>
  house.sqlAs(
    by.actor,
    `INSERT INTO approvals (id, request_id, user_id, as_role, lines, overrides, recorded_at)
     VALUES ($1, $2, $3, $4, $5, false, now())`,
    [randomUUID(), id, user, asRole, JSON.stringify(lines)],
  );
const takeDuty = (by: Somebody, { id }: GrantRequestView) =>
  house.sqlAs(
    by.actor,
    `INSERT INTO duties (request_id, request_organisation_id, user_id, user_organisation_key, duty, recorded_at)
     SELECT r.id, r.organisation_id, u.id, u.organisation_key, 'approver', now() FROM grant_requests r, users u
     WHERE r.id = $1 AND u.id = $2`,
    [id, by.user.id],
  );
/** An award with its transfer, as the ledger would make it, in one statement and so in one transaction. */
const award = (by: Somebody, request: GrantRequestView, amount: number, day = '2024-12-16') =>
  house.sqlAs(
    by.actor,
    `WITH accounts_of AS (
       SELECT min(id::text) FILTER (WHERE kind = 'available')::uuid AS available,
              min(id::text) FILTER (WHERE kind = 'committed')::uuid AS committed
       FROM accounts WHERE budget_line_id = $4
     ), posted AS (
       INSERT INTO transfers (id, kind, debit_account_id, credit_account_id, amount, happened_on, recorded_at,
                              actor_id, subject_id, debit_after, credit_after)
       SELECT $1, 'commit', available, committed, $5, $8, '2024-12-16T09:00:00Z', $6, $2, 0, 0 FROM accounts_of
     )
     INSERT INTO awards (id, request_id, request_origin, request_line_id, budget_line_id, amount, status, approved_by,
                         commit_transfer_id, recorded_at)
     VALUES ($2, $3, 'filed', $7, $4, $5, 'approved', $6, $1, '2024-12-16T09:00:00Z')`,
    [
      randomUUID(),
      randomUUID(),
      request.id,
      fund.lines.find(({ category }) => category === 'shelter')!.id,
      amount,
      by.user.id,
      request.lines[0]!.id,
      day,
    ],
  );
const setOf = (request: GrantRequestView, amount: number) => [
  {
    lineId: request.lines[0]!.id,
    budgetLineId: fund.lines.find(({ category }) => category === 'shelter')!.id,
    amount,
  },
];

/** What the database itself refuses; each as the application's role, told who asks. */
describe('PostgreSQL refuses, whatever the code does,', () => {
  test.each([
    ['one approver above ¥50,000', 60_000, 1],
    ['two approvers above ¥200,000', 210_000, 2],
  ])('an award by %s', async (_, amount, count) => {
    const request = await asked(amount);
    for (const by of [world.approver, world.approver2].slice(0, count)) {
      await takeDuty(by, request);
      await sayYes(by, request, 'approver', setOf(request, amount));
    }
    await expect(leavesNoTrace(house, () => award(world.approver, request, amount))).rejects.toMatchObject({
      constraint: 'awards_have_their_approvals',
    });
  });

  test('an award that nobody said yes to, or that differs from what they said yes to', async () => {
    const request = await asked(40_000);
    await takeDuty(world.approver, request);
    const refused = { constraint: 'awards_have_their_approvals' };
    await expect(award(world.approver, request, 40_000)).rejects.toMatchObject(refused);
    await sayYes(world.approver, request, 'approver', setOf(request, 39_999));
    await expect(award(world.approver, request, 40_000)).rejects.toMatchObject(refused);
  });

  test('a second small award that brings the household above its row', async () => {
    const caseId = await world.householdCase();
    await approve(world.approver, await asked(50_000, caseId));
    const request = await asked(10_000, caseId);
    await takeDuty(world.approver, request);
    await sayYes(world.approver, request, 'approver', setOf(request, 10_000));
    await expect(award(world.approver, request, 10_000)).rejects.toMatchObject({
      constraint: 'awards_have_their_approvals',
    });
  });

  test('a yes in another’s name, as another role, twice, without the duty, or brought back', async () => {
    const request = await asked(300_000);
    await takeDuty(world.approver, request);
    const set = setOf(request, 300_000);
    const denied = { code: '42501' };
    await expect(
      sayYes(world.approver, request, 'approver', set, world.approver2.user.id),
    ).rejects.toMatchObject(denied);
    await expect(sayYes(world.approver, request, 'board', set)).rejects.toMatchObject(denied);
    await expect(sayYes(world.approver2, request, 'approver', set)).rejects.toMatchObject({ code: '23503' });
    await sayYes(world.approver, request, 'approver', set);
    await expect(sayYes(world.approver, request, 'approver', set)).rejects.toMatchObject({
      constraint: 'approvals_one_living_per_person',
    });
    await house.sqlAs(world.approver.actor, 'UPDATE approvals SET voided_at = now() WHERE request_id = $1', [
      request.id,
    ]);
    await house.sqlAs(world.approver.actor, 'UPDATE approvals SET voided_at = NULL WHERE request_id = $1', [
      request.id,
    ]);
    expect(
      await house.sql('SELECT 1 FROM approvals WHERE request_id = $1 AND voided_at IS NULL', [request.id]),
    ).toEqual([]);
  });

  test('a confirmation by the one who approved, or in another’s name', async () => {
    const request = await asked(20_000, undefined, 'tonight');
    await approve(world.approver, request);
    await takeDuty(world.approver2, request);
    const confirm = (by: Somebody, name: Somebody) =>
      house.sqlAs(
        by.actor,
        `UPDATE urgent_approvals SET outcome = 'confirmed', confirmed_by = $2, confirmed_at = now() WHERE request_id = $1`,
        [request.id, name.user.id],
      );
    await expect(confirm(world.approver, world.approver)).rejects.toMatchObject({
      constraint: 'urgent_approvals_second_person',
    });
    await expect(confirm(world.approver, world.approver2)).rejects.toMatchObject({ code: '42501' });
  });

  test('facts of other requests for those who do not decide', async () => {
    const caseId = await world.householdCase();
    const request = await asked(40_000, caseId);
    await approve(world.approver, request);
    const facts = (by: Somebody) =>
      house.sqlAs(
        by.actor,
        `SELECT 1 FROM awards_of_households(ARRAY(SELECT request_households($1)), '2024-01-01')`,
        [request.id],
      );
    expect(await facts(world.approver)).toHaveLength(1);
    expect(await facts(world.partner)).toEqual([]);
    expect(await facts(world.treasurer)).toEqual([]);
  });

  test('a second award under the same yes, and one on an invented day', async () => {
    const request = await asked(40_000);
    await takeDuty(world.approver, request);
    await sayYes(world.approver, request, 'approver', setOf(request, 20_000));
    await expect(award(world.approver, request, 20_000, '2030-01-01')).rejects.toMatchObject({
      constraint: 'awards_have_their_approvals',
    });
    // Nor before the request is approved.
    await expect(award(world.approver, request, 20_000)).rejects.toMatchObject({
      constraint: 'awards_have_their_approvals',
    });
    await house.sql(`UPDATE grant_requests SET status = 'approved' WHERE id = $1`, [request.id]);
    await award(world.approver, request, 20_000);
    await expect(award(world.approver, request, 20_000)).rejects.toMatchObject({
      constraint: 'awards_have_their_approvals',
    });
    // What was slipped in by hand moved no balance: put it right for the tests behind.
    await house.sql('DELETE FROM awards WHERE request_id = $1', [request.id]);
    await house.sql(`DELETE FROM transfers WHERE debit_after = 0 AND credit_after = 0 AND kind = 'commit'`);
  });

  test('a request made urgent, or put under another policy, while it is decided', async () => {
    const request = await asked(20_000);
    const change = (by: Somebody, column: string, value: unknown) =>
      house.sqlAs(by.actor, `UPDATE grant_requests SET ${column} = $2 WHERE id = $1`, [request.id, value]);
    const stands = { constraint: 'grant_requests_stand' };
    for (const by of [world.approver, world.partner]) {
      await expect(change(by, 'urgency', 'tonight')).rejects.toMatchObject(stands);
      await expect(change(by, 'policy_version', null)).rejects.toMatchObject(stands);
    }
    await expect(change(world.partner, 'board_asked_at', new Date())).rejects.toMatchObject(stands);
  });

  test('a policy that nobody agreed to, another price, and steps that are not one’s own', async () => {
    const draft = await world.draftRequest();
    await house.sql(
      `INSERT INTO approval_policies (version, rules, status, proposed_by, proposed_at)
       SELECT 2, rules, 'proposed', $1, now() FROM approval_policies WHERE version = 1`,
      [world.admin.user.id],
    );
    const set = (by: Somebody, id: string, change: string) =>
      house.sqlAs(by.actor, `UPDATE grant_requests SET ${change} WHERE id = $1`, [id]);
    const stands = { constraint: 'grant_requests_stand' };
    await expect(set(world.partner, draft.id, 'policy_version = 2')).rejects.toMatchObject(stands);
    await house.sql('DELETE FROM approval_policies WHERE version = 2');
    const request = await asked(20_000);
    for (const status of ['approved', 'returned', 'paid'])
      await expect(set(world.partner, request.id, `status = '${status}'`)).rejects.toMatchObject(stands);
    await expect(set(world.reviewer, request.id, `status = 'approved'`)).rejects.toMatchObject({});
    await expect(
      house.sqlAs(world.approver.actor, 'UPDATE request_lines SET unit_price = 90000 WHERE request_id = $1', [
        request.id,
      ]),
    ).rejects.toMatchObject({ constraint: 'request_lines_stand' });
  });

  test('a request as a past payment by anybody but an import', async () => {
    await expect(
      house.sqlAs(
        world.partner.actor,
        `INSERT INTO grant_requests (id, number, organisation_id, key_owner_id, kind, urgency, status, origin, created_by,
                                     created_at, updated_at, submitted_at)
         SELECT gen_random_uuid(), 'R9', organisation_id, key_owner_id, 'activity', 'normal', 'settled', 'import', $2,
                now(), now(), now() FROM grant_requests WHERE id = $1`,
        [(await world.draftRequest()).id, world.partner.user.id],
      ),
    ).rejects.toMatchObject({ code: '42501' });
  });

  test('kinds of transfers that are not one’s own to make', async () => {
    const [account] = await house.sql<{ available: string; unallocated: string }>(
      `SELECT min(id::text) FILTER (WHERE kind = 'available')::uuid AS available,
              min(id::text) FILTER (WHERE kind = 'unallocated')::uuid AS unallocated
       FROM accounts WHERE fund_id = $1`,
      [fund.id],
    );
    const post = (by: Somebody, kind: string) =>
      house.sqlAs(
        by.actor,
        `INSERT INTO transfers (id, kind, debit_account_id, credit_account_id, amount, happened_on, recorded_at, actor_id,
                                subject_id, debit_after, credit_after)
         VALUES (gen_random_uuid(), $1, $2, $3, 1, '2024-12-16', now(), $4, gen_random_uuid(), 0, 0)`,
        [kind, account!.unallocated, account!.available, by.user.id],
      );
    for (const [by, kind] of [
      [world.approver, 'allocate'],
      [world.approver, 'move'],
      [world.board, 'allocate'],
      [world.treasurer, 'commit'],
      [world.reviewer, 'commit'],
    ] as const)
      await expect(post(by, kind)).rejects.toMatchObject({ code: '42501' });
  });

  test('the households of a request to those who do not decide', async () => {
    const request = await asked(20_000);
    const households = (by: Somebody) =>
      house.sqlAs(by.actor, 'SELECT request_households($1) AS id', [request.id]);
    expect(await households(world.approver)).toHaveLength(1);
    for (const by of [world.partner, world.treasurer, world.admin]) expect(await households(by)).toEqual([]);
  });
});
