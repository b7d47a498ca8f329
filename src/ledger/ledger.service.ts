import { Injectable } from '@nestjs/common';
import { conflict, DomainError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { isYen, sumYen } from '../kernel/money.js';
import type { Tx } from '../platform/db.js';
import { accountsOfLine, balancesIn, lock, type Account } from './account-locks.js';
import { FUND_ACCOUNTS, LINE_ACCOUNTS, type Entry, type LineBalance } from './entry.js';
import { checkOpen, linkUndoings, moveBalances, store, type Transfer } from './posting.js';

/** Double entry and nothing else: money moves only by transfers, which are never changed or deleted. */
@Injectable()
export class LedgerService {
  /** Opens a new fund's two accounts: for what comes in, and for what no budget line has yet. */
  async openFund(tx: Tx, fundId: string): Promise<void> {
    await tx.query(
      `INSERT INTO accounts (id, kind, fund_id) SELECT a.id, a.kind, $3 FROM unnest($1::uuid[], $2::text[]) AS a(id, kind)`,
      [FUND_ACCOUNTS.map(() => newId()), FUND_ACCOUNTS, fundId],
    );
  }

  /** Opens a new budget line's three accounts. */
  async openLine(tx: Tx, fundId: string, budgetLineId: string): Promise<void> {
    await tx.query(
      `INSERT INTO accounts (id, kind, fund_id, budget_line_id)
       SELECT a.id, a.kind, $3, $4 FROM unnest($1::uuid[], $2::text[]) AS a(id, kind)`,
      [LINE_ACCOUNTS.map(() => newId()), LINE_ACCOUNTS, fundId, budgetLineId],
    );
  }

  /**
   * The balances of these budget lines, after locking their accounts in id order until the transaction ends, so
   * that what is decided on them still holds when it is posted.
   * @throws DomainError `account.unknown` when a line has no accounts.
   */
  async lockBalances(tx: Tx, budgetLineIds: string[]): Promise<Map<string, LineBalance>> {
    const accounts = await lock(tx, budgetLineIds.flatMap(accountsOfLine));
    return new Map(budgetLineIds.map((id) => [id, balancesIn(accounts, id)]));
  }

  /**
   * What one budget line holds and whether its fund is closed, after locking its accounts and what its fund has
   * unallocated, where a refund goes when it is.
   * @throws DomainError `account.unknown`
   */
  async lockLine(tx: Tx, budgetLineId: string): Promise<LineBalance & { fundId: string; closed: boolean }> {
    const [line] = await tx.query<{ fundId: string }>(
      `SELECT fund_id AS "fundId" FROM budget_lines WHERE id = $1`,
      [budgetLineId],
    );
    if (!line) throw new DomainError('invalid', 'account.unknown', { budgetLineId });
    const { fundId } = line;
    const accounts = await lock(tx, [...accountsOfLine(budgetLineId), { kind: 'unallocated', fundId }]);
    const { closed } = accounts.of({ kind: 'available', budgetLineId });
    return { ...balancesIn(accounts, budgetLineId), fundId, closed };
  }

  /**
   * Closes a fund's accounts: nothing is received, divided or promised there any more, and what still comes back
   * waits unallocated to be carried over. Locks all of them in id order first.
   * @throws DomainError `fund.not_empty` { committed, left } in yen while money is promised or left
   */
  async closeFund(tx: Tx, fundId: string): Promise<void> {
    const accounts = await tx.query<Pick<Account, 'kind' | 'balance'>>(
      'SELECT kind, balance FROM accounts WHERE fund_id = $1 ORDER BY id FOR UPDATE',
      [fundId],
    );
    const held = (...kinds: Account['kind'][]): number =>
      sumYen(accounts.filter(({ kind }) => kinds.includes(kind)).map(({ balance }) => balance));
    const committed = held('committed');
    const left = held('available', 'unallocated', 'contributed');
    if (committed > 0 || left > 0) throw conflict('fund.not_empty', { committed, left });
    await tx.query('UPDATE accounts SET closed = true WHERE fund_id = $1', [fundId]);
  }

  /** How many yen of each of these transfers were undone so far. */
  async undoneOf(tx: Tx, transferIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ id: string; undone: number }>(
      `SELECT undoes_id AS id, max(undone_after) AS undone FROM transfers WHERE undoes_id = ANY($1) GROUP BY undoes_id`,
      [transferIds],
    );
    const undone = new Map(rows.map((row) => [row.id, row.undone]));
    return new Map(transferIds.map((id) => [id, undone.get(id) ?? 0]));
  }

  /**
   * Posts all of these entries or none, in a few statements however many they are, and gives their ids in the
   * order given. Locks the accounts in id order first, so that what is left is judged by what is really there.
   * An entry may undo one of the same call that stands before it. Each is recorded at the transaction's moment, or
   * at that of the accounts' last transfer when it began later: along one account time never goes back.
   * @throws DomainError `amount.invalid`; `account.unknown`; `fund.closed`; `budget.exceeded` { budgetLineId, left,
   *   asked } in yen when the free money of a line (or of a fund, without budgetLineId) does not suffice;
   *   `balance.exceeded` { left, asked } for any other account but the one outside; `transfer.unknown` and
   *   `undo.exceeded` { left, asked } for an undoing.
   */
  async post(tx: Tx, entries: Entry[]): Promise<string[]> {
    if (entries.length === 0) return [];
    for (const { amount } of entries) {
      if (!isYen(amount) || amount <= 0) throw new DomainError('invalid', 'amount.invalid');
    }
    const accounts = await lock(
      tx,
      entries.flatMap(({ from, to }) => [from, to]),
    );
    const transfers = entries.map((entry): Transfer => {
      const [debit, credit] = [accounts.of(entry.from), accounts.of(entry.to)];
      checkOpen(entry.kind, debit, credit);
      return { ...entry, id: entry.id ?? newId(), debitId: debit.id, creditId: credit.id };
    });
    await linkUndoings(tx, transfers);
    moveBalances(transfers, accounts.all);
    await store(tx, transfers, accounts.all);
    return transfers.map(({ id }) => id);
  }
}
