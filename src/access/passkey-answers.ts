import {
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  type WebAuthnCredential,
} from '@simplewebauthn/server';

/** What an answer must be to: a challenge that we know again, given to a page of this address. */
export interface Expected {
  site: string;
  isOurs: (challenge: Buffer) => boolean;
}

export const bytesOf = (text: string): Buffer<ArrayBuffer> => Buffer.from(text, 'base64url');

/** How an authenticator tells its users apart: by our id, which says nothing about them. */
export const handleOf = (userId: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(userId.replaceAll('-', ''), 'hex'));

type Answer = AuthenticationResponseJSON | RegistrationResponseJSON;

/** An answer as the browser's script wrote it; null when it is none. What is in it is not verified yet. */
export function readAnswer<T extends Answer = AuthenticationResponseJSON>(text: string): T | null {
  try {
    const answer = JSON.parse(text) as T | null;
    return typeof answer?.id === 'string' && typeof answer.response === 'object' && answer.response
      ? answer
      : null;
  } catch {
    return null;
  }
}

/** The passkey that an answer says was made, with the challenge that it answers; null when it is not what it should be. */
export async function verifyNew(
  text: string,
  expected: Expected,
): Promise<{ credential: WebAuthnCredential; challenge: Buffer } | null> {
  const response = readAnswer<RegistrationResponseJSON>(text);
  if (!response) return null;
  const { options, seen } = expecting(expected);
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      ...options,
      requireUserVerification: false,
    });
    return registrationInfo ? { credential: registrationInfo.credential, challenge: seen() } : null;
  } catch {
    return null;
  }
}

/**
 * The counter and the challenge of an answer of this user's key, or null when it is not what it should be. The counter
 * is not judged here. `wholeSignIn` asks that the device made sure who uses it, and knew whom it signs for.
 */
export async function verifyAnswer(
  response: AuthenticationResponseJSON,
  { userId, publicKey }: { userId: string; publicKey: Buffer },
  { wholeSignIn, ...expected }: Expected & { wholeSignIn: boolean },
): Promise<{ counter: number; challenge: Buffer } | null> {
  const handle = response.response.userHandle;
  if ((wholeSignIn || handle) && handle !== Buffer.from(handleOf(userId)).toString('base64url')) return null;
  const { options, seen } = expecting(expected);
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      ...options,
      credential: { id: response.id, publicKey: new Uint8Array(publicKey), counter: 0 },
      requireUserVerification: wholeSignIn,
    });
    return verified ? { counter: authenticationInfo.newCounter, challenge: seen() } : null;
  } catch {
    return null;
  }
}

/** The library throws whatever is wrong. The challenge is known once it was asked about. */
function expecting({ site, isOurs }: Expected) {
  let challenge = Buffer.alloc(0);
  const expectedChallenge = (text: string): boolean => {
    challenge = bytesOf(text);
    return isOurs(challenge);
  };
  return {
    options: { expectedChallenge, expectedOrigin: site, expectedRPID: new URL(site).hostname },
    seen: () => challenge,
  };
}
