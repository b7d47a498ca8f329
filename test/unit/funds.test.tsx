import { describe, expect, it } from '@jest/globals';
import { fundPage, fundsPage } from '../../src/funds/fund-pages.js';
import { newFundPage } from '../../src/funds/fund-forms.js';
import { needOfCode } from '../../src/funds/fund-parts.js';
import { LINE_CODES, type FundLineView, type FundView } from '../../src/funds/funds.dto.js';
import '../../src/funds/funds.words.js';
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
  rules: { note: '一行目\n二行目 <b>' },
  received: 5_048_500,
  unallocated: 48_500,
  lines: [line('l1', {}), line('l2', { purpose: 'activity', category: null, pending: 0 })],
};
const empty = { values: {}, errors: [] };
const shown = { fund: winter, transfers: [], form: empty, mayManage: true };
const filled = (fund: FundView) =>
  [...fundPage(viewIn('ja'), { ...shown, fund }).matchAll(/class="btn"[^>]*>([^<]+)/g)].map(
    ([, words]) => words,
  );
const text = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

describe('the page of funds', () => {
  it('shows what is left, promised, paid and asked for of each line', () => {
    const html = text(fundsPage(viewIn('ja'), { items: [winter], nextCursor: null }, false));
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
    const html = text(fundsPage(viewIn('ja'), { items: [ended], nextCursor: null }, false));
    expect(html).toContain('期間が終わりました');
    expect(html).not.toContain('申請');
    const lastDay = { ...winter, to: '2024-12-16' };
    expect(fundsPage(viewIn('ja'), { items: [lastDay], nextCursor: null }, false)).not.toContain(
      '期間が終わ',
    );
  });

  it('goes on to the next page, and says what to do when there is none', () => {
    const more = fundsPage(viewIn('ja'), { items: [winter], nextCursor: 'f1' }, true);
    expect(more).toContain('href="/funds?cursor=f1"');
    expect(more).toContain('href="/funds/new"');
    expect(fundsPage(viewIn('ja'), { items: [], nextCursor: null }, false)).toContain('まだ財源がありません');
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
    const paths = ['code', 'name', 'kind', 'from', 'to', 'rules.note'];
    const errors = paths.map((path) => ({ path, code: 'required', message: 'm' }));
    const html = newFundPage(viewIn(language), { values: { code: 'Ｘ' }, errors, refusal: 'no' });
    for (const path of paths) expect(html).toContain(`id="${path.replace('.', '-')}"`);
    expect(html).toContain('value="Ｘ"');
    expect(fundPage(viewIn(language), shown)).toContain('¥5,048,500');
  });
});
