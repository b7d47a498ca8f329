import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDay } from '../kernel/calendar.js';
import { DomainError, type ErrorKind } from '../kernel/errors.js';
import { isApi } from '../platform/http.js';
import type { FieldError } from './fields.js';
import { dateText } from './format.js';
import { renderProblemPage } from './problem.page.js';
import { readerLanguage } from './language.js';
import { redirect, send } from './replies.js';
import { hasWords, translator, type Language } from './words.js';

/** What a page answers instead of a problem: another page, or the way to one. */
export type Instead = { html: string; status: number } | { location: string };

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by whoever refuses a page and knows how its reader can go on. */
    instead?: Instead;
  }
}

const STATUS: Record<ErrorKind, number> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  absent: 404,
  conflict: 409,
  timed_out: 408,
  too_large: 413,
  too_long: 414,
  head_too_large: 431,
  unsupported: 415,
  invalid: 422,
  limited: 429,
  unavailable: 503,
};

/** The HTTP status of a domain error; a page that shows a refused form again has the same. */
export const statusOf = (error: DomainError): number => STATUS[error.kind];

/** What `application/problem+json` says (RFC 9457; contract, "HTTP"). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors?: FieldError[];
  [fact: string]: unknown;
}

/** The sentence for a domain error: that of its code when a room has one, else that of its status. */
export function sentenceOf(error: DomainError, language: Language): string {
  const own = `errors:${error.code}`;
  const key = hasWords(own, language) ? own : `common:problems.${STATUS[error.kind]}`;
  return translator(language)(key, inWords(error.facts, language));
}

/** Facts as people say them: days, and codes that a room gave words (`errors:facts.<name>.<code>`), such as a state. */
function inWords(facts: Record<string, unknown>, language: Language): Record<string, unknown> {
  const t = translator(language);
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => {
      if (isDay(fact)) return [name, dateText(fact, language)];
      const key = `errors:facts.${name}.${String(fact)}`;
      return [name, typeof fact === 'string' && hasWords(key, language) ? t(key) : fact];
    }),
  );
}

/** The sentences for bad input, each with its place. */
export function fieldErrorsOf(error: DomainError, language: Language): FieldError[] {
  const t = translator(language);
  return error.fields.map(({ path, code, facts }) => ({
    path,
    code,
    message: t(fieldKey(code, language), facts && inWords(facts, language)),
  }));
}

const fieldKey = (code: string, language: Language): string =>
  hasWords(`errors:field.${code}`, language) ? `errors:field.${code}` : `common:invalid.${code}`;

/** Turns every error into problem+json, or into a page that says what to do. Nothing of the inside is shown. */
@Catch()
export class ErrorsFilter implements ExceptionFilter {
  private readonly log = new Logger('Errors');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const known = asDomainError(error);
    if (!known) this.logUnknown(error, request);
    const language = readerLanguage(request);
    const problem = problemOf(known, language);
    if (problem.status === 429) reply.header('retry-after', String(known?.facts.retryAfterSeconds ?? 60));
    if (isApi(request)) {
      void reply.status(problem.status).type('application/problem+json').send(problem);
    } else if (request.instead) {
      sendInstead(reply, request.instead);
    } else {
      void reply
        .status(problem.status)
        .type('text/html; charset=utf-8')
        .send(renderProblemPage(request, language, problem));
    }
  }

  /** The route's pattern and the kind of error, never its message's facts or the address: both may name somebody. */
  private logUnknown(error: unknown, request: FastifyRequest): void {
    const { name, stack } = error instanceof Error ? error : new Error(String(error));
    const { code, constraint } =
      (error as { driverError?: { code?: string; constraint?: string } }).driverError ?? {};
    const place =
      stack
        ?.split('\n')
        .filter((line) => line.trim().startsWith('at '))
        .slice(0, 6)
        .join('\n') ?? '';
    this.log.error(
      `${request.method} ${request.routeOptions.url ?? ''} ${name} ${code ?? ''} ${constraint ?? ''}\n${place}`,
    );
  }
}

function sendInstead(reply: FastifyReply, instead: Instead): void {
  if ('html' in instead) send(reply, instead.html, instead.status);
  else redirect(reply, instead.location);
}

export function problemOf(error: DomainError | null, language: Language): Problem {
  const status = error ? STATUS[error.kind] : 500;
  const t = translator(language);
  return {
    // Facts stand first, so that none of them takes the place of what the standard names.
    ...(error ? error.facts : {}),
    type: 'about:blank',
    title: t(`common:problemTitles.${status}`),
    status,
    code: error?.code ?? 'internal',
    detail: error ? sentenceOf(error, language) : t('common:problems.500'),
    ...(error && error.fields.length > 0 ? { errors: fieldErrorsOf(error, language) } : {}),
  };
}

const HTTP_ERRORS: Record<number, [ErrorKind, string]> = {
  400: ['malformed', 'body.malformed'],
  403: ['absent', 'resource.absent'],
  404: ['absent', 'resource.absent'],
  405: ['absent', 'resource.absent'],
  413: ['too_large', 'body.too_large'],
  415: ['unsupported', 'body.type'],
  503: ['unavailable', 'database.silent'],
};

/** Errors of Nest and Fastify by their status, as domain errors; null for what nobody foresaw. */
function asDomainError(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error;
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number })?.statusCode;
  if (status === undefined || (status >= 500 && !HTTP_ERRORS[status])) return null;
  // Any other fault of whoever asked is one of what was sent.
  const [kind, code] = HTTP_ERRORS[status] ?? HTTP_ERRORS[400]!;
  return new DomainError(kind, code);
}
