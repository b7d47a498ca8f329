/** Who forgets: nobody else may. */
const GATE = `actor_is('forgetter')`;
/** One forgetting, and one hold, at a time: what was judged before the one is true when it is done. */
const ALONE = `pg_advisory_xact_lock(hashtext('sasae.forgetting'))`;
const DEFINER = 'SECURITY DEFINER SET search_path = public, pg_temp';

/**
 * What stands of an owner of a key (a person, a case, a request, an attachment), and whose time has come. Those who
 * ask see no case content: codes, days and reason codes, and nothing else.
 */
export const standing = `
  -- Why it must be kept for now; null when nothing stops the clock. A case is held with any of its people, a person
  -- with any of their cases, and everything with its organisation.
  CREATE FUNCTION hold_on(owner uuid) RETURNS text LANGUAGE sql STABLE ${DEFINER} AS $$
    WITH around AS (
      SELECT p.organisation_id, p.id AS person_id, cp.case_id
      FROM persons p LEFT JOIN case_persons cp ON cp.person_id = p.id WHERE p.id = owner
      UNION ALL
      SELECT c.organisation_id, cp.person_id, c.id
      FROM cases c LEFT JOIN case_persons cp ON cp.case_id = c.id WHERE c.id = owner
      UNION ALL
      SELECT r.organisation_id, cp.person_id, r.case_id
      FROM grant_requests r LEFT JOIN case_persons cp ON cp.case_id = r.case_id
      WHERE r.id IN (owner, (SELECT a.request_id FROM attachments a WHERE a.id = owner))
    )
    SELECT h.reason FROM legal_holds h WHERE h.lifted_at IS NULL AND EXISTS (
      SELECT 1 FROM around a
      WHERE a.organisation_id = h.organisation_id OR a.person_id = h.person_id OR a.case_id = h.case_id)
    ORDER BY h.placed_at LIMIT 1
  $$;

  -- Whether money for it is asked for, promised, or paid and not settled.
  CREATE FUNCTION money_is_open(owner uuid) RETURNS boolean LANGUAGE sql STABLE ${DEFINER} AS $$
    SELECT EXISTS (
      SELECT 1 FROM grant_requests r
      WHERE r.status IN ('submitted', 'in_review', 'returned', 'approved', 'scheduled', 'paid') AND r.id = ANY (ARRAY(
        SELECT owner
        UNION SELECT of_case.id FROM grant_requests of_case WHERE of_case.case_id = owner
        UNION SELECT a.request_id FROM attachments a WHERE a.id = owner
        UNION SELECT rp.request_id FROM request_persons rp WHERE rp.person_id = owner
        UNION SELECT theirs.id FROM case_persons cp JOIN grant_requests theirs ON theirs.case_id = cp.case_id
              WHERE cp.person_id = owner)))
  $$;

  -- The day on which a voucher may go: so many years after the end of the fiscal year (to 31 March) of its payment.
  CREATE FUNCTION voucher_until(paid_on date, years int) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN make_date(extract(year FROM paid_on - interval '3 months')::int + 1 + years, 4, 1);

  -- Everything whose time comes by a day, what holds it, and whether it waits for money.
  CREATE FUNCTION retention_due(zone text, until date)
  RETURNS TABLE (kind text, id uuid, code text, organisation_id uuid, due_on date, hold text, money_open boolean)
  LANGUAGE sql STABLE ${DEFINER} AS $$
    WITH rules AS (
      SELECT * FROM retention_rules WHERE actor_is('admin', 'board', 'forgetter') ORDER BY version DESC LIMIT 1
    ), due AS (
      SELECT 'case' AS kind, c.id, c.code, c.organisation_id,
             (c.closed_at AT TIME ZONE zone + make_interval(months => r.case_months))::date AS due_on
      FROM rules r, cases c JOIN data_keys k ON k.owner_id = c.id WHERE c.status = 'closed'
      UNION ALL
      SELECT 'person', p.id, p.code, p.organisation_id, (greatest(p.updated_at, (
               SELECT max(c.closed_at) FROM case_persons cp JOIN cases c ON c.id = cp.case_id
               WHERE cp.person_id = p.id)) AT TIME ZONE zone + make_interval(months => r.person_months))::date
      FROM rules r, persons p JOIN data_keys k ON k.owner_id = p.id
      WHERE NOT EXISTS (SELECT 1 FROM case_persons cp JOIN cases c ON c.id = cp.case_id
                        WHERE cp.person_id = p.id AND c.status = 'open')
      UNION ALL
      SELECT CASE WHEN q.submitted_at IS NULL THEN 'draft' ELSE 'request' END, q.id, q.number, q.organisation_id,
             (q.updated_at AT TIME ZONE zone + make_interval(
               months => CASE WHEN q.submitted_at IS NULL THEN r.draft_months ELSE r.case_months END))::date
      FROM rules r, grant_requests q
      WHERE q.submitted_at IS NULL OR q.status IN ('declined', 'withdrawn', 'settled')
        AND q.key_owner_id = q.id AND EXISTS (SELECT 1 FROM data_keys k WHERE k.owner_id = q.id)
      UNION ALL
      SELECT CASE WHEN paid.on_day IS NULL THEN 'evidence' ELSE 'voucher' END, q.id, q.number, q.organisation_id,
             CASE WHEN paid.on_day IS NULL
               THEN (q.updated_at AT TIME ZONE zone + make_interval(months => r.evidence_months))::date
               ELSE voucher_until(paid.on_day, greatest(r.voucher_years, paid.years)) END
      FROM rules r, grant_requests q
      CROSS JOIN LATERAL (
        SELECT max(d.paid_on) AS on_day, max((f.rules->>'keepYears')::int) AS years
        FROM disbursements d JOIN awards a ON a.id = d.award_id JOIN budget_lines b ON b.id = a.budget_line_id
        JOIN funds f ON f.id = b.fund_id WHERE d.request_id = q.id) paid
      WHERE q.submitted_at IS NOT NULL AND EXISTS (SELECT 1 FROM attachments t WHERE t.request_id = q.id)
        AND (paid.on_day IS NOT NULL OR q.status IN ('declined', 'withdrawn', 'settled'))
    )
    SELECT d.kind, d.id, d.code, d.organisation_id, d.due_on, hold_on(d.id), money_is_open(d.id)
    FROM due d WHERE d.due_on <= until
  $$;

  -- What a code means, for somebody who sees neither people nor cases.
  CREATE FUNCTION subject_of_code(wanted text) RETURNS TABLE (kind text, id uuid)
  LANGUAGE sql STABLE ${DEFINER} AS $$
    SELECT s.kind, s.id FROM (
      SELECT 'person' AS kind, p.id, p.code FROM persons p WHERE p.code = wanted
      UNION ALL SELECT 'case', c.id, c.code FROM cases c WHERE c.code = wanted
      UNION ALL SELECT 'organisation', o.id, o.code FROM organisations o WHERE o.code = wanted) s
    WHERE actor_is('admin', 'board')
  $$;
`;

/** What must never happen, whoever tries: also the schema's owner is refused. */
export const floor = `
  -- A key under legal hold, of somebody whose money is open, or that seals vouchers without a key of their own, stays.
  -- What comes back with a restored backup was forgotten before, so nothing is judged anew.
  CREATE FUNCTION key_may_go() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
  BEGIN
    PERFORM ${ALONE};
    IF EXISTS (SELECT 1 FROM forgotten f WHERE f.owner_id = OLD.owner_id AND f.why = 'restored') THEN RETURN OLD; END IF;
    IF hold_on(OLD.owner_id) IS NOT NULL THEN
      RAISE EXCEPTION 'a key under legal hold is not destroyed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'data_keys_held', TABLE = 'data_keys';
    END IF;
    -- A file may be taken out of a request that its member can still change.
    IF money_is_open(OLD.owner_id) AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.id = OLD.owner_id) THEN
      RAISE EXCEPTION 'a key is not destroyed while money is open'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'data_keys_money_open', TABLE = 'data_keys';
    END IF;
    IF EXISTS (SELECT 1 FROM attachments a WHERE a.key_owner_id = OLD.owner_id AND a.id <> OLD.owner_id
               AND EXISTS (SELECT 1 FROM disbursements d WHERE d.request_id = a.request_id)) THEN
      RAISE EXCEPTION 'a key that still seals vouchers is not destroyed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'data_keys_seal_vouchers', TABLE = 'data_keys';
    END IF;
    RETURN OLD;
  END $$;
  CREATE TRIGGER data_keys_may_go BEFORE DELETE ON data_keys FOR EACH ROW EXECUTE FUNCTION key_may_go();

  -- A hold that is placed while the night forgets comes before or after it, and never in between.
  CREATE FUNCTION hold_waits() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM ${ALONE};
    RETURN NEW;
  END $$;
  CREATE TRIGGER legal_holds_wait BEFORE INSERT ON legal_holds FOR EACH ROW EXECUTE FUNCTION hold_waits();

  -- Nobody is named, and nothing is filed, whose key is gone or is just going. Past payments that come in know
  -- people who are long forgotten, and write nothing of them.
  CREATE FUNCTION key_is_there() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
  BEGIN
    IF actor_is('importer') THEN RETURN NEW; END IF;
    PERFORM 1 FROM data_keys WHERE owner_id = (to_jsonb(NEW)->>TG_ARGV[0])::uuid FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'whoever is named here is forgotten'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'data_keys_are_there', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER grant_requests_have_a_key BEFORE INSERT ON grant_requests
    FOR EACH ROW EXECUTE FUNCTION key_is_there('key_owner_id');
  CREATE TRIGGER request_persons_have_a_key BEFORE INSERT ON request_persons
    FOR EACH ROW EXECUTE FUNCTION key_is_there('person_id');
  CREATE TRIGGER case_persons_have_a_key BEFORE INSERT ON case_persons
    FOR EACH ROW EXECUTE FUNCTION key_is_there('person_id');

  -- What is asked for is changed by its own member, while the request is theirs to change; its text may only go.
  CREATE OR REPLACE FUNCTION request_line_stands() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    free text[] := CASE WHEN ${GATE} AND NEW.item = '' THEN '{approved_amount,amount,item}' ELSE '{approved_amount,amount}' END;
  BEGIN
    IF coalesce(current_setting('sasae.roles', true), '') = '' THEN RETURN NEW; END IF;
    IF to_jsonb(NEW) - free <> to_jsonb(OLD) - free
       AND NOT EXISTS (
         SELECT 1 FROM grant_requests r WHERE r.id = OLD.request_id AND r.status IN ('draft', 'returned')
         AND r.organisation_id = actor_organisation()) THEN
      RAISE EXCEPTION 'what was asked for is not changed by those who decide'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'request_lines_stand', TABLE = 'request_lines';
    END IF;
    RETURN NEW;
  END $$;
`;

/**
 * Forgetting itself. In functions, so that the application's role can empty a row only together with its key, and only
 * of somebody whose time has come: no right of its own lets it empty anything else. Each gives what it forgot, for the
 * log and the tombstones; nothing when it was forgotten before or is no longer due.
 */
export const emptying = `
  CREATE FUNCTION forget_key(owner uuid, kind text, why text, at timestamptz) RETURNS void
  LANGUAGE plpgsql ${DEFINER} AS $$
  BEGIN
    INSERT INTO forgotten (owner_id, kind, why, recorded_at) VALUES (owner, kind, why, at);
    DELETE FROM data_keys WHERE owner_id = owner;
  END $$;

  -- Kept answers are sealed with the keyring and not with a person's key, so they go too: those of the member's
  -- users, and everybody's to calls that name one of these.
  CREATE FUNCTION forget_answers(member uuid, named uuid[]) RETURNS void LANGUAGE sql ${DEFINER} AS $$
    DELETE FROM idempotency_keys k USING users u
    WHERE u.id = k.user_id AND k.route LIKE '% /%' AND k.answer IS NOT NULL AND (u.organisation_id = member
      OR EXISTS (SELECT 1 FROM unnest(named) n WHERE k.route LIKE '%' || n || '%'))
  $$;

  -- The texts of a request go; its categories, amounts, days and people by code stay.
  CREATE FUNCTION empty_request(request uuid) RETURNS void LANGUAGE sql ${DEFINER} AS $$
    DELETE FROM request_narratives WHERE request_id = request;
    DELETE FROM request_comments WHERE request_id = request;
    UPDATE request_lines SET item = '' WHERE request_id = request;
    UPDATE disbursements SET reference = NULL WHERE request_id = request;
    UPDATE returns SET reason = '' WHERE request_id = request;
  $$;

  -- A file, with its key.
  CREATE FUNCTION forget_file(file uuid, why text, at timestamptz) RETURNS TABLE (kind text, owner uuid)
  LANGUAGE plpgsql ${DEFINER} AS $$
  BEGIN
    IF NOT ${GATE} THEN RETURN; END IF;
    PERFORM ${ALONE};
    PERFORM 1 FROM attachments a WHERE a.id = file FOR UPDATE;
    IF NOT FOUND OR why <> 'restored' AND (hold_on(file) IS NOT NULL OR money_is_open(file)) THEN RETURN; END IF;
    PERFORM forget_key(file, 'attachment', why, at);
    DELETE FROM attachments WHERE id = file;
    RETURN QUERY SELECT 'attachment', file;
  END $$;

  -- All files of a request.
  CREATE FUNCTION forget_files(request uuid, why text, at timestamptz) RETURNS TABLE (kind text, owner uuid)
  LANGUAGE plpgsql ${DEFINER} AS $$
  BEGIN
    PERFORM 1 FROM grant_requests r WHERE r.id = request FOR NO KEY UPDATE;
    RETURN QUERY SELECT f.kind, f.owner FROM attachments a CROSS JOIN LATERAL forget_file(a.id, why, at) f
      WHERE a.request_id = request;
  END $$;

  -- A request that was never submitted goes as a whole. One without a case has a key of its own, which goes.
  CREATE FUNCTION forget_request(request uuid, why text, at timestamptz) RETURNS TABLE (kind text, owner uuid)
  LANGUAGE plpgsql ${DEFINER} AS $$
  DECLARE
    r grant_requests;
  BEGIN
    IF NOT ${GATE} THEN RETURN; END IF;
    PERFORM ${ALONE};
    SELECT * INTO r FROM grant_requests g WHERE g.id = request FOR UPDATE;
    IF r.id IS NULL OR why <> 'restored' AND (hold_on(request) IS NOT NULL OR money_is_open(request)) THEN
      RETURN;
    END IF;
    IF r.submitted_at IS NULL THEN RETURN QUERY SELECT * FROM forget_files(request, why, at); END IF;
    IF r.key_owner_id = r.id AND EXISTS (SELECT 1 FROM data_keys k WHERE k.owner_id = r.id) THEN
      PERFORM forget_key(r.id, 'request', why, at);
      RETURN QUERY SELECT 'request', r.id;
    ELSIF r.submitted_at IS NOT NULL THEN
      RETURN;
    ELSE
      RETURN QUERY SELECT 'draft', r.id;
    END IF;
    PERFORM empty_request(request);
    PERFORM forget_answers(r.organisation_id, ARRAY[request]);
    IF r.submitted_at IS NULL THEN
      DELETE FROM request_events WHERE request_id = request;
      DELETE FROM request_persons WHERE request_id = request;
      DELETE FROM request_lines WHERE request_id = request;
      DELETE FROM duties WHERE request_id = request;
      DELETE FROM grant_requests WHERE id = request;
    END IF;
  END $$;

  CREATE FUNCTION forget_case(wanted uuid, why text, at timestamptz) RETURNS TABLE (kind text, owner uuid)
  LANGUAGE plpgsql ${DEFINER} AS $$
  DECLARE
    c cases;
    requests uuid[];
    request uuid;
  BEGIN
    IF NOT ${GATE} THEN RETURN; END IF;
    PERFORM ${ALONE};
    requests := ARRAY(SELECT r.id FROM grant_requests r WHERE r.case_id = wanted ORDER BY r.id FOR NO KEY UPDATE);
    SELECT * INTO c FROM cases k WHERE k.id = wanted FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT 1 FROM data_keys k WHERE k.owner_id = wanted) OR why = 'retention' AND (c.closed_at
         + make_interval(months => (SELECT v.case_months FROM retention_rules v ORDER BY v.version DESC LIMIT 1))
         < at + interval '1 day') IS NOT TRUE THEN
      RETURN;
    END IF;
    PERFORM forget_key(wanted, 'case', why, at);
    RETURN QUERY SELECT 'case', wanted;
    UPDATE cases SET status = 'closed', closed_at = coalesce(closed_at, at) WHERE id = wanted;
    DELETE FROM case_narratives WHERE case_id = wanted;
    UPDATE case_entries SET body = '' WHERE case_id = wanted;
    FOREACH request IN ARRAY requests LOOP
      PERFORM empty_request(request);
      -- A draft of it goes as a whole. Files have a time of their own, but for those that this key sealed.
      RETURN QUERY SELECT * FROM forget_request(request, why, at);
      RETURN QUERY SELECT f.kind, f.owner FROM attachments a CROSS JOIN LATERAL forget_file(a.id, why, at) f
        WHERE a.request_id = request AND a.key_owner_id = wanted;
    END LOOP;
    PERFORM forget_answers(c.organisation_id, requests || wanted);
  END $$;

  -- Who asked for it takes along the cases in which nobody else is left.
  CREATE FUNCTION forget_person(wanted uuid, why text, at timestamptz) RETURNS TABLE (kind text, owner uuid)
  LANGUAGE plpgsql ${DEFINER} AS $$
  DECLARE
    p persons;
    theirs uuid[] := ARRAY(SELECT cp.case_id FROM case_persons cp WHERE cp.person_id = wanted ORDER BY cp.case_id);
    one uuid;
  BEGIN
    IF NOT ${GATE} THEN RETURN; END IF;
    PERFORM ${ALONE};
    PERFORM 1 FROM grant_requests r WHERE r.case_id = ANY (theirs) ORDER BY r.id FOR NO KEY UPDATE;
    PERFORM 1 FROM cases c WHERE c.id = ANY (theirs) ORDER BY c.id FOR NO KEY UPDATE;
    SELECT * INTO p FROM persons k WHERE k.id = wanted FOR NO KEY UPDATE;
    PERFORM 1 FROM data_keys k WHERE k.owner_id = wanted FOR UPDATE;
    -- Nobody names the person from here on. A case that was opened while this waited counts too.
    theirs := ARRAY(SELECT cp.case_id FROM case_persons cp WHERE cp.person_id = wanted ORDER BY cp.case_id);
    IF NOT FOUND OR why = 'retention' AND (p.updated_at
         + make_interval(months => (SELECT v.person_months FROM retention_rules v ORDER BY v.version DESC LIMIT 1))
         >= at + interval '1 day' OR EXISTS (SELECT 1 FROM cases c WHERE c.id = ANY (theirs) AND c.status = 'open')) THEN
      RETURN;
    END IF;
    PERFORM forget_key(wanted, 'person', why, at);
    RETURN QUERY SELECT 'person', wanted;
    UPDATE persons SET alias = NULL, name = NULL, kana = NULL, birth_date = NULL, nationality = NULL,
      residence_status = NULL, asylum_stage = NULL, languages = NULL,
      -- Whoever opened a name a moment ago to index it anew finds the person done.
      forms_version = 2147483647 WHERE id = wanted;
    DELETE FROM person_index WHERE person_id = wanted;
    UPDATE consents SET share_with = NULL, reaches_members = false WHERE person_id = wanted;
    UPDATE person_reveals SET note = '' WHERE person_id = wanted AND note IS NOT NULL;
    UPDATE identity_decisions SET reason = '' WHERE id IN (
      SELECT n.decision_id FROM identity_decision_people n WHERE n.person_id = wanted);
    PERFORM forget_answers(p.organisation_id, theirs || wanted);
    IF why = 'asked' THEN
      FOREACH one IN ARRAY theirs LOOP
        IF NOT EXISTS (SELECT 1 FROM case_persons cp JOIN data_keys k ON k.owner_id = cp.person_id
                       WHERE cp.case_id = one) THEN
          RETURN QUERY SELECT * FROM forget_case(one, why, at);
        END IF;
      END LOOP;
    END IF;
  END $$;
`;
