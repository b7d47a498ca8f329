import { Injectable, type OnModuleInit } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { Db, type Tx } from '../platform/db.js';
import { isSealed, Vault } from '../platform/encryption.js';
import { Jobs } from '../platform/jobs.js';
import { reachesMembers } from './consent-rule.js';
import { placeOfShareWith } from './consent.entity.js';
import { FORMS_VERSION } from './name-matching.js';
import { PersonIndex } from './person-index.js';
import { openField, type Person } from './person.entity.js';

/** People that one transaction takes. */
const BATCH = 500;
const TOPIC = 'people.index';

type Sealed = Pick<Person, 'id' | 'name' | 'kana' | 'birthDate'>;

/**
 * Brings people up to date who were written before the index, or before its forms changed: whenever a process starts
 * to work, every night, and by the command line. Run twice, or by two at once, it comes to the same.
 */
@Injectable()
export class Matcher implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly index: PersonIndex,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.nightly(TOPIC, async () => void (await this.catchUp()));
    this.jobs.onStart(() => this.db.write(onDuty('matcher'), async (tx) => tx.emit(TOPIC, {})));
  }

  /** Indexes everybody who is not, and seals what was left in clear; gives how many people and consents it did. */
  async catchUp(): Promise<{ people: number; consents: number }> {
    const people = await this.all((tx) => this.indexSome(tx));
    const consents = await this.all((tx) => this.sealSome(tx));
    return { people, consents };
  }

  private async all(some: (tx: Tx) => Promise<number>): Promise<number> {
    let total = 0;
    for (let done = BATCH; done === BATCH; total += done) done = await this.db.write(onDuty('matcher'), some);
    return total;
  }

  private async indexSome(tx: Tx): Promise<number> {
    const rows = await tx.query<Sealed>(
      `SELECT id, name, kana, birth_date AS "birthDate" FROM persons WHERE forms_version < $1 ORDER BY id LIMIT $2`,
      [FORMS_VERSION, BATCH],
    );
    if (rows.length === 0) return 0;
    const keys = await this.vault.keysOf(
      tx.orm,
      rows.map(({ id }) => id),
    );
    const open = (row: Sealed, field: 'name' | 'kana' | 'birthDate') =>
      openField(row, field, keys.get(row.id));
    await this.index.keep(
      tx,
      rows.map((row) => ({
        id: row.id,
        name: open(row, 'name'),
        kana: open(row, 'kana'),
        birthDate: open(row, 'birthDate'),
      })),
    );
    tx.audit('people.indexed', 'person', null, { count: rows.length });
    return rows.length;
  }

  private async sealSome(tx: Tx): Promise<number> {
    // A sealed value begins with its version, which is no character that a form takes.
    const found = await tx.query<{ id: string; personId: string; clear: Buffer }>(
      `SELECT id, person_id AS "personId", share_with AS clear FROM consents
       WHERE share_with IS NOT NULL AND get_byte(share_with, 0) <> 1 ORDER BY id LIMIT $1`,
      [BATCH],
    );
    const rows = found.filter(({ clear }) => !isSealed(clear));
    if (rows.length === 0) return 0;
    const keys = await this.vault.keysOf(
      tx.orm,
      rows.map(({ personId }) => personId),
    );
    // Whose key was destroyed is forgotten: nothing of the kind may stay.
    const sealed = rows.map(({ id, personId, clear }) => {
      const text = clear.toString('utf8');
      const key = keys.get(personId);
      return { text, share: key ? key.seal(text, placeOfShareWith(id)) : null };
    });
    await tx.query(
      `UPDATE consents c SET share_with = s.share, reaches_members = s.reaches
       FROM unnest($1::uuid[], $2::bytea[], $3::boolean[]) AS s(id, share, reaches) WHERE c.id = s.id`,
      [
        rows.map(({ id }) => id),
        sealed.map(({ share }) => share),
        sealed.map(({ text }) => reachesMembers(text)),
      ],
    );
    tx.audit('consents.sealed', 'person', null, { count: rows.length });
    return rows.length;
  }
}
