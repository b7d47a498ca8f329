import { defineWords } from '../web/words.js';

defineWords('ledger', {
  ja: {
    kinds: {
      contribute: '受け取り',
      allocate: '予算に入れる',
      give_back: '予算から戻す',
      move: '予算の間で移す',
      commit: '約束',
      pay: '支払い',
      release: '約束の取り消し',
      bounce: '振込の戻り',
      refund: '返金',
      reverse: '記録の訂正',
    },
    accounts: {
      outside: '外から',
      unallocated: '未配分',
      available: '残り',
      committed: '約束済',
      spent: '支払済',
    },
  },
  en: {
    kinds: {
      contribute: 'Received',
      allocate: 'Put into the budget',
      give_back: 'Taken out of the budget',
      move: 'Moved within the budget',
      commit: 'Promised',
      pay: 'Paid',
      release: 'Promise taken back',
      bounce: 'Transfer came back',
      refund: 'Refund',
      reverse: 'Correction',
    },
    accounts: {
      outside: 'from outside',
      unallocated: 'not allocated',
      available: 'left',
      committed: 'promised',
      spent: 'paid',
    },
  },
});

defineWords('errors', {
  ja: {
    budget: {
      exceeded:
        'お金が足りません。残りは ¥{{left, number}} で、¥{{asked, number}} には届きません。金額を減らすか、ほかの財源を選んでください。',
    },
    balance: {
      exceeded: 'お金が足りません。動かせるのは ¥{{left, number}} までです。金額を確かめてください。',
    },
    undo: {
      exceeded: '戻せるのは ¥{{left, number}} までです。ほかの人が先に戻していないか、確かめてください。',
    },
    amount: { invalid: '金額は、1円以上の小数のない数にしてください。' },
    account: { unknown: 'この予算は見つかりません。もう一度選んでください。' },
    transfer: { unknown: '戻そうとしているお金の動きが見つかりません。記録を確かめてください。' },
  },
  en: {
    budget: {
      exceeded:
        'There is not enough money: ¥{{left, number}} is left, which does not cover ¥{{asked, number}}. Use a smaller amount or choose another fund.',
    },
    balance: {
      exceeded: 'There is not enough money: at most ¥{{left, number}} can be moved. Please check the amount.',
    },
    undo: {
      exceeded:
        'At most ¥{{left, number}} can be taken back. Please check whether someone has taken it back already.',
    },
    amount: { invalid: 'Please use a whole amount of at least ¥1.' },
    account: { unknown: 'We could not find this budget. Please choose again.' },
    transfer: { unknown: 'We could not find the movement to take back. Please check the records.' },
  },
});
