import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, forbidden, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Household } from './household.entity.js';
import type { HouseholdChange, PersonView } from './people.dto.js';
import { PeopleQueries } from './people.queries.js';

interface Member {
  id: string;
  code: string;
  householdId: string;
}

/**
 * Says who is helped together. What was asked for and paid stays with the household it was for, and with the people
 * whom it named; both households are added up as one for the days of the approval policy.
 */
@Injectable()
export class HouseholdsService {
  constructor(
    private readonly db: Db,
    private readonly queries: PeopleQueries,
  ) {}

  /**
   * Puts a person, or everybody of their household, into the household of another of one's own people; without another
   * person into one of their own. Who is there already stays, and nothing is recorded.
   * @throws DomainError `resource.absent`, also when not this partner's; `input.invalid` when the other person is not
   * (`personUnknown`)
   */
  async change(
    actor: Actor,
    id: string,
    { withPersonId, whole = false }: HouseholdChange,
    once?: Once,
  ): Promise<PersonView> {
    const work = async (tx: Tx): Promise<null> => {
      const named = withPersonId ? [id, withPersonId] : [id];
      const people = await lockHouseholds(tx, named);
      const person = people.find((one) => one.id === id);
      if (!person) throw absent();
      const other = people.find((one) => one.id === withPersonId);
      if (withPersonId && !other) throw invalid({ path: 'withPersonId', code: 'personUnknown' });
      const together = await membersOf(tx, person.householdId);
      if (!other && (whole || together.length === 1)) return null;
      await moveTo(tx, whole ? together : [person], other?.householdId ?? (await newHousehold(tx)));
      return null;
    };
    await this.db.write(actor, work, once);
    return this.queries.read(actor, id);
  }

  /**
   * Puts these people into the household of the first one, within a transaction of their own organisation, and gives
   * its id.
   * @throws DomainError `input.invalid` when one is not this organisation's (`personIds`, `personUnknown`)
   */
  async gather(tx: Tx, personIds: readonly string[]): Promise<string> {
    const people = await lockHouseholds(tx, personIds);
    if (people.length < personIds.length) throw invalid({ path: 'personIds', code: 'personUnknown' });
    const { householdId } = people.find(({ id }) => id === personIds[0]!.toLowerCase())!;
    await moveTo(tx, people, householdId);
    return householdId;
  }
}

/**
 * Those of these people who are the actor's own, their households locked in id order and then they: whoever decides
 * for one of the households, or moves somebody of them, is waited for. Again while somebody was moved meanwhile.
 */
async function lockHouseholds(tx: Tx, personIds: readonly string[]): Promise<Member[]> {
  const { organisationId } = tx.actor;
  if (!organisationId) throw forbidden();
  const find = (lock = '') =>
    tx.query<Member>(
      `SELECT id, code, household_id AS "householdId" FROM persons WHERE id = ANY($1) AND organisation_id = $2
       ORDER BY id ${lock}`,
      [personIds, organisationId],
    );
  for (let known = await find(); ;) {
    const households = known.map(({ householdId }) => householdId);
    await tx.query('SELECT 1 FROM households WHERE id = ANY($1) ORDER BY id FOR UPDATE', [households]);
    known = await find('FOR NO KEY UPDATE');
    if (known.every(({ householdId }) => households.includes(householdId))) return known;
  }
}

const membersOf = (tx: Tx, householdId: string): Promise<Member[]> =>
  tx.query<Member>(
    `SELECT id, code, household_id AS "householdId" FROM persons WHERE household_id = $1
     ORDER BY id FOR NO KEY UPDATE`,
    [householdId],
  );

async function newHousehold(tx: Tx): Promise<string> {
  const household = { id: newId(), organisationId: tx.actor.organisationId!, createdAt: tx.at };
  await tx.orm.insert(Household, household);
  return household.id;
}

async function moveTo(tx: Tx, people: readonly Member[], householdId: string): Promise<void> {
  const moving = people.filter((person) => person.householdId !== householdId);
  if (moving.length === 0) return;
  const ids = moving.map(({ id }) => id);
  await tx.query('UPDATE persons SET household_id = $2, updated_at = $3 WHERE id = ANY($1)', [
    ids,
    householdId,
    tx.at,
  ]);
  await tx.query(
    `INSERT INTO household_moves (id, organisation_id, person_id, from_household_id, to_household_id, actor_id, recorded_at)
     SELECT m.id, $4, m.person_id, m.from_id, $5, $6, $7
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS m(id, person_id, from_id)`,
    [
      moving.map(() => newId()),
      ids,
      moving.map((person) => person.householdId),
      tx.actor.organisationId,
      householdId,
      tx.actor.userId,
      tx.at,
    ],
  );
  for (const { id, code, householdId: from } of moving) {
    tx.audit('household.joined', 'person', id, { code, fromHouseholdId: from, householdId });
  }
}
