import { invalid } from '../kernel/errors.js';
import { COMMON_PASSWORDS } from './common-passwords.js';

// A name of two letters is in many a good sentence.
const TELLING = 4;

/** What somebody is called: the mail address before the sign, and each word of the name. */
const namesOf = ({ email, name }: { email: string; name: string }): string[] =>
  [email, email.split('@')[0]!, ...name.split(/\s+/)]
    .map((part) => part.normalize('NFKC').toLowerCase())
    .filter((part) => part.length >= TELLING);

/** Whether it is one short piece again and again: `aaaaaaaaaaaa`, `abcabcabcabc`. */
const isRepeated = (text: string): boolean => /^(.{1,6}?)\1+.{0,2}$/u.test(text);

/** Whether each character follows the one before it: `abcdefghijkl`, `9876543210`. */
function isSequence(text: string): boolean {
  const steps = [...text].slice(1).map((character, at) => character.codePointAt(0)! - text.codePointAt(at)!);
  return steps.filter((step) => Math.abs(step) === 1 || step === -9).length >= steps.length - 1;
}

const isCommon = (text: string): boolean => {
  const word = text.replaceAll(/^[^a-z]+|[^a-z]+$/g, '');
  return COMMON_PASSWORDS.has(text) || COMMON_PASSWORDS.has(word) || isRepeated(text) || isSequence(text);
};

/**
 * Judges a password that somebody chooses; its length is judged by the form (NIST SP 800-63B: length counts, no
 * rules about kinds of characters, and nothing that everybody tries first).
 * @throws DomainError `input.invalid` at `password`: `passwordCommon`, or `passwordOwn` with the own name in it
 */
export function checkPassword(password: string, owner: { email: string; name: string }): void {
  const text = password.normalize('NFKC').toLowerCase();
  if (isCommon(text)) throw invalid({ path: 'password', code: 'passwordCommon' });
  if (namesOf(owner).some((name) => text.includes(name)))
    throw invalid({ path: 'password', code: 'passwordOwn' });
}
