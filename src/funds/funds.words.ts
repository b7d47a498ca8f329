import { defineWords } from '../web/words.js';
import { fundsEn } from './funds.words.en.js';
import { fundsJa } from './funds.words.ja.js';

defineWords('funds', { ja: fundsJa, en: fundsEn });

defineWords('errors', {
  ja: {
    facts: {
      state: {
        waiting: '2人目の返事待ち',
        done: '移し替え済み',
        refused: '見送り',
        promised: '約束',
        received: '受け取り済み',
        corrected: '訂正済み',
      },
      verb: { agree: '同意する', refuse: '見送る', receive: '受け取りを記録する', correct: '訂正する' },
    },
    fund: {
      code_taken: 'この記号は、ほかの財源が使っています。別の記号にしてください。',
      closed:
        'この財源は閉じてあるので、もうお金を動かせません。ほかの財源を選んでください。支払ったお金が戻ってきたときは、返金として記録してください。',
      awaits:
        '届く予定のお金か、同意を待っている動きが残っています。先に、受け取るか取り消すかを決めてください。',
      not_empty:
        'まだお金があるので、閉じられません（残り ¥{{left, number}}、約束済 ¥{{committed, number}}）。約束した支払いを終え、残りをほかの財源へ繰り越してから、閉じてください。',
    },
    promise: {
      exceeded:
        '約束のうち、まだ届いていないのは ¥{{left, number}} です。¥{{asked, number}} は記録できません。約束より多く届いたときは、先に約束の額を訂正してください。',
    },
    move: {
      own: 'あなたが頼んだ移し替えなので、決めるのは別の人です。ほかの会計担当か理事にお願いしてください。',
      not_own:
        'ほかの人が頼んだ移し替えなので、取り下げられません。見送りにするか、頼んだ人に伝えてください。',
      needs_second:
        'この額を戻すには、もう1人の同意が要ります。「使いみちの間で移す」から、理由を書いて頼んでください。',
    },
    field: {
      fundCodeTaken: 'この記号は、ほかの財源が使っています。別の記号にしてください。',
      zeroAmount: '0円のままでは動かせません。金額を書いてください。',
      reliefOnly: '区分は「人への支援」のときだけ選べます。空けておいてください。',
      oneDayOnly: '受け取った日と届く予定の日は、どちらか1つだけ書いてください。',
      onlyForReceived: 'まだ届いていない約束なので、受け取った日は書けません。空けておいてください。',
      onlyForPromise: 'もう受け取ったお金なので、届く予定の日は書けません。空けておいてください。',
      notLater: '今の終わりの日より、あとの日にしてください。終わりの日がない財源は、延ばせません。',
      notInThisMove: 'この移し替えでは使わない項目です。空けておいてください。',
      sameLine: '移す先には、別の使いみちを選んでください。',
      sameFund: '繰り越す先には、別の財源を選んでください。',
      otherFund: '別の財源へは直接移せません。いったん未配分に戻してから、繰り越してください。',
      budgetLineUnknown: 'この使いみちは見つかりません。もう一度選んでください。',
      fundClosed: 'この財源は閉じてあります。ほかの財源を選んでください。',
      categoryUnfit: 'この財源は、この区分には使えない決まりです。ほかを選んでください。',
      prefectureUnfit: 'この財源は、この人の住む都道府県には使えない決まりです。ほかの財源を選んでください。',
      methodUnfit: 'この財源は、この払い方では使えない決まりです。別の払い方を選んでください。',
    },
  },
  en: {
    facts: {
      state: {
        waiting: 'waiting for a second person',
        done: 'moved',
        refused: 'refused',
        promised: 'promised',
        received: 'received',
        corrected: 'corrected',
      },
      verb: {
        agree: 'agree to it',
        refuse: 'refuse it',
        receive: 'record that it came in',
        correct: 'correct it',
      },
    },
    fund: {
      code_taken: 'Another fund has this code. Please choose a different one.',
      closed:
        'This fund is closed, so its money no longer moves. Please choose another fund. If a payment came back, please record it as a refund.',
      awaits:
        'Money is still expected, or a move still waits for a second person. Please settle these first.',
      not_empty:
        'This fund still holds money, so it cannot be closed: ¥{{left, number}} is left and ¥{{committed, number}} promised. Finish its payments and carry the rest over to another fund first.',
    },
    promise: {
      exceeded:
        'Of this promise, ¥{{left, number}} has not come yet, so ¥{{asked, number}} cannot be recorded. If more came than was promised, please correct the promise first.',
    },
    move: {
      own: 'You asked for this move, so somebody else decides on it. Please ask another treasurer or a board member.',
      not_own:
        'Somebody else asked for this move, so you cannot withdraw it. Refuse it, or tell the one who asked.',
      needs_second:
        'Giving back this much needs the agreement of a second person. Please ask for it under “Move between uses”, with a reason.',
    },
    field: {
      fundCodeTaken: 'Another fund has this code. Please choose a different one.',
      zeroAmount: 'Nothing can be moved with an amount of 0. Please write the amount.',
      reliefOnly: 'A category goes with help for people only. Please leave it empty.',
      oneDayOnly: 'Please write either the day it came in or the day it is expected, not both.',
      onlyForReceived: 'This is a promise that has not come yet. Please leave the day of receipt empty.',
      onlyForPromise: 'This money has come in already. Please leave the expected day empty.',
      notLater: 'Please use a day after the present end. A fund without an end cannot be extended.',
      notInThisMove: 'This move does not use this field. Please leave it empty.',
      sameLine: 'Please choose another use to move the money to.',
      sameFund: 'Please choose another fund to carry the money over to.',
      otherFund:
        'Money cannot move straight to a line of another fund. Please give it back first, then carry it over.',
      budgetLineUnknown: 'We could not find this use. Please choose again.',
      fundClosed: 'This fund is closed. Please choose another one.',
      categoryUnfit: 'The rules of this fund leave out this category. Please choose another one.',
      prefectureUnfit:
        'The rules of this fund leave out the prefecture where this person lives. Please choose another fund.',
      methodUnfit: 'The rules of this fund leave out this way of paying. Please choose another one.',
    },
  },
});
