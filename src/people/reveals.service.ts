import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { conflict, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import type { PersonView, Reveal, RevealReason } from './people.dto.js';
import { PeopleQueries } from './people.queries.js';

/** That somebody of the network opened a person's detail. */
export interface Revealed {
  id: string;
  /** Null where the reader may not see that name. */
  by: string | null;
  reason: RevealReason;
  note: string | null;
  at: Date;
}

/** How many openings a page tells of. */
const SHOWN = 20;

/** Opens a person's detail to those who work for the network: for a reason, once, and for everybody to know. */
@Injectable()
export class RevealsService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly people: PeopleQueries,
  ) {}

  /**
   * All that is known of a person, in this answer alone: no key makes it come again, as a stored answer would lie there
   * sealed with another key than the person's.
   * @throws DomainError `resource.absent`; `input.invalid` for another reason without a note; `person.forgotten`
   */
  reveal(actor: Actor, id: string, { reason, note }: Reveal): Promise<PersonView> {
    return this.db.write(actor, async (tx) => {
      const person = await this.people.find(tx, id);
      if (reason === 'other' && !note) throw invalid({ path: 'note', code: 'required' });
      const key = (await this.vault.keysOf(tx.orm, [id])).get(id);
      if (!key) throw conflict('person.forgotten');
      const revealId = newId();
      await tx.query(
        `INSERT INTO person_reveals (id, person_id, reason, note, actor_id, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [revealId, id, reason, note ? key.seal(note, placeOfNote(revealId)) : null, actor.userId, tx.at],
      );
      tx.audit('person.revealed', 'person', id, { code: person.code, reason, revealId });
      return this.people.viewIn(tx, person, key);
    });
  }

  /** Who of the network opened a person's detail, the newest first, at most 20. */
  of(actor: Actor, personId: string): Promise<Revealed[]> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<Omit<Revealed, 'note'> & { note: Buffer | null }>(
        `SELECT r.id, (SELECT name FROM users WHERE id = r.actor_id) AS by, r.reason, r.note, r.recorded_at AS at
         FROM person_reveals r WHERE r.person_id = $1 ORDER BY r.id DESC LIMIT $2`,
        [personId, SHOWN],
      );
      const key = (await this.vault.keysOf(tx.orm, [personId])).get(personId);
      return rows.map(({ note, ...row }) => ({
        ...row,
        note: note && key ? key.open(note, placeOfNote(row.id)) : null,
      }));
    });
  }
}

const placeOfNote = (id: string): string => `person_reveals.note:${id}`;
