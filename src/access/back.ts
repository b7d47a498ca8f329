/** Only a path of our own: never another site that a link might smuggle in. */
export const safeBack = (back: unknown): string =>
  typeof back === 'string' && back.length <= 500 && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(back)
    ? back
    : '/';

/** A path that leads back afterwards to where somebody was going. */
export const withBack = (path: string, back: string): string =>
  back === '/' ? path : `${path}?back=${encodeURIComponent(back)}`;

/** A path of our own at which it is said what was done. */
export const withDone = (path: string, done: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}done=${done}`;
