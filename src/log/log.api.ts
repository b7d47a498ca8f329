import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { Query } from '../platform/input.js';
import { PageOf, type Page } from '../platform/pages.js';
import { LogEventView, LogQuery, LogVerificationView, LogVerifyQuery } from './log.dto.js';
import { LogQueries } from './log.queries.js';
import { LogSeals } from './log-seals.js';

@ApiTags('audit')
@Controller('api/v1/audit')
export class LogApi {
  constructor(
    private readonly queries: LogQueries,
    private readonly seals: LogSeals,
  ) {}

  @Get('events')
  @Can('log.read')
  @ApiQuery({ type: LogQuery })
  @ApiOkResponse({ type: PageOf(LogEventView) })
  events(@CurrentActor() actor: Actor, @Query(LogQuery) query: LogQuery): Promise<Page<LogEventView>> {
    return this.queries.events(actor, query);
  }

  @Get('verify')
  @Can('log.read')
  @ApiQuery({ type: LogVerifyQuery })
  @ApiOkResponse({ type: LogVerificationView })
  verify(
    @CurrentActor() actor: Actor,
    @Query(LogVerifyQuery) { head }: LogVerifyQuery,
  ): Promise<LogVerificationView> {
    return this.seals.verify(actor, head);
  }
}
