import { absent, conflict } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Tx } from '../platform/db.js';
import { Fund, FundEvent } from './fund.entity.js';
import type { FundEventFacts, FundVerb } from './funds.dto.js';

/**
 * A fund, locked until the transaction ends: first the fund, then contributions or moves, then accounts. So nobody
 * closes it while its money moves, and what was moved already is counted after everybody before.
 * @throws DomainError `resource.absent`, `fund.closed`
 */
export async function lockOpenFund(tx: Tx, id: string): Promise<Fund> {
  const fund = await tx.orm.findOne(Fund, { where: { id }, lock: { mode: 'for_no_key_update' } });
  if (!fund) throw absent();
  if (fund.closedAt) throw conflict('fund.closed');
  return fund;
}

/** Writes down what was done to a fund and why. */
export async function tell(
  tx: Tx,
  fundId: string,
  verb: FundVerb,
  { reason, ...facts }: FundEventFacts & { reason?: string } = {},
): Promise<void> {
  await tx.orm.insert(FundEvent, {
    id: newId(),
    fundId,
    verb,
    reason: reason ?? null,
    facts,
    actorId: tx.actor.userId!,
    recordedAt: tx.at,
  });
}
