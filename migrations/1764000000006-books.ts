import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byActor, is, resecure, secure } from './row-security.js';

/** What makes the books a proof: balances kept with each transfer, undoings tied to what they undo, checks of it all. */
export class Books1764000000006 implements MigrationInterface {
  name = 'Books1764000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(accounts);
    await runner.query(transfers);
    await backfillBalances(runner);
    await runner.query(fundTables);
    await secureBooks(runner);
    await showFigures(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const accounts = `
  ALTER TABLE accounts DROP CONSTRAINT accounts_kind_check, DROP CONSTRAINT accounts_owner;
  ALTER TABLE accounts
    -- Closed with its fund: nothing may be promised from it any more. What comes back goes to unallocated.
    ADD closed boolean NOT NULL DEFAULT false,
    -- The moments along one account never go back, so that "as of" is a place in its statement.
    ADD last_recorded_at timestamptz NOT NULL DEFAULT '-infinity',
    ADD CONSTRAINT accounts_kind_check
      CHECK (kind IN ('outside', 'contributed', 'unallocated', 'available', 'committed', 'spent')),
    ADD CONSTRAINT accounts_owner CHECK (
      (kind = 'outside' AND fund_id IS NULL AND budget_line_id IS NULL)
      OR (kind IN ('contributed', 'unallocated') AND fund_id IS NOT NULL AND budget_line_id IS NULL)
      OR (kind IN ('available', 'committed', 'spent') AND fund_id IS NOT NULL AND budget_line_id IS NOT NULL)),
    ADD CONSTRAINT accounts_closed_promise_nothing
      CHECK (NOT closed OR kind NOT IN ('available', 'committed') OR balance = 0);
  INSERT INTO accounts (id, kind, fund_id) SELECT gen_random_uuid(), 'contributed', id FROM funds;
`;

// An undoing takes the money from the account that the undone transfer gave it to. A reversal is whole, and the first
// undoing; the chain of undoings then makes it the only one.
const transfers = `
  ALTER TABLE transfers DROP CONSTRAINT transfers_kind_check;
  ALTER TABLE transfers
    -- What the two accounts hold after this transfer, in yen: a statement reads it and adds nothing up.
    ADD debit_after bigint,
    ADD credit_after bigint,
    ADD undoes_kind text,
    ADD CONSTRAINT transfers_kind_check CHECK (kind IN ('contribute', 'accept', 'allocate', 'give_back', 'move',
      'carry_over', 'commit', 'release', 'pay', 'bounce', 'refund', 'reverse')),
    ADD CONSTRAINT transfers_end_key UNIQUE (id, kind, credit_account_id);
  UPDATE transfers t SET undoes_kind = u.kind FROM transfers u WHERE u.id = t.undoes_id;
  ALTER TABLE transfers
    ADD CONSTRAINT transfers_undo_what_can_be CHECK (CASE kind
      WHEN 'release' THEN undoes_kind = 'commit'
      WHEN 'bounce' THEN undoes_kind = 'pay'
      WHEN 'refund' THEN undoes_kind = 'pay'
      WHEN 'reverse' THEN undoes_kind NOT IN ('release', 'bounce', 'refund', 'reverse') AND undoes_kind IS NOT NULL
      ELSE undoes_kind IS NULL END),
    ADD CONSTRAINT transfers_reversal_is_whole
      CHECK (kind <> 'reverse' OR (undone_before = 0 AND amount = undoes_amount)),
    ADD CONSTRAINT transfers_undo_from_where_it_went
      FOREIGN KEY (undoes_id, undoes_kind, debit_account_id) REFERENCES transfers (id, kind, credit_account_id);
  -- The beginning of a statement: the first movement of an account since a moment.
  CREATE INDEX transfers_debit_recorded ON transfers (debit_account_id, recorded_at, seq);
  CREATE INDEX transfers_credit_recorded ON transfers (credit_account_id, recorded_at, seq);
  -- For verifying the books: the few corrections, and that there are few ways for money to go, which lets PostgreSQL
  -- add them up in several processes.
  CREATE INDEX transfers_reversals ON transfers (undoes_id) WHERE kind = 'reverse';
  CREATE STATISTICS transfers_ways (ndistinct) ON kind, debit_account_id, credit_account_id FROM transfers;
`;

/** @throws Error when a transfer is left without its balances, as row-level security hides rows in silence */
async function backfillBalances(runner: QueryRunner): Promise<void> {
  await runner.query(`
    WITH sides AS (
      SELECT seq, recorded_at, debit_account_id AS account_id, -amount AS change, true AS debit FROM transfers
      UNION ALL SELECT seq, recorded_at, credit_account_id, amount, false FROM transfers
    ), running AS (
      SELECT seq, debit, sum(change) OVER (PARTITION BY account_id ORDER BY recorded_at, seq)::bigint AS after FROM sides
    )
    UPDATE transfers t SET debit_after = d.after, credit_after = c.after
    FROM running d, running c WHERE d.seq = t.seq AND d.debit AND c.seq = t.seq AND NOT c.debit`);
  await runner.query(`ALTER TABLE transfers ALTER debit_after SET NOT NULL, ALTER credit_after SET NOT NULL`);
  await runner.query(`
    UPDATE accounts a SET last_recorded_at = m.at FROM (
      SELECT account_id, max(recorded_at) AS at FROM (
        SELECT debit_account_id AS account_id, recorded_at FROM transfers
        UNION ALL SELECT credit_account_id, recorded_at FROM transfers) sides GROUP BY account_id) m
    WHERE m.account_id = a.id`);
  const [{ count }] = await runner.query(`
    SELECT count(*) FROM accounts a WHERE a.last_recorded_at = '-infinity'
    AND EXISTS (SELECT 1 FROM transfers t WHERE a.id IN (t.debit_account_id, t.credit_account_id))`);
  if (Number(count) > 0) throw new Error(`${count} accounts did not get the moment of their last transfer`);
}

const fundTables = `
  ALTER TABLE funds ADD source text, ADD closed_at timestamptz;
  ALTER TABLE budget_lines ADD CONSTRAINT budget_lines_fund_key UNIQUE (id, fund_id);

  -- Promised, received, or corrected: by another row that says what is right, or by none when nothing came.
  ALTER TABLE contributions
    ALTER received_on DROP NOT NULL,
    ALTER transfer_id DROP NOT NULL,
    ADD status text NOT NULL DEFAULT 'received' CHECK (status IN ('promised', 'received', 'corrected')),
    ADD expected_on date,
    ADD promise_id uuid REFERENCES contributions,
    ADD corrects_id uuid UNIQUE REFERENCES contributions,
    ADD CONSTRAINT contributions_received CHECK ((transfer_id IS NULL) = (received_on IS NULL)
      AND (status <> 'received' OR transfer_id IS NOT NULL) AND (status <> 'promised' OR transfer_id IS NULL)),
    ADD CONSTRAINT contributions_as_posted FOREIGN KEY (transfer_id, amount) REFERENCES transfers (id, amount);
  CREATE INDEX contributions_promise ON contributions (promise_id);

  -- What was done to a fund and why, beside its money.
  CREATE TABLE fund_events (
    id uuid PRIMARY KEY,
    fund_id uuid NOT NULL REFERENCES funds,
    verb text NOT NULL,
    reason text,
    facts jsonb NOT NULL DEFAULT '{}',
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL
  );
  CREATE INDEX fund_events_fund ON fund_events (fund_id, id);

  -- Money that changes its budget line or its fund; no line means what the fund has unallocated. Above the fund's rule
  -- it waits for somebody else than who asked.
  CREATE TABLE budget_moves (
    id uuid PRIMARY KEY,
    fund_id uuid NOT NULL REFERENCES funds,
    from_line_id uuid,
    to_fund_id uuid NOT NULL REFERENCES funds,
    to_line_id uuid,
    amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    reason text NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'done', 'refused', 'withdrawn')),
    needs_second boolean NOT NULL,
    asked_by uuid NOT NULL REFERENCES users,
    asked_at timestamptz NOT NULL,
    decided_by uuid REFERENCES users,
    decided_at timestamptz,
    transfer_id uuid UNIQUE,
    CONSTRAINT budget_moves_somewhere_else CHECK (fund_id <> to_fund_id OR from_line_id IS DISTINCT FROM to_line_id),
    -- Between funds goes only what no line has, and always with a second person.
    CONSTRAINT budget_moves_between_funds CHECK
      (fund_id = to_fund_id OR (from_line_id IS NULL AND to_line_id IS NULL AND needs_second)),
    CONSTRAINT budget_moves_second_person CHECK (decided_by <> asked_by),
    CONSTRAINT budget_moves_decided CHECK (
      (status IN ('done', 'refused', 'withdrawn')) = (decided_at IS NOT NULL)
      AND (status <> 'refused' OR decided_by IS NOT NULL)
      AND (status <> 'done' OR NOT needs_second OR decided_by IS NOT NULL)
      AND (status = 'done') = (transfer_id IS NOT NULL)),
    FOREIGN KEY (from_line_id, fund_id) REFERENCES budget_lines (id, fund_id),
    FOREIGN KEY (to_line_id, to_fund_id) REFERENCES budget_lines (id, fund_id),
    FOREIGN KEY (transfer_id, amount) REFERENCES transfers (id, amount)
  );
  CREATE INDEX budget_moves_waiting ON budget_moves (id) WHERE status = 'waiting';
  CREATE INDEX budget_moves_fund ON budget_moves (fund_id, id);

  -- What each verification of the books found; one without differences says that there were none.
  CREATE TABLE ledger_checks (
    id uuid PRIMARY KEY,
    checked_at timestamptz NOT NULL,
    transfers bigint NOT NULL,
    differences jsonb NOT NULL
  );
`;

async function secureBooks(runner: QueryRunner): Promise<void> {
  const readers = is('reviewer', 'approver', 'treasurer', 'board', 'figures', 'importer');
  const treasurer = is('treasurer');
  const movers = is('approver', 'board', 'treasurer', 'importer');
  await resecure(runner, 'accounts', { update: movers, updateColumns: 'closed, last_recorded_at' });
  // Each moves what is theirs to move: who decides promises, who keeps the money does not.
  const moves = `(${is('treasurer')} AND kind <> 'commit') OR ${is('importer')}
    OR (${is('approver')} AND kind IN ('commit', 'release'))
    OR (${is('board')} AND kind IN ('commit', 'move', 'give_back', 'carry_over'))`;
  await resecure(runner, 'transfers', { insert: `(${moves}) AND ${byActor}` });
  await resecure(runner, 'funds', { updateColumns: 'ends_on, closed_at, source' });
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  await runner.query(`
    GRANT update (status) ON contributions TO ${role};
    CREATE POLICY app_update ON contributions FOR UPDATE TO ${role} USING (${treasurer})`);
  await secure(runner, 'fund_events', {
    select: readers,
    insert: `${is('treasurer', 'board')} AND ${byActor}`,
  });
  await secure(runner, 'budget_moves', {
    select: readers,
    insert: `${treasurer} AND asked_by = (SELECT actor_id()) AND decided_by IS NULL`,
    update: `${is('treasurer', 'board')} AND status = 'waiting'`,
    updateColumns: 'status, decided_by, decided_at, transfer_id',
  });
  // Whoever decides signs with their own name.
  await runner.query(`ALTER POLICY app_update ON budget_moves
    WITH CHECK (decided_by IS NULL AND asked_by = (SELECT actor_id()) OR decided_by = (SELECT actor_id()))`);
  await secure(runner, 'ledger_checks', {
    select: is('reviewer', 'approver', 'treasurer', 'board', 'admin', 'figures'),
    insert: is('figures'),
  });
}

/**
 * What verifying the books reads of awards, payments and lines: ids, amounts and states, of all of them. The tables'
 * own policies look at each row's request, and that keeps PostgreSQL from reading them in several processes.
 */
async function showFigures(runner: QueryRunner): Promise<void> {
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  const figures = {
    award_figures: 'id, request_line_id, budget_line_id, amount, status, commit_transfer_id FROM awards',
    disbursement_figures: 'id, award_id, amount, status, transfer_id FROM disbursements',
    request_line_figures: 'id, approved_amount FROM request_lines',
  };
  for (const [view, columns] of Object.entries(figures)) {
    await runner.query(`
      CREATE VIEW ${view} WITH (security_barrier) AS SELECT ${columns} WHERE ${is('figures')};
      REVOKE ALL ON ${view} FROM PUBLIC;
      GRANT SELECT ON ${view} TO ${role}`);
  }
}
