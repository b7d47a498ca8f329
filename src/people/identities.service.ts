import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { comparedPeople, identitiesOf, membersOf, placeOfReason } from './similar.queries.js';
import type {
  ComparedPerson,
  DistinctView,
  IdentityPeople,
  IdentityPerson,
  IdentityView,
} from './similar.dto.js';

type Kind = 'link' | 'unlink' | 'distinct';

/**
 * Says who is who. Links are appended and never changed; the newest one of a person counts, so nothing is moved and
 * old figures stay as they were printed. Changes of identities wait for each other and for decisions that add up what
 * the same households were awarded.
 */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
  ) {}

  /**
   * Makes these people one human, with everybody whom any of them was linked to before. Who is one already stays as
   * they are, and nothing is recorded.
   * @throws DomainError `resource.absent`; `identity.declared_distinct` when it would join two people who were called
   * different, unless both are named: then this is the newer word
   */
  link(actor: Actor, input: IdentityPeople, once?: Once): Promise<IdentityView> {
    const work = async (tx: Tx): Promise<IdentityView> => {
      const people = await lock(tx, input.personIds);
      const before = await identitiesOf(tx, input.personIds);
      // The oldest of them, so that two who link the same people agree.
      const [identityId, ...others] = [...new Set(before.values())].sort();
      if (others.length > 0) {
        const members = await membersOf(tx, [identityId!, ...others]);
        await refuseDistinct(tx, [...members.keys()], input.personIds);
        const moving = [...members].filter(([, identity]) => identity !== identityId).map(([id]) => id);
        const decisionId = await this.decide(tx, 'link', people, input.reason);
        await addLinks(tx, moving, identityId!, decisionId);
      }
      return { identityId: identityId!, people: await peopleOf(tx, identityId!) };
    };
    return this.db.write(actor, work, once);
  }

  /**
   * Gives a person an identity of their own again. Who is alone already stays so, and nothing is recorded.
   * @throws DomainError `resource.absent`
   */
  unlink(actor: Actor, { personId, reason }: IdentityPerson, once?: Once): Promise<IdentityView> {
    const work = async (tx: Tx): Promise<IdentityView> => {
      const people = await lock(tx, [personId]);
      const before = (await identitiesOf(tx, [personId])).get(personId)!;
      if ((await membersOf(tx, [before])).size === 1) return { identityId: before, people };
      // A new one and not the first: others may have been linked to that.
      const identityId = newId();
      await tx.query('INSERT INTO identities (id, recorded_at) VALUES ($1, $2)', [identityId, tx.at]);
      await addLinks(tx, [personId], identityId, await this.decide(tx, 'unlink', people, reason));
      return { identityId, people };
    };
    return this.db.write(actor, work, once);
  }

  /**
   * Remembers that no two of these people are the same; they are never suggested to be again. What was remembered
   * already is not recorded twice.
   * @throws DomainError `resource.absent`; `identity.linked` when two of them are linked
   */
  distinct(actor: Actor, input: IdentityPeople, once?: Once): Promise<DistinctView> {
    const work = async (tx: Tx): Promise<DistinctView> => {
      const people = await lock(tx, input.personIds);
      const identities = await identitiesOf(tx, input.personIds);
      if (new Set(identities.values()).size < input.personIds.length) throw conflict('identity.linked');
      const personIds = input.personIds.toSorted();
      const known = await distinctPairs(tx, personIds);
      const pairs = pairsOf(personIds).filter(
        ([one, other]) => !known.some((pair) => pair.one === one && pair.other === other),
      );
      if (pairs.length > 0) {
        const decisionId = await this.decide(tx, 'distinct', people, input.reason);
        await tx.query(
          `INSERT INTO distinct_people (one, other, decision_id)
           SELECT p.one, p.other, $3 FROM unnest($1::uuid[], $2::uuid[]) AS p(one, other)`,
          [pairs.map(([one]) => one), pairs.map(([, other]) => other), decisionId],
        );
      }
      return { personIds };
    };
    return this.db.write(actor, work, once);
  }

  /** Records what was said and why, the reason sealed with the key of each person named, one around the other. */
  private async decide(tx: Tx, kind: Kind, people: ComparedPerson[], reason: string): Promise<string> {
    const id = newId();
    const ids = people.map((person) => person.id).sort();
    const keys = await this.vault.keysOf(tx.orm, ids);
    const place = placeOfReason(id);
    const sealed = ids.reduce<Buffer>(
      (inner, person) => {
        const key = keys.get(person);
        // Nothing can be said of somebody who was forgotten.
        if (!key) throw absent();
        return key.sealBytes(inner, place);
      },
      Buffer.from(reason, 'utf8'),
    );
    await tx.query(
      'INSERT INTO identity_decisions (id, kind, reason, actor_id, recorded_at) VALUES ($1, $2, $3, $4, $5)',
      [id, kind, sealed, tx.actor.userId, tx.at],
    );
    await tx.query(
      'INSERT INTO identity_decision_people (decision_id, person_id) SELECT $1, unnest($2::uuid[])',
      [id, ids],
    );
    for (const person of people) {
      tx.audit(`identity.${kind}`, 'person', person.id, { decisionId: id, code: person.code });
    }
    return id;
  }
}

/** The people, once nobody else changes identities. @throws DomainError `resource.absent` when one is not visible */
async function lock(tx: Tx, ids: readonly string[]): Promise<ComparedPerson[]> {
  await tx.query('SELECT lock_identities($1)', [ids]);
  const people = await comparedPeople(tx, ids);
  if (people.length < ids.length) throw absent();
  return people;
}

async function addLinks(tx: Tx, personIds: string[], identityId: string, decisionId: string): Promise<void> {
  await tx.query(
    `INSERT INTO identity_links (person_id, identity_id, recorded_at, actor_id, decision_id)
     SELECT unnest($1::uuid[]), $2, $3, $4, $5`,
    [personIds, identityId, tx.at, tx.actor.userId, decisionId],
  );
}

async function peopleOf(tx: Tx, identityId: string): Promise<ComparedPerson[]> {
  return comparedPeople(tx, [...(await membersOf(tx, [identityId])).keys()]);
}

const pairsOf = (ids: readonly string[]): [string, string][] =>
  ids.flatMap((one, place) => ids.slice(place + 1).map((other): [string, string] => [one, other]));

const distinctPairs = (tx: Tx, ids: readonly string[]) =>
  tx.query<{ one: string; other: string }>(
    'SELECT one, other FROM distinct_people WHERE one = ANY($1) AND other = ANY($1)',
    [ids],
  );

async function refuseDistinct(tx: Tx, all: readonly string[], named: readonly string[]): Promise<void> {
  const before = await identitiesOf(tx, all);
  const pair = (await distinctPairs(tx, all)).find(
    ({ one, other }) =>
      before.get(one) !== before.get(other) && !(named.includes(one) && named.includes(other)),
  );
  if (!pair) return;
  const [one, other] = await comparedPeople(tx, [pair.one, pair.other]);
  throw conflict('identity.declared_distinct', { one: one!.code, other: other!.code });
}
