import { Injectable } from '@nestjs/common';
import { may } from '../access/index.js';
import { CasesQueries } from '../cases/index.js';
import { FundsQueries, type LineFacts } from '../funds/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import type { Category } from '../kernel/codes.js';
import { Db } from '../platform/db.js';
import type { DutyName } from './approval-policy.js';
import type { GrantRequestView } from './grants.views.js';
import { GrantsQueries } from './grants.queries.js';
import { RequestWriting } from './request-writing.js';

/** How many live together in the household of a request's case. */
export interface HeadCounts {
  adults: number;
  children: number;
  unborn: number;
}

/** What a page shows beside the request itself, as far as its reader may see it. */
export interface BesideRequest {
  duty: DutyName | null;
  household: HeadCounts | null;
  /** By budget line: the name of the fund that an award is paid from. */
  fundNames: Map<string, string>;
}

/** The money that could pay for a request: for each category (`activity` for none) in the order to be used. */
export interface Budgets {
  /** The day on which they could pay. */
  on: Day;
  lines: Map<string, LineFacts[]>;
  /** What else is asked for the category and not decided, in whole yen. */
  alsoAsked: Map<string, number>;
}

/** The key of a line's money in `Budgets`. */
export const needOf = ({ category }: { category: Category | null }): string => category ?? 'activity';

@Injectable()
export class BesideRequestQueries {
  constructor(
    private readonly db: Db,
    private readonly cases: CasesQueries,
    private readonly funds: FundsQueries,
    private readonly grants: GrantsQueries,
    private readonly writing: RequestWriting,
  ) {}

  /** What stands beside a request that this actor has opened. */
  of(actor: Actor, { id, caseId, lines }: GrantRequestView): Promise<BesideRequest> {
    return this.db.read(actor, async (tx) => {
      const facts = caseId && may(actor, 'cases.read') ? await this.cases.caseFacts(tx, caseId) : null;
      const awarded = lines.flatMap(({ awards }) => awards.map(({ budgetLineId }) => budgetLineId));
      const budgetLines = may(actor, 'funds.read') ? await this.funds.lineFacts(tx, awarded) : [];
      return {
        duty: await this.writing.dutyOf(tx, id),
        household: facts && { adults: facts.adults, children: facts.children, unborn: facts.unborn },
        fundNames: new Map(budgetLines.map((line) => [line.id, line.fundName])),
      };
    });
  }

  /** The budget lines that could pay on a day, and who else waits for the same money. */
  async budgets(actor: Actor, { id, kind, lines }: GrantRequestView, on: Day): Promise<Budgets> {
    const alsoAsked = await this.grants.alsoAsked(actor, id);
    const categories = [...new Set(lines.map(({ category }) => category))];
    return this.db.read(actor, async (tx) => {
      const found = new Map<string, LineFacts[]>();
      // At most one for each of the five categories.
      for (const category of categories) {
        found.set(needOf({ category }), await this.funds.eligibleLines(tx, { purpose: kind, category, on }));
      }
      return { on, lines: found, alsoAsked };
    });
  }
}
