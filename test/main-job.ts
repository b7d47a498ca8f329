import { randomUUID } from 'node:crypto';
import type { GrantRequestView } from '../src/grants/index.js';
import { pdfSaying } from './files.js';
import { line, type Given } from './given.js';
import type { House, Somebody } from './house.js';

/** What people told in the course of the main job, and nobody finds in a log. */
export const TOLD = {
  alias: 'ホアさん別名',
  name: 'グエン・ティ・ホア',
  kana: 'グエンテイホア',
  birthDate: '1987-06-05',
  nationality: 'VNM',
  residenceStatus: 'provisional_release',
  asylumStage: 'in_court',
  summary: '公園で夜を過ごしている。',
  entry: '病院に付き添った。',
  reason: '今夜泊まる場所がない。',
  item: '木賃宿三泊分',
  question: '領収書はありますか。',
  answer: '明日送ります。',
  remark: '領収書を待っています。',
  attachment: '見積書-ホア.pdf',
  content: '見積もり 三泊分',
  reference: '現金封筒の七番',
  rest: '宿で一円余りました。',
  vendor: '木賃宿の大家',
};

/** Which of these words a text says, as they are or as they stand in an address. */
export const saidIn = (text: string, words: string[] = Object.values(TOLD)): string[] =>
  words.filter((word) => text.includes(word) || text.includes(encodeURIComponent(word)));

async function made<T = { id: string }>(answer: Promise<{ status: number; body: unknown }>): Promise<T> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as T;
}

/** Also when a server has the clock of the wall. */
const OPEN_LONG = { to: '2099-03-31' };

export interface MainJob {
  personId: string;
  caseId: string;
  requestId: string;
  attachmentId: string;
}

/**
 * From the first talk with a person to money that came back, over HTTP, with something written at every step. `today`
 * is what the server's clock says.
 */
export async function doMainJob(house: House, world: Given, today = '2024-12-16'): Promise<MainJob> {
  const { partner, reviewer, approver, treasurer } = world;
  const { personId, caseId } = await openCase(partner);
  const fund = await world.fund(`main-${randomUUID().slice(0, 8)}`, { shelter: 1_000_000 }, OPEN_LONG);
  const vendor = await made(partner.post('/vendors', { name: TOLD.vendor, kind: 'landlord' }));
  const lines = [
    { ...line('shelter', 6_500, 3), item: TOLD.item, payee: { type: 'vendor', vendorId: vendor.id } },
  ];
  const filed = { caseId, kind: 'relief', urgency: 'soon', lines, reason: TOLD.reason };
  const request = await made<GrantRequestView>(partner.post('/grant-requests', filed));
  const path = `/grant-requests/${request.id}`;
  const attachmentId = await attach(house, partner, request.id);
  await made(partner.post(`${path}/submit`, {}));
  await made(reviewer.post(`${path}/review`, {}));
  await made(reviewer.post(`${path}/return`, { comment: TOLD.question }));
  await made(partner.post(`${path}/submit`, { comment: TOLD.answer }));
  const approval = { ...world.approvalOf(request, fund), comment: TOLD.remark };
  const approved = await made<GrantRequestView>(approver.post(`${path}/approve`, approval));
  const { id: awardId, amount } = approved.lines[0]!.awards[0]!;
  const payment = { awardId, amount, paidOn: today, method: 'cash', reference: TOLD.reference };
  const paid = await made(treasurer.post('/disbursements', payment));
  const rest = { amount: 1, receivedOn: today, reason: TOLD.rest };
  await made(treasurer.post(`/disbursements/${paid.id}/refund`, rest));
  for (const list of [
    '/people',
    '/cases',
    '/grant-requests',
    `/people/${personId}`,
    `/cases/${caseId}`,
    path,
  ])
    await made(partner.get(list));
  return { personId, caseId, requestId: request.id, attachmentId };
}

async function openCase(partner: Somebody): Promise<{ personId: string; caseId: string }> {
  const { alias, name, kana, birthDate, nationality, residenceStatus, asylumStage } = TOLD;
  const agreed = { givenOn: '2024-12-01', language: 'vi', method: 'spoken' };
  const consent = ['casework', 'sensitive'].map((purpose) => ({ purpose, ...agreed }));
  const told = { alias, name, kana, birthDate, nationality, residenceStatus, asylumStage, languages: ['vi'] };
  const person = await made(partner.post('/people', { ...told, prefectureCode: '13', consent }));
  const household = { adults: 1, children: 0, unborn: 0 };
  const opened = { personIds: [person.id], household, needs: ['shelter'], summary: TOLD.summary };
  const { id: caseId } = await made(partner.post('/cases', opened));
  const entry = { kind: 'note', happenedOn: '2024-12-15', body: TOLD.entry };
  await made(partner.post(`/cases/${caseId}/entries`, entry));
  return { personId: person.id, caseId };
}

async function attach({ url }: House, { key }: Somebody, requestId: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const form = new FormData();
  form.set('file', new Blob([pdfSaying(TOLD.content)], { type: 'application/pdf' }), TOLD.attachment);
  const path = `${url}/api/v1/grant-requests/${requestId}/attachments`;
  const sent = await fetch(path, {
    method: 'POST',
    headers: { ...headers, 'idempotency-key': randomUUID() },
    body: form,
  });
  const { id } = await made(sent.json().then((body: unknown) => ({ status: sent.status, body })));
  await (await fetch(`${path}/${id}`, { headers })).text();
  return id;
}
