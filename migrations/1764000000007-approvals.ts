import type { MigrationInterface, QueryRunner } from 'typeorm';
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

/**
 * Facts across members that a decision needs and that its maker may not read as rows: they are given to those who
 * review and decide, and to nobody else. They hold ids, amounts and days, and no narrative.
 */
const GATE = `actor_is('reviewer', 'approver', 'board')`;

const facts = `
  -- The requests that the actor decided on: they go on seeing them.
  CREATE FUNCTION acts_on() RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.request_id FROM duties d WHERE d.user_id = actor_id() AND d.duty = 'approver'
  $$;

  -- Whether a request that the board was asked to decide names this person. (A function, because the tables' own
  -- policies ask each other.)
  CREATE FUNCTION named_to_board(person uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT actor_is('board') AND EXISTS (
      SELECT 1 FROM request_persons rp JOIN grant_requests r ON r.id = rp.request_id
      WHERE rp.person_id = person AND (r.board_asked_at IS NOT NULL OR r.id IN (SELECT acts_on())))
  $$;

  -- Everybody named on a request or of its household, and the same people as other members know them.
  CREATE FUNCTION request_people(request uuid) RETURNS TABLE (person_id uuid, identity_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH named AS (
      SELECT p.person_id FROM request_persons p WHERE p.request_id = request
      UNION
      SELECT p.id FROM persons p JOIN grant_requests r ON r.household_id = p.household_id WHERE r.id = request
    ), known AS (
      SELECT n.person_id, (SELECT l.identity_id FROM identity_links l WHERE l.person_id = n.person_id
                           ORDER BY l.id DESC LIMIT 1) AS identity_id
      FROM named n
    ), same AS (
      SELECT DISTINCT l.person_id FROM identity_links l JOIN known k ON k.identity_id = l.identity_id
    )
    SELECT k.person_id, k.identity_id FROM known k
    UNION
    SELECT s.person_id, newest.identity_id FROM same s
    JOIN LATERAL (SELECT l.identity_id FROM identity_links l WHERE l.person_id = s.person_id
                  ORDER BY l.id DESC LIMIT 1) newest ON true
    WHERE newest.identity_id IN (SELECT identity_id FROM known)
  $$;

  -- Its household, and every household that shares a person with it: what is decided for one is decided for all.
  CREATE FUNCTION request_households(request uuid) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT h.id FROM (
      SELECT r.household_id AS id FROM grant_requests r WHERE r.id = request
      UNION
      SELECT p.household_id FROM request_people(request) k JOIN persons p ON p.id = k.person_id
      UNION
      SELECT r.household_id FROM request_people(request) k
      JOIN request_persons rp ON rp.person_id = k.person_id
      JOIN grant_requests r ON r.id = rp.request_id
    ) h WHERE h.id IS NOT NULL AND ${GATE}
  $$;

  -- Locks these households in id order until the transaction ends, and again while somebody joined them meanwhile. Who
  -- decides need not see their rows.
  CREATE FUNCTION lock_households(request uuid) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DECLARE
    known uuid[];
  BEGIN
    LOOP
      known := ARRAY(SELECT h FROM request_households(request) h ORDER BY h);
      PERFORM 1 FROM households WHERE id = ANY (known) ORDER BY id FOR UPDATE;
      EXIT WHEN known = ARRAY(SELECT h FROM request_households(request) h ORDER BY h);
    END LOOP;
  END $$;

  -- What these households were awarded since a day, less what was released or came back, in yen. The day is that of
  -- the commitment. A bounced payment is still an award; released it is none.
  CREATE FUNCTION awards_of_households(households uuid[], since date)
  RETURNS TABLE (award_id uuid, request_id uuid, request_number text, category text, fund_id uuid,
                 amount bigint, happened_on date, identity_ids uuid[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM (
      SELECT a.id AS award_id, r.id AS request_id, r.number, b.category, b.fund_id,
             (a.amount
               - coalesce((SELECT max(u.undone_after) FROM transfers u WHERE u.undoes_id = c.id), 0)
               - coalesce((SELECT sum(u.amount) FROM disbursements d JOIN transfers u ON u.undoes_id = d.transfer_id
                           WHERE d.award_id = a.id AND u.kind = 'refund'), 0))::bigint AS amount,
             c.happened_on,
             ARRAY(SELECT (SELECT l.identity_id FROM identity_links l WHERE l.person_id = rp.person_id
                           ORDER BY l.id DESC LIMIT 1)
                   FROM request_persons rp WHERE rp.request_id = r.id) AS identity_ids
      FROM grant_requests r
      JOIN awards a ON a.request_id = r.id
      JOIN transfers c ON c.id = a.commit_transfer_id
      JOIN budget_lines b ON b.id = a.budget_line_id
      WHERE r.household_id = ANY (households) AND c.happened_on >= since AND ${GATE}
    ) net WHERE net.amount > 0 ORDER BY net.happened_on, net.award_id
  $$;

  -- What looks like the same need asked twice: the same person and category, the same month of rent for the same
  -- person, or the same file as evidence, in requests that were submitted since a moment and not turned down.
  CREATE FUNCTION repeats_of_request(request uuid, since timestamptz)
  RETURNS TABLE (kind text, request_id uuid, request_number text, organisation_name text, status text,
                 category text, amount bigint, submitted_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH others AS (
      SELECT DISTINCT r.id, r.number, r.status, r.submitted_at, r.organisation_id
      FROM request_people(request) k
      JOIN request_persons rp ON rp.person_id = k.person_id
      JOIN grant_requests r ON r.id = rp.request_id
      WHERE r.id <> request AND r.submitted_at IS NOT NULL AND r.status NOT IN ('withdrawn', 'declined')
    ), mine AS (SELECT l.category, l.period_from, l.period_to FROM request_lines l WHERE l.request_id = request),
    found AS (
      SELECT 'category' AS kind, o.id, l.category, sum(l.amount)::bigint AS amount
      FROM others o JOIN request_lines l ON l.request_id = o.id
      WHERE o.submitted_at >= since AND l.category IN (SELECT m.category FROM mine m) GROUP BY o.id, l.category
      UNION ALL
      SELECT 'rent', o.id, l.category, sum(l.amount)::bigint
      FROM others o JOIN request_lines l ON l.request_id = o.id
      WHERE l.category = 'shelter' AND EXISTS (
        SELECT 1 FROM mine m WHERE m.category = 'shelter'
        AND date_trunc('month', m.period_from) <= coalesce(l.period_to, l.period_from)
        AND date_trunc('month', l.period_from) <= coalesce(m.period_to, m.period_from))
      GROUP BY o.id, l.category
      UNION ALL
      SELECT DISTINCT 'receipt', other.request_id, NULL, NULL::bigint
      FROM attachments own JOIN attachments other ON other.digest = own.digest AND other.request_id <> own.request_id
      WHERE own.request_id = request
    )
    SELECT f.kind, r.id, r.number, o.name, r.status, f.category, f.amount, r.submitted_at
    FROM found f JOIN grant_requests r ON r.id = f.id JOIN organisations o ON o.id = r.organisation_id
    WHERE r.submitted_at IS NOT NULL AND r.status NOT IN ('withdrawn', 'declined') AND ${GATE}
    ORDER BY f.kind, r.submitted_at DESC
  $$;
`;

/**
 * The floor under the policy: whatever the code does, an award is refused at the commit unless as many people as its
 * request's policy asks for have said yes to exactly this set. It counts anew what the household was awarded.
 */
const floor = `
  CREATE FUNCTION award_is_approved() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DECLARE
    rules jsonb;
    urgent boolean;
    today date;
    total bigint;
    needed jsonb;
    made jsonb;
    given record;
  BEGIN
    PERFORM lock_households(NEW.request_id);
    SELECT p.rules, r.urgency = 'tonight' AND (SELECT sum(l.amount) FROM request_lines l WHERE l.request_id = r.id)
             <= (p.rules->'urgent'->>'upTo')::bigint
      INTO rules, urgent
      FROM grant_requests r
      JOIN approval_policies p ON p.version = r.policy_version AND p.status = 'agreed'
      JOIN request_lines l ON l.id = NEW.request_line_id
      JOIN budget_lines b ON b.id = NEW.budget_line_id AND b.purpose = r.kind AND b.category IS NOT DISTINCT FROM l.category
      WHERE r.id = NEW.request_id AND r.status IN ('approved', 'scheduled', 'paid', 'settled');
    -- The day of the commitment is that of its record, but for where on earth one is, and not to come: an invented one
    -- would move the window past what was awarded before.
    SELECT happened_on INTO today FROM transfers WHERE id = NEW.commit_transfer_id
      AND NEW.recorded_at < now() + interval '1 day' AND abs(happened_on - (NEW.recorded_at AT TIME ZONE 'UTC')::date) <= 1;
    SELECT greatest(
        coalesce((SELECT sum(h.amount) FROM awards_of_households(ARRAY(SELECT request_households(NEW.request_id)),
                  today - (rules->>'windowDays')::int) h), 0),
        (SELECT sum(amount) FROM awards WHERE request_id = NEW.request_id AND status <> 'released'))
      INTO total;
    SELECT tier INTO needed FROM jsonb_array_elements(rules->'tiers') WITH ORDINALITY AS t(tier, place)
      WHERE tier->>'upTo' IS NULL OR total <= (tier->>'upTo')::bigint ORDER BY place LIMIT 1;
    IF urgent THEN needed := '{"approvers": 1, "board": 0}'; END IF;
    SELECT jsonb_agg(jsonb_build_object('lineId', request_line_id, 'budgetLineId', budget_line_id, 'amount', amount)
                     ORDER BY request_line_id, budget_line_id)
      INTO made FROM awards WHERE request_id = NEW.request_id AND status <> 'released';
    SELECT count(*) FILTER (WHERE as_role = 'approver') AS approvers, count(*) FILTER (WHERE as_role = 'board') AS board
      INTO given FROM approvals WHERE request_id = NEW.request_id AND voided_at IS NULL AND lines = made;
    IF today IS NULL OR needed->>'approvers' IS NULL OR needed->>'board' IS NULL
       OR urgent AND NOT EXISTS (SELECT 1 FROM urgent_approvals u JOIN approvals a ON a.id = u.approval_id
                                 WHERE u.request_id = NEW.request_id AND a.voided_at IS NULL)
       OR given.approvers < (needed->>'approvers')::int OR given.board < (needed->>'board')::int THEN
      RAISE EXCEPTION 'an award without the approvals that its policy asks for'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'awards_have_their_approvals', TABLE = 'awards';
    END IF;
    RETURN NULL;
  END $$;

  -- What a decision stands on does not change under it, and a status moves by the table and by whose step it is,
  -- whoever may change the row for other reasons. (Without anybody asking it is the schema's owner.)
  CREATE FUNCTION request_stands() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    own boolean := OLD.organisation_id IS NOT DISTINCT FROM actor_organisation();
    step text := OLD.status || ' ' || NEW.status;
    beyond text[] := '{approved,scheduled,paid,settled}';
  BEGIN
    IF coalesce(current_setting('sasae.roles', true), '') = '' THEN RETURN NEW; END IF;
    IF NEW.policy_version IS DISTINCT FROM OLD.policy_version AND (OLD.policy_version IS NOT NULL OR NEW.policy_version
         IS DISTINCT FROM (SELECT max(version) FROM approval_policies WHERE status = 'agreed'))
       OR NEW.urgency <> OLD.urgency AND NOT (own AND OLD.status IN ('draft', 'returned'))
       OR NEW.board_asked_at IS NOT NULL AND NEW.board_asked_at IS DISTINCT FROM OLD.board_asked_at
          AND NOT actor_is('approver', 'board')
       OR NEW.status <> OLD.status AND NOT (
         own AND step IN ('draft submitted', 'returned in_review', 'draft withdrawn', 'submitted withdrawn',
                          'in_review withdrawn', 'returned withdrawn')
         OR actor_is('reviewer', 'approver') AND step IN ('submitted in_review', 'in_review returned')
         OR actor_is('approver', 'board') AND step IN ('in_review approved', 'in_review declined')
         OR actor_is('approver') AND OLD.status = 'approved' AND (NEW.status = 'in_review' OR NEW.status = ANY (beyond))
         OR actor_is('treasurer') AND OLD.status = ANY (beyond) AND NEW.status = ANY (beyond)) THEN
      RAISE EXCEPTION 'a request keeps what it was submitted under, and moves by its table'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_requests_stand', TABLE = 'grant_requests';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER grant_requests_stand BEFORE UPDATE ON grant_requests
    FOR EACH ROW EXECUTE FUNCTION request_stands();

  -- What is asked for is changed by its own member, while the request is theirs to change.
  CREATE FUNCTION request_line_stands() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF coalesce(current_setting('sasae.roles', true), '') = '' THEN RETURN NEW; END IF;
    IF to_jsonb(NEW) - '{approved_amount,amount}'::text[] <> to_jsonb(OLD) - '{approved_amount,amount}'::text[]
       AND NOT EXISTS (
         SELECT 1 FROM grant_requests r WHERE r.id = OLD.request_id AND r.status IN ('draft', 'returned')
         AND r.organisation_id = actor_organisation()) THEN
      RAISE EXCEPTION 'what was asked for is not changed by those who decide'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'request_lines_stand', TABLE = 'request_lines';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER request_lines_stand BEFORE UPDATE ON request_lines
    FOR EACH ROW EXECUTE FUNCTION request_line_stands();

  CREATE CONSTRAINT TRIGGER awards_have_their_approvals AFTER INSERT ON awards
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.request_origin = 'filed')
    EXECUTE FUNCTION award_is_approved();
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
