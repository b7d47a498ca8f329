import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor, StepUp } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, type Page } from '../platform/pages.js';
import { DeletionAnswer, DeletionQuery, DeletionView, NewDeletion } from './deletion.dto.js';
import { DeletionService } from './deletion.service.js';

@ApiTags('privacy')
@Controller('api/v1')
export class DeletionApi {
  constructor(private readonly deletions: DeletionService) {}

  /** The person asks to be forgotten. */
  @Post('people/:id/deletion-request')
  @Can('people.deletion')
  @ApiBody({ type: NewDeletion })
  @ApiCreatedResponse({ type: DeletionView })
  record(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(NewDeletion) input: NewDeletion,
    @OnceKey() once: Once,
  ): Promise<DeletionView> {
    return this.deletions.record(actor, id, input, once);
  }

  /** Those of one's own organisation, with their outcome. */
  @Get('deletion-requests')
  @Can('people.deletion')
  @ApiQuery({ type: DeletionQuery })
  @ApiOkResponse({ type: PageOf(DeletionView) })
  own(@CurrentActor() actor: Actor, @Query(DeletionQuery) query: DeletionQuery): Promise<Page<DeletionView>> {
    return this.deletions.list(actor, query);
  }

  /** Those of everybody, by code. */
  @Get('privacy/deletion-requests')
  @Can('privacy.manage')
  @ApiQuery({ type: DeletionQuery })
  @ApiOkResponse({ type: PageOf(DeletionView) })
  list(
    @CurrentActor() actor: Actor,
    @Query(DeletionQuery) query: DeletionQuery,
  ): Promise<Page<DeletionView>> {
    return this.deletions.list(actor, query);
  }

  @Post('privacy/deletion-requests/:id/grant')
  @HttpCode(200)
  @Can('privacy.manage')
  @StepUp()
  @ApiOkResponse({ type: DeletionView })
  grant(@CurrentActor() actor: Actor, @PathId() id: string, @OnceKey() once: Once): Promise<DeletionView> {
    return this.deletions.grant(actor, id, once);
  }

  @Post('privacy/deletion-requests/:id/refuse')
  @HttpCode(200)
  @Can('privacy.manage')
  @ApiBody({ type: DeletionAnswer })
  @ApiOkResponse({ type: DeletionView })
  refuse(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(DeletionAnswer) input: DeletionAnswer,
    @OnceKey() once: Once,
  ): Promise<DeletionView> {
    return this.deletions.refuse(actor, id, input, once);
  }

  @Post('privacy/deletion-requests/:id/defer')
  @HttpCode(200)
  @Can('privacy.manage')
  @ApiBody({ type: DeletionAnswer })
  @ApiOkResponse({ type: DeletionView })
  defer(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(DeletionAnswer) input: DeletionAnswer,
    @OnceKey() once: Once,
  ): Promise<DeletionView> {
    return this.deletions.defer(actor, id, input, once);
  }
}
