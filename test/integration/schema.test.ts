import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { DataSource, type EntityMetadata } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { migrate, whyNotReady } from '../../src/platform/migrate.js';
import { cloneDatabase, openHouse, type House } from '../house.js';

let house: House;
let entities: EntityMetadata[];

beforeAll(async () => {
  house = await openHouse();
  entities = house.app.get(DataSource).entityMetadatas;
});
afterAll(() => house.close());

interface TableColumn {
  name: string;
  type: string;
  nullable: boolean;
  generated: boolean;
}

/** PostgreSQL's name for a type that an entity names. */
const TYPES: Record<string, string> = {
  int: 'integer',
  timestamptz: 'timestamp with time zone',
};

const columnsOfTable = (table: string): Promise<TableColumn[]> =>
  house.sql<TableColumn & Record<string, unknown>>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable,
            attgenerated <> '' OR attidentity <> '' AS generated
     FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname`,
    [table],
  );

const columnsOfEntity = ({ columns }: EntityMetadata): TableColumn[] =>
  columns
    .map(({ databaseName, type, isArray, isNullable, isInsert, isUpdate }) => ({
      name: databaseName,
      type: (TYPES[String(type)] ?? String(type)) + (isArray ? '[]' : ''),
      nullable: isNullable,
      generated: !isInsert && !isUpdate,
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));

describe('entities and tables', () => {
  test('every entity has exactly the columns of its table: name, type, null or not, generated or not', async () => {
    expect(entities.length).toBeGreaterThan(10);
    for (const entity of entities) {
      const { tableName } = entity;
      expect({ tableName, columns: columnsOfEntity(entity) }).toEqual({
        tableName,
        columns: await columnsOfTable(tableName),
      });
    }
  });

  test('every entity has the primary key of its table', async () => {
    for (const { tableName, primaryColumns } of entities) {
      const keys = await house.sql<{ name: string }>(
        `SELECT attname AS name FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
         WHERE indrelid = $1::regclass AND indisprimary`,
        [tableName],
      );
      expect([tableName, primaryColumns.map(({ databaseName }) => databaseName)]).toEqual([
        tableName,
        keys.map(({ name }) => name),
      ]);
    }
  });
});

/** All that a migration can change, as text: columns, constraints, indexes, policies, rights, functions. */
async function fingerprint(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const inSchema = `n.nspname IN ('public', 'bullmq')`;
  const { rows } = await client.query<{ line: string }>(`
    WITH tables AS (SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${inSchema})
    SELECT concat_ws(' ', t.oid::regclass, t.relkind, t.relrowsecurity, t.relforcerowsecurity, t.relacl::text) AS line
      FROM tables t
    UNION ALL SELECT concat_ws(' ', t.oid::regclass, attname, atttypid::regtype, attnotnull, attacl::text,
                               pg_get_expr(adbin, adrelid))
      FROM tables t JOIN pg_attribute a ON attrelid = t.oid AND attnum > 0
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(c.oid))
      FROM pg_constraint c JOIN tables t ON t.oid = conrelid
    UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN tables t ON t.oid = indrelid
    UNION ALL SELECT to_jsonb(p)::text FROM pg_policies p
    UNION ALL SELECT concat_ws(' ', p.oid::regprocedure, proacl::text, md5(coalesce(prosrc, '')), prosecdef)
      FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE ${inSchema}
    UNION ALL SELECT concat_ws(' ', nspname, nspacl::text) FROM pg_namespace n WHERE ${inSchema}
    UNION ALL SELECT concat_ws(' ', 'ran', name) FROM migrations
    ORDER BY 1`);
  await client.end();
  return rows.map(({ line }) => line);
}

describe('migrating', () => {
  test('twice changes nothing', async () => {
    const { ownerUrl, appUrl } = house;
    const before = await fingerprint(ownerUrl);
    expect(before.length).toBeGreaterThan(500);
    expect(await migrate({ ownerUrl, appUrl })).toEqual([]);
    expect(await fingerprint(ownerUrl)).toEqual(before);
  });

  test('refuses one role for both: the owner is above row-level security', async () => {
    const { ownerUrl, appUrl } = house;
    for (const urls of [
      { ownerUrl, appUrl: ownerUrl },
      { ownerUrl: appUrl, appUrl },
    ]) {
      await expect(migrate(urls)).rejects.toThrow('must name two roles');
    }
  });

  test('names no password when it refuses', async () => {
    const { ownerUrl } = house;
    const refusal = await migrate({ ownerUrl, appUrl: ownerUrl }).catch((error: Error) => error.message);
    expect(refusal).not.toContain(new URL(ownerUrl).password);
  });

  test('goes forward only', async () => {
    for (const Migration of migrations) {
      await expect(new Migration().down()).rejects.toThrow('forward only');
    }
  });
});

describe('a database that is not ready says why', () => {
  test('all migrations pending, on an empty one', async () => {
    const { pathname } = new URL(house.ownerUrl);
    const name = `${pathname.slice(1)}_empty`;
    await house.sql(`CREATE DATABASE ${name} TEMPLATE template0`);
    expect(await whyNotReady(house.appUrl.replace(pathname, `/${name}`))).toContain(
      `${migrations.length} migrations are pending`,
    );
    await house.sql(`DROP DATABASE ${name}`);
  });

  test('some pending, on an older one', async () => {
    const { ownerUrl, appUrl } = await cloneDatabase();
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query('DELETE FROM migrations WHERE id > (SELECT max(id) - 2 FROM migrations)');
    await owner.end();
    expect(await whyNotReady(appUrl)).toMatch(/^2 migrations are pending: set DATABASE_OWNER_URL/);
  });

  test('a role that row-level security does not bind', async () => {
    const superuser = new pg.Client({ connectionString: process.env.TEST_SUPERUSER_URL });
    await superuser.connect();
    await superuser.query(`CREATE ROLE unbound LOGIN BYPASSRLS PASSWORD 'unbound'`);
    try {
      const appUrl = house.appUrl.replace(/\/\/[^@]+@/, '//unbound:unbound@');
      expect(await whyNotReady(appUrl)).toContain('row-level security would not bind it');
      expect(await whyNotReady(process.env.TEST_SUPERUSER_URL!)).toContain('superuser');
    } finally {
      await superuser.query('DROP ROLE unbound');
      await superuser.end();
    }
  });

  test('and nothing when all is well', async () => {
    expect(await whyNotReady(house.appUrl)).toBeNull();
  });
});
