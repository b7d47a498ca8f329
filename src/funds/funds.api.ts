import { Controller, Get, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey, OptionalOnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, PageQuery, type Page } from '../platform/pages.js';
import {
  BudgetLineView,
  ContributionView,
  FundView,
  NewAllocation,
  NewContribution,
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
    return this.funds.contribute(actor, id, input, once);
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
}
