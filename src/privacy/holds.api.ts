import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor, StepUp } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, type Page } from '../platform/pages.js';
import { HoldsQuery, HoldView, LiftedHold, NewHold } from './holds.dto.js';
import { HoldsService } from './holds.service.js';

@ApiTags('privacy')
@Controller('api/v1/privacy/holds')
export class HoldsApi {
  constructor(private readonly holds: HoldsService) {}

  @Get()
  @Can('privacy.retention')
  @ApiQuery({ type: HoldsQuery })
  @ApiOkResponse({ type: PageOf(HoldView) })
  list(@CurrentActor() actor: Actor, @Query(HoldsQuery) query: HoldsQuery): Promise<Page<HoldView>> {
    return this.holds.list(actor, query);
  }

  @Post()
  @Can('privacy.hold')
  @StepUp()
  @ApiBody({ type: NewHold })
  @ApiCreatedResponse({ type: HoldView })
  place(
    @CurrentActor() actor: Actor,
    @Input(NewHold) input: NewHold,
    @OnceKey() once: Once,
  ): Promise<HoldView> {
    return this.holds.place(actor, input, once);
  }

  @Post(':id/lift')
  @HttpCode(200)
  @Can('privacy.hold')
  @StepUp()
  @ApiBody({ type: LiftedHold })
  @ApiOkResponse({ type: HoldView })
  lift(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(LiftedHold) input: LiftedHold,
    @OnceKey() once: Once,
  ): Promise<HoldView> {
    return this.holds.lift(actor, id, input, once);
  }
}
