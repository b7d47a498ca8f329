import { absent, invalid } from '../kernel/errors.js';
import type { Tx } from '../platform/db.js';
import type { FundAccount } from './entry.js';
import type { Holdings, StatementQuery, StatementView, TransferView } from './ledger.dto.js';

/** Whose statement it is: a budget line's three accounts together, or one account of a fund. */
export type StatementOwner = { budgetLineId: string } | { fundId: string; kind: FundAccount };

interface Account {
  id: string;
  kind: keyof Holdings;
}
type Moved = TransferView & { debitId: string; creditId: string; debitAfter: number; creditAfter: number };
type Point = 'opening' | 'start' | 'closing';

/** Transfers as `TransferView` has them, with more columns of `t` behind. */
export const transfersWith = (more = ''): string => `
  SELECT t.id, t.seq, t.kind, t.amount, t.happened_on AS "happenedOn", t.recorded_at AS "recordedAt",
         t.actor_id AS "actorId", t.subject_id AS "subjectId", t.undoes_id AS "undoesId",
         json_build_object('kind', d.kind, 'fundId', d.fund_id, 'budgetLineId', d.budget_line_id) AS "from",
         json_build_object('kind', c.kind, 'fundId', c.fund_id, 'budgetLineId', c.budget_line_id) AS "to" ${more}
  FROM transfers t
  JOIN accounts d ON d.id = t.debit_account_id
  JOIN accounts c ON c.id = t.credit_account_id`;

/**
 * Reads only the page's transfers and, for each account, the last one before each of three points: every transfer
 * says what its accounts held after it. Along one account the moments never go back (`post`), so a day is a place in it.
 */
export async function statementOf(
  tx: Tx,
  owner: StatementOwner,
  { from, to, cursor, limit }: StatementQuery,
  timeZone: string,
): Promise<StatementView> {
  if (from && to && to < from) throw invalid({ path: 'to', code: 'periodBackwards' });
  const accounts = await accountsOf(tx, owner);
  const period = [accounts.map(({ id }) => id), from ?? null, to ?? null, cursor ?? null, timeZone];
  const held = await heldAt(tx, accounts, period);
  const moved = await tx.query<Moved>(page, [...period, limit + 1]);
  const after = { ...held.start };
  const movements = moved
    .slice(0, limit)
    .map(({ debitId, creditId, debitAfter, creditAfter, ...transfer }) => {
      for (const { id, kind } of accounts) {
        if (id === debitId) after[kind] = debitAfter;
        if (id === creditId) after[kind] = creditAfter;
      }
      return { transfer, after: { ...after } };
    });
  return {
    opening: held.opening,
    movements,
    closing: held.closing,
    nextCursor: moved.length > limit ? String(movements.at(-1)!.transfer.seq) : null,
  };
}

async function accountsOf(tx: Tx, owner: StatementOwner): Promise<Account[]> {
  const accounts =
    'budgetLineId' in owner
      ? await tx.query<Account>(accountsOfLine, [owner.budgetLineId])
      : await tx.query<Account>('SELECT id, kind FROM accounts WHERE fund_id = $1 AND kind = $2', [
          owner.fundId,
          owner.kind,
        ]);
  if (accounts.length === 0) throw absent();
  return accounts;
}

async function heldAt(tx: Tx, accounts: Account[], period: unknown[]): Promise<Record<Point, Holdings>> {
  const rows = await tx.query<{ point: Point; id: string; balance: number }>(balances, period);
  const held: Record<Point, Holdings> = { opening: {}, start: {}, closing: {} };
  const kinds = new Map(accounts.map(({ id, kind }) => [id, kind]));
  for (const { point, id, balance } of rows) held[point][kinds.get(id)!] = balance;
  return held;
}

const accountsOfLine = `
  SELECT a.id, a.kind FROM budget_lines l JOIN accounts a ON a.fund_id = l.fund_id AND a.budget_line_id = l.id
  WHERE l.id = $1 ORDER BY array_position('{available,committed,spent}', a.kind)`;

const moment = (day: string): string => `((${day})::timestamp AT TIME ZONE $5)`;
const opening = `coalesce(${moment('$2::date')}, '-infinity')`;
const closing = `coalesce(${moment('$3::date + 1')}, 'infinity')`;
// Behind the cursor's movement, or from the first day on: no transfer has the place 0.
const start = `coalesce((SELECT recorded_at FROM transfers WHERE seq = $4), ${opening})`;

const lastBefore = (side: 'debit' | 'credit'): string => `
  (SELECT recorded_at, seq, ${side}_after AS after FROM transfers
   WHERE ${side}_account_id = a.id AND (recorded_at, seq) <= (p.at, p.seq)
   ORDER BY recorded_at DESC, seq DESC LIMIT 1)`;

const balances = `
  SELECT p.point, a.id, coalesce(
    (SELECT after FROM (${lastBefore('debit')} UNION ALL ${lastBefore('credit')}) s
     ORDER BY recorded_at DESC, seq DESC LIMIT 1), 0) AS balance
  FROM unnest($1::uuid[]) AS a(id) CROSS JOIN (VALUES
    ('opening', ${opening}, 0), ('start', ${start}, coalesce($4::bigint, 0)), ('closing', ${closing}, 0)
  ) AS p(point, at, seq)`;

const following = (side: 'debit' | 'credit'): string => `
  (SELECT recorded_at, seq FROM transfers
   WHERE ${side}_account_id = a.id AND (recorded_at, seq) > (p.at, p.seq) AND recorded_at < ${closing}
   ORDER BY recorded_at, seq LIMIT $6)`;

// Where it starts is worked out apart: PostgreSQL then finds the place in the index, and does not filter from the top.
const page = `
  WITH start AS MATERIALIZED (SELECT ${start} AS at, coalesce($4::bigint, 0) AS seq),
  page AS (
    SELECT DISTINCT s.recorded_at, s.seq FROM start p CROSS JOIN unnest($1::uuid[]) AS a(id)
    CROSS JOIN LATERAL (${following('debit')} UNION ALL ${following('credit')}) s
    ORDER BY s.recorded_at, s.seq LIMIT $6)
  ${transfersWith(`, t.debit_account_id AS "debitId", t.credit_account_id AS "creditId",
    t.debit_after AS "debitAfter", t.credit_after AS "creditAfter"`)}
  WHERE t.seq IN (SELECT seq FROM page) ORDER BY t.recorded_at, t.seq`;
