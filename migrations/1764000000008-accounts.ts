import type { MigrationInterface, QueryRunner } from 'typeorm';
import { allow, is, resecure, secure } from './row-security.js';

/** The second factor, sessions and keys that can be listed and ended, and attempts that are counted. */
export class Accounts1764000000008 implements MigrationInterface {
  name = 'Accounts1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(sessionsAndKeys);
    await runner.query(tables);
    await runner.query(leaving);
    const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
    await runner.query(`REVOKE ALL ON FUNCTION pass_on_drafts(uuid, uuid) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION pass_on_drafts(uuid, uuid) TO ${role}`);
    const gate = is('gate');
    await secure(runner, 'second_factors', { select: gate, insert: gate, update: gate, delete: gate });
    await secure(runner, 'recovery_codes', {
      select: gate,
      insert: gate,
      update: gate,
      updateColumns: 'used_at',
      delete: gate,
    });
    await secure(runner, 'attempts', { select: gate, insert: gate, delete: gate });
    await allow(runner, 'api_keys', 'update', gate, 'last_used_at, ended_at');
    // The command line helps out when no administrator can.
    await resecure(runner, 'users', { update: is('admin', 'gate') });
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const sessionsAndKeys = `
  ALTER TABLE sessions
    ADD id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD last_seen_at timestamptz,
    -- When the second factor was last shown in this session; null before it was.
    ADD factor_at timestamptz,
    -- The kind of browser and system, to tell sessions apart by; no more than that of a device.
    ADD device text;
  UPDATE sessions SET last_seen_at = created_at;
  ALTER TABLE sessions ALTER id DROP DEFAULT, ALTER last_seen_at SET NOT NULL;

  ALTER TABLE api_keys
    ADD name text,
    ADD scope text NOT NULL DEFAULT 'write' CHECK (scope IN ('read', 'write')),
    ADD expires_at timestamptz,
    ADD last_used_at timestamptz,
    ADD ended_at timestamptz;
  UPDATE api_keys SET expires_at = now() + interval '1 year';
  ALTER TABLE api_keys ALTER scope DROP DEFAULT, ALTER expires_at SET NOT NULL;
  CREATE INDEX api_keys_user ON api_keys (user_id);
`;

const tables = `
  CREATE TABLE second_factors (
    user_id uuid PRIMARY KEY REFERENCES users,
    -- Sealed with the keyring.
    secret bytea NOT NULL,
    -- The time step of the last code that was taken: none is taken twice.
    last_step bigint NOT NULL,
    created_at timestamptz NOT NULL
  );

  CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users,
    code_digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, code_digest)
  );

  -- Attempts that failed, by a keyed digest of whose or from where.
  CREATE TABLE attempts (
    id uuid PRIMARY KEY,
    counter bytea NOT NULL,
    at timestamptz NOT NULL
  );
  CREATE INDEX attempts_counter ON attempts (counter, at);
  CREATE INDEX attempts_old ON attempts (at);
`;

const leaving = `
  -- A leaver's drafts become a colleague's of the same organisation; the gate that ends the account reads none of them.
  CREATE FUNCTION pass_on_drafts(leaver uuid, successor uuid) RETURNS SETOF uuid
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE grant_requests r SET created_by = successor FROM users s
    WHERE actor_is('gate') AND r.created_by = leaver AND r.status = 'draft'
      AND s.id = successor AND s.active AND s.organisation_id = r.organisation_id
    RETURNING r.id
  $$;
`;
