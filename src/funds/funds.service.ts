import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { conflict, DomainError, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { LedgerService } from '../ledger/index.js';
import { Db, pgFault, type Once, type Tx } from '../platform/db.js';
import type { FundRules } from './fund-rules.dto.js';
import { lockOpenFund, tell } from './fund-writing.js';
import { Fund } from './fund.entity.js';
import type { BudgetLineView, Extension, FundView, NewAllocation, NewFund } from './funds.dto.js';
import { FundsQueries, lineViewOf } from './funds.queries.js';
import type { LineNeed } from './line-fit.js';
import { needsSecond } from './move-rule.js';
import { MovesQueries } from './moves.queries.js';

/** Makes funds, divides their money among budget lines, and extends and closes them. */
@Injectable()
export class FundsService {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerService,
    private readonly queries: FundsQueries,
    private readonly moves: MovesQueries,
  ) {}

  /**
   * Makes a fund without money.
   * @throws DomainError `fund.code_taken`; `input.invalid` when it ends before it begins
   */
  create(actor: Actor, input: NewFund, once?: Once): Promise<FundView> {
    const { code, name, kind, from, to, source = null, rules = {} } = input;
    if (to && to < from) throw invalid({ path: 'to', code: 'periodBackwards' });
    return this.db.write(
      actor,
      async (tx) => {
        const fund = tx.orm.create(Fund, {
          id: newId(),
          code,
          name,
          kind,
          startsOn: from,
          endsOn: to ?? null,
          source,
          rules,
          createdAt: tx.at,
          closedAt: null,
        });
        await insertFund(tx, fund);
        await this.ledger.openFund(tx, fund.id);
        await tell(tx, fund.id, 'created');
        tx.audit('fund.created', 'fund', fund.id, { code, kind });
        return this.queries.view(tx, fund.id, new Map());
      },
      once,
    );
  }

  /**
   * Moves yen from what the fund has unallocated to a budget line, which the first allocation makes; an amount
   * below zero gives back what the line has neither promised nor paid. Gives the line as it then stands.
   * @throws DomainError `budget.exceeded` with what is left; `resource.absent`; `fund.closed`; `move.needs_second` when
   *   more is given back than the fund's rule on moves leaves to one person; `input.invalid`
   */
  allocate(actor: Actor, fundId: string, input: NewAllocation, once?: Once): Promise<BudgetLineView> {
    const need = checkAllocation(input);
    return this.db.write(
      actor,
      async (tx) => {
        const { rules } = await lockOpenFund(tx, fundId);
        checkRules(rules, need);
        const id = await this.lineFor(tx, fundId, need);
        if (input.amount < 0) await this.checkGivenBack(tx, { fundId, rules, id, amount: -input.amount });
        await this.move(tx, fundId, id, input.amount);
        tx.audit('fund.allocated', 'fund', fundId, { budgetLineId: id, amount: input.amount });
        const [line] = await this.queries.lineFacts(tx, [id]);
        return lineViewOf(line!);
      },
      once,
    );
  }

  /**
   * Gives a fund a later end, or (without a day) none.
   * @throws DomainError `resource.absent`; `fund.closed`; `input.invalid` when the end is not later
   */
  async extend(actor: Actor, id: string, input: Extension, once?: Once): Promise<FundView> {
    const pending = await this.queries.pending(actor);
    return this.db.write(
      actor,
      async (tx) => {
        const fund = await lockOpenFund(tx, id);
        const { to = null, reason } = input;
        const from = fund.endsOn;
        fund.extend(to);
        await tx.orm.update(Fund, { id }, { endsOn: fund.endsOn });
        await tell(tx, id, 'extended', { reason, from, to });
        tx.audit('fund.extended', 'fund', id, { from, to });
        return this.queries.view(tx, id, pending);
      },
      once,
    );
  }

  /**
   * Closes a fund that holds nothing any more: nothing is received, divided, promised or paid there again.
   * @throws DomainError `resource.absent`; `fund.closed`; `fund.not_empty` { committed, left } in yen; `fund.awaits`
   *   while a promise is outstanding or a move waits, which nobody could end afterwards
   */
  async close(actor: Actor, id: string, reason: string, once?: Once): Promise<FundView> {
    const pending = await this.queries.pending(actor);
    return this.db.write(
      actor,
      async (tx) => {
        await lockOpenFund(tx, id);
        if (await awaits(tx, id)) throw conflict('fund.awaits');
        await this.ledger.closeFund(tx, id);
        await tx.orm.update(Fund, { id }, { closedAt: tx.at });
        await tell(tx, id, 'closed', { reason });
        tx.audit('fund.closed', 'fund', id);
        return this.queries.view(tx, id, pending);
      },
      once,
    );
  }

  private async checkGivenBack(
    tx: Tx,
    { fundId, rules, id, amount }: { fundId: string; rules: FundRules; id: string; amount: number },
  ): Promise<void> {
    const facts = await this.moves.factsOf(tx, fundId, id, null);
    if (needsSecond(rules.moveLimit, { ...facts, amount })) throw conflict('move.needs_second');
  }

  private async move(tx: Tx, fundId: string, budgetLineId: string, amount: number): Promise<void> {
    const fund = { kind: 'unallocated', fundId } as const;
    const line = { kind: 'available', budgetLineId } as const;
    const common = {
      amount: Math.abs(amount),
      happenedOn: tx.today,
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

/** @throws DomainError `input.invalid` when the fund's rules leave the category out */
function checkRules({ categories }: FundRules, { category }: LineNeed): void {
  if (category && categories && !categories.includes(category))
    throw invalid({ path: 'category', code: 'categoryUnfit' });
}

async function insertFund(tx: Tx, fund: Fund): Promise<void> {
  try {
    await tx.orm.insert(Fund, fund);
  } catch (error) {
    if (pgFault(error).constraint !== 'funds_code_key') throw error;
    throw new DomainError('conflict', 'fund.code_taken', {}, [{ path: 'code', code: 'fundCodeTaken' }]);
  }
}

/** Whether money is still promised to a fund, or a move out of or into it waits for a second person. */
async function awaits(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM budget_moves WHERE (fund_id = $1 OR to_fund_id = $1) AND status = 'waiting'
     UNION ALL
     SELECT 1 FROM contributions p WHERE p.fund_id = $1 AND p.status = 'promised' AND p.amount > coalesce(
       (SELECT sum(c.amount) FROM contributions c
        WHERE c.promise_id = coalesce(p.promise_id, p.id) AND c.status = 'received'), 0)
     LIMIT 1`,
    [id],
  );
  return rows.length > 0;
}
