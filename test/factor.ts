import { generateSync } from 'otplib';
import { SecondFactors } from '../src/access/second-factors.service.js';
import { Sessions } from '../src/access/sessions.service.js';
import { SignInService } from '../src/access/sign-in.service.js';
import type { House, Somebody } from './house.js';

/** What somebody with a second factor holds: an authenticator and a sheet of recovery codes. */
export interface Factor {
  secret: string;
  recoveryCodes: string[];
  /** What the authenticator shows, now or so many seconds from now. */
  code(inSeconds?: number): string;
}

export const codeOf = (secret: string, { clock }: House, inSeconds = 0): string =>
  generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000) + inSeconds });

export const laterBy = ({ clock }: House, seconds: number): void =>
  clock.set(new Date(clock.now().getTime() + seconds * 1000).toISOString());

/** Sets up a second factor as its owner does after the first sign-in; time goes on to the next code. */
export async function setUpFactor(house: House, { email, password, user }: Somebody): Promise<Factor> {
  const { app } = house;
  const { token } = await app.get(SignInService).signIn({ email, password }, { address: '192.0.2.1' });
  const session = (await app.get(Sessions).find(token))!;
  const factors = app.get(SecondFactors);
  const { secret, sealed } = await factors.offer(user);
  const recoveryCodes = await factors.takeUp(
    { id: session.id, userId: user.id },
    sealed,
    codeOf(secret, house),
  );
  laterBy(house, 60);
  return { secret, recoveryCodes, code: (inSeconds) => codeOf(secret, house, inSeconds) };
}
