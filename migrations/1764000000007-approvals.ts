import type { MigrationInterface, QueryRunner } from 'typeorm';
import { facts, floor } from './approval-functions.js';
import { byActor, is, own, resecure, secure, seesRequest } from './row-security.js';

/** Who has to agree before money is promised, by a policy with versions; and money that comes back. */
export class Approvals1764000000007 implements MigrationInterface {
  name = 'Approvals1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(policies);
    await runner.query(tables);
    await runner.query(facts);
    await runner.query(floor);
    await secureApprovals(runner);
    await letBoardDecide(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

/** The table of the approval policy as it stood when the network began with it. */
const FIRST_POLICY = JSON.stringify({
  windowDays: 90,
  tiers: [
    { upTo: 50_000, approvers: 1, board: 0 },
    { upTo: 200_000, approvers: 2, board: 0 },
    { upTo: null, approvers: 2, board: 1 },
  ],
  urgent: { upTo: 30_000, confirmWithinDays: 7 },
  repeatDays: 30,
  caps: [],
});

const policies = `
  CREATE TABLE approval_policies (
    version int PRIMARY KEY CHECK (version > 0),
    rules jsonb NOT NULL CHECK (jsonb_typeof(rules->'tiers') = 'array' AND jsonb_array_length(rules->'tiers') > 0
      AND jsonb_typeof(rules->'caps') = 'array' AND (rules->>'windowDays')::int > 0
      AND (rules->'urgent'->>'upTo')::bigint >= 0),
    status text NOT NULL CHECK (status IN ('proposed', 'agreed', 'refused')),
    reason text,
    proposed_by uuid REFERENCES users,
    proposed_at timestamptz NOT NULL,
    decided_by uuid REFERENCES users,
    decided_at timestamptz,
    -- Why it was refused.
    decision_reason text,
    -- The first one came with the database; every later one needs two people.
    CONSTRAINT approval_policies_two_people CHECK (version = 1 OR (proposed_by IS NOT NULL
      AND (status = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL))),
    CONSTRAINT approval_policies_second_person CHECK (decided_by <> proposed_by)
  );
  CREATE UNIQUE INDEX approval_policies_one_proposal ON approval_policies (status) WHERE status = 'proposed';
  INSERT INTO approval_policies (version, rules, status, proposed_at) VALUES (1, '${FIRST_POLICY}', 'agreed', now());

  ALTER TABLE grant_requests
    -- The version that it was submitted under; it keeps it.
    ADD policy_version int REFERENCES approval_policies,
    -- Since when a board member is asked to decide it; only then the board sees it.
    ADD board_asked_at timestamptz;
  UPDATE grant_requests SET policy_version = 1 WHERE submitted_at IS NOT NULL AND origin = 'filed';
  ALTER TABLE grant_requests ADD CONSTRAINT grant_requests_have_a_policy
    CHECK (origin = 'import' OR submitted_at IS NULL OR policy_version IS NOT NULL);
`;

const tables = `
  -- One person's yes to a set of lines with their budget lines: [{ lineId, budgetLineId, amount }], without refused
  -- lines, in the order of their ids. Another set voids it.
  CREATE TABLE approvals (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL,
    user_id uuid NOT NULL,
    duty text NOT NULL GENERATED ALWAYS AS ('approver') STORED,
    as_role text NOT NULL CHECK (as_role IN ('approver', 'board')),
    lines jsonb NOT NULL,
    -- Whether a cap was exceeded with a reason, which stands in the history.
    overrides boolean NOT NULL,
    recorded_at timestamptz NOT NULL,
    voided_at timestamptz,
    CONSTRAINT approvals_key UNIQUE (id, request_id, user_id),
    FOREIGN KEY (request_id, user_id, duty) REFERENCES duties (request_id, user_id, duty)
  );
  CREATE UNIQUE INDEX approvals_one_living_per_person ON approvals (request_id, user_id) WHERE voided_at IS NULL;

  -- What was approved by one person because it could not wait; a second one confirms or objects afterwards.
  CREATE TABLE urgent_approvals (
    approval_id uuid PRIMARY KEY,
    request_id uuid NOT NULL,
    approved_by uuid NOT NULL,
    confirm_by date NOT NULL,
    outcome text CHECK (outcome IN ('confirmed', 'objected')),
    confirmed_by uuid,
    confirmer_duty text NOT NULL GENERATED ALWAYS AS ('approver') STORED,
    confirmed_at timestamptz,
    CONSTRAINT urgent_approvals_second_person CHECK (confirmed_by <> approved_by),
    CONSTRAINT urgent_approvals_answered CHECK (
      (outcome IS NULL) = (confirmed_by IS NULL) AND (outcome IS NULL) = (confirmed_at IS NULL)),
    FOREIGN KEY (approval_id, request_id, approved_by) REFERENCES approvals (id, request_id, user_id),
    FOREIGN KEY (request_id, confirmed_by, confirmer_duty) REFERENCES duties (request_id, user_id, duty)
  );
  CREATE INDEX urgent_approvals_request ON urgent_approvals (request_id);
  CREATE INDEX urgent_approvals_unconfirmed ON urgent_approvals (confirm_by) WHERE outcome IS NULL;

  -- Checked at the commit, so that the ledger's accounts are locked last and shortly.
  ALTER TABLE awards
    ALTER CONSTRAINT awards_commit_transfer_id_fkey DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT awards_as_committed FOREIGN KEY (commit_transfer_id, amount) REFERENCES transfers (id, amount)
      DEFERRABLE INITIALLY DEFERRED;
  ALTER TABLE disbursements
    ADD CONSTRAINT disbursements_as_posted FOREIGN KEY (transfer_id, amount) REFERENCES transfers (id, amount),
    ADD CONSTRAINT disbursements_request_key UNIQUE (id, request_id);
  -- All attempts to pay an award.
  CREATE INDEX disbursements_award ON disbursements (award_id);
  -- What a board member who is asked to decide a request may open with it.
  CREATE INDEX grant_requests_key_owner ON grant_requests (key_owner_id);
  CREATE INDEX request_lines_vendor ON request_lines (vendor_id) WHERE vendor_id IS NOT NULL;
  -- Whom else a receipt came from.
  CREATE INDEX attachments_digest ON attachments (digest);

  -- Money that came back: the whole of a payment that never arrived (bounce), or what was paid back of it (refund).
  CREATE TABLE returns (
    id uuid PRIMARY KEY,
    disbursement_id uuid NOT NULL,
    request_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('bounce', 'refund')),
    amount bigint NOT NULL CHECK (amount > 0),
    happened_on date NOT NULL,
    reason bytea NOT NULL,
    transfer_id uuid NOT NULL UNIQUE,
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL,
    FOREIGN KEY (disbursement_id, request_id) REFERENCES disbursements (id, request_id),
    FOREIGN KEY (transfer_id, amount) REFERENCES transfers (id, amount)
  );
  CREATE INDEX returns_disbursement ON returns (disbursement_id);
`;

async function secureApprovals(runner: QueryRunner): Promise<void> {
  await secure(runner, 'approval_policies', {
    select: '(SELECT actor_id()) IS NOT NULL',
    insert: `${is('admin')} AND proposed_by = (SELECT actor_id()) AND status = 'proposed'`,
    update: `${is('admin', 'board')} AND status = 'proposed'`,
    updateColumns: 'status, decided_by, decided_at, decision_reason',
  });
  await runner.query(
    `ALTER POLICY app_update ON approval_policies WITH CHECK (decided_by = (SELECT actor_id()))`,
  );
  const asThemselves = `(as_role = 'approver' AND ${is('approver')} OR as_role = 'board' AND ${is('board')})`;
  await secure(runner, 'approvals', {
    select: seesRequest,
    insert: `${seesRequest} AND user_id = (SELECT actor_id()) AND ${asThemselves} AND voided_at IS NULL`,
    update: `${seesRequest} AND voided_at IS NULL`,
    updateColumns: 'voided_at',
  });
  // A voided approval stays void.
  await runner.query(`ALTER POLICY app_update ON approvals WITH CHECK (voided_at IS NOT NULL)`);
  await secure(runner, 'urgent_approvals', {
    select: seesRequest,
    insert: `${seesRequest} AND approved_by = (SELECT actor_id()) AND outcome IS NULL`,
    update: `${is('approver')} AND outcome IS NULL`,
    updateColumns: 'outcome, confirmed_by, confirmed_at',
  });
  await runner.query(
    `ALTER POLICY app_update ON urgent_approvals WITH CHECK (confirmed_by = (SELECT actor_id()))`,
  );
  await secure(runner, 'returns', { select: seesRequest, insert: `${is('treasurer')} AND ${byActor}` });
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  await runner.query(`
    GRANT update (status) ON disbursements TO ${role};
    CREATE POLICY app_update ON disbursements FOR UPDATE TO ${role} USING (${is('treasurer')});
    REVOKE ALL ON FUNCTION acts_on(), named_to_board(uuid), request_people(uuid), request_households(uuid),
      lock_households(uuid), award_is_approved(),
      awards_of_households(uuid[], date), repeats_of_request(uuid, timestamptz) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION acts_on(), named_to_board(uuid), request_households(uuid), lock_households(uuid), awards_of_households(uuid[], date),
      repeats_of_request(uuid, timestamptz) TO ${role}`);
}

/** A board member sees a request while asked to decide it, or who decided it; with whom it names and why. */
async function letBoardDecide(runner: QueryRunner): Promise<void> {
  const application = is('figures', 'importer');
  const toReview = `${is('reviewer', 'approver')} AND submitted_at IS NOT NULL`;
  const toDecide = `${is('board')} AND (board_asked_at IS NOT NULL OR id = ANY (ARRAY(SELECT acts_on())))`;
  const toPay = `${is('treasurer')} AND status IN ('approved', 'scheduled', 'paid', 'settled')`;
  await resecure(runner, 'disbursements', {
    insert: `(${is('treasurer')} AND request_origin = 'filed') OR ${is('importer')}`,
  });
  await resecure(runner, 'grant_requests', {
    insert: `(${own()} AND origin = 'filed') OR ${is('importer')}`,
    select: `${own()} OR ${application} OR (${toReview}) OR (${toDecide}) OR (${toPay})`,
    update: `${own()} OR (${toReview}) OR (${toDecide}) OR (${toPay})`,
    updateColumns: 'policy_version, board_asked_at',
  });
  const seen = 'EXISTS (SELECT 1 FROM grant_requests r WHERE r.id = request_id)';
  const narrators = `${own()} OR (${is('reviewer', 'approver', 'board')} AND ${seen})`;
  await resecure(runner, 'request_narratives', { select: narrators });
  await resecure(runner, 'request_comments', { select: narrators, insert: narrators });
  const editable = `EXISTS (SELECT 1 FROM grant_requests r
    WHERE r.id = request_id AND r.status IN ('draft', 'returned') AND ${own('r.organisation_id')})`;
  // A past payment that came back is approved no more, and nobody but the treasurer has to do with it.
  const past = `EXISTS (SELECT 1 FROM grant_requests r WHERE r.id = request_id AND r.origin = 'import')`;
  await resecure(runner, 'request_lines', {
    update: `(${is('approver', 'board')} AND ${seesRequest}) OR (${is('treasurer')} AND ${past}) OR ${editable}`,
  });
  await resecure(runner, 'awards', {
    insert: `(${is('approver', 'board')} AND request_origin = 'filed') OR ${is('importer')}`,
    update: is('approver', 'treasurer'),
  });
  const paid = 'EXISTS (SELECT 1 FROM request_lines l WHERE l.vendor_id = vendors.id)';
  await resecure(runner, 'vendors', {
    select: `${own()} OR ${is('reviewer', 'approver', 'treasurer')} OR (${is('board')} AND ${paid})`,
  });
  const sealed = 'EXISTS (SELECT 1 FROM grant_requests r WHERE r.key_owner_id = data_keys.owner_id)';
  await resecure(runner, 'data_keys', {
    select: `${own()} OR ${is('reviewer', 'approver', 'treasurer', 'importer')} OR (${is('board')} AND ${sealed})`,
  });
  // Codes only, of those whom a request names that the board was asked to decide.
  await resecure(runner, 'persons', {
    select: `${own()} OR ${is('reviewer', 'approver', 'importer')} OR (${is('board')} AND named_to_board(id))`,
  });
}
