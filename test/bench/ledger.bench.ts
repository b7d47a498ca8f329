import { verify } from '../../src/ledger/verify.js';
import { onDuty } from '../../src/kernel/actor.js';
import { compare, inTurn, timed, type Compared } from './measure.js';
import type { Books } from './server.js';

const SECONDS = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const EACH = (ms: number): string => `${ms.toFixed(2)} ms`;

/** What anybody would write who wants to know what each account holds. */
const ONE_AGGREGATE = `
  SELECT account_id, sum(amount) FROM (
    SELECT credit_account_id AS account_id, amount FROM transfers
    UNION ALL SELECT debit_account_id, -amount FROM transfers) t
  GROUP BY account_id`;

const figures = onDuty('figures');

export async function benchVerify({ db, transfers }: Books): Promise<Compared> {
  const { differences } = await db.read(figures, verify);
  if (differences.length > 0) throw new Error(`These books are wrong: ${JSON.stringify(differences[0])}`);
  const measured = await inTurn(
    9,
    () => timed(() => db.read(figures, verify)),
    () => timed(() => db.read(figures, (tx) => tx.query(ONE_AGGREGATE))),
  );
  const what = `ledger verify, ${transfers} transfers / one plain aggregate`;
  return compare(what, measured, { at: 'most', ratio: 3 }, SECONDS);
}

/** Reads that a page makes, of every line in turn, in few books and in many. */
export async function benchGrowth(few: Books, many: Books): Promise<Compared[]> {
  const readers = [await readersOf(few), await readersOf(many)] as const;
  const results: Compared[] = [];
  for (const [index, { what }] of readers[1].entries()) {
    const [ofFew, ofMany] = readers.map((list) => () => timed(list[index]!.read));
    const [manys, fews] = await inTurn(9, ofMany!, ofFew!);
    const each = (times: number[]) => times.map((ms) => ms / READS);
    results.push(
      compare(
        `${what}, ${many.transfers} / ${few.transfers} transfers`,
        [each(manys), each(fews)],
        { at: 'most', ratio: 1.3 },
        EACH,
      ),
    );
  }
  return results;
}

const READS = 200;

async function readersOf({ db, queries }: Books) {
  const lines = await db.read(figures, (tx) =>
    tx.query<{ id: string; fundId: string }>('SELECT id, fund_id AS "fundId" FROM budget_lines ORDER BY id'),
  );
  // From the middle of the three years on, so that there is a page of movements in either of them.
  const [middle] = await db.read(figures, (tx) =>
    tx.query<{ from: string }>(`SELECT (now() - interval '18 months')::date AS from`),
  );
  const all = (read: (line: { id: string; fundId: string }) => Promise<unknown>) => async () => {
    for (let at = 0; at < READS; at += 1) await read(lines[at % lines.length]!);
  };
  const statement = (more: object) =>
    all(({ id }) =>
      db.read(figures, (tx) => queries.statement(tx, { budgetLineId: id }, { limit: 20, ...more })),
    );
  return [
    {
      what: "a fund's balances",
      read: all(({ fundId }) => db.read(figures, (tx) => queries.balancesOf(tx, [fundId]))),
    },
    { what: "the beginning of a line's statement", read: statement({}) },
    { what: "a line's statement since a day", read: statement({ from: middle!.from }) },
  ];
}
