import '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { isApi } from '../platform/http.js';
import { languageOf, type Language } from './words.js';

/** Remembers a reader's choice; without it the browser's languages decide. */
export const LANGUAGE_COOKIE = 'sasae_language';

/** The reader's language: the choice made on a page, else `Accept-Language`; programs have the header alone. */
export function readerLanguage(request: FastifyRequest): Language {
  const chosen = isApi(request) ? undefined : request.cookies?.[LANGUAGE_COOKIE];
  return chosen === 'ja' || chosen === 'en' ? chosen : languageOf(request.headers['accept-language']);
}
