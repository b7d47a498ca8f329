/** How many differences of one statement are named; a book that is wrong everywhere is not listed line by line. */
export const AT_MOST = 100;

/** One difference as `Difference` has it: which rule, the ids, what should be there, what is. */
export const difference = (code: string, ids: string, expected: string, found: string): string =>
  `SELECT '${code}' AS code, jsonb_build_object(${ids}) AS ids, (${expected})::text AS expected, (${found})::text AS found`;

/** The differences of one statement as one column. */
export const list = (differences: string[]): string =>
  `ARRAY(SELECT to_jsonb(x) FROM (${differences.join(' UNION ALL ')} LIMIT ${AT_MOST}) x) AS differences`;

/** One difference for each row of `from`, which has an `id`. */
export const wrong = (code: string, id: string, expected: string, found: string, from: string): string =>
  `${difference(code, `'${id}', id`, expected, found)} FROM ${from}`;
