import { defineWords } from '../web/words.js';

defineWords('errors', {
  ja: {
    field: {
      consentNeeded: '本人の同意がないと書けません。同意をもらって記録するか、ここを空けておいてください。',
    },
  },
  en: {
    field: {
      consentNeeded: 'This needs the person’s consent. Please ask and record it, or leave this empty.',
    },
  },
});
