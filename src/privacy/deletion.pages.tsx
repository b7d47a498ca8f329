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
import { DeletionAnswer, DeletionQuery, NewDeletion } from './deletion.dto.js';
import { askPage, deletionsPage, ownDeletionsPage, reasonField } from './deletion.page.js';
import { DeletionService } from './deletion.service.js';

type Fields = Record<string, unknown>;

@ApiExcludeController()
@Controller()
export class DeletionPages {
  constructor(
    private readonly views: Views,
    private readonly deletions: DeletionService,
  ) {}

  @Get('people/:id/deletion-request')
  @Can('people.deletion')
  ask(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    return this.askPage({ request, reply, actor }, id);
  }

  @Post('people/:id/deletion-request')
  @Can('people.deletion')
  async record(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() values: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      await this.deletions.record(actor, id, parse(NewDeletion, { asked: values.asked }), once);
      redirect(reply, `/people/${id}/deletion-request?done=privacy.asked`);
    } catch (error) {
      await this.askPage({ request, reply, actor }, id, values, error);
    }
  }

  @Get('deletions')
  @Can('people.deletion')
  async own(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query('cursor') cursor?: string,
  ) {
    const page = await this.deletions.list(actor, parse(DeletionQuery, { cursor }));
    send(reply, ownDeletionsPage(await this.views.of(request), page));
  }

  @Get('privacy/deletions')
  @Can('privacy.manage')
  list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query('cursor') cursor?: string,
  ) {
    return this.page({ request, reply, actor }, { cursor });
  }

  @Post('privacy/deletions/:id/grant')
  @Can('privacy.manage')
  @StepUp()
  grant(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.answer({ request, reply, actor, id, body: {} }, 'granted', () =>
      this.deletions.grant(actor, id, once),
    );
  }

  @Post('privacy/deletions/:id/refuse')
  @Can('privacy.manage')
  refuse(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    return this.answer({ request, reply, actor, id, body }, 'refused', () =>
      this.deletions.refuse(actor, id, parse(DeletionAnswer, { reason: body[reasonField(id)] }), once),
    );
  }

  @Post('privacy/deletions/:id/defer')
  @Can('privacy.manage')
  defer(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    return this.answer({ request, reply, actor, id, body }, 'deferred', () =>
      this.deletions.defer(actor, id, parse(DeletionAnswer, { reason: body[reasonField(id)] }), once),
    );
  }

  private async answer(
    sent: Sent & { id: string; body: Fields },
    done: string,
    work: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await work();
      redirect(sent.reply, `/privacy/deletions?done=privacy.${done}`);
    } catch (error) {
      await this.page(sent, { error, id: sent.id, values: sent.body });
    }
  }

  private async page(
    { request, reply, actor }: Sent,
    {
      cursor,
      error,
      id = '',
      values = {},
    }: { cursor?: unknown; error?: unknown; id?: string; values?: Fields },
  ): Promise<void> {
    const view = await this.views.of(request);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const page = await this.deletions.list(actor, parse(DeletionQuery, { cursor }));
    // Each answer on the page has a field of its own.
    const placed = errors.map((fault) => ({ ...fault, path: reasonField(id) }));
    send(reply, deletionsPage(view, { page, form: { values, errors: placed }, refusal }), status);
  }

  private async askPage(
    { request, reply, actor }: Sent,
    personId: string,
    values: Fields = {},
    error?: unknown,
  ): Promise<void> {
    const view = await this.views.of(request);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const of = await this.deletions.ofPerson(actor, personId);
    send(reply, askPage(view, { personId, ...of, form: { values, errors }, refusal }), status);
  }
}

interface Sent {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
}
