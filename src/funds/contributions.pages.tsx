import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { send } from '../web/replies.js';
import type { View } from '../web/view.js';
import { contributionPage } from './contribution.page.js';
import { Correction, Receipt } from './contributions.dto.js';
import { ContributionsQueries } from './contributions.queries.js';
import { ContributionsService } from './contributions.service.js';
import type { ShownForm } from './fund-forms.js';
import { FundsQueries } from './funds.queries.js';
import { carryOut, type Fields, type Sent } from './sent-forms.js';

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
  receive(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'receipt', async (fields) => {
      const { fundId } = await this.contributions.receive(actor, id, parse(Receipt, fields), once);
      return `/funds/${fundId}?done=funds.contributed`;
    });
  }

  @Post(':id/correct')
  @Can('funds.manage')
  correct(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'correction', async (fields) => {
      const { fundId } = await this.contributions.correct(actor, id, parse(Correction, fields), once);
      return `/funds/${fundId}?done=funds.corrected`;
    });
  }

  private carryOut(
    sent: Sent,
    name: 'receipt' | 'correction',
    work: (fields: Fields) => Promise<string>,
  ): Promise<void> {
    return carryOut(this.views, sent, name, {
      work,
      page: (view, form) => this.page(view, sent.actor, sent.id, form, name),
    });
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
