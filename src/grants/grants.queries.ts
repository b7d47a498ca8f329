import { Injectable } from '@nestjs/common';
import { may } from '../access/index.js';
import { hasRole, onDuty, type Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import type { Day } from '../kernel/calendar.js';
import { Db, type Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
import { VendorNames } from '../organisations/index.js';
import { pageOf, type Page } from '../platform/pages.js';
import { DecisionQueries } from './decision.queries.js';
import type { PendingApproval } from './decision.views.js';
import { fileNamePlace, itemPlace } from './grant-request.entity.js';
import type { GrantRequestQuery } from './grants.dto.js';
import type {
  AttachmentView,
  AwardView,
  EventView,
  GrantRequestSummary,
  GrantRequestView,
  LineView,
  PersonCode,
} from './grants.views.js';

type HeadRow = Omit<GrantRequestSummary, 'items' | 'categories' | 'updatedAt' | 'submittedAt'> & {
  updatedAt: Date;
  submittedAt: Date | null;
  keyOwnerId: string;
  origin: 'filed' | 'import';
  caseId: string | null;
  prefectureCode: string | null;
};
type LineRow = Omit<LineView, 'item' | 'payee' | 'awards'> & {
  requestId: string;
  item: Buffer;
  payeeType: LineView['payee']['type'];
  vendorId: string | null;
  vendorName: Buffer | null;
};

const HEAD_COLUMNS = `
  SELECT r.id, r.number, r.status, r.kind, r.urgency, r.organisation_id AS "organisationId",
         o.name AS "organisationName", r.updated_at AS "updatedAt", r.submitted_at AS "submittedAt",
         r.key_owner_id AS "keyOwnerId", r.origin, r.case_id AS "caseId", r.prefecture_code AS "prefectureCode",
         coalesce((SELECT sum(l.amount) FROM request_lines l WHERE l.request_id = r.id), 0)::bigint AS "requestedAmount",
         coalesce((SELECT sum(l.approved_amount) FROM request_lines l WHERE l.request_id = r.id), 0)::bigint AS "approvedAmount"`;
const HEAD_FROM = `FROM grant_requests r JOIN organisations o ON o.id = r.organisation_id`;
const HEAD = `${HEAD_COLUMNS} ${HEAD_FROM}`;

/**
 * What waits for this actor ($1; whether they review $2, approve $3, are of the board $4; their organisation $5): to be checked, to be decided
 * by somebody who has not said yes yet and is still wanted, and nothing that they stay out of.
 */
const WAITS_FOR_ME = `
  NOT EXISTS (SELECT 1 FROM duties d WHERE d.request_id = r.id AND d.user_id = $1 AND d.duty IN ('recused', 'payer', 'filer'))
  AND r.organisation_id IS DISTINCT FROM $5::uuid
  AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.request_id = r.id AND a.user_id = $1 AND a.voided_at IS NULL)
  AND (r.status = 'submitted' AND $2::boolean
       OR r.status = 'in_review' AND CASE WHEN r.board_asked_at IS NULL THEN $3::boolean ELSE $4::boolean END)`;

const meOf = (actor: Actor): unknown[] => [
  actor.userId,
  hasRole(actor, 'reviewer'),
  hasRole(actor, 'approver'),
  hasRole(actor, 'board'),
  actor.memberOf,
];

/**
 * Urgent approvals (`u`) whose money stands, and the approval itself (`a`): awards are made at the moment of the last
 * yes. What was released altogether needs no confirmation.
 */
export const URGENT = `
  urgent_approvals u JOIN approvals a ON a.id = u.approval_id AND EXISTS (
    SELECT 1 FROM awards w
    WHERE w.request_id = u.request_id AND w.recorded_at = a.recorded_at AND w.status <> 'released')`;

/** An urgent approval that nobody has confirmed yet. */
export interface Unconfirmed extends GrantRequestSummary {
  approvedBy: string | null;
  /** The last day on which a second approver should have looked at it. */
  confirmBy: Day;
  /** Whether the reader approved it, and so cannot confirm it. */
  own: boolean;
  /** A second approver objected. */
  objected: boolean;
}

/** How long an objection stays in sight. */
const OBJECTIONS_SHOWN_MS = 30 * 24 * 3_600_000;

/** Reads of requests, each as whoever asks: row-level security leaves out what is not theirs. */
@Injectable()
export class GrantsQueries {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly decisions: DecisionQueries,
    private readonly vendors: VendorNames,
  ) {}

  /** One request with everything that this actor may see of it. Leaves a line in the log. */
  view(actor: Actor, id: string): Promise<GrantRequestView> {
    return this.db.write(actor, async (tx) => {
      const view = await this.viewIn(tx, id);
      tx.audit('request.opened', 'request', id);
      return view;
    });
  }

  /** The same inside a transaction. @throws DomainError `resource.absent` */
  async viewIn(tx: Tx, id: string): Promise<GrantRequestView> {
    const [head] = await tx.query<HeadRow>(`${HEAD} WHERE r.id = $1`, [id]);
    if (!head) throw absent();
    const key = (await this.vault.keysOf(tx.orm, [head.keyOwnerId])).get(head.keyOwnerId);
    const lines = await this.linesOf(tx, id, key);
    return {
      ...summaryOf(head, lines, key),
      origin: head.origin,
      caseId: head.caseId,
      prefectureCode: head.prefectureCode,
      disbursedAmount: await disbursedOf(tx, id),
      reason: await reasonOf(tx, id, key),
      lines,
      people: await peopleOf(tx, id),
      pendingApprovals: await this.pendingOf(tx, head),
      attachments: await this.attachmentsOf(tx, id),
      history: await historyOf(tx, id, key),
    };
  }

  /** The requests that this actor sees, newest first, or those in some states. Leaves a line in the log. */
  list(actor: Actor, { status, cursor, limit }: GrantRequestQuery): Promise<Page<GrantRequestSummary>> {
    return this.db.write(actor, async (tx) => {
      const heads = await tx.query<HeadRow>(
        `${HEAD} WHERE ($1::text[] IS NULL OR r.status = ANY($1)) AND ($2::uuid IS NULL OR r.id < $2)
         ORDER BY r.id DESC LIMIT $3`,
        [status?.length ? status : null, cursor ?? null, limit + 1],
      );
      const { items, nextCursor } = pageOf(heads, limit);
      return { items: await this.summaries(tx, items), nextCursor };
    });
  }

  /**
   * What waits for the first check and for a decision, first what waits for this actor, then the others': of each
   * tonight's first, then the longest waiting. At most 200.
   */
  waiting(actor: Actor): Promise<{ mine: GrantRequestSummary[]; others: GrantRequestSummary[] }> {
    return this.db.write(actor, async (tx) => {
      const heads = await tx.query<HeadRow & { mine: boolean }>(
        `SELECT * FROM (${HEAD_COLUMNS}, ${WAITS_FOR_ME} AS mine, array_position(ARRAY['tonight', 'soon', 'normal'], r.urgency) AS haste
           ${HEAD_FROM} WHERE r.status IN ('submitted', 'in_review')) waiting
         ORDER BY mine DESC, haste, "submittedAt" LIMIT 200`,
        meOf(actor),
      );
      const summaries = await this.summaries(tx, heads);
      const mine = heads.filter((head) => head.mine).length;
      return { mine: summaries.slice(0, mine), others: summaries.slice(mine) };
    });
  }

  /**
   * What was approved by one because it could not wait and is not confirmed yet, the soonest due first, then what was
   * objected to within 30 days. At most 200.
   */
  unconfirmed(actor: Actor): Promise<Unconfirmed[]> {
    return this.db.write(actor, async (tx) => {
      const heads = await tx.query<
        HeadRow & Pick<Unconfirmed, 'approvedBy' | 'confirmBy' | 'own' | 'objected'>
      >(
        `${HEAD_COLUMNS}, u.confirm_by AS "confirmBy", u.approved_by = $1 AS own, u.outcome = 'objected' AS objected,
           (SELECT name FROM users WHERE id = u.approved_by) AS "approvedBy"
         ${HEAD_FROM}
         JOIN (${URGENT}) ON u.request_id = r.id
         WHERE u.outcome IS NULL OR u.outcome = 'objected' AND u.confirmed_at > $2
         ORDER BY u.outcome NULLS FIRST, u.confirm_by, r.id LIMIT 200`,
        [actor.userId, new Date(tx.at.getTime() - OBJECTIONS_SHOWN_MS)],
      );
      const summaries = await this.summaries(tx, heads);
      return summaries.map((summary, index) => {
        const { approvedBy, confirmBy, own, objected } = heads[index]!;
        return { ...summary, approvedBy, confirmBy, own, objected: objected === true };
      });
    });
  }

  /** How many requests wait for this actor: to be checked or decided, or to be answered. */
  countWaiting(actor: Actor): Promise<number> {
    return this.db.read(actor, async (tx) => {
      const [row] = await tx.query<{ count: number }>(
        may(actor, 'requests.file')
          ? `SELECT count(*) FROM grant_requests WHERE status = 'returned'`
          : `SELECT count(*) FROM grant_requests r WHERE r.status IN ('submitted', 'in_review') AND ${WAITS_FOR_ME}`,
        may(actor, 'requests.file') ? [] : meOf(actor),
      );
      return row!.count;
    });
  }

  /** What else is asked for a category and not decided, in whole yen: it will want the same money. */
  alsoAsked(actor: Actor, requestId: string): Promise<Map<string, number>> {
    return this.db.read(onDuty('figures', actor.userId), async (tx) => {
      const rows = await tx.query<{ category: string | null; amount: number }>(
        `SELECT l.category, least(sum(l.amount), ${Number.MAX_SAFE_INTEGER})::bigint AS amount
         FROM request_lines l JOIN grant_requests r ON r.id = l.request_id
         WHERE r.status IN ('submitted', 'in_review', 'returned') AND r.id <> $1 GROUP BY l.category`,
        [requestId],
      );
      return new Map(rows.map(({ category, amount }) => [category ?? 'activity', amount]));
    });
  }

  /**
   * Who has to agree still. A partner is told what its own request would need by itself: more would tell what the
   * household got through others.
   */
  private async pendingOf(tx: Tx, { id, status }: HeadRow): Promise<PendingApproval[]> {
    if (status !== 'in_review') return [];
    return may(tx.actor, 'requests.review') || may(tx.actor, 'requests.decide')
      ? this.decisions.pending(tx, id)
      : this.decisions.pendingByItself(tx, id);
  }

  /** Opens the items, which a person wrote: leaves a line in the log when there are any. */
  private async summaries(tx: Tx, heads: HeadRow[]): Promise<GrantRequestSummary[]> {
    if (heads.length === 0) return [];
    const ids = heads.map(({ id }) => id);
    tx.audit('requests.listed', 'request', null, { count: ids.length, ids });
    const keys = await this.vault.keysOf(tx.orm, [...new Set(heads.map(({ keyOwnerId }) => keyOwnerId))]);
    const lines = await lineRows(tx, ids);
    return heads.map((head) => {
      const own = lines.filter(({ requestId }) => requestId === head.id);
      const key = keys.get(head.keyOwnerId);
      return summaryOf(
        head,
        own.map((line) => ({ ...line, item: openItem(line, key) })),
        key,
      );
    });
  }

  /** The request's files. One whose key was destroyed has no name and does not open any more. */
  private async attachmentsOf(tx: Tx, requestId: string): Promise<AttachmentView[]> {
    const rows = await tx.query<Omit<AttachmentView, 'name'> & { name: Buffer; keyOwnerId: string }>(
      `SELECT id, name, content_type AS "contentType", size_bytes AS "sizeBytes", key_owner_id AS "keyOwnerId"
       FROM attachments WHERE request_id = $1 ORDER BY id`,
      [requestId],
    );
    const keys = await this.vault.keysOf(
      tx.orm,
      rows.map(({ keyOwnerId }) => keyOwnerId),
    );
    return rows.map(({ keyOwnerId, ...row }) => ({
      ...row,
      name: keys.get(keyOwnerId)?.open(row.name, fileNamePlace(row.id)) ?? '',
    }));
  }

  private async linesOf(tx: Tx, id: string, key: SealingKey | undefined): Promise<LineView[]> {
    const rows = await lineRows(tx, [id]);
    const vendors = await this.vendors.ofRows(tx, rows);
    const awards = await tx.query<AwardView & { lineId: string }>(
      `SELECT id, request_line_id AS "lineId", budget_line_id AS "budgetLineId", amount, status
       FROM awards WHERE request_id = $1 ORDER BY id`,
      [id],
    );
    return rows.map((row) => ({
      id: row.id,
      category: row.category,
      item: openItem(row, key),
      quantity: row.quantity,
      unitPrice: row.unitPrice,
      amount: row.amount,
      periodFrom: row.periodFrom,
      periodTo: row.periodTo,
      spentOn: row.spentOn,
      payee: {
        type: row.payeeType,
        vendorId: row.vendorId,
        vendorName: row.vendorId && (vendors.get(row.vendorId) ?? null),
      },
      awards: awards
        .filter(({ lineId }) => lineId === row.id)
        .map(({ id: awardId, budgetLineId, amount, status }) => ({
          id: awardId,
          budgetLineId,
          amount,
          status,
        })),
    }));
  }
}

/** Empty when its key was destroyed. */
const openItem = (line: { id: string; item: Buffer }, key: SealingKey | undefined): string =>
  key?.open(line.item, itemPlace(line.id)) ?? '';

function summaryOf(
  head: HeadRow,
  lines: { item: string; category: LineView['category'] }[],
  key: SealingKey | undefined,
): GrantRequestSummary {
  const { id, number, status, kind, urgency, organisationId, organisationName } = head;
  return {
    id,
    number,
    status,
    kind,
    urgency,
    organisationId,
    organisationName,
    forgotten: !key,
    items: lines.map(({ item }) => item),
    categories: [...new Set(lines.flatMap(({ category }) => category ?? []))],
    requestedAmount: head.requestedAmount,
    approvedAmount: head.approvedAmount,
    updatedAt: head.updatedAt.toISOString(),
    submittedAt: head.submittedAt?.toISOString() ?? null,
  };
}

const lineRows = (tx: Tx, requestIds: string[]): Promise<LineRow[]> =>
  tx.query<LineRow>(
    `SELECT l.id, l.request_id AS "requestId", l.category, l.item, l.quantity, l.unit_price AS "unitPrice", l.amount,
            l.period_from AS "periodFrom", l.period_to AS "periodTo", l.spent_on AS "spentOn",
            l.payee_type AS "payeeType", l.vendor_id AS "vendorId", v.name AS "vendorName"
     FROM request_lines l LEFT JOIN vendors v ON v.id = l.vendor_id
     WHERE l.request_id = ANY($1) ORDER BY l.request_id, l.position`,
    [requestIds],
  );

async function disbursedOf(tx: Tx, id: string): Promise<number> {
  const [row] = await tx.query<{ amount: number }>(
    `SELECT (coalesce((SELECT sum(amount) FROM disbursements WHERE request_id = $1 AND status = 'paid'), 0)
           - coalesce((SELECT sum(amount) FROM returns WHERE request_id = $1 AND kind = 'refund'), 0))::bigint AS amount`,
    [id],
  );
  return row!.amount;
}

async function reasonOf(tx: Tx, id: string, key: SealingKey | undefined): Promise<string | null> {
  const [row] = await tx.query<{ reason: Buffer }>(
    'SELECT reason FROM request_narratives WHERE request_id = $1',
    [id],
  );
  return row && key ? key.open(row.reason, `request_narratives.reason:${id}`) : null;
}

const peopleOf = (tx: Tx, id: string): Promise<PersonCode[]> =>
  tx.query<PersonCode>(
    `SELECT p.id, p.code FROM request_persons rp JOIN persons p ON p.id = rp.person_id
     WHERE rp.request_id = $1 ORDER BY rp.position`,
    [id],
  );

/**
 * What happened, the oldest first. A member does not see the network's own business, such as the first of several
 * approvals: that more are needed for a small request would tell what the household got through others.
 */
async function historyOf(tx: Tx, id: string, key: SealingKey | undefined): Promise<EventView[]> {
  const rows = await tx.query<
    Omit<EventView, 'at' | 'comment'> & { id: string; at: Date; comment: Buffer | null }
  >(
    `SELECT e.id, e.verb, e.to_status AS "toStatus", e.recorded_at AS at, u.name AS by, e.amount, c.body AS comment
     FROM request_events e LEFT JOIN users u ON u.id = e.actor_id LEFT JOIN request_comments c ON c.event_id = e.id
     WHERE e.request_id = $1 AND ($2 OR e.verb NOT IN ('override', 'recuse', 'confirm', 'object')
                                  AND (e.verb <> 'approve' OR e.to_status <> 'in_review'))
     ORDER BY e.id`,
    [id, !may(tx.actor, 'requests.file')],
  );
  return rows.map(({ id: eventId, at, comment, ...event }) => ({
    ...event,
    at: at.toISOString(),
    comment: comment && key ? key.open(comment, `request_comments.body:${eventId}`) : null,
  }));
}
