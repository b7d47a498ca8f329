import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { LedgerQueries } from '../ledger/index.js';
import { Db, type Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { PageQuery } from '../platform/pages.js';
import { send } from '../web/replies.js';
import type { View } from '../web/view.js';
import { PromisedMoney, ReceivedMoney } from './contributions.dto.js';
import { ContributionsQueries } from './contributions.queries.js';
import { ContributionsService } from './contributions.service.js';
import type { FormName, ShownForm } from './fund-forms.js';
import { fundPage } from './fund-pages.js';
import { needOfCode } from './fund-parts.js';
import { AllocationInput, Extension, FundReason } from './funds.dto.js';
import { FundsQueries } from './funds.queries.js';
import { FundsService } from './funds.service.js';
import { CarryOver, LineMove, MovesQuery, NewMove, UNALLOCATED } from './moves.dto.js';
import { MovesQueries } from './moves.queries.js';
import { MovesService } from './moves.service.js';
import { carryOut, type Fields, type Sent } from './sent-forms.js';

const LAST = 20;

@ApiExcludeController()
@Controller('funds')
export class FundsPages {
  constructor(
    private readonly views: Views,
    private readonly db: Db,
    private readonly funds: FundsService,
    private readonly queries: FundsQueries,
    private readonly contributions: ContributionsService,
    private readonly money: ContributionsQueries,
    private readonly moves: MovesService,
    private readonly moved: MovesQueries,
    private readonly ledger: LedgerQueries,
  ) {}

  @Get(':id')
  @Can('funds.read')
  async one(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Query('contributions') cursor?: string,
  ) {
    const view = await this.views.of(request);
    send(reply, await this.page(view, actor, id, { values: {}, errors: [] }, cursor));
  }

  @Post(':id/contributions')
  @Can('funds.manage')
  contribute(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'contribution', async (fields) => {
      await this.contributions.add(actor, id, parse(ReceivedMoney, fields), once);
      return 'contributed';
    });
  }

  @Post(':id/promises')
  @Can('funds.manage')
  promise(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'promise', async (fields) => {
      await this.contributions.add(actor, id, parse(PromisedMoney, fields), once);
      return 'promised';
    });
  }

  @Post(':id/allocations')
  @Can('funds.manage')
  allocate(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'allocation', async (fields) => {
      const { line, direction, amount } = parse(AllocationInput, fields);
      const { purpose, category } = needOfCode(line);
      const signed = direction === 'add' ? amount : -amount;
      const allocation = { purpose, category: category ?? undefined, amount: signed };
      await this.funds.allocate(actor, id, allocation, once);
      return 'allocated';
    });
  }

  @Post(':id/moves')
  @Can('funds.manage')
  move(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'move', async (fields) => {
      const { toLineId, ...asked } = parse(LineMove, fields);
      const input = parse(NewMove, { ...asked, toLineId: toLineId === UNALLOCATED ? undefined : toLineId });
      const { status } = await this.moves.ask(actor, input, once);
      return status === 'waiting' ? 'moveAsked' : 'moved';
    });
  }

  @Post(':id/carry')
  @Can('funds.manage')
  carry(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'carry', async (fields) => {
      await this.moves.ask(actor, { ...parse(CarryOver, fields), fundId: id }, once);
      return 'moveAsked';
    });
  }

  @Post(':id/extend')
  @Can('funds.manage')
  extend(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'extension', async (fields) => {
      await this.funds.extend(actor, id, parse(Extension, fields), once);
      return 'extended';
    });
  }

  @Post(':id/close')
  @Can('funds.manage')
  close(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'closing', async (fields) => {
      await this.funds.close(actor, id, parse(FundReason, fields).reason, once);
      return 'closed';
    });
  }

  /** Does what a form asks for and says so, or shows the fund again with the form open and what is wrong in it. */
  private carryOut(sent: Sent, name: FormName, work: (fields: Fields) => Promise<string>): Promise<void> {
    const { id, actor } = sent;
    return carryOut(this.views, sent, name, {
      work: async (fields) => `/funds/${id}?done=funds.${await work(fields)}`,
      page: (view, form) => this.page(view, actor, id, { ...form, name }),
    });
  }

  private async page(
    view: View,
    actor: Actor,
    id: string,
    form: ShownForm,
    cursor?: string,
  ): Promise<string> {
    const fund = await this.queries.one(actor, id);
    const contributions = await this.money.list(actor, id, parse(PageQuery, { cursor, limit: LAST }));
    const events = await this.queries.events(actor, id, parse(PageQuery, { limit: LAST }));
    const asked = await this.moved.list(actor, parse(MovesQuery, { status: 'waiting', fundId: id }));
    const { transfers, funds } = await this.db.read(actor, async (tx) => ({
      transfers: may(actor, 'ledger.read') ? await this.ledger.latest(tx, id, LAST) : undefined,
      funds: await this.queries.names(tx),
    }));
    return fundPage(view, {
      fund,
      contributions,
      transfers,
      funds,
      form,
      events: events.items,
      waiting: asked.items.length,
      mayManage: may(actor, 'funds.manage'),
    });
  }
}
