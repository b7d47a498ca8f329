import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { dayOf } from '../kernel/calendar.js';
import { absent } from '../kernel/errors.js';
import { LedgerQueries, StatementQuery, type StatementOwner } from '../ledger/index.js';
import { Db } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { PathId } from '../platform/input.js';
import { Runtime } from '../platform/runtime.js';
import { send } from '../web/replies.js';
import type { T } from '../web/words.js';
import { lineName } from './fund-parts.js';
import type { FundView } from './funds.dto.js';
import { FundsQueries } from './funds.queries.js';
import { daysOf, isMonth, statementPage } from './statement.page.js';

@ApiExcludeController()
@Controller('funds')
export class StatementPages {
  constructor(
    private readonly views: Views,
    private readonly db: Db,
    private readonly funds: FundsQueries,
    private readonly ledger: LedgerQueries,
    private readonly runtime: Runtime,
  ) {}

  /** `place` is a budget line's id, or `unallocated` or `contributed` for what the fund itself holds. */
  @Get(':id/lines/:place')
  @Can('funds.read')
  async statement(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Param('place') place: string,
    @Query('month') asked?: string,
    @Query('cursor') cursor?: string,
  ) {
    const view = await this.views.of(request);
    const fund = await this.funds.one(actor, id);
    const { owner, name } = ownerOf(view.t, fund, place);
    const month = isMonth(asked) ? asked : undefined;
    const query = parse(StatementQuery, { cursor, ...(month && daysOf(month)) });
    const { statement, first } = await this.db.read(actor, async (tx) => ({
      statement: await this.ledger.statement(tx, owner, query),
      first: await this.ledger.statement(tx, owner, parse(StatementQuery, { limit: 1 })),
    }));
    const recorded = ({ transfer }: (typeof statement.movements)[number]) =>
      dayOf(transfer.recordedAt, this.runtime.settings.TIMEZONE);
    const since = first.movements.map(recorded)[0] ?? view.today;
    const recordedOn = statement.movements.map(recorded);
    send(reply, statementPage(view, { fund, name, place, statement, recordedOn, month, since, cursor }));
  }
}

function ownerOf(t: T, fund: FundView, place: string): { owner: StatementOwner; name: string } {
  if (place === 'unallocated' || place === 'contributed') {
    const owner = { fundId: fund.id, kind: place } as const;
    return { owner, name: t(`funds:${place === 'unallocated' ? place : 'received'}`) };
  }
  const line = fund.lines.find(({ id }) => id === place.toLowerCase());
  if (!line) throw absent();
  return { owner: { budgetLineId: line.id }, name: lineName(t, line) };
}
