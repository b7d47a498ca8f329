import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../kernel/errors.js';
import { isApi, secureHeaders } from '../platform/http.js';
import type { Settings } from '../platform/settings.js';
import { problemOf, type Problem } from './errors.filter.js';
import { readerLanguage } from './language.js';
import { renderProblemPage } from './problem.page.js';
import { languageOf } from './words.js';

/** Answers a request whose address could not be read, before any route or hook of ours has seen it. */
export function answerUnread(
  { statusCode }: { statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
  settings: Settings,
): void {
  secureHeaders(request, reply, settings);
  const language = readerLanguage(request);
  const error =
    statusCode === 414
      ? new DomainError('too_long', 'address.too_long')
      : new DomainError('malformed', 'address.malformed');
  const problem = problemOf(error, language);
  if (isApi(request)) {
    void reply.status(problem.status).type('application/problem+json').send(problem);
  } else {
    void reply
      .status(problem.status)
      .type('text/html; charset=utf-8')
      .send(renderProblemPage(request, language, problem));
  }
}

/** A fault that Node found while reading; `rawPacket` is what it had read of it. */
type SocketError = Error & { code?: string; rawPacket?: unknown };

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Answers what is no request at all, or too large a head of one, straight on the socket. */
export function answerSocket(error: SocketError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(rawAnswer(error));
  socket.destroy();
}

function rawAnswer({ code, rawPacket }: SocketError): string {
  const head = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : '';
  const language = languageOf(/^accept-language: *(.*)$/im.exec(head)?.[1]);
  const problem = problemOf(socketError(code), language);
  const body = JSON.stringify(problem satisfies Problem);
  return [
    `HTTP/1.1 ${problem.status} ${REASONS[problem.status]}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `content-security-policy: default-src 'none'; frame-ancestors 'none'`,
    'x-content-type-options: nosniff',
    'referrer-policy: same-origin',
    'cache-control: no-store',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

function socketError(code: string | undefined): DomainError {
  if (code === 'HPE_HEADER_OVERFLOW') return new DomainError('head_too_large', 'head.too_large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new DomainError('timed_out', 'request.timed_out');
  return new DomainError('malformed', 'request.malformed');
}
