import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alsoAllow, byActor, is, own, secure } from './row-security.js';

/** Whom the log shows to have been seen, what is reported of a breach, and to whom a person's data went. */
export class Breach1764000000013 implements MigrationInterface {
  name = 'Breach1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(indexes);
    await runner.query(tables);
    await secureBreaches(runner);
    await secureDisclosures(runner);
    await runner.query(functions);
    const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
    for (const name of ['people_behind(uuid[])', 'looks_at(uuid)']) {
      await runner.query(`REVOKE ALL ON FUNCTION ${name} FROM PUBLIC`);
      await runner.query(`GRANT EXECUTE ON FUNCTION ${name} TO ${role}`);
    }
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const indexes = `
  -- The log is asked for a span of time. It grows in the order of time, so a summary of its pages is enough, which
  -- costs next to nothing to write.
  CREATE INDEX audit_events_at ON audit_events USING brin (at) WITH (pages_per_range = 32, autosummarize = on);
  -- And for which lists somebody stood in; only lists name ids, so other events are not in it.
  CREATE INDEX audit_events_ids ON audit_events USING gin ((facts -> 'ids') jsonb_path_ops) WHERE facts ? 'ids';
`;

const tables = `
  -- A breach is asked of the log by its filter; the network becoming aware of it starts the law's clock.
  CREATE TABLE breaches (
    id uuid PRIMARY KEY REFERENCES data_keys,
    -- Ids of a user, a key, a session, a member, and two moments; nothing personal.
    filter jsonb NOT NULL CHECK (jsonb_typeof(filter) = 'object' AND filter <> '{}'),
    aware_on date NOT NULL,
    malicious boolean NOT NULL,
    opened_by uuid NOT NULL REFERENCES users,
    opened_at timestamptz NOT NULL,
    first_report_id uuid,
    first_kind text NOT NULL GENERATED ALWAYS AS ('first') STORED,
    first_reported_on date,
    final_report_id uuid,
    final_kind text NOT NULL GENERATED ALWAYS AS ('final') STORED,
    final_reported_on date,
    -- When the persons were told; null as long as they were not.
    told_on date,
    closed_at timestamptz,
    closed_by uuid REFERENCES users,
    CONSTRAINT breaches_first_has_report CHECK ((first_report_id IS NULL) = (first_reported_on IS NULL)),
    CONSTRAINT breaches_final_has_report CHECK ((final_report_id IS NULL) = (final_reported_on IS NULL)),
    CONSTRAINT breaches_first_after_aware CHECK (first_reported_on >= aware_on AND told_on >= aware_on),
    CONSTRAINT breaches_final_after_first CHECK (final_reported_on IS NULL OR
      (first_reported_on IS NOT NULL AND final_reported_on >= first_reported_on)),
    CONSTRAINT breaches_closed_with_both CHECK (closed_at IS NULL OR
      (first_reported_on IS NOT NULL AND final_reported_on IS NOT NULL AND closed_by IS NOT NULL))
  );
  -- Which are open, for the alarm on every page.
  CREATE INDEX breaches_open ON breaches (id) WHERE closed_at IS NULL;

  -- What is written for a report; each saving is a row, and the newest of a kind counts. What people typed is sealed
  -- with the breach's own key, as it may name somebody. That key is no member's.
  ALTER TABLE data_keys ALTER organisation_id DROP NOT NULL;
  CREATE TABLE breach_reports (
    id uuid PRIMARY KEY,
    breach_id uuid NOT NULL REFERENCES breaches,
    kind text NOT NULL CHECK (kind IN ('first', 'final')),
    items bytea NOT NULL,
    -- What the log said when it was saved.
    people int NOT NULL CHECK (people >= 0),
    fields text[] NOT NULL,
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT breach_reports_kind_key UNIQUE (id, breach_id, kind)
  );
  CREATE INDEX breach_reports_newest ON breach_reports (breach_id, kind, id DESC);
  ALTER TABLE breaches
    ADD FOREIGN KEY (first_report_id, id, first_kind) REFERENCES breach_reports (id, breach_id, kind),
    ADD FOREIGN KEY (final_report_id, id, final_kind) REFERENCES breach_reports (id, breach_id, kind);

  -- To whom data of one person went, and why that was lawful. There is no disclosure of several people.
  ALTER TABLE consents ADD CONSTRAINT consents_person_key UNIQUE (id, person_id);
  CREATE TABLE disclosures (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    recipient_kind text NOT NULL CHECK (recipient_kind IN ('hospital', 'lawyer', 'shelter', 'school', 'consulate',
      'municipality', 'immigration', 'police', 'court', 'other')),
    legal_basis text NOT NULL CHECK (legal_basis IN ('consent', 'order', 'life', 'child')),
    consent_id uuid,
    fields text[] NOT NULL CHECK (cardinality(fields) > 0),
    disclosed_on date NOT NULL,
    person_told boolean NOT NULL,
    -- Who exactly, and which law, order or danger; sealed with the person's key.
    recipient bytea NOT NULL,
    basis_note bytea,
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT disclosures_consent CHECK ((legal_basis = 'consent') = (consent_id IS NOT NULL)),
    CONSTRAINT disclosures_basis_said CHECK (legal_basis = 'consent' OR basis_note IS NOT NULL),
    FOREIGN KEY (person_id, organisation_id) REFERENCES persons (id, organisation_id),
    FOREIGN KEY (consent_id, person_id) REFERENCES consents (id, person_id)
  );
  CREATE INDEX disclosures_person ON disclosures (person_id, id DESC);
`;

async function secureBreaches(runner: QueryRunner): Promise<void> {
  const desk = is('board', 'admin');
  const byDesk = (column: string) => `${desk} AND ${column} = (SELECT actor_id())`;
  await secure(runner, 'breaches', { select: desk, insert: byDesk('opened_by') });
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  await runner.query(`GRANT update (aware_on, malicious, first_report_id, first_reported_on, final_report_id,
    final_reported_on, told_on, closed_at, closed_by) ON breaches TO ${role}`);
  // Once it is closed, nothing of it changes; whoever closes it does so in their own name.
  await alsoAllow(runner, 'breaches', 'update', {
    name: 'app_update',
    using: `${desk} AND closed_at IS NULL`,
    check: `closed_by IS NULL OR (${byDesk('closed_by')})`,
  });
  const ofNoMember = `${desk} AND organisation_id IS NULL`;
  await alsoAllow(runner, 'data_keys', 'select', { name: 'desk_select', using: ofNoMember });
  await alsoAllow(runner, 'data_keys', 'insert', { name: 'desk_insert', check: ofNoMember });
  const open = 'EXISTS (SELECT 1 FROM breaches b WHERE b.id = breach_id AND b.closed_at IS NULL)';
  await secure(runner, 'breach_reports', { select: desk, insert: `${desk} AND ${byActor} AND ${open}` });
}

async function secureDisclosures(runner: QueryRunner): Promise<void> {
  // A consent carries a disclosure only while it stands, and only one to share.
  const stands = `EXISTS (SELECT 1 FROM consents c WHERE c.id = consent_id AND c.purpose = 'sharing'
    AND c.withdrawn_at IS NULL AND c.given_on <= disclosed_on)`;
  await secure(runner, 'disclosures', {
    select: own(),
    insert: `${own()} AND ${byActor} AND (consent_id IS NULL OR ${stands})`,
  });
}

const functions = `
  -- The people that these ids stand for: of a person, of a case, or of a request. Board and admin see no file, so this
  -- looks for them, and gives codes and members alone.
  CREATE FUNCTION people_behind(asked uuid[])
  RETURNS TABLE (id uuid, person_id uuid, code text, organisation_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT found.id, p.id, p.code, p.organisation_id
    FROM (
      SELECT a.id, a.id AS person_id FROM unnest(asked) AS a(id)
      UNION
      SELECT a.id, c.person_id FROM unnest(asked) AS a(id) JOIN case_persons c ON c.case_id = a.id
      UNION
      SELECT a.id, r.person_id FROM unnest(asked) AS a(id) JOIN request_persons r ON r.request_id = a.id
      UNION
      -- A draft names nobody yet; it is about the people of its case.
      SELECT a.id, c.person_id FROM unnest(asked) AS a(id)
      JOIN grant_requests r ON r.id = a.id AND r.submitted_at IS NULL
      JOIN case_persons c ON c.case_id = r.case_id
    ) found
    JOIN persons p ON p.id = found.person_id
    WHERE actor_is('board', 'admin')
  $$;

  -- Who looked at somebody's data, for the sheet of that person: as what and from where, and no name. Only the person's
  -- own member asks, who sees nothing else of the log.
  CREATE FUNCTION looks_at(asked uuid)
  RETURNS TABLE (action text, roles text[], organisation_name text, first_at timestamptz, last_at timestamptz, times bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH about AS (
      SELECT p.id FROM persons p
      WHERE p.id = asked AND p.organisation_id = actor_organisation() AND actor_is('caseworker', 'lead')
    ), things AS (
      SELECT id FROM about
      UNION SELECT c.case_id FROM about JOIN case_persons c ON c.person_id = about.id
      UNION SELECT r.request_id FROM about JOIN request_persons r ON r.person_id = about.id
      UNION SELECT r.id FROM about JOIN case_persons c ON c.person_id = about.id
            JOIN grant_requests r ON r.case_id = c.case_id AND r.submitted_at IS NULL
    ), events AS (
      SELECT e.id, e.at, e.action, e.actor_id FROM things JOIN audit_events e ON e.subject_id = things.id
      UNION
      SELECT e.id, e.at, e.action, e.actor_id
      FROM things JOIN audit_events e ON e.facts ? 'ids' AND (e.facts -> 'ids') @> to_jsonb(things.id::text)
    )
    SELECT e.action, u.roles, o.name, min(e.at), max(e.at), count(*)
    FROM events e JOIN users u ON u.id = e.actor_id LEFT JOIN organisations o ON o.id = u.organisation_id
    GROUP BY e.action, u.roles, o.name
  $$;
`;
