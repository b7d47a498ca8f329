import { defineWords } from '../web/words.js';

defineWords('organisations', {
  ja: {
    place: '団体',
    title: '団体',
    lead: 'ネットワークの団体と個人の会員です。コードの順に並んでいます。',
    caption: '団体の一覧',
    name: '名前',
    code: 'コード',
    prefecture: '都道府県',
    languages: '話せることば',
    empty: 'まだ団体がありません。',
    emptyHelp: '管理担当が「取り込み」で一覧を入れると、ここに並びます。',
    and: '、',
  },
  en: {
    place: 'Members',
    title: 'Members',
    lead: 'The groups and individual members of the network, by their code.',
    caption: 'List of members',
    name: 'Name',
    code: 'Code',
    prefecture: 'Prefecture',
    languages: 'Languages',
    empty: 'There are no members yet.',
    emptyHelp: 'They appear here when an administrator brings in a list under “Imports”.',
    and: ', ',
  },
});

defineWords('errors', {
  ja: {
    organisation: { code_taken: 'コード {{taken}} は、ほかの団体が使っています。別のコードにしてください。' },
  },
  en: {
    organisation: { code_taken: 'Another member has the code {{taken}}. Please choose another one.' },
  },
});
