import { DecisionsService, type GrantRequestView } from '../../src/grants/index.js';
import { CATEGORIES, type Category } from '../../src/kernel/codes.js';
import { given, line, type Given } from '../given.js';
import { once, openHouse, type House } from '../house.js';
import { compare, inTurn, timed, type Compared } from './measure.js';
import { recordOne, Replayer } from './by-hand.js';

const AT_ONCE = 16;
const DECISIONS = 96;
const ROUNDS = 4;

const RATE = (rate: number): string => `${rate.toFixed(0)} a second`;

/** A request in review with one line, and the budget line that it is to be paid from. */
export interface Case {
  request: GrantRequestView;
  budgetLineId: string;
  fundId: string;
}

/** Decisions with one line through the service, against the same statements by hand, on one line and on a hundred. */
export async function benchDecisions(): Promise<Compared[]> {
  const house = await openHouse();
  try {
    const world = await given(house);
    const lines = await hundredLines(world);
    const results: Compared[] = [];
    for (const [what, on] of [
      ['one hot budget line', lines.slice(0, 1)],
      ['100 budget lines', lines],
    ] as const) {
      results.push(await benchOn(house, world, what, on));
    }
    return results;
  } finally {
    await house.close();
  }
}

type BudgetLine = { id: string; fundId: string; category: Category };

async function hundredLines(world: Given): Promise<BudgetLine[]> {
  const lines: BudgetLine[] = [];
  for (let count = 1; count <= 20; count += 1) {
    const each = Object.fromEntries(CATEGORIES.map((category) => [category, 100_000_000]));
    const fund = await world.fund(`bench-${count}`, each);
    lines.push(...fund.lines.map(({ id, category }) => ({ id, fundId: fund.id, category: category! })));
  }
  return lines;
}

async function benchOn(
  house: House,
  world: Given,
  what: string,
  lines: readonly BudgetLine[],
): Promise<Compared> {
  const cases = await casesOn(world, lines, DECISIONS * 2 * (ROUNDS + 1) + 1);
  const approve = ({ request, budgetLineId }: Case) => {
    const { id, amount } = request.lines[0]!;
    const approval = { lines: [{ lineId: id, amount, budgetLineId }] };
    return house.app.get(DecisionsService).approve(world.approver.actor, request.id, approval, once());
  };
  const example = cases.pop()!;
  const statements = await recordOne(() => approve(example));
  const byHand = new Replayer(house.appUrl, statements, example, AT_ONCE);
  const rateOf = async (decide: (one: Case) => Promise<unknown>): Promise<number> => {
    const batch = cases.splice(0, DECISIONS);
    return DECISIONS / ((await timed(() => sixteenAtATime(batch, decide))) / 1000);
  };
  const measured = await inTurn(
    ROUNDS,
    () => rateOf(approve),
    () => rateOf((one) => byHand.replay(one)),
  ).finally(() => byHand.close());
  return compare(
    `decisions on ${what}, ${AT_ONCE} at a time / the same ${statements.length} statements by hand`,
    measured,
    { at: 'least', ratio: 0.5 },
    RATE,
  );
}

/** Each of a household of its own, filed and reviewed through the services. */
async function casesOn(world: Given, lines: readonly BudgetLine[], count: number): Promise<Case[]> {
  const made: Case[] = [];
  await sixteenAtATime(
    Array.from({ length: count }, (_, at) => lines[at % lines.length]!),
    async ({ id, fundId, category }) => {
      const request = await world.requestInReview(
        [line(category, 10_000)],
        world.partner,
        undefined,
        'normal',
      );
      made.push({ request, budgetLineId: id, fundId });
    },
  );
  return made;
}

async function sixteenAtATime<T>(things: readonly T[], work: (thing: T) => Promise<unknown>): Promise<void> {
  const left = [...things];
  const worker = async () => {
    for (let thing = left.shift(); thing; thing = left.shift()) await work(thing);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
