import { Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessApi } from './access.api.js';
import { AccessGuard } from './access.guard.js';
import { AccessPages } from './access.pages.js';
import './access.words.js';
import { RateInterceptor } from './rate.interceptor.js';
import { SignInService } from './sign-in.service.js';
import { User } from './user.entity.js';
import { UsersService } from './users.service.js';
import { Views } from './views.js';

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [AccessApi, AccessPages],
  providers: [
    SignInService,
    UsersService,
    Views,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: RateInterceptor },
  ],
  exports: [SignInService, UsersService, Views],
})
export class AccessModule {}
