import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict, invalid } from '../kernel/errors.js';
import { Db, pgFault, type Once, type Tx } from '../platform/db.js';
import type { PolicyProposal, PolicyView } from './policies.dto.js';
import { PoliciesQueries } from './policies.queries.js';
import { checkPolicy, settled } from './policy-rules.js';
import { ApprovalPolicy, type PolicyVerb } from './policy.entity.js';

/** Two proposals at the same moment want the same number, or are both open. */
const ONE_AT_A_TIME = ['approval_policies_pkey', 'approval_policies_one_proposal'];

/**
 * The approval policy changes by two people: an administrator proposes, and a second one or a board member agrees.
 * Requests keep the version that they were submitted under (domain, "Approval policy").
 */
@Injectable()
export class PoliciesService {
  constructor(
    private readonly db: Db,
    private readonly queries: PoliciesQueries,
  ) {}

  /**
   * Puts another table up for agreement; the one in force stays until then.
   * @throws DomainError `input.invalid` naming each field that does not fit (`rules.tiers.1.upTo`);
   * `policy.already_proposed` while another one is open; `policy.unchanged` when it is the one in force
   */
  propose(actor: Actor, { rules, reason }: PolicyProposal, once: Once): Promise<PolicyView> {
    const faults = checkPolicy(rules);
    if (faults.length > 0)
      throw invalid(...faults.map((fault) => ({ ...fault, path: `rules.${fault.path}` })));
    return this.db.write(
      actor,
      async (tx) => {
        const wanted = settled(rules);
        if (isDeepStrictEqual(settled((await this.queries.current(tx)).rules), wanted))
          throw conflict('policy.unchanged');
        const version = await store(tx, wanted, reason);
        tx.audit('policy.proposed', 'policy', null, { version });
        return this.queries.viewIn(tx, version);
      },
      once,
    );
  }

  /**
   * Puts a proposal in force, for requests that are submitted from now on.
   * @throws DomainError `policy.own` for its proposer; `transition.refused` when it was decided already;
   * `resource.absent`
   */
  agree(actor: Actor, version: number, once: Once): Promise<PolicyView> {
    return this.decide(actor, version, 'agree', null, once);
  }

  /** Turns a proposal down; the table in force stays. @throws the same as `agree` */
  refuse(actor: Actor, version: number, { reason }: { reason?: string }, once: Once): Promise<PolicyView> {
    return this.decide(actor, version, 'refuse', reason ?? null, once);
  }

  private decide(
    actor: Actor,
    version: number,
    verb: PolicyVerb,
    reason: string | null,
    once: Once,
  ): Promise<PolicyView> {
    return this.db.write(
      actor,
      async (tx) => {
        const policy = await lock(tx, version);
        policy.decide(verb, actor.userId!, tx.at, reason);
        if (policy.proposedBy === actor.userId) throw conflict('policy.own');
        await tx.query(
          `UPDATE approval_policies SET status = $2, decided_by = $3, decided_at = $4, decision_reason = $5
           WHERE version = $1`,
          [version, policy.status, policy.decidedBy, policy.decidedAt, reason],
        );
        tx.audit(`policy.${policy.status}`, 'policy', null, { version });
        return this.queries.viewIn(tx, version);
      },
      once,
    );
  }
}

async function store(tx: Tx, rules: ApprovalPolicy['rules'], reason: string): Promise<number> {
  try {
    const [row] = await tx.query<{ version: number }>(
      `INSERT INTO approval_policies (version, rules, status, reason, proposed_by, proposed_at)
       SELECT max(version) + 1, $1::jsonb, 'proposed', $2, $3, $4 FROM approval_policies RETURNING version`,
      [JSON.stringify(rules), reason, tx.actor.userId, tx.at],
    );
    return row!.version;
  } catch (error) {
    if (ONE_AT_A_TIME.includes(pgFault(error).constraint ?? '')) throw conflict('policy.already_proposed');
    throw error;
  }
}

/** Only a proposal can be locked; what was decided, perhaps while this one waited, is read as it stands. */
async function lock(tx: Tx, version: number): Promise<ApprovalPolicy> {
  const open = await tx.orm.findOne(ApprovalPolicy, {
    where: { version },
    lock: { mode: 'pessimistic_write' },
  });
  const policy = open ?? (await tx.orm.findOneBy(ApprovalPolicy, { version }));
  if (!policy) throw absent();
  return policy;
}
