import { Injectable } from '@nestjs/common';
import { itemPlace } from '../grants/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import { absent } from '../kernel/errors.js';
import { VendorNames } from '../organisations/index.js';
import { Db, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import type { Method } from './disbursement.entity.js';
import type { DisbursementStatus, ReturnKind } from './disbursement.states.js';
import { reasonPlace } from './return.entity.js';

/** An award that waits to be paid, or was: what a treasurer needs to know of it, and no narrative. */
export interface Payable {
  awardId: string;
  requestId: string;
  requestNumber: string;
  organisationName: string;
  urgency: string;
  category: string | null;
  item: string;
  payeeType: 'organisation' | 'person' | 'vendor';
  vendorName: string | null;
  spentOn: Day | null;
  amount: number;
  /** What of it is still promised, in yen: less than all when it was paid for less and came back. */
  left: number;
  approvedAt: Date;
  fundName: string;
  startsOn: Day;
  endsOn: Day | null;
  /** Why this actor may not pay it, when they may not. */
  duty: 'filer' | 'approver' | 'recused' | null;
  paid: { amount: number; returned: number; paidOn: Day; method: Method } | null;
}

/** Money that came back of a payment, and why. */
export interface CameBack {
  kind: ReturnKind;
  amount: number;
  happenedOn: Day;
  /** Null when it was forgotten. */
  reason: string | null;
}

/** One attempt to pay an award. */
export interface Attempt {
  id: string;
  status: DisbursementStatus;
  amount: number;
  paidOn: Day;
  method: Method;
  returns: CameBack[];
}
type PayableRow = Omit<Payable, 'item' | 'vendorName' | 'paid'> & {
  vendorId: string | null;
  vendorName: Buffer | null;
  lineId: string;
  item: Buffer;
  keyOwnerId: string;
  paidAmount: number | null;
  returned: number;
  paidOn: Day;
  method: Method;
};

const PAYABLE = `
  SELECT a.id AS "awardId", r.id AS "requestId", r.number AS "requestNumber", o.name AS "organisationName", r.urgency,
         l.category, l.id AS "lineId", l.item, l.payee_type AS "payeeType", v.id AS "vendorId", v.name AS "vendorName",
         l.spent_on AS "spentOn", a.amount, a.amount - coalesce(
           (SELECT max(t.undone_after) FROM transfers t WHERE t.undoes_id = a.commit_transfer_id), 0) AS "left",
         a.recorded_at AS "approvedAt", f.name AS "fundName",
         f.starts_on AS "startsOn", f.ends_on AS "endsOn", r.key_owner_id AS "keyOwnerId",
         CASE WHEN u.duty <> 'payer' THEN u.duty END AS duty,
         coalesce((SELECT sum(b.amount) FROM returns b WHERE b.disbursement_id = d.id), 0)::bigint AS returned,
         d.amount AS "paidAmount", d.paid_on AS "paidOn", d.method
  FROM awards a
  JOIN request_lines l ON l.id = a.request_line_id
  JOIN grant_requests r ON r.id = a.request_id
  JOIN organisations o ON o.id = r.organisation_id
  JOIN budget_lines b ON b.id = a.budget_line_id
  JOIN funds f ON f.id = b.fund_id
  LEFT JOIN vendors v ON v.id = l.vendor_id
  LEFT JOIN duties u ON u.request_id = r.id AND u.user_id = $1
  LEFT JOIN disbursements d ON d.award_id = a.id AND d.status = 'paid'`;

@Injectable()
export class DisbursementsQueries {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly vendors: VendorNames,
  ) {}

  /** What waits to be paid: tonight's first, then the longest waiting. At most 200. */
  toPay(actor: Actor): Promise<Payable[]> {
    return this.payables(
      actor,
      `WHERE a.status = 'approved' ORDER BY array_position(ARRAY['tonight', 'soon', 'normal'], r.urgency), a.id LIMIT 200`,
    );
  }

  /** The payments recorded last, newest first. */
  lastPaid(actor: Actor): Promise<Payable[]> {
    return this.payables(actor, `WHERE d.id IS NOT NULL AND r.origin = 'filed' ORDER BY d.id DESC LIMIT 20`);
  }

  /** One of them. @throws DomainError `resource.absent` */
  async one(actor: Actor, awardId: string): Promise<Payable> {
    const [found] = await this.payables(actor, 'WHERE a.id = $2', [awardId]);
    if (!found) throw absent();
    return found;
  }

  /** All attempts to pay an award, the first one first, with what came back of each. */
  attempts(actor: Actor, awardId: string): Promise<Attempt[]> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<Omit<Attempt, 'returns'> & { keyOwnerId: string }>(
        `SELECT d.id, d.status, d.amount, d.paid_on AS "paidOn", d.method, r.key_owner_id AS "keyOwnerId"
         FROM disbursements d JOIN grant_requests r ON r.id = d.request_id WHERE d.award_id = $1 ORDER BY d.id`,
        [awardId],
      );
      if (rows.length === 0) return [];
      const returns = await tx.query<Omit<CameBack, 'reason'> & { id: string; of: string; reason: Buffer }>(
        `SELECT id, disbursement_id AS "of", kind, amount, happened_on AS "happenedOn", reason
         FROM returns WHERE disbursement_id = ANY($1) ORDER BY id`,
        [rows.map(({ id }) => id)],
      );
      const { keyOwnerId } = rows[0]!;
      const key = (await this.vault.keysOf(tx.orm, [keyOwnerId])).get(keyOwnerId);
      const cameBack = returns.map(({ id, of, kind, amount, happenedOn, reason }) => ({
        of,
        back: {
          kind,
          amount,
          happenedOn,
          reason: key && reason.length > 0 ? key.open(reason, reasonPlace(id)) : null,
        },
      }));
      return rows.map(({ id, status, amount, paidOn, method }) => ({
        id,
        status,
        amount,
        paidOn,
        method,
        returns: cameBack.filter(({ of }) => of === id).map(({ back }) => back),
      }));
    });
  }

  /** How many wait to be paid. */
  count(actor: Actor): Promise<number> {
    return this.db.read(actor, async (tx) => {
      const [row] = await tx.query<{ count: number }>(
        `SELECT count(*) FROM awards WHERE status = 'approved'`,
      );
      return row!.count;
    });
  }

  private payables(actor: Actor, rest: string, parameters: unknown[] = []): Promise<Payable[]> {
    return this.db.write(actor, async (tx) => {
      const rows = await tx.query<PayableRow>(`${PAYABLE} ${rest}`, [actor.userId, ...parameters]);
      // Items are opened, which a person wrote.
      const ids = [...new Set(rows.map(({ requestId }) => requestId))];
      tx.audit('payments.listed', 'disbursement', null, { count: rows.length, ids });
      return this.opened(tx, rows);
    });
  }

  private async opened(tx: Tx, rows: PayableRow[]): Promise<Payable[]> {
    const keys = await this.vault.keysOf(tx.orm, [...new Set(rows.map(({ keyOwnerId }) => keyOwnerId))]);
    const vendors = await this.vendors.ofRows(tx, rows);
    return rows.map(
      ({ lineId, item, keyOwnerId, vendorId, paidAmount, returned, paidOn, method, ...row }) => ({
        ...row,
        vendorName: vendorId && (vendors.get(vendorId) ?? null),
        item: keys.get(keyOwnerId)?.open(item, itemPlace(lineId)) ?? '',
        paid: paidAmount === null ? null : { amount: paidAmount, returned, paidOn, method },
      }),
    );
  }
}
