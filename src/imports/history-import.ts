import { Injectable } from '@nestjs/common';
import { itemPlace } from '../grants/index.js';
import type { Category } from '../kernel/codes.js';
import { sumYen } from '../kernel/money.js';
import type { Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { judgeHistory, type HistoryFacts, type RecordedPayment } from './history-checks.js';
import { HISTORY, type PastPayment } from './history-rows.js';
import { HistoryWriting } from './history-writing.js';
import type { Applied, ImportKind } from './import-kind.js';
import type { Progress } from './progress.js';
import type { Numbered } from './typed-rows.js';

/** Brings in payments that were made before, into a fund. */
@Injectable()
export class HistoryImport implements ImportKind<PastPayment> {
  readonly shape = HISTORY;

  constructor(
    private readonly writing: HistoryWriting,
    private readonly vault: Vault,
  ) {}

  async apply(
    tx: Tx,
    rows: readonly Numbered<PastPayment>[],
    { fundId, write }: { fundId: string | null; write: boolean },
    progress: Progress,
  ): Promise<Applied> {
    const facts = await this.factsOf(tx, fundId!, rows);
    const { errors, fresh, skipped } = judgeHistory(rows, facts);
    if (write && errors.length === 0 && fresh.length > 0)
      await this.writing.write(tx, fresh, facts, progress);
    return {
      errors,
      added: fresh.length,
      skipped,
      amount: sumYen(fresh.map(({ amount }) => amount)),
      people: new Set(fresh.map(({ organisationCode, personCode }) => `${organisationCode} ${personCode}`))
        .size,
    };
  }

  private async factsOf(
    tx: Tx,
    fundId: string,
    rows: readonly Numbered<PastPayment>[],
  ): Promise<HistoryFacts> {
    const [fund] = await tx.query<HistoryFacts['fund']>(
      'SELECT id, starts_on AS "startsOn", ends_on AS "endsOn" FROM funds WHERE id = $1',
      [fundId],
    );
    const lines = await tx.query<{ id: string; category: Category; available: number }>(
      `SELECT l.id, l.category, a.balance AS available
       FROM budget_lines l
       JOIN accounts a ON a.fund_id = l.fund_id AND a.budget_line_id = l.id AND a.kind = 'available'
       WHERE l.fund_id = $1 AND l.purpose = 'relief'`,
      [fundId],
    );
    const organisations = await tx.query<{ code: string; id: string }>(
      'SELECT code, id FROM organisations WHERE code = ANY($1)',
      [[...new Set(rows.map(({ value }) => value.organisationCode))]],
    );
    return {
      today: tx.today,
      fund: fund!,
      lines: new Map(lines.map(({ category, ...line }) => [category, line])),
      organisations: new Map(organisations.map(({ code, id }) => [code, id])),
      recorded: await this.recorded(
        tx,
        rows.map(({ value }) => value.number),
      ),
    };
  }

  /** What is recorded under these numbers. Items are opened only to be compared. */
  private async recorded(tx: Tx, numbers: string[]): Promise<Map<string, RecordedPayment>> {
    const rows = await tx.query<RecordedRow>(recordedPayments, [numbers]);
    const keys = await this.vault.keysOf(tx.orm, [...new Set(rows.map(({ keyOwnerId }) => keyOwnerId))]);
    return new Map(
      rows.map(({ keyOwnerId, lineId, sealedItem, ...payment }) => [
        payment.number,
        {
          ...payment,
          item: sealedItem && lineId ? keys.get(keyOwnerId)?.open(sealedItem, itemPlace(lineId)) : undefined,
        },
      ]),
    );
  }
}

type RecordedRow = RecordedPayment & {
  keyOwnerId: string;
  lineId: string | null;
  sealedItem: Buffer | null;
};

// A request that was filed here has neither a person's external code nor perhaps a line, and is never the same.
const recordedPayments = `
  SELECT DISTINCT ON (r.id) r.number, o.code AS "organisationCode", p.external_code AS "personCode",
         r.prefecture_code AS "prefectureCode", l.category, l.id AS "lineId", l.item AS "sealedItem", l.amount,
         l.payee_type AS payee, d.method, d.paid_on AS "paidOn", b.fund_id AS "fundId", r.key_owner_id AS "keyOwnerId"
  FROM grant_requests r
  JOIN organisations o ON o.id = r.organisation_id
  LEFT JOIN request_lines l ON l.request_id = r.id
  LEFT JOIN request_persons rp ON rp.request_id = r.id AND rp.position = 1
  LEFT JOIN persons p ON p.id = rp.person_id
  LEFT JOIN awards a ON a.request_line_id = l.id
  LEFT JOIN budget_lines b ON b.id = a.budget_line_id
  LEFT JOIN disbursements d ON d.award_id = a.id
  WHERE r.number = ANY($1)
  ORDER BY r.id, l.position, d.id`;
