import { defineWords } from '../web/words.js';
import { en } from './privacy.words.en.js';
import { ja } from './privacy.words.ja.js';

defineWords('privacy', { ja, en });

defineWords('errors', {
  ja: {
    record: { forgotten: '個人についての内容はもう消してあるので、書き足したり変えたりはできません。' },
    forgetting: {
      legal_hold: '法的な理由で保存しているあいだは、消せません。延期するか、断ってください。',
      open_money: 'お金の手続きが終わっていない申請があるので、まだ消せません。延期してください。',
      vouchers: '証ひょうを分けて保存する準備が終わっていません。明日、もう一度ためしてください。',
    },
    deletion: {
      asked_already: 'この人の消去の求めは、もう受けつけています。答えをお待ちください。',
      decided: 'ほかの人が先に答えました。もう一度見てください。',
    },
    hold: { lifted: 'この保存は、ほかの人がもう解きました。' },
    retention: { changed: 'ほかの人が同時に変えました。いまの期間を見てから、もう一度変えてください。' },
    field: { codeUnknown: 'この番号の相談者、ケース、団体はありません。番号を確かめてください。' },
  },
  en: {
    record: {
      forgotten: 'What was written about the person was forgotten, so nothing can be added or changed.',
    },
    forgetting: {
      legal_hold: 'This cannot be deleted while a legal hold stands. Please put it off, or decline.',
      open_money: 'This cannot be deleted while money for a request is still open. Please put it off.',
      vouchers: 'Its vouchers are not kept apart yet. Please try again tomorrow.',
    },
    deletion: {
      asked_already: 'This wish was written down already. Please wait for the answer.',
      decided: 'Somebody else has just answered. Please look again.',
    },
    hold: { lifted: 'Somebody else has lifted this hold already.' },
    retention: {
      changed: 'Somebody else has just changed the times. Please look at them, then change them again.',
    },
    field: { codeUnknown: 'No person, case or group has this code. Please check it.' },
  },
});
