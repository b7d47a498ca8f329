import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { LIKELY, likenessOf, type Match } from './likeness.js';
import type { ComparedPerson, SimilarPeople, SimilarPerson } from './similar.dto.js';

/** A name that more people have finds nobody by itself; only together with the birthday. */
const MOST_OF_A_NAME = 200;
const SHOWN = 50;

interface Found {
  personId: string;
  kind: Match['kind'] | 'bornOn' | 'bornIn';
  shared: number;
}

/** Who is likely the same human as somebody. Staff see codes and kinds of evidence, and nobody's name. */
@Injectable()
export class SimilarQueries {
  constructor(private readonly db: Db) {}

  /**
   * Likely the same person across members, and everybody whom staff linked already. Asking is logged, so it runs in a
   * writing transaction.
   * @throws DomainError `resource.absent`
   */
  similar(actor: Actor, id: string): Promise<SimilarPeople> {
    return this.db.write(actor, async (tx) => {
      const [self] = await comparedPeople(tx, [id]);
      if (!self) throw absent();
      const found = await tx.query<Found>(
        `SELECT person_id AS "personId", kind, shared FROM similar_people($1, $2)`,
        [id, MOST_OF_A_NAME],
      );
      const linked = await sameAs(tx, id);
      const items = likely(
        self,
        await comparedPeople(tx, [...found.map(({ personId }) => personId), ...linked]),
        {
          found,
          linked,
        },
      );
      tx.audit('people.compared', 'person', id, {
        code: self.code,
        found: items.length,
        ids: items.map((item) => item.id),
      });
      return { items, nextCursor: null };
    });
  }

  /** The person itself, for the head of a page. @throws DomainError `resource.absent` */
  compared(actor: Actor, id: string): Promise<ComparedPerson> {
    return this.db.read(actor, async (tx) => {
      const [person] = await comparedPeople(tx, [id]);
      if (!person) throw absent();
      return person;
    });
  }
}

function likely(
  self: ComparedPerson,
  people: ComparedPerson[],
  { found, linked }: { found: Found[]; linked: ReadonlySet<string> },
): SimilarPerson[] {
  const evidence = new Map<string, Found[]>();
  for (const one of found) evidence.set(one.personId, [...(evidence.get(one.personId) ?? []), one]);
  const known = (id: string, what: 'bornOn' | 'bornIn') =>
    [self.id, id].filter((each) => evidence.get(each)?.some(({ kind }) => kind === what)).length;
  const birthsOf = (id: string) =>
    known(id, 'bornIn') < 2 ? 'unknown' : (['year', 'mixed', 'day'] as const)[known(id, 'bornOn')]!;
  return people
    .filter(({ id }) => id !== self.id)
    .map((person): SimilarPerson => {
      const about = evidence.get(person.id) ?? [];
      const { score, reasons } = likenessOf({
        matches: about.flatMap(({ kind, shared }) =>
          kind === 'bornOn' || kind === 'bornIn' ? [] : { kind, shared },
        ),
        births: birthsOf(person.id),
        ageBands: [self.ageBand, person.ageBand],
      });
      const isLinked = linked.has(person.id);
      return { ...person, score, reasons: isLinked ? [...reasons, 'linked'] : reasons, linked: isLinked };
    })
    .filter(({ score, linked: isLinked }) => score >= LIKELY || isLinked)
    .toSorted((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1))
    .slice(0, SHOWN);
}

/** What staff may compare of these people, each once; who is not visible is left out. */
export async function comparedPeople(tx: Tx, ids: readonly string[]): Promise<ComparedPerson[]> {
  return tx.query<ComparedPerson>(
    `SELECT p.id, p.code, p.organisation_id AS "organisationId", o.name AS "organisationName",
            p.age_band AS "ageBand", p.prefecture_code AS "prefectureCode"
     FROM persons p JOIN organisations o ON o.id = p.organisation_id WHERE p.id = ANY($1) ORDER BY p.id`,
    [ids],
  );
}

/** Everybody else of a person's identity as it is now. */
async function sameAs(tx: Tx, id: string): Promise<Set<string>> {
  const identities = await identitiesOf(tx, [id]);
  const members = await membersOf(tx, [...identities.values()]);
  return new Set([...members.keys()].filter((member) => member !== id));
}

/** The identity of each of these people: that of the newest link. */
export async function identitiesOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ personId: string; identityId: string }>(
    `SELECT asked.id AS "personId", newest.identity_id AS "identityId" FROM unnest($1::uuid[]) AS asked(id)
     JOIN LATERAL (SELECT l.identity_id FROM identity_links l WHERE l.person_id = asked.id
                   ORDER BY l.id DESC LIMIT 1) newest ON true`,
    [ids],
  );
  return new Map(rows.map(({ personId, identityId }) => [personId, identityId]));
}

/** Everybody whose identity is now one of these, each with it. */
export async function membersOf(tx: Tx, identityIds: readonly string[]): Promise<Map<string, string>> {
  const once = await tx.query<{ id: string }>(
    'SELECT DISTINCT person_id AS id FROM identity_links WHERE identity_id = ANY($1)',
    [identityIds],
  );
  const now = await identitiesOf(
    tx,
    once.map(({ id }) => id),
  );
  return new Map([...now].filter(([, identityId]) => identityIds.includes(identityId)));
}
