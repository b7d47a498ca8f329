import { createHash, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's argon2id parameters (2023): 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Shortest password accepted; length is what counts (NIST SP 800-63B). */
export const PASSWORD_MIN = 12;

export const hashPassword = (password: string): Promise<string> => hash(password, ARGON2ID);

// Verified when there is no such user, so that the time taken does not tell whether an account exists.
const nobody = hashPassword(randomBytes(16).toString('hex'));

/** Whether the password fits. Without a stored hash it takes as long and is false. */
export async function fits(password: string, stored: string | undefined): Promise<boolean> {
  const right = await verify(stored ?? (await nobody), password);
  return stored !== undefined && right;
}

/** A random token for a cookie, a key or a link: 256 bits. Only its digest is stored. */
export const newToken = (prefix = ''): string => prefix + randomBytes(32).toString('base64url');

/** What is stored of a token. It is random, so one round of SHA-256 suffices. */
export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
