import { Module } from '@nestjs/common';
import { LedgerApi } from './ledger.api.js';
import { LedgerCheck } from './ledger-check.js';
import { LedgerPages } from './ledger.pages.js';
import { LedgerQueries } from './ledger.queries.js';
import { LedgerService } from './ledger.service.js';
import './ledger.words.js';

@Module({
  controllers: [LedgerApi, LedgerPages],
  providers: [LedgerService, LedgerQueries, LedgerCheck],
  exports: [LedgerService, LedgerQueries, LedgerCheck],
})
export class LedgerModule {}
