import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import type { Category, ResidenceGroup } from '../kernel/codes.js';
import { absent } from '../kernel/errors.js';
import { PeopleQueries, type PersonListed } from '../people/index.js';
import { Db, type Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import { Case } from './case.entity.js';
import type { CaseStatus } from './case.states.js';
import { CaseEntry } from './case-entry.entity.js';
import type { CaseListed, CaseView, EntryView } from './cases.dto.js';

/** A case to choose from when one files a request. */
export interface CaseChoice {
  id: string;
  code: string;
  needs: Category[];
  people: PersonListed[];
}

/** What a request takes over from its case; nothing of it is narrative. */
export interface CaseFacts {
  id: string;
  code: string;
  status: CaseStatus;
  organisationId: string;
  householdId: string;
  adults: number;
  children: number;
  unborn: number;
  /** In the order in which the member named them; who was forgotten is nobody any more. */
  personIds: string[];
  /** Those of the first person, in whose prefecture and group a request is counted. */
  prefectureCode: string;
  residenceGroup: ResidenceGroup;
}

/** How many cases one chooses from on one page. */
const CHOICES = 50;

/** Reads of cases. What opens a sealed field leaves a line in the log, so it runs in a writing transaction. */
@Injectable()
export class CasesQueries {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly people: PeopleQueries,
  ) {}

  /** The cases that this actor may see, newest first, without anything personal. Leaves a line in the log. */
  list(actor: Actor, { limit, cursor }: PageQuery): Promise<Page<CaseListed>> {
    return this.db.write(actor, async (tx) => {
      const rows = await tx.query<CaseListed>(
        `SELECT id, code, status, organisation_id AS "organisationId", needs, created_at AS "createdAt",
                json_build_object('adults', adults, 'children', children, 'unborn', unborn) AS household
         FROM cases WHERE ($1::uuid IS NULL OR organisation_id = $1) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3`,
        [actor.organisationId, cursor ?? null, limit + 1],
      );
      const page = pageOf(rows, limit);
      const ids = page.items.map(({ id }) => id);
      tx.audit('cases.listed', 'case', null, { count: ids.length, ids });
      return page;
    });
  }

  /** Opens a case with its narrative. @throws DomainError `resource.absent`, also when not this partner's. */
  read(actor: Actor, id: string): Promise<CaseView> {
    return this.db.write(actor, async (tx) => {
      const view = await this.viewIn(tx, id);
      tx.audit('case.opened', 'case', id, { code: view.code });
      return view;
    });
  }

  /** The same inside a transaction; the caller leaves the line in the log. @throws DomainError `resource.absent` */
  async viewIn(tx: Tx, id: string): Promise<CaseView> {
    const found = await tx.orm.findOneBy(Case, { id });
    if (!found) throw absent();
    const key = (await this.vault.keysOf(tx.orm, [id])).get(id);
    const { code, status, organisationId, adults, children, unborn, needs, createdAt, updatedAt } = found;
    return {
      id,
      code,
      status,
      organisationId,
      household: { adults, children, unborn },
      needs,
      people: await this.people.peopleOfCase(tx, id),
      summary: await summaryOf(tx, id, key),
      entries: await entriesOf(tx, id, key),
      createdAt,
      updatedAt,
    };
  }

  /** The newest open cases of the actor's own organisation (50 at most), with the codes and aliases of their people. */
  ofOrganisation(actor: Actor): Promise<CaseChoice[]> {
    return this.db.write(actor, async (tx) => {
      const rows = await tx.query<{ id: string; code: string; needs: Category[]; personIds: string[] }>(
        `SELECT id, code, needs, ${PERSON_IDS} AS "personIds" FROM cases c
         WHERE organisation_id = $1 AND status = 'open' ORDER BY id DESC LIMIT $2`,
        [actor.organisationId, CHOICES],
      );
      const people = await this.people.shortOf(
        tx,
        rows.flatMap(({ personIds }) => personIds),
      );
      tx.audit('cases.listed', 'case', null, { count: rows.length, ids: rows.map(({ id }) => id) });
      tx.audit('people.listed', 'person', null, { count: people.size, ids: [...people.keys()] });
      return rows.map(({ personIds, ...row }) => ({
        ...row,
        people: personIds.flatMap((id) => people.get(id) ?? []),
      }));
    });
  }

  /** The facts of a case that a request needs; null when there is no such case, or none that this actor may see. */
  async caseFacts(tx: Tx, caseId: string): Promise<CaseFacts | null> {
    const [facts] = await tx.query<CaseFacts>(
      `SELECT c.id, c.code, c.status, c.organisation_id AS "organisationId", c.household_id AS "householdId",
              c.adults, c.children, c.unborn, ${KNOWN_IDS} AS "personIds",
              p.prefecture_code AS "prefectureCode", p.residence_group AS "residenceGroup"
       FROM cases c
       JOIN case_persons first ON first.case_id = c.id AND first.position = 1
       JOIN persons p ON p.id = first.person_id
       WHERE c.id = $1`,
      [caseId],
    );
    return facts ?? null;
  }
}

const PERSON_IDS =
  'ARRAY(SELECT cp.person_id FROM case_persons cp WHERE cp.case_id = c.id ORDER BY cp.position)';

const KNOWN_IDS = `ARRAY(SELECT cp.person_id FROM case_persons cp JOIN data_keys k ON k.owner_id = cp.person_id
  WHERE cp.case_id = c.id ORDER BY cp.position)`;

async function summaryOf(tx: Tx, caseId: string, key: SealingKey | undefined): Promise<string | null> {
  const [row] = await tx.query<{ summary: Buffer }>(
    'SELECT summary FROM case_narratives WHERE case_id = $1',
    [caseId],
  );
  return row && key ? key.open(row.summary, `case_narratives.summary:${caseId}`) : null;
}

async function entriesOf(tx: Tx, caseId: string, key: SealingKey | undefined): Promise<EntryView[]> {
  const entries = await tx.orm.find(CaseEntry, { where: { caseId }, order: { id: 'ASC' } });
  return entries.map(({ id, kind, happenedOn, body, actorId, recordedAt }) => ({
    id,
    kind,
    happenedOn,
    body: key ? key.open(body, `case_entries.body:${id}`) : null,
    actorId,
    recordedAt: recordedAt.toISOString(),
  }));
}
