import type { MigrationInterface, QueryRunner } from 'typeorm';
import { is, secure, seesRequest } from './row-security.js';

/** Money that was paid, and spreadsheets that come in. */
export class Disbursements1764000000005 implements MigrationInterface {
  name = 'Disbursements1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await secure(runner, 'disbursements', { select: seesRequest, insert: is('treasurer', 'importer') });
    const clerks = is('treasurer', 'admin', 'importer');
    await secure(runner, 'imports', {
      select: clerks,
      insert: clerks,
      update: is('importer'),
      updateColumns: 'status, done, total, summary, errors, finished_at',
    });
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const tables = `
  CREATE TABLE disbursements (
    id uuid PRIMARY KEY,
    award_id uuid NOT NULL,
    award_amount bigint NOT NULL,
    request_id uuid NOT NULL,
    request_origin text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    status text NOT NULL CHECK (status IN ('planned', 'sent', 'unknown', 'paid', 'bounced', 'cancelled')),
    method text NOT NULL CHECK (method IN ('cash', 'bank_transfer')),
    paid_on date NOT NULL,
    reference bytea,
    paid_by uuid,
    payer_duty text NOT NULL GENERATED ALWAYS AS ('payer') STORED,
    transfer_id uuid NOT NULL UNIQUE REFERENCES transfers,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT disbursements_within_award CHECK (amount <= award_amount),
    CONSTRAINT disbursements_have_a_payer CHECK ((request_origin = 'import') = (paid_by IS NULL)),
    FOREIGN KEY (award_id, award_amount) REFERENCES awards (id, amount),
    FOREIGN KEY (award_id, request_id) REFERENCES awards (id, request_id),
    FOREIGN KEY (request_id, paid_by, payer_duty) REFERENCES duties (request_id, user_id, duty),
    FOREIGN KEY (request_id, request_origin) REFERENCES grant_requests (id, origin)
  );
  -- One award is paid once, whoever clicks how often.
  CREATE UNIQUE INDEX disbursements_one_living_per_award ON disbursements (award_id)
    WHERE status IN ('planned', 'sent', 'unknown', 'paid');
  CREATE INDEX disbursements_request ON disbursements (request_id);

  CREATE TABLE imports (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('history', 'organisations')),
    fund_id uuid REFERENCES funds,
    dry_run boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'refused')),
    done int NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND total),
    total int NOT NULL DEFAULT 0,
    summary jsonb NOT NULL DEFAULT '{}',
    errors jsonb NOT NULL DEFAULT '[]',
    created_by uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT imports_history_has_fund CHECK ((kind = 'history') = (fund_id IS NOT NULL))
  );
  CREATE INDEX imports_list ON imports (id DESC);
`;
