import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import type { Category } from '../kernel/codes.js';
import { absent } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
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

/** Help that was paid for: of what kind, and in which month (`2024-12`). */
export interface GivenHelp {
  category: Category;
  month: string;
}

/** What somebody said of who is who. */
export interface Said {
  kind: 'link' | 'unlink' | 'distinct';
  at: Date;
  by: string | null;
  /** Null when one of the people was forgotten. */
  reason: string | null;
  /** The codes of the others whom it names. */
  others: string[];
}

/** How many look like a person, and how close the closest is. */
export interface SimilarCount {
  id: string;
  code: string;
  count: number;
  best: number;
}

/** Who is likely the same human as somebody. Staff see codes and kinds of evidence, and nobody's name. */
@Injectable()
export class SimilarQueries {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
  ) {}

  /**
   * Likely the same person across members, and everybody whom staff linked already. Asking is logged, so it runs in a
   * writing transaction.
   * @throws DomainError `resource.absent`
   */
  similar(actor: Actor, id: string): Promise<SimilarPeople> {
    return this.db.write(actor, async (tx) => ({
      items: (await this.similarIn(tx, id)).items,
      nextCursor: null,
    }));
  }

  /** How many are similar to each of these people, leaving out those to whom nobody is. Logged as `similar`. */
  counts(actor: Actor, personIds: readonly string[]): Promise<SimilarCount[]> {
    return this.db.write(actor, async (tx) => {
      const counts: SimilarCount[] = [];
      for (const id of personIds) {
        const { self, items } = await this.similarIn(tx, id);
        if (items.length > 0)
          counts.push({ id, code: self.code, count: items.length, best: items[0]!.score });
      }
      return counts;
    });
  }

  /** What these people were helped with, by person, each need and month once, the latest first. */
  given(actor: Actor, personIds: readonly string[]): Promise<Map<string, GivenHelp[]>> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<GivenHelp & { personId: string }>(GIVEN, [personIds]);
      const given = new Map<string, GivenHelp[]>();
      for (const { personId, ...help } of rows) given.set(personId, [...(given.get(personId) ?? []), help]);
      return given;
    });
  }

  /** What was said of a person, the newest first, at most 50; the reasons opened. */
  said(actor: Actor, personId: string): Promise<Said[]> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<Omit<Said, 'reason' | 'others'> & SaidRow>(SAID, [personId, SHOWN]);
      const everybody = [...new Set(rows.flatMap(({ personIds }) => personIds))];
      const keys = await this.vault.keysOf(tx.orm, everybody);
      const people = await comparedPeople(tx, everybody);
      const codes = new Map(people.map(({ id, code }) => [id, code]));
      return rows.map(({ id, sealed, personIds, ...row }) => ({
        ...row,
        reason: openReason(
          id,
          sealed,
          personIds.map((one) => keys.get(one)),
        ),
        others: personIds.filter((one) => one !== personId).flatMap((one) => codes.get(one) ?? []),
      }));
    });
  }

  private async similarIn(tx: Tx, id: string): Promise<{ self: ComparedPerson; items: SimilarPerson[] }> {
    const [self] = await comparedPeople(tx, [id]);
    if (!self) throw absent();
    const found = await tx.query<Found>(
      `SELECT person_id AS "personId", kind, shared FROM similar_people($1, $2)`,
      [id, MOST_OF_A_NAME],
    );
    const linked = await sameAs(tx, id);
    const people = await comparedPeople(tx, [...found.map(({ personId }) => personId), ...linked]);
    const items = likely(self, people, { found, linked });
    const ids = items.map((item) => item.id);
    tx.audit('people.compared', 'person', id, { code: self.code, found: items.length, ids });
    return { self, items };
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

interface SaidRow {
  id: string;
  sealed: Buffer;
  personIds: string[];
}

const SAID = `
  SELECT d.id, d.kind, d.reason AS sealed, d.recorded_at AS at, (SELECT name FROM users WHERE id = d.actor_id) AS by,
         ARRAY(SELECT p.person_id FROM identity_decision_people p WHERE p.decision_id = d.id ORDER BY p.person_id)
           AS "personIds"
  FROM identity_decision_people mine JOIN identity_decisions d ON d.id = mine.decision_id
  WHERE mine.person_id = $1 ORDER BY d.id DESC LIMIT $2`;

/** The reason of a decision, sealed with the key of each person named, the last one outermost. */
function openReason(id: string, sealed: Buffer, keys: (SealingKey | undefined)[]): string | null {
  const opened = keys.reduceRight<Buffer | null>(
    (outer, key) => (outer && key ? key.openBytes(outer, placeOfReason(id)) : null),
    // Emptied when one of them was forgotten, whoever is left.
    sealed.length > 0 ? sealed : null,
  );
  return opened?.toString('utf8') ?? null;
}

export const placeOfReason = (id: string): string => `identity_decisions.reason:${id}`;

// What came back whole helped nobody.
const GIVEN = `
  SELECT DISTINCT rp.person_id AS "personId", l.category, to_char(d.paid_on, 'YYYY-MM') AS month
  FROM request_persons rp
  JOIN disbursements d ON d.request_id = rp.request_id AND d.status = 'paid'
  JOIN awards a ON a.id = d.award_id
  JOIN request_lines l ON l.id = a.request_line_id
  WHERE rp.person_id = ANY($1) AND l.category IS NOT NULL
    AND d.amount > (SELECT coalesce(sum(b.amount), 0) FROM returns b WHERE b.disbursement_id = d.id)
  ORDER BY month DESC, l.category`;

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
