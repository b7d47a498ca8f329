import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import { absent } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import { dueDays, overdue } from './breach-days.js';
import type { BreachListed, BreachReportView, BreachView, ReportItems, ReportKind } from './breach.dto.js';
import type { ExposedField } from './exposure.js';
import type { ExposureFilter } from './exposure.dto.js';
import { ExposureQueries } from './exposure.queries.js';

/** Where the written items of a report lie; sealed with the breach's own key. */
export const itemsPlace = (reportId: string): string => `breach_reports.items:${reportId}`;

type BreachRow = Omit<
  BreachListed,
  'firstFrom' | 'firstBy' | 'finalBy' | 'overdue' | 'openedAt' | 'closedAt'
> & {
  filter: ExposureFilter;
  firstReportId: string | null;
  finalReportId: string | null;
  openedAt: Date;
  closedAt: Date | null;
};

const BREACH = `
  SELECT b.id, b.filter, b.aware_on AS "awareOn", b.malicious, b.first_reported_on AS "firstReportedOn",
         b.final_reported_on AS "finalReportedOn", b.first_report_id AS "firstReportId",
         b.final_report_id AS "finalReportId", b.told_on AS "toldOn", b.opened_at AS "openedAt", u.name AS "openedBy",
         b.closed_at AS "closedAt"
  FROM breaches b JOIN users u ON u.id = b.opened_by`;

/** Reads of the breaches. */
@Injectable()
export class BreachQueries {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly exposure: ExposureQueries,
  ) {}

  /** The newest first. */
  list(actor: Actor, { limit, cursor }: PageQuery): Promise<Page<BreachListed>> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<BreachRow>(
        `${BREACH} WHERE $1::uuid IS NULL OR b.id < $1 ORDER BY b.id DESC LIMIT $2`,
        [cursor ?? null, limit + 1],
      );
      const { items, nextCursor } = pageOf(rows, limit);
      return { items: items.map((row) => listed(row, tx.today)), nextCursor };
    });
  }

  /** One with all that was written, and what the log shows now. Leaves a line in the log. @throws `resource.absent` */
  read(actor: Actor, id: string): Promise<BreachView> {
    return this.db.write(actor, async (tx) => {
      const [row] = await tx.query<BreachRow>(`${BREACH} WHERE b.id = $1`, [id]);
      if (!row) throw absent();
      tx.audit('breach.read', 'breach', id);
      const { people, fields } = await this.exposure.exposed(tx, row.filter, { limit: 1 });
      const { filter, firstReportId, finalReportId } = row;
      return {
        ...listed(row, tx.today),
        filter,
        people,
        fields,
        first: await this.reports(tx, id, 'first'),
        final: await this.reports(tx, id, 'final'),
        firstReportId,
        finalReportId,
      };
    });
  }

  /** Whether a report of any open breach should have been made and was not. */
  anyOverdue(actor: Actor): Promise<boolean> {
    return this.db.read(actor, async (tx) => {
      const open = await tx.query<BreachRow>(`${BREACH} WHERE b.closed_at IS NULL`);
      return open.some((row) => overdue(row, tx.today).length > 0);
    });
  }

  private async reports(tx: Tx, breachId: string, kind: ReportKind): Promise<BreachReportView[]> {
    const rows = await tx.query<{
      id: string;
      items: Buffer;
      people: number;
      fields: ExposedField[];
      by: string | null;
      at: Date;
    }>(
      `SELECT r.id, r.items, r.people, r.fields, u.name AS by, r.recorded_at AS at
       FROM breach_reports r JOIN users u ON u.id = r.actor_id
       WHERE r.breach_id = $1 AND r.kind = $2 ORDER BY r.id DESC`,
      [breachId, kind],
    );
    const key = await this.vault.keyOf(tx.orm, breachId);
    return rows.map(({ id, items, at, ...row }) => ({
      ...row,
      id,
      items: JSON.parse(key.open(items, itemsPlace(id))) as ReportItems,
      recordedAt: at.toISOString(),
    }));
  }
}

function listed(row: BreachRow, today: Day): BreachListed {
  const { id, awareOn, malicious, firstReportedOn, finalReportedOn, toldOn, openedBy } = row;
  return {
    id,
    awareOn,
    malicious,
    ...dueDays(awareOn, malicious),
    firstReportedOn,
    finalReportedOn,
    toldOn,
    overdue: row.closedAt ? [] : overdue(row, today),
    openedAt: row.openedAt.toISOString(),
    openedBy,
    closedAt: row.closedAt?.toISOString() ?? null,
  };
}
