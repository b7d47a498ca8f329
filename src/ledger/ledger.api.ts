import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { Db } from '../platform/db.js';
import { PathId, Query } from '../platform/input.js';
import { PageOf, type Page } from '../platform/pages.js';
import { JournalQuery, StatementQuery, StatementView, TransferView } from './ledger.dto.js';
import { LedgerQueries } from './ledger.queries.js';

@ApiTags('ledger')
@Controller('api/v1')
export class LedgerApi {
  constructor(
    private readonly db: Db,
    private readonly queries: LedgerQueries,
  ) {}

  @Get('ledger/transfers')
  @Can('ledger.read')
  @ApiQuery({ type: JournalQuery })
  @ApiOkResponse({ type: PageOf(TransferView) })
  journal(
    @CurrentActor() actor: Actor,
    @Query(JournalQuery) query: JournalQuery,
  ): Promise<Page<TransferView>> {
    return this.db.read(actor, (tx) => this.queries.journal(tx, query));
  }

  @Get('budget-lines/:id/statement')
  @Can('funds.read')
  @ApiQuery({ type: StatementQuery })
  @ApiOkResponse({ type: StatementView })
  statement(
    @CurrentActor() actor: Actor,
    @PathId() budgetLineId: string,
    @Query(StatementQuery) query: StatementQuery,
  ): Promise<StatementView> {
    return this.db.read(actor, (tx) => this.queries.statement(tx, { budgetLineId }, query));
  }
}
