import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alsoAllow, is, secure } from './row-security.js';

/** What people are told by mail, each thing once. */
export class Notices1764000000017 implements MigrationInterface {
  name = 'Notices1764000000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Facts hold ids, counts and digests, and nothing personal; the words are found when it is sent.
      CREATE TABLE notices (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        topic text NOT NULL CHECK (topic IN ('night')),
        about text NOT NULL,
        facts jsonb NOT NULL,
        recorded_at timestamptz NOT NULL,
        mailed_at timestamptz,
        CONSTRAINT notices_once UNIQUE (user_id, topic, about)
      )`);
    const messenger = is('messenger');
    await secure(runner, 'notices', {
      select: messenger,
      insert: messenger,
      update: messenger,
      updateColumns: 'mailed_at',
    });
    await alsoAllow(runner, 'users', 'select', { name: 'messenger_select', using: messenger });
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
