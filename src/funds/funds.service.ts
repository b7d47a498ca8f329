import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { dayOf } from '../kernel/calendar.js';
import { absent, DomainError, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { LedgerService } from '../ledger/index.js';
import { Db, pgFault, type Once, type Tx } from '../platform/db.js';
import { Runtime } from '../platform/runtime.js';
import { Contribution, Fund } from './fund.entity.js';
import type {
  BudgetLineView,
  ContributionView,
  FundView,
  NewAllocation,
  NewContribution,
  NewFund,
} from './funds.dto.js';
import { FundsQueries, lineViewOf, type LineNeed } from './funds.queries.js';

/** Makes funds, takes money in and divides it among budget lines. */
@Injectable()
export class FundsService {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerService,
    private readonly queries: FundsQueries,
    private readonly runtime: Runtime,
  ) {}

  /**
   * Makes a fund without money.
   * @throws DomainError `fund.code_taken`; `input.invalid` when it ends before it begins
   */
  create(actor: Actor, input: NewFund, once?: Once): Promise<FundView> {
    const { code, name, kind, from, to, rules = {} } = input;
    if (to && to < from) throw invalid({ path: 'to', code: 'periodBackwards' });
    return this.db.write(
      actor,
      async (tx) => {
        const id = newId();
        const fund = { id, code, name, kind, startsOn: from, endsOn: to ?? null, rules, createdAt: tx.at };
        await insertFund(tx, fund);
        await this.ledger.openFund(tx, id);
        tx.audit('fund.created', 'fund', id, { code, kind });
        return { id, code, name, kind, from, to: to ?? null, rules, received: 0, unallocated: 0, lines: [] };
      },
      once,
    );
  }

  /** Records money that came in on any day; it waits in the fund until a budget line gets it. @throws DomainError `resource.absent` */
  contribute(actor: Actor, fundId: string, input: NewContribution, once?: Once): Promise<ContributionView> {
    const { amount, receivedOn, source, reference } = input;
    return this.db.write(
      actor,
      async (tx) => {
        await requireFund(tx, fundId);
        const id = newId();
        const [transferId] = await this.ledger.post(tx, [
          {
            kind: 'contribute',
            from: { kind: 'outside' },
            to: { kind: 'unallocated', fundId },
            amount,
            happenedOn: receivedOn,
            subjectId: id,
          },
        ]);
        await tx.orm.insert(Contribution, {
          id,
          fundId,
          amount,
          receivedOn,
          source,
          reference: reference ?? null,
          transferId,
          recordedAt: tx.at,
        });
        tx.audit('fund.contributed', 'fund', fundId, { contributionId: id, amount });
        return { id, transferId: transferId!, amount, receivedOn, source, reference };
      },
      once,
    );
  }

  /**
   * Moves yen from what the fund has unallocated to a budget line, which the first allocation makes; an amount
   * below zero gives back what the line has neither promised nor paid. Gives the line as it then stands.
   * @throws DomainError `budget.exceeded` with what is left; `resource.absent`; `input.invalid`
   */
  allocate(actor: Actor, fundId: string, input: NewAllocation, once?: Once): Promise<BudgetLineView> {
    const need = checkAllocation(input);
    return this.db.write(
      actor,
      async (tx) => {
        await requireFund(tx, fundId);
        const id = await this.lineFor(tx, fundId, need);
        await this.move(tx, fundId, id, input.amount);
        tx.audit('fund.allocated', 'fund', fundId, { budgetLineId: id, amount: input.amount });
        const [line] = await this.queries.lineFacts(tx, [id]);
        return lineViewOf(line!);
      },
      once,
    );
  }

  private async move(tx: Tx, fundId: string, budgetLineId: string, amount: number): Promise<void> {
    const fund = { kind: 'unallocated', fundId } as const;
    const line = { kind: 'available', budgetLineId } as const;
    const common = {
      amount: Math.abs(amount),
      happenedOn: dayOf(tx.at, this.runtime.settings.TIMEZONE),
      subjectId: budgetLineId,
    };
    await this.ledger.post(tx, [
      amount > 0
        ? { ...common, kind: 'allocate', from: fund, to: line }
        : { ...common, kind: 'give_back', from: line, to: fund },
    ]);
  }

  /** The fund's line for this need. Two who make it at once wait for each other here, and one of them makes it. */
  private async lineFor(tx: Tx, fundId: string, { purpose, category }: LineNeed): Promise<string> {
    const [made] = await tx.query<{ id: string }>(
      `INSERT INTO budget_lines (id, fund_id, purpose, category, created_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT ON CONSTRAINT budget_lines_key DO NOTHING RETURNING id`,
      [newId(), fundId, purpose, category, tx.at],
    );
    if (made) {
      await this.ledger.openLine(tx, fundId, made.id);
      return made.id;
    }
    const [found] = await tx.query<{ id: string }>(
      `SELECT id FROM budget_lines WHERE fund_id = $1 AND purpose = $2 AND category IS NOT DISTINCT FROM $3`,
      [fundId, purpose, category],
    );
    return found!.id;
  }
}

function checkAllocation({ purpose, category, amount }: NewAllocation): LineNeed {
  const faults: FieldFault[] = [];
  if (purpose === 'relief' && !category) faults.push({ path: 'category', code: 'required' });
  if (purpose !== 'relief' && category) faults.push({ path: 'category', code: 'reliefOnly' });
  if (amount === 0) faults.push({ path: 'amount', code: 'zeroAmount' });
  if (faults.length > 0) throw invalid(...faults);
  return { purpose, category: category ?? null };
}

async function insertFund(tx: Tx, fund: Fund): Promise<void> {
  try {
    await tx.orm.insert(Fund, fund);
  } catch (error) {
    if (pgFault(error).constraint !== 'funds_code_key') throw error;
    throw new DomainError('conflict', 'fund.code_taken', {}, [{ path: 'code', code: 'fundCodeTaken' }]);
  }
}

async function requireFund(tx: Tx, id: string): Promise<void> {
  if (!(await tx.orm.existsBy(Fund, { id }))) throw absent();
}
