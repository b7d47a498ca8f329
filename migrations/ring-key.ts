/** A key goes only when no value names it, and no value can name one that has gone, whoever wakes up with it. */
export const namesItsKey = (table: string, column: string, order: string): string => `
  ALTER TABLE ${table} ADD ring_key text GENERATED ALWAYS AS (encode(substring(${column} FROM 2 FOR 8), 'hex')) STORED;
  INSERT INTO ring_keys SELECT DISTINCT ring_key, now() FROM ${table} WHERE ring_key IS NOT NULL ON CONFLICT DO NOTHING;
  ALTER TABLE ${table} ADD CONSTRAINT ${table}_ring_key FOREIGN KEY (ring_key) REFERENCES ring_keys;
  CREATE INDEX ${table}_ring ON ${table} (ring_key, ${order});
`;
