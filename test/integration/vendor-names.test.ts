import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Payable } from '../../src/disbursements/index.js';
import { DisbursementsQueries } from '../../src/disbursements/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { VendorNames } from '../../src/organisations/index.js';
import { Jobs } from '../../src/platform/jobs.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { eventually } from '../queues.js';

const NAME = '大家のグエン太郎';

let house: House;
let world: Given;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
});
afterAll(() => house.close());

/** The names that somebody is shown in the list. */
const listed = async (who: 'partner' | 'reviewer' | 'treasurer'): Promise<string[]> => {
  const { body } = await world[who].get<{ items: { name: string }[] }>('/vendors?limit=200');
  return body.items.map(({ name }) => name);
};

const addVendor = async (name = NAME): Promise<string> =>
  (await world.partner.post<{ id: string }>('/vendors', { name, kind: 'landlord' })).body.id;

/** Writes vendors as they were written before their names were sealed. */
async function writeInClear(names: string[]): Promise<void> {
  await house.sql('ALTER TABLE vendors DROP CONSTRAINT vendors_name_sealed');
  await house.sql(
    `INSERT INTO vendors (id, organisation_id, name, kind, created_at)
     SELECT uuidv7(), $1, convert_to(name, 'UTF8'), 'landlord', now() FROM unnest($2::text[]) AS n(name)`,
    [world.organisation.id, names],
  );
  await house.sql(
    `ALTER TABLE vendors ADD CONSTRAINT vendors_name_sealed
       CHECK (substring(name FROM 1 FOR 1) = '\\x01' AND length(name) > 36) NOT VALID`,
  );
}

const clearNames = async (): Promise<number> =>
  (await house.sql(`SELECT 1 FROM vendors WHERE substring(name FROM 1 FOR 1) <> '\\x01'`)).length;

describe('privacy.md, point 3: the name of a vendor, who may be a person', () => {
  test('is read by those who file, check, decide and pay', async () => {
    const vendorId = await addVendor();
    const fund = await world.fund('vendors', { shelter: 1_000_000 });
    const lines = [{ ...line('shelter', 6_500, 3), payee: { type: 'vendor' as const, vendorId } }];
    for (const who of ['partner', 'reviewer', 'treasurer'] as const)
      expect(await listed(who)).toEqual([NAME]);

    const { id } = await world.requestInReview(lines);
    await house.sql('UPDATE grant_requests SET board_asked_at = now() WHERE id = $1', [id]);
    for (const who of [world.partner, world.reviewer, world.approver, world.board]) {
      const { body } = await who.get<GrantRequestView>(`/grant-requests/${id}`);
      expect(body.lines[0]!.payee).toEqual({ type: 'vendor', vendorId, vendorName: NAME });
    }
    await world.approvedRequest(fund, lines);
    const toPay: Payable[] = await house.app.get(DisbursementsQueries).toPay(world.treasurer.actor);
    expect(toPay.map(({ payeeType, vendorName }) => [payeeType, vendorName])).toEqual([['vendor', NAME]]);
  });

  test('opens in its own row alone, and not at all without its key', async () => {
    const [one, other] = [await addVendor('病院'), await addVendor('食堂')];
    await house.sql('UPDATE vendors SET name = (SELECT name FROM vendors WHERE id = $1) WHERE id = $2', [
      one,
      other,
    ]);
    expect((await world.partner.get('/vendors')).status).toBe(500);
    await house.sql('DELETE FROM data_keys WHERE owner_id = $1', [other]);
    expect((await listed('partner')).sort()).toEqual(['', NAME, '病院'].sort());
  });

  test('cannot be written in clear, by nobody', async () => {
    const sql = `INSERT INTO vendors (id, organisation_id, name, kind, created_at) VALUES ($1, $2, $3, 'other', now())`;
    const written = [randomUUID(), world.organisation.id, Buffer.from(NAME)];
    const refused = { constraint: 'vendors_name_sealed' };
    await expect(house.sqlAs(world.partner.actor, sql, written)).rejects.toMatchObject(refused);
    await expect(house.sql(sql, written)).rejects.toMatchObject(refused);
  });

  test('that was written in clear before is read, and sealed when a process starts to work', async () => {
    const names = Array.from({ length: 1_100 }, (_, index) => `家主 ${index}`);
    await writeInClear(names);
    expect(await listed('partner')).toContain('家主 1099');
    expect(await clearNames()).toBe(1_100);

    await house.app.get(Jobs).start();
    await Promise.all([house.app.get(VendorNames).sealClear(), house.app.get(VendorNames).sealClear()]);
    await eventually(async () => (await clearNames()) === 0);
    expect((await listed('partner')).slice(0, 2)).toEqual(['家主 1099', '家主 1098']);
    const sealed = await house.sql<{ facts: { count: number } }>(
      `SELECT facts FROM audit_events WHERE action = 'vendors.sealed'`,
    );
    expect(sealed.reduce((sum, { facts }) => sum + facts.count, 0)).toBe(1_100);
  });
});
