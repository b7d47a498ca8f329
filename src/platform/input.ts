import { createParamDecorator, type ExecutionContext, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { absent } from '../kernel/errors.js';
import { isId } from '../kernel/ids.js';
import { parse } from './fields.js';

type Source = 'body' | 'query';

const from = (source: Source) =>
  createParamDecorator((type: Type<object>, context: ExecutionContext): object =>
    parse(type, context.switchToHttp().getRequest<FastifyRequest>()[source] ?? {}),
  );

/** The request's JSON body as this DTO, or an error that names every wrong field. */
export const Input = from('body');

/** The query string as this DTO. */
export const Query = from('query');

/** A path parameter that is an id; anything else is as absent as an unknown id. */
export const PathId = createParamDecorator((name: string = 'id', context: ExecutionContext): string => {
  const value = (context.switchToHttp().getRequest<FastifyRequest>().params as Record<string, string>)[name];
  if (!isId(value)) throw absent();
  return value.toLowerCase();
});
