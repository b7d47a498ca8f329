import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { DomainError } from '../kernel/errors.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { PathId, Query } from '../platform/input.js';
import { PageQuery } from '../platform/pages.js';
import { onceOfForm, Uploads, type SentForm } from '../platform/upload.js';
import { fieldErrorsOf, sentenceOf } from '../web/errors.filter.js';
import type { FormState } from '../web/forms.js';
import { redirect, send } from '../web/replies.js';
import { orderOf } from './import-form.js';
import { kindsOf } from './import.entity.js';
import { importPage } from './import.page.js';
import { ImportsQueries, viewOf } from './imports.queries.js';
import { ImportsService } from './imports.service.js';
import { importsPage } from './import-list.page.js';

@ApiExcludeController()
@Controller('imports')
export class ImportsPages {
  constructor(
    private readonly views: Views,
    private readonly imports: ImportsService,
    private readonly queries: ImportsQueries,
    private readonly uploads: Uploads,
  ) {}

  @Get()
  @Can('imports.run')
  async list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query(PageQuery) query: PageQuery,
  ) {
    send(reply, await this.listPage(request, actor, null, query));
  }

  /** From a page, a table is always checked first. */
  @Post()
  @Can('imports.run')
  check(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    return this.uploads.receive(request, (form) => this.checkTable(request, reply, actor, form));
  }

  private async checkTable(request: FastifyRequest, reply: FastifyReply, actor: Actor, form: SentForm) {
    try {
      const { input, file } = orderOf(form);
      const once = onceOfForm(request, form);
      const { id } = await this.imports.start(actor, { ...input, dryRun: true }, await file.bytes(), once);
      redirect(reply, `/imports/${id}`);
    } catch (error) {
      if (!(error instanceof DomainError) || error.fields.length === 0) throw error;
      const { language } = await this.views.of(request);
      const state = { values: form.fields, errors: fieldErrorsOf(error, language) };
      send(reply, await this.listPage(request, actor, state, new PageQuery()), 422);
    }
  }

  @Get(':id')
  @Can('imports.run')
  async one(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    await this.sendOne(request, reply, actor, id);
  }

  @Post(':id/start')
  @Can('imports.run')
  async start(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    try {
      redirect(reply, `/imports/${(await this.imports.startAfter(actor, id, once)).id}`);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'conflict') throw error;
      await this.sendOne(request, reply, actor, id, error);
    }
  }

  private async listPage(request: FastifyRequest, actor: Actor, sent: FormState | null, query: PageQuery) {
    const view = await this.views.of(request);
    const kinds = kindsOf(actor);
    const form = sent ?? { values: { kind: kinds[0] }, errors: [] };
    const funds = await this.queries.funds(actor);
    return importsPage(view, { form, kinds, funds, list: await this.queries.list(actor, query), query });
  }

  private async sendOne(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    id: string,
    refusal?: DomainError,
  ) {
    const view = await this.views.of(request);
    const one = await this.queries.one(actor, id);
    // Browsers reload by this header also without script.
    if (one.isOpen) reply.header('refresh', `2; url=/imports/${id}`);
    const html = importPage(view, {
      one: viewOf(one, view.language),
      fileKept: one.summary.fileKept === true,
      mayStart: kindsOf(actor).includes(one.kind),
      refusal: refusal && sentenceOf(refusal, view.language),
    });
    send(reply, html, refusal ? 409 : 200);
  }
}
