import type { Problem } from '../../src/web/errors.filter.js';
import type { House, Somebody } from '../house.js';

export interface Reply<T = Problem> {
  status: number;
  headers: Headers;
  text: string;
  body: T;
}

/** Calls as a browser or a program would, with nothing but what is told. */
export async function callAt<T = Problem>(
  { url }: House,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Reply<T>> {
  const response = await fetch(`${url}${path}`, { method, headers, body, redirect: 'manual' });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') && text;
  const { status, headers: got } = response;
  return { status, headers: got, text, body: (isJson ? JSON.parse(text) : null) as T };
}

export const JSON_TYPE = { 'content-type': 'application/json' };

export const bearer = ({ key }: Somebody) => ({ authorization: `Bearer ${key}` });

/** Signs in as a browser on our own page does. */
export const signIn = (
  at: House,
  { email, password }: Pick<Somebody, 'email' | 'password'>,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  callAt(
    at,
    'POST',
    '/api/v1/session',
    { ...JSON_TYPE, origin: at.url, ...headers },
    JSON.stringify({ email, password }),
  );

export const cookieOf = ({ headers }: Reply<unknown>): string => headers.get('set-cookie')!.split(';')[0]!;

export const faultsOf = ({ body }: Reply): [string, string][] =>
  (body.errors ?? []).map(({ path, code }) => [path, code]);
