import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Views } from '../access/index.js';
import { LedgerModule } from '../ledger/index.js';
import { BudgetMove } from './budget-move.entity.js';
import { Contribution } from './contribution.entity.js';
import { ContributionsPages } from './contributions.pages.js';
import { ContributionsQueries } from './contributions.queries.js';
import { ContributionsService } from './contributions.service.js';
import { BudgetLine, Fund, FundEvent } from './fund.entity.js';
import { FundsListPages } from './funds-list.pages.js';
import { ContributionsApi, FundsApi } from './funds.api.js';
import { FundsPages } from './funds.pages.js';
import { FundsQueries } from './funds.queries.js';
import { FundsService } from './funds.service.js';
import './funds.words.js';
import { MovesApi } from './moves.api.js';
import { MovesPages } from './moves.pages.js';
import { MovesQueries } from './moves.queries.js';
import { MovesService } from './moves.service.js';
import { StatementPages } from './statement.pages.js';

@Module({
  imports: [TypeOrmModule.forFeature([Fund, BudgetLine, Contribution, FundEvent, BudgetMove]), LedgerModule],
  controllers: [
    FundsApi,
    ContributionsApi,
    MovesApi,
    FundsListPages,
    FundsPages,
    ContributionsPages,
    MovesPages,
    StatementPages,
  ],
  providers: [
    FundsService,
    FundsQueries,
    ContributionsService,
    ContributionsQueries,
    MovesService,
    MovesQueries,
  ],
  exports: [ContributionsService, FundsService, FundsQueries, MovesQueries, MovesService],
})
export class FundsModule {
  constructor(views: Views, moves: MovesQueries) {
    views.addPlace({
      href: '/funds',
      label: 'funds:place',
      action: 'funds.read',
      order: 30,
      waiting: (actor) => moves.waitingFor(actor),
    });
  }
}
