import i18next from 'i18next';
import { commonWords } from './common.words.js';

export type Language = 'ja' | 'en';
export const SUPPORTED: readonly Language[] = ['ja', 'en'];

export interface WordTree {
  [key: string]: string | WordTree;
}

/**
 * The English of a tree of Japanese words: the same keys, and for a counted sentence (`…_other`) also its
 * singular (`…_one`), which Japanese does not have. A missing key is an error when compiling.
 */
export type DeepSame<W> = {
  [K in keyof W]: W[K] extends string ? string : DeepSame<W[K]>;
} & { [K in keyof W as K extends `${infer Counted}_other` ? `${Counted}_one` : never]: string };

/** Says a key in the reader's language. `facts` fill `{{x}}`; `{{x, number}}` groups digits; `count` counts. */
export type T = (key: string, facts?: Record<string, unknown>) => string;

// A forgotten word must stop a test, but never a page that someone in need waits for.
const strict = process.env.NODE_ENV === 'test';

const i18n = i18next.createInstance();
void i18n.init({
  initAsync: false,
  showSupportNotice: false,
  supportedLngs: [...SUPPORTED],
  fallbackLng: false,
  ns: [],
  resources: {},
});

const FACT = /\{\{(\w+)(, number)?\}\}/g;
const digits = new Intl.NumberFormat('en-US');

/**
 * Puts the facts into a sentence, in one go: i18next would also fill in what looks like a place for a fact inside
 * another fact, which a person may have typed. Nothing is escaped here, as preact does that.
 */
function fill(sentence: string, facts: Record<string, unknown>): string {
  return sentence.replace(FACT, (_, name: string, grouped: string | undefined) => {
    const fact = facts[name];
    if (strict && fact === undefined) throw new Error(`The words “${sentence}” lack the fact ${name}`);
    return grouped && typeof fact === 'number' ? digits.format(fact) : String(fact ?? '');
  });
}

/** Registers a room's words under its name; every room does so once, when its `*.words.ts` is imported. */
export function defineWords<W extends WordTree>(
  room: string,
  words: { ja: W; en: DeepSame<NoInfer<W>> },
): void {
  for (const language of SUPPORTED) i18n.addResourceBundle(language, room, words[language], true, true);
}

/**
 * Gives the `t` of a language. Keys are `room:path.to.key`. A key that nobody defined throws in tests and is
 * shown as it is elsewhere. Facts are never read as templates, whatever a person typed into them.
 */
export function translator(language: Language): T {
  return (key, facts = {}) => {
    const count = typeof facts.count === 'number' ? { count: facts.count } : {};
    const options = { lng: language, skipInterpolation: true, returnObjects: true, ...count };
    const sentence: unknown = i18n.exists(key, options) ? i18n.t(key, options) : null;
    if (typeof sentence === 'string') return fill(sentence, facts);
    if (strict) throw new Error(`No words for “${key}” in ${language}`);
    return key;
  };
}

/** Whether a key has words in a language. */
export const hasWords = (key: string, language: Language): boolean => i18n.exists(key, { lng: language });

/** The supported language that an `Accept-Language` header prefers; Japanese when it says nothing useful. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wishes = (acceptLanguage ?? '').split(',').map((wish) => {
    const [tag = '', ...parameters] = wish
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    return { language: tag.split('-')[0], q: q ? Number(q.slice(2)) : 1 };
  });
  const best = wishes
    .filter(({ language, q }) => q > 0 && SUPPORTED.some((supported) => supported === language))
    .sort((one, other) => other.q - one.q)[0];
  return best?.language === 'en' ? 'en' : 'ja';
}

defineWords('common', commonWords);
