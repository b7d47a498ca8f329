/** Whoever reviews and decides. */
const GATE = `actor_is('reviewer', 'approver', 'board')`;

/**
 * Facts across members that a decision needs and that its maker may not read as rows: they are given to those who
 * review and decide, and to nobody else. They hold ids, amounts and days, and no narrative.
 */
export const facts = `
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
export const floor = `
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
