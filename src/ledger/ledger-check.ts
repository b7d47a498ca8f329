import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Views } from '../access/index.js';
import { onDuty, type Actor } from '../kernel/actor.js';
import { newId } from '../kernel/ids.js';
import { Clock } from '../platform/clock.js';
import { Db, type Tx } from '../platform/db.js';
import { Jobs } from '../platform/jobs.js';
import { verify, type Difference, type Verification } from './verify.js';

/** One verification of the books, as it was kept. */
export interface KeptCheck {
  id: string;
  checkedAt: Date;
  transfers: number;
  differences: Difference[];
}

const NIGHT_MS = 24 * 3_600_000;

/** Verifies the books every night and when asked, keeps what was found, and raises the alarm. */
@Injectable()
export class LedgerCheck implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly views: Views,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.nightly('ledger.verify', async () => void (await this.run()));
    this.views.addAlarm({
      href: '/ledger/checks',
      words: 'ledger:alarm',
      action: 'ledger.checks',
      rings: (actor) => this.rings(actor),
    });
    // A process that starts catches up on the night that it slept through.
    this.jobs.onStart(async () => {
      const [last] = await this.latest(onDuty('figures'), 1);
      if (!last || this.ageMs(last) > NIGHT_MS) await this.run();
    });
  }

  /** Something did not agree when the books were verified last, or that was nights ago. */
  private async rings(actor: Actor): Promise<boolean> {
    const [last] = await this.latest(actor, 1);
    return last !== undefined && (last.differences.length > 0 || this.ageMs(last) > 2 * NIGHT_MS);
  }

  private ageMs({ checkedAt }: KeptCheck): number {
    return this.clock.now().getTime() - checkedAt.getTime();
  }

  /** Verifies all of the books now (`verify`) and keeps the outcome; one without differences ends the alarm. */
  async run(): Promise<Verification> {
    const duty = onDuty('figures');
    const found = await this.db.read(duty, verify);
    await this.db.write(duty, (tx) => this.keep(tx, found));
    return found;
  }

  /** The last checks, the newest first. */
  latest(actor: Actor, limit: number): Promise<KeptCheck[]> {
    return this.db.read(actor, (tx) =>
      tx.query<KeptCheck>(
        `SELECT id, checked_at AS "checkedAt", transfers, differences FROM ledger_checks ORDER BY id DESC LIMIT $1`,
        [limit],
      ),
    );
  }

  private async keep(tx: Tx, { transfers, differences }: Verification): Promise<void> {
    const id = newId();
    await tx.query(
      'INSERT INTO ledger_checks (id, checked_at, transfers, differences) VALUES ($1, $2, $3, $4)',
      [id, tx.at, transfers, JSON.stringify(differences)],
    );
    tx.audit('ledger.verified', 'ledger_check', id, { transfers, differences: differences.length });
  }
}
