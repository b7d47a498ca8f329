import { Injectable } from '@nestjs/common';
import { onDuty, type Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import { invalid } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { sumsOf, without, type Sums } from './disbursed-sums.js';
import {
  checkDisbursedQuery,
  type DisbursedGroup,
  type DisbursedQuery,
  type DisbursedReport,
  type GroupKey,
} from './reports.dto.js';

/** What the report's page shows: the whole, each month, and each month's categories. */
export interface MonthlyReport {
  whole: Sums;
  months: Sums[];
  cells: Sums[];
}

/** What the report's form offers. */
export interface ReportChoices {
  /** The first and the last day on which money was paid or came back; null before the first. */
  paid: { first: Day; last: Day } | null;
  funds: { id: string; name: string }[];
}

/**
 * Figures about everybody's money and people. They are read at the application's own duty, because the board and
 * the treasurer see no undecided request; the guard has asked whether the reader may (`reports.read`). Each reading
 * leaves a line in the log.
 */
@Injectable()
export class ReportsQueries {
  constructor(private readonly db: Db) {}

  /**
   * What was paid in a period, less what came back, and whom it helped (domain, "Words"; contract). Money in yen;
   * `asOf` is now unless told.
   * @throws DomainError `input.invalid`: `periodBackwards`, `crossing`, an unknown fund or organisation.
   */
  async disbursed(actor: Actor, query: DisbursedQuery): Promise<DisbursedReport> {
    const keys = query.groupBy ?? [];
    const { asOf, sums } = await this.read(actor, query, keys.length > 0 ? [[], keys] : [[]]);
    const [[whole], groups = []] = sums as [[Sums], Sums[]?];
    return {
      from: query.from,
      to: query.to,
      asOf,
      ...whole,
      groups: groups.map((group) => without(group, 'households', 'requests') as DisbursedGroup),
    };
  }

  /** The same by month and by month and category, in one reading. @throws DomainError as `disbursed` does. */
  async monthly(actor: Actor, query: DisbursedQuery): Promise<MonthlyReport> {
    const { sums } = await this.read(actor, query, [[], ['month'], ['month', 'category']]);
    const [[whole], months, cells] = sums as [[Sums], Sums[], Sums[]];
    return { whole, months, cells };
  }

  /** What the form offers, and the days that its first period is made of. */
  choices(actor: Actor): Promise<ReportChoices> {
    return this.db.read(onDuty('figures', actor.userId), async (tx) => {
      const [days] = await tx.query<{ first: Day | null; last: Day | null }>(
        `SELECT min(happened_on) AS first, max(happened_on) AS last FROM transfers
         WHERE kind IN ('pay', 'bounce', 'refund') AND recorded_at <= $1`,
        [tx.at],
      );
      const { first, last } = days!;
      const funds = await tx.query<{ id: string; name: string }>(
        'SELECT id, name FROM funds ORDER BY starts_on DESC, id',
      );
      return { paid: first && last ? { first, last } : null, funds };
    });
  }

  private read(actor: Actor, query: DisbursedQuery, sets: GroupKey[][]) {
    checkDisbursedQuery(query);
    return this.db.write(onDuty('figures', actor.userId), async (tx) => {
      await checkChoices(tx, query);
      const asOf = query.asOf ?? tx.at.toISOString();
      const sums = await sumsOf(tx, { ...query, asOf: new Date(asOf) }, sets);
      tx.audit('report.read', 'report', null, { report: 'disbursed', ...query, asOf, groupBy: sets.at(-1) });
      return { asOf, sums };
    });
  }
}

/** Zeros for a fund that does not exist would look like an answer. */
async function checkChoices(tx: Tx, { fundId, organisationId }: DisbursedQuery): Promise<void> {
  const [known] = await tx.query<{ fund: boolean; organisation: boolean }>(
    `SELECT $1::uuid IS NULL OR EXISTS (SELECT 1 FROM funds WHERE id = $1) AS fund,
            $2::uuid IS NULL OR EXISTS (SELECT 1 FROM organisations WHERE id = $2) AS organisation`,
    [fundId ?? null, organisationId ?? null],
  );
  const faults = [
    ...(known!.fund ? [] : [{ path: 'fundId', code: 'choice' }]),
    ...(known!.organisation ? [] : [{ path: 'organisationId', code: 'choice' }]),
  ];
  if (faults.length > 0) throw invalid(...faults);
}
