import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import { Db, type Tx } from '../platform/db.js';
import type { PolicyPage, PolicyQuery, PolicyView } from './policies.dto.js';
import type { PolicyRules } from './policy-rules.js';

type PolicyRow = Omit<PolicyView, 'proposedAt' | 'decidedAt'> & {
  proposedAt: Date;
  decidedAt: Date | null;
};

const IN_FORCE = `(SELECT max(version) FROM approval_policies WHERE status = 'agreed')`;

const VERSIONS = `
  SELECT p.version, p.status, p.version = ${IN_FORCE} AS "inForce", p.rules, p.reason, proposer.name AS "proposedBy",
         p.proposed_at AS "proposedAt", decider.name AS "decidedBy", p.decided_at AS "decidedAt",
         p.decision_reason AS "decisionReason"
  FROM approval_policies p
  LEFT JOIN users proposer ON proposer.id = p.proposed_by
  LEFT JOIN users decider ON decider.id = p.decided_by`;

/** Reads of the approval policy. Its versions are the network's and hold nothing personal. */
@Injectable()
export class PoliciesQueries {
  constructor(private readonly db: Db) {}

  /** What a request that is submitted now is decided by: the highest version that two people agreed on. */
  async current(tx: Tx): Promise<{ version: number; rules: PolicyRules }> {
    const [row] = await tx.query<{ version: number; rules: PolicyRules }>(
      `SELECT version, rules FROM approval_policies WHERE version = ${IN_FORCE}`,
    );
    return row!;
  }

  /** The rules of one version, whatever became of it. @throws DomainError `resource.absent` */
  async rulesOf(tx: Tx, version: number): Promise<PolicyRules> {
    const [row] = await tx.query<{ rules: PolicyRules }>(
      'SELECT rules FROM approval_policies WHERE version = $1',
      [version],
    );
    if (!row) throw absent();
    return row.rules;
  }

  /** One version as it is shown. @throws DomainError `resource.absent` */
  async viewIn(tx: Tx, version: number): Promise<PolicyView> {
    const [row] = await tx.query<PolicyRow>(`${VERSIONS} WHERE p.version = $1`, [version]);
    if (!row) throw absent();
    return viewOf(row);
  }

  /** All versions, the newest first. */
  list(actor: Actor, { limit, cursor }: PolicyQuery): Promise<PolicyPage> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<PolicyRow>(
        `${VERSIONS} WHERE $1::int IS NULL OR p.version < $1 ORDER BY p.version DESC LIMIT $2`,
        [cursor ?? null, limit + 1],
      );
      const items = rows.slice(0, limit).map(viewOf);
      return { items, nextCursor: rows.length > limit ? String(items.at(-1)!.version) : null };
    });
  }

  /** The version in force, what is proposed instead of it, if anything is, and whether this actor proposed that. */
  present(actor: Actor): Promise<{ inForce: PolicyView; proposed: PolicyView | null; own: boolean }> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<PolicyRow & { proposerId: string | null }>(
        `SELECT v.*, (SELECT proposed_by FROM approval_policies WHERE version = v.version) AS "proposerId"
         FROM (${VERSIONS}) v WHERE v."inForce" OR v.status = 'proposed'`,
      );
      const open = rows.find(({ status }) => status === 'proposed');
      return {
        inForce: viewOf(rows.find(({ inForce }) => inForce)!),
        proposed: open ? viewOf(open) : null,
        own: open?.proposerId === actor.userId,
      };
    });
  }

  /** How many proposals this actor may decide: everybody's but their own. */
  countWaiting(actor: Actor): Promise<number> {
    return this.db.read(actor, async (tx) => {
      const [row] = await tx.query<{ count: number }>(
        `SELECT count(*) FROM approval_policies WHERE status = 'proposed' AND proposed_by <> $1`,
        [actor.userId],
      );
      return row!.count;
    });
  }
}

const viewOf = ({ proposedAt, decidedAt, ...row }: PolicyRow): PolicyView => ({
  ...row,
  proposedAt: proposedAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
});
