import { defineWords } from '../web/words.js';
import { statusWords } from './status.words.js';

defineWords('people', statusWords);

defineWords('errors', {
  ja: {
    identity: {
      linked: 'この人たちは、同じ人としてつながれています。先につながりを外してください。',
      declared_distinct:
        'つなぐと、別の人と記録された人どうし（{{one}} と {{other}}）が同じ人になります。先に確かめてください。',
    },
    field: {
      consentNeeded: '本人の同意がないと書けません。同意をもらって記録するか、ここを空けておいてください。',
    },
  },
  en: {
    identity: {
      linked: 'These people are linked as one. Please unlink them first.',
      declared_distinct:
        'This would make one of two people who are recorded as different ({{one}} and {{other}}). Please check first.',
    },
    field: {
      consentNeeded: 'This needs the person’s consent. Please ask and record it, or leave this empty.',
    },
  },
});
