import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import type { ContributionView } from './contributions.dto.js';

/** Reads of what came in and what is promised. */
@Injectable()
export class ContributionsQueries {
  constructor(private readonly db: Db) {}

  /** A fund's contributions, the newest first. @throws DomainError `resource.absent` when there is no such fund */
  async list(actor: Actor, fundId: string, { cursor, limit }: PageQuery): Promise<Page<ContributionView>> {
    return this.db.read(actor, async (tx) => {
      if ((await tx.query('SELECT 1 FROM funds WHERE id = $1', [fundId])).length === 0) throw absent();
      return pageOf(await tx.query<ContributionView>(ofFund, [fundId, cursor ?? null, limit + 1]), limit);
    });
  }

  /** @throws DomainError `resource.absent` */
  one(actor: Actor, id: string): Promise<ContributionView> {
    return this.db.read(actor, (tx) => this.view(tx, id));
  }

  /** @throws DomainError `resource.absent` */
  async view(tx: Tx, id: string): Promise<ContributionView> {
    const [view] = await tx.query<ContributionView>(`${contribution} WHERE c.id = $1`, [id]);
    if (!view) throw absent();
    return view;
  }
}

/** What has not come yet of the promise `c`, in yen; all that came for it or for what it corrects counts. */
export const outstanding = `greatest(0, c.amount - (
  SELECT coalesce(sum(r.amount), 0) FROM contributions r
  WHERE r.promise_id = coalesce(c.promise_id, c.id) AND r.status = 'received'))::bigint`;

const contribution = `
  SELECT c.id, c.fund_id AS "fundId", c.status, c.amount,
         CASE c.status WHEN 'promised' THEN ${outstanding} ELSE 0 END AS outstanding,
         c.received_on AS "receivedOn", c.expected_on AS "expectedOn", c.source, c.reference,
         c.transfer_id AS "transferId", c.promise_id AS "promiseId", c.corrects_id AS "correctsId"
  FROM contributions c`;
const ofFund = `
  ${contribution} WHERE c.fund_id = $1 AND ($2::uuid IS NULL OR c.id < $2) ORDER BY c.id DESC LIMIT $3`;
