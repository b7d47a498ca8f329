import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/db.js';
import { Keyring } from '../platform/encryption.js';
import { FORMS_VERSION, formsOf, type FormKind, type Known } from './name-matching.js';

/** Digests of one kind are told apart from those of another; a part of a name is looked up as a whole one. */
const purposeOf = (kind: FormKind): string => `person-index.${kind === 'part' ? 'whole' : kind}`;

/** The forms that stand for all of a name or a birthday. */
const WHOLE: readonly FormKind[] = ['name', 'written', 'birth'];

/** Half of the digest: enough that no two forms ever meet, and half the room. */
const DIGEST_BYTES = 16;

/** Keeps the keyed digests by which people are found across members (privacy, point 5). */
@Injectable()
export class PersonIndex {
  constructor(private readonly keyring: Keyring) {}

  /**
   * Puts what is known now in the place of what these people were found by. Called with every change, within its
   * transaction, and with nothing known when somebody is forgotten.
   */
  async keep(tx: Tx, people: readonly (Known & { id: string })[]): Promise<void> {
    const rows = people.flatMap(({ id, ...known }) =>
      formsOf(known).map(({ kind, text }) => ({ id, kind, digest: this.digestOf(kind, text) })),
    );
    await tx.query('SELECT index_people($1, $2, $3, $4, $5)', [
      people.map(({ id }) => id),
      FORMS_VERSION,
      rows.map(({ id }) => id),
      rows.map(({ kind }) => kind),
      rows.map(({ digest }) => digest),
    ]);
  }

  /**
   * The actor's own people who were written down with this name or reading, or this birthday, however it is spelt: by
   * its whole form, and nobody who only looks alike.
   */
  async findOwn(tx: Tx, known: Known): Promise<string[]> {
    const forms = formsOf(known).filter(({ kind }) => WHOLE.includes(kind));
    // Of the first of January only the year is a form.
    const asked = known.birthDate && forms.length === 0 ? formsOf(known) : forms;
    const rows = await tx.query<{ id: string }>(
      'SELECT id FROM find_own_people($1, $2) AS id ORDER BY id DESC',
      [asked.map(({ kind }) => kind), asked.map(({ kind, text }) => this.digestOf(kind, text))],
    );
    return rows.map(({ id }) => id);
  }

  private digestOf(kind: FormKind, text: string): Buffer {
    return this.keyring.digest(purposeOf(kind), text).subarray(0, DIGEST_BYTES);
  }
}
