import type { View } from '../web/view.js';
import { SUPPORTED, translator, type Language } from '../web/words.js';

/** The view in the language that a printed page is asked for in; any other stays the reader's own. */
export function inLanguage(view: View, asked: unknown): View {
  const language = SUPPORTED.find((known) => known === asked);
  return language ? { ...view, language, t: translator(language) } : view;
}

/** The other language of a printed page. */
export const otherLanguage = ({ language }: View): Language => (language === 'ja' ? 'en' : 'ja');
