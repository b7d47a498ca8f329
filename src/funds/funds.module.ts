import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Views } from '../access/index.js';
import { LedgerModule } from '../ledger/index.js';
import { BudgetLine, Contribution, Fund } from './fund.entity.js';
import { FundsApi } from './funds.api.js';
import { FundsPages } from './funds.pages.js';
import { FundsQueries } from './funds.queries.js';
import { FundsService } from './funds.service.js';
import './funds.words.js';

@Module({
  imports: [TypeOrmModule.forFeature([Fund, BudgetLine, Contribution]), LedgerModule],
  controllers: [FundsApi, FundsPages],
  providers: [FundsService, FundsQueries],
  exports: [FundsService, FundsQueries],
})
export class FundsModule {
  constructor(views: Views) {
    views.addPlace({ href: '/funds', label: 'funds:place', action: 'funds.read', order: 30 });
  }
}
