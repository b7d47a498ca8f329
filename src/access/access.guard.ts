import '@fastify/cookie';
import {
  Injectable,
  SetMetadata,
  createParamDecorator,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../kernel/actor.js';
import { DomainError, forbidden } from '../kernel/errors.js';
import { ACTION, bearerOf, checkOrigin } from '../platform/http.js';
import { Runtime } from '../platform/runtime.js';
import { may, type Action } from './permissions.js';
import { SignInService } from './sign-in.service.js';
import { actorOf, type User } from './user.entity.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who signed in, when anybody did. */
    user?: User;
  }
}

export const SESSION_COOKIE = 'sasae_session';

/** What a route does; the table of permissions says who may. */
export const Can = (action: Action) => SetMetadata(ACTION, action);

/** A route for everybody who is signed in, whatever their role. */
export const SignedIn = () => SetMetadata(ACTION, 'signed-in');

type Need = Action | 'signed-in' | 'public';

/** Finds out who asks, and refuses whom the table of permissions does not name. A route that names nothing is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly signIn: SignInService,
    private readonly runtime: Runtime,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const need = this.reflector.getAllAndOverride<Need | undefined>(ACTION, [
      context.getHandler(),
      context.getClass(),
    ]);
    checkOrigin(request, this.runtime.settings);
    request.user = (await this.whoAsks(request)) ?? undefined;
    if (need === 'public') return true;
    if (!request.user) throw new DomainError('unauthenticated', 'access.signed_out');
    if (need === 'signed-in') return true;
    if (!need || !may(actorOf(request.user), need)) throw forbidden();
    return true;
  }

  private whoAsks(request: FastifyRequest): Promise<User | null> {
    const key = bearerOf(request);
    if (key !== null) return this.signIn.userOfKey(key);
    const token = request.cookies[SESSION_COOKIE];
    return token ? this.signIn.userOfSession(token) : Promise.resolve(null);
  }
}

/** The actor that the guard found. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor =>
  actorOf(signedIn(context)),
);

/** The user that the guard found. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): User =>
  signedIn(context),
);

function signedIn(context: ExecutionContext): User {
  const { user } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!user) throw new DomainError('unauthenticated', 'access.signed_out');
  return user;
}
