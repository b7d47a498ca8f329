import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, StepUp, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { DueQuery, RETENTION_FIELDS, RetentionRules } from './retention.dto.js';
import { previewPage, rulesPage } from './retention.page.js';
import { RetentionService } from './retention.service.js';

type Fields = Record<string, unknown>;

/** The form's own fields, without its key. */
const rulesOf = (sent: Fields): Fields =>
  Object.fromEntries(RETENTION_FIELDS.map((field) => [field, sent[field]]));

@ApiExcludeController()
@Controller('privacy')
export class RetentionPages {
  constructor(
    private readonly views: Views,
    private readonly retention: RetentionService,
  ) {}

  @Get()
  @Can('privacy.retention')
  async preview(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query() { kind, cursor }: Fields,
  ) {
    const query = parse(DueQuery, { kind, cursor });
    const [view, preview, due] = await Promise.all([
      this.views.of(request),
      this.retention.preview(actor),
      this.retention.due(actor, query),
    ]);
    const mayManage = may(actor, 'privacy.manage');
    send(reply, previewPage(view, { ...preview, due, kind: query.kind, mayManage }));
  }

  @Get('retention')
  @Can('privacy.retention')
  rules(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    return this.page(request, reply, actor);
  }

  @Post('retention')
  @Can('privacy.manage')
  @StepUp()
  async change(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Body() values: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      await this.retention.change(actor, parse(RetentionRules, rulesOf(values)), once);
      redirect(reply, '/privacy/retention?done=privacy.changed');
    } catch (error) {
      await this.page(request, reply, actor, { values, error });
    }
  }

  private async page(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    { values, error }: { values?: Fields; error?: unknown } = {},
  ): Promise<void> {
    const view = await this.views.of(request);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const rules = await this.retention.current(actor);
    const form = { values: values ?? { ...rules }, errors };
    send(reply, rulesPage(view, { rules, mayManage: may(actor, 'privacy.manage'), form, refusal }), status);
  }
}
