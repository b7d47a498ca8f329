import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alsoAllow, byActor, is, own, secure } from './row-security.js';

/** Finding the same human across members without opening anybody's file, and what staff say of who is who. */
export class Matching1764000000009 implements MigrationInterface {
  name = 'Matching1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(consents);
    await runner.query(identities);
    await runner.query(index);
    await runner.query(hint);
    await secureConsents(runner);
    await secureIdentities(runner);
    // Nobody reads these as rows, not even those whose people they are: only the functions do.
    await secure(runner, 'person_index', {});
    await secure(runner, 'hint_counts', {});
    const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
    const named = `index_people(uuid[], int, uuid[], text[], bytea[]), similar_people(uuid, int),
      lock_identities(uuid[]), hint_of_request(uuid, date, int)`;
    await runner.query(`
      REVOKE ALL ON FUNCTION ${named} FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION ${named} TO ${role}`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

/** Whom data may go to is a free text, so it is sealed; what lies there in clear the matcher seals when it starts. */
const consents = `
  ALTER TABLE consents
    ALTER share_with TYPE bytea USING convert_to(share_with, 'UTF8'),
    -- Whether other members are among those to whom data may go: the hint asks this, and cannot open the text.
    ADD reaches_members boolean NOT NULL DEFAULT true,
    ADD withdrawn_at timestamptz,
    ADD withdrawn_by uuid REFERENCES users,
    ADD CONSTRAINT consents_withdrawn_by_somebody CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL));
  UPDATE consents SET reaches_members = false WHERE share_with IS NOT NULL;
`;

const identities = `
  -- What somebody said of who is who. The reason is sealed with the keys of all people named, one around the other:
  -- forgetting one of them forgets it.
  CREATE TABLE identity_decisions (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('link', 'unlink', 'distinct')),
    reason bytea NOT NULL,
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL
  );
  CREATE TABLE identity_decision_people (
    decision_id uuid NOT NULL REFERENCES identity_decisions,
    person_id uuid NOT NULL REFERENCES persons,
    PRIMARY KEY (decision_id, person_id)
  );
  CREATE INDEX identity_decision_people_person ON identity_decision_people (person_id);

  -- Two people who are not the same, remembered for good.
  CREATE TABLE distinct_people (
    one uuid NOT NULL REFERENCES persons,
    other uuid NOT NULL REFERENCES persons,
    decision_id uuid NOT NULL REFERENCES identity_decisions,
    PRIMARY KEY (one, other),
    CONSTRAINT distinct_people_in_order CHECK (one < other)
  );
  CREATE INDEX distinct_people_other ON distinct_people (other);

  -- Null for the identity that each person begins with.
  ALTER TABLE identity_links ADD decision_id uuid REFERENCES identity_decisions;
  -- Everybody of an identity.
  CREATE INDEX identity_links_identity ON identity_links (identity_id, person_id);

  -- One change of identities at a time, and none while a decision adds up what these households were awarded.
  CREATE FUNCTION lock_identities(people uuid[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  BEGIN
    IF actor_is('reviewer', 'approver') THEN
      PERFORM pg_advisory_xact_lock(hashtext('sasae.identities'));
      PERFORM 1 FROM households WHERE id = ANY (ARRAY(
        SELECT p.household_id FROM persons p WHERE p.id = ANY (people) OR p.id IN (
          SELECT same.person_id FROM identity_links mine JOIN identity_links same ON same.identity_id = mine.identity_id
          WHERE mine.person_id = ANY (people))
      )) ORDER BY id FOR UPDATE;
    END IF;
  END $$;
`;

const index = `
  -- Keyed digests of normal forms of name, reading and birthday. Without the keyring they say nothing.
  CREATE TABLE person_index (
    person_id uuid NOT NULL REFERENCES persons,
    kind text NOT NULL CHECK (kind IN
      ('name', 'written', 'sound', 'whole', 'part', 'word', 'birth', 'birthYear', 'birthSwapped', 'birthNear')),
    digest bytea NOT NULL CHECK (length(digest) = 16),
    PRIMARY KEY (person_id, kind, digest)
  );
  CREATE INDEX person_index_lookup ON person_index (digest, kind) INCLUDE (person_id);

  -- By which version of the forms a person is indexed; 0 is not at all.
  ALTER TABLE persons ADD forms_version int NOT NULL DEFAULT 0;
  CREATE INDEX persons_forms ON persons (forms_version, id);

  -- Puts these forms in the place of all that these people had. The matcher, which comes by later, leaves alone
  -- whom somebody has written since.
  CREATE FUNCTION index_people(people uuid[], version int, owners uuid[], kinds text[], digests bytea[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DECLARE
    due uuid[];
  BEGIN
    IF NOT actor_is('matcher', 'importer') AND EXISTS (
      SELECT 1 FROM unnest(people) AS asked(id) LEFT JOIN persons p ON p.id = asked.id
      WHERE (p.organisation_id = actor_organisation()) IS NOT TRUE) THEN
      RAISE insufficient_privilege USING MESSAGE = 'a person of another organisation';
    END IF;
    due := ARRAY(SELECT id FROM persons WHERE id = ANY (people)
                 AND (forms_version < version OR NOT actor_is('matcher')) ORDER BY id FOR UPDATE);
    DELETE FROM person_index WHERE person_id = ANY (due);
    INSERT INTO person_index (person_id, kind, digest)
      SELECT form.person, form.kind, form.digest FROM unnest(owners, kinds, digests) AS form(person, kind, digest)
      WHERE form.person = ANY (due);
    UPDATE persons SET forms_version = version WHERE id = ANY (due);
  END $$;

  -- Who shares a form with a person, by kind, and how many people share that form, counted up to one above \`most\`.
  -- A name that more people have finds nobody by itself; together with the birthday it does. \`bornOn\` and
  -- \`bornIn\` are no forms: they say whose day and whose year of birth is known, the person's own too. Who was called another person is left out.
  CREATE FUNCTION similar_people(person uuid, most int) RETURNS TABLE (person_id uuid, kind text, shared int)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH mine AS (
      SELECT m.kind, m.digest, c.shared FROM person_index m
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS shared FROM (
          SELECT 1 FROM person_index s WHERE s.digest = m.digest LIMIT most + 1) those) c
      WHERE m.person_id = person AND actor_is('reviewer', 'approver')
    ), found AS (
      SELECT i.person_id FROM mine m JOIN person_index i ON i.digest = m.digest AND i.kind = m.kind
      WHERE m.kind IN ('birth', 'birthSwapped') OR (m.kind IN ('name', 'written', 'sound') AND m.shared <= most)
    ), others AS (
      SELECT DISTINCT f.person_id FROM found f WHERE f.person_id <> person AND NOT EXISTS (
        SELECT 1 FROM distinct_people d
        WHERE d.one = least(f.person_id, person) AND d.other = greatest(f.person_id, person))
    )
    SELECT o.person_id, CASE m.kind WHEN 'whole' THEN 'part' ELSE m.kind END, min(m.shared)
    FROM others o
    -- From each of the others, and not from a form that thousands share.
    CROSS JOIN LATERAL (SELECT t.kind, t.digest FROM person_index t WHERE t.person_id = o.person_id OFFSET 0) theirs
    JOIN mine m ON m.digest = theirs.digest
      AND (m.kind = theirs.kind AND m.kind NOT IN ('whole', 'part')
        OR (m.kind, theirs.kind) IN (('whole', 'part'), ('part', 'whole')))
    GROUP BY 1, 2
    UNION ALL
    SELECT o.person_id, CASE b.kind WHEN 'birth' THEN 'bornOn' ELSE 'bornIn' END, 0
    FROM (SELECT person_id FROM others UNION SELECT person) o JOIN person_index b ON b.person_id = o.person_id
    WHERE actor_is('reviewer', 'approver')
      AND b.kind IN ('birth', 'birthYear')
  $$;
`;

/**
 * The one thing that a member learns across members (privacy, point 5): for a request of its own that was submitted,
 * the category and the span of days, if the other person agreed that members may know. A request that is not the
 * actor's gives no row. Each answer counts, also that there is nothing.
 */
const hint = `
  CREATE TABLE hint_counts (
    user_id uuid NOT NULL REFERENCES users,
    day date NOT NULL,
    count int NOT NULL CHECK (count > 0),
    PRIMARY KEY (user_id, day)
  );

  CREATE FUNCTION hint_of_request(request uuid, today date, most int)
  RETURNS TABLE (submitted boolean, limited boolean, category text, within int)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DECLARE
    own record;
    counted int;
  BEGIN
    SELECT r.id, r.organisation_id, r.submitted_at IS NOT NULL AS sent INTO own FROM grant_requests r
      WHERE r.id = request AND r.organisation_id = actor_organisation() AND actor_is('caseworker', 'lead');
    IF own.id IS NULL THEN RETURN; END IF;
    IF NOT own.sent THEN
      RETURN QUERY SELECT false, false, NULL::text, NULL::int;
      RETURN;
    END IF;
    INSERT INTO hint_counts AS h VALUES (actor_id(), today, 1)
      ON CONFLICT (user_id, day) DO UPDATE SET count = h.count + 1 WHERE h.count < most RETURNING h.count INTO counted;
    IF counted IS NULL THEN
      RETURN QUERY SELECT true, true, NULL::text, NULL::int;
      RETURN;
    END IF;
    RETURN QUERY
      WITH named AS (
        SELECT k.person_id FROM request_people(request) k JOIN persons p ON p.id = k.person_id
        WHERE p.organisation_id = own.organisation_id
      ), alike AS (
        -- Whom staff linked; and, before they have, whoever has the same birthday and the same name.
        SELECT k.person_id FROM request_people(request) k
        UNION
        SELECT born.person_id FROM named n
        JOIN person_index mine ON mine.person_id = n.person_id AND mine.kind = 'birth'
        JOIN person_index born ON born.kind = 'birth' AND born.digest = mine.digest AND born.person_id <> n.person_id
        WHERE EXISTS (
          SELECT 1 FROM person_index a JOIN person_index b ON b.kind = a.kind AND b.digest = a.digest
          WHERE a.person_id = n.person_id AND b.person_id = born.person_id AND a.kind IN ('name', 'written', 'sound'))
        AND NOT EXISTS (
          SELECT 1 FROM distinct_people d
          WHERE d.one = least(n.person_id, born.person_id) AND d.other = greatest(n.person_id, born.person_id))
      ), agreed AS (
        SELECT a.person_id FROM alike a JOIN persons p ON p.id = a.person_id
        WHERE p.organisation_id <> own.organisation_id AND EXISTS (
          SELECT 1 FROM consents c WHERE c.person_id = a.person_id AND c.purpose = 'sharing'
          AND c.reaches_members AND c.withdrawn_at IS NULL)
      ), helped AS (
        SELECT l.category, today - d.paid_on AS days
        FROM agreed a
        JOIN request_persons rp ON rp.person_id = a.person_id
        JOIN disbursements d ON d.request_id = rp.request_id AND d.status = 'paid'
        JOIN awards w ON w.id = d.award_id
        JOIN request_lines l ON l.id = w.request_line_id
        WHERE d.paid_on BETWEEN today - 90 AND today
          AND l.category IN (SELECT mine.category FROM request_lines mine WHERE mine.request_id = request)
          AND d.amount > (SELECT coalesce(sum(b.amount), 0) FROM returns b WHERE b.disbursement_id = d.id)
      )
      SELECT true, false, h.category, CASE WHEN h.days <= 7 THEN 7 WHEN h.days <= 30 THEN 30 ELSE 90 END
      FROM helped h ORDER BY h.days, h.category LIMIT 1;
    IF NOT FOUND THEN RETURN QUERY SELECT true, false, NULL::text, NULL::int; END IF;
  END $$;
`;

async function secureConsents(runner: QueryRunner): Promise<void> {
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  await runner.query(
    `GRANT update (withdrawn_at, withdrawn_by, share_with, reaches_members) ON consents TO ${role}`,
  );
  const ofOwnPerson = `EXISTS (SELECT 1 FROM persons p WHERE p.id = person_id AND ${own('p.organisation_id')})`;
  // What was withdrawn stays so; to agree again is another consent.
  await alsoAllow(runner, 'consents', 'update', {
    name: 'app_update',
    using: `(${ofOwnPerson} AND withdrawn_at IS NULL) OR ${is('matcher')}`,
    check: `${is('matcher')} OR (withdrawn_at IS NOT NULL AND withdrawn_by = (SELECT actor_id()))`,
  });
  // The matcher opens names and birthdays to index those who were there before, and nothing else of anybody.
  for (const table of ['consents', 'persons', 'data_keys']) {
    await alsoAllow(runner, table, 'select', { name: 'matcher_select', using: is('matcher') });
  }
}

async function secureIdentities(runner: QueryRunner): Promise<void> {
  const staff = is('reviewer', 'approver');
  await secure(runner, 'identity_decisions', { select: staff, insert: `${staff} AND ${byActor}` });
  const ownDecision = `EXISTS (SELECT 1 FROM identity_decisions d WHERE d.id = decision_id
    AND d.actor_id = (SELECT actor_id()))`;
  await secure(runner, 'identity_decision_people', { select: staff, insert: `${staff} AND ${ownDecision}` });
  await secure(runner, 'distinct_people', { select: staff, insert: `${staff} AND ${ownDecision}` });
  await alsoAllow(runner, 'identities', 'insert', { name: 'staff_insert', check: staff });
  await alsoAllow(runner, 'identity_links', 'insert', {
    name: 'staff_insert',
    check: `${staff} AND ${byActor} AND ${ownDecision}`,
  });
}
