import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { redirect, send } from '../web/replies.js';
import type { View } from '../web/view.js';
import { contributionPage } from './contribution.page.js';
import { Correction, Receipt } from './contributions.dto.js';
import { ContributionsQueries } from './contributions.queries.js';
import { ContributionsService } from './contributions.service.js';
import type { ShownForm } from './fund-forms.js';
import { FundsQueries } from './funds.queries.js';
import { partOf, shownAgain, type Fields } from './sent-forms.js';

@ApiExcludeController()
@Controller('contributions')
export class ContributionsPages {
  constructor(
    private readonly views: Views,
    private readonly contributions: ContributionsService,
    private readonly queries: ContributionsQueries,
    private readonly funds: FundsQueries,
  ) {}

  @Get(':id')
  @Can('funds.read')
  async one(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const view = await this.views.of(request);
    send(reply, await this.page(view, actor, id, { values: {}, errors: [] }));
  }

  @Post(':id/receive')
  @Can('funds.manage')
  async receive(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    try {
      const { fundId } = await this.contributions.receive(
        actor,
        id,
        parse(Receipt, partOf(body, 'receipt')),
        once,
      );
      redirect(reply, `/funds/${fundId}?done=funds.contributed`);
    } catch (error) {
      const view = await this.views.of(request);
      const [form, status] = shownAgain(error, view, body, 'receipt.');
      send(reply, await this.page(view, actor, id, form, 'receipt'), status);
    }
  }

  @Post(':id/correct')
  @Can('funds.manage')
  async correct(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    try {
      const input = parse(Correction, partOf(body, 'correction'));
      const { fundId } = await this.contributions.correct(actor, id, input, once);
      redirect(reply, `/funds/${fundId}?done=funds.corrected`);
    } catch (error) {
      const view = await this.views.of(request);
      const [form, status] = shownAgain(error, view, body, 'correction.');
      send(reply, await this.page(view, actor, id, form, 'correction'), status);
    }
  }

  private async page(
    view: View,
    actor: Actor,
    id: string,
    form: ShownForm,
    sent?: 'receipt' | 'correction',
  ): Promise<string> {
    const contribution = await this.queries.one(actor, id);
    const { name: fundName, closedAt } = await this.funds.one(actor, contribution.fundId);
    const mayChange = may(actor, 'funds.manage') && closedAt === null;
    return contributionPage(view, { contribution, fundName, form, sent, mayChange });
  }
}
