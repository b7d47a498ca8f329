import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { LedgerQueries, LedgerService, type AccountRef, type TransferKind } from '../ledger/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { BudgetMove, type MoveVerb } from './budget-move.entity.js';
import { lockOpenFund, tell } from './fund-writing.js';
import { Fund } from './fund.entity.js';
import { needsSecond } from './move-rule.js';
import type { MoveView, NewMove } from './moves.dto.js';
import { MovesQueries } from './moves.queries.js';

/** From where to where: a fund, and in it a line or (null) what it has unallocated. */
type Way = Pick<BudgetMove, 'fundId' | 'fromLineId' | 'toFundId' | 'toLineId'>;

/** Moves money between budget lines and funds, with a second person where the fund's rule asks for one. */
@Injectable()
export class MovesService {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerService,
    private readonly books: LedgerQueries,
    private readonly queries: MovesQueries,
  ) {}

  /**
   * Moves money at once, or (above the fund's rule, and always into another fund) writes down that it is asked for and
   * moves nothing yet.
   * @throws DomainError `input.invalid`; `resource.absent`; `fund.closed`; `budget.exceeded` with what is left
   */
  ask(actor: Actor, input: NewMove, once?: Once): Promise<MoveView> {
    checkKind(input);
    return this.db.write(
      actor,
      async (tx) => {
        const way = await wayOf(tx, input);
        const fund = await lockSource(tx, way);
        if (way.toFundId !== way.fundId) await lockOpenFund(tx, way.toFundId);
        const { amount, reason } = input;
        await this.requireMoney(tx, way, amount);
        const second = await this.needsSecond(tx, fund, way, amount);
        const made = tx.orm.create(BudgetMove, {
          id: newId(),
          ...way,
          amount,
          reason,
          needsSecond: second,
          askedBy: actor.userId!,
          askedAt: tx.at,
          status: second ? 'waiting' : 'done',
          decidedBy: null,
          decidedAt: second ? null : tx.at,
        });
        made.transferId = second ? null : await this.post(tx, made);
        await tx.orm.insert(BudgetMove, made);
        tx.audit(second ? 'move.asked' : 'move.done', 'move', made.id, { ...way, amount });
        return this.queries.view(tx, made.id);
      },
      once,
    );
  }

  /**
   * The second person agrees, and the money moves if it is still there.
   * @throws DomainError `resource.absent`; `move.own`; `transition.refused`; `budget.exceeded`; `fund.closed`
   */
  agree(actor: Actor, id: string, comment?: string, once?: Once): Promise<MoveView> {
    return this.decide(actor, id, 'agree', once, async (tx, asked) => {
      const { fundId, toFundId, amount, reason } = asked;
      const facts = { reason, amount, moveId: id, comment };
      await tell(tx, fundId, asked.carriesOver ? 'carried' : 'moved', facts);
      if (asked.carriesOver) await tell(tx, toFundId, 'carried', facts);
      asked.transferId = await this.post(tx, asked);
    });
  }

  /** The second person does not agree. @throws DomainError `resource.absent`; `move.own`; `transition.refused` */
  refuse(actor: Actor, id: string, comment?: string, once?: Once): Promise<MoveView> {
    return this.decide(actor, id, 'refuse', once, (tx, { fundId, amount }) =>
      tell(tx, fundId, 'refused', { reason: comment, amount, moveId: id }),
    );
  }

  /** Whoever asked no longer wants it. @throws DomainError `resource.absent`; `move.not_own`; `transition.refused` */
  withdraw(actor: Actor, id: string, once?: Once): Promise<MoveView> {
    return this.decide(actor, id, 'withdraw', once, () => Promise.resolve());
  }

  private decide(
    actor: Actor,
    id: string,
    verb: MoveVerb,
    once: Once | undefined,
    carryOut: (tx: Tx, asked: BudgetMove) => Promise<void>,
  ): Promise<MoveView> {
    return this.db.write(
      actor,
      async (tx) => {
        const asked = await lockMove(tx, id);
        const isOwn = asked.askedBy === actor.userId;
        if (verb === 'withdraw' && !isOwn) throw conflict('move.not_own');
        if (verb !== 'withdraw' && isOwn) throw conflict('move.own');
        asked.perform(verb, isOwn ? null : actor.userId, tx.at);
        await carryOut(tx, asked);
        const { status, decidedBy, decidedAt, transferId } = asked;
        await tx.orm.update(BudgetMove, { id }, { status, decidedBy, decidedAt, transferId });
        tx.audit(`move.${verb}`, 'move', id, { amount: asked.amount });
        return this.queries.view(tx, id);
      },
      once,
    );
  }

  private async needsSecond(tx: Tx, fund: Fund, way: Way, amount: number): Promise<boolean> {
    if (way.fromLineId === null) return true;
    const facts = await this.queries.factsOf(tx, fund.id, way.fromLineId, way.toLineId);
    return needsSecond(fund.rules.moveLimit, { ...facts, amount });
  }

  /** What is asked for must be there, though it is moved, and judged again, only later. */
  private async requireMoney(tx: Tx, { fundId, fromLineId }: Way, asked: number): Promise<void> {
    const { lines, unallocated } = await this.books.balancesOf(tx, [fundId]);
    const left = fromLineId ? lines.get(fromLineId)!.available : unallocated.get(fundId)!;
    if (asked > left)
      throw conflict('budget.exceeded', { ...(fromLineId && { budgetLineId: fromLineId }), left, asked });
  }

  private async post(tx: Tx, asked: BudgetMove): Promise<string> {
    const { id, fundId, fromLineId, toFundId, toLineId, amount } = asked;
    const inFund: TransferKind = toLineId ? 'move' : 'give_back';
    const [transferId] = await this.ledger.post(tx, [
      {
        kind: asked.carriesOver ? 'carry_over' : inFund,
        from: accountOf(fundId, fromLineId),
        to: accountOf(toFundId, toLineId),
        amount,
        happenedOn: tx.today,
        subjectId: id,
      },
    ]);
    return transferId!;
  }
}

const accountOf = (fundId: string, budgetLineId: string | null): AccountRef =>
  budgetLineId ? { kind: 'available', budgetLineId } : { kind: 'unallocated', fundId };

/** @throws DomainError `input.invalid` unless it is one of the three kinds of `NewMove` */
function checkKind({ fromLineId, toLineId, fundId, toFundId }: NewMove): void {
  const faults: FieldFault[] = [];
  const leftOut = { fundId, toFundId, toLineId };
  const needed = fromLineId || !fundId ? { fromLineId } : { fundId, toFundId };
  const unused = fromLineId || !fundId ? ['fundId', 'toFundId'] : ['toLineId'];
  for (const [path, value] of Object.entries(needed)) if (!value) faults.push({ path, code: 'required' });
  for (const path of unused)
    if (leftOut[path as keyof typeof leftOut]) faults.push({ path, code: 'notInThisMove' });
  if (fromLineId && fromLineId === toLineId) faults.push({ path: 'toLineId', code: 'sameLine' });
  if (fundId && fundId === toFundId) faults.push({ path: 'toFundId', code: 'sameFund' });
  if (faults.length > 0) throw invalid(...faults);
}

async function wayOf(tx: Tx, { fromLineId, toLineId, fundId, toFundId }: NewMove): Promise<Way> {
  if (!fromLineId) return { fundId: fundId!, fromLineId: null, toFundId: toFundId!, toLineId: null };
  const rows = await tx.query<{ id: string; fundId: string }>(
    `SELECT id, fund_id AS "fundId" FROM budget_lines WHERE id = ANY($1)`,
    [[fromLineId, toLineId]],
  );
  const [from, to] = [fromLineId, toLineId].map((id) => rows.find((row) => row.id === id));
  if (!from) throw invalid({ path: 'fromLineId', code: 'budgetLineUnknown' });
  if (toLineId && !to) throw invalid({ path: 'toLineId', code: 'budgetLineUnknown' });
  if (to && to.fundId !== from.fundId) throw invalid({ path: 'toLineId', code: 'otherFund' });
  return { fundId: from.fundId, fromLineId, toFundId: from.fundId, toLineId: toLineId ?? null };
}

/** The fund that gives. One that is closed may still carry over what came back to it. */
async function lockSource(tx: Tx, way: Way): Promise<Fund> {
  if (way.toFundId === way.fundId) return lockOpenFund(tx, way.fundId);
  const fund = await tx.orm.findOneBy(Fund, { id: way.fundId });
  if (!fund) throw absent();
  return fund;
}

/** A move, locked. The database lets nobody lock one that was decided already; then it is read as it stands. */
async function lockMove(tx: Tx, id: string): Promise<BudgetMove> {
  const locked = await tx.orm.findOne(BudgetMove, { where: { id }, lock: { mode: 'pessimistic_write' } });
  const found = locked ?? (await tx.orm.findOneBy(BudgetMove, { id }));
  if (!found) throw absent();
  return found;
}
