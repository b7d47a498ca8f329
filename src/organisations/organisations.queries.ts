import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import type { OrganisationView } from './organisations.dto.js';

const COLUMNS = `id, code, name, kind, prefecture_code AS "prefectureCode", languages, joined_on AS "joinedOn"`;

/** Reads of the members. A partner sees its own organisation, the network's people see all. */
@Injectable()
export class OrganisationsQueries {
  constructor(private readonly db: Db) {}

  /**
   * The members that this actor may see, by code: people look for one in the order of a directory. Leaves a line in
   * the log, as individuals are members too.
   */
  list(actor: Actor, { limit, cursor }: PageQuery): Promise<Page<OrganisationView>> {
    return this.db.write(actor, async (tx) => {
      const rows = await tx.query<OrganisationView>(
        `SELECT ${COLUMNS} FROM organisations
         WHERE $1::uuid IS NULL OR code > (SELECT code FROM organisations WHERE id = $1)
         ORDER BY code LIMIT $2`,
        [cursor ?? null, limit + 1],
      );
      const page = pageOf(rows, limit);
      tx.audit('organisations.listed', 'organisation', null, { count: page.items.length });
      return page;
    });
  }

  /** One member. @throws DomainError `resource.absent`, also when it is not this partner's. */
  read(actor: Actor, id: string): Promise<OrganisationView> {
    return this.db.read(actor, async (tx) => {
      const [row] = await tx.query<OrganisationView>(`SELECT ${COLUMNS} FROM organisations WHERE id = $1`, [
        id,
      ]);
      if (!row) throw absent();
      return row;
    });
  }

  /** How the actor's own organisation is called; null for the network's people. */
  async nameOf(actor: Actor): Promise<string | null> {
    const { organisationId: id } = actor;
    if (!id) return null;
    return (await this.db.read(actor, (tx) => this.names(tx, [id]))).get(id) ?? null;
  }

  /** The names of these members by id; one that the actor does not see is absent. */
  async names(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await tx.query<{ id: string; name: string }>(
      'SELECT id, name FROM organisations WHERE id = ANY($1)',
      [ids],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** The ids of the members with these codes, by code; one that the actor does not see is absent. */
  async idsByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, string>> {
    const rows = await tx.query<{ id: string; code: string }>(
      'SELECT id, code FROM organisations WHERE code = ANY($1)',
      [codes],
    );
    return new Map(rows.map(({ id, code }) => [code, id]));
  }
}
