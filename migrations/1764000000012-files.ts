import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alsoAllow, is, own } from './row-security.js';

/** Every file has a data key of its own, so that a voucher can stay when the story that it belongs to is forgotten. */
export class Files1764000000012 implements MigrationInterface {
  name = 'Files1764000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
    const archivist = is('archivist');
    const ofFile = 'EXISTS (SELECT 1 FROM attachments a WHERE a.id = owner_id)';
    // Whoever sees a file's request opens the file: the board too, when it was asked to decide.
    await alsoAllow(runner, 'data_keys', 'select', {
      name: 'board_files_select',
      using: `${is('board')} AND ${ofFile}`,
    });
    // Staff see the keys of people and cases, but of a file only with its request: not of a draft.
    await runner.query(`
      REVOKE ALL ON FUNCTION names_a_file(uuid) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION names_a_file(uuid) TO ${role};
      CREATE POLICY files_with_requests ON data_keys AS RESTRICTIVE FOR select TO ${role}
        USING (NOT ${is('reviewer', 'approver', 'treasurer')} OR NOT names_a_file(owner_id) OR ${ofFile})`);
    // The archivist gives files that were there before keys of their own, and reads nothing else of anybody.
    await alsoAllow(runner, 'attachments', 'select', { name: 'archivist_select', using: archivist });
    await runner.query(`GRANT update (name, key_owner_id) ON attachments TO ${role}`);
    await alsoAllow(runner, 'attachments', 'update', {
      name: 'archivist_update',
      using: archivist,
      check: `${archivist} AND key_owner_id = id`,
    });
    await alsoAllow(runner, 'data_keys', 'select', {
      name: 'archivist_select',
      using: `${archivist} AND EXISTS (SELECT 1 FROM attachments a WHERE owner_id IN (a.id, a.key_owner_id))`,
    });
    await alsoAllow(runner, 'data_keys', 'insert', {
      name: 'archivist_insert',
      check: `${archivist} AND ${ofFile}`,
    });
    // A file that is taken out of a draft takes its key along. No other key goes this way.
    await runner.query(`
      GRANT delete ON data_keys TO ${role};
      CREATE POLICY files_delete ON data_keys FOR delete TO ${role}
        USING (${own()} AND EXISTS (SELECT 1 FROM attachments a JOIN grant_requests r ON r.id = a.request_id
          WHERE a.id = owner_id AND r.status IN ('draft', 'returned')))`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const tables = `
  -- Whose data key seals the file and its name: its own, or until it was given one its request's.
  ALTER TABLE attachments ADD COLUMN key_owner_id uuid;
  UPDATE attachments a SET key_owner_id = r.key_owner_id FROM grant_requests r WHERE r.id = a.request_id;
  ALTER TABLE attachments ALTER COLUMN key_owner_id SET NOT NULL;
  CREATE INDEX attachments_without_own_key ON attachments (id) WHERE key_owner_id <> id;
  CREATE INDEX attachments_key_owner ON attachments (key_owner_id);

  -- Whether an id is that of a file, also of one whose row the actor does not see; it tells nothing else of it.
  CREATE FUNCTION names_a_file(owner uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM attachments a WHERE a.id = owner)
  $$;
`;
