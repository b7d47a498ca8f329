import 'reflect-metadata';
import cookie from '@fastify/cookie';
import formBody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { LogController, type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { Denials } from './log/index.js';
import { describeApi } from './openapi.js';
import { SystemClock, type Clock } from './platform/clock.js';
import { Keyring } from './platform/encryption.js';
import { addressLimit, checkDepth, secureHeaders } from './platform/http.js';
import type { Runtime } from './platform/runtime.js';
import { MOST_FILES } from './platform/upload.js';
import { answerSocket, answerUnread } from './web/unread.js';

/** Largest body of JSON or a form; files have a limit of their own. */
const BODY_BYTES = 1_000_000;
const FILE_BYTES = 20_000_000;

/** An error while starting is thrown to whoever starts, who says it in one line. */
const NEST = { logger: ['error', 'warn'], abortOnError: false } satisfies NestApplicationContextOptions;

/** What the parts that we use would log, without what was sent: a key among the headers, a message with a value. */
const NOTHING_SENT = {
  busboyOptions: () => undefined,
  err: ({ name, code }: Error & { code?: string }) => ({ type: name, message: code ?? '', stack: '' }),
};

export interface AppParts {
  keyring?: Keyring;
  clock?: Clock;
}

function appModule(runtime: Runtime, { keyring, clock }: AppParts) {
  const { settings } = runtime;
  // Only the embedded default makes its own key file; anybody else's must be there.
  const ring = keyring ?? Keyring.read(settings.keyringPath, { create: !settings.DATABASE_URL });
  return AppModule.with(runtime, ring, clock ?? new SystemClock());
}

/** The application without its HTTP side, for jobs and commands. */
export function createContext(runtime: Runtime, parts: AppParts = {}): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(appModule(runtime, parts), NEST);
}

/** The application with pages and API, not yet listening. */
export async function createApp(runtime: Runtime, parts: AppParts = {}): Promise<NestFastifyApplication> {
  const { settings } = runtime;
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_BYTES,
    // The one proxy in front says who asks. What came before it anybody may have written.
    trustProxy: settings.isHttps && ((_: string, hop: number) => hop === 0),
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      answerUnread(error, request, reply, settings),
    clientErrorHandler: answerSocket,
    // The route's pattern and never the address: ids and tokens stay out of the log.
    logger: { level: settings.LOG_LEVEL, serializers: NOTHING_SENT },
    logController: new LogController({ disableRequestLogging: true }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(appModule(runtime, parts), adapter, {
    ...NEST,
    // Fastify reads JSON and the plugins below read forms; Nest's own parsers would be in their way.
    bodyParser: false,
  });
  await app.register(cookie);
  await app.register(formBody);
  await app.register(multipart, {
    limits: { fileSize: FILE_BYTES, files: MOST_FILES, fields: 50, parts: 60 },
  });
  const fastify = adapter.getInstance();
  const checkRate = addressLimit(settings);
  fastify.addHook('onRequest', async (request, reply) => {
    secureHeaders(request, reply, settings);
    checkRate(request);
  });
  fastify.addHook('preValidation', async ({ body }) => checkDepth(body));
  const denials = app.get(Denials);
  // Before the answer goes, so that nobody is gone with it unnoticed.
  fastify.addHook('onSend', (request, { statusCode }) => denials.note(request, statusCode));
  fastify.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    request.log.info({
      method,
      route: routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    });
  });
  describeApi(app);
  await app.init();
  return app;
}
