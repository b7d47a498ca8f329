import { Injectable } from '@nestjs/common';
import { itemPlace } from '../grants/index.js';
import { newId } from '../kernel/ids.js';
import { LedgerService, type Entry } from '../ledger/index.js';
import type { Tx } from '../platform/db.js';
import { chunksOf, hex, insertAll } from './bulk.js';
import type { HistoryFacts } from './history-checks.js';
import type { PastPayment } from './history-rows.js';
import { PastPeople, type PastPerson } from './past-people.js';
import { PROGRESS_ROWS, type Progress } from './progress.js';

/** A past payment with the ids of everything that it becomes. */
interface Recording {
  payment: PastPayment;
  person: PastPerson;
  organisationId: string;
  budgetLineId: string;
  requestId: string;
  lineId: string;
  awardId: string;
  disbursementId: string;
  commitId: string;
  payId: string;
}

/** Writes past payments as what they would have become here: a request, an award, a payment, and its transfers. */
@Injectable()
export class HistoryWriting {
  constructor(
    private readonly people: PastPeople,
    private readonly ledger: LedgerService,
  ) {}

  /**
   * Records payments that were judged to be fresh and good, all in this transaction. The money is moved at the very
   * end, so that others wait for the accounts only shortly.
   * @throws DomainError `budget.exceeded` when somebody else took the money since it was judged
   */
  async write(
    tx: Tx,
    payments: readonly PastPayment[],
    facts: HistoryFacts,
    progress: Progress,
  ): Promise<void> {
    await passNumbers(tx, payments);
    const personOf = await this.people.of(tx, payments, facts.organisations, progress);
    const recordings = payments.map((payment): Recording => ({
      payment,
      person: personOf(payment),
      organisationId: facts.organisations.get(payment.organisationCode)!,
      budgetLineId: facts.lines.get(payment.category)!.id,
      requestId: newId(),
      lineId: newId(),
      awardId: newId(),
      disbursementId: newId(),
      commitId: newId(),
      payId: newId(),
    }));
    for (const chunk of chunksOf(recordings, PROGRESS_ROWS)) {
      const rows = chunk.map((recording) => ({ ...rowOf(recording, tx), item: sealedItem(recording) }));
      await insertAll(tx, REQUESTS, rows);
      await progress(chunk.length);
    }
    await this.ledger.post(tx, recordings.flatMap(entriesOf));
    for (const chunk of chunksOf(recordings)) {
      await insertAll(
        tx,
        PAYMENTS,
        chunk.map((recording) => rowOf(recording, tx)),
      );
      await progress(chunk.length);
    }
  }
}

/**
 * Numbers that are given out from now on lie above the imported ones. Drawing them one after another, and not
 * setting the sequence, never takes it back below a number that somebody draws at the same moment.
 */
async function passNumbers(tx: Tx, payments: readonly PastPayment[]): Promise<void> {
  const running = payments.map(({ number }) => Number(/^R\d{4}-(\d{5})$/.exec(number)?.[1] ?? 0));
  const largest = running.reduce((one, other) => Math.max(one, other), 0);
  if (largest === 0) return;
  await tx.query(
    `SELECT count(nextval('grant_request_numbers'))
     FROM generate_series(1, $1::bigint - (SELECT nextval('grant_request_numbers')))`,
    [largest],
  );
}

/** The whole chain, on the day of the payment: nobody knows any more when it was promised. */
function entriesOf({ payment, budgetLineId, commitId, awardId, payId, disbursementId }: Recording): Entry[] {
  const { amount, paidOn: happenedOn } = payment;
  const available = { kind: 'available', budgetLineId } as const;
  const committed = { kind: 'committed', budgetLineId } as const;
  const spent = { kind: 'spent', budgetLineId } as const;
  return [
    { id: commitId, kind: 'commit', from: available, to: committed, amount, happenedOn, subjectId: awardId },
    { id: payId, kind: 'pay', from: committed, to: spent, amount, happenedOn, subjectId: disbursementId },
  ];
}

/** What the statements below read of it. */
const rowOf = ({ payment, person, ...ids }: Recording, tx: Tx): object => ({
  ...ids,
  eventId: newId(),
  number: payment.number,
  caseId: person.caseId,
  householdId: person.householdId,
  personId: person.personId,
  prefectureCode: payment.prefectureCode,
  category: payment.category,
  amount: payment.amount,
  payee: payment.payee,
  method: payment.method,
  paidOn: payment.paidOn,
  by: tx.actor.userId,
  at: tx.at,
});

const sealedItem = ({ payment, person, lineId }: Recording): string =>
  hex(person.caseKey.seal(payment.item, itemPlace(lineId)));

const ROWS = `jsonb_to_recordset($1::jsonb) AS r("requestId" uuid, "lineId" uuid, "eventId" uuid, "awardId" uuid,
  "disbursementId" uuid, "commitId" uuid, "payId" uuid, "organisationId" uuid, "budgetLineId" uuid, number text,
  "caseId" uuid, "householdId" uuid, "personId" uuid, "prefectureCode" text, category text, item bytea,
  amount bigint, payee text, method text, "paidOn" date, by uuid, at timestamptz)`;

const REQUESTS = [
  `INSERT INTO grant_requests (id, number, organisation_id, case_id, household_id, key_owner_id, kind, urgency, status,
                               origin, created_by, created_at, updated_at, submitted_at, prefecture_code, residence_group)
   SELECT "requestId", number, "organisationId", "caseId", "householdId", "caseId", 'relief', 'normal', 'settled',
          'import', by, at, at, at, "prefectureCode", 'unknown' FROM ${ROWS}`,
  `INSERT INTO request_lines (id, request_id, request_kind, position, category, item, quantity, unit_price,
                              approved_amount, payee_type)
   SELECT "lineId", "requestId", 'relief', 1, category, item, 1, amount, amount, payee FROM ${ROWS}`,
  `INSERT INTO request_persons (request_id, person_id, position) SELECT "requestId", "personId", 1 FROM ${ROWS}`,
  `INSERT INTO request_events (id, request_id, verb, to_status, amount, actor_id, recorded_at)
   SELECT "eventId", "requestId", 'import', 'settled', amount, by, at FROM ${ROWS}`,
];

// Nobody is named as approver or payer: the history does not say who it was.
const PAYMENTS = [
  `INSERT INTO awards (id, request_id, request_origin, request_line_id, budget_line_id, amount, status,
                       commit_transfer_id, recorded_at)
   SELECT "awardId", "requestId", 'import', "lineId", "budgetLineId", amount, 'settled', "commitId", at FROM ${ROWS}`,
  `INSERT INTO disbursements (id, award_id, award_amount, request_id, request_origin, amount, status, method, paid_on,
                              transfer_id, recorded_at)
   SELECT "disbursementId", "awardId", amount, "requestId", 'import', amount, 'paid', method, "paidOn", "payId", at
   FROM ${ROWS}`,
];
