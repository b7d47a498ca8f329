import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey, OptionalOnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, PageQuery, type Page } from '../platform/pages.js';
import { ContributionView, Correction, NewContribution, Receipt } from './contributions.dto.js';
import { ContributionsQueries } from './contributions.queries.js';
import { ContributionsService } from './contributions.service.js';
import {
  BudgetLineView,
  Extension,
  FundEventView,
  FundReason,
  FundView,
  NewAllocation,
  NewFund,
} from './funds.dto.js';
import { FundsQueries } from './funds.queries.js';
import { FundsService } from './funds.service.js';

@ApiTags('funds')
@Controller('api/v1/funds')
export class FundsApi {
  constructor(
    private readonly funds: FundsService,
    private readonly queries: FundsQueries,
    private readonly contributions: ContributionsQueries,
    private readonly money: ContributionsService,
  ) {}

  @Get()
  @Can('funds.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(FundView) })
  list(@CurrentActor() actor: Actor, @Query(PageQuery) query: PageQuery): Promise<Page<FundView>> {
    return this.queries.list(actor, query);
  }

  @Post()
  @Can('funds.manage')
  @ApiBody({ type: NewFund })
  @ApiCreatedResponse({ type: FundView })
  create(
    @CurrentActor() actor: Actor,
    @Input(NewFund) input: NewFund,
    @OptionalOnceKey() once?: Once,
  ): Promise<FundView> {
    return this.funds.create(actor, input, once);
  }

  @Get(':id')
  @Can('funds.read')
  @ApiOkResponse({ type: FundView })
  one(@CurrentActor() actor: Actor, @PathId() id: string): Promise<FundView> {
    return this.queries.one(actor, id);
  }

  @Get(':id/contributions')
  @Can('funds.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(ContributionView) })
  contributionsOf(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Query(PageQuery) query: PageQuery,
  ): Promise<Page<ContributionView>> {
    return this.contributions.list(actor, id, query);
  }

  @Get(':id/events')
  @Can('funds.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(FundEventView) })
  events(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Query(PageQuery) query: PageQuery,
  ): Promise<Page<FundEventView>> {
    return this.queries.events(actor, id, query);
  }

  @Post(':id/contributions')
  @Can('funds.manage')
  @ApiBody({ type: NewContribution })
  @ApiCreatedResponse({ type: ContributionView })
  contribute(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(NewContribution) input: NewContribution,
    @OnceKey() once: Once,
  ): Promise<ContributionView> {
    return this.money.add(actor, id, input, once);
  }

  @Post(':id/allocations')
  @Can('funds.manage')
  @ApiBody({ type: NewAllocation })
  @ApiCreatedResponse({ type: BudgetLineView })
  allocate(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(NewAllocation) input: NewAllocation,
    @OnceKey() once: Once,
  ): Promise<BudgetLineView> {
    return this.funds.allocate(actor, id, input, once);
  }

  @Post(':id/extend')
  @HttpCode(200)
  @Can('funds.manage')
  @ApiBody({ type: Extension })
  @ApiOkResponse({ type: FundView })
  extend(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Extension) input: Extension,
    @OnceKey() once: Once,
  ): Promise<FundView> {
    return this.funds.extend(actor, id, input, once);
  }

  @Post(':id/close')
  @HttpCode(200)
  @Can('funds.manage')
  @ApiBody({ type: FundReason })
  @ApiOkResponse({ type: FundView })
  close(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(FundReason) input: FundReason,
    @OnceKey() once: Once,
  ): Promise<FundView> {
    return this.funds.close(actor, id, input.reason, once);
  }
}

@ApiTags('funds')
@Controller('api/v1/contributions')
export class ContributionsApi {
  constructor(private readonly contributions: ContributionsService) {}

  @Post(':id/receive')
  @Can('funds.manage')
  @ApiBody({ type: Receipt })
  @ApiCreatedResponse({ type: ContributionView })
  receive(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Receipt) input: Receipt,
    @OnceKey() once: Once,
  ): Promise<ContributionView> {
    return this.contributions.receive(actor, id, input, once);
  }

  @Post(':id/correct')
  @HttpCode(200)
  @Can('funds.manage')
  @ApiBody({ type: Correction })
  @ApiOkResponse({ type: ContributionView, description: 'The contribution that stands now' })
  correct(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Correction) input: Correction,
    @OnceKey() once: Once,
  ): Promise<ContributionView> {
    return this.contributions.correct(actor, id, input, once);
  }
}
