import type { MigrationInterface, QueryRunner } from 'typeorm';
import { is, own, secure } from './row-security.js';

/** The people helped, whom figures count, and what a member does for a household. */
export class People1764000000002 implements MigrationInterface {
  name = 'People1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    const readers = is('reviewer', 'approver', 'importer');
    const writer = `${own()} OR ${is('importer')}`;
    // Locking a household while its 90-day total is taken needs the right to change it.
    await secure(runner, 'households', {
      select: `${own()} OR ${readers}`,
      insert: writer,
      update: `${own()} OR ${is('approver', 'importer')}`,
      updateColumns: 'locked_at',
    });
    await secure(runner, 'persons', {
      select: `${own()} OR ${readers}`,
      insert: writer,
      update: own(),
    });
    const ofVisiblePerson = 'EXISTS (SELECT 1 FROM persons p WHERE p.id = person_id)';
    const ofOwnPerson = `EXISTS (SELECT 1 FROM persons p WHERE p.id = person_id AND ${own('p.organisation_id')})`;
    const adder = `${is('importer')} OR ${ofOwnPerson}`;
    await secure(runner, 'consents', { select: `${readers} OR ${ofVisiblePerson}`, insert: adder });
    // An identity says nothing but that it exists; figures count it by its links.
    await secure(runner, 'identities', {
      select: is('figures', 'importer'),
      insert: `${is('importer')} OR (SELECT actor_organisation()) IS NOT NULL`,
    });
    await secure(runner, 'identity_links', {
      select: `${is('figures')} OR ${ofVisiblePerson}`,
      insert: adder,
    });
    await secureCases(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

/**
 * In clear lie only what figures need: prefecture, the group of residence, the age band (privacy, point 3).
 * `bytea` columns are sealed with the key of the person, or of the case.
 */
const tables = `
  CREATE TABLE households (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    created_at timestamptz NOT NULL,
    locked_at timestamptz,
    CONSTRAINT households_organisation_key UNIQUE (id, organisation_id)
  );

  CREATE TABLE persons (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    household_id uuid NOT NULL,
    code text NOT NULL,
    -- The code that a spreadsheet knows this person by.
    external_code text,
    alias bytea,
    name bytea,
    kana bytea,
    birth_date bytea,
    nationality bytea,
    residence_status bytea,
    asylum_stage bytea,
    languages bytea,
    age_band text NOT NULL DEFAULT 'unknown',
    residence_group text NOT NULL DEFAULT 'unknown' CHECK (residence_group IN
      ('settled', 'work', 'study_family', 'short_designated', 'asylum_pending', 'no_status', 'unknown')),
    prefecture_code text NOT NULL DEFAULT '99' CHECK (prefecture_code ~ '^[0-9]{2}$'),
    created_by uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT persons_code_key UNIQUE (code),
    CONSTRAINT persons_external_code_key UNIQUE (organisation_id, external_code),
    CONSTRAINT persons_organisation_key UNIQUE (id, organisation_id),
    -- A household's people belong to one organisation.
    FOREIGN KEY (household_id, organisation_id) REFERENCES households (id, organisation_id)
  );
  CREATE INDEX persons_household ON persons (household_id);
  CREATE INDEX persons_list ON persons (organisation_id, id DESC);

  CREATE TABLE consents (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES persons,
    purpose text NOT NULL CHECK (purpose IN ('casework', 'sensitive', 'sharing')),
    given_on date NOT NULL,
    language text NOT NULL,
    method text NOT NULL CHECK (method IN ('spoken', 'written')),
    share_with text,
    recorded_at timestamptz NOT NULL
  );
  CREATE INDEX consents_person ON consents (person_id);

  -- People are counted by identity. A link is appended, never changed; the newest one of a person counts.
  CREATE TABLE identities (
    id uuid PRIMARY KEY,
    recorded_at timestamptz NOT NULL
  );
  CREATE TABLE identity_links (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES persons,
    identity_id uuid NOT NULL REFERENCES identities,
    recorded_at timestamptz NOT NULL,
    actor_id uuid NOT NULL REFERENCES users
  );
  -- The newest link of each person, as of a moment.
  CREATE INDEX identity_links_newest ON identity_links (person_id, id DESC) INCLUDE (identity_id, recorded_at);

  CREATE TABLE cases (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    household_id uuid NOT NULL,
    code text NOT NULL,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    adults int NOT NULL CHECK (adults BETWEEN 0 AND 50),
    children int NOT NULL CHECK (children BETWEEN 0 AND 50),
    unborn int NOT NULL CHECK (unborn BETWEEN 0 AND 10),
    needs text[] NOT NULL CHECK (needs <@ ARRAY['food', 'shelter', 'medical', 'utilities', 'other']),
    created_by uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT cases_code_key UNIQUE (code),
    CONSTRAINT cases_household_key UNIQUE (id, organisation_id, household_id),
    FOREIGN KEY (household_id, organisation_id) REFERENCES households (id, organisation_id)
  );
  CREATE INDEX cases_list ON cases (organisation_id, id DESC);
  CREATE INDEX cases_household ON cases (household_id);

  CREATE TABLE case_persons (
    case_id uuid NOT NULL REFERENCES cases,
    person_id uuid NOT NULL REFERENCES persons,
    position int NOT NULL,
    PRIMARY KEY (case_id, person_id)
  );
  CREATE INDEX case_persons_person ON case_persons (person_id);

  -- Narrative lies apart, so that row-level security closes it to treasurer and admin.
  CREATE TABLE case_narratives (
    case_id uuid PRIMARY KEY REFERENCES cases,
    organisation_id uuid NOT NULL REFERENCES organisations,
    summary bytea NOT NULL
  );
  CREATE TABLE case_entries (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    organisation_id uuid NOT NULL REFERENCES organisations,
    kind text NOT NULL CHECK (kind IN ('note', 'referral', 'accompaniment', 'interpreting', 'consultation', 'shelter_night')),
    happened_on date NOT NULL,
    body bytea NOT NULL,
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL
  );
  CREATE INDEX case_entries_case ON case_entries (case_id, id);
`;

async function secureCases(runner: QueryRunner): Promise<void> {
  const readers = is('reviewer', 'approver', 'importer');
  const writer = `${own()} OR ${is('importer')}`;
  await secure(runner, 'cases', { select: `${own()} OR ${readers}`, insert: writer, update: own() });
  const ofVisibleCase = 'EXISTS (SELECT 1 FROM cases c WHERE c.id = case_id)';
  // Foreign keys look past row-level security: a case could otherwise name a person that its writer cannot see.
  const ofOwnCase = `EXISTS (SELECT 1 FROM cases c WHERE c.id = case_id AND ${own('c.organisation_id')})`;
  const andOwnPerson = `EXISTS (SELECT 1 FROM persons p WHERE p.id = person_id AND ${own('p.organisation_id')})`;
  await secure(runner, 'case_persons', {
    select: ofVisibleCase,
    insert: `${is('importer')} OR (${ofOwnCase} AND ${andOwnPerson})`,
    delete: ofOwnCase,
  });
  const narrators = `${own()} OR ${is('reviewer', 'approver')}`;
  await secure(runner, 'case_narratives', { select: narrators, insert: own(), update: own() });
  await secure(runner, 'case_entries', { select: narrators, insert: own() });
}
