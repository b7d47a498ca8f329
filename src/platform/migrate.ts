import { runMigrations } from 'bullmq';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { migrationOptions } from './database.js';
import { QUEUE } from './jobs.js';

/** Only one process migrates at a time; the others wait and then find nothing to do. */
const MIGRATION_LOCK = 7_372_733;

/** The role name in a connection URL; rights in the schema are granted to it. */
const roleOf = (url: string): string => decodeURIComponent(new URL(url).username);

/**
 * Brings the schema (and BullMQ's, when jobs live in PostgreSQL) up to date as the owner, and grants the
 * application's role what it needs. Repeating it changes nothing. Gives the names of what it ran.
 */
export async function migrate(urls: { ownerUrl: string; appUrl: string }): Promise<string[]> {
  const appRole = roleOf(urls.appUrl);
  if (appRole === roleOf(urls.ownerUrl)) {
    throw new Error(
      'DATABASE_URL and DATABASE_OWNER_URL must name two roles: the owner is above row-level security',
    );
  }
  const gate = new pg.Client({ connectionString: urls.ownerUrl });
  await gate.connect();
  try {
    await gate.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const owner = await new DataSource({
      ...migrationOptions(urls.ownerUrl),
      extra: { options: `-c sasae.app_role=${appRole}` },
    }).initialize();
    try {
      const done = await owner.runMigrations();
      await migrateQueue(gate, appRole);
      return done.map(({ name }) => name);
    } finally {
      await owner.destroy();
    }
  } finally {
    await gate.end();
  }
}

async function migrateQueue(owner: pg.Client, appRole: string): Promise<void> {
  await runMigrations(owner);
  const role = pg.escapeIdentifier(appRole);
  // BullMQ would make a queue's sequence when it is first used, and the application's role may not.
  const { rows } = await owner.query<{ name: string }>('SELECT bullmq.job_id_seq_name($1) AS name', [QUEUE]);
  await owner.query(`
    CREATE SEQUENCE IF NOT EXISTS bullmq.${pg.escapeIdentifier(rows[0]!.name)};
    GRANT SELECT ON public.migrations TO ${role};
    GRANT USAGE ON SCHEMA bullmq TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bullmq TO ${role};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA bullmq TO ${role};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bullmq TO ${role};`);
}

/**
 * What stops the application's role from serving: migrations that were not run, or a role that row-level
 * security does not bind. Gives one line, or null when all is well.
 */
export async function whyNotReady(appUrl: string): Promise<string | null> {
  const client = new pg.Client({ connectionString: appUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ unbound: boolean; migrated: boolean }>(
      `SELECT rolsuper OR rolbypassrls AS unbound, to_regclass('public.migrations') IS NOT NULL AS migrated
       FROM pg_roles WHERE rolname = current_user`,
    );
    if (rows[0]!.unbound) {
      return "DATABASE_URL's role is a superuser or has BYPASSRLS, so row-level security would not bind it";
    }
    const run = rows[0]!.migrated
      ? (await client.query<{ name: string }>('SELECT name FROM migrations')).rows.map(({ name }) => name)
      : [];
    const pending = migrations.filter(({ name }) => !run.includes(name)).length;
    return pending > 0
      ? `${pending} migrations are pending: set DATABASE_OWNER_URL, or run "npm run cli -- migrate" with it`
      : null;
  } finally {
    await client.end();
  }
}
