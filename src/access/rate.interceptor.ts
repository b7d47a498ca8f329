import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { DomainError } from '../kernel/errors.js';
import { RateLimit } from '../platform/rate.js';
import { Runtime } from '../platform/runtime.js';

/** What one user may do at a stretch, in seconds of their rate. */
const STRETCH_SECONDS = 20;

/** Limits how often one user asks, from wherever, by all of their sessions and keys together. */
@Injectable()
export class RateInterceptor implements NestInterceptor {
  private readonly limit: RateLimit;

  constructor({ settings: { RATE_LIMIT } }: Runtime) {
    this.limit = new RateLimit(RATE_LIMIT, RATE_LIMIT * STRETCH_SECONDS);
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { user } = context.switchToHttp().getRequest<FastifyRequest>();
    const retryAfterSeconds = user ? this.limit.take(user.id) : 0;
    if (retryAfterSeconds > 0) throw new DomainError('limited', 'rate.limited', { retryAfterSeconds });
    return next.handle();
  }
}
