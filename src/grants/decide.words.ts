import { defineWords } from '../web/words.js';

// What stands around a decision: its money, what the policy asks, what to weigh.
defineWords('decide', {
  ja: {
    split: {
      open: '別の財源と分ける',
      help: '一部を別の財源から払うときに、その額を書きます。残りは、上で選んだ財源から払います。',
      budget: '別の財源{{number}}',
      amount: '別の財源{{number}}から払う額',
      rest: '残りの {{amount}} は「{{fund}}」から払います。',
      label: '分けて払う額',
    },
    doesNotFit:
      '{{what}}は {{amount}} 足りません。このままでは承認できません。額を減らすか、別の財源と分けてください。',
    step: {
      review: '一次確認をお願いします。内容が足りるか、書類が合っているかを見てください。',
      await: '一次確認は終わりました。承認担当の決定を待っています。聞きたいことがあれば、質問して戻せます。',
    },
    policy: {
      needs_other: '承認は{{count}}名必要です。',
      needsBoard: '{{who}}の承認が必要です。',
      relief: {
        sum_other: 'この世帯への支援は、今回を入れて{{count}}日間で {{total}} です。',
        above_other:
          'この世帯への支援が、今回を入れて{{count}}日間で {{total}} になり、{{limit}} を超えるためです。',
      },
      activity: {
        sum_other: 'この申請の承認額は {{total}} です。',
        above_other: 'この申請の承認額が {{total}} になり、{{limit}} を超えるためです。',
      },
      urgent_other:
        '今夜の申請で、{{limit}} を超えないためです。支払いは待ちません。もう1人の承認担当が、{{count}}日以内に確かめます。',
      notUrgent: '今夜の申請ですが、{{limit}} を超えるので、ふだんと同じように決めます。',
      given: '{{by}}さんが {{amount}} を承認しました。',
      givenByYou: 'あなたが {{amount}} を承認しました。',
      withReason: '・上限を超える理由つき',
      place: 'あなたは{{number}}人目です。',
      changed:
        'これまでの承認とちがう内容です。このまま承認すると、これまでの承認は無効になり、承認をはじめからやり直します。',
      awards_other: 'この世帯の{{days}}日間の支援（{{count, number}}件）',
      day: '承認した日',
    },
    outcome: {
      commits: '承認すると決まり、お金が取り置かれます。',
      urgent_other:
        '承認すると決まり、お金が取り置かれます。もう1人の承認担当が、{{count}}日以内に確かめます。',
      waits: '承認したあと、{{who}}の承認を待ちます。お金は、みんなの承認がそろうまで取り置かれません。',
      stillMissing: 'あと{{who}}の承認を待っています。',
      orChange:
        '額や財源を変えると、新しい内容として承認できます。そのときは、これまでの承認が無効になります。',
    },
    repeats: {
      title: '似た支援があります。',
      card: '似た支援',
      compare: '見比べる',
      category: '同じ人の、同じ区分の申請があります。',
      rent: '同じ人の、同じ月の住居の申請があります。',
      receipt: '同じ書類が、ほかの申請にも付いています。',
    },
    caps: {
      within_other: '上限の中におさまっています（{{count}}件）',
      exceeded: '上限を超えます。',
      excused: '先に承認した人が理由を書いています。「経過」で読めます。',
      reason: '上限を超えて承認する理由',
      reasonHelp: 'この理由は経過に残ります。団体には見えません。',
      per: { person: '1人', household: '1世帯' },
      all: '全部の区分',
      ofPolicy: '{{who}}・{{what}}（{{since}}から）',
      ofFund: '「{{fund}}」の{{who}}（{{since}}から）',
      line: '{{cap}}：{{before}} → {{after}}（上限 {{limit}}）',
    },
    confirm: {
      list_other: 'あとから確かめるもの（{{count, number}}件）',
      title: 'あとからの確認',
      late: '期限が過ぎています',
      asked:
        '今夜の申請だったので、{{by}}さんが1人で {{amount}} を承認しました。これでよいか、{{day}}までに確かめてください。異議があっても、支払いは取り消されません。',
      own: 'あなたが1人で {{amount}} を承認しました。{{day}}までに、もう1人の承認担当が確かめます。',
      others: '{{by}}さんが1人で {{amount}} を承認しました。{{day}}までに、もう1人の承認担当が確かめます。',
      words: 'ひとこと（団体には見えません）',
      button: 'これでよいと確かめた',
      objected: '異議があります',
      object: '異議がある',
      by: '{{by}}さんが1人で承認しました',
      byYou: 'あなたが1人で承認しました',
      due: '{{day}}まで',
      wasDue: '{{day}}の期限が過ぎています',
    },
  },
  en: {
    split: {
      open: 'Share it with another fund',
      help: 'Write what another fund pays. The fund chosen above pays the rest.',
      budget: 'Other fund {{number}}',
      amount: 'Amount from other fund {{number}}',
      rest: 'The rest of {{amount}} is paid from “{{fund}}”.',
      label: 'Share of another fund',
    },
    doesNotFit:
      '{{what}} is {{amount}} short, so this cannot be approved. Use a smaller amount or share it with another fund.',
    step: {
      review: 'Please make the first check: is everything there, and do the papers fit?',
      await:
        'The first check is done, and an approver will decide. If you have a question, you can return it.',
    },
    policy: {
      needs_one: 'One approval is needed.',
      needs_other: '{{count}} approvals are needed.',
      needsBoard: '{{who}} have to approve it.',
      relief: {
        sum_one: 'With this decision, the household gets {{total}} within a day.',
        sum_other: 'With this decision, the household gets {{total}} within {{count}} days.',
        above_one:
          'With this decision, the household gets {{total}} within a day, which is more than {{limit}}.',
        above_other:
          'With this decision, the household gets {{total}} within {{count}} days, which is more than {{limit}}.',
      },
      activity: {
        sum_one: 'This request gets {{total}}.',
        sum_other: 'This request gets {{total}}.',
        above_one: 'This request gets {{total}}, which is more than {{limit}}.',
        above_other: 'This request gets {{total}}, which is more than {{limit}}.',
      },
      urgent_one:
        'It is needed tonight and is no more than {{limit}}. Payment does not wait; a second approver looks at it within a day.',
      urgent_other:
        'It is needed tonight and is no more than {{limit}}. Payment does not wait; a second approver looks at it within {{count}} days.',
      notUrgent: ' It is needed tonight but is more than {{limit}}, so it is decided as usual.',
      given: '{{by}} approved {{amount}}.',
      givenByYou: 'You approved {{amount}}.',
      withReason: ' · with a reason to go beyond a limit',
      place: 'You are number {{number}}.',
      changed:
        'This differs from what was approved so far. If you approve it, the earlier approvals no longer count, and the others have to approve again.',
      awards_one: 'What this household got within {{days}} days (1)',
      awards_other: 'What this household got within {{days}} days ({{count, number}})',
      day: 'Approved on',
    },
    outcome: {
      commits: 'Your approval decides, and the money is set aside.',
      urgent_one:
        'Your approval decides, and the money is set aside. A second approver looks at it within a day.',
      urgent_other:
        'Your approval decides, and the money is set aside. A second approver looks at it within {{count}} days.',
      waits:
        'After your approval it still needs {{who}}. The money is set aside when everybody needed has approved.',
      stillMissing: 'It still needs {{who}}.',
      orChange:
        'If you change an amount or a fund, you can approve that instead; the earlier approvals then no longer count.',
    },
    repeats: {
      title: 'Something looks alike.',
      card: 'What looks alike',
      compare: 'Compare',
      category: 'The same person asked for the same category. ',
      rent: 'The same person asked for housing in the same month. ',
      receipt: 'The same paper is attached to another request. ',
    },
    caps: {
      within_one: 'One limit is kept',
      within_other: '{{count}} limits are kept',
      exceeded: 'This goes beyond a limit.',
      excused: 'Somebody who approved before gave a reason. You can read it under “What happened”.',
      reason: 'Why it is approved beyond the limit',
      reasonHelp: 'This stays in the history. The group does not see it.',
      per: { person: 'One person', household: 'One household' },
      all: 'all categories',
      ofPolicy: '{{who}}, {{what}} (since {{since}})',
      ofFund: '{{who}}, from “{{fund}}” (since {{since}})',
      line: '{{cap}}: {{before}} → {{after}} (limit {{limit}})',
    },
    confirm: {
      list_one: 'To be confirmed afterwards (1)',
      list_other: 'To be confirmed afterwards ({{count, number}})',
      title: 'Confirming it afterwards',
      late: 'Overdue',
      asked:
        'It could not wait, so {{by}} alone approved {{amount}}. Please see by {{day}} whether that was right. An objection takes no payment back.',
      own: 'You alone approved {{amount}}. A second approver looks at it by {{day}}.',
      others: '{{by}} alone approved {{amount}}. A second approver looks at it by {{day}}.',
      words: 'A few words (the group does not see this)',
      objected: 'Objected to',
      button: 'Confirm that it was right',
      object: 'Object',
      by: '{{by}} approved it alone',
      byYou: 'You approved it alone',
      due: 'by {{day}}',
      wasDue: 'was due {{day}}',
    },
  },
});
