import { defineWords } from '../web/words.js';

defineWords('errors', {
  ja: { field: { personUnknown: '見つからない人が入っています。一覧から選び直してください。' } },
  en: {
    field: { personUnknown: 'We could not find one of these people. Please choose from your list again.' },
  },
});
