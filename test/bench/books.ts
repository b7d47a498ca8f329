import type pg from 'pg';

/** Awards that make about this many transfers: on average one award makes 2.21 of them. */
const TRANSFERS_PER_AWARD = 2.21;

/**
 * Fills an empty, migrated database (as the schema's owner) with books such as years of work leave them: 100 budget
 * lines in 20 funds; awards that wait, were paid, paid in part, released, that bounced and were paid again, and that
 * came back in one or two parts. `ledger verify` is silent on them.
 */
export async function fillBooks(client: pg.ClientBase, transfers: number): Promise<number> {
  for (const statement of [setting, funds, `SELECT setseed(0.5)`]) await client.query(statement);
  await client.query(awards(Math.ceil(transfers / TRANSFERS_PER_AWARD)));
  for (const statement of [events, posted, requests, payments, balances, 'VACUUM ANALYZE'])
    await client.query(statement);
  const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM transfers');
  return Number(rows[0]!.count);
}

const setting = `
  INSERT INTO organisations (id, code, name, kind, prefecture_code, created_at)
    VALUES (uuidv7(), 'BENCH', 'ベンチの会', 'organisation', '13', now());
  INSERT INTO users (id, email, name, roles, created_at)
    VALUES (uuidv7(), 'treasurer@bench.example', '会計', '{treasurer}', now());
  INSERT INTO ring_keys VALUES (repeat('0', 16), now());
  INSERT INTO data_keys (owner_id, organisation_id, wrapped) SELECT uuidv7(), id, decode(repeat('0', 18), 'hex') FROM organisations;
  CREATE TEMP TABLE one AS SELECT u.id AS user_id, o.id AS organisation_id, k.owner_id AS key_id
    FROM users u, organisations o, data_keys k`;

const funds = `
  INSERT INTO funds (id, code, name, kind, starts_on, created_at)
    SELECT uuidv7(), 'bench-' || n, '基金 ' || n, 'grant', '2015-04-01', now() FROM generate_series(1, 20) n;
  INSERT INTO budget_lines (id, fund_id, purpose, category, created_at)
    SELECT uuidv7(), f.id, 'relief', c, now()
    FROM funds f, unnest('{food,shelter,medical,utilities,other}'::text[]) c;
  INSERT INTO accounts (id, kind, fund_id)
    SELECT uuidv7(), k, id FROM funds, unnest('{contributed,unallocated}'::text[]) k;
  INSERT INTO accounts (id, kind, fund_id, budget_line_id)
    SELECT uuidv7(), k, fund_id, id FROM budget_lines, unnest('{available,committed,spent}'::text[]) k;
  CREATE TEMP TABLE line AS
    SELECT l.id, l.fund_id, l.category, row_number() OVER (ORDER BY l.id) - 1 AS n,
           av.id AS available, co.id AS committed, sp.id AS spent, un.id AS unallocated, ct.id AS contributed
    FROM budget_lines l
    JOIN accounts av ON av.budget_line_id = l.id AND av.kind = 'available'
    JOIN accounts co ON co.budget_line_id = l.id AND co.kind = 'committed'
    JOIN accounts sp ON sp.budget_line_id = l.id AND sp.kind = 'spent'
    JOIN accounts un ON un.fund_id = l.fund_id AND un.kind = 'unallocated'
    JOIN accounts ct ON ct.fund_id = l.fund_id AND ct.kind = 'contributed'`;

// Fates out of 100: 1 waits, 5 were released, 7 were paid in part, 4 bounced (3 of them were paid again), 6 came
// back in part (3 of them twice), and 77 were just paid.
const WAITING = 'fate < 1';
const RELEASED = 'fate BETWEEN 1 AND 5';
const PART = 'fate BETWEEN 6 AND 12';
const BOUNCED = 'fate BETWEEN 13 AND 16';
const AGAIN = 'fate BETWEEN 13 AND 15';
const REFUNDED = 'fate BETWEEN 17 AND 22';
const TWICE = 'fate BETWEEN 17 AND 19';
/** What came back of a payment, each time. */
const BACK = 'amount / 4';

// `ord` mixes what happens to one award with what happens to others in between.
const event = (
  kind: string,
  [from, to]: [string, string],
  what: string,
  where: string,
  undoes?: string,
): string =>
  `INSERT INTO event SELECT '${kind}', ${from}, ${to}, ${what}, ${undoes ?? 'NULL, NULL, NULL, NULL'} FROM award WHERE ${where}`;

const awards = (count: number): string => `
  CREATE TEMP TABLE award AS SELECT *, CASE WHEN ${PART} THEN amount * 3 / 4 ELSE amount END AS paid FROM (
    SELECT a.n, uuidv7() AS id, uuidv7() AS commit_id, uuidv7() AS pay_id, uuidv7() AS again_id, uuidv7() AS line_id,
           uuidv7() AS disbursement_id, uuidv7() AS second_id, l.id AS budget_line_id, l.category,
           l.available, l.committed, l.spent, (1 + floor(random() * 60))::bigint * 1000 AS amount,
           floor(random() * 100)::int AS fate
    FROM generate_series(1, ${count}) AS a(n) JOIN line l ON l.n = (a.n * 37) % 100) a;
  CREATE TEMP TABLE request AS SELECT n, uuidv7() AS id FROM generate_series(0, ${count} / 2) n;
  ANALYZE award`;

const back = ([from, to]: [string, string]): [string, string] => [to, from];
const promise: [string, string] = ['available', 'committed'];
const payment: [string, string] = ['committed', 'spent'];
const OF_COMMIT = `commit_id, 'commit', amount, 0`;
const ofPay = (before: string): string => `pay_id, 'pay', paid, ${before}`;

const events = `
  CREATE TEMP TABLE event (kind text, debit uuid, credit uuid, id uuid, amount bigint, ord float, subject uuid,
                           undoes uuid, undoes_kind text, undoes_amount bigint, undone_before bigint);
  INSERT INTO event
    SELECT 'contribute', '00000000-0000-7000-8000-000000000001', contributed, uuidv7(), 50000000000, -3, uuidv7()
      FROM (SELECT DISTINCT contributed FROM line) f
    UNION ALL
    SELECT 'accept', contributed, unallocated, uuidv7(), 50000000000, -2, fund_id
      FROM (SELECT DISTINCT contributed, unallocated, fund_id FROM line) f
    UNION ALL SELECT 'allocate', unallocated, available, uuidv7(), 10000000000, -1, id FROM line;
  ${[
    event('commit', promise, 'commit_id, amount, n, id', 'true'),
    event('pay', payment, `pay_id, paid, n + 40 + 40 * random(), disbursement_id`, 'fate >= 6'),
    event('release', back(promise), 'uuidv7(), amount, n + 90, id', RELEASED, OF_COMMIT),
    event('release', back(promise), `uuidv7(), amount - paid, n + 90, id`, PART, OF_COMMIT),
    event('bounce', back(payment), 'uuidv7(), amount, n + 150, disbursement_id', BOUNCED, ofPay('0')),
    event('pay', payment, 'again_id, amount, n + 240 + 40 * random(), second_id', AGAIN),
    event(
      'refund',
      ['spent', 'available'],
      `uuidv7(), ${BACK}, n + 200, disbursement_id`,
      REFUNDED,
      ofPay('0'),
    ),
    event(
      'refund',
      ['spent', 'available'],
      `uuidv7(), ${BACK}, n + 300, disbursement_id`,
      TWICE,
      ofPay(BACK),
    ),
  ].join(';')}`;

const posted = `
  CREATE TEMP TABLE placed AS
    SELECT *, row_number() OVER (ORDER BY ord, id) AS place,
      date_trunc('second', now()) - interval '3 years'
        + interval '3 years' * (percent_rank() OVER (ORDER BY ord)) AS at FROM event;
  CREATE INDEX ON placed (place);
  CREATE TEMP TABLE side AS
    SELECT place, debit, sum(change) OVER (PARTITION BY account_id ORDER BY place)::bigint AS after
    FROM (SELECT place, true AS debit, debit AS account_id, -amount AS change FROM placed
          UNION ALL SELECT place, false, credit, amount FROM placed) s;
  INSERT INTO transfers (id, kind, debit_account_id, credit_account_id, amount, happened_on, recorded_at, actor_id,
                         subject_id, undoes_id, undoes_amount, undoes_kind, undone_before, debit_after, credit_after)
    SELECT id, kind, p.debit, credit, amount, (at AT TIME ZONE 'Asia/Tokyo')::date, at, one.user_id, subject, undoes,
           undoes_amount, undoes_kind, undone_before, d.after, c.after
    FROM placed p JOIN side d ON d.place = p.place AND d.debit JOIN side c ON c.place = p.place AND NOT c.debit, one
    ORDER BY p.place`;

const requests = `
  INSERT INTO grant_requests (id, number, organisation_id, key_owner_id, kind, urgency, status, origin, created_by,
                              created_at, updated_at, submitted_at)
    SELECT id, 'B' || n, organisation_id, key_id, 'activity', 'normal', 'settled', 'import', user_id, now(), now(), now()
    FROM request, one;
  INSERT INTO request_lines (id, request_id, request_kind, position, item, quantity, unit_price, approved_amount, payee_type)
    SELECT a.line_id, r.id, 'activity', 1 + a.n % 2, '\\x00', 1, a.amount,
           CASE WHEN ${RELEASED} THEN 0 ELSE a.amount END, 'organisation'
    FROM award a JOIN request r ON r.n = a.n / 2;
  INSERT INTO awards (id, request_id, request_origin, request_line_id, budget_line_id, amount, status,
                      commit_transfer_id, recorded_at)
    SELECT a.id, r.id, 'import', a.line_id, a.budget_line_id, a.amount,
           CASE WHEN ${RELEASED} THEN 'released' WHEN ${WAITING} OR (${BOUNCED} AND NOT ${AGAIN}) THEN 'approved'
                ELSE 'settled' END, a.commit_id, p.at
    FROM award a JOIN request r ON r.n = a.n / 2 JOIN placed p ON p.id = a.commit_id`;

const payments = `
  INSERT INTO contributions (id, fund_id, amount, received_on, source, transfer_id, recorded_at)
    SELECT p.subject, a.fund_id, p.amount, p.at::date, '寄付', p.id, p.at
    FROM placed p JOIN accounts a ON a.id = p.credit WHERE p.kind = 'contribute';
  INSERT INTO disbursements (id, award_id, award_amount, request_id, request_origin, amount, status, method, paid_on,
                             transfer_id, recorded_at)
    SELECT a.disbursement_id, a.id, a.amount, r.id, 'import', a.paid, CASE WHEN ${BOUNCED} THEN 'bounced' ELSE 'paid' END,
           'bank_transfer', p.at::date, a.pay_id, p.at
    FROM award a JOIN request r ON r.n = a.n / 2 JOIN placed p ON p.id = a.pay_id;
  INSERT INTO disbursements (id, award_id, award_amount, request_id, request_origin, amount, status, method, paid_on,
                             transfer_id, recorded_at)
    SELECT a.second_id, a.id, a.amount, r.id, 'import', a.amount, 'paid', 'bank_transfer', p.at::date, a.again_id, p.at
    FROM award a JOIN request r ON r.n = a.n / 2 JOIN placed p ON p.id = a.again_id;
  INSERT INTO returns (id, disbursement_id, request_id, kind, amount, happened_on, reason, transfer_id, actor_id, recorded_at)
    SELECT uuidv7(), d.id, d.request_id, p.kind, p.amount, p.at::date, '\\x00', p.id, one.user_id, p.at
    FROM placed p JOIN disbursements d ON d.id = p.subject, one WHERE p.kind IN ('bounce', 'refund')`;

const balances = `
  UPDATE accounts a SET balance = t.balance, last_recorded_at = t.at
  FROM (SELECT account_id, sum(amount)::bigint AS balance, max(at) AS at FROM (
          SELECT debit AS account_id, -amount AS amount, at FROM placed
          UNION ALL SELECT credit, amount, at FROM placed) s GROUP BY account_id) t
  WHERE t.account_id = a.id`;
