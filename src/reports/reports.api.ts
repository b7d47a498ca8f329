import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { Query } from '../platform/input.js';
import { DisbursedQuery, DisbursedReport } from './reports.dto.js';
import { ReportsQueries } from './reports.queries.js';

@ApiTags('reports')
@Controller('api/v1/reports')
export class ReportsApi {
  constructor(private readonly reports: ReportsQueries) {}

  @Get('disbursed')
  @Can('reports.read')
  @ApiQuery({ type: DisbursedQuery })
  @ApiOkResponse({ type: DisbursedReport })
  disbursed(
    @CurrentActor() actor: Actor,
    @Query(DisbursedQuery) query: DisbursedQuery,
  ): Promise<DisbursedReport> {
    return this.reports.disbursed(actor, query);
  }
}
