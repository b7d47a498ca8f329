/**
 * Normalises harmless forms: full width to half width where they mean the same (NFKC), runs of white space to
 * one space, and none at the ends. It never drops a character that carries meaning.
 */
export function normaliseText(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, ' ').trim();
}

// Null bytes and other controls (but tab and line breaks), lone surrogates and the marks that reorder text.
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;

/** Whether a text holds characters that no form needs and that can hide something from a reader. */
export const hasUnprintable = (text: string): boolean => UNPRINTABLE.test(text);
