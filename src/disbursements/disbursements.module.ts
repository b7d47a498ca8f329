import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Views } from '../access/index.js';
import { FundsModule } from '../funds/index.js';
import { GrantsModule } from '../grants/index.js';
import { LedgerModule } from '../ledger/index.js';
import { OrganisationsModule } from '../organisations/index.js';
import { Disbursement } from './disbursement.entity.js';
import { DisbursementsApi } from './disbursements.api.js';
import { DisbursementsPages } from './disbursements.pages.js';
import { DisbursementsQueries } from './disbursements.queries.js';
import { DisbursementsService } from './disbursements.service.js';
import './disbursements.words.js';
import { Return } from './return.entity.js';
import { ReturnsService } from './returns.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Disbursement, Return]),
    FundsModule,
    GrantsModule,
    LedgerModule,
    OrganisationsModule,
  ],
  controllers: [DisbursementsApi, DisbursementsPages],
  providers: [DisbursementsQueries, DisbursementsService, ReturnsService],
  exports: [DisbursementsQueries, DisbursementsService, ReturnsService],
})
export class DisbursementsModule {
  constructor(views: Views, queries: DisbursementsQueries) {
    views.addPlace({
      href: '/payments',
      label: 'disbursements:place',
      action: 'payments.make',
      order: 20,
      waiting: (actor) => queries.count(actor),
    });
  }
}
