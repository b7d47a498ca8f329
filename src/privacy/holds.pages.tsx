import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, StepUp, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { HoldsQuery, LiftedHold, NewHold } from './holds.dto.js';
import { holdsPage } from './holds.page.js';
import { HoldsService } from './holds.service.js';

type Fields = Record<string, unknown>;

interface Shown {
  values?: Fields;
  cursor?: unknown;
  error?: unknown;
}

@ApiExcludeController()
@Controller('privacy/holds')
export class HoldsPages {
  constructor(
    private readonly views: Views,
    private readonly holds: HoldsService,
  ) {}

  /** The holds that stand, and a form to place one: both roles that see them may. */
  @Get()
  @Can('privacy.hold')
  list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query('cursor') cursor?: string,
  ) {
    return this.page(request, reply, actor, { cursor });
  }

  @Post()
  @Can('privacy.hold')
  @StepUp()
  async place(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Body() values: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      await this.holds.place(actor, parse(NewHold, { code: values.code, reason: values.reason }), once);
      redirect(reply, '/privacy/holds?done=privacy.held');
    } catch (error) {
      await this.page(request, reply, actor, { values, error });
    }
  }

  @Post(':id/lift')
  @Can('privacy.hold')
  @StepUp()
  async lift(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() values: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      await this.holds.lift(actor, id, parse(LiftedHold, { reason: values.reason }), once);
      redirect(reply, '/privacy/holds?done=privacy.lifted');
    } catch (error) {
      await this.page(request, reply, actor, { values: {}, error });
    }
  }

  private async page(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    { values = {}, cursor, error }: Shown,
  ): Promise<void> {
    const view = await this.views.of(request);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const holds = await this.holds.list(actor, parse(HoldsQuery, { cursor }));
    send(reply, holdsPage(view, { holds, form: { values, errors }, refusal }), status);
  }
}
