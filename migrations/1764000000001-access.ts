import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byActor, is, own, secure } from './row-security.js';

/** Who is asking, the members, the people who sign in, and what the platform itself keeps. */
export class Access1764000000001 implements MigrationInterface {
  name = 'Access1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(actorFunctions);
    await runner.query(tables);
    await secureMembers(runner);
    await secureAccounts(runner);
    await securePlatform(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

/** `Db` sets these three at the start of each transaction; without them nobody is asking and no row is seen. */
const actorFunctions = `
  CREATE FUNCTION actor_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('sasae.user_id', true), '')::uuid;
  CREATE FUNCTION actor_organisation() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('sasae.organisation_id', true), '')::uuid;
  CREATE FUNCTION actor_is(VARIADIC names text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN string_to_array(coalesce(current_setting('sasae.roles', true), ''), ',') && names;
`;

const tables = `
  CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z][A-Z0-9-]{1,19}$'),
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('organisation', 'individual')),
    prefecture_code text NOT NULL CHECK (prefecture_code ~ '^[0-9]{2}$'),
    languages text[] NOT NULL DEFAULT '{}',
    joined_on date,
    created_at timestamptz NOT NULL
  );

  CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email)),
    name text NOT NULL,
    roles text[] NOT NULL CHECK (roles <@ ARRAY['caseworker', 'lead', 'reviewer', 'approver', 'treasurer', 'board', 'admin']
                                 AND cardinality(roles) > 0),
    organisation_id uuid REFERENCES organisations,
    -- The organisation or a zero, never null: foreign keys skip nulls, and the table of duties must not.
    organisation_key uuid NOT NULL GENERATED ALWAYS AS
      (coalesce(organisation_id, '00000000-0000-0000-0000-000000000000'::uuid)) STORED,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_organisation_key UNIQUE (id, organisation_key),
    CONSTRAINT users_partner_has_organisation
      CHECK (NOT (roles && ARRAY['caseworker', 'lead']) OR organisation_id IS NOT NULL)
  );

  -- Apart from users, so that no query about people ever touches a password.
  CREATE TABLE credentials (
    user_id uuid PRIMARY KEY REFERENCES users,
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL
  );

  CREATE TABLE sessions (
    token_digest bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX sessions_user ON sessions (user_id);

  CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    key_digest bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
  );

  CREATE TABLE one_time_links (
    token_digest bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
  );

  CREATE TABLE data_keys (
    owner_id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    wrapped bytea NOT NULL
  );

  CREATE TABLE audit_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id uuid REFERENCES users,
    duties text[] NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    subject_id uuid,
    facts jsonb NOT NULL
  );
  -- The log is read by what it is about.
  CREATE INDEX audit_events_subject ON audit_events (subject_id, id);

  CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    topic text NOT NULL,
    payload jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    handed_over_at timestamptz
  );
  -- The relay asks for what still waits; that is nearly nothing, however long the table.
  CREATE INDEX outbox_waiting ON outbox (id) WHERE handed_over_at IS NULL;

  CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users,
    route text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    body_hash text NOT NULL,
    answer bytea,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, route, key)
  );
  CREATE INDEX idempotency_keys_old ON idempotency_keys (recorded_at);
`;

async function secureMembers(runner: QueryRunner): Promise<void> {
  const network = is('reviewer', 'approver', 'treasurer', 'board', 'admin', 'figures', 'importer');
  await secure(runner, 'organisations', {
    select: `${network} OR ${own('id')}`,
    insert: is('admin', 'importer'),
    update: is('admin', 'importer'),
  });
  const staff = is('reviewer', 'approver', 'treasurer', 'board', 'admin', 'gate');
  await secure(runner, 'users', {
    select: `${staff} OR id = (SELECT actor_id()) OR ${own()}`,
    insert: is('admin', 'gate'),
    update: is('admin'),
    updateColumns: 'name, roles, active',
  });
}

/** Only the gate, which lets people in, ever reads these. */
async function secureAccounts(runner: QueryRunner): Promise<void> {
  const gate = is('gate');
  await secure(runner, 'credentials', { select: gate, insert: gate, update: gate });
  await secure(runner, 'sessions', { select: gate, insert: gate, update: gate, delete: gate });
  await secure(runner, 'api_keys', { select: gate, insert: gate });
  await secure(runner, 'one_time_links', { select: gate, insert: gate, update: gate });
}

async function securePlatform(runner: QueryRunner): Promise<void> {
  await secure(runner, 'data_keys', {
    select: `${own()} OR ${is('reviewer', 'approver', 'treasurer', 'importer')}`,
    insert: `${own()} OR ${is('importer')}`,
  });
  await secure(runner, 'audit_events', { select: is('board', 'admin'), insert: byActor });
  await secure(runner, 'outbox', {
    select: is('relay'),
    insert: 'true',
    update: is('relay'),
    updateColumns: 'handed_over_at',
  });
  // Answers are kept for 30 days (contract); the relay takes the older ones out.
  const mine = 'user_id = (SELECT actor_id())';
  await secure(runner, 'idempotency_keys', {
    select: `${mine} OR ${is('relay')}`,
    insert: mine,
    update: mine,
    updateColumns: 'answer',
    delete: is('relay'),
  });
}
