import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { newId } from '../kernel/ids.js';
import type { Once } from '../platform/db.js';
import { IsId, IsText, parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { IdentitiesService } from './identities.service.js';
import { similarPage } from './similar.page.js';
import { SimilarQueries } from './similar.queries.js';

interface Asked {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
  id: string;
}

/** Whom of the similar people it is about, and why. */
class AboutOther {
  @IsId()
  otherId: string;

  @IsText({ max: 1000 })
  reason: string;
}

@ApiExcludeController()
@Controller('people/:id/similar')
export class SimilarPages {
  constructor(
    private readonly views: Views,
    private readonly queries: SimilarQueries,
    private readonly identities: IdentitiesService,
  ) {}

  @Get()
  @Can('people.match')
  compare(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    return this.show({ request, reply, actor, id });
  }

  @Post('link')
  @Can('people.match')
  link(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'linked', ({ otherId, reason }) =>
      this.identities.link(actor, { personIds: [id, otherId], reason }, once),
    );
  }

  @Post('distinct')
  @Can('people.match')
  distinct(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'distinct', ({ otherId, reason }) =>
      this.identities.distinct(actor, { personIds: [id, otherId], reason }, once),
    );
  }

  @Post('unlink')
  @Can('people.match')
  unlink(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'unlinked', ({ otherId, reason }) =>
      this.identities.unlink(actor, { personId: otherId, reason }, once),
    );
  }

  private async act(
    asked: Asked,
    done: string,
    work: (about: AboutOther) => Promise<unknown>,
  ): Promise<void> {
    const { otherId, reason } = (asked.request.body ?? {}) as Record<string, unknown>;
    try {
      await work(parse(AboutOther, { otherId, reason }));
    } catch (error) {
      return this.show(asked, { otherId, reason }, error);
    }
    redirect(asked.reply, `/people/${asked.id}/similar?done=people.${done}`);
  }

  private async show(
    { request, reply, actor, id }: Asked,
    values: Record<string, unknown> = {},
    error?: unknown,
  ): Promise<void> {
    const person = await this.queries.compared(actor, id);
    const known = await this.views.of(request);
    const view = request.method === 'GET' ? known : { ...known, path: `/people/${id}/similar` };
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const { items } = await this.queries.similar(actor, id);
    const [given, said] = await Promise.all([
      this.queries.given(
        actor,
        items.map((one) => one.id),
      ),
      this.queries.said(actor, id),
    ]);
    const form = { values, errors };
    send(reply, similarPage({ view, person, items, given, said, form, refusal, key: newId() }), status);
  }
}
