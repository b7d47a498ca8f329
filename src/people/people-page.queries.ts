import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { Actor } from '../kernel/actor.js';
import { parseDay, type Day } from '../kernel/calendar.js';
import type { Category } from '../kernel/codes.js';
import { normaliseText } from '../kernel/text.js';
import { Db, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import type { PersonListed, PersonSearch } from './people.dto.js';
import { PeopleQueries } from './people.queries.js';
import { Person } from './person.entity.js';
import { PersonIndex } from './person-index.js';

/** A case of a person, and whether it is for the household that they are in now. */
export interface CaseOfPerson {
  id: string;
  code: string;
  status: 'open' | 'closed';
  needs: Category[];
  ofHousehold: boolean;
}

export interface RequestOfPerson {
  id: string;
  number: string;
  status: string;
  /** When it was submitted, or begun. */
  at: Date;
}

/** What a page shows beside the person, as far as its reader may see it. */
export interface AroundPerson {
  organisationName: string;
  /** The others of the household. */
  household: PersonListed[];
  cases: CaseOfPerson[];
  requests: RequestOfPerson[];
}

const CODE = /^P-[0-9A-Z]{6}$/;
/** How many a page shows of each, the newest. */
const SHOWN = 50;

/** What the pages about people need beside the people. */
@Injectable()
export class PeoplePageQueries {
  constructor(
    private readonly db: Db,
    private readonly people: PeopleQueries,
    private readonly index: PersonIndex,
    private readonly vault: Vault,
  ) {}

  /**
   * A member's own people by their whole name or reading, their birthday, or their code, the newest first, at most 50.
   * Names lie sealed, so a part of one finds nobody. The search is logged without what was looked for.
   */
  search(actor: Actor, { query }: PersonSearch): Promise<PersonListed[]> {
    return this.db.write(actor, async (tx) => {
      const code = normaliseText(query).toUpperCase();
      const birthDate = parseDay(query);
      const by = CODE.test(code) ? 'code' : birthDate ? 'birthDate' : 'name';
      const found = by === 'code' ? await this.byCode(tx, code) : await this.byIndex(tx, query, birthDate);
      const people = await this.people.shortOf(tx, found.slice(0, SHOWN));
      tx.audit('people.searched', 'person', null, { by, count: people.size, ids: [...people.keys()] });
      return found.flatMap((id) => people.get(id) ?? []);
    });
  }

  /** The household, the cases and the requests of a person, whom the caller has opened. Whom it names is in the log. */
  around(actor: Actor, { id, householdId, organisationId }: AroundOf): Promise<AroundPerson> {
    return this.db.write(actor, async (tx) => {
      const [member] = await tx.query<{ name: string }>('SELECT name FROM organisations WHERE id = $1', [
        organisationId,
      ]);
      const together = await tx.query<{ id: string }>(
        'SELECT id FROM persons WHERE household_id = $1 AND id <> $2 ORDER BY id LIMIT $3',
        [householdId, id, SHOWN],
      );
      const others = await this.people.shortOf(
        tx,
        together.map((person) => person.id),
      );
      const ids = [...others.keys()];
      if (ids.length > 0) tx.audit('people.listed', 'person', null, { count: ids.length, ids });
      return {
        organisationName: member?.name ?? '',
        household: [...others.values()],
        cases: await tx.query<CaseOfPerson>(CASES, [id, householdId, SHOWN]),
        requests: await tx.query<RequestOfPerson>(REQUESTS, [id, SHOWN]),
      };
    });
  }

  /** The id of one of the actor's own people by their code, or null. */
  idOfCode(actor: Actor, code: string): Promise<string | null> {
    return this.db.read(
      actor,
      async (tx) => (await this.byCode(tx, normaliseText(code).toUpperCase()))[0] ?? null,
    );
  }

  private async byCode(tx: Tx, code: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      'SELECT id FROM persons WHERE code = $1 AND organisation_id = $2',
      [code, tx.actor.organisationId],
    );
    return rows.map(({ id }) => id);
  }

  private async byIndex(tx: Tx, query: string, birthDate: Day | null): Promise<string[]> {
    if (!birthDate) return this.index.findOwn(tx, { name: query });
    const found = await this.index.findOwn(tx, { birthDate });
    const keys = await this.vault.keysOf(tx.orm, found);
    const people = await tx.orm.findBy(Person, { id: In(found) });
    const born = new Set(
      people
        .filter((person) => person.detail(keys.get(person.id)).birthDate === birthDate)
        .map(({ id }) => id),
    );
    return found.filter((id) => born.has(id));
  }
}

type AroundOf = { id: string; householdId: string; organisationId: string };

const CASES = `
  SELECT c.id, c.code, c.status, c.needs, c.household_id = $2 AS "ofHousehold"
  FROM case_persons cp JOIN cases c ON c.id = cp.case_id WHERE cp.person_id = $1 ORDER BY c.id DESC LIMIT $3`;

// A draft names nobody yet: it is one of the person's case.
const REQUESTS = `
  SELECT r.id, r.number, r.status, coalesce(r.submitted_at, r.created_at) AS at
  FROM grant_requests r JOIN (
    SELECT rp.request_id AS id FROM request_persons rp WHERE rp.person_id = $1
    UNION
    SELECT d.id FROM case_persons cp JOIN grant_requests d ON d.case_id = cp.case_id WHERE cp.person_id = $1
  ) named ON named.id = r.id ORDER BY r.id DESC LIMIT $2`;
