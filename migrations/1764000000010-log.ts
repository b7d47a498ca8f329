import type { MigrationInterface, QueryRunner } from 'typeorm';
import { is, resecure, secure } from './row-security.js';

/** The log is sealed into a chain, and read by who did it and by what was done. */
export class Log1764000000010 implements MigrationInterface {
  name = 'Log1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await resecure(runner, 'audit_events', { select: is('board', 'admin', 'sealer') });
    await secure(runner, 'audit_seals', { select: is('board', 'admin', 'sealer'), insert: is('sealer') });
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const tables = `
  -- Each seal covers the ids from the one before it up to its own last one, with a keyed digest of every row there.
  -- In a table of its own: the log is never changed, and writing to it never waits for a seal.
  CREATE TABLE audit_seals (
    number int PRIMARY KEY CHECK (number > 0),
    from_id bigint NOT NULL,
    to_id bigint NOT NULL CHECK (to_id >= from_id),
    count int NOT NULL CHECK (count > 0),
    row_ids bigint[] NOT NULL CHECK (cardinality(row_ids) = count),
    row_digests bytea[] NOT NULL CHECK (cardinality(row_digests) = count),
    previous bytea NOT NULL,
    digest bytea NOT NULL UNIQUE,
    sealed_at timestamptz NOT NULL
  );

  CREATE INDEX audit_events_actor ON audit_events (actor_id, id);
  CREATE INDEX audit_events_action ON audit_events (action, id);
`;
