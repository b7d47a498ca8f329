import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { pageOf, type Page } from '../platform/pages.js';
import type { HoldKind, HoldsQuery, HoldView, LiftedHold, NewHold } from './holds.dto.js';

/** Legal holds: what must be kept for now stops the clock of retention, and deletion too (privacy, point 8). */
@Injectable()
export class HoldsService {
  constructor(private readonly db: Db) {}

  /** The holds that stand, or all of them, newest first. */
  list(actor: Actor, { lifted, cursor, limit }: HoldsQuery): Promise<Page<HoldView>> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<HoldRow>(
        `${HOLDS} WHERE ($1 OR h.lifted_at IS NULL) AND ($2::uuid IS NULL OR h.id < $2) ORDER BY h.id DESC LIMIT $3`,
        [lifted, cursor ?? null, limit + 1],
      );
      return pageOf(rows.map(viewOf), limit);
    });
  }

  /**
   * Holds a person, a case or all of a member, by its code, from now on. What was forgotten already is gone: a hold comes
   * before a forgetting or after it, never in between.
   * @throws DomainError `input.invalid` at `code` (`codeUnknown`)
   */
  place(actor: Actor, { code, reason }: NewHold, once: Once): Promise<HoldView> {
    return this.db.write(
      actor,
      async (tx) => {
        const [subject] = await tx.query<{ kind: HoldKind; id: string }>(
          'SELECT kind, id FROM subject_of_code($1)',
          [code],
        );
        if (!subject) throw invalid({ path: 'code', code: 'codeUnknown' });
        const id = newId();
        await tx.query(
          `INSERT INTO legal_holds (id, ${subject.kind}_id, code, reason, placed_by, placed_at)
           VALUES ($1, $2, $3, $4, $5, $6)`,
          [id, subject.id, code, reason, actor.userId, tx.at],
        );
        tx.audit('hold.placed', subject.kind, subject.id, { code, holdId: id, reason });
        return one(tx, id);
      },
      once,
    );
  }

  /** Lets the clock run again. @throws DomainError `resource.absent`; `hold.lifted` when somebody did already */
  lift(actor: Actor, id: string, { reason }: LiftedHold, once: Once): Promise<HoldView> {
    return this.db.write(
      actor,
      async (tx) => {
        const { kind, subjectId, code } = await rowOf(tx, id);
        const lifted = await tx.query(
          `UPDATE legal_holds SET lift_reason = $2, lifted_by = $3, lifted_at = $4
           WHERE id = $1 AND lifted_at IS NULL RETURNING 1`,
          [id, reason, actor.userId, tx.at],
        );
        if (lifted.length === 0) throw conflict('hold.lifted');
        tx.audit('hold.lifted', kind, subjectId, { code, holdId: id, reason });
        return one(tx, id);
      },
      once,
    );
  }
}

type HoldRow = Omit<HoldView, 'placedAt' | 'liftedAt'> & {
  placedAt: Date;
  liftedAt: Date | null;
  subjectId: string;
};

const HOLDS = `
  SELECT h.id, CASE WHEN h.person_id IS NOT NULL THEN 'person' WHEN h.case_id IS NOT NULL THEN 'case'
                    ELSE 'organisation' END AS kind, coalesce(h.person_id, h.case_id, h.organisation_id) AS "subjectId",
         h.code, h.reason, p.name AS "placedBy", h.placed_at AS "placedAt", h.lift_reason AS "liftReason",
         l.name AS "liftedBy", h.lifted_at AS "liftedAt"
  FROM legal_holds h JOIN users p ON p.id = h.placed_by LEFT JOIN users l ON l.id = h.lifted_by`;

const viewOf = (row: HoldRow): HoldView => {
  const { id, kind, code, reason, placedBy, placedAt, liftReason, liftedBy, liftedAt } = row;
  const moments = { placedAt: placedAt.toISOString(), liftedAt: liftedAt?.toISOString() ?? null };
  return { id, kind, code, reason, placedBy, liftReason, liftedBy, ...moments };
};

async function rowOf(tx: Tx, id: string): Promise<HoldRow> {
  const [row] = await tx.query<HoldRow>(`${HOLDS} WHERE h.id = $1`, [id]);
  if (!row) throw absent();
  return row;
}

const one = async (tx: Tx, id: string): Promise<HoldView> => viewOf(await rowOf(tx, id));
