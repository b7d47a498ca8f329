import { describe, expect, it } from '@jest/globals';
import { fundPage, fundsPage, type FundPageProps } from '../../src/funds/fund-pages.js';
import { contributionPage } from '../../src/funds/contribution.page.js';
import type { ContributionView } from '../../src/funds/contributions.dto.js';
import { needOfCode } from '../../src/funds/fund-parts.js';
import {
  FUND_VERBS,
  LINE_CODES,
  type FundEventView,
  type FundLineView,
  type FundView,
} from '../../src/funds/funds.dto.js';
import '../../src/funds/funds.words.js';
import { MOVE_STATUSES } from '../../src/funds/budget-move.entity.js';
import type { LineFacts } from '../../src/funds/funds.queries.js';
import type { MoveView } from '../../src/funds/moves.dto.js';
import { movesPage, type MovesPageProps } from '../../src/funds/moves.page.js';
import { newFundPage } from '../../src/funds/new-fund.page.js';
import { daysOf, statementPage } from '../../src/funds/statement.page.js';
import { TRANSFER_KINDS } from '../../src/ledger/entry.js';
import type { TransferView } from '../../src/ledger/ledger.dto.js';
import '../../src/ledger/ledger.words.js';
import type { View } from '../../src/web/view.js';
import { SUPPORTED, translator, type Language } from '../../src/web/words.js';

const viewIn = (language: Language, path = '/funds'): View => ({
  language,
  t: translator(language),
  now: new Date('2024-12-16T10:00:00+09:00'),
  today: '2024-12-16',
  path,
  user: { label: '会計担当', name: 'さとう' },
  navigation: [{ href: '/funds', label: '財源' }],
  nonce: 'n',
});

const line = (id: string, over: Partial<FundLineView>): FundLineView => ({
  id,
  purpose: 'relief',
  category: 'shelter',
  allocated: 1_500_000,
  available: 670_000,
  committed: 210_000,
  spent: 620_000,
  pending: 184_000,
  ...over,
});

const winter: FundView = {
  id: 'f1',
  code: 'winter-2024',
  name: '越冬支援 2024',
  kind: 'campaign',
  from: '2024-12-01',
  to: '2025-03-31',
  source: null,
  rules: { note: '一行目\n二行目 <b>' },
  closedAt: null,
  received: 5_048_500,
  promised: 0,
  unallocated: 48_500,
  lines: [line('l1', {}), line('l2', { purpose: 'activity', category: null, pending: 0 })],
};
const empty = { values: {}, errors: [] };
const shown: FundPageProps = {
  fund: winter,
  transfers: [],
  contributions: { items: [], nextCursor: null },
  events: [],
  waiting: 0,
  funds: [
    { id: 'f1', name: '越冬支援 2024', unallocated: 48_500 },
    { id: 'f2', name: '緊急支援基金', unallocated: 1_000 },
  ],
  form: empty,
  mayManage: true,
};
const filled = (fund: FundView) =>
  [...fundPage(viewIn('ja'), { ...shown, fund }).matchAll(/class="btn"[^>]*>([^<]+)/g)].map(
    ([, words]) => words,
  );
const actions = (fund: FundView) =>
  [...fundPage(viewIn('ja'), { ...shown, fund }).matchAll(/action="\/funds\/f1\/(\w+)"/g)].map(
    ([, to]) => to,
  );
const text = (html: string): string =>
  html
    .replace(/<span class="head".*?<\/span>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of funds', () => {
  it('shows what is left, promised, paid and asked for of each line', () => {
    const html = text(fundsPage(viewIn('ja'), { items: [winter], nextCursor: null }, false, 0));
    for (const part of [
      '越冬支援 2024',
      '受け取った額 ¥5,048,500、未配分 ¥48,500',
      '活動費',
      '残り ¥670,000',
    ]) {
      expect(html).toContain(part);
    }
    expect(html).toContain('住居 ¥1,500,000 ¥620,000 ¥210,000 ¥670,000 ¥184,000');
    expect(html).toContain('合計 ¥3,000,000 ¥1,240,000 ¥420,000 ¥1,340,000 ¥184,000');
    expect(html).toContain('まだ決めていない申請が ¥184,000 あります');
    expect(html).not.toContain('新しい財源');
  });

  it('asks nothing more of a fund whose period is over', () => {
    const ended = { ...winter, to: '2024-12-15' };
    const html = text(fundsPage(viewIn('ja'), { items: [ended], nextCursor: null }, false, 0));
    expect(html).toContain('期間が終わりました');
    expect(html).not.toContain('申請');
    const lastDay = { ...winter, to: '2024-12-16' };
    expect(fundsPage(viewIn('ja'), { items: [lastDay], nextCursor: null }, false, 0)).not.toContain(
      '期間が終わ',
    );
  });

  it('goes on to the next page, and says what to do when there is none', () => {
    const more = fundsPage(viewIn('ja'), { items: [winter], nextCursor: 'f1' }, true, 0);
    expect(more).toContain('href="/funds?cursor=f1"');
    expect(more).toContain('href="/funds/new"');
    expect(fundsPage(viewIn('ja'), { items: [], nextCursor: null }, false, 0)).toContain(
      'まだ財源がありません',
    );
  });
});

describe('the page of one fund', () => {
  it('has forms for who manages funds and movements for who reads the books', () => {
    const treasurer = fundPage(viewIn('ja'), shown);
    expect(treasurer).toContain('action="/funds/f1/contributions"');
    expect(treasurer).toContain('action="/funds/f1/allocations"');
    expect(treasurer).toContain('お金の動き');
    const reviewer = fundPage(viewIn('ja'), { ...shown, mayManage: false, transfers: undefined });
    expect(reviewer).not.toContain('/contributions"');
    expect(reviewer).not.toContain('お金の動き');
    expect(reviewer).toContain('二行目 &lt;b>');
  });

  it('has one filled button: dividing while money waits, else recording more', () => {
    expect(filled(winter)).toEqual(['この額を動かす']);
    expect(filled({ ...winter, unallocated: 0 })).toEqual(['受け取りを記録する']);
  });

  it('keeps what was typed in the form that was sent, and links each error to its field', () => {
    const html = fundPage(viewIn('ja'), {
      ...shown,
      form: {
        values: { 'allocation.line': 'fee', 'allocation.direction': 'back', 'allocation.amount': '９万' },
        errors: [{ path: 'allocation.amount', code: 'yen', message: '金額を書いてください。' }],
      },
    });
    expect(html).toContain('value="９万"');
    expect(html).toMatch(/<option[^>]*value="fee"[^>]*selected|<option[^>]*selected[^>]*value="fee"/);
    expect(html).toMatch(/value="back"[^>]*checked|checked[^>]*value="back"/);
    expect(html).toContain('<a href="#allocation-amount">動かす額：金額を書いてください。</a>');
    expect(html).toContain('id="allocation-amount"');
    expect(html).toContain('id="contribution-amount"');
  });

  it('names every kind of transfer between the accounts of its lines', () => {
    const transfers = TRANSFER_KINDS.map((kind): TransferView => ({
      id: kind,
      seq: 1,
      kind,
      from: { kind: 'unallocated', fundId: 'f1', budgetLineId: null },
      to: { kind: 'available', fundId: 'f1', budgetLineId: 'l1' },
      amount: 1_000,
      happenedOn: '2024-12-10',
      recordedAt: new Date(),
      actorId: 'a',
      subjectId: 's',
      undoesId: null,
    }));
    expect(text(fundPage(viewIn('ja'), { ...shown, transfers }))).toContain('未配分 → 住居・残り ¥1,000');
    expect(text(fundPage(viewIn('en'), { ...shown, transfers }))).toContain(
      'not allocated → Housing · left ¥1,000',
    );
  });
});

describe('the forms of funds', () => {
  it('name the seven lines that a fund can have', () => {
    expect(LINE_CODES.map(needOfCode)).toHaveLength(7);
    expect(needOfCode('relief.food')).toEqual({ purpose: 'relief', category: 'food' });
    expect(needOfCode('activity')).toEqual({ purpose: 'activity', category: null });
  });

  // A word that is missing throws in tests.
  it.each(SUPPORTED)('have all their words in %s', (language) => {
    const paths = ['code', 'name', 'kind', 'from', 'to', 'source', 'rules.note', 'rules.moveLimit.percent'];
    const errors = paths.map((path) => ({ path, code: 'required', message: 'm' }));
    const html = newFundPage(viewIn(language), { values: { code: 'Ｘ' }, errors, refusal: 'no' });
    for (const path of paths) expect(html).toContain(`id="${path.replaceAll('.', '-')}"`);
    expect(html).toContain('value="Ｘ"');
    expect(fundPage(viewIn(language), shown)).toContain('¥5,048,500');
  });

  it('offer the lines that the rules of the fund allow, and say what closing waits for', () => {
    const html = fundPage(viewIn('ja'), { ...shown, fund: { ...winter, rules: { categories: ['food'] } } });
    expect(html).toContain('value="relief.food"');
    expect(html).not.toContain('value="relief.shelter"');
    expect(text(html)).toContain('まだ閉じられません。残り ¥1,388,500、約束済 ¥420,000 があります');
    const spent = { ...winter, unallocated: 0, lines: [] };
    expect(fundPage(viewIn('ja'), { ...shown, fund: spent })).toContain('action="/funds/f1/close"');
  });

  it('of a closed fund leave only what came back to be carried over', () => {
    const closed = { ...winter, closedAt: '2025-01-01T00:00:00Z', lines: [] };
    expect(actions(closed)).toEqual(['carry']);
    expect(actions({ ...closed, unallocated: 0 })).toEqual([]);
  });
});

const promise: ContributionView = {
  id: 'c1',
  fundId: 'f1',
  status: 'promised',
  amount: 1_000,
  outstanding: 400,
  source: '○○財団',
  receivedOn: null,
  expectedOn: '2025-01-31',
  reference: '契約 7',
  transferId: null,
  promiseId: null,
  correctsId: 'c0',
};
const received: ContributionView = {
  ...promise,
  status: 'received',
  receivedOn: '2024-12-10',
  transferId: 't',
};

const waits: MoveView = {
  id: 'm1',
  fundId: 'f1',
  fromLineId: 'l1',
  toFundId: 'f1',
  toLineId: 'l2',
  amount: 50_000,
  reason: '寒波',
  status: 'waiting',
  needsSecond: true,
  askedBy: '会計 花子',
  askedById: 'u1',
  askedAt: new Date('2024-12-16T09:00:00+09:00'),
  decidedBy: null,
  decidedAt: null,
  transferId: null,
};
const factsOf = (id: string): [string, LineFacts] => [
  id,
  {
    ...winter.lines.find((one) => one.id === id)!,
    fundId: 'f1',
    fundName: winter.name,
  } as unknown as LineFacts,
];
const moves: MovesPageProps = {
  waiting: [waits],
  decided: MOVE_STATUSES.filter((status) => status !== 'waiting').map((status) => ({
    ...waits,
    id: status,
    status,
    decidedBy: '理事',
    decidedAt: waits.askedAt,
    toLineId: null,
    toFundId: status === 'done' ? 'f2' : 'f1',
  })),
  lines: new Map([factsOf('l1'), factsOf('l2')]),
  funds: new Map(shown.funds.map((one) => [one.id, one])),
  me: 'u2',
  mayAgree: true,
  form: empty,
};

describe('what came in', () => {
  it.each(SUPPORTED)('is listed with what is still to come, in %s', (language) => {
    const items = [
      promise,
      received,
      { ...promise, outstanding: 0 },
      { ...received, status: 'corrected' as const },
    ];
    const events = FUND_VERBS.map((verb): FundEventView => ({
      id: verb,
      verb,
      reason: 'わけ',
      by: '花子',
      at: new Date('2024-12-16T09:00:00+09:00'),
      facts: { from: '2025-03-31', to: null, amount: 5_000, before: 6_000, comment: 'はい' },
    }));
    const props = { ...shown, contributions: { items, nextCursor: 'c1' }, events, waiting: 2 };
    const html = fundPage(viewIn(language), { ...props, fund: { ...winter, promised: 400 } });
    expect(text(html)).toContain('¥400');
    expect(html.match(/href="\/contributions\/c1"/g)).toHaveLength(7);
    expect(html).toContain('?contributions=c1#contributions');
    expect(html).toContain('href="/moves"');
    expect(text(html)).toContain('¥6,000 → ¥5,000');
  });

  it.each(SUPPORTED)('can be received and corrected on its own page, in %s', (language) => {
    const props = { contribution: promise, fundName: winter.name, form: empty, mayChange: true };
    const html = contributionPage(viewIn(language), props);
    expect(html).toContain('action="/contributions/c1/receive"');
    expect(html).toContain('action="/contributions/c1/correct"');
    expect(html).toContain('value="400"');
    expect(html).toContain('href="/contributions/c0"');
    expect(html).not.toContain('correction-receivedOn');
    const done = contributionPage(viewIn(language), { ...props, contribution: received });
    expect(done).not.toContain('/receive"');
    expect(done).toContain('id="correction-receivedOn"');
    expect(contributionPage(viewIn(language), { ...props, mayChange: false })).not.toContain(
      'action="/contributions',
    );
  });
});

describe('moves that wait', () => {
  it.each(SUPPORTED)('show what is left before and after to the second person, in %s', (language) => {
    const html = text(movesPage(viewIn(language), moves));
    expect(html).toContain('¥670,000 → ¥620,000');
    expect(html).toContain('¥670,000 → ¥720,000');
    expect(html).toContain('会計 花子');
    expect(html).toContain('緊急支援基金');
  });

  it('are agreed to by others only, and withdrawn by whoever asked', () => {
    const other = movesPage(viewIn('ja'), moves);
    expect(other).toContain('¥50,000 の移し替えに同意する');
    expect(other).not.toContain('/moves/m1/withdraw');
    const own = movesPage(viewIn('ja'), { ...moves, me: 'u1' });
    expect(own).toContain('action="/moves/m1/withdraw"');
    expect(own).not.toContain('/moves/m1/agree');
    const reader = movesPage(viewIn('ja'), { ...moves, mayAgree: false });
    expect(reader).not.toContain('/moves/m1/');
    const short = movesPage(viewIn('ja'), { ...moves, waiting: [{ ...waits, amount: 700_000 }] });
    expect(short).toContain('今の残りでは ¥30,000 足りません');
  });
});

describe('a statement', () => {
  const transfer = { kind: 'commit', amount: 5_000, recordedAt: new Date() } as TransferView;
  const opening = { available: 10_000, committed: 0, spent: 0 };
  const after = { available: 5_000, committed: 5_000, spent: 0 };
  const statement = { opening, movements: [{ transfer, after }], closing: after, nextCursor: null };
  const props = {
    fund: winter,
    name: '食料',
    place: 'l1',
    recordedOn: ['2024-12-10'],
    since: '2024-11-30',
    statement,
    month: '2024-12',
  };

  it.each(SUPPORTED)('opens, moves and closes, in %s', (language) => {
    const html = text(statementPage(viewIn(language), props));
    expect(html).toContain('¥10,000 ¥0 ¥0');
    expect(html).toContain('¥5,000 ¥5,000 ¥5,000 ¥0');
    expect(html.match(/¥5,000 ¥5,000 ¥0/g)).toHaveLength(2);
  });

  it('goes on within its month, and closes on its last page only', () => {
    const html = statementPage(viewIn('ja'), { ...props, statement: { ...statement, nextCursor: '7' } });
    expect(html).toContain('/funds/f1/lines/l1?month=2024-12&amp;cursor=7');
    expect(html).not.toContain('おわり');
    expect(statementPage(viewIn('ja'), { ...props, cursor: '7' })).not.toContain('はじめ');
  });

  it('knows the days of a month', () => {
    expect(daysOf('2024-02')).toEqual({ from: '2024-02-01', to: '2024-02-29' });
  });
});
