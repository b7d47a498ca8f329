import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FundView } from '../../src/funds/index.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { balances, booksBalance, given, line, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';

let house: House;
let world: Given;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
});
afterAll(() => house.close());

test('sixteen approvals at once, worth more than the line holds: exactly as many succeed as fit', async () => {
  const fund = await world.fund('race', { shelter: 100_000 });
  const requests: GrantRequestView[] = [];
  for (let count = 0; count < 16; count += 1)
    requests.push(await world.requestInReview([line('shelter', 15_000)]));
  const answers = await Promise.all(
    requests.map((request) =>
      world.approver.post(`/grant-requests/${request.id}/approve`, world.approvalOf(request, fund)),
    ),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(6);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
    Array.from({ length: 10 }, () => [409, 'budget.exceeded']),
  );
  expect(refused[0]!.body.left).toBe(10_000);
  const after = (await world.treasurer.get<FundView>(`/funds/${fund.id}`)).body;
  expect(after.lines[0]).toMatchObject({ available: 10_000, committed: 90_000, spent: 0 });
  expect(await balances(house)).toMatchObject({ outside: -100_000 });
  expect(await booksBalance(house)).toBe(true);
});
