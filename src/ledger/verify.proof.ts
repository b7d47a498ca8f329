import { AT_MOST, difference, list, wrong } from './verify.differences.js';

/** A prime that keeps the product of two rests below it within eight bytes. */
const PRIME = 2_147_483_647;
/** The sum of amounts, each weighed by a hash of whose it is, but for multiples of the prime. */
const weighed = (amount: string, hash: string): string =>
  `sum(${amount} % ${PRIME} * ((${hash}) & ${PRIME}))`;

/** Between which accounts each kind of transfer moves money (d: debited, c: credited). A reversal is judged by row. */
const fits = `CASE f.kind
  WHEN 'contribute' THEN d.kind = 'outside' AND c.kind IN ('contributed', 'unallocated')
  WHEN 'accept' THEN d.kind = 'contributed' AND c.kind = 'unallocated' AND d.fund_id = c.fund_id
  WHEN 'allocate' THEN d.kind = 'unallocated' AND c.kind = 'available' AND d.fund_id = c.fund_id
  WHEN 'give_back' THEN d.kind = 'available' AND c.kind = 'unallocated' AND d.fund_id = c.fund_id
  WHEN 'move' THEN d.kind = 'available' AND c.kind = 'available' AND d.fund_id = c.fund_id
  WHEN 'carry_over' THEN d.kind = 'unallocated' AND c.kind = 'unallocated' AND d.fund_id <> c.fund_id
  WHEN 'commit' THEN d.kind = 'available' AND c.kind = 'committed' AND d.budget_line_id = c.budget_line_id
  WHEN 'release' THEN d.kind = 'committed' AND c.kind = 'available' AND d.budget_line_id = c.budget_line_id
  WHEN 'pay' THEN d.kind = 'committed' AND c.kind = 'spent' AND d.budget_line_id = c.budget_line_id
  WHEN 'bounce' THEN d.kind = 'spent' AND c.kind = 'committed' AND d.budget_line_id = c.budget_line_id
  WHEN 'refund' THEN d.kind = 'spent' AND (c.kind = 'available' AND d.budget_line_id = c.budget_line_id
                                           OR c.kind = 'unallocated' AND d.fund_id = c.fund_id)
  ELSE f.kind = 'reverse' END`;

const last = (side: 'debit' | 'credit'): string =>
  `(SELECT seq, ${side}_after AS after FROM transfers WHERE ${side}_account_id = a.id ORDER BY seq DESC LIMIT 1)`;

/**
 * The transfers among themselves, in one pass: all that is asked of single rows is asked of groups of the same kind
 * between the same accounts, of which there are few.
 *
 * The trail: along an account each transfer begins with the balance that the one before left. All balances that were
 * left are then all those that were begun with, but for the last and the first, which is zero. Comparing the sums of
 * their hashes proves it without sorting millions of rows.
 */
const books = `
  flow AS MATERIALIZED (
    SELECT kind, debit_account_id AS debit, credit_account_id AS credit, sum(amount) AS amount, count(*) AS transfers,
           sum(hashint8(debit_after)::bigint - hashint8(debit_after + amount)) AS debit_trail,
           sum(hashint8(credit_after)::bigint - hashint8(credit_after - amount)) AS credit_trail,
           ${weighed('amount', `uuid_hash(subject_id) # CASE kind WHEN 'release' THEN 0 ELSE uuid_hash(id) END`)} AS proof,
           bool_or(undone_after > undoes_amount) AS too_much
    FROM transfers GROUP BY kind, debit_account_id, credit_account_id
  ), moved AS (
    SELECT account_id, sum(amount) AS amount, sum(trail) AS trail FROM (
      SELECT debit AS account_id, -amount AS amount, debit_trail AS trail FROM flow
      UNION ALL SELECT credit, amount, credit_trail FROM flow) s GROUP BY account_id
  ), came AS (
    SELECT f.id, (SELECT coalesce(sum(b.amount), 0) FROM contributions b WHERE b.fund_id = f.id AND b.status = 'received')
             AS due,
           (SELECT coalesce(sum(CASE d.kind WHEN 'outside' THEN w.amount ELSE -w.amount END), 0) FROM flow w
            JOIN accounts d ON d.id = w.debit JOIN accounts c ON c.id = w.credit
            WHERE d.kind = 'outside' AND c.fund_id = f.id OR c.kind = 'outside' AND d.fund_id = f.id) AS received
    FROM funds f
  ), account AS MATERIALIZED (
    SELECT a.id, a.budget_line_id, a.kind, a.balance, coalesce(m.amount, 0) AS moved, coalesce(m.trail, 0) AS trail,
           coalesce((SELECT after FROM (${last('debit')} UNION ALL ${last('credit')}) s
                     ORDER BY seq DESC LIMIT 1), 0) AS last
    FROM accounts a LEFT JOIN moved m ON m.account_id = a.id
  ), unfit AS MATERIALIZED (
    SELECT f.*, d.kind AS from_kind, c.kind AS to_kind
    FROM flow f JOIN accounts d ON d.id = f.debit JOIN accounts c ON c.id = f.credit WHERE NOT ${fits}
  )`;

const TRAIL = 'hashint8(last)::bigint - hashint8(0)';
const bookDifferences = [
  wrong('balance.transfers', 'accountId', 'moved', 'balance', 'account WHERE balance <> moved'),
  `${difference('balance.sum', '', '0', 'sum(balance)')} FROM account HAVING sum(balance) <> 0`,
  wrong('statement.last', 'accountId', 'balance', 'last', 'account WHERE balance <> last'),
  wrong('statement.trail', 'accountId', 'NULL', 'NULL', `account WHERE trail <> ${TRAIL}`),
  wrong('fund.received', 'fundId', 'due', 'received', 'came WHERE due <> received'),
  `${difference('moves.asked', '', 'asked', 'moved')} FROM (
     SELECT (SELECT coalesce(sum(amount), 0) FROM budget_moves WHERE status = 'done'
             AND (from_line_id IS NOT NULL AND to_line_id IS NOT NULL OR fund_id <> to_fund_id)) AS asked,
            (SELECT coalesce(sum(amount), 0) FROM flow WHERE kind IN ('move', 'carry_over')) AS moved
   ) m WHERE asked <> moved`,
  `${difference('transfer.accounts', `'transferId', t.id`, 'w.kind', `w.from_kind || ' → ' || w.to_kind`)}
   FROM unfit w CROSS JOIN LATERAL (
     SELECT id FROM transfers
     WHERE debit_account_id = w.debit AND credit_account_id = w.credit AND kind = w.kind LIMIT ${AT_MOST}) t`,
];

const OPEN = `('approved', 'scheduled')`;
const DONE = `('paid', 'settled')`;

/**
 * What is promised and paid, in one pass over each table. Awards are compared with payments, payments with transfers,
 * and so on, by sums in which each amount is weighed by a hash of whose it is: they are equal when every single amount
 * is, and (but for one chance in two thousand million) only then. No row is joined to another one, which would take
 * ten times as long; where sums differ, `PROMISES` finds the rows.
 */
const promises = `
  award AS MATERIALIZED (
    SELECT budget_line_id, status, count(*) AS awards, sum(amount) AS amount,
           ${weighed('amount', 'uuid_hash(commit_transfer_id) # uuid_hash(id)')} AS proof,
           ${weighed('amount', 'uuid_hash(id)')} AS weighed,
           ${weighed('amount', 'uuid_hash(request_line_id)')} AS approved,
           sum(uuid_hash(id)::bigint) AS ids
    FROM award_figures GROUP BY budget_line_id, status
  ), open AS MATERIALIZED (
    SELECT a.budget_line_id, sum(u.amount) AS undone, ${weighed('u.amount', 'uuid_hash(a.id)')} AS weighed,
           bool_or(u.undone_after >= a.amount) AS none_left
    FROM award_figures a CROSS JOIN LATERAL (
      -- Few awards are open, so their releases are looked up; \`OFFSET 0\` keeps the planner from reading all transfers.
      SELECT amount, undone_after FROM transfers WHERE undoes_id = a.commit_transfer_id OFFSET 0) u
    WHERE a.status IN ${OPEN} GROUP BY a.budget_line_id
  ), payment AS MATERIALIZED (
    SELECT status, count(*) AS payments,
           ${weighed('amount', 'uuid_hash(transfer_id) # uuid_hash(id)')} AS proof,
           ${weighed('amount', 'uuid_hash(award_id)')} AS by_award,
           ${weighed('amount', 'uuid_hash(id)')} AS weighed,
           sum(uuid_hash(award_id)::bigint) AS award_ids
    FROM disbursement_figures WHERE status IN ('paid', 'bounced') GROUP BY status
  ), returned AS MATERIALIZED (
    SELECT kind, ${weighed('amount', 'uuid_hash(transfer_id) # uuid_hash(disbursement_id)')} AS proof,
           ${weighed('amount', 'uuid_hash(disbursement_id)')} AS by_payment
    FROM returns GROUP BY kind
  ), through AS (
    SELECT a.budget_line_id,
           sum(CASE f.kind WHEN 'pay' THEN f.amount WHEN 'bounce' THEN -f.amount ELSE 0 END) AS spent,
           coalesce(sum(f.amount) FILTER (WHERE f.kind = 'release'), 0) AS released
    FROM flow f JOIN accounts a ON a.id = CASE f.kind WHEN 'pay' THEN f.credit ELSE f.debit END
    WHERE f.kind IN ('pay', 'bounce', 'release') GROUP BY a.budget_line_id
  ), held AS (
    SELECT budget_line_id, coalesce(sum(amount) FILTER (WHERE status IN ${OPEN}), 0) AS open,
           coalesce(sum(amount) FILTER (WHERE status IN ${DONE}), 0) AS done,
           coalesce(sum(amount) FILTER (WHERE status = 'released'), 0) AS taken_back
    FROM award GROUP BY budget_line_id
  ), line AS (
    SELECT c.balance AS committed, coalesce(t.spent, 0) AS spent, coalesce(t.released, 0) AS released,
           coalesce(h.open, 0) AS open, coalesce(h.done, 0) AS done, coalesce(h.taken_back, 0) AS taken_back,
           coalesce(o.undone, 0) AS undone
    FROM account c
    LEFT JOIN through t USING (budget_line_id)
    LEFT JOIN held h USING (budget_line_id)
    LEFT JOIN open o USING (budget_line_id)
    WHERE c.kind = 'committed'
  )`;

/** A sum over these rows; zero where there are none. */
const sum = (column: string, from: string): string => `(SELECT coalesce(sum(${column}), 0) FROM ${from})`;

/** What has to be equal, but for multiples of the prime. */
const proofs: Record<string, [string, string]> = {
  awards: [sum('proof', `flow WHERE kind = 'commit'`), sum('proof', 'award')],
  payments: [sum('proof', `flow WHERE kind = 'pay'`), sum('proof', 'payment')],
  bounces: [sum('proof', `flow WHERE kind = 'bounce'`), sum('proof', `returned WHERE kind = 'bounce'`)],
  refunds: [sum('proof', `flow WHERE kind = 'refund'`), sum('proof', `returned WHERE kind = 'refund'`)],
  // An award that is done was paid, once, and one that is not was not.
  paid: [sum('ids', `award WHERE status IN ${DONE}`), sum('award_ids', `payment WHERE status = 'paid'`)],
  // What was awarded and is not open any more was either paid or released.
  rest: [
    `${sum('weighed', `award WHERE status NOT IN ${OPEN}`)} + ${sum('weighed', 'open')}`,
    `${sum('by_award', `payment WHERE status = 'paid'`)} + ${sum('proof', `flow WHERE kind = 'release'`)}`,
  ],
  bounced: [
    sum('weighed', `payment WHERE status = 'bounced'`),
    sum('by_payment', `returned WHERE kind = 'bounce'`),
  ],
  approved: [
    sum('approved', `award WHERE status <> 'released'`),
    `(SELECT coalesce(${weighed('approved_amount', 'uuid_hash(id)')}, 0) FROM request_line_figures)`,
  ],
};

const equal = Object.entries(proofs).map(
  ([name, [one, other]]) => `('${name}', mod(${one}, ${PRIME}) = mod(${other}, ${PRIME}))`,
);

/** All of it in one statement, which gives one row; `broken` names the proofs that failed. */
export const PROOF = `
  WITH ${books}, ${promises}
  SELECT (SELECT coalesce(sum(transfers), 0)::bigint FROM flow) AS transfers,
         (SELECT count(*) FROM account) AS accounts,
         (SELECT coalesce(sum(awards), 0)::bigint FROM award) AS awards,
         (SELECT coalesce(sum(payments), 0)::bigint FROM payment) AS disbursements,
         ARRAY(SELECT p.name FROM (VALUES
           ${equal.join(', ')},
           ('undoings', NOT EXISTS (SELECT 1 FROM flow WHERE too_much)),
           ('open', NOT EXISTS (SELECT 1 FROM open WHERE none_left)),
           ('lines', NOT EXISTS (SELECT 1 FROM line WHERE committed <> open - undone
                                 OR spent <> done - (released - taken_back - undone)))
         ) AS p(name, holds) WHERE NOT p.holds) AS broken,
         ${list(bookDifferences)}`;
