import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AccessModule } from './access/index.js';
import { CasesModule } from './cases/index.js';
import { DisbursementsModule } from './disbursements/index.js';
import { FundsModule } from './funds/index.js';
import { GrantsModule } from './grants/index.js';
import { ImportsModule } from './imports/index.js';
import { HomeModule } from './home/index.js';
import { LedgerModule } from './ledger/index.js';
import { LogModule } from './log/index.js';
import { NoticesModule } from './notices/index.js';
import { OrganisationsModule } from './organisations/index.js';
import { PeopleModule } from './people/index.js';
import type { Clock } from './platform/clock.js';
import type { Keyring } from './platform/encryption.js';
import { PlatformModule } from './platform/platform.module.js';
import type { Runtime } from './platform/runtime.js';
import { PrivacyModule } from './privacy/index.js';
import { ReportsModule } from './reports/index.js';
import { ErrorsFilter } from './web/errors.filter.js';
import { WebModule } from './web/web.module.js';

/** The rooms of the house, ground floor first. */
const ROOMS = [
  AccessModule,
  LogModule,
  OrganisationsModule,
  PeopleModule,
  CasesModule,
  LedgerModule,
  FundsModule,
  GrantsModule,
  DisbursementsModule,
  ReportsModule,
  ImportsModule,
  NoticesModule,
  PrivacyModule,
  HomeModule,
];

@Module({})
export class AppModule {
  static with(runtime: Runtime, keyring: Keyring, clock: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [PlatformModule.with(runtime, keyring, clock), WebModule, ...ROOMS],
      providers: [{ provide: APP_FILTER, useClass: ErrorsFilter }],
    };
  }
}
