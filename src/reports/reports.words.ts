import { defineWords } from '../web/words.js';

defineWords('reports', {
  ja: {
    place: '報告',
    title: '緊急支援の報告',
    asOf: '{{day}}時点',
    figures: {
      amount: '支払った金額',
      people: '支援した人（実人数）',
      instances: '支援の回数（延べ）',
      perPerson: '一人あたり（約）',
      help:
        '同じ人が何度か支援を受けても、実人数では1人と数えます。' +
        '一人あたりは、人への支援の金額を実人数で割り、1円に満たない分を切り捨てています。',
    },
    unit: { people_other: '人', times_other: '回' },
    chart: '月ごとの支払い（区分別）',
    sentence: {
      whole:
        '{{month}}の支払いは {{amount}}{{aside}}で、期間全体では{{part}}がいちばん多く{{percent}}％を占めます。',
      alone: '{{month}}の支払いは {{amount}}{{aside}}です。',
      times: '（1年前の{{times}}倍）',
      same: '（1年前とほぼ同じ）',
      until: '（{{day}}日まで）',
    },
    table: {
      title: '月ごとの金額と人数',
      help:
        '戻ってきたお金は、戻った月から引いています。' +
        '別の月にも支援を受けた人がいるので、実人数は足しても合計になりません。',
      leftOut: '支払いのなかった月は、表に出していません。',
      month: '月',
      people: '実人数',
    },
    period: {
      change: '期間を変える',
      from: 'いつから',
      to: 'いつまで',
      fund: '財源',
      anyFund: 'すべての財源',
      show: 'この期間の報告を見る',
      reset: '全期間を見る',
    },
    empty: {
      never: '支払いはまだありません。会計担当が支払いを記録すると、ここに金額と人数が出ます。',
      here: 'この期間に支払いはありません。期間か財源を変えてください。',
    },
  },
  en: {
    place: 'Report',
    title: 'Emergency relief report',
    asOf: 'as of {{day}}',
    figures: {
      amount: 'Amount paid',
      people: 'People helped (each counted once)',
      instances: 'Times helped',
      perPerson: 'Per person (about)',
      help:
        'Somebody who was helped several times is one person. Per person is the amount of help for people ' +
        'divided by the people helped, without what is less than one yen.',
    },
    unit: { people_one: 'person', people_other: 'people', times_one: 'time', times_other: 'times' },
    chart: 'Payments by month and category',
    sentence: {
      whole:
        '{{amount}} was paid in {{month}}{{aside}}, and over the whole period the largest part, {{percent}}%, ' +
        'went to “{{part}}”.',
      alone: '{{amount}} was paid in {{month}}{{aside}}.',
      times: ' ({{times}} times the year before)',
      same: ' (about as much as the year before)',
      until: ' (up to {{date}})',
    },
    table: {
      title: 'Amounts and people by month',
      help:
        'Money that came back is taken off in the month of its return. ' +
        'Some people were helped in several months, so people do not add up to the total.',
      leftOut: ' Months without payments are left out of this table.',
      month: 'Month',
      people: 'People',
    },
    period: {
      change: 'Change the period',
      from: 'From',
      to: 'Until',
      fund: 'Fund',
      anyFund: 'All funds',
      show: 'Show this period',
      reset: 'Show everything',
    },
    empty: {
      never: 'Nothing was paid yet. When a treasurer records a payment, its amount and people appear here.',
      here: 'Nothing was paid in this period. Please choose another period or fund.',
    },
  },
});

defineWords('errors', {
  ja: {
    field: {
      crossing: '都道府県と在留のグループは、ひとつの表で組み合わせられません。どちらか一方にしてください。',
    },
  },
  en: {
    field: {
      crossing: 'Prefecture and residence group are never combined in one table. Please choose one of them.',
    },
  },
});
