import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { House, Somebody } from './house.js';
import { callAt, cookieOf, JSON_TYPE, signIn } from './http/calls.js';

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();
const text = (data: Buffer): string => data.toString('base64url');

const PRESENT = 0x01;
const VERIFIED = 0x04;
const HOLDS_KEY = 0x40;

export interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string };
}
export interface RequestOptions {
  challenge: string;
  rpId: string;
}

/** How an authenticator, or whoever plays one, may answer. */
interface Manner {
  /** Whether it made sure who uses it. */
  verified?: boolean;
  /** What the browser says of the page. */
  origin?: string;
  /** How often it says that it was used; it does not count unless told. */
  counter?: number;
  /** Whom it says it signs for. */
  userHandle?: string;
  type?: string;
}

const dataOf = (rpId: string, flags: number, counter: number, more = Buffer.alloc(0)): Buffer => {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(counter);
  return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, more]);
};
const clientOf = (type: string, challenge: string, origin: string): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
const coordinate = (value: string | undefined) => new Uint8Array(Buffer.from(value!, 'base64url'));

/** An authenticator of our own with one key, and the browser around it. */
export function authenticator(site: string) {
  const id = randomBytes(16);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const cose = Buffer.from(
    isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, coordinate(x)],
        [-3, coordinate(y)],
      ]) as never,
    ),
  );
  let handle = '';

  const answerOf = (response: object): string =>
    JSON.stringify({
      id: text(id),
      rawId: text(id),
      type: 'public-key',
      clientExtensionResults: {},
      response,
    });

  return {
    id: text(id),
    /** Makes the key and answers as `navigator.credentials.create` does. */
    create(
      { challenge, rp, user }: CreationOptions,
      { origin = site, counter = 0, type = 'webauthn.create' }: Manner = {},
    ): string {
      handle = user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const key = Buffer.concat([Buffer.alloc(16), length, id, cose]);
      const authData = new Uint8Array(dataOf(rp.id, PRESENT | VERIFIED | HOLDS_KEY, counter, key));
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]);
      return answerOf({
        clientDataJSON: text(clientOf(type, challenge, origin)),
        attestationObject: text(Buffer.from(isoCBOR.encode(attestation as never))),
        transports: ['internal'],
      });
    },
    /** Signs and answers as `navigator.credentials.get` does. */
    get({ challenge, rpId }: RequestOptions, manner: Manner = {}): string {
      const {
        origin = site,
        verified = true,
        counter = 0,
        userHandle = handle,
        type = 'webauthn.get',
      } = manner;
      const data = dataOf(rpId, PRESENT | (verified ? VERIFIED : 0), counter);
      const client = clientOf(type, challenge, origin);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      return answerOf({
        clientDataJSON: text(client),
        authenticatorData: text(data),
        signature: text(signature),
        userHandle,
      });
    },
  };
}

export type Authenticator = ReturnType<typeof authenticator>;

/** Adds a passkey to the account of somebody who has signed in, as the page's script does; gives its authenticator. */
export async function addPasskey(house: House, somebody: Somebody, name: string) {
  const headers = { ...JSON_TYPE, cookie: cookieOf(await signIn(house, somebody)), origin: house.url };
  const passkeys = '/api/v1/passkeys';
  const { body: options } = await callAt<CreationOptions>(
    house,
    'POST',
    `${passkeys}/options`,
    headers,
    '{}',
  );
  const held = authenticator(house.url);
  const added = await callAt(
    house,
    'POST',
    passkeys,
    headers,
    JSON.stringify({ name, answer: held.create(options) }),
  );
  if (added.status !== 201) throw new Error(added.text);
  return held;
}
