import { Injectable } from '@nestjs/common';
import { invalid } from '../kernel/errors.js';
import type { Tx } from '../platform/db.js';
import type { Page } from '../platform/pages.js';
import { Runtime } from '../platform/runtime.js';
import type { JournalQuery, StatementQuery, StatementView, TransferView } from './ledger.dto.js';
import type { FundAccount, LineAccount, LineBalance } from './entry.js';
import { statementOf, transfersWith, type StatementOwner } from './statement.js';

/** What funds hold, in yen. */
export interface FundBalances {
  /** By fund: what no budget line has yet. */
  unallocated: Map<string, number>;
  /** By budget line. */
  lines: Map<string, LineBalance>;
}

/** Reads of the books. */
@Injectable()
export class LedgerQueries {
  constructor(private readonly runtime: Runtime) {}

  /**
   * The journal, oldest first. The cursor is a place in the journal, as transfers are recorded in its order.
   * @throws DomainError `input.invalid` when the period ends before it begins
   */
  async journal(tx: Tx, query: JournalQuery): Promise<Page<TransferView>> {
    const { from = null, to = null, cursor = 0, limit, fundId } = query;
    if (from && to && to < from) throw invalid({ path: 'to', code: 'periodBackwards' });
    const parameters = [cursor, from, to, limit + 1];
    const rows = fundId
      ? await tx.query<TransferView>(pageOfFund, [...parameters, fundId])
      : await tx.query<TransferView>(pageOfAll, parameters);
    const items = rows.slice(0, limit);
    return { items, nextCursor: rows.length > limit ? String(items.at(-1)!.seq) : null };
  }

  /** The last `limit` transfers of a fund, the newest first. */
  latest(tx: Tx, fundId: string, limit: number): Promise<TransferView[]> {
    return tx.query<TransferView>(latestOfFund, [limit, fundId]);
  }

  /**
   * What a budget line, or one account of a fund, held before the first day, what moved, and what it held after the
   * last one, in yen. Days are those of recording. It costs the same however many transfers there are.
   * @throws DomainError `resource.absent`; `input.invalid` when the period ends before it begins
   */
  statement(tx: Tx, owner: StatementOwner, query: StatementQuery): Promise<StatementView> {
    return statementOf(tx, owner, query, this.runtime.settings.TIMEZONE);
  }

  /** What these funds hold, now. */
  async balancesOf(tx: Tx, fundIds: readonly string[]): Promise<FundBalances> {
    const rows = await tx.query<{
      kind: LineAccount | FundAccount;
      fundId: string;
      budgetLineId: string | null;
      balance: number;
    }>(
      `SELECT kind, fund_id AS "fundId", budget_line_id AS "budgetLineId", balance
       FROM accounts WHERE fund_id = ANY($1)`,
      [fundIds],
    );
    const unallocated = new Map<string, number>();
    const lines = new Map<string, LineBalance>();
    for (const { kind, fundId, budgetLineId, balance } of rows) {
      if (kind === 'unallocated') unallocated.set(fundId, balance);
      else if (budgetLineId) {
        const line = lines.get(budgetLineId) ?? { available: 0, committed: 0, spent: 0 };
        lines.set(budgetLineId, { ...line, [kind]: balance });
      }
    }
    return { unallocated, lines };
  }
}

const transfer = transfersWith();

const within = `seq > $1 AND ($2::date IS NULL OR happened_on >= $2) AND ($3::date IS NULL OR happened_on <= $3)`;

const pageOfAll = `
  ${transfer}
  WHERE t.seq IN (SELECT seq FROM transfers WHERE ${within} ORDER BY seq LIMIT $4)
  ORDER BY t.seq`;

// One page of each side of each account suffices to find the fund's page, however long the journal is.
const pageOfFund = `
  WITH page AS (
    SELECT DISTINCT s.seq FROM accounts a CROSS JOIN LATERAL (
      (SELECT seq FROM transfers WHERE debit_account_id = a.id AND ${within} ORDER BY seq LIMIT $4)
      UNION ALL
      (SELECT seq FROM transfers WHERE credit_account_id = a.id AND ${within} ORDER BY seq LIMIT $4)) s
    WHERE a.fund_id = $5 ORDER BY s.seq LIMIT $4)
  ${transfer}
  WHERE t.seq IN (SELECT seq FROM page) ORDER BY t.seq`;

const latestOfFund = `
  WITH page AS (
    SELECT DISTINCT s.seq FROM accounts a CROSS JOIN LATERAL (
      (SELECT seq FROM transfers WHERE debit_account_id = a.id ORDER BY seq DESC LIMIT $1)
      UNION ALL
      (SELECT seq FROM transfers WHERE credit_account_id = a.id ORDER BY seq DESC LIMIT $1)) s
    WHERE a.fund_id = $2 ORDER BY s.seq DESC LIMIT $1)
  ${transfer}
  WHERE t.seq IN (SELECT seq FROM page) ORDER BY t.seq DESC`;
