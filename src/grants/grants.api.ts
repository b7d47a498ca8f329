import { Controller, Get, HttpCode, Patch, Post, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import type { Once } from '../platform/db.js';
import { OnceKey, OptionalOnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, type Page } from '../platform/pages.js';
import { DecisionQueries } from './decision.queries.js';
import { DecisionView } from './decision.views.js';
import { DecisionsService } from './decisions.service.js';
import { FilingService } from './filing.service.js';
import {
  Approval,
  Comment,
  Confirmation,
  GrantRequestChange,
  GrantRequestQuery,
  NewGrantRequest,
  Question,
  Reason,
} from './grants.dto.js';
import { GrantsQueries } from './grants.queries.js';
import { GrantRequestSummary, GrantRequestView } from './grants.views.js';
import { HintQueries, HintView } from './hint.queries.js';

@ApiTags('grant requests')
@Controller('api/v1/grant-requests')
export class GrantsApi {
  constructor(
    private readonly queries: GrantsQueries,
    private readonly filing: FilingService,
    private readonly decisions: DecisionsService,
    private readonly decisionQueries: DecisionQueries,
    private readonly hints: HintQueries,
  ) {}

  @Get()
  @Can('requests.read')
  @ApiQuery({ type: GrantRequestQuery })
  @ApiOkResponse({ type: PageOf(GrantRequestSummary) })
  list(
    @CurrentActor() actor: Actor,
    @Query(GrantRequestQuery) query: GrantRequestQuery,
  ): Promise<Page<GrantRequestSummary>> {
    return this.queries.list(actor, query);
  }

  @Post()
  @Can('requests.file')
  @ApiBody({ type: NewGrantRequest })
  @ApiCreatedResponse({ type: GrantRequestView })
  create(
    @CurrentActor() actor: Actor,
    @Input(NewGrantRequest) input: NewGrantRequest,
    @OptionalOnceKey() once?: Once,
  ) {
    return this.filing.create(actor, input, once);
  }

  @Get(':id')
  @Can('requests.read')
  @ApiOkResponse({ type: GrantRequestView })
  view(@CurrentActor() actor: Actor, @PathId() id: string): Promise<GrantRequestView> {
    return this.queries.view(actor, id);
  }

  @Patch(':id')
  @Can('requests.file')
  @ApiBody({ type: GrantRequestChange })
  @ApiOkResponse({ type: GrantRequestView })
  change(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(GrantRequestChange) change: GrantRequestChange,
  ): Promise<GrantRequestView> {
    return this.filing.change(actor, id, change);
  }

  @Post(':id/submit')
  @HttpCode(200)
  @Can('requests.file')
  @ApiBody({ type: Comment })
  @ApiOkResponse({ type: GrantRequestView })
  submit(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Comment) input: Comment,
    @OnceKey() once: Once,
  ) {
    return this.filing.submit(actor, id, input.comment, once);
  }

  @Post(':id/withdraw')
  @HttpCode(200)
  @Can('requests.file')
  @ApiBody({ type: Comment })
  @ApiOkResponse({ type: GrantRequestView })
  withdraw(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Comment) input: Comment,
    @OnceKey() once: Once,
  ) {
    return this.filing.withdraw(actor, id, input.comment, once);
  }

  @Post(':id/review')
  @HttpCode(200)
  @Can('requests.review')
  @ApiBody({ type: Comment })
  @ApiOkResponse({ type: GrantRequestView })
  review(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Comment) input: Comment,
    @OnceKey() once: Once,
  ) {
    return this.decisions.review(actor, id, input.comment, once);
  }

  @Post(':id/return')
  @HttpCode(200)
  @Can('requests.review')
  @ApiBody({ type: Question })
  @ApiOkResponse({ type: GrantRequestView })
  return(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Question) input: Question,
    @OnceKey() once: Once,
  ) {
    return this.decisions.return(actor, id, input.comment, once);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Can('requests.decide')
  @ApiBody({ type: Approval })
  @ApiOkResponse({ type: GrantRequestView })
  approve(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Approval) input: Approval,
    @OnceKey() once: Once,
  ) {
    return this.decisions.approve(actor, id, input, once);
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @Can('requests.confirm')
  @ApiBody({ type: Confirmation })
  @ApiOkResponse({ type: GrantRequestView })
  confirm(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Confirmation) input: Confirmation,
    @OnceKey() once: Once,
  ) {
    return this.decisions.confirm(actor, id, input, once);
  }

  /** What the policy asks of a decision on it, and what should be known before. */
  @Get(':id/decision')
  @Can('requests.decide')
  @ApiOkResponse({ type: DecisionView })
  async decision(@CurrentActor() actor: Actor, @PathId() id: string): Promise<DecisionView> {
    const view = await this.decisionQueries.view(actor, id);
    if (!view) throw absent();
    return view;
  }

  @Post(':id/decline')
  @HttpCode(200)
  @Can('requests.decide')
  @ApiBody({ type: Reason })
  @ApiOkResponse({ type: GrantRequestView })
  decline(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Reason) input: Reason,
    @OnceKey() once: Once,
  ) {
    return this.decisions.decline(actor, id, input.reason, once);
  }

  @Post(':id/release')
  @HttpCode(200)
  @Can('requests.release')
  @ApiBody({ type: Reason })
  @ApiOkResponse({ type: GrantRequestView })
  release(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Reason) input: Reason,
    @OnceKey() once: Once,
  ) {
    return this.decisions.release(actor, id, input.reason, once);
  }

  @Post(':id/recuse')
  @HttpCode(200)
  @Can('requests.recuse')
  @ApiBody({ type: Comment })
  @ApiOkResponse({ type: GrantRequestView })
  recuse(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Comment) input: Comment,
    @OnceKey() once: Once,
  ) {
    return this.decisions.recuse(actor, id, input.comment, once);
  }

  /** Whether similar help was given elsewhere, as far as the other person agreed that members may know; or null. */
  @Get(':id/hint')
  @Can('requests.file')
  @ApiOkResponse({ type: HintView })
  async hint(@CurrentActor() actor: Actor, @PathId() id: string, @Res() reply: FastifyReply): Promise<void> {
    const hint = await this.hints.hint(actor, id);
    // Nest would send nothing at all for null.
    void reply.type('application/json').send(JSON.stringify(hint));
  }
}
