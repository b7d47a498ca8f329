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
import type { Actor, Through } from '../kernel/actor.js';
import { DomainError, forbidden } from '../kernel/errors.js';
import { Clock } from '../platform/clock.js';
import { ACTION, bearerOf, checkOrigin, isApi, siteOf } from '../platform/http.js';
import { Runtime } from '../platform/runtime.js';
import { ApiKeys } from './api-keys.service.js';
import { STEP_UP_FIELD } from './kept-forms.js';
import { may, type Action } from './permissions.js';
import { Sessions, type Lacking, type Session } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';
import { Strangers } from './strangers.service.js';
import { actorOf, type User } from './user.entity.js';
import { WaysIn } from './ways-in.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who signed in, when anybody did and nothing is lacking. */
    user?: User;
    /** The session of this browser, which may still lack its second factor. */
    session?: Session;
    /** The key or session by which they came in. */
    through?: Through;
  }
}

export const SESSION_COOKIE = 'sasae_session';

/** What a route does; the table of permissions says who may. */
export const Can = (action: Action) => SetMetadata(ACTION, action);

/** A route for everybody who is signed in, whatever their role. */
export const SignedIn = () => SetMetadata(ACTION, 'signed-in');

/** A route for a browser whose user may still lack the second factor: the way to show it, or to set it up. */
export const Halfway = () => SetMetadata(ACTION, 'halfway');

const STEP_UP = 'step-up';

/**
 * A route that asks for a second factor shown within the last ten minutes, of those who have one: what a stolen
 * session must not do. Stands beside `Can`; looking at a page asks for nothing, and neither does a program's key.
 */
export const StepUp = () => SetMetadata(STEP_UP, true);

type Need = Action | 'signed-in' | 'halfway' | 'public';

/** Finds out who asks, and refuses whom the table of permissions does not name. A route that names nothing is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: Sessions,
    private readonly keys: ApiKeys,
    private readonly signIn: SignInService,
    private readonly waysIn: WaysIn,
    private readonly strangers: Strangers,
    private readonly clock: Clock,
    private readonly runtime: Runtime,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const places = [context.getHandler(), context.getClass()];
    const need = this.reflector.getAllAndOverride<Need | undefined>(ACTION, places);
    checkOrigin(request, this.runtime.settings);
    const lacking = await this.recognise(request);
    if (need === 'public') return true;
    const { user, session } = request;
    if (!session && !user) {
      // A key that was refused has its line already.
      if (bearerOf(request) === null) await this.strangers.note('access.signed_out', request);
      return this.refuse(request, new DomainError('unauthenticated', 'access.signed_out'));
    }
    if (need !== 'halfway') {
      if (lacking) return this.refuse(request, refusalOf(lacking));
      if (!need || (need !== 'signed-in' && !may(actorOf(user!), need))) throw forbidden();
    }
    if (this.reflector.getAllAndOverride<boolean | undefined>(STEP_UP, places)) await this.stepUp(request);
    return true;
  }

  /** Puts whoever asks into the request; gives what a session still lacks. */
  private async recognise(request: FastifyRequest): Promise<Lacking> {
    const key = bearerOf(request);
    if (key !== null) {
      const found = await this.keys.find(key);
      if (!found) await this.strangers.note('api_key.refused', request, await this.keys.endedOne(key));
      request.user = found?.user;
      if (found) request.through = { key: found.id };
      if (found?.scope === 'read' && !['GET', 'HEAD'].includes(request.method))
        throw forbidden('key.read_only');
      return null;
    }
    const token = request.cookies[SESSION_COOKIE];
    const session = token ? await this.sessions.find(token) : null;
    if (!session) return null;
    request.session = session;
    request.through = { session: session.id };
    const lacking = this.sessions.lacking(session);
    if (!lacking) request.user = session.user;
    return lacking;
  }

  /** Asks for a code or a passkey when the last is too long ago; what came along with the form is taken. */
  private async stepUp(request: FastifyRequest): Promise<void> {
    const { session, method } = request;
    const body = (request.body ?? {}) as Record<string, unknown>;
    const { [STEP_UP_FIELD]: code, ...fields } = body;
    if (typeof code === 'string') request.body = fields;
    if (!session || ['GET', 'HEAD'].includes(method) || !this.sessions.isStale(session, this.clock.now()))
      return;
    let refused: unknown = forbidden('factor.stale');
    if (typeof code === 'string' && code.trim() !== '') {
      try {
        return await this.signIn.showFactor(session, code, siteOf(request, this.runtime.settings));
      } catch (error) {
        refused = error;
      }
    }
    await this.refuse(request, refused);
  }

  /** @throws what was refused; a page is told to show instead how to go on, with everything that was typed */
  private async refuse(request: FastifyRequest, refused: unknown): Promise<never> {
    if (refused instanceof DomainError && !isApi(request)) {
      request.instead = await this.waysIn.instead(request, refused);
    }
    throw refused;
  }
}

const refusalOf = (lacking: NonNullable<Lacking>): DomainError =>
  lacking === 'factor.needed' ? new DomainError('unauthenticated', lacking) : forbidden(lacking);

/** The actor that the guard found. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor =>
  actorOf(signedIn(context), context.switchToHttp().getRequest<FastifyRequest>().through),
);

/** The user that the guard found. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): User =>
  signedIn(context),
);

/** The session of this browser. @throws DomainError `session.needed` for a program with a key, which has none */
export const CurrentSession = createParamDecorator((_: unknown, context: ExecutionContext): Session => {
  const { session } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!session) throw forbidden('session.needed');
  return session;
});

function signedIn(context: ExecutionContext): User {
  const { user } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!user) throw new DomainError('unauthenticated', 'access.signed_out');
  return user;
}
