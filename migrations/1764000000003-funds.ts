import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byActor, is, secure } from './row-security.js';

/** Double entry, and the pots of money that it keeps. */
export class Funds1764000000003 implements MigrationInterface {
  name = 'Funds1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    const readers = is('reviewer', 'approver', 'treasurer', 'board', 'figures', 'importer');
    const treasurer = is('treasurer');
    const movers = is('approver', 'treasurer', 'importer');
    await secure(runner, 'funds', {
      select: readers,
      insert: treasurer,
      update: treasurer,
      updateColumns: 'name, rules',
    });
    await secure(runner, 'budget_lines', { select: readers, insert: treasurer });
    await secure(runner, 'contributions', { select: readers, insert: treasurer });
    await secure(runner, 'accounts', {
      select: readers,
      insert: treasurer,
      update: movers,
      updateColumns: 'balance',
    });
    // Neither changed nor deleted by anybody: the application has no right to.
    await secure(runner, 'transfers', { select: readers, insert: `${movers} AND ${byActor}` });
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const tables = `
  CREATE TABLE funds (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9-]{1,39}$'),
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('grant', 'campaign', 'donation', 'own')),
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on),
    rules jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL
  );

  CREATE TABLE budget_lines (
    id uuid PRIMARY KEY,
    fund_id uuid NOT NULL REFERENCES funds,
    purpose text NOT NULL CHECK (purpose IN ('relief', 'activity', 'fee')),
    category text CHECK (category IN ('food', 'shelter', 'medical', 'utilities', 'other')),
    created_at timestamptz NOT NULL,
    CONSTRAINT budget_lines_category CHECK ((purpose = 'relief') = (category IS NOT NULL)),
    CONSTRAINT budget_lines_key UNIQUE NULLS NOT DISTINCT (fund_id, purpose, category)
  );

  CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('outside', 'unallocated', 'available', 'committed', 'spent')),
    fund_id uuid REFERENCES funds,
    budget_line_id uuid REFERENCES budget_lines,
    balance bigint NOT NULL DEFAULT 0,
    CONSTRAINT accounts_key UNIQUE NULLS NOT DISTINCT (kind, fund_id, budget_line_id),
    CONSTRAINT accounts_owner CHECK (
      (kind = 'outside' AND fund_id IS NULL AND budget_line_id IS NULL)
      OR (kind = 'unallocated' AND fund_id IS NOT NULL AND budget_line_id IS NULL)
      OR (kind IN ('available', 'committed', 'spent') AND fund_id IS NOT NULL AND budget_line_id IS NOT NULL)),
    CONSTRAINT accounts_balance_not_negative CHECK (balance >= 0 OR kind = 'outside'),
    CONSTRAINT accounts_balance_safe CHECK (balance BETWEEN -9007199254740991 AND 9007199254740991)
  );
  CREATE INDEX accounts_fund ON accounts (fund_id);
  INSERT INTO accounts (id, kind) VALUES ('00000000-0000-7000-8000-000000000001', 'outside');

  -- Money moves from the debited to the credited account. An undoing names what it undoes; the undoings of one
  -- transfer form a chain (each begins where the one before ended), so that together they never pass its amount,
  -- whatever the code does.
  CREATE TABLE transfers (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL CHECK (kind IN
      ('contribute', 'allocate', 'give_back', 'move', 'commit', 'release', 'pay', 'bounce', 'refund', 'reverse')),
    debit_account_id uuid NOT NULL REFERENCES accounts,
    credit_account_id uuid NOT NULL REFERENCES accounts,
    amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    happened_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor_id uuid NOT NULL REFERENCES users,
    subject_id uuid NOT NULL,
    undoes_id uuid,
    undoes_amount bigint,
    undone_before bigint,
    undone_after bigint GENERATED ALWAYS AS (undone_before + amount) STORED,
    undone_link bigint GENERATED ALWAYS AS (nullif(undone_before, 0)) STORED,
    CONSTRAINT transfers_two_accounts CHECK (debit_account_id <> credit_account_id),
    CONSTRAINT transfers_undoing_is_linked CHECK (
      (kind IN ('release', 'bounce', 'refund', 'reverse')) = (undoes_id IS NOT NULL)
      AND (undoes_id IS NULL) = (undoes_amount IS NULL) AND (undoes_id IS NULL) = (undone_before IS NULL)),
    CONSTRAINT transfers_undone_at_most CHECK (undone_before >= 0 AND undone_before + amount <= undoes_amount),
    CONSTRAINT transfers_amount_key UNIQUE (id, amount),
    CONSTRAINT transfers_undone_once UNIQUE (undoes_id, undone_before),
    CONSTRAINT transfers_undone_key UNIQUE (undoes_id, undone_after),
    FOREIGN KEY (undoes_id, undoes_amount) REFERENCES transfers (id, amount),
    FOREIGN KEY (undoes_id, undone_link) REFERENCES transfers (undoes_id, undone_after)
  );
  -- A statement of one account, page by page, both sides.
  CREATE INDEX transfers_debit ON transfers (debit_account_id, seq);
  CREATE INDEX transfers_credit ON transfers (credit_account_id, seq);
  CREATE INDEX transfers_subject ON transfers (subject_id);
  -- Reports ask for what was paid, bounced and refunded between two days.
  CREATE INDEX transfers_disbursed ON transfers (happened_on) WHERE kind IN ('pay', 'bounce', 'refund');

  CREATE TABLE contributions (
    id uuid PRIMARY KEY,
    fund_id uuid NOT NULL REFERENCES funds,
    amount bigint NOT NULL CHECK (amount > 0),
    received_on date NOT NULL,
    source text NOT NULL,
    reference text,
    transfer_id uuid NOT NULL UNIQUE REFERENCES transfers,
    recorded_at timestamptz NOT NULL
  );
  CREATE INDEX contributions_fund ON contributions (fund_id, received_on);
`;
