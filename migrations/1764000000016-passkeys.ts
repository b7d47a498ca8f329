import type { MigrationInterface, QueryRunner } from 'typeorm';
import { namesItsKey } from './ring-key.js';
import { alsoAllow, is, own, resecure, secure } from './row-security.js';

/** Passkeys, and leads who manage the accounts of their own organisation. */
export class Passkeys1764000000016 implements MigrationInterface {
  name = 'Passkeys1764000000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(namesItsKey('passkeys', 'name', 'id'));
    await runner.query(rules);
    await secure(runner, 'passkeys', {
      select: ofUser,
      insert: ofUser,
      update: ofUser,
      updateColumns: 'counter, last_used_at, name',
      delete: ofUser,
    });
    const keeper = is('keeper');
    await alsoAllow(runner, 'passkeys', 'select', { name: 'keeper_select', using: keeper });
    await alsoAllow(runner, 'passkeys', 'update', { name: 'keeper_update', using: keeper });
    const gate = is('gate');
    await secure(runner, 'spent_challenges', { select: gate, insert: gate, delete: gate });
    await holdLeadsBack(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const tables = `
  CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    -- What the authenticator calls it, and what its answers are verified with: no secrets.
    credential_id bytea NOT NULL CONSTRAINT passkeys_credential_key UNIQUE,
    public_key bytea NOT NULL,
    -- How often it was used, as the authenticator counts; zero for one that does not count.
    counter bigint NOT NULL CHECK (counter >= 0),
    transports text[] NOT NULL,
    -- How its owner calls it, sealed with the keyring: people write into a name what they like.
    name bytea NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
  );
  CREATE INDEX passkeys_user ON passkeys (user_id);

  -- Challenges that were answered, until they are too old to be answered again.
  CREATE TABLE spent_challenges (
    challenge bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX spent_challenges_old ON spent_challenges (expires_at);
`;

const PARTNERS = `roles <@ ARRAY['caseworker', 'lead']`;
const ofUser = 'at_gate_of(user_id)';

const rules = `
  -- The gate is everybody's, but a lead who goes through it reaches the accounts of the own organisation alone.
  CREATE FUNCTION at_gate_of(account uuid) RETURNS boolean LANGUAGE sql STABLE
    RETURN actor_is('gate') AND (NOT actor_is('lead') OR EXISTS (
      SELECT 1 FROM users u WHERE u.id = account AND u.organisation_id = actor_organisation()
        AND u.${PARTNERS}));

  -- Nobody gives oneself a role. The command line helps in nobody's name.
  CREATE FUNCTION refuse_own_roles() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'Nobody changes the own roles' USING ERRCODE = 'check_violation', CONSTRAINT = 'users_own_roles';
    END $$;
  CREATE TRIGGER users_own_roles BEFORE UPDATE OF roles ON users FOR EACH ROW
    WHEN (old.roles IS DISTINCT FROM new.roles AND new.id = actor_id()) EXECUTE FUNCTION refuse_own_roles();
`;

/** What the gate and administrators may do, and leads with the caseworkers and leads of their own organisation. */
async function holdLeadsBack(runner: QueryRunner): Promise<void> {
  const write = `${is('admin')} OR (${is('gate')} AND NOT ${is('lead')}) OR (${is('lead')} AND ${own()} AND ${PARTNERS})`;
  await resecure(runner, 'users', { insert: write, update: write });
  const tables: [table: string, ...verbs: ('select' | 'insert' | 'update' | 'delete')[]][] = [
    ['credentials', 'select', 'insert', 'update'],
    ['sessions', 'select', 'insert', 'update', 'delete'],
    ['api_keys', 'select', 'insert', 'update'],
    ['one_time_links', 'select', 'insert', 'update'],
    ['second_factors', 'select', 'insert', 'update', 'delete'],
    ['recovery_codes', 'select', 'insert', 'update', 'delete'],
  ];
  for (const [table, ...verbs] of tables)
    await resecure(runner, table, Object.fromEntries(verbs.map((verb) => [verb, ofUser])));
}
