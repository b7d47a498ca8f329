import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type { Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import { absent, conflict, forbidden, invalid, type FieldFault } from '../kernel/errors.js';
import { newCode, newId } from '../kernel/ids.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
import { given } from '../platform/fields.js';
import { Consent, placeOfShareWith } from './consent.entity.js';
import { consentFaults, reachesMembers, type ConsentPurpose } from './consent-rule.js';
import { Household } from './household.entity.js';
import type { GivenConsent, NewPerson, PersonChange, PersonView } from './people.dto.js';
import { PeopleQueries } from './people.queries.js';
import { PersonIndex } from './person-index.js';
import { Person } from './person.entity.js';

/** Registers the people helped and corrects what is known of them. */
@Injectable()
export class PeopleService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly queries: PeopleQueries,
    private readonly index: PersonIndex,
  ) {}

  /** Registers a person of the actor's own organisation; errors as `register`. */
  async create(actor: Actor, input: NewPerson, once?: Once): Promise<PersonView> {
    // A stored answer is not sealed with the person's own key, so it holds no more than an id.
    const id = await this.db.write(actor, async (tx) => (await this.register(tx, input)).id, once);
    return this.queries.read(actor, id);
  }

  /**
   * Registers a person within a transaction of the actor's own organisation: in a household of their own, with a
   * data key and an identity of their own.
   * @throws DomainError `access.forbidden` without an organisation; `input.invalid` for a sensitive field without
   * consent (`consentNeeded`; privacy, point 2) or a day to come (`dayFuture`).
   */
  async register(tx: Tx, input: NewPerson): Promise<Person> {
    const { userId, organisationId } = tx.actor;
    if (!userId || !organisationId) throw forbidden();
    const { today } = tx;
    check(input, [], today);
    const person = tx.orm.create(Person, {
      id: newId(),
      organisationId,
      householdId: newId(),
      code: newCode('P'),
      ageBand: 'unknown',
      prefectureCode: '99',
      createdBy: userId,
      createdAt: tx.at,
      updatedAt: tx.at,
      formsVersion: 0,
    });
    const key = await this.vault.createKey(tx.orm, person.id, organisationId);
    person.describe(input, key, today);
    await tx.orm.insert(Household, { id: person.householdId, organisationId, createdAt: tx.at });
    await tx.orm.insert(Person, person);
    await addConsents(tx, person.id, input.consent, key);
    await addIdentity(tx, person.id);
    await this.index.keep(tx, [{ id: person.id, ...person.detail(key) }]);
    tx.audit('person.registered', 'person', person.id, { code: person.code });
    return person;
  }

  /**
   * Corrects what is named, takes out what is null, adds the consents, and derives age band and residence group anew.
   * @throws DomainError `resource.absent`, also when not this partner's; `input.invalid` as `register`, and for an alias
   * that is taken out; `person.changed_meanwhile` when the change names a state that is no longer the newest.
   */
  async change(actor: Actor, id: string, { updatedAt, ...change }: PersonChange): Promise<PersonView> {
    await this.db.write(actor, async (tx) => {
      const person = await tx.orm.findOne(Person, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!person) throw absent();
      if (updatedAt && new Date(updatedAt).getTime() !== person.updatedAt.getTime())
        throw conflict('person.changed_meanwhile');
      if (change.alias === null) throw invalid({ path: 'alias', code: 'required' });
      const standing = { personId: id, withdrawnAt: IsNull() };
      const before = await tx.orm.find(Consent, { select: { purpose: true }, where: standing });
      const { today } = tx;
      check(
        change,
        before.map(({ purpose }) => purpose),
        today,
      );
      const key = await this.vault.keyOf(tx.orm, id);
      const fields = Object.keys(given(change));
      const old = person.sealedOf(fields);
      person.describe(change, key, today);
      person.updatedAt = tx.at;
      await tx.orm.update(Person, { id }, person);
      await addConsents(tx, id, change.consent ?? [], key);
      await this.index.keep(tx, [{ id, ...person.detail(key) }]);
      const facts = { code: person.code, fields, before: old, after: person.sealedOf(fields) };
      tx.audit('person.changed', 'person', id, facts);
    });
    return this.queries.read(actor, id);
  }

  /**
   * Takes a consent back, from now on: what needs it is refused and hidden until the person agrees again. What was
   * done while it stood stays done. Taking it back twice is taking it back once.
   * @throws DomainError `resource.absent`, also when not this partner's
   */
  async withdrawConsent(actor: Actor, id: string, consentId: string, once?: Once): Promise<PersonView> {
    await this.db.write(
      actor,
      async (tx) => {
        // A change of the person that looks at consents waits for this one, or this one for it.
        const locked = await tx.query(
          'SELECT 1 FROM persons WHERE id = $1 AND organisation_id = $2 FOR UPDATE',
          [id, actor.organisationId],
        );
        const consent =
          locked.length > 0 && (await tx.orm.findOneBy(Consent, { id: consentId, personId: id }));
        if (!consent) throw absent();
        if (consent.withdrawnAt) return;
        const withdrawn = { withdrawnAt: tx.at, withdrawnBy: actor.userId };
        await tx.orm.update(Consent, { id: consentId }, withdrawn);
        tx.audit('consent.withdrawn', 'person', id, { consentId, purpose: consent.purpose });
      },
      once,
    );
    return this.queries.read(actor, id);
  }
}

function check(told: PersonChange, agreedBefore: ConsentPurpose[], today: Day): void {
  const { birthDate, consent = [] } = told;
  const agreed = [...agreedBefore, ...consent.map(({ purpose }) => purpose)];
  const days: [string, Day | null | undefined][] = [
    ['birthDate', birthDate],
    ...consent.map(({ givenOn }, index): [string, Day] => [`consent.${index}.givenOn`, givenOn]),
  ];
  const faults: FieldFault[] = [
    ...consentFaults(told, agreed),
    ...days.filter(([, day]) => day && day > today).map(([path]) => ({ path, code: 'dayFuture' })),
  ];
  if (faults.length > 0) throw invalid(...faults);
}

async function addConsents(
  tx: Tx,
  personId: string,
  consents: GivenConsent[],
  key: SealingKey,
): Promise<void> {
  const rows = consents.map(({ shareWith, ...consent }) => {
    const id = newId();
    return {
      id,
      personId,
      ...consent,
      recordedAt: tx.at,
      shareWith: shareWith ? key.seal(shareWith, placeOfShareWith(id)) : null,
      reachesMembers: reachesMembers(shareWith),
    };
  });
  if (rows.length > 0) await tx.orm.insert(Consent, rows);
}

/** People are counted by identity; a new person is nobody whom another member knows until somebody says so. */
async function addIdentity(tx: Tx, personId: string): Promise<void> {
  const identityId = newId();
  await tx.query('INSERT INTO identities (id, recorded_at) VALUES ($1, $2)', [identityId, tx.at]);
  await tx.query(
    'INSERT INTO identity_links (person_id, identity_id, recorded_at, actor_id) VALUES ($1, $2, $3, $4)',
    [personId, identityId, tx.at, tx.actor.userId],
  );
}
