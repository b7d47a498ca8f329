import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PageQuery } from '../platform/pages.js';
import { redirect, send } from '../web/replies.js';
import { fundsPage } from './fund-pages.js';
import { NewFund } from './funds.dto.js';
import { FundsQueries } from './funds.queries.js';
import { FundsService } from './funds.service.js';
import { MovesQueries } from './moves.queries.js';
import { newFundPage } from './new-fund.page.js';
import { rulesOf, shownAgain, type Fields } from './sent-forms.js';

const FUNDS_PER_PAGE = 20;

@ApiExcludeController()
@Controller('funds')
export class FundsListPages {
  constructor(
    private readonly views: Views,
    private readonly funds: FundsService,
    private readonly queries: FundsQueries,
    private readonly moved: MovesQueries,
  ) {}

  @Get()
  @Can('funds.read')
  async list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query('cursor') cursor?: string,
  ) {
    const page = await this.queries.list(actor, parse(PageQuery, { cursor, limit: FUNDS_PER_PAGE }));
    const waiting = await this.moved.waitingFor(actor);
    const view = await this.views.of(request);
    send(reply, fundsPage(view, page, may(actor, 'funds.manage'), waiting));
  }

  @Get('new')
  @Can('funds.manage')
  async newFund(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const view = await this.views.of(request);
    const values = { from: view.today, 'rules.moveLimit.of': 'source' };
    send(reply, newFundPage(view, { values, errors: [] }));
  }

  @Post('new')
  @Can('funds.manage')
  async create(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    const { code, name, kind, from, to, source } = body;
    try {
      const input = parse(NewFund, { code, name, kind, from, to, source, rules: rulesOf(body) });
      const { id } = await this.funds.create(actor, input, once);
      redirect(reply, `/funds/${id}?done=funds.created`);
    } catch (error) {
      const view = await this.views.of(request);
      const [form, status] = shownAgain(error, view, body);
      send(reply, newFundPage(view, form), status);
    }
  }
}
