import { defineWords } from '../web/words.js';
import { en } from './sheet.words.en.js';
import { ja } from './sheet.words.ja.js';

defineWords('sheet', { ja, en });
