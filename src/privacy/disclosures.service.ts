import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { PeopleQueries } from '../people/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import type { DisclosureView, NewDisclosure } from './disclosures.dto.js';

/** A person with everything that is sealed opened, and the consents. */
export type OwnPerson = Awaited<ReturnType<PeopleQueries['viewIn']>>;

const recipientPlace = (id: string): string => `disclosures.recipient:${id}`;
const notePlace = (id: string): string => `disclosures.basis_note:${id}`;

/** To whom a person's data went, and why that was lawful (privacy, point 11). */
@Injectable()
export class DisclosuresService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly people: PeopleQueries,
  ) {}

  /**
   * A person of the actor's own organisation with all disclosures, the newest first. Leaves a line in the log.
   * @throws DomainError `resource.absent`, also when not this member's
   */
  of(actor: Actor, personId: string): Promise<{ person: OwnPerson; items: DisclosureView[] }> {
    return this.db.write(actor, async (tx) => {
      const person = await this.ownPerson(tx, personId);
      tx.audit('person.disclosures_opened', 'person', personId, { code: person.code });
      return { person, items: await this.listIn(tx, personId) };
    });
  }

  /** One of the actor's own; the caller leaves the line in the log. @throws DomainError `resource.absent` */
  async ownPerson(tx: Tx, personId: string): Promise<OwnPerson> {
    const person = await this.people.find(tx, personId);
    if (person.organisationId !== tx.actor.organisationId) throw absent();
    return this.people.viewIn(tx, person, (await this.vault.keysOf(tx.orm, [personId])).get(personId));
  }

  /** The same list inside a transaction; the caller leaves the line in the log. */
  async listIn(tx: Tx, personId: string): Promise<DisclosureView[]> {
    const key = (await this.vault.keysOf(tx.orm, [personId])).get(personId);
    const rows = await tx.query<
      Omit<DisclosureView, 'recipient' | 'basisNote' | 'recordedAt'> & {
        recipient: Buffer;
        basisNote: Buffer | null;
        recordedAt: Date;
      }
    >(
      `SELECT id, recipient_kind AS "recipientKind", recipient, legal_basis AS "legalBasis", consent_id AS "consentId",
              basis_note AS "basisNote", fields, disclosed_on AS "disclosedOn", person_told AS "personTold",
              recorded_at AS "recordedAt"
       FROM disclosures WHERE person_id = $1 ORDER BY id DESC`,
      [personId],
    );
    return rows.map(({ recipient, basisNote, recordedAt, ...row }) => ({
      ...row,
      recipient: key?.open(recipient, recipientPlace(row.id)) ?? null,
      basisNote: (basisNote && key?.open(basisNote, notePlace(row.id))) ?? null,
      recordedAt: recordedAt.toISOString(),
    }));
  }

  /**
   * Records a disclosure and gives its id.
   * @throws DomainError `resource.absent`; `input.invalid`: `dayFuture`; `consentNotStanding` at `consentId` unless the
   * person's own consent to share stands and was given by that day; `required` at `basisNote` for any other basis
   */
  record(actor: Actor, personId: string, input: NewDisclosure, once: Once): Promise<{ id: string }> {
    return this.db.write(
      actor,
      async (tx) => {
        // Whoever takes a consent back waits for this one, or this one for them.
        const locked = await tx.query(
          'SELECT 1 FROM persons WHERE id = $1 AND organisation_id = $2 FOR UPDATE',
          [personId, actor.organisationId],
        );
        if (locked.length === 0) throw absent();
        await check(tx, personId, input);
        const id = newId();
        const key = await this.vault.keyOf(tx.orm, personId);
        const { recipientKind, recipient, legalBasis, consentId, basisNote, fields } = input;
        await tx.query(
          `INSERT INTO disclosures (id, person_id, organisation_id, recipient_kind, legal_basis, consent_id, fields,
             disclosed_on, person_told, recipient, basis_note, actor_id, recorded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
          [
            id,
            personId,
            actor.organisationId,
            recipientKind,
            legalBasis,
            legalBasis === 'consent' ? consentId : null,
            fields,
            input.disclosedOn,
            input.personTold ?? false,
            key.seal(recipient, recipientPlace(id)),
            basisNote ? key.seal(basisNote, notePlace(id)) : null,
            actor.userId,
            tx.at,
          ],
        );
        const facts = { disclosureId: id, recipientKind, legalBasis, fields };
        tx.audit('person.disclosed', 'person', personId, facts);
        return { id };
      },
      once,
    );
  }
}

async function check(tx: Tx, personId: string, input: NewDisclosure): Promise<void> {
  const { legalBasis, consentId, basisNote, disclosedOn } = input;
  const faults: FieldFault[] = [];
  if (disclosedOn > tx.today) faults.push({ path: 'disclosedOn', code: 'dayFuture' });
  if (legalBasis !== 'consent' && !basisNote) faults.push({ path: 'basisNote', code: 'required' });
  if (legalBasis === 'consent') {
    const standing = await tx.query(
      `SELECT 1 FROM consents WHERE id = $1 AND person_id = $2 AND purpose = 'sharing' AND withdrawn_at IS NULL
       AND given_on <= $3`,
      [consentId ?? null, personId, disclosedOn],
    );
    if (standing.length === 0) faults.push({ path: 'consentId', code: 'consentNotStanding' });
  }
  if (faults.length > 0) throw invalid(...faults);
}
