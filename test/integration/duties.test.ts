import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import type { DutyName } from '../../src/grants/approval-policy.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { booksBalance, given, leavesNoTrace, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let fund: FundView;
/** Somebody of the network who may both approve and pay. */
let both: Somebody;
/** Staff who are members of the partner's organisation beside it. */
let ownApprover: Somebody;
let ownTreasurer: Somebody;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  fund = await world.fund('duties', { shelter: 10_000_000 });
  const { id } = world.organisation;
  both = await house.somebody('both', ['reviewer', 'approver', 'treasurer']);
  ownApprover = await house.somebody('own-approver', ['reviewer', 'approver'], id);
  ownTreasurer = await house.somebody('own-treasurer', ['treasurer'], id);
});
afterAll(async () => {
  expect(await booksBalance(house)).toBe(true);
  await house.close();
});

const inReview = () => world.requestInReview();
const approved = () => world.approvedRequest(fund);

const approve = (by: Somebody, request: GrantRequestView) =>
  by.post(`/grant-requests/${request.id}/approve`, world.approvalOf(request, fund));

const pay = (by: Somebody, { lines }: GrantRequestView) => {
  const { id: awardId, amount } = lines[0]!.awards[0]!;
  return by.post('/disbursements', { awardId, amount, paidOn: '2024-12-16', method: 'cash' });
};

/** The code with which a call is refused, when nothing at all changed by it. */
async function refusal(
  call: () => Promise<{ status: number; body: Record<string, unknown> }>,
): Promise<unknown> {
  const { status, body } = await leavesNoTrace(house, call);
  return status === 409 ? body.code : status;
}

/** Gives somebody a duty by hand, where no way through the application leads to it. */
const burden = ({ user }: Somebody, { id }: GrantRequestView, duty: DutyName) =>
  house.sql(
    `INSERT INTO duties (request_id, request_organisation_id, user_id, user_organisation_key, duty, recorded_at)
     SELECT r.id, r.organisation_id, u.id, u.organisation_key, $3, now() FROM grant_requests r, users u
     WHERE r.id = $1 AND u.id = $2`,
    [id, user.id, duty],
  );

describe('who filed a request', () => {
  test('does not approve it, though an administrator gave them the role: it is of their own organisation', async () => {
    const filer = await house.somebody('filer', ['caseworker'], world.organisation.id);
    const request = await world.requestInReview(undefined, filer, await world.householdCase(filer));
    await house.sql(`UPDATE users SET roles = '{caseworker,approver,treasurer}' WHERE id = $1`, [
      filer.user.id,
    ]);
    expect(await refusal(() => approve(filer, request))).toBe('duty.own_organisation');
    await approve(world.approver, request);
    const { body } = await world.treasurer.get<GrantRequestView>(`/grant-requests/${request.id}`);
    expect(await refusal(() => pay(filer, body))).toBe('duty.filer');
  });

  test('does not approve, decline or pay it, whatever their organisation', async () => {
    const request = await inReview();
    await burden(both, request, 'filer');
    expect(await refusal(() => approve(both, request))).toBe('duty.filer');
    expect(await refusal(() => both.post(`/grant-requests/${request.id}/decline`, { reason: 'x' }))).toBe(
      'duty.filer',
    );
    await approve(world.approver, request);
    const { body } = await both.get<GrantRequestView>(`/grant-requests/${request.id}`);
    expect(await refusal(() => pay(both, body))).toBe('duty.filer');
  });
});

describe('who approved a request', () => {
  test('does not pay it; somebody else does', async () => {
    const request = await inReview();
    const { body } = await approve(both, request);
    const decided = body as unknown as GrantRequestView;
    expect(await refusal(() => pay(both, decided))).toBe('duty.approver');
    expect((await pay(world.treasurer, decided)).status).toBe(201);
  });

  test('may take the approval back and give it again: it is one duty', async () => {
    const request = await inReview();
    for (let times = 0; times < 2; times += 1) {
      expect((await approve(both, request)).status).toBe(200);
      const reason = { reason: 'もう一度考えます。' };
      expect((await both.post(`/grant-requests/${request.id}/release`, reason)).status).toBe(200);
    }
    expect(
      await house.sql('SELECT duty FROM duties WHERE user_id = $1 AND request_id = $2', [
        both.user.id,
        request.id,
      ]),
    ).toEqual([{ duty: 'approver' }]);
  });
});

test('who paid on a request does not approve it', async () => {
  const request = await inReview();
  await burden(both, request, 'payer');
  expect(await refusal(() => approve(both, request))).toBe('duty.payer');
});

describe('who is of the organisation that asks', () => {
  test.each([
    ['review', 'submitted', {}],
    ['return', 'in_review', { comment: 'x' }],
    ['decline', 'in_review', { reason: 'x' }],
    ['release', 'approved', { reason: 'x' }],
    ['recuse', 'in_review', {}],
  ] as const)('does not %s its request', async (verb, state, body) => {
    const request = await world.requestIn(state, fund);
    const path = `/grant-requests/${request.id}/${verb}`;
    expect(await refusal(() => ownApprover.post(path, body))).toBe('duty.own_organisation');
  });

  test('does not approve its request', async () => {
    const request = await inReview();
    expect(await refusal(() => approve(ownApprover, request))).toBe('duty.own_organisation');
  });

  test('does not pay it', async () => {
    const request = await approved();
    expect(await refusal(() => pay(ownTreasurer, request))).toBe('duty.own_organisation');
  });

  test('decides and pays for the other organisations', async () => {
    const elsewhere = await world.anotherOrganisation();
    const neighbour = await house.somebody('neighbour', ['lead'], elsewhere.id);
    const request = await world.requestInReview(undefined, neighbour);
    const { status, body } = await approve(ownApprover, request);
    expect(status).toBe(200);
    expect((await pay(ownTreasurer, body as unknown as GrantRequestView)).status).toBe(201);
  });
});

describe('who recused themselves', () => {
  test('has no part in the request any more: neither review nor decision nor payment', async () => {
    const request = await world.submittedRequest();
    const path = `/grant-requests/${request.id}`;
    expect((await both.post(`${path}/recuse`, {})).status).toBe(200);
    expect(await refusal(() => both.post(`${path}/review`, {}))).toBe('duty.recused');
    await world.reviewer.post(`${path}/review`, {});
    expect(await refusal(() => both.post(`${path}/return`, { comment: 'x' }))).toBe('duty.recused');
    expect(await refusal(() => both.post(`${path}/decline`, { reason: 'x' }))).toBe('duty.recused');
    expect(await refusal(() => approve(both, request))).toBe('duty.recused');
    await approve(world.approver, request);
    const { body } = await both.get<GrantRequestView>(path);
    expect(await refusal(() => pay(both, body))).toBe('duty.recused');
  });

  test('may say so twice, and not after having approved', async () => {
    const request = await inReview();
    const recuse = (by: Somebody) => by.post(`/grant-requests/${request.id}/recuse`, {});
    expect([(await recuse(both)).status, (await recuse(both)).status]).toEqual([200, 200]);
    await approve(world.approver, request);
    expect(await refusal(() => recuse(world.approver))).toBe('duty.approver');
  });
});

const refusedBy = (constraint: string) => expect.objectContaining({ constraint });
const refusedByRight = expect.objectContaining({ code: '42501' });

/** A transfer of ¥1 that no award and no payment has, as each has one of its own. */
const spareTransfer = async () =>
  (
    await house.sql<{ id: string }>(
      `SELECT id FROM transfers WHERE amount = 1 AND id NOT IN (SELECT commit_transfer_id FROM awards)
         AND id NOT IN (SELECT transfer_id FROM disbursements)`,
    )
  )[0]!.id;

const NO_ORGANISATION = '00000000-0000-0000-0000-000000000000';

const takeDuty = (
  by: Somebody,
  request: GrantRequestView,
  duty: DutyName,
  lie: { user?: Somebody; userOrganisation?: string; requestOrganisation?: string } = {},
) =>
  house.sqlAs(
    by.actor,
    `INSERT INTO duties (request_id, request_organisation_id, user_id, user_organisation_key, duty, recorded_at)
     VALUES ($1, $2, $3, $4, $5, now())`,
    [
      request.id,
      lie.requestOrganisation ?? request.organisationId,
      (lie.user ?? by).user.id,
      lie.userOrganisation ?? by.user.organisationId ?? NO_ORGANISATION,
      duty,
    ],
  );

const award = async (by: Somebody, request: GrantRequestView, approvedBy: string | null, origin = 'filed') =>
  house.sqlAs(
    by.actor,
    `INSERT INTO awards (id, request_id, request_origin, request_line_id, budget_line_id, amount, status, approved_by,
                         commit_transfer_id, recorded_at)
     VALUES ($1, $2, $3, $4, $5, 1, 'approved', $6, $7, '2024-12-01T09:00:00Z')`,
    [
      randomUUID(),
      request.id,
      origin,
      request.lines[0]!.id,
      fund.lines[0]!.id,
      approvedBy,
      await spareTransfer(),
    ],
  );

const disburse = async (by: Somebody, request: GrantRequestView, paidBy: string | null, origin = 'filed') => {
  const { id, amount } = request.lines[0]!.awards[0]!;
  return house.sqlAs(
    by.actor,
    `INSERT INTO disbursements (id, award_id, award_amount, request_id, request_origin, amount, status, method, paid_on,
                                paid_by, transfer_id, recorded_at)
     VALUES ($1, $2, $3, $4, $5, 1, 'paid', 'cash', '2024-12-16', $6, $7, now())`,
    [randomUUID(), id, amount, request.id, origin, paidBy, await spareTransfer()],
  );
};

/** What the database itself refuses, by the name of the rule; each as the application's role, told who asks. */
describe('in SQL', () => {
  test.each<[DutyName, DutyName]>([
    ['filer', 'approver'],
    ['filer', 'payer'],
    ['approver', 'payer'],
    ['approver', 'recused'],
    ['payer', 'approver'],
    ['recused', 'approver'],
    ['recused', 'payer'],
  ])('%s and %s are never one person', async (first, second) => {
    const request = await approved();
    await burden(both, request, first);
    await expect(takeDuty(both, request, second)).rejects.toEqual(refusedBy('duties_one_per_person'));
  });

  test.each<DutyName>(['approver', 'payer', 'recused'])(
    'nobody is %s of their own organisation',
    async (duty) => {
      const request = await approved();
      for (const by of [world.partner, ownApprover, ownTreasurer]) {
        await expect(takeDuty(by, request, duty)).rejects.toEqual(refusedBy('duties_not_own_organisation'));
      }
    },
  );

  test('a lie about an organisation does not help', async () => {
    const request = await approved();
    await expect(
      takeDuty(ownApprover, request, 'approver', { userOrganisation: NO_ORGANISATION }),
    ).rejects.toEqual(refusedBy('duties_user_id_user_organisation_key_fkey'));
    const { id: elsewhere } = await world.anotherOrganisation();
    await expect(
      takeDuty(ownApprover, request, 'approver', { requestOrganisation: elsewhere }),
    ).rejects.toEqual(refusedBy('duties_request_id_request_organisation_id_fkey'));
  });

  test('nobody takes a duty for somebody else, and an administrator takes none', async () => {
    const request = await inReview();
    await expect(takeDuty(world.approver, request, 'approver', { user: world.reviewer })).rejects.toEqual(
      refusedByRight,
    );
    await expect(takeDuty(world.admin, request, 'approver')).rejects.toEqual(refusedByRight);
  });

  test('nobody drops a duty, and nobody who has one changes the organisation', async () => {
    const request = await approved();
    await expect(
      house.sqlAs(world.approver.actor, 'DELETE FROM duties WHERE request_id = $1', [request.id]),
    ).rejects.toEqual(refusedByRight);
    const move = [ownApprover.user.id];
    await expect(
      house.sqlAs(world.admin.actor, 'UPDATE users SET organisation_id = NULL WHERE id = $1', move),
    ).rejects.toEqual(refusedByRight);
    await expect(
      house.sql('UPDATE users SET organisation_id = NULL WHERE id = $1', [world.partner.user.id]),
    ).rejects.toEqual(refusedBy('users_partner_has_organisation'));
    await house.sql(`UPDATE users SET roles = '{approver}' WHERE id = $1`, [world.partner.user.id]);
    await expect(
      house.sql('UPDATE users SET organisation_id = NULL WHERE id = $1', [world.partner.user.id]),
    ).rejects.toEqual(refusedBy('duties_user_id_user_organisation_key_fkey'));
    await house.sql(`UPDATE users SET roles = '{caseworker}' WHERE id = $1`, [world.partner.user.id]);
  });

  test('there is no award without somebody whose duty it was to approve this request', async () => {
    await world.fund('spare-award', { shelter: 1 });
    const request = await inReview();
    const { approver, partner } = world;
    const byDuty = refusedBy('awards_request_id_approved_by_approver_duty_fkey');
    await expect(award(approver, request, approver.user.id)).rejects.toEqual(byDuty);
    await expect(award(approver, request, partner.user.id)).rejects.toEqual(byDuty);
    await expect(award(approver, request, null)).rejects.toEqual(refusedBy('awards_have_an_approver'));
    await expect(award(approver, request, null, 'import')).rejects.toEqual(refusedByRight);
    await takeDuty(approver, request, 'approver');
    await expect(award(world.treasurer, request, approver.user.id)).rejects.toEqual(refusedByRight);
    const yes = [{ lineId: request.lines[0]!.id, budgetLineId: fund.lines[0]!.id, amount: 1 }];
    await house.sqlAs(
      approver.actor,
      `INSERT INTO approvals (id, request_id, user_id, as_role, lines, overrides, recorded_at)
       VALUES ($1, $2, $3, 'approver', $4, false, now())`,
      [randomUUID(), request.id, approver.user.id, JSON.stringify(yes)],
    );
    await house.sql(`UPDATE grant_requests SET status = 'approved' WHERE id = $1`, [request.id]);
    await award(approver, request, approver.user.id);
  });

  test('there is no disbursement without somebody whose duty it was to pay this request', async () => {
    await world.fund('spare', { shelter: 1 });
    const request = await approved();
    const { approver, treasurer } = world;
    const byDuty = refusedBy('disbursements_request_id_paid_by_payer_duty_fkey');
    await expect(disburse(treasurer, request, treasurer.user.id)).rejects.toEqual(byDuty);
    await expect(disburse(treasurer, request, approver.user.id)).rejects.toEqual(byDuty);
    await expect(disburse(treasurer, request, null)).rejects.toEqual(refusedBy('disbursements_have_a_payer'));
    await expect(disburse(treasurer, request, null, 'import')).rejects.toEqual(refusedByRight);
    await takeDuty(treasurer, request, 'payer');
    await expect(disburse(approver, request, treasurer.user.id)).rejects.toEqual(refusedByRight);
    await disburse(treasurer, request, treasurer.user.id);
  });
});
