import { hasWords, translator, type Language } from '../web/words.js';
import type { RowError } from './table-reader.js';

/** What is wrong with a row, in words: those of imports, else those of any field. It repeats no cell's content. */
export function sentenceOfRow({ code, facts = {} }: RowError, language: Language): string {
  const t = translator(language);
  const own = `imports:row.${code}`;
  const { category } = facts;
  const told = category ? { ...facts, category: t(`common:categories.${String(category)}`) } : facts;
  return t(hasWords(own, language) ? own : `common:invalid.${code}`, told);
}
