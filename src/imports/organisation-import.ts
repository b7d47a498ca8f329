import { Injectable } from '@nestjs/common';
import { upsertOrganisations, type NewOrganisation } from '../organisations/index.js';
import type { Tx } from '../platform/db.js';
import type { Applied, ImportKind } from './import-kind.js';
import { ORGANISATIONS } from './organisation-rows.js';
import type { Progress } from './progress.js';
import type { RowError } from './table-reader.js';
import type { Numbered } from './typed-rows.js';

/** Brings in a list of members. Who is known already is never changed by it. */
@Injectable()
export class OrganisationImport implements ImportKind<NewOrganisation> {
  readonly shape = ORGANISATIONS;

  async apply(
    tx: Tx,
    rows: readonly Numbered<NewOrganisation>[],
    _: unknown,
    progress: Progress,
  ): Promise<Applied> {
    const { once, errors } = withoutDoubles(rows);
    const { added, same, differing } = await upsertOrganisations(
      tx,
      once.map(({ value }) => value),
    );
    await progress(rows.length);
    for (const { row, value } of once) {
      if (differing.includes(value.code)) errors.push({ row, column: 'code', code: 'codeTaken' });
    }
    return { errors, added: added.length, skipped: same.length, amount: 0, people: 0 };
  }
}

function withoutDoubles(rows: readonly Numbered<NewOrganisation>[]) {
  const rowOf = new Map<string, number>();
  const errors: RowError[] = [];
  const once = rows.filter(({ row, value: { code } }) => {
    const firstRow = rowOf.get(code);
    if (firstRow !== undefined) {
      errors.push({ row, column: 'code', code: 'duplicateCode', facts: { firstRow } });
    }
    rowOf.set(code, firstRow ?? row);
    return firstRow === undefined;
  });
  return { once, errors };
}
