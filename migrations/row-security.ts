import type { QueryRunner } from 'typeorm';

/** A condition that holds when the actor has one of these roles or duties; evaluated once a statement. */
export const is = (...names: string[]): string =>
  `(SELECT actor_is(${names.map((name) => `'${name}'`).join(', ')}))`;

/** A condition that holds for rows of the actor's own organisation. */
export const own = (column = 'organisation_id'): string => `${column} = (SELECT actor_organisation())`;

/**
 * A condition that holds when the actor sees the request that this row belongs to. Figures see all of them, and
 * are spared a look at the request for each row.
 */
export const seesRequest = `(${is('figures')} OR EXISTS (SELECT 1 FROM grant_requests r WHERE r.id = request_id))`;

/** A condition that holds for rows that name the actor as the one who did it: nobody writes in another's name. */
export const byActor = 'actor_id IS NOT DISTINCT FROM (SELECT actor_id())';

interface Policies {
  select?: string;
  insert?: string;
  update?: string;
  delete?: string;
  /** The only columns that the application may change; all of them when absent. */
  updateColumns?: string;
}

/**
 * Puts a table behind forced row-level security and grants the application's role what is named here and
 * nothing else: a verb that is absent is refused by privilege as well as by policy. The owner sees all rows,
 * so that a data migration does not touch none in silence.
 */
export async function secure(runner: QueryRunner, table: string, policies: Policies): Promise<void> {
  const { updateColumns, ...verbs } = policies;
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  const statements = [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY owner_all ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true)`,
    `REVOKE ALL ON ${table} FROM PUBLIC`,
  ];
  for (const [verb, condition] of Object.entries(verbs)) {
    const columns = verb === 'update' && updateColumns ? ` (${updateColumns})` : '';
    const rule = verb === 'insert' ? `WITH CHECK (${condition})` : `USING (${condition})`;
    statements.push(`GRANT ${verb}${columns} ON ${table} TO ${role}`);
    statements.push(`CREATE POLICY app_${verb} ON ${table} FOR ${verb} TO ${role} ${rule}`);
  }
  for (const statement of statements) await runner.query(statement);
}

/**
 * Gives a table that is already behind row-level security other conditions, and the application's role the right to
 * change more of its columns. What is not named stays.
 */
export async function resecure(
  runner: QueryRunner,
  table: string,
  { updateColumns, ...verbs }: Policies,
): Promise<void> {
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  if (updateColumns) await runner.query(`GRANT update (${updateColumns}) ON ${table} TO ${role}`);
  for (const [verb, condition] of Object.entries(verbs)) {
    const rule = verb === 'insert' ? `WITH CHECK (${condition})` : `USING (${condition})`;
    await runner.query(`ALTER POLICY app_${verb} ON ${table} ${rule}`);
  }
}

/** Grants the application's role one more verb on a table that is already behind row-level security. */
export async function allow(
  runner: QueryRunner,
  table: string,
  verb: 'update' | 'delete',
  condition: string,
  columns?: string,
): Promise<void> {
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  await runner.query(`GRANT ${verb}${columns ? ` (${columns})` : ''} ON ${table} TO ${role}`);
  await runner.query(`CREATE POLICY app_${verb} ON ${table} FOR ${verb} TO ${role} USING (${condition})`);
}

/** Adds one more reason to be let through to those that a table has; what it grants already stays. */
export async function alsoAllow(
  runner: QueryRunner,
  table: string,
  verb: 'select' | 'insert' | 'update',
  { name, using, check }: { name: string; using?: string; check?: string },
): Promise<void> {
  const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
  const rules = `${using ? `USING (${using})` : ''} ${check ? `WITH CHECK (${check})` : ''}`;
  await runner.query(`CREATE POLICY ${name} ON ${table} FOR ${verb} TO ${role} ${rules}`);
}
