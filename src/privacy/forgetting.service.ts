import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ImportsService } from '../imports/index.js';
import { onDuty, type Actor } from '../kernel/actor.js';
import { conflict } from '../kernel/errors.js';
import { Db, pgFault, type Tx } from '../platform/db.js';
import { FileStore } from '../platform/files.js';
import { Jobs } from '../platform/jobs.js';
import { Runtime } from '../platform/runtime.js';
import type { RetentionKind } from './retention.dto.js';
import { currentRules } from './retention.service.js';
import { TombstoneFile, type Tombstone } from './tombstone-file.js';

type Why = 'retention' | 'asked' | 'restored';

/** What was forgotten. A draft goes as a whole, often without a key of its own, so no tombstone stands for it. */
type ForgottenKind = Tombstone['kind'] | 'draft';

/** Which function forgets what is due. */
const FUNCTIONS: Record<RetentionKind, string> = {
  case: 'forget_case',
  person: 'forget_person',
  request: 'forget_request',
  draft: 'forget_request',
  evidence: 'forget_files',
  voucher: 'forget_files',
};
/** The same for what a tombstone names. */
const AGAIN: Record<Tombstone['kind'], string> = {
  person: 'forget_person',
  case: 'forget_case',
  request: 'forget_request',
  attachment: 'forget_file',
};

const NIGHT = 'forgetting.night';
const BURY = 'forgetting.bury';
/** Tombstones that are compared with the database at a time. */
const BATCH = 100;

interface Due {
  id: string;
  kind: RetentionKind;
}

/**
 * Forgets (privacy, point 8): destroys the data key, empties what it sealed, takes the person out of the index. Money,
 * categories, days, counts and codes stay. PostgreSQL refuses where a legal hold or open money stands against it.
 */
@Injectable()
export class ForgettingService implements OnModuleInit {
  private readonly log = new Logger('Forgetting');

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly files: FileStore,
    private readonly runtime: Runtime,
    private readonly tombstones: TombstoneFile,
    private readonly imports: ImportsService,
  ) {}

  onModuleInit(): void {
    this.jobs.nightly(NIGHT, async () => void (await this.night()));
    this.jobs.handle(BURY, ({ payload }) => this.bury(payload.tombstones as Tombstone[]));
    this.jobs.onStart(async () => void (await this.again()));
  }

  /**
   * Forgets everything whose time has come, one after another; gives how many things went. It may be killed anywhere
   * and run again, or twice at once: what is done is done, and the rest is still due.
   * @throws Error at its end, when something could not be forgotten; everything else was
   */
  async night(): Promise<number> {
    let gone = 0;
    let failed = 0;
    for (const due of await this.due()) {
      const done = await this.forgetDue(due).catch((error: unknown) => this.leave(due, error));
      if (done === null) failed += 1;
      else if (done) gone += 1;
    }
    await this.buryMissed();
    await this.endOldAccess();
    await this.imports.dropOldFiles();
    if (failed > 0) throw new Error(`${failed} things whose time has come could not be forgotten`);
    return gone;
  }

  /**
   * Forgets a person who asked for it, now, within the caller's transaction, and the cases in which nobody else is left.
   * @throws DomainError `forgetting.legal_hold`, `forgetting.open_money`, `forgetting.vouchers` (files that have
   * no key of their own yet); `record.forgotten` when it was done before
   */
  async asked(tx: Tx, personId: string): Promise<void> {
    try {
      if (!(await forget(tx, 'forget_person', personId, 'asked'))) throw conflict('record.forgotten');
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }

  /**
   * Forgets again what a restored backup brought back, by the tombstones beside the keyring; gives how many things went.
   * It runs whenever a process starts to work, and after a restore.
   */
  async again(): Promise<number> {
    let gone = 0;
    const buried = await this.tombstones.read();
    for (let from = 0; from < buried.length; from += BATCH) {
      const some = buried.slice(from, from + BATCH);
      const back = await this.db.read(FORGETTER, (tx) =>
        tx.query<{ id: string }>('SELECT owner_id AS id FROM data_keys WHERE owner_id = ANY($1)', [
          some.map(({ id }) => id),
        ]),
      );
      const ids = new Set(back.map(({ id }) => id));
      for (const { id, kind } of some.filter((one) => ids.has(one.id))) {
        const done = await this.db.write(FORGETTER, (tx) => forget(tx, AGAIN[kind], id, 'restored'));
        if (done) gone += 1;
      }
    }
    return gone;
  }

  /** Writes tombstones and takes the files away, after the commit; run twice it comes to the same. */
  private async bury(tombstones: Tombstone[]): Promise<void> {
    await this.tombstones.add(tombstones);
    for (const { id, kind } of tombstones) if (kind === 'attachment') await this.files.remove(id);
  }

  /** A disk that was full for longer than a job tries, or a folder that could not be written, must not lose any of them. */
  private async buryMissed(): Promise<void> {
    const all = await this.db.read(FORGETTER, (tx) =>
      tx.query<Tombstone>(
        'SELECT DISTINCT ON (owner_id) owner_id AS id, kind FROM forgotten ORDER BY owner_id',
      ),
    );
    await this.tombstones.add(all);
  }

  /** All that is due, by id, looked for once a night; each is forgotten in a transaction of its own. */
  private due(): Promise<Due[]> {
    return this.db.read(FORGETTER, (tx) =>
      tx.query<Due>(
        'SELECT kind, id FROM retention_due($1, $2) WHERE hold IS NULL AND NOT money_open ORDER BY kind, id',
        [this.runtime.settings.TIMEZONE, tx.today],
      ),
    );
  }

  /** One of them. What was held, or asked money for, since it was looked at is left for another night. */
  private async forgetDue({ id, kind }: Due): Promise<boolean> {
    try {
      return await this.db.write(FORGETTER, (tx) => forget(tx, FUNCTIONS[kind], id, 'retention'));
    } catch (error) {
      if (!refusalOf(error)) throw error;
      this.log.log(`A ${kind} was kept back at the last moment`);
      return false;
    }
  }

  /** One that fails keeps nobody else waiting; the log of the process says which. */
  private leave({ kind, id }: Due, error: unknown): null {
    const { code, constraint } = pgFault(error);
    this.log.error(
      `The ${kind} ${id} could not be forgotten: ${constraint ?? code ?? (error as Error).name}`,
    );
    return null;
  }

  /** Sessions, links and attempts that ran out say nothing to anybody any more. */
  private async endOldAccess(): Promise<void> {
    const { sessionDays } = await this.db.read(FORGETTER, (tx) => currentRules(tx));
    await this.db.write(onDuty('gate'), async (tx) => {
      const before = new Date(tx.at.getTime() - sessionDays * DAY_MS);
      await tx.query('DELETE FROM sessions WHERE expires_at < $1', [before]);
      await tx.query('DELETE FROM one_time_links WHERE expires_at < $1', [before]);
      await tx.query('DELETE FROM attempts WHERE at < $1', [before]);
    });
  }
}

const DAY_MS = 86_400_000;
const FORGETTER = onDuty('forgetter');

/** The same actor, with the right to forget for a moment. */
export const asForgetter = (actor: Actor): Actor => ({ ...actor, duties: ['forgetter'] });

async function forget(tx: Tx, by: string, id: string, why: Why): Promise<boolean> {
  const gone = await tx.query<{ kind: ForgottenKind; owner: string }>(
    `SELECT kind, owner FROM ${by}($1, $2, $3)`,
    [id, why, tx.at],
  );
  for (const { kind, owner } of gone) tx.audit(`forgetting.${why}`, subjectOf(kind), owner, { kind });
  const tombstones = gone.flatMap(({ kind, owner }) => (kind === 'draft' ? [] : [{ id: owner, kind }]));
  if (tombstones.length > 0) tx.emit(BURY, { tombstones });
  return gone.length > 0;
}

const subjectOf = (kind: ForgottenKind): string =>
  kind === 'draft' || kind === 'attachment' ? 'request' : kind;

const REFUSALS: Record<string, string> = {
  data_keys_held: 'forgetting.legal_hold',
  data_keys_money_open: 'forgetting.open_money',
  data_keys_seal_vouchers: 'forgetting.vouchers',
};

/** What PostgreSQL refused, as people are told it; null for any other error. */
function refusalOf(error: unknown) {
  const code = REFUSALS[pgFault(error).constraint ?? ''];
  return code ? conflict(code) : null;
}
