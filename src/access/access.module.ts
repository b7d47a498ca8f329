import { Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessApi } from './access.api.js';
import { AccessGuard } from './access.guard.js';
import { AccessPages } from './access.pages.js';
import './access.words.js';
import './account.words.js';
import { AccountPages } from './account.pages.js';
import { ApiKeys } from './api-keys.service.js';
import { Attempts } from './attempts.service.js';
import { KeptForms } from './kept-forms.js';
import { OwnAccountApi } from './own-account.api.js';
import { Challenges } from './challenges.js';
import { PasskeysApi } from './passkeys.api.js';
import { PasskeysPages } from './passkeys.pages.js';
import { Passkeys } from './passkeys.service.js';
import { SecondFactors } from './second-factors.service.js';
import { Sessions } from './sessions.service.js';
import { RateInterceptor } from './rate.interceptor.js';
import { SignInService } from './sign-in.service.js';
import { Strangers } from './strangers.service.js';
import { User } from './user.entity.js';
import { UsersPages } from './users.pages.js';
import { UsersQueries } from './users.queries.js';
import './users.words.js';
import { UsersService } from './users.service.js';
import { Views } from './views.js';
import { WaysIn } from './ways-in.js';

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [AccessApi, OwnAccountApi, PasskeysApi, AccessPages, AccountPages, PasskeysPages, UsersPages],
  providers: [
    ApiKeys,
    Attempts,
    KeptForms,
    Challenges,
    Passkeys,
    SecondFactors,
    Sessions,
    SignInService,
    Strangers,
    UsersQueries,
    UsersService,
    Views,
    WaysIn,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: RateInterceptor },
  ],
  exports: [ApiKeys, SignInService, UsersService, Views],
})
export class AccessModule {
  constructor(views: Views) {
    views.addPlace({ href: '/users', label: 'users:place', action: 'users.manage', order: 52 });
  }
}
