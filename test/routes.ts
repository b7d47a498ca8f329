import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ACTION } from '../src/platform/http.js';

/** A route of the application, as its router knows it. */
export interface Route {
  method: string;
  /** From the root, with its parameters as `:id`. */
  path: string;
  /** Which action it says it is, if it says any. */
  action: unknown;
}

/** Every route of every controller. */
export function routesOf(app: NestFastifyApplication): Route[] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    const { prototype } = metatype as { prototype: Record<string, object> };
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler = prototype[name]!;
      if (name === 'constructor' || !Reflect.hasMetadata('path', handler)) return [];
      const parts = [Reflect.getMetadata('path', metatype as object), Reflect.getMetadata('path', handler)];
      return {
        method: RequestMethod[Reflect.getMetadata('method', handler) as RequestMethod],
        path: `/${parts
          .flatMap((part: string) => part.split('/'))
          .filter(Boolean)
          .join('/')}`,
        action: Reflect.getMetadata(ACTION, handler) ?? Reflect.getMetadata(ACTION, metatype as object),
      };
    });
  });
}
