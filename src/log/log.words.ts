import { defineWords } from '../web/words.js';
import { en } from './log.words.en.js';
import { ja } from './log.words.ja.js';

/** Every action that has words, as the log spells it. */
export const ACTIONS: string[] = Object.entries(ja.did).flatMap(([subject, verbs]) =>
  Object.keys(verbs).map((verb) => `${subject}.${verb}`),
);

/** Every kind of thing that the log speaks of. */
export const SUBJECTS = Object.keys(ja.subjects);

defineWords('log', { ja, en });
