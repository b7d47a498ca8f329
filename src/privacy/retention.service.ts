import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { addDays } from '../kernel/calendar.js';
import { conflict } from '../kernel/errors.js';
import { Db, pgFault, type Once, type Tx } from '../platform/db.js';
import { pageOf, type Page } from '../platform/pages.js';
import { Runtime } from '../platform/runtime.js';
import {
  RETENTION_KINDS,
  type DueQuery,
  type DueView,
  type KindCount,
  type RetentionPreview,
  type RetentionRules,
  type RetentionVersion,
} from './retention.dto.js';

/** How far ahead one sees what will go. */
const AHEAD_DAYS = 30;

/** How long each kind of record is kept, and what goes next. Those who ask see codes and days, and no case content. */
@Injectable()
export class RetentionService {
  constructor(
    private readonly db: Db,
    private readonly runtime: Runtime,
  ) {}

  /** The newest version, which counts. */
  current(actor: Actor): Promise<RetentionVersion> {
    return this.db.read(actor, (tx) => currentRules(tx));
  }

  /**
   * Sets how long each kind is kept from now on, also what is there already. PostgreSQL refuses what lies beyond the
   * limits.
   * @throws DomainError `retention.changed` when somebody else did so at the same moment
   */
  async change(actor: Actor, rules: RetentionRules, once: Once): Promise<RetentionVersion> {
    try {
      return await this.db.write(actor, (tx) => changeIn(tx, rules), once);
    } catch (error) {
      if (pgFault(error).constraint === 'retention_rules_pkey') throw conflict('retention.changed');
      throw error;
    }
  }

  /** How much of each kind goes with the next night and within 30 days, and what is kept back. */
  preview(actor: Actor): Promise<RetentionPreview> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<KindCount>(
        `SELECT kind, ${[
          ['overdue', 'due_on <= $3 AND hold IS NULL AND NOT money_open'],
          ['soon', 'due_on > $3'],
          ['held', 'due_on <= $3 AND hold IS NOT NULL'],
          ['waiting', 'due_on <= $3 AND hold IS NULL AND money_open'],
        ]
          .map(([name, condition]) => `count(*) FILTER (WHERE ${condition})::int AS ${name}`)
          .join(', ')}
         FROM retention_due($1, $2) GROUP BY kind`,
        [this.runtime.settings.TIMEZONE, addDays(tx.today, AHEAD_DAYS), tx.today],
      );
      const none = { overdue: 0, soon: 0, held: 0, waiting: 0 };
      return {
        rules: await currentRules(tx),
        kinds: RETENTION_KINDS.map((kind) => ({ ...none, ...rows.find((row) => row.kind === kind), kind })),
      };
    });
  }

  /** What of one kind goes within 30 days or should have gone already, the oldest first. */
  due(actor: Actor, { kind, cursor, limit }: DueQuery): Promise<Page<DueView>> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<DueView>(
        `SELECT d.id, d.kind, d.code, o.name AS "organisationName", d.due_on AS "dueOn", d.hold,
                d.money_open AS "moneyOpen"
         FROM retention_due($1, $2) d JOIN organisations o ON o.id = d.organisation_id
         WHERE d.kind = $3 AND ($4::uuid IS NULL OR d.id > $4) ORDER BY d.id LIMIT $5`,
        [this.runtime.settings.TIMEZONE, addDays(tx.today, AHEAD_DAYS), kind, cursor ?? null, limit + 1],
      );
      return pageOf(rows, limit);
    });
  }
}

async function changeIn(tx: Tx, rules: RetentionRules): Promise<RetentionVersion> {
  const before = await currentRules(tx);
  const version = before.version + 1;
  await tx.query(
    `INSERT INTO retention_rules (version, case_months, person_months, draft_months, evidence_months, voucher_years,
                                  session_days, set_by, set_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      version,
      rules.caseMonths,
      rules.personMonths,
      rules.draftMonths,
      rules.evidenceMonths,
      rules.voucherYears,
      rules.sessionDays,
      tx.actor.userId,
      tx.at,
    ],
  );
  tx.audit('retention.changed', 'retention', null, { version, rules: { ...rules } });
  return currentRules(tx);
}

/** The rules that count now. */
export async function currentRules(tx: Tx): Promise<RetentionVersion> {
  const [row] = await tx.query<Omit<RetentionVersion, 'setAt'> & { setAt: Date }>(
    `SELECT r.version, r.case_months AS "caseMonths", r.person_months AS "personMonths",
            r.draft_months AS "draftMonths", r.evidence_months AS "evidenceMonths",
            r.voucher_years AS "voucherYears", r.session_days AS "sessionDays", r.set_at AS "setAt", u.name AS "setBy"
     FROM retention_rules r LEFT JOIN users u ON u.id = r.set_by ORDER BY r.version DESC LIMIT 1`,
  );
  return { ...row!, setAt: row!.setAt.toISOString() };
}
