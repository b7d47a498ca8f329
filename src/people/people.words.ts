import { defineWords } from '../web/words.js';
import { en } from './people.words.en.js';
import { ja } from './people.words.ja.js';
import { statusWords } from './status.words.js';

defineWords('people', {
  ja: { ...ja, ...statusWords.ja },
  en: { ...en, ...statusWords.en },
});

defineWords('errors', {
  ja: {
    identity: {
      linked: 'この人たちは、同じ人としてつながれています。先につながりを外してください。',
      declared_distinct:
        'つなぐと、別の人と記録された人どうし（{{one}} と {{other}}）が同じ人になります。先に確かめてください。',
    },
    person: {
      changed_meanwhile:
        'あなたが書いているあいだに、ほかの人がこの人の内容を変えました。今の内容は別の窓で見られます。このまま送ると、あなたが書いたものになります。',
      forgotten: 'この人の内容は、もう消されています。開けるものはありません。',
    },
    field: {
      consentNeeded: '本人の同意がないと書けません。同意をもらって記録するか、ここを空けておいてください。',
      personUnknown: '見つからない人が入っています。一覧から選び直してください。',
    },
  },
  en: {
    identity: {
      linked: 'These people are linked as one. Please unlink them first.',
      declared_distinct:
        'This would make one of two people who are recorded as different ({{one}} and {{other}}). Please check first.',
    },
    person: {
      changed_meanwhile:
        'While you were writing, somebody else changed what is kept about this person. You can see it in another window. If you send this again, it will be as you wrote it.',
      forgotten: 'What was kept about this person has been erased. There is nothing to open.',
    },
    field: {
      consentNeeded: 'This needs the person’s consent. Please ask and record it, or leave this empty.',
      personUnknown: 'We could not find one of these people. Please choose from your list again.',
    },
  },
});
