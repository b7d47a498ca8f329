import { defineWords } from '../web/words.js';
import { en } from './breach.words.en.js';
import { ja } from './breach.words.ja.js';

defineWords('breach', { ja, en });

defineWords('errors', {
  ja: {
    breach: {
      closed: 'この件は終わっています。もう変えられません。',
      meanwhile:
        'あなたが書いているあいだに、ほかの人が保存しました。その内容は、この件のページの「保存した版」で読めます。もう一度送ると、あなたが書いたものが新しい版になります。どちらも残ります。',
      reported: 'この報告は、もう提出したと記録されています。提出した日を空にすると、続きを保存できます。',
      first_missing: '確報を提出する前に、速報の提出を記録してください。',
      unreported: '速報と確報の両方を提出してから、終わりにできます。',
    },
    field: {
      filterNeeded: 'だれの、どの鍵の、いつの、またはどの団体の閲覧か、どれかひとつを選んでください。',
      beforeAware: '知った日か、それよりあとの日にしてください。',
      beforeFirst: '速報を提出した日か、それよりあとの日にしてください。',
      afterReport: '速報を提出した日か、それより前の日にしてください。',
      consentNotStanding:
        'ほかの人に知らせることへの本人の同意で、その日に有効なものがありません。同意を記録するか、ほかの根拠を選んでください。',
    },
  },
  en: {
    breach: {
      closed: 'This breach is closed and can no longer be changed.',
      meanwhile:
        'Somebody else saved while you were writing. Their text is on the page of the breach, under “Saved versions”. Sending again makes yours the newest version; both are kept.',
      reported: 'This report is recorded as handed in already. Leave the day empty to save more.',
      first_missing: 'Please record that the first report was handed in before the final one.',
      unreported: 'A breach can be closed once both reports were handed in.',
    },
    field: {
      filterNeeded: 'Please choose at least one: an account, a key, a time span or a member.',
      beforeAware: 'Please use the day on which you became aware, or a later one.',
      beforeFirst: 'Please use the day of the first report, or a later one.',
      afterReport: 'Please use the day of the first report, or an earlier one.',
      consentNotStanding:
        'No consent of this person to tell others stands on that day. Please record one, or choose another basis.',
    },
  },
});
