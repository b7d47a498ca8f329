import { Module } from '@nestjs/common';
import { DisbursementsModule } from '../disbursements/index.js';
import { GrantsModule } from '../grants/index.js';
import { ReportsModule } from '../reports/index.js';
import { HomePages } from './home.pages.js';
import './home.words.js';

/** Each role's first page. */
@Module({
  imports: [GrantsModule, DisbursementsModule, ReportsModule],
  controllers: [HomePages],
})
export class HomeModule {}
