import { Module } from '@nestjs/common';
import { LedgerApi } from './ledger.api.js';
import { LedgerQueries } from './ledger.queries.js';
import { LedgerService } from './ledger.service.js';
import './ledger.words.js';

@Module({
  controllers: [LedgerApi],
  providers: [LedgerService, LedgerQueries],
  exports: [LedgerService, LedgerQueries],
})
export class LedgerModule {}
