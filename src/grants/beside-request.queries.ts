import { Injectable } from '@nestjs/common';
import { may } from '../access/index.js';
import { CasesQueries } from '../cases/index.js';
import { FundsQueries, type LineFacts } from '../funds/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Day } from '../kernel/calendar.js';
import type { Category } from '../kernel/codes.js';
import { absent } from '../kernel/errors.js';
import { PeopleQueries, SimilarQueries, type SimilarCount } from '../people/index.js';
import { Db, type Tx } from '../platform/db.js';
import type { DecidedLine, DutyName } from './approval-policy.js';
import { DecisionQueries } from './decision.queries.js';
import type { GrantRequestView } from './grants.views.js';
import { GrantsQueries, URGENT, type Unconfirmed } from './grants.queries.js';
import type { PolicyRules } from './policy-rules.js';
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
  /** By person: what their own member calls them. */
  aliases: Map<string, string>;
  /** Of whom it names others may be the same, for those who may compare. */
  similar: SimilarCount[];
  /** By budget line: the name of the fund that an award is paid from. */
  fundNames: Map<string, string>;
  /** Set for those who decide while an urgent approval waits for a second approver to look at it. */
  unconfirmed: Pick<Unconfirmed, 'approvedBy' | 'confirmBy' | 'own'> | null;
}

/** The money that could pay for a request: for each category (`activity` for none) in the order to be used. */
export interface Budgets {
  /** The day on which they could pay. */
  on: Day;
  lines: Map<string, LineFacts[]>;
  /** What else is asked for the category and not decided, in whole yen. */
  alsoAsked: Map<string, number>;
  /** The set that somebody has approved already; a later approver repeats or replaces it. */
  approved: readonly DecidedLine[] | null;
  /** The policy that the request keeps. */
  rules: PolicyRules;
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
    private readonly decisions: DecisionQueries,
    private readonly writing: RequestWriting,
    private readonly people: PeopleQueries,
    private readonly alike: SimilarQueries,
  ) {}

  /** What stands beside a request that this actor has opened. To look for similar people leaves lines in the log. */
  async of(actor: Actor, { id, caseId, lines, people }: GrantRequestView): Promise<BesideRequest> {
    const named = people.map((person) => person.id);
    const similar = may(actor, 'people.match') ? await this.alike.counts(actor, named) : [];
    return this.db.read(actor, async (tx) => {
      const facts = caseId && may(actor, 'cases.read') ? await this.cases.caseFacts(tx, caseId) : null;
      const awarded = lines.flatMap(({ awards }) => awards.map(({ budgetLineId }) => budgetLineId));
      const budgetLines = may(actor, 'funds.read') ? await this.funds.lineFacts(tx, awarded) : [];
      return {
        duty: await this.writing.dutyOf(tx, id),
        household: facts && { adults: facts.adults, children: facts.children, unborn: facts.unborn },
        aliases: may(actor, 'people.manage') ? await this.aliasesOf(tx, named) : new Map(),
        similar,
        fundNames: new Map(budgetLines.map((line) => [line.id, line.fundName])),
        unconfirmed: decides(actor) ? await unconfirmedOf(tx, id) : null,
      };
    });
  }

  private async aliasesOf(tx: Tx, personIds: string[]): Promise<Map<string, string>> {
    const people = [...(await this.people.shortOf(tx, personIds)).values()];
    return new Map(people.flatMap(({ id, alias }) => (alias === null ? [] : [[id, alias] as const])));
  }

  /**
   * The budget lines that could pay on a day, who else waits for the same money, and what was approved so far.
   * @throws DomainError `resource.absent` for a request that was never submitted
   */
  async budgets(
    actor: Actor,
    { id, kind, lines, prefectureCode }: GrantRequestView,
    on: Day,
  ): Promise<Budgets> {
    const alsoAsked = await this.grants.alsoAsked(actor, id);
    const categories = [...new Set(lines.map(({ category }) => category))];
    return this.db.read(actor, async (tx) => {
      const around = await this.decisions.situation(tx, id);
      if (!around) throw absent();
      const found = new Map<string, LineFacts[]>();
      // At most one for each of the five categories.
      for (const category of categories) {
        const need = { purpose: kind, category, prefectureCode, on };
        found.set(needOf({ category }), await this.funds.eligibleLines(tx, need));
      }
      const { given, rules } = around;
      return { on, lines: found, alsoAsked, approved: given.at(-1)?.lines ?? null, rules };
    });
  }
}

/** Who takes part in decisions. */
export const decides = (actor: Actor): boolean =>
  may(actor, 'requests.review') || may(actor, 'requests.decide');

async function unconfirmedOf(tx: Tx, requestId: string): Promise<BesideRequest['unconfirmed']> {
  const [row] = await tx.query<NonNullable<BesideRequest['unconfirmed']>>(
    `SELECT u.confirm_by AS "confirmBy", u.approved_by = $2 AS own,
            (SELECT name FROM users WHERE id = u.approved_by) AS "approvedBy"
     FROM ${URGENT}
     WHERE u.request_id = $1 AND u.outcome IS NULL`,
    [requestId, tx.actor.userId],
  );
  return row ?? null;
}
