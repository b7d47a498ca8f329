import type { MigrationInterface, QueryRunner } from 'typeorm';
import { emptying, floor, standing } from './forgetting-functions.js';
import { alsoAllow, allow, is, own, secure } from './row-security.js';

/** How long each kind of record is kept, what stops the clock, who asked to be forgotten, and who was. */
export class Forgetting1764000000015 implements MigrationInterface {
  name = 'Forgetting1764000000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(closing);
    await runner.query(tables);
    await runner.query(standing);
    await runner.query(floor);
    await runner.query(emptying);
    await secureTables(runner);
    const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
    const inside = `hold_on(uuid), money_is_open(uuid), voucher_until(date, int), key_may_go(), key_is_there(),
      hold_waits(), forget_answers(uuid, uuid[]), forget_key(uuid, text, text, timestamptz), empty_request(uuid)`;
    const callable = `retention_due(text, date), subject_of_code(text),
      forget_person(uuid, text, timestamptz), forget_case(uuid, text, timestamptz),
      forget_request(uuid, text, timestamptz), forget_files(uuid, text, timestamptz), forget_file(uuid, text, timestamptz)`;
    await runner.query(`
      REVOKE ALL ON FUNCTION ${inside}, ${callable} FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION ${callable} TO ${role}`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

/** A case knows since when it is closed. One that a history made is over: nobody works on it. */
const closing = `
  ALTER TABLE cases ADD closed_at timestamptz;
  UPDATE cases c SET status = 'closed' WHERE status = 'open'
    AND EXISTS (SELECT 1 FROM grant_requests r WHERE r.case_id = c.id AND r.origin = 'import')
    AND NOT EXISTS (SELECT 1 FROM grant_requests r WHERE r.case_id = c.id AND r.origin = 'filed')
    AND NOT EXISTS (SELECT 1 FROM case_narratives n WHERE n.case_id = c.id)
    AND NOT EXISTS (SELECT 1 FROM case_entries e WHERE e.case_id = c.id);
  UPDATE cases SET closed_at = updated_at WHERE status = 'closed';
  ALTER TABLE cases ADD CONSTRAINT cases_closed_since CHECK ((status = 'closed') = (closed_at IS NOT NULL));
  CREATE INDEX cases_closed ON cases (closed_at) WHERE status = 'closed';
`;

const tables = `
  -- How long each kind is kept after nobody works with it any more. The newest version counts. The limits are those of
  -- the law (vouchers) and of sense (nothing goes while somebody may still need it, nothing stays for good).
  CREATE TABLE retention_rules (
    version int PRIMARY KEY CHECK (version > 0),
    case_months int NOT NULL CHECK (case_months BETWEEN 3 AND 84),
    person_months int NOT NULL CHECK (person_months BETWEEN 3 AND 84),
    draft_months int NOT NULL CHECK (draft_months BETWEEN 1 AND 24),
    evidence_months int NOT NULL CHECK (evidence_months BETWEEN 3 AND 84),
    voucher_years int NOT NULL CONSTRAINT retention_rules_vouchers CHECK (voucher_years BETWEEN 7 AND 30),
    session_days int NOT NULL CHECK (session_days BETWEEN 1 AND 90),
    set_by uuid REFERENCES users,
    set_at timestamptz NOT NULL,
    CONSTRAINT retention_rules_set_by_somebody CHECK (version = 1 OR set_by IS NOT NULL)
  );
  INSERT INTO retention_rules VALUES (1, 24, 24, 6, 12, 7, 30, NULL, now());

  -- What must not be forgotten for now: one person, one case, or all of a member.
  CREATE TABLE legal_holds (
    id uuid PRIMARY KEY,
    person_id uuid REFERENCES persons,
    case_id uuid REFERENCES cases,
    organisation_id uuid REFERENCES organisations,
    code text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('court', 'audit', 'inquiry', 'complaint', 'other_law')),
    placed_by uuid NOT NULL REFERENCES users,
    placed_at timestamptz NOT NULL,
    lift_reason text CHECK (lift_reason IN ('over', 'mistake')),
    lifted_by uuid REFERENCES users,
    lifted_at timestamptz,
    CONSTRAINT legal_holds_on_one_thing CHECK (num_nonnulls(person_id, case_id, organisation_id) = 1),
    CONSTRAINT legal_holds_lifted CHECK (num_nonnulls(lift_reason, lifted_by, lifted_at) IN (0, 3))
  );
  CREATE INDEX legal_holds_person ON legal_holds (person_id) WHERE lifted_at IS NULL;
  CREATE INDEX legal_holds_case ON legal_holds (case_id) WHERE lifted_at IS NULL;
  CREATE INDEX legal_holds_organisation ON legal_holds (organisation_id) WHERE lifted_at IS NULL;

  -- A person asked to be forgotten. The member wrote it down, an administrator answers.
  CREATE TABLE deletion_requests (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    code text NOT NULL,
    asked text NOT NULL CHECK (asked IN ('person', 'guardian', 'lawyer')),
    status text NOT NULL CHECK (status IN ('open', 'deferred', 'done', 'refused')),
    reason text CHECK (reason IN ('legal_hold', 'open_money', 'still_helped', 'not_own_wish', 'already_done')),
    due_on date NOT NULL,
    recorded_by uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL,
    decided_by uuid REFERENCES users,
    decided_at timestamptz,
    CONSTRAINT deletion_requests_decided CHECK
      ((status = 'open') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT deletion_requests_reason CHECK ((status IN ('deferred', 'refused')) = (reason IS NOT NULL)),
    FOREIGN KEY (person_id, organisation_id) REFERENCES persons (id, organisation_id)
  );
  CREATE UNIQUE INDEX deletion_requests_one_waiting ON deletion_requests (person_id)
    WHERE status IN ('open', 'deferred');
  CREATE INDEX deletion_requests_own ON deletion_requests (organisation_id, id DESC);

  -- Who and what was forgotten, and why; ids only.
  CREATE TABLE forgotten (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('person', 'case', 'request', 'attachment')),
    why text NOT NULL CHECK (why IN ('retention', 'asked', 'restored')),
    recorded_at timestamptz NOT NULL
  );
  CREATE INDEX forgotten_owner ON forgotten (owner_id);
  -- A request keeps its number when the key of its texts is gone. That the key is there when it is filed, and when a
  -- person is named, a trigger sees to.
  ALTER TABLE grant_requests DROP CONSTRAINT grant_requests_key_owner_id_fkey;
`;

/** Whoever does it signs with their own name. */
const signed = (column: string): string => `${column} = (SELECT actor_id())`;

async function secureTables(runner: QueryRunner): Promise<void> {
  const staff = is('admin', 'board');
  // No secret: the sheet tells everybody helped how long it is kept.
  await secure(runner, 'retention_rules', {
    select: `(SELECT actor_id()) IS NOT NULL OR ${is('forgetter')}`,
    insert: `${is('admin')} AND ${signed('set_by')}`,
  });
  await secure(runner, 'legal_holds', {
    select: `${staff} OR ${is('forgetter')}`,
    insert: `${staff} AND ${signed('placed_by')} AND lifted_at IS NULL`,
    update: `${staff} AND lifted_at IS NULL`,
    updateColumns: 'lift_reason, lifted_by, lifted_at',
  });
  // Whoever lifts one signs for it.
  await runner.query(`ALTER POLICY app_update ON legal_holds WITH CHECK (${signed('lifted_by')})`);
  await secure(runner, 'deletion_requests', {
    select: `${own()} OR ${is('admin')}`,
    insert: `${own()} AND ${signed('recorded_by')} AND status = 'open'`,
    update: `${is('admin')} AND status IN ('open', 'deferred')`,
    updateColumns: 'status, reason, due_on, decided_by, decided_at',
  });
  await runner.query(`ALTER POLICY app_update ON deletion_requests WITH CHECK (${signed('decided_by')})`);
  await secure(runner, 'forgotten', { select: `${staff} OR ${is('forgetter')}` });
  await alsoAllow(runner, 'data_keys', 'select', { name: 'forgetter_select', using: is('forgetter') });
  await allow(runner, 'one_time_links', 'delete', is('gate'));
}
