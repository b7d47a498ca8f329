import { conflict, DomainError } from '../kernel/errors.js';
import { sumYen, toYen } from '../kernel/money.js';
import type { Tx } from '../platform/db.js';
import type { Account } from './account-locks.js';
import type { Entry, TransferKind } from './entry.js';

/** An entry between two accounts, with what is worked out before it is stored. */
export interface Transfer extends Entry {
  id: string;
  debitId: string;
  creditId: string;
  undoesAmount?: number;
  undoesKind?: TransferKind;
  undoneBefore?: number;
  /** What its accounts hold after it. */
  debitAfter?: number;
  creditAfter?: number;
}

/**
 * A closed fund receives, divides and promises nothing. What comes back to it, corrections, and what is carried over
 * from it still move. (The database refuses a promise by itself: `accounts_closed_promise_nothing`.)
 */
export function checkOpen(kind: TransferKind, debit: Account, credit: Account): void {
  if (kind === 'refund' || kind === 'reverse') return;
  if (credit.closed || (debit.closed && kind !== 'carry_over')) throw conflict('fund.closed');
}

/** What was undone of a transfer so far. */
interface Undone {
  id: string;
  kind: TransferKind;
  amount: number;
  creditId: string;
  undone: number;
}

/**
 * Links each undoing to what it undoes and to the undoing before it. The money is taken from the account that
 * the undone transfer credited; that account is locked, so nobody else undoes the same one meanwhile.
 */
export async function linkUndoings(tx: Tx, transfers: Transfer[]): Promise<void> {
  const undoings = transfers.filter(({ undoesId }) => undoesId !== undefined);
  if (undoings.length === 0) return;
  const rows = await tx.query<Undone>(
    `SELECT t.id, t.kind, t.amount, t.credit_account_id AS "creditId",
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
  transfer.undoesKind = undone.kind;
  transfer.undoneBefore = undone.undone;
  undone.undone += transfer.amount;
}

/**
 * Moves the balances one transfer after the other, and notes on each what its accounts then hold. What is left and
 * asked is told of the call as a whole.
 */
export function moveBalances(transfers: Transfer[], accounts: Account[]): void {
  const held = new Map(accounts.map((account) => [account.id, account]));
  const before = new Map(accounts.map(({ id, balance }) => [id, balance]));
  for (const transfer of transfers) {
    const [debit, credit] = [held.get(transfer.debitId)!, held.get(transfer.creditId)!];
    if (debit.kind !== 'outside' && debit.balance < transfer.amount) {
      const { id, kind, budgetLineId } = debit;
      const asked = sumYen(transfers.filter(({ debitId }) => debitId === id).map(({ amount }) => amount));
      const code = kind === 'available' || kind === 'unallocated' ? 'budget.exceeded' : 'balance.exceeded';
      throw conflict(code, { ...(budgetLineId && { budgetLineId }), left: before.get(id)!, asked });
    }
    debit.balance = toYen(debit.balance - transfer.amount);
    credit.balance = toYen(credit.balance + transfer.amount);
    transfer.debitAfter = debit.balance;
    transfer.creditAfter = credit.balance;
  }
}

/** Stores transfers and what the accounts then hold, in one statement: the fewer, the shorter others wait. */
export async function store(tx: Tx, transfers: Transfer[], accounts: Account[]): Promise<void> {
  const { userId } = tx.actor;
  if (!userId) throw new Error('Money is moved by somebody, always');
  const at = momentOf(tx, accounts);
  const column = <K extends keyof Transfer>(name: K) => transfers.map((transfer) => transfer[name] ?? null);
  await tx.query(
    `WITH moved AS (
       UPDATE accounts a SET balance = m.balance, last_recorded_at = $1
       FROM unnest($3::uuid[], $4::bigint[]) AS m(id, balance) WHERE a.id = m.id
     )
     INSERT INTO transfers (id, kind, debit_account_id, credit_account_id, amount, happened_on, recorded_at, actor_id,
                            subject_id, undoes_id, undoes_amount, undoes_kind, undone_before, debit_after, credit_after)
     SELECT id, kind, debit_id, credit_id, amount, happened_on, $1, $2, subject_id, undoes_id, undoes_amount,
            undoes_kind, undone_before, debit_after, credit_after
     FROM unnest($5::uuid[], $6::text[], $7::uuid[], $8::uuid[], $9::bigint[], $10::date[], $11::uuid[], $12::uuid[],
                 $13::bigint[], $14::text[], $15::bigint[], $16::bigint[], $17::bigint[]) WITH ORDINALITY
       AS t(id, kind, debit_id, credit_id, amount, happened_on, subject_id, undoes_id, undoes_amount, undoes_kind,
            undone_before, debit_after, credit_after, place)
     ORDER BY place`,
    [
      at,
      userId,
      accounts.map(({ id }) => id),
      accounts.map(({ balance }) => balance),
      column('id'),
      column('kind'),
      column('debitId'),
      column('creditId'),
      column('amount'),
      column('happenedOn'),
      column('subjectId'),
      column('undoesId'),
      column('undoesAmount'),
      column('undoesKind'),
      column('undoneBefore'),
      column('debitAfter'),
      column('creditAfter'),
    ],
  );
}

/** Never before an account's last transfer. The world outside is left out: it would tie all funds to each other. */
function momentOf(tx: Tx, accounts: readonly Account[]): Date {
  const last = accounts.filter(({ kind }) => kind !== 'outside').map(({ lastAt }) => lastAt?.getTime() ?? 0);
  return new Date(Math.max(tx.at.getTime(), ...last));
}
