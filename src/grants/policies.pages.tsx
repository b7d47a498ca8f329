import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views, StepUp } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { IsText, parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import type { Fields } from './filing.input.js';
import { PathVersion } from './policies.api.js';
import { PolicyProposal, PolicyQuery } from './policies.dto.js';
import { PoliciesQueries } from './policies.queries.js';
import { PoliciesService } from './policies.service.js';
import { proposalOf } from './policy-form.js';
import { policyPage } from './policy-page.js';

const VERSIONS_PER_PAGE = 20;

/** The form to propose has a field `reason` already. */
class RefusalInput {
  @IsText({ max: 2_000, optional: true })
  refusal?: string;
}

/** What a page shows beside what is stored: the versions from here on, what was typed, and why it was refused. */
interface Shown {
  cursor?: number;
  values?: Fields;
  error?: unknown;
}

@ApiExcludeController()
@Controller('policy')
export class PoliciesPages {
  constructor(
    private readonly views: Views,
    private readonly queries: PoliciesQueries,
    private readonly policies: PoliciesService,
  ) {}

  @Get()
  @Can('policy.read')
  show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query('cursor') from?: string,
  ) {
    const { cursor } = parse(PolicyQuery, { cursor: from });
    return this.page(request, reply, actor, { cursor });
  }

  @Post()
  @Can('policy.propose')
  async propose(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    const values = proposalOf(body);
    try {
      await this.policies.propose(actor, parse(PolicyProposal, values), once);
      redirect(reply, '/policy?done=policy.proposed');
    } catch (error) {
      await this.page(request, reply, actor, { values, error });
    }
  }

  @Post(':version/agree')
  @Can('policy.agree')
  @StepUp()
  async agree(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathVersion() version: number,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      await this.policies.agree(actor, version, once);
      redirect(reply, '/policy?done=policy.agreed');
    } catch (error) {
      await this.page(request, reply, actor, { values: body, error });
    }
  }

  @Post(':version/refuse')
  @Can('policy.agree')
  @StepUp()
  async refuse(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathVersion() version: number,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      const { refusal: reason } = parse(RefusalInput, { refusal: body.refusal });
      await this.policies.refuse(actor, version, { reason }, once);
      redirect(reply, '/policy?done=policy.refused');
    } catch (error) {
      await this.page(request, reply, actor, { values: body, error });
    }
  }

  /** @throws what no form can answer */
  private async page(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    { cursor, values, error }: Shown,
  ): Promise<void> {
    const [view, present, history] = await Promise.all([
      this.views.of(request),
      this.queries.present(actor),
      this.queries.list(actor, { cursor, limit: VERSIONS_PER_PAGE }),
    ]);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const html = policyPage(view, {
      ...present,
      history,
      mayPropose: may(actor, 'policy.propose'),
      mayAgree: may(actor, 'policy.agree'),
      form: { values: { rules: present.inForce.rules, ...values }, errors },
      refusal,
    });
    send(reply, html, status);
  }
}
