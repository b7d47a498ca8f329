import { randomBytes } from 'node:crypto';
import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../kernel/errors.js';
import { hashBody, type Once } from './db.js';
import { callerOf, RateLimit } from './rate.js';
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

/** Describes the key in OpenAPI wherever one is read. */
function keyHeader(required: boolean): ParameterDecorator {
  return (target, method) =>
    ApiHeader({ name: 'Idempotency-Key', required })(
      target,
      method!,
      Object.getOwnPropertyDescriptor(target, method!)!,
    );
}

/** The key of a call that moves money or status: the header of a program, the hidden field of a form. */
export const OnceKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): Once => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return onceOf(request, request.body);
  },
  [keyHeader(true)],
);

/** The same where a key is welcome but not demanded: a call that makes something without moving money or status. */
export const OptionalOnceKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): Once | undefined => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return request.headers['idempotency-key'] === undefined ? undefined : onceOf(request, request.body);
  },
  [keyHeader(false)],
);

/**
 * Reads the key. `body` is what is compared when the same key comes again.
 * @throws DomainError `idempotency.missing` when there is none.
 */
export function onceOf(request: FastifyRequest, body: unknown): Once {
  const { idempotencyKey, ...fields } = (body ?? {}) as Record<string, unknown>;
  const key = request.headers['idempotency-key'] ?? (isApi(request) ? undefined : idempotencyKey);
  if (typeof key !== 'string' || !KEY.test(key)) throw new DomainError('malformed', 'idempotency.missing');
  return { route: routeOf(request), key, bodyHash: hashBody(fields) };
}

/** The route with what it is about, however the path was spelt: another request's approval is another call. */
function routeOf({ method, routeOptions, params }: FastifyRequest): string {
  const named = Object.values((params ?? {}) as Record<string, string>).map((value) => value.toLowerCase());
  return [`${method} ${routeOptions.url}`, ...named].join(' ');
}

const DEEPEST = 20;

/** Refuses bodies nested deeper than any form of ours, before anything walks through them. */
export function checkDepth(body: unknown, depth = 0): void {
  if (typeof body !== 'object' || body === null) return;
  if (depth === DEEPEST) throw new DomainError('malformed', 'body.malformed');
  for (const part of Object.values(body)) checkDepth(part, depth + 1);
}

/** Headers of every answer: what a page may load and who may frame it (privacy; OWASP secure headers). */
export function secureHeaders(request: FastifyRequest, reply: FastifyReply, settings: Settings): void {
  request.nonce = randomBytes(16).toString('base64');
  reply.headers({
    'content-security-policy':
      `default-src 'none'; script-src 'self' 'nonce-${request.nonce}'; style-src 'self'; img-src 'self' data:; ` +
      `connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cache-control': 'no-store',
    ...(settings.isHttps ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  });
}

/** How many users may sit behind one address, and what all of them may do at a stretch, in seconds of their rate. */
const USERS_AT_ADDRESS = 4;
const STRETCH_SECONDS = 15;

/**
 * Limits how often one address asks, signed in or not.
 * @returns a check @throws DomainError `rate.limited`
 */
export function addressLimit({ RATE_LIMIT }: Settings): (request: FastifyRequest) => void {
  const perSecond = RATE_LIMIT * USERS_AT_ADDRESS;
  const limit = new RateLimit(perSecond, perSecond * STRETCH_SECONDS);
  return ({ ip }) => {
    const retryAfterSeconds = limit.take(callerOf(ip));
    if (retryAfterSeconds > 0) throw new DomainError('limited', 'rate.limited', { retryAfterSeconds });
  };
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
  const own = [new URL(settings.publicUrl).origin, siteOf(request, settings)];
  if (!origin || !own.includes(origin)) throw new DomainError('forbidden', 'origin.mismatch');
}

/**
 * The origin at which the browser sees us. Without PUBLIC_URL people use this machine by whichever of its own names,
 * and not by a name of somebody else's.
 */
export const siteOf = (request: FastifyRequest, settings: Settings): string =>
  !settings.PUBLIC_URL && isOwnName(request.hostname, settings)
    ? `http://${request.headers.host}`
    : new URL(settings.publicUrl).origin;

const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]'];
const isOwnName = (name: string, { HOST }: Settings): boolean => LOOPBACK.includes(name) || name === HOST;

function originOf(referer: string | undefined): string | null {
  return referer && URL.canParse(referer) ? new URL(referer).origin : null;
}
