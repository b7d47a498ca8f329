import { Injectable } from '@nestjs/common';
import { newCode, newId } from '../kernel/ids.js';
import type { Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
import { chunksOf, hex, insertAll } from './bulk.js';
import type { PastPayment } from './history-rows.js';
import { PROGRESS_ROWS, type Progress } from './progress.js';

/** A person whom a history names, with the case that its payments belong to. */
export interface PastPerson {
  personId: string;
  householdId: string;
  caseId: string;
  /** Seals what is written about the case. */
  caseKey: SealingKey;
}

/** A person as the file names one: a code of an organisation, and what its rows tell of the household. */
interface Named {
  organisationId: string;
  code: string;
  payments: PastPayment[];
}

interface Found {
  personId: string;
  householdId: string;
  caseId: string | null;
}

const nameOf = (organisationId: string, code: string): string => `${organisationId} ${code}`;

/** Finds or makes the people of a history (domain, "an imported past payment"). */
@Injectable()
export class PastPeople {
  constructor(private readonly vault: Vault) {}

  /**
   * Gives the person of each payment. Who is not known by organisation and code is made: a person alone in a
   * household, with an identity of their own, and one case. A case that is there already stays as it is.
   */
  async of(
    tx: Tx,
    payments: readonly PastPayment[],
    organisations: Map<string, string>,
    progress: Progress,
  ): Promise<(payment: PastPayment) => PastPerson> {
    const people = new Map<PastPayment, PastPerson>();
    for (const named of chunksOf(peopleNamed(payments, organisations), PROGRESS_ROWS)) {
      const found = await findPeople(tx, named);
      await this.addPersons(tx, named, found);
      const keys = await this.addCases(tx, named, found);
      for (const { organisationId, code, payments: own } of named) {
        const { caseId, ...person } = found.get(nameOf(organisationId, code))!;
        const past = { ...person, caseId: caseId!, caseKey: keys.get(caseId!)! };
        for (const payment of own) people.set(payment, past);
      }
      await progress(named.reduce((sum, one) => sum + one.payments.length, 0));
    }
    return (payment) => people.get(payment)!;
  }

  private async addPersons(tx: Tx, named: Named[], found: Map<string, Found>): Promise<void> {
    const missing = named.filter(({ organisationId, code }) => !found.has(nameOf(organisationId, code)));
    const codes = await drawCodes(tx, 'persons', 'P', missing.length);
    const persons = missing.map((one, index) => ({ ...one, id: newId(), ownCode: codes[index]! }));
    const keys = await this.createKeys(tx, persons);
    const rows = persons.map(({ id, organisationId, code, ownCode, payments }) => ({
      id,
      organisationId,
      householdId: newId(),
      identityId: newId(),
      code: ownCode,
      externalCode: code,
      alias: hex(keys.get(id)!.seal(code, `persons.alias:${id}`)),
      prefectureCode: payments[0]!.prefectureCode,
      by: tx.actor.userId,
      at: tx.at,
    }));
    await insertAll(tx, PERSONS, rows);
    for (const { id, organisationId, externalCode, householdId } of rows) {
      found.set(nameOf(organisationId, externalCode), { personId: id, householdId, caseId: null });
    }
  }

  /** Gives the keys of all cases, also of those that were there. */
  private async addCases(
    tx: Tx,
    named: Named[],
    found: Map<string, Found>,
  ): Promise<Map<string, SealingKey>> {
    const known = [...found.values()].flatMap(({ caseId }) => caseId ?? []);
    const without = named
      .map((one) => ({ ...one, id: newId(), person: found.get(nameOf(one.organisationId, one.code))! }))
      .filter(({ person }) => person.caseId === null);
    const codes = await drawCodes(tx, 'cases', 'C', without.length);
    const keys = await this.createKeys(tx, without);
    const rows = without.map(({ id, organisationId, person, payments }, index) => ({
      id,
      organisationId,
      householdId: person.householdId,
      personId: person.personId,
      code: codes[index],
      adults: payments[0]!.adults,
      children: payments[0]!.children,
      needs: [...new Set(payments.map(({ category }) => category))],
      by: tx.actor.userId,
      at: tx.at,
    }));
    await insertAll(tx, CASES, rows);
    for (const { id, person } of without) person.caseId = id;
    return new Map([...keys, ...(await this.vault.keysOf(tx.orm, known))]);
  }

  private async createKeys(
    tx: Tx,
    owners: { id: string; organisationId: string }[],
  ): Promise<Map<string, SealingKey>> {
    const asOwner = owners.map(({ id, organisationId }) => ({ ownerId: id, organisationId }));
    const keys = await this.vault.createKeys(tx.orm, asOwner);
    return new Map(owners.map(({ id }, index) => [id, keys[index]!]));
  }
}

const PERSON_ROWS = `jsonb_to_recordset($1::jsonb) AS r(id uuid, "organisationId" uuid, "householdId" uuid,
  "identityId" uuid, code text, "externalCode" text, alias bytea, "prefectureCode" text, by uuid, at timestamptz)`;
const PERSONS = [
  `INSERT INTO households (id, organisation_id, created_at)
   SELECT "householdId", "organisationId", at FROM ${PERSON_ROWS}`,
  `INSERT INTO persons (id, organisation_id, household_id, code, external_code, alias, prefecture_code, created_by,
                        created_at, updated_at)
   SELECT id, "organisationId", "householdId", code, "externalCode", alias, "prefectureCode", by, at, at
   FROM ${PERSON_ROWS}`,
  `INSERT INTO identities (id, recorded_at) SELECT "identityId", at FROM ${PERSON_ROWS}`,
  `INSERT INTO identity_links (person_id, identity_id, recorded_at, actor_id)
   SELECT id, "identityId", at, by FROM ${PERSON_ROWS}`,
];

const CASE_ROWS = `jsonb_to_recordset($1::jsonb) AS r(id uuid, "organisationId" uuid, "householdId" uuid,
  "personId" uuid, code text, adults int, children int, needs text[], by uuid, at timestamptz)`;
const CASES = [
  // What is past is closed: nobody works on it, and the clock of its retention runs.
  `INSERT INTO cases (id, organisation_id, household_id, code, status, closed_at, adults, children, unborn, needs,
                      created_by, created_at, updated_at)
   SELECT id, "organisationId", "householdId", code, 'closed', at, adults, children, 0, needs, by, at, at
   FROM ${CASE_ROWS}`,
  `INSERT INTO case_persons (case_id, person_id, position) SELECT id, "personId", 1 FROM ${CASE_ROWS}`,
];

function peopleNamed(payments: readonly PastPayment[], organisations: Map<string, string>): Named[] {
  const named = new Map<string, Named>();
  for (const payment of payments) {
    const { personCode: code } = payment;
    const organisationId = organisations.get(payment.organisationCode)!;
    const name = nameOf(organisationId, code);
    const one = named.get(name) ?? { organisationId, code, payments: [] };
    one.payments.push(payment);
    named.set(name, one);
  }
  return [...named.values()];
}

/** Who is known already, each with the oldest case of the household whose key was not destroyed. */
async function findPeople(tx: Tx, named: Named[]): Promise<Map<string, Found>> {
  const rows = await tx.query<Found & { organisationId: string; code: string }>(
    `SELECT p.id AS "personId", p.household_id AS "householdId", p.organisation_id AS "organisationId",
            p.external_code AS code,
            (SELECT c.id FROM case_persons cp JOIN cases c ON c.id = cp.case_id JOIN data_keys k ON k.owner_id = c.id
             WHERE cp.person_id = p.id AND c.household_id = p.household_id ORDER BY c.id LIMIT 1) AS "caseId"
     FROM unnest($1::uuid[], $2::text[]) AS w(organisation_id, code)
     JOIN persons p ON p.organisation_id = w.organisation_id AND p.external_code = w.code`,
    [named.map(({ organisationId }) => organisationId), named.map(({ code }) => code)],
  );
  return new Map(
    rows.map(({ organisationId, code, ...found }) => [nameOf(organisationId, code), found] as const),
  );
}

/**
 * Codes that nobody has yet. Among tens of thousands at once some would be twins, so they are looked up first and
 * not left to the unique constraint alone.
 */
async function drawCodes(
  tx: Tx,
  table: 'persons' | 'cases',
  prefix: 'P' | 'C',
  count: number,
): Promise<string[]> {
  const codes = new Set<string>();
  while (codes.size < count) {
    while (codes.size < count) codes.add(newCode(prefix));
    const taken = await tx.query<{ code: string }>(`SELECT code FROM ${table} WHERE code = ANY($1)`, [
      [...codes],
    ]);
    for (const { code } of taken) codes.delete(code);
  }
  return [...codes];
}
