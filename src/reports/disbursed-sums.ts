import type { Day } from '../kernel/calendar.js';
import type { Tx } from '../platform/db.js';
import type { DisbursedGroup, GroupKey } from './reports.dto.js';

/** Which disbursements count: paid or come back from `from` to `to`, and recorded by `asOf`. */
export interface Scope {
  from: Day;
  to: Day;
  asOf: Date;
  fundId?: string;
  organisationId?: string;
}

/** The sums of one group, or of the whole. Money in yen. */
export interface Sums extends DisbursedGroup {
  households: number;
  requests: number;
}

/**
 * Where a group's key comes from. Quarters are the calendar's. Fund and category are those of the budget line that
 * the ledger took the money from, so that a report agrees with the books; an activity line has no category.
 */
const KEYS: Record<GroupKey, string> = {
  month: `to_char(t.happened_on, 'YYYY-MM')`,
  quarter: `to_char(t.happened_on, 'YYYY-"Q"Q')`,
  fiscalYear: `extract(year FROM t.happened_on - interval '3 months')::int`,
  category: 'l.category',
  organisation: 'r.organisation_id',
  fund: 'l.fund_id',
  prefecture: 'r.prefecture_code',
  residenceGroup: 'r.residence_group',
};

/** Keys that are ids come with a name. */
const NAMES: Partial<Record<GroupKey, string>> = {
  organisation: `(SELECT name FROM organisations WHERE id = "organisation") AS "organisationName"`,
  fund: `(SELECT name FROM funds WHERE id = "fund") AS "fundName"`,
};

/**
 * One statement for all groupings, so that they agree with each other. Its rows are payments and returns with their
 * amounts (`moved`), and beside them one row without an amount for each person and payment (`helped`).
 * - A payment stands unless its whole money came back, whenever that was. Only standing payments count people.
 * - A person counts by the identity of its newest link at that moment. Activity counts no people (domain, "Words").
 * The text is put together from the tables above and never from what somebody typed.
 */
function statement(keys: readonly GroupKey[], sets: readonly GroupKey[][]): string {
  const columns = (of: (key: GroupKey) => string): string => keys.map((key) => `, ${of(key)}`).join('');
  const also = columns(quoted);
  const names = keys.flatMap((key) => NAMES[key] ?? []).map((name) => `, ${name}`);
  return `
    WITH returned AS (
      SELECT undoes_id, sum(amount) AS amount FROM transfers
      WHERE undoes_id IS NOT NULL AND kind IN ('bounce', 'refund') AND recorded_at <= $3
      GROUP BY undoes_id
    ), moved AS (
      SELECT CASE t.kind WHEN 'pay' THEN t.amount ELSE -t.amount END AS amount,
             t.kind = 'pay' AND t.amount > coalesce(u.amount, 0) AS stands,
             r.kind = 'relief' AS relief, r.id AS request_id, r.household_id
             ${columns((key) => `${KEYS[key]} AS ${quoted(key)}`)}
      FROM transfers t
      JOIN accounts spent ON spent.id = CASE t.kind WHEN 'pay' THEN t.credit_account_id ELSE t.debit_account_id END
      JOIN budget_lines l ON l.id = spent.budget_line_id
      JOIN disbursements d ON d.id = t.subject_id
      JOIN grant_requests r ON r.id = d.request_id
      LEFT JOIN returned u ON u.undoes_id = t.id
      WHERE t.kind IN ('pay', 'bounce', 'refund') AND t.happened_on BETWEEN $1 AND $2 AND t.recorded_at <= $3
        AND ($4::uuid IS NULL OR l.fund_id = $4) AND ($5::uuid IS NULL OR r.organisation_id = $5)
    ), helped AS (
      SELECT coalesce(link.identity_id, p.person_id) AS identity_id ${also}
      FROM moved
      JOIN request_persons p ON p.request_id = moved.request_id
      LEFT JOIN LATERAL (
        SELECT identity_id FROM identity_links
        WHERE person_id = p.person_id AND recorded_at <= $3 ORDER BY id DESC LIMIT 1
      ) link ON true
      WHERE stands AND relief
    ), facts AS (
      SELECT amount, CASE WHEN stands THEN request_id END AS request_id,
             CASE WHEN stands AND relief THEN household_id END AS household_id, NULL::uuid AS identity_id ${also}
      FROM moved
      UNION ALL
      SELECT 0, NULL, NULL, identity_id ${also} FROM helped
    ), sums AS (
      SELECT ${keys.length > 0 ? `grouping(${keys.map(quoted).join(', ')})` : '0'} AS mask ${also},
             coalesce(sum(amount), 0)::bigint AS amount, count(DISTINCT identity_id) AS people,
             count(identity_id) AS instances, count(DISTINCT household_id) AS households,
             count(DISTINCT request_id) AS requests
      FROM facts
      GROUP BY GROUPING SETS (${sets.map((set) => `(${set.map(quoted).join(', ')})`).join(', ')})
    )
    SELECT sums.* ${names.join('')} FROM sums
    ORDER BY mask DESC ${columns((key) => `${quoted(key)}::text COLLATE "C" NULLS LAST`)}`;
}

const quoted = (key: GroupKey): string => `"${key}"`;

/** PostgreSQL's `grouping()`: a bit for each key, the last one lowest, set where the key was not grouped by. */
const maskOf = (set: readonly GroupKey[], keys: readonly GroupKey[]): number =>
  keys.reduce((mask, key) => mask * 2 + (set.includes(key) ? 0 : 1), 0);

/** Sums for each of these groupings, an empty one being the whole; each in the order of its keys. */
export async function sumsOf(tx: Tx, scope: Scope, sets: readonly GroupKey[][]): Promise<Sums[][]> {
  const keys = [...new Set(sets.flat())];
  const rows = await tx.query<Sums & { mask: number }>(statement(keys, sets), [
    scope.from,
    scope.to,
    scope.asOf,
    scope.fundId ?? null,
    scope.organisationId ?? null,
  ]);
  return sets.map((set) => {
    const wanted = maskOf(set, keys);
    const foreign = keys.filter((key) => !set.includes(key)).flatMap((key) => [key, `${key}Name`]);
    return rows.filter(({ mask }) => mask === wanted).map((row) => without(row, 'mask', ...foreign) as Sums);
  });
}

/** An object's fields but for these. */
export const without = (row: object, ...names: string[]): object =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
