import { Controller, createParamDecorator, Get, HttpCode, Post, type ExecutionContext } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Can, CurrentActor, StepUp } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input, Query } from '../platform/input.js';
import { PolicyPage, PolicyProposal, PolicyQuery, PolicyRefusal, PolicyView } from './policies.dto.js';
import { PoliciesQueries } from './policies.queries.js';
import { PoliciesService } from './policies.service.js';

/** The version in the path; anything but a number of one is as absent as an unknown one. */
export const PathVersion = createParamDecorator((_: unknown, context: ExecutionContext): number => {
  const { version } = context.switchToHttp().getRequest<FastifyRequest>().params as { version: string };
  if (!/^[1-9]\d{0,8}$/.test(version)) throw absent();
  return Number(version);
});

@ApiTags('approval policies')
@Controller('api/v1/approval-policies')
export class PoliciesApi {
  constructor(
    private readonly queries: PoliciesQueries,
    private readonly policies: PoliciesService,
  ) {}

  @Get()
  @Can('policy.read')
  @ApiQuery({ type: PolicyQuery })
  @ApiOkResponse({ type: PolicyPage })
  list(@CurrentActor() actor: Actor, @Query(PolicyQuery) query: PolicyQuery): Promise<PolicyPage> {
    return this.queries.list(actor, query);
  }

  @Post()
  @Can('policy.propose')
  @ApiBody({ type: PolicyProposal })
  @ApiCreatedResponse({ type: PolicyView })
  propose(
    @CurrentActor() actor: Actor,
    @Input(PolicyProposal) input: PolicyProposal,
    @OnceKey() once: Once,
  ): Promise<PolicyView> {
    return this.policies.propose(actor, input, once);
  }

  @Post(':version/agree')
  @HttpCode(200)
  @Can('policy.agree')
  @StepUp()
  @ApiParam({ name: 'version', type: 'integer' })
  @ApiOkResponse({ type: PolicyView })
  agree(
    @CurrentActor() actor: Actor,
    @PathVersion() version: number,
    @OnceKey() once: Once,
  ): Promise<PolicyView> {
    return this.policies.agree(actor, version, once);
  }

  @Post(':version/refuse')
  @HttpCode(200)
  @Can('policy.agree')
  @StepUp()
  @ApiParam({ name: 'version', type: 'integer' })
  @ApiBody({ type: PolicyRefusal })
  @ApiOkResponse({ type: PolicyView })
  refuse(
    @CurrentActor() actor: Actor,
    @PathVersion() version: number,
    @Input(PolicyRefusal) input: PolicyRefusal,
    @OnceKey() once: Once,
  ): Promise<PolicyView> {
    return this.policies.refuse(actor, version, input, once);
  }
}
