import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { LedgerQueries, LedgerService, type Entry, type TransferKind } from '../ledger/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Contribution } from './contribution.entity.js';
import type { ContributionView, Correction, NewContribution, Receipt } from './contributions.dto.js';
import { ContributionsQueries } from './contributions.queries.js';
import { lockOpenFund, tell } from './fund-writing.js';

type NewRow = Omit<Contribution, 'id' | 'status' | 'transferId' | 'recordedAt' | 'perform'>;

/** Takes money in: as promised, as received, and as it should have been written down. */
@Injectable()
export class ContributionsService {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerService,
    private readonly books: LedgerQueries,
    private readonly queries: ContributionsQueries,
  ) {}

  /**
   * Records money that came in on any day, which waits in the fund until a budget line gets it; or a promise of it,
   * which moves nothing.
   * @throws DomainError `resource.absent`; `fund.closed`; `input.invalid` unless it names exactly one day, or when it was
   *   received in the future
   */
  add(actor: Actor, fundId: string, input: NewContribution, once?: Once): Promise<ContributionView> {
    const { amount, receivedOn = null, expectedOn = null, source, reference = null } = input;
    if (!receivedOn && !expectedOn) throw invalid({ path: 'receivedOn', code: 'required' });
    if (receivedOn && expectedOn) throw invalid({ path: 'expectedOn', code: 'oneDayOnly' });
    return this.db.write(
      actor,
      async (tx) => {
        await lockOpenFund(tx, fundId);
        const row = { fundId, amount, receivedOn, expectedOn, source, reference };
        const view = await this.store(tx, { ...row, promiseId: null, correctsId: null });
        const { id: contributionId, status } = view;
        tx.audit('fund.contributed', 'fund', fundId, { contributionId, amount, status });
        return view;
      },
      once,
    );
  }

  /**
   * Records that a promise, or a part of it, came in: a contribution of its own.
   * @throws DomainError `resource.absent`; `fund.closed`; `transition.refused` unless it is a promise;
   *   `promise.exceeded` { left, asked } in yen above what is outstanding
   */
  receive(actor: Actor, id: string, { amount, receivedOn }: Receipt, once?: Once): Promise<ContributionView> {
    return this.db.write(
      actor,
      async (tx) => {
        const promise = await this.lock(tx, id);
        promise.perform('receive');
        const { outstanding: left } = await this.queries.view(tx, id);
        const asked = amount ?? (left || promise.amount);
        if (asked > left) throw conflict('promise.exceeded', { left, asked });
        const { fundId, source, reference } = promise;
        const row = { fundId, amount: asked, receivedOn, expectedOn: null, source, reference };
        const promiseId = promise.promiseId ?? promise.id;
        const view = await this.store(tx, { ...row, promiseId, correctsId: null });
        tx.audit('fund.contributed', 'fund', fundId, { contributionId: view.id, amount: asked, promiseId });
        return view;
      },
      once,
    );
  }

  /**
   * Says right what was written down wrong: the old row stays, marked; what was posted for it is reversed, and a new
   * row with the right amount is posted, in the same moment. With an amount of 0 there is no new row. Gives the row
   * that stands now.
   * @throws DomainError `resource.absent`; `fund.closed`; `transition.refused` when it was corrected already;
   *   `budget.exceeded` { left, asked } in yen when the fund has already given out what would be missing
   */
  correct(actor: Actor, id: string, input: Correction, once?: Once): Promise<ContributionView> {
    return this.db.write(
      actor,
      async (tx) => {
        const old = await this.lock(tx, id);
        old.perform('correct');
        const row = rowAfter(old, input);
        await tx.orm.update(Contribution, { id }, { status: old.status });
        if (old.transferId) await this.requireUnallocated(tx, old.fundId, old.amount - input.amount);
        // The right amount comes first, so that only the difference has to be there.
        const view = input.amount > 0 ? await this.store(tx, row) : null;
        if (old.transferId) await this.ledger.post(tx, await this.reversals(tx, old));
        const facts = { contributionId: id, before: old.amount, amount: input.amount };
        await tell(tx, old.fundId, 'corrected', { reason: input.reason, ...facts });
        tx.audit('fund.contribution_corrected', 'fund', old.fundId, facts);
        return view ?? this.queries.view(tx, id);
      },
      once,
    );
  }

  /** A contribution, locked after its fund. */
  private async lock(tx: Tx, id: string): Promise<Contribution> {
    const seen = await tx.orm.findOneBy(Contribution, { id });
    if (!seen) throw absent();
    await lockOpenFund(tx, seen.fundId);
    return tx.orm.findOneOrFail(Contribution, { where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  private async requireUnallocated(tx: Tx, fundId: string, asked: number): Promise<void> {
    const { unallocated } = await this.books.balancesOf(tx, [fundId]);
    const left = unallocated.get(fundId) ?? 0;
    if (asked > left) throw conflict('budget.exceeded', { left, asked });
  }

  private async store(tx: Tx, row: NewRow): Promise<ContributionView> {
    const { fundId, amount, receivedOn: happenedOn } = row;
    if (happenedOn && happenedOn > tx.today) throw invalid({ path: 'receivedOn', code: 'dayFuture' });
    const id = newId();
    let transferId: string | null = null;
    if (happenedOn) {
      const common = { amount, happenedOn, subjectId: id };
      const contributed = { kind: 'contributed', fundId } as const;
      const unallocated = { kind: 'unallocated', fundId } as const;
      [transferId = null] = await this.ledger.post(tx, [
        { ...common, kind: 'contribute', from: { kind: 'outside' }, to: contributed },
        { ...common, kind: 'accept', from: contributed, to: unallocated },
      ]);
    }
    const status = transferId ? 'received' : 'promised';
    await tx.orm.insert(Contribution, { ...row, id, status, transferId, recordedAt: tx.at });
    return this.queries.view(tx, id);
  }

  /** What takes back all that was posted for a contribution, the last first. */
  private async reversals(tx: Tx, { id, fundId, amount }: Contribution): Promise<Entry[]> {
    const posted = await tx.query<{ id: string; kind: TransferKind }>(
      `SELECT id, kind FROM transfers WHERE subject_id = $1 AND kind IN ('contribute', 'accept') ORDER BY seq DESC`,
      [id],
    );
    const contributed = { kind: 'contributed', fundId } as const;
    const unallocated = { kind: 'unallocated', fundId } as const;
    // What came in before funds had an account for it went to unallocated at once.
    const arrived = posted.length > 1 ? contributed : unallocated;
    const happenedOn = tx.today;
    return posted.map(({ id: undoesId, kind }): Entry => ({
      kind: 'reverse',
      undoesId,
      amount,
      happenedOn,
      subjectId: id,
      ...(kind === 'accept'
        ? { from: unallocated, to: contributed }
        : { from: arrived, to: { kind: 'outside' } }),
    }));
  }
}

/** @throws DomainError `input.invalid` when it names a day that its kind of contribution does not have */
function rowAfter(
  old: Contribution,
  { amount, receivedOn, expectedOn, source, reference }: Correction,
): NewRow {
  const isPromise = old.transferId === null;
  if (isPromise && receivedOn) throw invalid({ path: 'receivedOn', code: 'onlyForReceived' });
  if (!isPromise && expectedOn) throw invalid({ path: 'expectedOn', code: 'onlyForPromise' });
  return {
    fundId: old.fundId,
    amount,
    receivedOn: receivedOn ?? old.receivedOn,
    expectedOn: expectedOn ?? old.expectedOn,
    source: source ?? old.source,
    reference: reference ?? old.reference,
    promiseId: isPromise ? (old.promiseId ?? old.id) : old.promiseId,
    correctsId: old.id,
  };
}
