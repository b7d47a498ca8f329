import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { addDays } from '../kernel/calendar.js';
import { absent, conflict } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { PeopleQueries } from '../people/index.js';
import { Db, pgFault, type Once, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { pageOf, type Page } from '../platform/pages.js';
import type {
  DeletionAnswer,
  DeletionQuery,
  DeletionStatus,
  DeletionView,
  NewDeletion,
} from './deletion.dto.js';
import { asForgetter, ForgettingService } from './forgetting.service.js';

/** A person who asks is answered within so many days, and again after a deferral. */
const ANSWER_DAYS = 30;

/** People who ask to be forgotten: their member writes it down, an administrator answers (privacy, points 8 and 12). */
@Injectable()
export class DeletionService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly people: PeopleQueries,
    private readonly forgetting: ForgettingService,
  ) {}

  /**
   * Writes down that a person of the actor's own organisation asks to be forgotten.
   * @throws DomainError `resource.absent`; `record.forgotten`; `deletion.asked_already` while an answer is due
   */
  async record(actor: Actor, personId: string, { asked }: NewDeletion, once: Once): Promise<DeletionView> {
    try {
      return await this.db.write(
        actor,
        async (tx) => {
          const code = await this.codeOf(tx, personId);
          await this.vault.keyOf(tx.orm, personId);
          const id = newId();
          await tx.query(
            `INSERT INTO deletion_requests (id, person_id, organisation_id, code, asked, status, due_on, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8)`,
            [
              id,
              personId,
              actor.organisationId,
              code,
              asked,
              addDays(tx.today, ANSWER_DAYS),
              actor.userId,
              tx.at,
            ],
          );
          tx.audit('deletion.asked', 'person', personId, { code, deletionId: id });
          return one(tx, id);
        },
        once,
      );
    } catch (error) {
      if (pgFault(error).constraint === 'deletion_requests_one_waiting')
        throw conflict('deletion.asked_already');
      throw error;
    }
  }

  /** Those that this actor sees (an organisation's own, or all), what waits for an answer first, and the newest of each. */
  list(actor: Actor, { status, cursor, limit }: DeletionQuery): Promise<Page<DeletionView>> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<DeletionRow>(
        `${DELETIONS} WHERE ($1::text IS NULL OR d.status = $1) AND ($2::uuid IS NULL
           OR (${waits('d')}, d.id) < (SELECT ${waits('c')}, c.id FROM deletion_requests c WHERE c.id = $2))
         ORDER BY ${waits('d')} DESC, d.id DESC LIMIT $3`,
        [status ?? null, cursor ?? null, limit + 1],
      );
      return pageOf(rows.map(viewOf), limit);
    });
  }

  /** The code of a person of one's own and what they asked before, newest first. @throws DomainError `resource.absent` */
  ofPerson(actor: Actor, personId: string): Promise<{ code: string; asked: DeletionView[] }> {
    return this.db.read(actor, async (tx) => ({
      code: await this.codeOf(tx, personId),
      asked: (
        await tx.query<DeletionRow>(`${DELETIONS} WHERE d.person_id = $1 ORDER BY d.id DESC LIMIT 20`, [
          personId,
        ])
      ).map(viewOf),
    }));
  }

  /** How many wait for an answer: those that nobody answered, and those put off until today or before. */
  countWaiting(actor: Actor): Promise<number> {
    return this.db.read(actor, async (tx) => {
      const [row] = await tx.query<{ count: number }>(
        `SELECT count(*) FROM deletion_requests WHERE status = 'open' OR status = 'deferred' AND due_on <= $1`,
        [tx.today],
      );
      return row!.count;
    });
  }

  /**
   * Forgets the person at once.
   * @throws DomainError `resource.absent`; `deletion.decided` when somebody answered already; `forgetting.legal_hold`,
   * `forgetting.open_money`, which stand above the wish; `record.forgotten` when the time came meanwhile
   */
  grant(actor: Actor, id: string, once: Once): Promise<DeletionView> {
    return this.db.write(
      asForgetter(actor),
      async (tx) => {
        const { personId } = await decide(tx, id, 'done');
        await this.forgetting.asked(tx, personId);
        return one(tx, id);
      },
      once,
    );
  }

  /** Leaves it as it is, with a reason that the member tells the person. Errors as `grant`. */
  refuse(actor: Actor, id: string, { reason }: DeletionAnswer, once: Once): Promise<DeletionView> {
    return this.answer(actor, id, 'refused', reason, once);
  }

  /** Puts the answer off by 30 days, with a reason. Errors as `grant`. */
  defer(actor: Actor, id: string, { reason }: DeletionAnswer, once: Once): Promise<DeletionView> {
    return this.answer(actor, id, 'deferred', reason, once);
  }

  private answer(
    actor: Actor,
    id: string,
    status: DeletionStatus,
    reason: string,
    once: Once,
  ): Promise<DeletionView> {
    return this.db.write(
      actor,
      async (tx) => {
        await decide(tx, id, status, reason);
        return one(tx, id);
      },
      once,
    );
  }

  private async codeOf(tx: Tx, personId: string): Promise<string> {
    const code = (await this.people.codesOf(tx, [personId])).get(personId);
    if (!code) throw absent();
    return code;
  }
}

const waits = (deletion: string): string => `${deletion}.status IN ('open', 'deferred')`;

type DeletionRow = Omit<DeletionView, 'recordedAt' | 'decidedAt'> & {
  recordedAt: Date;
  decidedAt: Date | null;
};

const DELETIONS = `
  SELECT d.id, d.person_id AS "personId", d.code, d.asked, d.status, d.reason, d.due_on AS "dueOn",
         o.name AS "organisationName", d.recorded_at AS "recordedAt", d.decided_at AS "decidedAt"
  FROM deletion_requests d JOIN organisations o ON o.id = d.organisation_id`;

const viewOf = ({ recordedAt, decidedAt, ...view }: DeletionRow): DeletionView => ({
  ...view,
  recordedAt: recordedAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
});

async function one(tx: Tx, id: string): Promise<DeletionView> {
  const [row] = await tx.query<DeletionRow>(`${DELETIONS} WHERE d.id = $1`, [id]);
  if (!row) throw absent();
  return viewOf(row);
}

/** Writes the answer down, once: two who answer at the same moment come one after the other, and the second is told. */
async function decide(tx: Tx, id: string, status: DeletionStatus, reason?: string): Promise<DeletionView> {
  const asked = await one(tx, id);
  const decided = await tx.query(
    `UPDATE deletion_requests SET status = $2, reason = $3, decided_by = $4, decided_at = $5,
            due_on = CASE WHEN $2 = 'deferred' THEN $6::date ELSE due_on END
     WHERE id = $1 AND status IN ('open', 'deferred') AND decided_at IS NOT DISTINCT FROM $7 RETURNING 1`,
    [id, status, reason ?? null, tx.actor.userId, tx.at, addDays(tx.today, ANSWER_DAYS), asked.decidedAt],
  );
  if (decided.length === 0) throw conflict('deletion.decided');
  tx.audit(`deletion.${status}`, 'person', asked.personId, { code: asked.code, deletionId: id, reason });
  return asked;
}
