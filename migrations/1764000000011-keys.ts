import type { MigrationInterface, QueryRunner } from 'typeorm';
import { namesItsKey } from './ring-key.js';
import { allow, alsoAllow, is, own, resecure, secure } from './row-security.js';

/** The keyring can be rotated while processes serve, and names of vendors are sealed. */
export class Keys1764000000011 implements MigrationInterface {
  name = 'Keys1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(`ALTER TABLE imports ADD file_key bytea`);
    for (const { table, column, order } of RING_VALUES) {
      await runner.query(namesItsKey(table, column, order));
    }
    await runner.query(vendors);
    const keeper = is('keeper');
    await secure(runner, 'ring_keys', { select: keeper, insert: keeper, delete: keeper });
    await secure(runner, 'live_processes', {
      select: keeper,
      insert: keeper,
      update: keeper,
      updateColumns: 'key_ids, sealing_key, seen_at',
      delete: keeper,
    });
    await secureKeeper(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const tables = `
  -- The keys of the keyring, by their ids alone, that values here may be sealed with.
  CREATE TABLE ring_keys (
    id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    taken_up_at timestamptz NOT NULL
  );

  -- Processes that serve, work or run a command, what keys each has, and which one it writes with.
  CREATE TABLE live_processes (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    key_ids text[] NOT NULL,
    sealing_key text NOT NULL,
    seen_at timestamptz NOT NULL
  );
`;

/** What was sealed with the keyring itself when this migration was written. */
const RING_VALUES = [
  { table: 'data_keys', column: 'wrapped', order: 'owner_id' },
  { table: 'second_factors', column: 'secret', order: 'user_id' },
  { table: 'idempotency_keys', column: 'answer', order: 'user_id' },
  { table: 'imports', column: 'file_key', order: 'id' },
];

/** What lies there in clear is sealed when a process starts to work; nothing joins it. */
const vendors = `
  ALTER TABLE vendors
    ALTER name TYPE bytea USING convert_to(name, 'UTF8'),
    ADD CONSTRAINT vendors_name_sealed CHECK (substring(name FROM 1 FOR 1) = '\\x01' AND length(name) > 36) NOT VALID;
`;

/** The keeper seals what was left in clear and wraps keys anew. It reads nothing that a data key seals but vendors' names. */
async function secureKeeper(runner: QueryRunner): Promise<void> {
  const keeper = is('keeper');
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  await runner.query(`GRANT update (file_key) ON imports TO ${role}`);
  for (const { table } of [...RING_VALUES, { table: 'vendors' }]) {
    await alsoAllow(runner, table, 'select', { name: 'keeper_select', using: keeper });
  }
  for (const table of ['second_factors', 'idempotency_keys', 'imports']) {
    await alsoAllow(runner, table, 'update', { name: 'keeper_update', using: keeper });
  }
  await allow(runner, 'data_keys', 'update', keeper, 'wrapped');
  await allow(runner, 'vendors', 'update', keeper, 'name');
  await alsoAllow(runner, 'data_keys', 'insert', { name: 'keeper_insert', check: keeper });
  // The board reads whom a request is paid to that it is asked to decide.
  const sealed = `EXISTS (SELECT 1 FROM grant_requests r WHERE r.key_owner_id = data_keys.owner_id)
    OR EXISTS (SELECT 1 FROM vendors v WHERE v.id = data_keys.owner_id)`;
  await resecure(runner, 'data_keys', {
    select: `${own()} OR ${is('reviewer', 'approver', 'treasurer', 'importer')} OR (${is('board')} AND (${sealed}))`,
  });
}
