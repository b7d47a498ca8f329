import { randomBytes } from 'node:crypto';
import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../kernel/errors.js';
import { hashBody, type Once } from './db.js';
import type { Settings } from './settings.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Allows this answer's own scripts and no others. */
    nonce: string;
  }
}

/** Where a route says which action it is; the guard of the access room reads it. */
export const ACTION = 'action';

/** A route for everybody, signed in or not. */
export const Public = () => SetMetadata(ACTION, 'public');

const API = '/api/v1';

/** Whether a request is a program's, answered in JSON; all others are pages. */
export const isApi = (request: FastifyRequest): boolean =>
  request.url === API || request.url.startsWith(`${API}/`);

const KEY = /^[\x21-\x7e]{1,200}$/;

/** The key of a call that moves money or status: the header of a program, the hidden field of a form. */
export const OnceKey = createParamDecorator((_: unknown, context: ExecutionContext): Once => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return onceOf(request, request.body);
});

/** The same where a key is welcome but not demanded: a call that makes something without moving money or status. */
export const OptionalOnceKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): Once | undefined => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return request.headers['idempotency-key'] === undefined ? undefined : onceOf(request, request.body);
  },
);

/**
 * Reads the key. `body` is what is compared when the same key comes again.
 * @throws DomainError `idempotency.missing` when there is none.
 */
export function onceOf(request: FastifyRequest, body: unknown): Once {
  const { idempotencyKey, ...fields } = (body ?? {}) as Record<string, unknown>;
  const key = request.headers['idempotency-key'] ?? (isApi(request) ? undefined : idempotencyKey);
  if (typeof key !== 'string' || !KEY.test(key)) throw new DomainError('malformed', 'idempotency.missing');
  // The path is part of the route: the same key on another request's approval is another call.
  return { route: `${request.method} ${request.url.split('?')[0]}`, key, bodyHash: hashBody(fields) };
}

/** Headers of every answer: what a page may load and who may frame it (privacy; OWASP secure headers). */
export function secureHeaders(request: FastifyRequest, reply: FastifyReply, settings: Settings): void {
  request.nonce = randomBytes(16).toString('base64');
  reply.headers({
    'content-security-policy':
      `default-src 'none'; script-src 'self' 'nonce-${request.nonce}'; style-src 'self'; img-src 'self' data:; ` +
      `connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cache-control': 'no-store',
    ...(settings.isHttps ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  });
}

/** The key that a program signs in with, or null; nothing else in that header counts. */
export function bearerOf({ headers }: FastifyRequest): string | null {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/**
 * A browser's request that changes something must come from our own pages. A program with a key has no cookie
 * that another site could ride on.
 * @throws DomainError `origin.mismatch`
 */
export function checkOrigin(request: FastifyRequest, settings: Settings): void {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method) || bearerOf(request) !== null) return;
  const origin = request.headers.origin ?? originOf(request.headers.referer);
  const own = [
    new URL(settings.publicUrl).origin,
    ...(settings.PUBLIC_URL ? [] : [`http://${request.headers.host}`]),
  ];
  if (!origin || !own.includes(origin)) throw new DomainError('forbidden', 'origin.mismatch');
}

function originOf(referer: string | undefined): string | null {
  return referer && URL.canParse(referer) ? new URL(referer).origin : null;
}
