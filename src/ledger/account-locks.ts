import { DomainError } from '../kernel/errors.js';
import type { Tx } from '../platform/db.js';
import { LINE_ACCOUNTS, type AccountRef, type LineBalance } from './entry.js';

/** An account as it stands, locked until the transaction ends. */
export interface Account {
  id: string;
  kind: AccountRef['kind'];
  fundId: string | null;
  budgetLineId: string | null;
  /** Credits less debits, in yen. */
  balance: number;
  /** Closed with its fund. */
  closed: boolean;
  /** When its last transfer was recorded; null before the first. */
  lastAt: Date | null;
}

export interface LockedAccounts {
  all: Account[];
  /** @throws DomainError `account.unknown` */
  of(ref: AccountRef): Account;
}

/** The three accounts of a budget line. */
export const accountsOfLine = (budgetLineId: string): AccountRef[] =>
  LINE_ACCOUNTS.map((kind) => ({ kind, budgetLineId }));

/** What a line holds, as it was locked. */
export function balancesIn(accounts: LockedAccounts, budgetLineId: string): LineBalance {
  const balanceOf = (kind: keyof LineBalance): number => accounts.of({ kind, budgetLineId }).balance;
  return { available: balanceOf('available'), committed: balanceOf('committed'), spent: balanceOf('spent') };
}

type Owned = Pick<Account, 'kind' | 'fundId' | 'budgetLineId'>;

const ownedBy = (ref: AccountRef): Owned => ({
  kind: ref.kind,
  fundId: 'fundId' in ref ? ref.fundId : null,
  budgetLineId: 'budgetLineId' in ref ? ref.budgetLineId : null,
});

/** A budget line's account is known by its line alone, so its fund is left out. */
const nameOf = ({ kind, fundId, budgetLineId }: Owned): string => `${kind} ${budgetLineId ?? fundId ?? ''}`;

/**
 * Finds the accounts and locks them in id order: the same order everywhere (architecture, "One way through"). They are
 * found into an array and not by a join: when a row changed while we waited for it, PostgreSQL checks a join again, and
 * with a `Memoize` in the plan it then loses rows.
 */
export async function lock(tx: Tx, refs: AccountRef[]): Promise<LockedAccounts> {
  const wanted = [...new Map(refs.map(ownedBy).map((owned) => [nameOf(owned), owned])).values()];
  const all = await tx.query<Account>(
    `WITH wanted AS (SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS w(kind, fund_id, line_id)),
          found AS (
            SELECT a.id FROM wanted w JOIN accounts a ON a.kind = w.kind WHERE w.kind = 'outside'
            UNION ALL
            SELECT a.id FROM wanted w JOIN accounts a ON a.fund_id = w.fund_id AND a.kind = w.kind
             WHERE w.line_id IS NULL
            UNION ALL
            SELECT a.id FROM wanted w JOIN budget_lines l ON l.id = w.line_id
              JOIN accounts a ON a.fund_id = l.fund_id AND a.budget_line_id = l.id AND a.kind = w.kind)
     SELECT id, kind, fund_id AS "fundId", budget_line_id AS "budgetLineId", balance, closed,
            nullif(last_recorded_at, '-infinity') AS "lastAt"
     FROM accounts WHERE id = ANY (ARRAY(SELECT id FROM found)) ORDER BY id FOR UPDATE`,
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
