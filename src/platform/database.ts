import pg from 'pg';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { toYen } from '../kernel/money.js';
import { migrations } from '../../migrations/index.js';

// A day stays a string and a bigint becomes a safe integer or an error, everywhere and not query by query.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
pg.types.setTypeParser(pg.types.builtins.INT8, toYen);

/** Connections that one process holds open to PostgreSQL at most. */
const POOL_SIZE = 20;

/** How the application, as its own role, reaches PostgreSQL. Entities are named by the rooms' modules. */
export const databaseOptions = (url: string): PostgresDataSourceOptions => ({
  type: 'postgres',
  url,
  poolSize: POOL_SIZE,
  synchronize: false,
  migrationsRun: false,
  logging: false,
  applicationName: 'sasae',
});

/** The same as the schema's owner, for migrations alone. */
export const migrationOptions = (url: string): PostgresDataSourceOptions => ({
  ...databaseOptions(url),
  poolSize: 2,
  entities: [],
  migrations,
  migrationsTableName: 'migrations',
  migrationsTransactionMode: 'each',
});
