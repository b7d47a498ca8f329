import { Injectable } from '@nestjs/common';
import { onDuty, type Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import type { Category, Purpose } from '../kernel/codes.js';
import { absent } from '../kernel/errors.js';
import { LedgerQueries, type LineBalance } from '../ledger/index.js';
import { Db, type Tx } from '../platform/db.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import type { BudgetLineView, FundLineView, FundView } from './funds.dto.js';

/** A budget line as those who decide on its money need it: its fund, its period, and what it holds in yen. */
export interface LineFacts extends LineBalance {
  id: string;
  fundId: string;
  fundName: string;
  fundCode: string;
  startsOn: Day;
  endsOn: Day | null;
  purpose: Purpose;
  category: Category | null;
}

/** What a budget line is for. */
export interface LineNeed {
  purpose: Purpose;
  category: Category | null;
}

type FundRow = Omit<FundView, 'unallocated' | 'lines'>;
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
    return this.db.read(actor, async (tx) => {
      const [view] = await this.viewsOf(tx, await tx.query<FundRow>(oneFund, [id]), pending);
      if (!view) throw absent();
      return view;
    });
  }

  /**
   * The budget lines that could pay for this on a day: those of funds whose period holds the day, first of the
   * fund that ends soonest.
   */
  async eligibleLines(tx: Tx, { purpose, category, on }: LineNeed & { on: Day }): Promise<LineFacts[]> {
    return this.withBalances(tx, await tx.query<LineRow>(eligibleLines, [purpose, category, on]));
  }

  /** These budget lines, in the order of their funds' ends; an unknown one is left out. */
  async lineFacts(tx: Tx, lineIds: readonly string[]): Promise<LineFacts[]> {
    return this.withBalances(tx, await tx.query<LineRow>(linesById, [lineIds]));
  }

  /**
   * What is asked for and not decided, in yen, by purpose and category. Whoever sees funds may know these sums,
   * though treasurer and board see no undecided request.
   */
  private pending(actor: Actor): Promise<Map<string, number>> {
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
  SELECT f.id, f.code, f.name, f.kind, f.starts_on AS "from", f.ends_on AS "to", f.rules,
         (SELECT coalesce(sum(c.amount), 0)::bigint FROM contributions c WHERE c.fund_id = f.id) AS received
  FROM funds f`;
const listOfFunds = `${fund} WHERE $1::uuid IS NULL OR f.id < $1 ORDER BY f.id DESC LIMIT $2`;
const oneFund = `${fund} WHERE f.id = $1`;

const line = `
  SELECT l.id, l.fund_id AS "fundId", f.name AS "fundName", f.code AS "fundCode",
         f.starts_on AS "startsOn", f.ends_on AS "endsOn", l.purpose, l.category
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
    AND f.starts_on <= $3 AND (f.ends_on IS NULL OR f.ends_on >= $3)
  ${endingSoonest}`;

const pendingSums = `
  SELECT r.kind AS purpose, l.category, least(sum(l.amount), ${Number.MAX_SAFE_INTEGER})::bigint AS amount
  FROM grant_requests r JOIN request_lines l ON l.request_id = r.id
  WHERE r.status IN ('submitted', 'in_review', 'returned')
  GROUP BY r.kind, l.category`;
