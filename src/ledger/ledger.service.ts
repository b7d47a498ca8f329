import { Injectable } from '@nestjs/common';
import { conflict, DomainError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { isYen, toYen } from '../kernel/money.js';
import type { Tx } from '../platform/db.js';
import { LINE_ACCOUNTS, type AccountRef, type Entry, type LineAccount, type LineBalance } from './entry.js';

interface Account {
  id: string;
  kind: AccountRef['kind'];
  fundId: string | null;
  budgetLineId: string | null;
  /** Credits less debits, in yen. */
  balance: number;
}

/** Double entry and nothing else: money moves only by transfers, which are never changed or deleted. */
@Injectable()
export class LedgerService {
  /** Opens a new fund's account for money that no budget line has yet. */
  async openFund(tx: Tx, fundId: string): Promise<void> {
    await tx.query(`INSERT INTO accounts (id, kind, fund_id) VALUES ($1, 'unallocated', $2)`, [
      newId(),
      fundId,
    ]);
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
    const refs = budgetLineIds.flatMap((budgetLineId) =>
      LINE_ACCOUNTS.map((kind): AccountRef => ({ kind, budgetLineId })),
    );
    const accounts = await lock(tx, refs);
    const balanceOf = (kind: LineAccount, budgetLineId: string): number =>
      accounts.of({ kind, budgetLineId }).balance;
    return new Map(
      budgetLineIds.map((id) => [
        id,
        {
          available: balanceOf('available', id),
          committed: balanceOf('committed', id),
          spent: balanceOf('spent', id),
        },
      ]),
    );
  }

  /**
   * Posts all of these entries or none, in a few statements however many they are, and gives their ids in the
   * order given. Locks the accounts in id order first, so that what is left is judged by what is really there.
   * An entry may undo one of the same call that stands before it.
   * @throws DomainError `amount.invalid`; `account.unknown`; `budget.exceeded` { budgetLineId, left, asked } in
   *   yen when the free money of a line (or of a fund, without budgetLineId) does not suffice;
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
    const transfers = entries.map((entry): Transfer => ({
      ...entry,
      id: entry.id ?? newId(),
      debitId: accounts.of(entry.from).id,
      creditId: accounts.of(entry.to).id,
    }));
    await linkUndoings(tx, transfers);
    await moveBalances(tx, transfers, accounts.all);
    await insertTransfers(tx, transfers);
    return transfers.map(({ id }) => id);
  }
}

interface Transfer extends Entry {
  id: string;
  debitId: string;
  creditId: string;
  undoesAmount?: number;
  undoneBefore?: number;
}

interface LockedAccounts {
  all: Account[];
  /** @throws DomainError `account.unknown` */
  of(ref: AccountRef): Account;
}

type Owned = Pick<Account, 'kind' | 'fundId' | 'budgetLineId'>;

const ownedBy = (ref: AccountRef): Owned => ({
  kind: ref.kind,
  fundId: 'fundId' in ref ? ref.fundId : null,
  budgetLineId: 'budgetLineId' in ref ? ref.budgetLineId : null,
});

/** A budget line's account is known by its line alone, so its fund is left out. */
const nameOf = ({ kind, fundId, budgetLineId }: Owned): string => `${kind} ${budgetLineId ?? fundId ?? ''}`;

/** Finds the accounts and locks them in id order: the same order everywhere (architecture, "One way through"). */
async function lock(tx: Tx, refs: AccountRef[]): Promise<LockedAccounts> {
  const wanted = [...new Map(refs.map(ownedBy).map((owned) => [nameOf(owned), owned])).values()];
  const all = await tx.query<Account>(
    `WITH wanted AS (SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS w(kind, fund_id, line_id)),
          found AS (
            SELECT a.id FROM wanted w JOIN accounts a ON a.kind = w.kind WHERE w.kind = 'outside'
            UNION ALL
            SELECT a.id FROM wanted w JOIN accounts a ON a.fund_id = w.fund_id AND a.kind = w.kind
             WHERE w.kind = 'unallocated'
            UNION ALL
            SELECT a.id FROM wanted w JOIN budget_lines l ON l.id = w.line_id
              JOIN accounts a ON a.fund_id = l.fund_id AND a.budget_line_id = l.id AND a.kind = w.kind)
     SELECT id, kind, fund_id AS "fundId", budget_line_id AS "budgetLineId", balance
     FROM accounts WHERE id IN (SELECT id FROM found) ORDER BY id FOR UPDATE`,
    [
      wanted.map(({ kind }) => kind),
      wanted.map(({ fundId }) => fundId),
      wanted.map(({ budgetLineId }) => budgetLineId),
    ],
  );
  const byName = new Map(all.map((account) => [nameOf(account), account]));
  return {
    all,
    of(ref) {
      const account = byName.get(nameOf(ownedBy(ref)));
      if (!account) throw new DomainError('invalid', 'account.unknown', { ...ref });
      return account;
    },
  };
}

/** What was undone of a transfer so far. */
interface Undone {
  id: string;
  amount: number;
  creditId: string;
  undone: number;
}

/**
 * Links each undoing to what it undoes and to the undoing before it. The money is taken from the account that
 * the undone transfer credited; that account is locked, so nobody else undoes the same one meanwhile.
 */
async function linkUndoings(tx: Tx, transfers: Transfer[]): Promise<void> {
  const undoings = transfers.filter(({ undoesId }) => undoesId !== undefined);
  if (undoings.length === 0) return;
  const rows = await tx.query<Undone>(
    `SELECT t.id, t.amount, t.credit_account_id AS "creditId",
            coalesce((SELECT max(u.undone_after) FROM transfers u WHERE u.undoes_id = t.id), 0) AS undone
     FROM transfers t WHERE t.id = ANY($1)`,
    [undoings.map(({ undoesId }) => undoesId)],
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  for (const transfer of transfers) {
    if (transfer.undoesId !== undefined) undo(transfer, known.get(transfer.undoesId));
    known.set(transfer.id, { ...transfer, undone: 0 });
  }
}

function undo(transfer: Transfer, undone: Undone | undefined): void {
  if (!undone || undone.creditId !== transfer.debitId) throw new DomainError('invalid', 'transfer.unknown');
  const left = undone.amount - undone.undone;
  // A reversal corrects a mistake whole; all others may come in parts.
  const isWhole = transfer.amount === undone.amount;
  if (transfer.amount > left || (transfer.kind === 'reverse' && !isWhole))
    throw conflict('undo.exceeded', { left, asked: transfer.amount });
  transfer.undoesAmount = undone.amount;
  transfer.undoneBefore = undone.undone;
  undone.undone += transfer.amount;
}

async function moveBalances(tx: Tx, transfers: Transfer[], accounts: Account[]): Promise<void> {
  const changes = new Map<string, number>();
  const add = (id: string, amount: number) => changes.set(id, toYen((changes.get(id) ?? 0) + amount));
  for (const { debitId, creditId, amount } of transfers) {
    add(debitId, -amount);
    add(creditId, amount);
  }
  for (const { id, kind, budgetLineId, balance } of accounts) {
    const change = changes.get(id)!;
    if (kind === 'outside' || balance + change >= 0) continue;
    const facts = { ...(budgetLineId && { budgetLineId }), left: balance, asked: -change };
    const isFree = kind === 'available' || kind === 'unallocated';
    throw conflict(isFree ? 'budget.exceeded' : 'balance.exceeded', facts);
  }
  await tx.query(
    `UPDATE accounts a SET balance = a.balance + c.change
     FROM unnest($1::uuid[], $2::bigint[]) AS c(id, change) WHERE a.id = c.id`,
    [[...changes.keys()], [...changes.values()]],
  );
}

async function insertTransfers(tx: Tx, transfers: Transfer[]): Promise<void> {
  const { userId } = tx.actor;
  if (!userId) throw new Error('Money is moved by somebody, always');
  const column = <K extends keyof Transfer>(name: K) => transfers.map((transfer) => transfer[name] ?? null);
  await tx.query(
    `INSERT INTO transfers (id, kind, debit_account_id, credit_account_id, amount, happened_on, recorded_at, actor_id,
                            subject_id, undoes_id, undoes_amount, undone_before)
     SELECT id, kind, debit_id, credit_id, amount, happened_on, $1, $2, subject_id, undoes_id, undoes_amount, undone_before
     FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], $8::date[], $9::uuid[], $10::uuid[],
                 $11::bigint[], $12::bigint[]) WITH ORDINALITY
       AS t(id, kind, debit_id, credit_id, amount, happened_on, subject_id, undoes_id, undoes_amount, undone_before, place)
     ORDER BY place`,
    [
      tx.at,
      userId,
      column('id'),
      column('kind'),
      column('debitId'),
      column('creditId'),
      column('amount'),
      column('happenedOn'),
      column('subjectId'),
      column('undoesId'),
      column('undoesAmount'),
      column('undoneBefore'),
    ],
  );
}
