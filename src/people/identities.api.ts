import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OptionalOnceKey } from '../platform/http.js';
import { Input, PathId } from '../platform/input.js';
import { IdentitiesService } from './identities.service.js';
import { DistinctView, IdentityPeople, IdentityPerson, IdentityView, SimilarPeople } from './similar.dto.js';
import { SimilarQueries } from './similar.queries.js';

@ApiTags('people')
@Controller('api/v1')
export class IdentitiesApi {
  constructor(
    private readonly queries: SimilarQueries,
    private readonly identities: IdentitiesService,
  ) {}

  @Get('people/:id/similar')
  @Can('people.match')
  @ApiOkResponse({ type: SimilarPeople })
  similar(@CurrentActor() actor: Actor, @PathId() id: string): Promise<SimilarPeople> {
    return this.queries.similar(actor, id);
  }

  @Post('identities/link')
  @HttpCode(200)
  @Can('people.match')
  @ApiBody({ type: IdentityPeople })
  @ApiOkResponse({ type: IdentityView })
  link(
    @CurrentActor() actor: Actor,
    @Input(IdentityPeople) input: IdentityPeople,
    @OptionalOnceKey() once?: Once,
  ): Promise<IdentityView> {
    return this.identities.link(actor, input, once);
  }

  @Post('identities/unlink')
  @HttpCode(200)
  @Can('people.match')
  @ApiBody({ type: IdentityPerson })
  @ApiOkResponse({ type: IdentityView })
  unlink(
    @CurrentActor() actor: Actor,
    @Input(IdentityPerson) input: IdentityPerson,
    @OptionalOnceKey() once?: Once,
  ): Promise<IdentityView> {
    return this.identities.unlink(actor, input, once);
  }

  /** They are not the same: remembered, and never suggested again. */
  @Post('identities/distinct')
  @HttpCode(200)
  @Can('people.match')
  @ApiBody({ type: IdentityPeople })
  @ApiOkResponse({ type: DistinctView })
  distinct(
    @CurrentActor() actor: Actor,
    @Input(IdentityPeople) input: IdentityPeople,
    @OptionalOnceKey() once?: Once,
  ): Promise<DistinctView> {
    return this.identities.distinct(actor, input, once);
  }
}
