import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { DomainError } from '../kernel/errors.js';
import { parse } from '../platform/fields.js';
import { Db } from '../platform/db.js';
import { fieldErrorsOf } from '../web/errors.filter.js';
import type { FieldError } from '../web/forms.js';
import { send } from '../web/replies.js';
import { checkPage } from './check.page.js';
import { LogQuery } from './log.dto.js';
import { logPage } from './log.page.js';
import { LogQueries } from './log.queries.js';
import { LogSeals } from './log-seals.js';

const NO_EVENTS = { items: [], nextCursor: null };

@ApiExcludeController()
@Controller('log')
export class LogPages {
  constructor(
    private readonly views: Views,
    private readonly db: Db,
    private readonly queries: LogQueries,
    private readonly seals: LogSeals,
  ) {}

  /** Who did what, when, and to what. */
  @Get()
  @Can('log.read')
  async page(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query() asked: Record<string, unknown>,
  ) {
    const view = await this.views.of(request);
    let page = NO_EVENTS as Awaited<ReturnType<LogQueries['events']>>;
    let errors: FieldError[] = [];
    try {
      page = await this.queries.events(actor, parse(LogQuery, asked));
    } catch (error) {
      if (!(error instanceof DomainError) || error.fields.length === 0) throw error;
      errors = fieldErrorsOf(error, view.language);
    }
    const [users, lastCheck] = await Promise.all([
      this.db.read(actor, (tx) => this.queries.users(tx)),
      this.seals.lastCheck(actor),
    ]);
    const form = { values: asked, errors };
    send(reply, logPage(view, { page, form, users, lastCheck }), errors.length > 0 ? 422 : 200);
  }

  /** Verifies the log now and says what was found. */
  @Get('check')
  @Can('log.read')
  async check(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    const found = await this.seals.verify(actor);
    send(reply, checkPage(await this.views.of(request), found));
  }
}
