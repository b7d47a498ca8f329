import { Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent } from '../kernel/errors.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, PageQuery, type Page } from '../platform/pages.js';
import {
  BreachChange,
  BreachListed,
  BreachView,
  NewBreach,
  NewReport,
  REPORT_KINDS,
  type ReportKind,
} from './breach.dto.js';
import { BreachQueries } from './breach.queries.js';
import { BreachService } from './breach.service.js';
import { ExposureQuery, ExposureView } from './exposure.dto.js';
import { ExposureQueries } from './exposure.queries.js';

/** @throws DomainError `resource.absent` */
export function reportKind(kind: string): ReportKind {
  if (!REPORT_KINDS.some((known) => known === kind)) throw absent();
  return kind as ReportKind;
}

const IDEMPOTENT = { name: 'Idempotency-Key', required: true };

@ApiTags('privacy')
@Controller('api/v1')
export class BreachApi {
  constructor(
    private readonly exposure: ExposureQueries,
    private readonly queries: BreachQueries,
    private readonly breaches: BreachService,
  ) {}

  /** Who was seen by whoever the filter names: codes, members and fields, never names. */
  @Get('exposures')
  @Can('breaches.read')
  @ApiQuery({ type: ExposureQuery })
  @ApiOkResponse({ type: ExposureView })
  exposed(@CurrentActor() actor: Actor, @Query(ExposureQuery) query: ExposureQuery): Promise<ExposureView> {
    return this.exposure.search(actor, query);
  }

  @Get('breaches')
  @Can('breaches.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(BreachListed) })
  list(@CurrentActor() actor: Actor, @Query(PageQuery) query: PageQuery): Promise<Page<BreachListed>> {
    return this.queries.list(actor, query);
  }

  @Get('breaches/:id')
  @Can('breaches.read')
  @ApiOkResponse({ type: BreachView })
  read(@CurrentActor() actor: Actor, @PathId() id: string): Promise<BreachView> {
    return this.queries.read(actor, id);
  }

  @Post('breaches')
  @Can('breaches.manage')
  @ApiHeader(IDEMPOTENT)
  @ApiBody({ type: NewBreach })
  @ApiCreatedResponse({ type: BreachView })
  async open(@CurrentActor() actor: Actor, @Input(NewBreach) input: NewBreach, @OnceKey() once: Once) {
    const { id } = await this.breaches.open(actor, input, once);
    return this.queries.read(actor, id);
  }

  @Patch('breaches/:id')
  @Can('breaches.manage')
  @ApiHeader(IDEMPOTENT)
  @ApiBody({ type: BreachChange })
  @ApiOkResponse({ type: BreachView })
  async change(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(BreachChange) change: BreachChange,
    @OnceKey() once: Once,
  ) {
    await this.breaches.change(actor, id, change, once);
    return this.queries.read(actor, id);
  }

  /** Saves the first or the final report; with `reportedOn` also says that it was handed in. */
  @Post('breaches/:id/reports/:kind')
  @HttpCode(200)
  @Can('breaches.manage')
  @ApiHeader(IDEMPOTENT)
  @ApiParam({ name: 'kind', enum: REPORT_KINDS })
  @ApiBody({ type: NewReport })
  @ApiOkResponse({ type: BreachView })
  async report(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Param('kind') kind: string,
    @Input(NewReport) input: NewReport,
    @OnceKey() once: Once,
  ) {
    await this.breaches.report(actor, { id, kind: reportKind(kind) }, input, once);
    return this.queries.read(actor, id);
  }

  @Post('breaches/:id/close')
  @HttpCode(200)
  @Can('breaches.manage')
  @ApiHeader(IDEMPOTENT)
  @ApiOkResponse({ type: BreachView })
  async close(@CurrentActor() actor: Actor, @PathId() id: string, @OnceKey() once: Once) {
    await this.breaches.close(actor, id, once);
    return this.queries.read(actor, id);
  }
}
