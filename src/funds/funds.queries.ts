import { Injectable } from '@nestjs/common';
import { onDuty, type Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { LedgerQueries, type LineBalance } from '../ledger/index.js';
import { Db, type Tx } from '../platform/db.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import { outstanding } from './contributions.queries.js';
import type { BudgetLineView, FundEventView, FundLineView, FundView } from './funds.dto.js';
import { narrowestFirst, unfitOf, type LineNeed, type LineTerms, type PaymentNeed } from './line-fit.js';

/** A budget line as those who decide on its money need it: its fund, its period, and what it holds in yen. */
export interface LineFacts extends LineBalance, LineTerms {
  id: string;
  fundId: string;
  fundName: string;
  fundCode: string;
}

/** A fund as it is named, and what no line of it has, in yen. */
export interface FundName {
  id: string;
  name: string;
  unallocated: number;
}

type FundRow = Omit<FundView, 'unallocated' | 'lines' | 'closedAt'> & { closedAt: Date | null };
type LineRow = Omit<LineFacts, keyof LineBalance>;
const NOTHING: LineBalance = { available: 0, committed: 0, spent: 0 };

/** Reads of the funds. */
@Injectable()
export class FundsQueries {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerQueries,
  ) {}

  /** All funds with their budget lines, the newest first. */
  async list(actor: Actor, query: PageQuery): Promise<Page<FundView>> {
    const pending = await this.pending(actor);
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<FundRow>(listOfFunds, [query.cursor ?? null, query.limit + 1]);
      const { items, nextCursor } = pageOf(rows, query.limit);
      return { items: await this.viewsOf(tx, items, pending), nextCursor };
    });
  }

  /** One fund. @throws DomainError `resource.absent` */
  async one(actor: Actor, id: string): Promise<FundView> {
    const pending = await this.pending(actor);
    return this.db.read(actor, (tx) => this.view(tx, id, pending));
  }

  /** One fund, with what `pending` says of its lines. @throws DomainError `resource.absent` */
  async view(tx: Tx, id: string, pending: Map<string, number>): Promise<FundView> {
    const [view] = await this.viewsOf(tx, await tx.query<FundRow>(oneFund, [id]), pending);
    if (!view) throw absent();
    return view;
  }

  /** What was done to a fund beside its money, the newest first. @throws DomainError `resource.absent` */
  events(actor: Actor, fundId: string, { cursor, limit }: PageQuery): Promise<Page<FundEventView>> {
    return this.db.read(actor, async (tx) => {
      if ((await tx.query('SELECT 1 FROM funds WHERE id = $1', [fundId])).length === 0) throw absent();
      return pageOf(await tx.query<FundEventView>(eventsOfFund, [fundId, cursor ?? null, limit + 1]), limit);
    });
  }

  /** The open funds by name, for choosing one, with what they have unallocated. */
  async names(tx: Tx, ids: readonly string[] | null = null): Promise<FundName[]> {
    const rows = await tx.query<Omit<FundName, 'unallocated'>>(namesOfFunds, [ids]);
    const { unallocated } = await this.ledger.balancesOf(
      tx,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({ ...row, unallocated: unallocated.get(row.id) ?? 0 }));
  }

  /**
   * The budget lines that could pay for this on a day: those of open funds whose period holds the day and whose
   * rules allow it, in the order of `narrowestFirst`. Without a prefecture it is not asked where somebody lives.
   */
  async eligibleLines(tx: Tx, need: PaymentNeed): Promise<LineFacts[]> {
    const { purpose, category, on } = need;
    const rows = await tx.query<LineRow>(eligibleLines, [purpose, category, on]);
    const fit = rows.filter((row) => unfitOf(row, need) === null).sort(narrowestFirst);
    return this.withBalances(tx, fit);
  }

  /** These budget lines, in the order of their funds' ends; an unknown one is left out. */
  async lineFacts(tx: Tx, lineIds: readonly string[]): Promise<LineFacts[]> {
    return this.withBalances(tx, await tx.query<LineRow>(linesById, [lineIds]));
  }

  /**
   * What is asked for and not decided, in yen, by purpose and category. Whoever sees funds may know these sums,
   * though treasurer and board see no undecided request.
   */
  pending(actor: Actor): Promise<Map<string, number>> {
    return this.db.read(onDuty('figures', actor.userId), async (tx) => {
      const rows = await tx.query<LineNeed & { amount: number }>(pendingSums);
      return new Map(rows.map((row) => [needOf(row), row.amount]));
    });
  }

  private async viewsOf(tx: Tx, funds: FundRow[], pending: Map<string, number>): Promise<FundView[]> {
    const ids = funds.map(({ id }) => id);
    const rows = await tx.query<LineRow>(linesOfFunds, [ids]);
    const balances = await this.ledger.balancesOf(tx, ids);
    const lineView = (row: LineRow): FundLineView => ({
      ...lineViewOf({ ...row, ...(balances.lines.get(row.id) ?? NOTHING) }),
      pending: pending.get(needOf(row)) ?? 0,
    });
    return funds.map((fund) => ({
      ...fund,
      closedAt: fund.closedAt?.toISOString() ?? null,
      unallocated: balances.unallocated.get(fund.id) ?? 0,
      lines: rows.filter(({ fundId }) => fundId === fund.id).map(lineView),
    }));
  }

  private async withBalances(tx: Tx, rows: LineRow[]): Promise<LineFacts[]> {
    const { lines } = await this.ledger.balancesOf(tx, [...new Set(rows.map(({ fundId }) => fundId))]);
    return rows.map((row) => ({ ...row, ...(lines.get(row.id) ?? NOTHING) }));
  }
}

/** What a budget line holds, with the sum of it. */
export const lineViewOf = ({
  id,
  purpose,
  category,
  available,
  committed,
  spent,
}: LineFacts): BudgetLineView => ({
  id,
  purpose,
  category,
  allocated: available + committed + spent,
  available,
  committed,
  spent,
});

const needOf = ({ purpose, category }: LineNeed): string => `${purpose} ${category ?? ''}`;

const fund = `
  SELECT f.id, f.code, f.name, f.kind, f.starts_on AS "from", f.ends_on AS "to", f.source, f.rules,
         f.closed_at AS "closedAt",
         (SELECT coalesce(sum(c.amount), 0)::bigint FROM contributions c
          WHERE c.fund_id = f.id AND c.status = 'received') AS received,
         (SELECT coalesce(sum(${outstanding}), 0)::bigint FROM contributions c
          WHERE c.fund_id = f.id AND c.status = 'promised') AS promised
  FROM funds f`;
const listOfFunds = `${fund} WHERE $1::uuid IS NULL OR f.id < $1 ORDER BY f.id DESC LIMIT $2`;
const oneFund = `${fund} WHERE f.id = $1`;

const namesOfFunds = `
  SELECT id, name FROM funds
  WHERE CASE WHEN $1::uuid[] IS NULL THEN closed_at IS NULL ELSE id = ANY($1) END ORDER BY id DESC`;
const eventsOfFund = `
  SELECT e.id, e.verb, e.reason, e.facts, u.name AS "by", e.recorded_at AS "at"
  FROM fund_events e JOIN users u ON u.id = e.actor_id
  WHERE e.fund_id = $1 AND ($2::uuid IS NULL OR e.id < $2) ORDER BY e.id DESC LIMIT $3`;

const line = `
  SELECT l.id, l.fund_id AS "fundId", f.name AS "fundName", f.code AS "fundCode",
         f.starts_on AS "startsOn", f.ends_on AS "endsOn", f.rules, f.closed_at IS NOT NULL AS closed,
         l.purpose, l.category
  FROM budget_lines l JOIN funds f ON f.id = l.fund_id`;
const endingSoonest = `ORDER BY f.ends_on NULLS LAST, f.code`;
// As the codes stand in kernel/codes.ts, which is the order of every other list of categories.
const linesOfFunds = `
  ${line} WHERE l.fund_id = ANY($1)
  ORDER BY array_position('{relief,activity,fee}', l.purpose),
           array_position('{food,shelter,medical,utilities,other}', l.category)`;
const linesById = `${line} WHERE l.id = ANY($1) ${endingSoonest}`;
const eligibleLines = `
  ${line}
  WHERE l.purpose = $1 AND l.category IS NOT DISTINCT FROM $2
    AND f.closed_at IS NULL AND f.starts_on <= $3 AND (f.ends_on IS NULL OR f.ends_on >= $3)`;

const pendingSums = `
  SELECT r.kind AS purpose, l.category, least(sum(l.amount), ${Number.MAX_SAFE_INTEGER})::bigint AS amount
  FROM grant_requests r JOIN request_lines l ON l.request_id = r.id
  WHERE r.status IN ('submitted', 'in_review', 'returned')
  GROUP BY r.kind, l.category`;
