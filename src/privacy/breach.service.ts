import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import { absent, conflict, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { given } from '../platform/fields.js';
import type { BreachChange, NewBreach, NewReport, ReportKind } from './breach.dto.js';
import { itemsPlace } from './breach.queries.js';
import type { ExposureFilter } from './exposure.dto.js';
import { checkFilter, ExposureQueries } from './exposure.queries.js';

interface OpenBreach {
  filter: ExposureFilter;
  awareOn: Day;
  malicious: boolean;
  firstReportedOn: Day | null;
  finalReportedOn: Day | null;
}

/** Opens a breach, writes its two reports, and closes it when both were handed in (privacy, point 9). */
@Injectable()
export class BreachService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly exposure: ExposureQueries,
  ) {}

  /**
   * Opens a breach and gives its id; from the day of awareness the law's clock runs.
   * @throws DomainError `input.invalid` (`filterNeeded`, `periodBackwards`; `dayFuture` on `awareOn`)
   */
  open(actor: Actor, { filter, awareOn, malicious = false }: NewBreach, once: Once): Promise<{ id: string }> {
    checkFilter(filter);
    return this.db.write(
      actor,
      async (tx) => {
        notToCome(tx, { awareOn });
        const id = newId();
        await this.vault.createKey(tx.orm, id, null);
        await tx.query(
          `INSERT INTO breaches (id, filter, aware_on, malicious, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5, $6)`,
          [id, given(filter), awareOn, malicious, actor.userId, tx.at],
        );
        tx.audit('breach.opened', 'breach', id, { ...given(filter), awareOn, malicious });
        return { id };
      },
      once,
    );
  }

  /**
   * Corrects since when the network knows, whether there was bad intent, and when the persons were told.
   * @throws DomainError `resource.absent`; `breach.closed`; `input.invalid` (`dayFuture`, `beforeAware`)
   */
  change(
    actor: Actor,
    id: string,
    { malicious = false, ...change }: BreachChange,
    once: Once,
  ): Promise<null> {
    return this.db.write(
      actor,
      async (tx) => {
        const before = await lock(tx, id);
        const { awareOn, toldOn } = change;
        notToCome(tx, { awareOn, toldOn });
        const faults: FieldFault[] = [];
        if (toldOn && toldOn < awareOn) faults.push({ path: 'toldOn', code: 'beforeAware' });
        if (before.firstReportedOn && before.firstReportedOn < awareOn)
          faults.push({ path: 'awareOn', code: 'afterReport' });
        if (faults.length > 0) throw invalid(...faults);
        await tx.query('UPDATE breaches SET aware_on = $2, malicious = $3, told_on = $4 WHERE id = $1', [
          id,
          awareOn,
          malicious,
          toldOn ?? null,
        ]);
        tx.audit('breach.changed', 'breach', id, {
          before: { awareOn: before.awareOn, malicious: before.malicious },
          after: { awareOn, malicious, toldOn: toldOn ?? null },
        });
        return null;
      },
      once,
    );
  }

  /**
   * Keeps what was written for a report beside all earlier savings, with what the log shows now, and with
   * `reportedOn` also that it was handed in. Gives the id of the saving.
   * @throws DomainError `resource.absent`; `breach.closed`; `breach.meanwhile` when somebody saved since `basedOn`;
   * `breach.reported` when it was handed in before; `breach.first_missing` for a final report before the first;
   * `input.invalid` at `reportedOn` (`dayFuture`, `beforeAware`, `beforeFirst`)
   */
  report(
    actor: Actor,
    { id, kind }: { id: string; kind: ReportKind },
    input: NewReport,
    once: Once,
  ): Promise<{ id: string }> {
    return this.db.write(
      actor,
      async (tx) => {
        const breach = await lock(tx, id);
        const { items, basedOn, reportedOn } = input;
        await nothingMeanwhile(tx, { id, kind }, basedOn);
        if (reportedOn) mayBeHandedIn(tx, breach, kind, reportedOn);
        const reportId = newId();
        const { people, fields } = await this.exposure.exposed(tx, breach.filter, { limit: 1 });
        const key = await this.vault.keyOf(tx.orm, id);
        const sealed = key.seal(JSON.stringify(given(items)), itemsPlace(reportId));
        await tx.query(
          `INSERT INTO breach_reports (id, breach_id, kind, items, people, fields, actor_id, recorded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [reportId, id, kind, sealed, people, fields, actor.userId, tx.at],
        );
        tx.audit('breach.written', 'breach', id, { reportId, report: kind, count: people });
        if (reportedOn) await handIn(tx, { id, kind, reportId, reportedOn });
        return { id: reportId };
      },
      once,
    );
  }

  /** Ends it. @throws DomainError `resource.absent`; `breach.closed`; `breach.unreported` without both reports */
  close(actor: Actor, id: string, once: Once): Promise<null> {
    return this.db.write(
      actor,
      async (tx) => {
        const { firstReportedOn, finalReportedOn } = await lock(tx, id);
        if (!firstReportedOn || !finalReportedOn) throw conflict('breach.unreported');
        await tx.query('UPDATE breaches SET closed_at = $2, closed_by = $3 WHERE id = $1', [
          id,
          tx.at,
          actor.userId,
        ]);
        tx.audit('breach.closed', 'breach', id);
        return null;
      },
      once,
    );
  }
}

/** An open breach, kept from others until the transaction ends. A closed one can no longer be locked by anybody. */
async function lock(tx: Tx, id: string): Promise<OpenBreach> {
  const [open] = await tx.query<OpenBreach>(
    `SELECT filter, aware_on AS "awareOn", malicious, first_reported_on AS "firstReportedOn",
            final_reported_on AS "finalReportedOn" FROM breaches WHERE id = $1 FOR UPDATE`,
    [id],
  );
  if (open) return open;
  const known = await tx.query('SELECT 1 FROM breaches WHERE id = $1', [id]);
  throw known.length > 0 ? conflict('breach.closed') : absent();
}

function notToCome(tx: Tx, days: Record<string, Day | undefined>): void {
  const faults = Object.entries(days).filter(([, day]) => day && day > tx.today);
  if (faults.length > 0) throw invalid(...faults.map(([path]) => ({ path, code: 'dayFuture' })));
}

async function nothingMeanwhile(
  tx: Tx,
  { id, kind }: { id: string; kind: ReportKind },
  basedOn: string | undefined,
): Promise<void> {
  const [newest] = await tx.query<{ id: string }>(
    'SELECT id FROM breach_reports WHERE breach_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1',
    [id, kind],
  );
  if (newest?.id !== basedOn) throw conflict('breach.meanwhile');
}

function mayBeHandedIn(tx: Tx, breach: OpenBreach, kind: ReportKind, reportedOn: Day): void {
  const { awareOn, firstReportedOn } = breach;
  if (breach[`${kind}ReportedOn`]) throw conflict('breach.reported');
  if (kind === 'final' && !firstReportedOn) throw conflict('breach.first_missing');
  notToCome(tx, { reportedOn });
  if (reportedOn < awareOn) throw invalid({ path: 'reportedOn', code: 'beforeAware' });
  if (kind === 'final' && reportedOn < firstReportedOn!)
    throw invalid({ path: 'reportedOn', code: 'beforeFirst' });
}

const HAND_IN: Record<ReportKind, string> = {
  first: 'UPDATE breaches SET first_report_id = $2, first_reported_on = $3 WHERE id = $1',
  final: 'UPDATE breaches SET final_report_id = $2, final_reported_on = $3 WHERE id = $1',
};

async function handIn(
  tx: Tx,
  { id, kind, reportId, reportedOn }: { id: string; kind: ReportKind; reportId: string; reportedOn: Day },
): Promise<void> {
  await tx.query(HAND_IN[kind], [id, reportId, reportedOn]);
  tx.audit('breach.reported', 'breach', id, { reportId, report: kind, on: reportedOn });
}
