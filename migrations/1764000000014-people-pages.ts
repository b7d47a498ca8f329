import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byActor, is, own, resecure, secure } from './row-security.js';

/** Staff see whom a request named and nobody else, and open a name for a reason; people change their household. */
export class PeoplePages1764000000014 implements MigrationInterface {
  name = 'PeoplePages1764000000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(functions);
    const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
    const named = 'told_to_staff(uuid), find_own_people(text[], bytea[])';
    await runner.query(`
      REVOKE ALL ON FUNCTION ${named} FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION ${named} TO ${role}`);
    await closeWhatWasNeverSubmitted(runner);
    await secure(runner, 'household_moves', { select: own(), insert: `${own()} AND ${byActor}` });
    const staff = is('reviewer', 'approver');
    await secure(runner, 'person_reveals', {
      select: `${staff} AND ${ofVisiblePerson}`,
      insert: `${staff} AND ${byActor} AND ${ofVisiblePerson}`,
    });
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const ofVisiblePerson = 'EXISTS (SELECT 1 FROM persons p WHERE p.id = person_id)';

const tables = `
  -- Who changed households, and when: for the days of the policy, both are added up as one.
  CREATE TABLE household_moves (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    from_household_id uuid NOT NULL,
    to_household_id uuid NOT NULL,
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT household_moves_move CHECK (from_household_id <> to_household_id),
    FOREIGN KEY (person_id, organisation_id) REFERENCES persons (id, organisation_id),
    FOREIGN KEY (from_household_id, organisation_id) REFERENCES households (id, organisation_id),
    FOREIGN KEY (to_household_id, organisation_id) REFERENCES households (id, organisation_id)
  );
  CREATE INDEX household_moves_from ON household_moves (from_household_id);
  CREATE INDEX household_moves_to ON household_moves (to_household_id);

  -- Who of the network opened a person's detail, and why. The note is sealed with the person's key.
  CREATE TABLE person_reveals (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES persons,
    reason text NOT NULL CHECK (reason IN ('duplicate', 'decision', 'payment', 'danger', 'other')),
    note bytea,
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT person_reveals_other_is_told CHECK (reason <> 'other' OR note IS NOT NULL)
  );
  CREATE INDEX person_reveals_person ON person_reveals (person_id, id);
`;

const functions = `
  -- Whether the network was told of this person: a submitted request named them, or staff said who they are. (A
  -- function, because the tables' own policies ask each other.)
  CREATE FUNCTION told_to_staff(person uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT actor_is('reviewer', 'approver') AND (
      EXISTS (SELECT 1 FROM request_persons rp JOIN grant_requests r ON r.id = rp.request_id
              WHERE rp.person_id = person AND r.submitted_at IS NOT NULL)
      OR EXISTS (SELECT 1 FROM identity_decision_people d WHERE d.person_id = person))
  $$;

  -- A member's own people who have one of these forms. The index itself is read by nobody.
  CREATE FUNCTION find_own_people(kinds text[], digests bytea[]) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT i.person_id
    FROM unnest(kinds, digests) AS asked(kind, digest)
    JOIN person_index i ON i.digest = asked.digest AND i.kind = asked.kind
    JOIN persons p ON p.id = i.person_id
    WHERE p.organisation_id = actor_organisation() AND actor_is('caseworker', 'lead')
  $$;

  -- Its household, every household that shares a person with it, and those that somebody moved to or from within the
  -- days of its policy, in however many steps: nobody is moved to be decided for anew.
  CREATE OR REPLACE FUNCTION request_households(request uuid) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE shared AS (
      SELECT h.id FROM (
        SELECT r.household_id AS id FROM grant_requests r WHERE r.id = request
        UNION
        SELECT p.household_id FROM request_people(request) k JOIN persons p ON p.id = k.person_id
        UNION
        SELECT r.household_id FROM request_people(request) k
        JOIN request_persons rp ON rp.person_id = k.person_id
        JOIN grant_requests r ON r.id = rp.request_id
      ) h WHERE h.id IS NOT NULL AND actor_is('reviewer', 'approver', 'board')
    ), since AS (
      SELECT r.submitted_at - make_interval(days => (p.rules->>'windowDays')::int) AS at
      FROM grant_requests r JOIN approval_policies p ON p.version = r.policy_version WHERE r.id = request
    ), reached AS (
      SELECT id, NULL::uuid AS mover FROM shared
      UNION
      SELECT m.other, m.person_id FROM reached r
      CROSS JOIN LATERAL (
        SELECT from_household_id AS other, person_id, recorded_at FROM household_moves WHERE to_household_id = r.id
        UNION ALL
        SELECT to_household_id, person_id, recorded_at FROM household_moves WHERE from_household_id = r.id) m
      WHERE m.recorded_at >= (SELECT at FROM since) AND (r.mover IS NULL OR m.person_id = r.mover)
    )
    SELECT DISTINCT id FROM reached
  $$;
`;

/** What a member keeps for itself until it asks the network for help: whom, what for, and what it wrote down. */
async function closeWhatWasNeverSubmitted(runner: QueryRunner): Promise<void> {
  const staff = is('reviewer', 'approver');
  const board = `(${is('board')} AND named_to_board(id))`;
  await resecure(runner, 'persons', {
    select: `${own()} OR ${is('importer')} OR (${staff} AND told_to_staff(id)) OR ${board}`,
  });
  const someoneInIt = 'EXISTS (SELECT 1 FROM persons p WHERE p.household_id = households.id)';
  await resecure(runner, 'households', {
    select: `${own()} OR ${is('importer')} OR (${staff} AND ${someoneInIt})`,
  });
  const ofOwnPerson = `EXISTS (SELECT 1 FROM persons p WHERE p.id = person_id AND ${own('p.organisation_id')})`;
  await resecure(runner, 'consents', {
    select: `${is('importer')} OR ${ofOwnPerson} OR (${staff} AND ${ofVisiblePerson})`,
  });
  const asked = `EXISTS (SELECT 1 FROM grant_requests r WHERE r.case_id = cases.id AND r.submitted_at IS NOT NULL)`;
  await resecure(runner, 'cases', { select: `${own()} OR ${is('importer')} OR (${staff} AND ${asked})` });
  const narrators = `${own()} OR (${staff} AND EXISTS (SELECT 1 FROM cases c WHERE c.id = case_id))`;
  await resecure(runner, 'case_narratives', { select: narrators });
  await resecure(runner, 'case_entries', { select: narrators });
}
