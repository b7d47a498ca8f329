import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, pgFault, type Once } from '../platform/db.js';
import { given } from '../platform/fields.js';
import { Organisation } from './organisation.entity.js';
import type { NewOrganisation, OrganisationChange, OrganisationView } from './organisations.dto.js';

/** Changes to the members of the network. */
@Injectable()
export class OrganisationsService {
  constructor(private readonly db: Db) {}

  /** Adds a member. @throws DomainError `organisation.code_taken`. */
  add(actor: Actor, input: NewOrganisation, once?: Once): Promise<OrganisationView> {
    return this.db.write(
      actor,
      async (tx) => {
        const organisation = tx.orm.create(Organisation, {
          id: newId(),
          ...input,
          joinedOn: input.joinedOn ?? null,
          createdAt: tx.at,
        });
        await withFreeCode(organisation.code, tx.orm.insert(Organisation, organisation));
        tx.audit('organisation.added', 'organisation', organisation.id, { code: organisation.code });
        return viewOf(organisation);
      },
      once,
    );
  }

  /**
   * Changes what is named and leaves the rest.
   * @throws DomainError `resource.absent`; `organisation.code_taken`.
   */
  change(actor: Actor, id: string, change: OrganisationChange): Promise<OrganisationView> {
    return this.db.write(actor, async (tx) => {
      const organisation = await tx.orm.findOne(Organisation, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      });
      if (!organisation) throw absent();
      const changed = given(change);
      Object.assign(organisation, changed);
      await withFreeCode(organisation.code, tx.orm.update(Organisation, { id }, viewOf(organisation)));
      // An individual member's name is personal: the log says which fields changed, not to what.
      tx.audit('organisation.changed', 'organisation', id, { fields: Object.keys(changed) });
      return viewOf(organisation);
    });
  }
}

const viewOf = (organisation: Organisation): OrganisationView => {
  const { id, code, name, kind, prefectureCode, languages, joinedOn } = organisation;
  return { id, code, name, kind, prefectureCode, languages, joinedOn };
};

async function withFreeCode(code: string, written: Promise<unknown>): Promise<void> {
  try {
    await written;
  } catch (error) {
    if (pgFault(error).constraint === 'organisations_code_key')
      throw conflict('organisation.code_taken', { taken: code });
    throw error;
  }
}
