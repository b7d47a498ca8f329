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
import type { Once } from '../platform/db.js';
import { OptionalOnceKey, Public } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, PageQuery, type Page } from '../platform/pages.js';
import { Runtime } from '../platform/runtime.js';
import { InvitedUser, Me, NewUser, SignIn, UserChange, UserView } from './access.dto.js';
import { Can, CurrentActor, CurrentUser, SESSION_COOKIE, SignedIn } from './access.guard.js';
import { permissionsOf } from './permissions.js';
import { SESSION_SECONDS, SignInService } from './sign-in.service.js';
import { actorOf, User } from './user.entity.js';
import { UsersService } from './users.service.js';

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
    private readonly users: UsersService,
    private readonly runtime: Runtime,
  ) {}

  @Post('session')
  @Public()
  @HttpCode(204)
  @ApiBody({ type: SignIn })
  @ApiNoContentResponse({ description: 'Signed in; the session is in a cookie' })
  async signIn(@Input(SignIn) input: SignIn, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const token = await this.signInService.signIn(input.email, input.password);
    reply.setCookie(SESSION_COOKIE, token, cookieOptions(this.runtime));
  }

  @Delete('session')
  @SignedIn()
  @HttpCode(204)
  async signOut(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const token = request.cookies[SESSION_COOKIE];
    if (token) await this.signInService.signOut(token);
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
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(UserView) })
  list(@CurrentActor() actor: Actor, @Query(PageQuery) query: PageQuery): Promise<Page<UserView>> {
    return this.users.list(actor, query);
  }

  @Post('users')
  @Can('users.manage')
  @ApiBody({ type: NewUser })
  @ApiCreatedResponse({ type: InvitedUser })
  invite(
    @CurrentActor() actor: Actor,
    @Input(NewUser) input: NewUser,
    @OptionalOnceKey() once?: Once,
  ): Promise<InvitedUser> {
    return this.users.invite(actor, input, once);
  }

  @Patch('users/:id')
  @Can('users.manage')
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
