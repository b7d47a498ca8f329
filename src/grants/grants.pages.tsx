import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { DomainError, invalid } from '../kernel/errors.js';
import { sumYen } from '../kernel/money.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId, Query } from '../platform/input.js';
import { refusable } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { withTyped } from './decide-input.js';
import { DecisionsService } from './decisions.service.js';
import { FilingService } from './filing.service.js';
import { Comment, Confirmation, GrantRequestQuery, Question, Reason } from './grants.dto.js';
import { GrantsQueries } from './grants.queries.js';
import type { GrantRequestView } from './grants.views.js';
import { HintQueries } from './hint.queries.js';
import { OwnRequestsQueries } from './own-requests.queries.js';
import { readingOf, RequestScreen, type Asked } from './request-screen.js';
import { NO_LONGER_BEGUN, requestsPage, type Waiting } from './requests-list.page.js';

type Fields = Record<string, unknown>;

const isBlank = (text: unknown): boolean => typeof text !== 'string' || text.trim() === '';

const bodyOf = (request: FastifyRequest): Fields => (request.body ?? {}) as Fields;

/** A yes decides only when nobody else is missing. */
const doneOf = ({ status }: GrantRequestView): string => (status === 'in_review' ? 'agreed' : 'approved');

@ApiExcludeController()
@Controller('requests')
export class GrantsPages {
  constructor(
    private readonly views: Views,
    private readonly queries: GrantsQueries,
    private readonly own: OwnRequestsQueries,
    private readonly screen: RequestScreen,
    private readonly filing: FilingService,
    private readonly decisions: DecisionsService,
    private readonly hints: HintQueries,
  ) {}

  @Get()
  @Can('requests.read')
  async list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query(GrantRequestQuery) query: GrantRequestQuery,
  ) {
    const listing = readingOf(actor);
    const begunElsewhere = listing === 'own' && !query.status?.length;
    const [view, page, waiting, asked, drafts] = await Promise.all([
      this.views.of(request),
      this.queries.list(actor, begunElsewhere ? { ...query, status: NO_LONGER_BEGUN } : query),
      listing === 'deciding' ? this.waiting(actor) : null,
      listing === 'own' ? this.own.asked(actor) : [],
      listing === 'own' ? this.own.drafts(actor) : [],
    ]);
    send(reply, requestsPage(view, { listing, query, page, waiting, asked, drafts }));
  }

  @Get(':id')
  @Can('requests.read')
  one(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    return this.screen.show({ request, reply, actor, id }, {});
  }

  @Post(':id/withdraw')
  @Can('requests.file')
  withdraw(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'withdrawn', ({ comment }) =>
      this.filing.withdraw(actor, id, parse(Comment, { comment }).comment, once),
    );
  }

  /** One sentence about help that others gave, asked for by pressing a button: each answer counts. */
  @Post(':id/hint')
  @Can('requests.file')
  async hint(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const asked = { request, reply, actor, id };
    try {
      await this.screen.show(asked, { hint: await this.hints.hint(actor, id) });
    } catch (error) {
      const refused = refusable(error);
      if (refused.kind === 'limited') reply.header('retry-after', String(refused.facts.retryAfterSeconds));
      await this.screen.show(asked, { error: refused });
    }
  }

  @Post(':id/review')
  @Can('requests.review')
  review(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'reviewing', ({ comment }) =>
      this.decisions.review(actor, id, parse(Comment, { comment }).comment, once),
    );
  }

  @Post(':id/return')
  @Can('requests.review')
  return(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'returned', ({ comment }) => {
      if (isBlank(comment)) throw invalid({ path: 'comment', code: 'questionMissing' });
      return this.decisions.return(actor, id, parse(Question, { comment }).comment, once);
    });
  }

  /** Shows what the form as it stands would do, and does nothing. */
  @Post(':id/preview')
  @Can('requests.decide')
  async preview(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    await this.screen.show({ request, reply, actor, id }, { values: bodyOf(request), preview: true });
  }

  @Post(':id/approve')
  @Can('requests.decide')
  approve(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, doneOf, (body) =>
      withTyped(body, (approval) => {
        const total = sumYen(approval.lines.map(({ amount }) => amount));
        // Without script the button still says the amount of before: nobody approves what they have not read.
        if (body.approving !== undefined && body.approving !== String(total)) {
          throw new DomainError('conflict', 'approval.amount_changed', { amount: total });
        }
        return this.decisions.approve(actor, id, approval, once);
      }),
    );
  }

  @Post(':id/confirm')
  @Can('requests.confirm')
  confirm(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    const { outcome, comment } = bodyOf(request);
    return this.act({ request, reply, actor, id }, outcome === 'objected' ? 'objected' : 'confirmed', () => {
      if (outcome === 'objected' && isBlank(comment))
        throw invalid({ path: 'comment', code: 'objectionReasonMissing' });
      return this.decisions.confirm(actor, id, parse(Confirmation, { outcome, comment }), once);
    });
  }

  @Post(':id/decline')
  @Can('requests.decide')
  decline(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'declined', ({ comment }) => {
      if (isBlank(comment)) throw invalid({ path: 'comment', code: 'declineReasonMissing' });
      return this.decisions.decline(actor, id, parse(Question, { comment }).comment, once);
    });
  }

  @Post(':id/release')
  @Can('requests.release')
  release(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'released', ({ reason }) =>
      this.decisions.release(actor, id, parse(Reason, { reason }).reason, once),
    );
  }

  @Post(':id/recuse')
  @Can('requests.recuse')
  recuse(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'recused', () =>
      this.decisions.recuse(actor, id, undefined, once),
    );
  }

  private async waiting(actor: Actor): Promise<Waiting> {
    const [{ mine, others }, unconfirmed] = await Promise.all([
      this.queries.waiting(actor),
      this.queries.unconfirmed(actor),
    ]);
    return { mine, others, unconfirmed, decides: may(actor, 'requests.decide') };
  }

  /** Does it and goes back to the request; a refusal shows the page again, with everything that was typed. */
  private async act(
    asked: Asked,
    done: string | ((grant: GrantRequestView) => string),
    work: (body: Fields) => Promise<GrantRequestView>,
  ): Promise<void> {
    const values = bodyOf(asked.request);
    let grant: GrantRequestView;
    try {
      grant = await work(values);
    } catch (error) {
      return this.screen.show(asked, { values, error: refusable(error) });
    }
    const notice = typeof done === 'string' ? done : done(grant);
    redirect(asked.reply, `/requests/${asked.id}?done=grants.${notice}`);
  }
}
