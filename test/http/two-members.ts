import { randomUUID } from 'node:crypto';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { line, type Given } from '../given.js';
import type { House, Somebody } from '../house.js';
import { signIn } from './calls.js';

/** What one member has, by its id. */
export type Things = Record<
  | 'organisation'
  | 'user'
  | 'session'
  | 'key'
  | 'person'
  | 'consent'
  | 'case'
  | 'vendor'
  | 'draft'
  | 'submitted'
  | 'approved'
  | 'paid'
  | 'large'
  | 'largeFile'
  | 'draftFile'
  | 'paidFile'
  | 'award'
  | 'payment'
  | 'fund'
  | 'line'
  | 'contribution'
  | 'import',
  string
>;
export type Thing = keyof Things;

/** What a member does until it has one of each thing; its requests are decided and paid. */
export async function fileAll(house: House, world: Given, by: Somebody): Promise<Things> {
  const consent = [{ purpose: 'casework', givenOn: '2024-12-01', language: 'vi', method: 'spoken' }];
  const person = (
    await by.post<{ id: string; consent: { id: string }[] }>('/people', {
      alias: 'x',
      name: 'グエン・ホア',
      consent,
    })
  ).body;
  const household = { adults: 1, children: 0, unborn: 0 };
  const opened = { personIds: [person.id], household, needs: ['shelter'], summary: 'x' };
  const caseId = (await by.post<{ id: string }>('/cases', opened)).body.id;
  await by.post(`/cases/${caseId}/entries`, { kind: 'note', happenedOn: '2024-12-16', body: 'x' });
  const vendor = (await by.post<{ id: string }>('/vendors', { name: '木賃宿', kind: 'landlord' })).body.id;
  const lines = [line('shelter', 1_000)];
  const fund = await world.fund(`walk-${by.user.name}`, { shelter: 500_000 });
  const draft = (await world.draftRequest(lines, by, caseId)).id;
  const receipt = (await world.draftRequest(lines, by, caseId)).id;
  const paidFile = await attach(house, by, receipt);
  const large = (await world.draftRequest([line('shelter', 300_000)], by)).id;
  const largeFile = await attach(house, by, large);
  const { approver, approver2, board } = world;
  // The large one waits for the board, which may then see it.
  await approveAfterReview(world, by, large, fund, [approver, approver2]);
  const paid = await approveAfterReview(world, by, receipt, fund, [approver, approver2, board]);
  const { id: award, amount } = paid.lines[0]!.awards[0]!;
  const payment = { awardId: award, amount, paidOn: '2024-12-16', method: 'cash' };
  const [session] = await signedIn(house, by);
  const [key] = await house.sql<{ id: string }>('SELECT id FROM api_keys WHERE user_id = $1', [by.user.id]);
  return {
    organisation: by.user.organisationId!,
    user: by.user.id,
    session: session!.id,
    key: key!.id,
    person: person.id,
    consent: person.consent[0]!.id,
    case: caseId,
    vendor,
    draft,
    draftFile: await attach(house, by, draft),
    large,
    largeFile,
    submitted: (await world.submittedRequest(lines, by, caseId)).id,
    approved: (await world.approvedRequest(fund, lines, by, caseId)).id,
    paid: receipt,
    paidFile,
    award,
    payment: (await world.treasurer.post<{ id: string }>('/disbursements', payment)).body.id,
    fund: fund.id,
    line: fund.lines[0]!.id,
    contribution: (
      await house.sql<{ id: string }>('SELECT id FROM contributions WHERE fund_id = $1', [fund.id])
    )[0]!.id,
    import: await importedBy(house, world.admin),
  };
}

async function approveAfterReview(
  world: Given,
  by: Somebody,
  id: string,
  fund: FundView,
  deciders: Somebody[],
): Promise<GrantRequestView> {
  await by.post(`/grant-requests/${id}/submit`, { comment: 'x' });
  await world.reviewer.post(`/grant-requests/${id}/review`, { comment: 'x' });
  const { body } = await world.approver.get<GrantRequestView>(`/grant-requests/${id}`);
  return world.approvedBy(body, fund, deciders);
}

async function importedBy(house: House, { user }: Somebody): Promise<string> {
  const id = randomUUID();
  await house.sql(
    `INSERT INTO imports (id, kind, dry_run, status, created_by, created_at)
     VALUES ($1, 'organisations', true, 'waiting', $2, now())`,
    [id, user.id],
  );
  return id;
}

async function signedIn(house: House, by: Somebody): Promise<{ id: string }[]> {
  await signIn(house, by);
  return house.sql('SELECT id FROM sessions WHERE user_id = $1', [by.user.id]);
}

/** A form with a picture in it. */
export const aFile = (): FormData => {
  const form = new FormData();
  form.set('file', new Blob([PIXEL], { type: 'image/png' }), 'x.png');
  return form;
};

async function attach(house: House, by: Somebody, requestId: string): Promise<string> {
  const response = await fetch(`${house.url}/api/v1/grant-requests/${requestId}/attachments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by.key}`, 'idempotency-key': randomUUID() },
    body: aFile(),
  });
  if (response.status !== 201) throw new Error(`The file was not taken: ${response.status}`);
  return ((await response.json()) as { id: string }).id;
}

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
