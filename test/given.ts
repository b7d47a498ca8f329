import { deepStrictEqual } from 'node:assert';
import { OrganisationsService } from '../src/organisations/index.js';
import { CasesService } from '../src/cases/index.js';
import { DisbursementsService } from '../src/disbursements/index.js';
import { ContributionsService, FundsService, type FundView } from '../src/funds/index.js';
import type { FundRules } from '../src/funds/fund-rules.dto.js';
import { DecisionsService, FilingService, type GrantRequestView } from '../src/grants/index.js';
import type { LineInput } from '../src/grants/grants.dto.js';
import type { Urgency } from '../src/grants/grant-request.entity.js';
import type { RequestStatus } from '../src/grants/grant-request.states.js';
import type { Category } from '../src/kernel/codes.js';
import { PeopleService } from '../src/people/index.js';
import { once, type House, type Somebody } from './house.js';

/** A line of a request as most tests want it. */
export const line = (category: Category, unitPrice: number, quantity = 1): LineInput => ({
  category,
  quantity,
  unitPrice,
  item: `品目 ${category}`,
  payee: { type: 'organisation' },
});

/** A line of what it costs to walk with people: it has no category. */
export const travel = (unitPrice: number): LineInput => ({
  item: '付き添いの交通費',
  quantity: 1,
  unitPrice,
  payee: { type: 'organisation' },
});

/** What an approver sends to approve all of a request from this fund's lines. */
const approvalOf = (request: GrantRequestView, from: FundView) => ({
  lines: request.lines.map(({ id, amount, category }) => ({
    lineId: id,
    amount,
    budgetLineId: from.lines.find((candidate) => candidate.category === category)?.id,
  })),
});

let organisations = 0;

/** Builders named after the states that they lead to; each goes through the services, as users do. */
export async function given(house: House) {
  const { app } = house;
  const admin = await house.somebody('admin', ['admin']);
  const organisation = async () => {
    organisations += 1;
    const code = `T${String(organisations).padStart(3, '0')}`;
    const view = {
      code,
      name: `テストの会 ${code}`,
      kind: 'organisation' as const,
      prefectureCode: '13',
      languages: ['ja'],
    };
    return app.get(OrganisationsService).add(admin.actor, view, once());
  };
  const here = await organisation();
  const partner = await house.somebody('partner', ['caseworker'], here.id);
  const reviewer = await house.somebody('reviewer', ['reviewer']);
  const approver = await house.somebody('approver', ['approver']);
  const approver2 = await house.somebody('approver2', ['approver']);
  const treasurer = await house.somebody('treasurer', ['treasurer']);
  const board = await house.somebody('board', ['board']);
  const people = { admin, partner, reviewer, approver, approver2, treasurer, board };

  const fund = async (
    code: string,
    allocated: Partial<Record<Category | 'activity', number>>,
    more: { from?: string; to?: string; rules?: FundRules } = {},
  ): Promise<FundView> => {
    const funds = app.get(FundsService);
    const total = Object.values(allocated).reduce((sum, amount) => sum + amount, 0);
    const made = await funds.create(
      treasurer.actor,
      {
        code,
        name: `基金 ${code}`,
        kind: 'grant',
        from: more.from ?? '2024-12-01',
        to: more.to ?? '2025-03-31',
        rules: more.rules,
      },
      once(),
    );
    await app
      .get(ContributionsService)
      .add(treasurer.actor, made.id, { amount: total, receivedOn: '2024-12-01', source: '寄付' }, once());
    for (const [what, amount] of Object.entries(allocated)) {
      const need =
        what === 'activity'
          ? { purpose: 'activity' as const }
          : { purpose: 'relief' as const, category: what as Category };
      await funds.allocate(treasurer.actor, made.id, { ...need, amount }, once());
    }
    return (await treasurer.get<FundView>(`/funds/${made.id}`)).body;
  };

  const householdCase = async (by: Somebody = partner, persons = 1): Promise<string> => {
    const personIds: string[] = [];
    for (let count = 0; count < persons; count += 1) {
      const person = await app.get(PeopleService).create(
        by.actor,
        {
          alias: 'アリさん',
          prefectureCode: '13',
          consent: [{ purpose: 'casework', givenOn: '2024-12-01', language: 'ja', method: 'spoken' }],
        },
        once(),
      );
      personIds.push(person.id);
    }
    const input = {
      personIds,
      household: { adults: persons, children: 0, unborn: 0 },
      needs: ['shelter' as const],
      summary: '公園で夜を過ごしている。',
    };
    return (await app.get(CasesService).create(by.actor, input, once())).id;
  };

  /** For a case, or for activity when its lines have no category. */
  const draftRequest = async (
    lines = [line('shelter', 6_500, 5)],
    by: Somebody = partner,
    caseId?: string,
    urgency: Urgency = 'tonight',
  ): Promise<GrantRequestView> => {
    const kind = lines.some(({ category }) => category) ? 'relief' : 'activity';
    const of = kind === 'relief' ? { kind, caseId: caseId ?? (await householdCase(by)) } : { kind };
    const input = { ...of, kind, urgency, lines, reason: '今夜泊まる場所がない。' } as const;
    return app.get(FilingService).create(by.actor, input, once());
  };

  const submittedRequest = async (...of: Parameters<typeof draftRequest>): Promise<GrantRequestView> =>
    app
      .get(FilingService)
      .submit((of[1] ?? partner).actor, (await draftRequest(...of)).id, undefined, once());

  const requestInReview = async (...of: Parameters<typeof draftRequest>): Promise<GrantRequestView> =>
    app.get(DecisionsService).review(reviewer.actor, (await submittedRequest(...of)).id, undefined, once());

  /** Approves all of it by these people, one after the other, until nobody is missing any more. */
  const approvedBy = async (
    request: GrantRequestView,
    from: FundView,
    deciders: Somebody[],
  ): Promise<GrantRequestView> => {
    let shown = request;
    for (const { actor } of deciders) {
      if (shown.status !== 'in_review') break;
      shown = await app.get(DecisionsService).approve(actor, request.id, approvalOf(request, from), once());
    }
    return shown;
  };

  const approvedRequest = async (
    from: FundView,
    ...of: Parameters<typeof draftRequest>
  ): Promise<GrantRequestView> => {
    return approvedBy(await requestInReview(...of), from, [approver, approver2, board]);
  };

  const paidRequest = async (
    from: FundView,
    ...of: Parameters<typeof draftRequest>
  ): Promise<GrantRequestView> => {
    const request = await approvedRequest(from, ...of);
    for (const { awards } of request.lines) {
      for (const { id, amount } of awards) {
        const payment = { awardId: id, amount, paidOn: '2024-12-16', method: 'cash' as const };
        await app.get(DisbursementsService).pay(treasurer.actor, payment, once());
      }
    }
    return (await treasurer.get<GrantRequestView>(`/grant-requests/${request.id}`)).body;
  };

  /** A request in this state. Nothing leads to `scheduled` and `settled` yet, so they are written by hand. */
  const requestIn = async (
    status: RequestStatus,
    from: FundView,
    ...of: Parameters<typeof draftRequest>
  ): Promise<GrantRequestView> => {
    const decisions = app.get(DecisionsService);
    const byHand = async (request: GrantRequestView) => {
      await house.sql('UPDATE grant_requests SET status = $2 WHERE id = $1', [request.id, status]);
      return { ...request, status };
    };
    const make: Record<RequestStatus, () => Promise<GrantRequestView>> = {
      draft: () => draftRequest(...of),
      submitted: () => submittedRequest(...of),
      in_review: () => requestInReview(...of),
      returned: async () =>
        decisions.return(reviewer.actor, (await requestInReview(...of)).id, '領収書はありますか。', once()),
      approved: () => approvedRequest(from, ...of),
      declined: async () =>
        decisions.decline(
          approver.actor,
          (await requestInReview(...of)).id,
          'ほかの支援があります。',
          once(),
        ),
      withdrawn: async () =>
        app
          .get(FilingService)
          .withdraw(
            (of[1] ?? partner).actor,
            (await submittedRequest(...of)).id,
            '不要になりました。',
            once(),
          ),
      scheduled: async () => byHand(await approvedRequest(from, ...of)),
      paid: () => paidRequest(from, ...of),
      settled: async () => byHand(await paidRequest(from, ...of)),
    };
    return make[status]();
  };

  return {
    ...people,
    organisation: here,
    anotherOrganisation: organisation,
    fund,
    householdCase,
    draftRequest,
    submittedRequest,
    requestInReview,
    approvalOf,
    approvedBy,
    approvedRequest,
    paidRequest,
    requestIn,
  };
}

export type Given = Awaited<ReturnType<typeof given>>;

/** What every account holds, straight from the table, by kind: nothing but the outside may be below zero. */
export async function balances(house: House): Promise<Record<string, number>> {
  const rows = await house.sql<{ kind: string; balance: number }>(
    'SELECT kind, sum(balance)::bigint AS balance FROM accounts GROUP BY kind',
  );
  return Object.fromEntries(rows.map(({ kind, balance }) => [kind, balance]));
}

/** Every balance is what the transfers say, and all of them together are nothing. */
export async function booksBalance(house: House): Promise<boolean> {
  const rows = await house.sql<{ off: number }>(
    `SELECT count(*) AS off FROM (
       SELECT a.id FROM accounts a LEFT JOIN (
         SELECT account_id, sum(amount) AS amount FROM (
           SELECT credit_account_id AS account_id, amount FROM transfers
           UNION ALL SELECT debit_account_id, -amount FROM transfers) t GROUP BY account_id) t ON t.account_id = a.id
       WHERE a.balance <> coalesce(t.amount, 0)
       UNION ALL SELECT NULL FROM accounts HAVING sum(balance) <> 0) x`,
  );
  return rows[0]!.off === 0;
}

/** Everything that a refused decision or payment must leave as it was. */
async function traces(house: House): Promise<Record<string, unknown>> {
  const [row] = await house.sql(`
    SELECT (SELECT count(*) FROM duties) AS duties, (SELECT count(*) FROM transfers) AS transfers,
           (SELECT count(*) FROM disbursements) AS disbursements, (SELECT count(*) FROM request_events) AS events,
           (SELECT count(*) FROM returns) AS returns, (SELECT count(*) FROM contributions) AS contributions,
           (SELECT jsonb_object_agg(id, status) FROM budget_moves) AS moves,
           (SELECT jsonb_object_agg(id, voided_at) FROM approvals) AS approvals,
           (SELECT jsonb_object_agg(approval_id, outcome) FROM urgent_approvals) AS urgent,
           (SELECT jsonb_object_agg(id, status) FROM awards) AS awards,
           (SELECT jsonb_object_agg(id, status) FROM grant_requests) AS requests,
           (SELECT jsonb_object_agg(id, approved_amount) FROM request_lines) AS lines,
           (SELECT jsonb_object_agg(id, balance) FROM accounts) AS accounts`);
  return row!;
}

/** Makes a call that must change nothing, and gives its answer. */
export async function leavesNoTrace<T>(house: House, call: () => Promise<T>): Promise<T> {
  const before = await traces(house);
  const answer = await call();
  deepStrictEqual(await traces(house), before);
  return answer;
}
