import { list, wrong } from './verify.differences.js';

/**
 * What is promised and paid, against the transfers: every payment, every award, every line of a request, and each
 * budget line's two balances.
 */
export const PROMISES = `
  WITH undone AS MATERIALIZED (
    SELECT undoes_id AS id, coalesce(sum(amount) FILTER (WHERE kind <> 'refund'), 0) AS undone,
           coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS refunded, max(undoes_amount) AS amount
    FROM transfers WHERE undoes_id IS NOT NULL GROUP BY undoes_id
  ), returned AS (
    SELECT disbursement_id AS id, sum(amount) FILTER (WHERE kind = 'bounce') AS bounced,
           sum(amount) FILTER (WHERE kind = 'refund') AS refunded
    FROM returns GROUP BY disbursement_id
  ), payment AS MATERIALIZED (
    SELECT d.id, d.award_id, d.status, d.amount, c.budget_line_id,
           t.kind = 'pay' AND t.subject_id = d.id AND t.amount = d.amount AS posted,
           coalesce(u.undone, 0) AS bounced, coalesce(u.refunded, 0) AS refunded,
           coalesce(r.bounced, 0) AS said_bounced, coalesce(r.refunded, 0) AS said_refunded
    FROM disbursements d
    JOIN transfers t ON t.id = d.transfer_id
    JOIN accounts c ON c.id = t.credit_account_id
    LEFT JOIN undone u ON u.id = d.transfer_id
    LEFT JOIN returned r ON r.id = d.id
    WHERE d.status IN ('paid', 'bounced')
  ), paid AS (
    SELECT award_id, sum(amount) FILTER (WHERE status = 'paid') AS amount,
           min(budget_line_id::text) AS first_line, max(budget_line_id::text) AS last_line
    FROM payment GROUP BY award_id
  ), award AS MATERIALIZED (
    SELECT a.id, a.request_line_id, a.budget_line_id, a.status, a.amount, coalesce(u.undone, 0) AS released,
           coalesce(p.amount, 0) AS paid,
           t.kind = 'commit' AND t.subject_id = a.id AND t.amount = a.amount
             AND c.budget_line_id = a.budget_line_id AS posted,
           p.first_line IS NULL OR p.first_line = a.budget_line_id::text AND p.last_line = p.first_line AS same_line
    FROM awards a
    JOIN transfers t ON t.id = a.commit_transfer_id
    JOIN accounts c ON c.id = t.credit_account_id
    LEFT JOIN undone u ON u.id = a.commit_transfer_id
    LEFT JOIN paid p ON p.award_id = a.id
  ), promised AS (
    SELECT budget_line_id, sum(amount - released) AS amount FROM award WHERE status IN ('approved', 'scheduled')
    GROUP BY budget_line_id
  ), spent AS (
    SELECT budget_line_id, sum(amount - said_refunded) AS amount FROM payment WHERE status = 'paid'
    GROUP BY budget_line_id
  ), line AS (
    SELECT a.budget_line_id AS id, a.kind, a.balance,
           coalesce(CASE a.kind WHEN 'committed' THEN p.amount ELSE s.amount END, 0) AS due
    FROM accounts a LEFT JOIN promised p USING (budget_line_id) LEFT JOIN spent s USING (budget_line_id)
    WHERE a.kind IN ('committed', 'spent')
  ), alone AS (
    SELECT t.id, t.kind FROM transfers t
    WHERE t.kind = 'commit' AND NOT EXISTS (SELECT 1 FROM award_figures a WHERE a.commit_transfer_id = t.id)
       OR t.kind = 'pay' AND NOT EXISTS (SELECT 1 FROM disbursement_figures d WHERE d.transfer_id = t.id)
       OR t.kind IN ('bounce', 'refund') AND NOT EXISTS (SELECT 1 FROM returns r WHERE r.transfer_id = t.id)
  ), approved AS (
    SELECT l.id, l.approved_amount, coalesce(a.amount, 0) AS due
    FROM request_lines l LEFT JOIN (
      SELECT request_line_id, sum(amount) AS amount FROM award WHERE status <> 'released' GROUP BY request_line_id
    ) a ON a.request_line_id = l.id
  )
  SELECT ${list([
    wrong(
      'undo.exceeded',
      'transferId',
      'amount',
      'undone + refunded',
      'undone WHERE undone + refunded > amount',
    ),
    wrong('transfer.alone', 'transferId', 'NULL', 'kind', 'alone'),
    wrong('payment.transfer', 'disbursementId', 'amount', 'NULL', 'payment WHERE NOT posted'),
    wrong(
      'payment.bounced',
      'disbursementId',
      `CASE status WHEN 'bounced' THEN amount ELSE 0 END`,
      'bounced',
      `payment WHERE bounced <> CASE status WHEN 'bounced' THEN amount ELSE 0 END`,
    ),
    wrong(
      'payment.returns',
      'disbursementId',
      'said_bounced + said_refunded',
      'bounced + refunded',
      'payment WHERE said_bounced <> bounced OR said_refunded <> refunded',
    ),
    wrong('award.transfer', 'awardId', 'amount', 'NULL', 'award WHERE NOT posted'),
    wrong('award.line', 'awardId', 'budget_line_id', 'NULL', 'award WHERE NOT same_line'),
    wrong(
      'award.status',
      'awardId',
      'status',
      `format('%s yen, of which %s released and %s paid', amount, released, paid)`,
      `award WHERE CASE WHEN status IN ('approved', 'scheduled') THEN paid <> 0 OR released >= amount
           WHEN status = 'released' THEN paid <> 0 OR released <> amount
           ELSE paid = 0 OR paid <> amount - released END`,
    ),
    wrong(
      'request_line.approved',
      'requestLineId',
      'due',
      'approved_amount',
      'approved WHERE approved_amount <> due',
    ),
    wrong(
      'line.committed',
      'budgetLineId',
      'due',
      'balance',
      `line WHERE kind = 'committed' AND balance <> due`,
    ),
    wrong('line.spent', 'budgetLineId', 'due', 'balance', `line WHERE kind = 'spent' AND balance <> due`),
  ])}`;

/** Money that came in, moves that were agreed to, and reversals, against their transfers. */
export const RECORDS = `
  WITH received AS (
    SELECT b.id, b.fund_id, b.amount, b.status, r.id IS NOT NULL AS reversed,
           t.kind = 'contribute' AND t.subject_id = b.id AND t.amount = b.amount AND c.fund_id = b.fund_id AS posted
    FROM contributions b
    JOIN transfers t ON t.id = b.transfer_id
    JOIN accounts c ON c.id = t.credit_account_id
    LEFT JOIN transfers r ON r.undoes_id = t.id
  ), moved AS (
    SELECT m.id, m.amount, t.subject_id = m.id AND t.amount = m.amount
             AND d.fund_id = m.fund_id AND d.budget_line_id IS NOT DISTINCT FROM m.from_line_id
             AND c.fund_id = m.to_fund_id AND c.budget_line_id IS NOT DISTINCT FROM m.to_line_id AS posted
    FROM budget_moves m
    JOIN transfers t ON t.id = m.transfer_id
    JOIN accounts d ON d.id = t.debit_account_id
    JOIN accounts c ON c.id = t.credit_account_id
  ), reversal AS (
    SELECT r.id, u.debit_account_id, r.credit_account_id FROM transfers r JOIN transfers u ON u.id = r.undoes_id
    WHERE r.kind = 'reverse' AND (r.credit_account_id <> u.debit_account_id OR r.amount <> u.amount)
  )
  SELECT ${list([
    wrong('contribution.transfer', 'contributionId', 'amount', 'NULL', 'received WHERE NOT posted'),
    wrong(
      'contribution.reversed',
      'contributionId',
      'status',
      `CASE WHEN reversed THEN 'reversed' END`,
      `received WHERE reversed = (status = 'received')`,
    ),
    wrong('move.transfer', 'moveId', 'amount', 'NULL', 'moved WHERE NOT posted'),
    wrong('transfer.reversal', 'transferId', 'debit_account_id', 'credit_account_id', 'reversal'),
  ])}`;
