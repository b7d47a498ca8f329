import { defineWords } from '../web/words.js';

defineWords('notices', {
  ja: {
    night: {
      subject: '支え {{night}} 記録と帳簿に異状はありません',
      alarm: '【至急】支え {{night}} 記録か帳簿を確かめてください',
      lead: '{{night}} の夜の確認です。',
      logWhole: '記録: 封をした {{events, number}} 行に、変わったところはありません。',
      logDifferent:
        '記録: 封をしたときと違うところが {{differences, number}} か所あります。すぐに「記録」を開いてください。',
      booksWhole: '帳簿: 合っています。',
      booksDifferent: '帳簿: 合わないところがあるか、まだ確かめていません。「帳簿の確認」を開いてください。',
      head: '封のしるし: {{number}} 番 {{digest}}',
      noHead: '封のしるし: まだありません。',
      keep: 'このメールは消さずに取っておいてください。あとで記録の終わりが切り取られても、このしるしで分かります。',
    },
  },
  en: {
    night: {
      subject: 'Sasae {{night}}: log and books are whole',
      alarm: 'URGENT Sasae {{night}}: please look into the log or the books',
      lead: 'What was verified in the night of {{night}}.',
      logWhole: 'Log: all {{events, number}} sealed lines are as they were sealed.',
      logDifferent:
        'Log: {{differences, number}} differences from what was sealed. Please open the log at once.',
      booksWhole: 'Books: they agree.',
      booksDifferent:
        'Books: something does not agree, or was not verified yet. Please open the verification of the books.',
      head: 'Mark of the last seal: number {{number}}, {{digest}}',
      noHead: 'Mark of the last seal: there is none yet.',
      keep: 'Please keep this mail: its mark proves later whether the end of the log was cut off.',
    },
  },
});
