import { Injectable } from '@nestjs/common';
import { may } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { pageOf, type Page } from '../platform/pages.js';
import type { MoveFacts, MovedMoney } from './move-rule.js';
import type { MovesQuery, MoveView } from './moves.dto.js';

interface LineMoves {
  id: string;
  allocated: number;
  givenBack: number;
  movedOut: number;
  movedIn: number;
}

/** Reads of moves between budget lines and funds. */
@Injectable()
export class MovesQueries {
  constructor(private readonly db: Db) {}

  /** The moves of a state, of a fund, or all, the newest first. */
  list(actor: Actor, query: MovesQuery): Promise<Page<MoveView>> {
    return this.db.read(actor, (tx) => this.listIn(tx, query));
  }

  async listIn(tx: Tx, { status, fundId, cursor, limit }: MovesQuery): Promise<Page<MoveView>> {
    const parameters = [status ?? null, fundId ?? null, cursor ?? null, limit + 1];
    return pageOf(await tx.query<MoveView>(listOfMoves, parameters), limit);
  }

  /** The last moves that no longer wait, the newest decision first. */
  decided(tx: Tx, limit: number): Promise<MoveView[]> {
    return tx.query<MoveView>(
      `${move} WHERE m.status <> 'waiting' ORDER BY m.decided_at DESC, m.id DESC LIMIT $1`,
      [limit],
    );
  }

  /** @throws DomainError `resource.absent` */
  async view(tx: Tx, id: string): Promise<MoveView> {
    const [view] = await tx.query<MoveView>(`${move} WHERE m.id = $1`, [id]);
    if (!view) throw absent();
    return view;
  }

  /** How many moves wait for this actor: asked by others, while the actor may agree. */
  async waitingFor(actor: Actor): Promise<number> {
    if (!may(actor, 'moves.agree')) return 0;
    return this.db.read(actor, async (tx) => {
      const [row] = await tx.query<{ count: number }>(
        `SELECT count(*) FROM budget_moves WHERE status = 'waiting' AND asked_by <> $1`,
        [actor.userId],
      );
      return row!.count;
    });
  }

  /**
   * What the rule on moves asks of a move from one line to another (or to unallocated). The fund is locked, so that
   * nobody moves anything meanwhile.
   */
  async factsOf(
    tx: Tx,
    fundId: string,
    fromLineId: string,
    toLineId: string | null,
  ): Promise<Omit<MoveFacts, 'amount'>> {
    const lines = await tx.query<LineMoves>(movedByLine, [fundId]);
    const out = (line: LineMoves): MovedMoney => ({
      allocated: line.allocated,
      moved: line.givenBack + line.movedOut,
    });
    const source = lines.find(({ id }) => id === fromLineId)!;
    const target = lines.find(({ id }) => id === toLineId);
    return {
      source: out(source),
      target: target ? { allocated: target.allocated, moved: target.movedIn } : null,
      total: lines.map(out).reduce((sum, line) => ({
        allocated: sum.allocated + line.allocated,
        moved: sum.moved + line.moved,
      })),
    };
  }
}

const move = `
  SELECT m.id, m.fund_id AS "fundId", m.from_line_id AS "fromLineId", m.to_fund_id AS "toFundId",
         m.to_line_id AS "toLineId", m.amount, m.reason, m.status, m.needs_second AS "needsSecond",
         a.name AS "askedBy", m.asked_by AS "askedById", m.asked_at AS "askedAt",
         d.name AS "decidedBy", m.decided_at AS "decidedAt", m.transfer_id AS "transferId"
  FROM budget_moves m JOIN users a ON a.id = m.asked_by LEFT JOIN users d ON d.id = m.decided_by`;
const listOfMoves = `
  ${move}
  WHERE ($1::text IS NULL OR m.status = $1) AND ($2::uuid IS NULL OR $2 IN (m.fund_id, m.to_fund_id))
    AND ($3::uuid IS NULL OR m.id < $3)
  ORDER BY m.id DESC LIMIT $4`;

// An allocation is posted about its line and a move about itself, so a line's own transfers are its allocations alone.
const movedByLine = `
  SELECT l.id, coalesce(t.given - t.back, 0)::bigint AS allocated, coalesce(t.back, 0)::bigint AS "givenBack",
         (SELECT coalesce(sum(m.amount), 0) FROM budget_moves m
          WHERE m.from_line_id = l.id AND m.status = 'done' AND NOT m.needs_second)::bigint AS "movedOut",
         (SELECT coalesce(sum(m.amount), 0) FROM budget_moves m
          WHERE m.to_line_id = l.id AND m.status = 'done' AND NOT m.needs_second)::bigint AS "movedIn"
  FROM budget_lines l CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE kind = 'allocate'), 0) AS given,
           coalesce(sum(amount) FILTER (WHERE kind = 'give_back'), 0) AS back
    FROM transfers WHERE subject_id = l.id AND kind IN ('allocate', 'give_back')) t
  WHERE l.fund_id = $1`;
