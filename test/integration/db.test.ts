import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { onDuty, ROLES } from '../../src/kernel/actor.js';
import { Db, type Once, type Tx } from '../../src/platform/db.js';
import { given, type Given } from '../given.js';
import { once, openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let db: Db;
let partner: Somebody;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  db = house.app.get(Db);
  partner = world.partner;
});
afterAll(() => house.close());

/** What has the shape of a sealed name. */
const shaped = (name: string): Buffer =>
  Buffer.concat([Buffer.from([1]), Buffer.alloc(36), Buffer.from(name)]);

/** Something to write: a vendor of the partner's organisation. Gives its id. */
async function addVendor(tx: Tx, name: string): Promise<string> {
  const id = randomUUID();
  await tx.query(
    `INSERT INTO vendors (id, organisation_id, name, kind, created_at) VALUES ($1, $2, $3, 'other', $4)`,
    [id, tx.actor.organisationId, shaped(name), tx.at],
  );
  return id;
}

const vendors = async (name: string): Promise<number> =>
  (await house.sql('SELECT 1 FROM vendors WHERE name = $1', [shaped(name)])).length;

/** Fails the transaction as PostgreSQL would, with this code. */
const fail = (tx: Tx, code: string) =>
  tx.query(`DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '${code}'; END $$`);

const seenVendors = async (tx: Tx): Promise<number> => (await tx.query('SELECT 1 FROM vendors')).length;

const lockHousehold = (tx: Tx, id: string) =>
  tx.query('SELECT 1 FROM households WHERE id = $1 FOR UPDATE', [id]);

/** A door that opens when `count` have come. */
function meeting(count: number): () => Promise<void> {
  const { promise, resolve } = deferred();
  return () => {
    count -= 1;
    if (count === 0) resolve();
    return promise;
  };
}

function deferred() {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** A call that counts how often it is done. */
class Counted {
  done = 0;

  constructor(private readonly name: string) {}

  readonly work = async (tx: Tx): Promise<{ id: string; nth: number }> => {
    this.done += 1;
    return { id: await addVendor(tx, this.name), nth: this.done };
  };
}

const keyed = (): Once => ({ ...once(), bodyHash: 'the body' });

/** Waits until a transaction that has written stands still. */
const aCallIsAtWork = () => until(`state = 'idle in transaction' AND query LIKE '%INTO vendors%'`);

/** Waits until a transaction hangs on a key that another one holds. */
const aTwinWaits = () => until(`wait_event_type = 'Lock' AND query LIKE '%INTO idempotency_keys%'`);

/** Only the application's own role sees what its connections are doing. */
async function until(condition: string): Promise<void> {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND ${condition}`;
  while ((await asApp(sql)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The application's role, saying that it asks for somebody with every role. */
const asApp = (sql: string) => house.sqlAs({ ...partner.actor, roles: [...ROLES] }, sql);

describe('a transaction', () => {
  test('writes all or nothing', async () => {
    const name = 'all or nothing';
    await expect(
      db.write(partner.actor, async (tx) => {
        await addVendor(tx, name);
        throw new Error('after the first write');
      }),
    ).rejects.toThrow('after the first write');
    expect(await vendors(name)).toBe(0);
    await db.write(partner.actor, (tx) => addVendor(tx, name));
    expect(await vendors(name)).toBe(1);
  });

  test('that reads refuses to write, and cannot be talked into it', async () => {
    const refused = { driverError: { code: '25006' } };
    await expect(db.read(partner.actor, (tx) => addVendor(tx, 'by reading'))).rejects.toMatchObject(refused);
    await expect(
      db.read(partner.actor, async (tx) => {
        await tx.query('SET TRANSACTION READ WRITE');
        return addVendor(tx, 'by reading');
      }),
    ).rejects.toThrow(/read-write mode must be set before any query/);
    expect(await vendors('by reading')).toBe(0);
  });

  test('that reads is one snapshot: what somebody writes meanwhile it does not see', async () => {
    const [before, after] = await db.read(partner.actor, async (tx) => {
      const first = await seenVendors(tx);
      await db.write(partner.actor, (other) => addVendor(other, 'meanwhile'));
      return [first, await seenVendors(tx)];
    });
    expect(after).toBe(before);
  });

  test('gives the rows of each kind of statement, and none when it touched none', async () => {
    const [one] = await house.sql<{ id: string }>('SELECT id FROM organisations');
    await db.write(partner.actor, async (tx) => {
      const id = await addVendor(tx, 'returned');
      expect(await tx.query('SELECT id FROM vendors WHERE id = $1', [id])).toEqual([{ id }]);
    });
    const renamed = `UPDATE organisations SET name = name WHERE id = $1 RETURNING id`;
    await db.write(world.admin.actor, async (tx) => {
      expect(await tx.query(renamed, [one!.id])).toEqual([one]);
      expect(await tx.query(renamed, [randomUUID()])).toEqual([]);
    });
    await db.write(onDuty('gate'), async (tx) => {
      expect(await tx.query('DELETE FROM sessions RETURNING user_id')).toEqual([]);
    });
  });

  test('records everything at the moment of the clock', async () => {
    house.clock.set('2024-12-16T19:30:00+09:00');
    const at = await db.write(partner.actor, async (tx) => {
      tx.audit('test.clock', 'test', null);
      return tx.at;
    });
    expect(at).toEqual(new Date('2024-12-16T10:30:00Z'));
    const [row] = await house.sql(`SELECT at FROM audit_events WHERE action = 'test.clock'`);
    expect(row).toEqual({ at });
  });

  test('leaves its lines in log and outbox, with who and when, and takes them along when it rolls back', async () => {
    const subject = randomUUID();
    const leave = async (tx: Tx) => {
      tx.audit('test.left', 'test', subject, { code: 'X' });
      tx.emit('test.left', { subject });
      return addVendor(tx, 'with lines');
    };
    const lines = async () => ({
      log: await house.sql(
        'SELECT actor_id, action, subject, facts, duties FROM audit_events WHERE subject_id = $1',
        [subject],
      ),
      outbox: await house.sql(
        `SELECT topic, payload, handed_over_at FROM outbox WHERE payload->>'subject' = $1`,
        [subject],
      ),
    });
    await expect(
      db.write(partner.actor, async (tx) => {
        await leave(tx);
        await tx.flush();
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await lines()).toEqual({ log: [], outbox: [] });
    await db.write(partner.actor, leave);
    expect(await lines()).toEqual({
      log: [
        {
          actor_id: partner.user.id,
          action: 'test.left',
          subject: 'test',
          facts: { code: 'X' },
          duties: [],
        },
      ],
      outbox: [{ topic: 'test.left', payload: { subject }, handed_over_at: null }],
    });
  });

  test('whose log cannot be written writes nothing else either', async () => {
    await expect(
      db.write(partner.actor, async (tx) => {
        tx.audit('test.unwritable', 'test', 'no id');
        return addVendor(tx, 'without log');
      }),
    ).rejects.toMatchObject({ driverError: { code: '22P02' } });
    expect(await vendors('without log')).toBe(0);
  });

  test('tells nobody else who was asking: the next user of its connection starts as nobody', async () => {
    const source = house.app.get(DataSource);
    await Promise.all(
      Array.from({ length: 30 }, () => db.write(partner.actor, (tx) => tx.query('SELECT 1'))),
    );
    await Promise.allSettled(
      Array.from({ length: 30 }, () => db.write(partner.actor, (tx) => fail(tx, 'P0001'))),
    );
    const seen = await Promise.all(
      Array.from({ length: 60 }, () =>
        source.query(`
          SELECT current_setting('sasae.user_id', true) AS id, current_setting('sasae.roles', true) AS roles,
                 current_setting('sasae.organisation_id', true) AS organisation,
                 current_setting('transaction_read_only') AS read_only, (SELECT count(*) FROM vendors) AS vendors`),
      ),
    );
    for (const [row] of seen)
      expect(row).toEqual({ id: '', roles: '', organisation: '', read_only: 'off', vendors: 0 });
  });
});

describe('a conflict of locks', () => {
  test('that ends in a deadlock runs the loser again, and both are done', async () => {
    await world.householdCase();
    await world.householdCase();
    const [one, other] = (await house.sql<{ id: string }>('SELECT id FROM households')).map(({ id }) => id);
    const met = meeting(2);
    let tries = 0;
    const cross = (first: string, second: string) =>
      db.write(partner.actor, async (tx) => {
        tries += 1;
        const crossing = tries <= 2;
        await lockHousehold(tx, crossing ? first : second);
        if (crossing) await met();
        await lockHousehold(tx, crossing ? second : first);
        return addVendor(tx, 'crossed');
      });
    await Promise.all([cross(one!, other!), cross(other!, one!)]);
    expect(tries).toBe(3);
    expect(await vendors('crossed')).toBe(2);
  });

  test.each([
    ['a serialization failure', '40001', 5],
    ['a deadlock', '40P01', 5],
    ['any other fault', 'P0001', 1],
  ])('after %s is tried again as often as is sensible, and no more', async (_, code, expected) => {
    let tries = 0;
    const work = (tx: Tx) => {
      tries += 1;
      return fail(tx, code);
    };
    await expect(db.write(partner.actor, work)).rejects.toMatchObject({ driverError: { code } });
    expect(tries).toBe(expected);
  });

  test('over a random code that somebody has already draws another one', async () => {
    await world.householdCase();
    const [person] = await house.sql<{ code: string }>('SELECT code FROM persons');
    const codes = [person!.code, 'P-000001'];
    const work = async (tx: Tx) => {
      const household = randomUUID();
      await tx.query('INSERT INTO households (id, organisation_id, created_at) VALUES ($1, $2, $3)', [
        household,
        tx.actor.organisationId,
        tx.at,
      ]);
      const code = codes.shift();
      await tx.query(
        `INSERT INTO persons (id, organisation_id, household_id, code, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)`,
        [randomUUID(), tx.actor.organisationId, household, code, tx.actor.userId, tx.at],
      );
      return code;
    };
    expect(await db.write(partner.actor, work)).toBe('P-000001');
  });
});

describe('an idempotency key', () => {
  test('gives the same call the first answer again, also from a new session, and does it once', async () => {
    const { work } = new Counted('repeated');
    const key = keyed();
    const first = await db.write(partner.actor, work, key);
    expect(first.nth).toBe(1);
    expect(await db.write(partner.actor, work, key)).toEqual(first);
    expect(await db.write({ ...partner.actor }, work, { ...key })).toEqual(first);
    expect(await vendors('repeated')).toBe(1);
  });

  test('of another user, or on another route, is another call', async () => {
    const call = new Counted('own keys');
    const key = keyed();
    const colleague = await house.somebody('colleague', ['lead'], world.organisation.id);
    const answers = [
      await db.write(partner.actor, call.work, key),
      await db.write(colleague.actor, call.work, key),
      await db.write(partner.actor, call.work, { ...key, route: 'another' }),
    ];
    expect(answers.map(({ nth }) => nth)).toEqual([1, 2, 3]);
    expect(await vendors('own keys')).toBe(3);
  });

  test('with another body is refused, and the first answer stays', async () => {
    const { work } = new Counted('other body');
    const key = keyed();
    const first = await db.write(partner.actor, work, key);
    await expect(db.write(partner.actor, work, { ...key, bodyHash: 'another body' })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'idempotency.mismatch',
    });
    expect(await db.write(partner.actor, work, key)).toEqual(first);
    expect(await vendors('other body')).toBe(1);
  });

  test('lets a twin at the same moment wait for the first and gives it the same answer', async () => {
    const call = new Counted('twins');
    const key = keyed();
    const met = meeting(2);
    const slow = async (tx: Tx) => {
      const answer = await call.work(tx);
      await met();
      return answer;
    };
    const first = db.write(partner.actor, slow, key);
    await aCallIsAtWork();
    const twin = db.write(partner.actor, slow, key);
    const order: string[] = [];
    void twin.then(() => order.push('twin'));
    // The first has done its work and not committed: the twin hangs on its key.
    await aTwinWaits();
    order.push('first goes on');
    await met();
    expect(await twin).toEqual(await first);
    expect(order).toEqual(['first goes on', 'twin']);
    expect(call.done).toBe(1);
    expect(await vendors('twins')).toBe(1);
  });

  test('of a call that failed is free again: a refusal is not kept, and a waiting twin does the work', async () => {
    const call = new Counted('after a refusal');
    const key = keyed();
    const refuse = async (tx: Tx) => {
      await call.work(tx);
      throw new Error('refused');
    };
    await expect(db.write(partner.actor, refuse, key)).rejects.toThrow('refused');
    expect(await house.sql('SELECT 1 FROM idempotency_keys WHERE key = $1', [key.key])).toEqual([]);

    const met = meeting(2);
    const slowly = async (tx: Tx) => {
      await call.work(tx);
      await met();
      throw new Error('refused');
    };
    const failing = db.write(partner.actor, slowly, key);
    await aCallIsAtWork();
    const twin = db.write(partner.actor, call.work, key);
    await aTwinWaits();
    await Promise.all([met(), expect(failing).rejects.toThrow('refused')]);
    expect((await twin).nth).toBe(3);
    expect(await vendors('after a refusal')).toBe(1);
  });

  test('needs a user: work of the application itself has no keys', async () => {
    const nobody = onDuty('gate');
    await expect(db.write(nobody, async () => null, keyed())).rejects.toThrow('Only a user');
  });

  test('keeps an answer of null, and no answer as null', async () => {
    const key = keyed();
    expect(await db.write(partner.actor, async () => null, key)).toBeNull();
    expect(await db.write(partner.actor, async () => 'not asked again', key)).toBeNull();
  });
});

describe('the role of the application', () => {
  test.each(['audit_events', 'transfers'])('cannot change, delete or empty %s', async (table) => {
    await expect(asApp(`UPDATE ${table} SET actor_id = NULL`)).rejects.toMatchObject({ code: '42501' });
    await expect(asApp(`DELETE FROM ${table}`)).rejects.toMatchObject({ code: '42501' });
    await expect(asApp(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject({ code: '42501' });
  });

  test('has no right to change or delete any row that tells what happened', async () => {
    const rows = await house.sql<{ log: string }>(
      `SELECT log FROM unnest(ARRAY['audit_events', 'transfers', 'request_events', 'request_comments',
                                    'duties', 'identity_links', 'case_entries', 'returns',
                                    'fund_events', 'ledger_checks', 'audit_seals']) AS log
       WHERE has_table_privilege('sasae_app', log, 'UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
          OR has_any_column_privilege('sasae_app', log, 'UPDATE')`,
    );
    expect(rows).toEqual([]);
  });

  test('changes of money and approvals only what became of them', async () => {
    const rows = await house.sql(
      `SELECT table_name, array_agg(column_name::text ORDER BY column_name) AS columns
       FROM information_schema.column_privileges
       WHERE grantee = 'sasae_app' AND privilege_type = 'UPDATE'
         AND table_name IN ('contributions', 'disbursements', 'approvals', 'urgent_approvals', 'budget_moves', 'awards', 'consents')
       GROUP BY table_name ORDER BY table_name`,
    );
    expect(rows).toEqual([
      { table_name: 'approvals', columns: ['voided_at'] },
      { table_name: 'awards', columns: ['status'] },
      { table_name: 'budget_moves', columns: ['decided_at', 'decided_by', 'status', 'transfer_id'] },
      // Whom a consent names was once in clear, and is sealed afterwards.
      { table_name: 'consents', columns: ['reaches_members', 'share_with', 'withdrawn_at', 'withdrawn_by'] },
      { table_name: 'contributions', columns: ['status'] },
      { table_name: 'disbursements', columns: ['status'] },
      { table_name: 'urgent_approvals', columns: ['confirmed_at', 'confirmed_by', 'outcome'] },
    ]);
  });

  test.each([
    'ALTER TABLE persons DISABLE ROW LEVEL SECURITY',
    'ALTER TABLE persons NO FORCE ROW LEVEL SECURITY',
    'CREATE POLICY mine ON persons USING (true)',
    'DROP POLICY app_select ON persons',
    'CREATE TABLE mine (id int)',
    'CREATE FUNCTION actor_is(VARIADIC names text[]) RETURNS boolean LANGUAGE sql RETURN true',
    'SET ROLE sasae_owner',
    'SET session_replication_role = replica',
    'ALTER ROLE sasae_app BYPASSRLS',
  ])('may not do this: %s', async (sql) => {
    await expect(asApp(sql)).rejects.toMatchObject({ code: '42501' });
  });

  test('is no superuser, does not pass by row-level security, and is a member of no other role', async () => {
    expect(
      await house.sql(`
        SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
               (SELECT count(*) FROM pg_auth_members WHERE member = r.oid) AS memberships,
               (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned
        FROM pg_roles r WHERE rolname = 'sasae_app'`),
    ).toEqual([
      {
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        memberships: 0,
        owned: 0,
      },
    ]);
  });
});

test('a stored answer is forgotten after thirty days, and its key can be used anew', async () => {
  const key = { route: 'POST /forgetting', key: randomUUID(), bodyHash: 'x' };
  const draw = () => db.write(world.partner.actor, () => Promise.resolve(Math.random()), key);
  const first = await draw();
  await db.forgetOldAnswers();
  expect(await draw()).toBe(first);
  await house.sql(
    `UPDATE idempotency_keys SET recorded_at = recorded_at - interval '31 days' WHERE key = $1`,
    [key.key],
  );
  await db.forgetOldAnswers();
  expect(await draw()).not.toBe(first);
});
