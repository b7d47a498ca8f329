import { newId } from '../kernel/ids.js';
import type { Tx } from '../platform/db.js';
import type { NewOrganisation } from './organisations.dto.js';

/** What became of the rows of a list of members, by their codes. */
export interface Upserted {
  added: string[];
  /** Known already, and the same in every field. */
  same: string[];
  /** Known already with something else in a field, and left as it was; also a code that the list says twice. */
  differing: string[];
}

/**
 * Adds the members of a list that are not known yet, for the import. It changes none: the one who imports is told
 * which rows differ and decides. The same list twice changes nothing. Languages are compared without their order.
 */
export async function upsertOrganisations(tx: Tx, rows: readonly NewOrganisation[]): Promise<Upserted> {
  const listed = JSON.stringify(rows.map((row) => ({ ...row, id: newId() })));
  const inserted = await tx.query<{ code: string }>(
    `INSERT INTO organisations (id, code, name, kind, prefecture_code, languages, joined_on, created_at)
     SELECT id, code, name, kind, "prefectureCode", languages, "joinedOn", $2 FROM ${LISTED}
     ON CONFLICT (code) DO NOTHING RETURNING code`,
    [listed, tx.at],
  );
  const differing = await tx.query<{ code: string }>(
    `SELECT DISTINCT r.code FROM ${LISTED} JOIN organisations o USING (code)
     WHERE (o.name, o.kind, o.prefecture_code, o.joined_on)
             IS DISTINCT FROM (r.name, r.kind, r."prefectureCode", r."joinedOn")
        OR NOT (o.languages <@ r.languages AND o.languages @> r.languages)`,
    [listed],
  );
  const added = inserted.map(({ code }) => code);
  const other = new Set(differing.map(({ code }) => code));
  const known = new Set([...added, ...other]);
  if (added.length > 0) tx.audit('organisations.imported', 'organisation', null, { codes: added });
  return {
    added,
    same: rows.map(({ code }) => code).filter((code) => !known.has(code)),
    differing: [...other],
  };
}

const LISTED = `jsonb_to_recordset($1::jsonb) AS r(id uuid, code text, name text, kind text, "prefectureCode" text,
  languages text[], "joinedOn" date)`;
