import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import { Consent } from './consent.entity.js';
import type { PersonListed, PersonView } from './people.dto.js';
import { openField, Person } from './person.entity.js';

/** A row of a list before it is opened. */
type SealedRow = Pick<Person, 'id' | 'code' | 'alias'>;

/**
 * Reads of the people helped. What opens a sealed field leaves a line in the log, so it runs in a writing transaction.
 * Names and all else that is sealed are for the person's own member; staff open them for a reason (`RevealsService`).
 */
@Injectable()
export class PeopleQueries {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
  ) {}

  /** The people that this actor may see, newest first, by code; a member's own also by alias. */
  list(actor: Actor, { limit, cursor }: PageQuery): Promise<Page<PersonListed>> {
    return this.db.write(actor, async (tx) => {
      const rows = await tx.query<SealedRow>(
        `SELECT id, code, alias FROM persons
         WHERE ($1::uuid IS NULL OR organisation_id = $1) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3`,
        [actor.organisationId, cursor ?? null, limit + 1],
      );
      const { items, nextCursor } = pageOf(rows, limit);
      tx.audit('people.listed', 'person', null, { count: items.length, ids: items.map(({ id }) => id) });
      return { items: await this.open(tx, items), nextCursor };
    });
  }

  /**
   * A person: all that is known to their own member, and to staff what figures need, with the rest null.
   * @throws DomainError `resource.absent`, also when not this partner's, or never named on a submitted request
   */
  read(actor: Actor, id: string): Promise<PersonView> {
    return this.db.write(actor, async (tx) => {
      const person = await this.find(tx, id);
      const isOwn = isMemberOf(actor, person);
      tx.audit(isOwn ? 'person.opened' : 'person.outlined', 'person', id, { code: person.code });
      return this.viewIn(tx, person, isOwn ? (await this.vault.keysOf(tx.orm, [id])).get(id) : undefined);
    });
  }

  /** @throws DomainError `resource.absent` */
  async find(tx: Tx, id: string): Promise<Person> {
    const person = await tx.orm.findOneBy(Person, { id });
    if (!person) throw absent();
    return person;
  }

  /**
   * A person opened with this key, or without one what is not sealed. Without a consent that still stands, sensitive
   * fields are seen by nobody but the person's own organisation, which wrote them down and has to see what it has to
   * take out (privacy, point 2).
   */
  async viewIn(tx: Tx, person: Person, key: SealingKey | undefined): Promise<PersonView> {
    const { id, code, organisationId, householdId, ageBand, residenceGroup, prefectureCode } = person;
    const consents = await tx.orm.find(Consent, { where: { personId: id }, order: { id: 'ASC' } });
    const shown =
      isMemberOf(tx.actor, person) ||
      consents.some(({ purpose, withdrawnAt }) => purpose === 'sensitive' && !withdrawnAt);
    return {
      id,
      code,
      organisationId,
      householdId,
      ...person.detail(key),
      ageBand,
      residenceGroup: shown ? residenceGroup : 'unknown',
      prefectureCode,
      ...(!shown && { residenceStatus: null, asylumStage: null }),
      consent: consents.map((consent) => consentView(consent, key)),
      createdAt: person.createdAt,
      updatedAt: person.updatedAt,
    };
  }

  /** The codes of these people by id; one that the actor does not see is absent. */
  async codesOf(tx: Tx, personIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await tx.query<{ id: string; code: string }>(
      'SELECT id, code FROM persons WHERE id = ANY($1)',
      [personIds],
    );
    return new Map(rows.map(({ id, code }) => [id, code]));
  }

  /** Codes and aliases of these people by id. Aliases are personal: the caller leaves the line in the log. */
  async shortOf(tx: Tx, personIds: readonly string[]): Promise<Map<string, PersonListed>> {
    const rows = await tx.query<SealedRow>('SELECT id, code, alias FROM persons WHERE id = ANY($1)', [
      personIds,
    ]);
    return new Map((await this.open(tx, rows)).map((person) => [person.id, person]));
  }

  /** Codes and aliases of the people of a case, the first one first. The caller leaves the line in the log. */
  async peopleOfCase(tx: Tx, caseId: string): Promise<PersonListed[]> {
    const rows = await tx.query<SealedRow>(
      `SELECT p.id, p.code, p.alias FROM case_persons c JOIN persons p ON p.id = c.person_id
       WHERE c.case_id = $1 ORDER BY c.position`,
      [caseId],
    );
    return this.open(tx, rows);
  }

  /** Opens aliases for their own member: who works for one organisation sees no other people. */
  private async open(tx: Tx, rows: SealedRow[]): Promise<PersonListed[]> {
    const ids = tx.actor.organisationId ? rows.map(({ id }) => id) : [];
    const keys = await this.vault.keysOf(tx.orm, ids);
    return rows.map((row) => ({
      id: row.id,
      code: row.code,
      alias: openField(row, 'alias', keys.get(row.id)),
    }));
  }
}

const isMemberOf = ({ organisationId }: Actor, person: Person): boolean =>
  organisationId === person.organisationId;

const consentView = (consent: Consent, key: SealingKey | undefined) => {
  const { id, purpose, givenOn, language, method, recordedAt, withdrawnAt } = consent;
  const shareWith = key ? (consent.sharedWith(key) ?? undefined) : undefined;
  return { id, purpose, givenOn, language, method, shareWith, recordedAt, withdrawnAt };
};
