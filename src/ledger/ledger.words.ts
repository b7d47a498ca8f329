import { defineWords } from '../web/words.js';

defineWords('ledger', {
  ja: {
    alarm: '帳簿に合わないところがあります。お金を動かす前に、内容を確かめてください。',
    checks: {
      title: '帳簿の確かめ',
      lead: '毎晩、すべてのお金の動きを計算しなおし、残高・申請・支払いと比べています。',
      none: 'まだ一度も確かめていません。今夜3時に始まります。',
      clean: '合っています',
      cleanSentence: '帳簿は合っています。{{count, number}} 件のお金の動きを確かめました。',
      count: '合わないところ {{count, number}}',
      differences: '合わないところ',
      whatToDo:
        'ここにあるものを動かすのを止めて、システムの管理者に知らせてください。直したあと、管理者が「ledger verify」でもう一度確かめると、この知らせは消えます。',
      past: 'これまでの確かめ',
      when: 'いつ',
      transfers: 'お金の動き',
      outcome: '結果',
      what: '何が合わないか',
      where: 'どこ',
      expected: 'あるべき値',
      found: '実際の値',
      codes: {
        balance: { transfers: '残高が、お金の動きの合計と違います', sum: '借方と貸方の合計が合いません' },
        statement: {
          last: '最後の動きのあとの残高が、いまの残高と違います',
          trail: '動きの前と後の残高が、途中でつながっていません',
        },
        fund: { received: '受け取ったお金の記録が、財源に入ったお金と違います' },
        moves: { asked: '予算や財源の間で動いたお金が、動かすことにした記録と違います' },
        transfer: {
          accounts: '種類に合わない口座の間でお金が動いています',
          alone: '承認や支払いのない、お金の動きがあります',
          reversal: '訂正が、元の動きを打ち消していません',
        },
        undo: { exceeded: '元の動きより多く戻しています' },
        payment: {
          transfer: '支払いが、お金の動きと合いません',
          bounced: '支払いの状態が、戻ったお金と合いません',
          returns: '戻ったお金の記録が、お金の動きと合いません',
        },
        award: {
          transfer: '承認が、約束したお金の動きと合いません',
          line: '承認した予算と、支払った予算が違います',
          status: '承認の状態が、支払いや取り消しと合いません',
        },
        request_line: { approved: '申請の承認額が、承認の合計と違います' },
        line: {
          committed: '予算の「約束済」が、支払いを待つ承認の合計と違います',
          spent: '予算の「支払済」が、支払いの合計と違います',
        },
        contribution: {
          transfer: '受け取りの記録が、お金の動きと合いません',
          reversed: '受け取りの記録の状態が、訂正と合いません',
        },
        move: { transfer: '予算の移動の記録が、お金の動きと合いません' },
        proof: { failed: '合計は合いませんが、どの行かは分かりません' },
      },
    },
    kinds: {
      contribute: '受け取り',
      accept: '未配分に入れる',
      allocate: '予算に入れる',
      give_back: '予算から戻す',
      move: '予算の間で移す',
      carry_over: 'ほかの財源への繰り越し',
      commit: '約束',
      pay: '支払い',
      release: '約束の取り消し',
      bounce: '振込の戻り',
      refund: '返金',
      reverse: '記録の訂正',
    },
    accounts: {
      outside: '外から',
      contributed: '受け取ったお金',
      unallocated: '未配分',
      available: '残り',
      committed: '約束済',
      spent: '支払済',
    },
  },
  en: {
    alarm: 'The books do not agree. Please look at what is wrong before you move money.',
    checks: {
      title: 'Checks of the books',
      lead: 'Every night all movements of money are added up again and compared with balances, requests and payments.',
      none: 'The books have not been checked yet. The first check starts tonight at three.',
      clean: 'They agree',
      cleanSentence: 'The books agree. {{count, number}} movements of money were checked.',
      count: 'Differences: {{count, number}}',
      differences: 'What does not agree',
      whatToDo:
        'Please leave these as they are and tell the administrator of the system. This notice goes away when, after the repair, a check (`ledger verify`) finds nothing.',
      past: 'Past checks',
      when: 'When',
      transfers: 'Movements',
      outcome: 'Outcome',
      what: 'What does not agree',
      where: 'Where',
      expected: 'Should be',
      found: 'Is',
      codes: {
        balance: {
          transfers: 'A balance differs from the sum of its movements',
          sum: 'Debits and credits do not add up to zero',
        },
        statement: {
          last: 'The balance after the last movement differs from the present one',
          trail: 'The balances before and after the movements do not follow each other',
        },
        fund: { received: 'The contributions differ from what came into the fund' },
        moves: { asked: 'Money moved between budgets or funds differs from what was asked for' },
        transfer: {
          accounts: 'Money moved between accounts that its kind does not allow',
          alone: 'A movement belongs to no award and no payment',
          reversal: 'A correction does not cancel what it corrects',
        },
        undo: { exceeded: 'More was taken back than there was' },
        payment: {
          transfer: 'A payment differs from its movement',
          bounced: 'The state of a payment differs from what came back',
          returns: 'What is recorded as returned differs from the movements',
        },
        award: {
          transfer: 'An award differs from the movement that promised it',
          line: 'An award was paid from another budget than promised',
          status: 'The state of an award differs from what was paid or released',
        },
        request_line: { approved: 'The approved amount differs from the sum of the awards' },
        line: {
          committed: 'What a budget has promised differs from the awards that wait for payment',
          spent: 'What a budget has paid differs from the payments',
        },
        contribution: {
          transfer: 'A contribution differs from its movement',
          reversed: 'The state of a contribution differs from its correction',
        },
        move: { transfer: 'A move between budgets differs from its movement' },
        proof: { failed: 'The sums differ, and no row shows why' },
      },
    },
    kinds: {
      contribute: 'Received',
      accept: 'Ready to be allocated',
      allocate: 'Put into the budget',
      give_back: 'Taken out of the budget',
      move: 'Moved within the budget',
      carry_over: 'Carried over to another fund',
      commit: 'Promised',
      pay: 'Paid',
      release: 'Promise taken back',
      bounce: 'Transfer came back',
      refund: 'Refund',
      reverse: 'Correction',
    },
    accounts: {
      outside: 'from outside',
      contributed: 'received',
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
