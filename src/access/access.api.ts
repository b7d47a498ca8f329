import { Controller, Delete, Get, HttpCode, Patch, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../kernel/actor.js';
import { DomainError } from '../kernel/errors.js';
import type { Once } from '../platform/db.js';
import { OptionalOnceKey, Public, siteOf } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, type Page } from '../platform/pages.js';
import { Runtime } from '../platform/runtime.js';
import {
  FactorInput,
  InvitedUser,
  Me,
  NewUser,
  ResetLink,
  SignIn,
  UserChange,
  UserQuery,
  UserView,
} from './access.dto.js';
import {
  Can,
  CurrentActor,
  CurrentSession,
  CurrentUser,
  Halfway,
  SESSION_COOKIE,
  SignedIn,
  StepUp,
} from './access.guard.js';
import { permissionsOf } from './permissions.js';
import { SESSION_SECONDS, Sessions, type Session } from './sessions.service.js';
import { originOf, SignInService } from './sign-in.service.js';
import { actorOf, User } from './user.entity.js';
import { UsersQueries } from './users.queries.js';
import { UsersService, viewOf } from './users.service.js';

/** How the session's token lies in the browser. */
export const cookieOptions = (runtime: Runtime) => ({
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: runtime.settings.isHttps,
  path: '/',
  maxAge: SESSION_SECONDS,
});

@ApiTags('access')
@Controller('api/v1')
export class AccessApi {
  constructor(
    private readonly signInService: SignInService,
    private readonly sessions: Sessions,
    private readonly users: UsersService,
    private readonly queries: UsersQueries,
    private readonly runtime: Runtime,
  ) {}

  @Post('session')
  @Public()
  @HttpCode(204)
  @ApiBody({ type: SignIn })
  @ApiNoContentResponse({ description: 'Signed in; the session is in a cookie' })
  async signIn(
    @Req() request: FastifyRequest,
    @Input(SignIn) input: SignIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { token, lacking } = await this.signInService.signIn(input, originOf(request));
    if (lacking === 'factor.needed') {
      // A program sends everything at once, and keeps no session that opens nothing.
      await this.sessions.drop(token);
      throw new DomainError('unauthenticated', lacking);
    }
    reply.setCookie(SESSION_COOKIE, token, cookieOptions(this.runtime));
  }

  @Post('session/second-factor')
  @Halfway()
  @HttpCode(204)
  @ApiBody({ type: FactorInput })
  @ApiNoContentResponse({ description: 'The session has shown its second factor anew' })
  showFactor(
    @Req() request: FastifyRequest,
    @CurrentSession() session: Session,
    @Input(FactorInput) { otp }: FactorInput,
  ): Promise<void> {
    return this.signInService.showFactor(session, otp, siteOf(request, this.runtime.settings));
  }

  @Delete('session')
  @Halfway()
  @HttpCode(204)
  async signOut(
    @Req() { session }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (session) await this.sessions.signOut(session);
    reply.clearCookie(SESSION_COOKIE, { path: '/' });
  }

  @Get('me')
  @SignedIn()
  @ApiOkResponse({ type: Me })
  me(@CurrentUser() user: User): Me {
    const { id, email, name, roles, organisationId } = user;
    return { id, email, name, roles, organisationId, permissions: permissionsOf(actorOf(user)) };
  }

  @Get('users')
  @Can('users.read')
  @ApiQuery({ type: UserQuery })
  @ApiOkResponse({ type: PageOf(UserView) })
  async list(@CurrentActor() actor: Actor, @Query(UserQuery) query: UserQuery): Promise<Page<UserView>> {
    const { items, nextCursor } = await this.queries.list(actor, query);
    return { items: items.map(viewOf), nextCursor };
  }

  @Post('users')
  @Can('users.manage')
  @StepUp()
  @ApiBody({ type: NewUser })
  @ApiCreatedResponse({ type: InvitedUser })
  invite(
    @CurrentActor() actor: Actor,
    @Input(NewUser) input: NewUser,
    @OptionalOnceKey() once?: Once,
  ): Promise<InvitedUser> {
    return this.users.invite(actor, input, once);
  }

  @Post('users/:id/reset')
  @HttpCode(200)
  @Can('users.manage')
  @StepUp()
  @ApiOkResponse({ type: ResetLink })
  async reset(@CurrentActor() actor: Actor, @PathId() id: string): Promise<ResetLink> {
    return { resetUrl: await this.users.resetLink(actor, id) };
  }

  @Post('users/:id/second-factor/reset')
  @HttpCode(204)
  @Can('users.factor')
  @StepUp()
  @ApiNoContentResponse({ description: 'The user sets up another second factor at the next sign-in' })
  resetFactor(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.users.resetFactor(actor, id);
  }

  @Patch('users/:id')
  @Can('users.manage')
  @StepUp()
  @ApiBody({ type: UserChange })
  @ApiOkResponse({ type: UserView })
  change(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(UserChange) change: UserChange,
  ): Promise<UserView> {
    return this.users.change(actor, id, change);
  }
}
