import { Controller, Get, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor, StepUp } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input, Query } from '../platform/input.js';
import { PageOf, type Page } from '../platform/pages.js';
import { DueQuery, DueView, RetentionPreview, RetentionRules, RetentionVersion } from './retention.dto.js';
import { RetentionService } from './retention.service.js';

@ApiTags('privacy')
@Controller('api/v1/privacy/retention')
export class RetentionApi {
  constructor(private readonly retention: RetentionService) {}

  /** The rules that count, and how much goes next. */
  @Get()
  @Can('privacy.retention')
  @ApiOkResponse({ type: RetentionPreview })
  preview(@CurrentActor() actor: Actor): Promise<RetentionPreview> {
    return this.retention.preview(actor);
  }

  /** What goes within 30 days, by code. */
  @Get('due')
  @Can('privacy.retention')
  @ApiQuery({ type: DueQuery })
  @ApiOkResponse({ type: PageOf(DueView) })
  due(@CurrentActor() actor: Actor, @Query(DueQuery) query: DueQuery): Promise<Page<DueView>> {
    return this.retention.due(actor, query);
  }

  @Post()
  @Can('privacy.manage')
  @StepUp()
  @ApiBody({ type: RetentionRules })
  @ApiCreatedResponse({ type: RetentionVersion })
  change(
    @CurrentActor() actor: Actor,
    @Input(RetentionRules) rules: RetentionRules,
    @OnceKey() once: Once,
  ): Promise<RetentionVersion> {
    return this.retention.change(actor, rules, once);
  }
}
