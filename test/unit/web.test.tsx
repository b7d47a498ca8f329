import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { absent, invalid } from '../../src/kernel/errors.js';
import { assetOf, assetPath, assets } from '../../src/web/assets.js';
import { StackedBars } from '../../src/web/chart.js';
import { commonWords } from '../../src/web/common.words.js';
import {
  ChecksField,
  DayField,
  ErrorSummary,
  MoneyField,
  NumberField,
  PostForm,
  RadioField,
  SelectField,
  TextArea,
  TextField,
  type FormState,
} from '../../src/web/forms.js';
import {
  dayFull,
  dayText,
  languageName,
  Moment,
  momentText,
  monthText,
  monthTicks,
  number,
  periodFull,
  periodText,
  rangeText,
  yen,
} from '../../src/web/format.js';
import { Page, renderPage, type View } from '../../src/web/page.js';
import { Card, Life, Meter, StatusTag, Table } from '../../src/web/parts.js';
import { renderProblemPage } from '../../src/web/problem.page.js';
import { refusedForm } from '../../src/web/refused.js';
import {
  defineWords,
  hasWords,
  languageOf,
  translator,
  type DeepSame,
  type Language,
  type WordTree,
} from '../../src/web/words.js';

const t = translator('ja');
const view = (more: Partial<View> = {}): View => ({
  language: 'ja',
  t: translator(more.language ?? 'ja'),
  now: new Date('2024-12-16T21:10:00+09:00'),
  today: '2024-12-16',
  path: '/requests/38?from=list',
  user: { label: '承認担当', name: '鈴木' },
  navigation: [
    { href: '/', label: 'ホーム' },
    { href: '/requests', label: '申請', count: 7 },
  ],
  nonce: 'n0nce',
  ...more,
});
const form = (values: Record<string, unknown>, ...errors: [path: string, message: string][]): FormState => ({
  values,
  errors: errors.map(([path, message]) => ({ path, code: 'x', message })),
});
const html = (node: VNode): string => render(node);

const keysOf = (tree: WordTree, base = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [base + key] : keysOf(value, `${base}${key}.`),
  );

const factsOf = (sentence: string): string[] =>
  [...sentence.matchAll(/\{\{(\w+)/g)].map(([, fact]) => fact!).sort();
const sentenceAt = (tree: WordTree, key: string): string =>
  key.split('.').reduce<WordTree | string>((node, step) => (node as WordTree)[step]!, tree) as string;

describe('words', () => {
  it('has the same keys in both languages, and an English singular for each counted sentence', () => {
    const ja = keysOf(commonWords.ja);
    const singulars = ja.filter((key) => key.endsWith('_other')).map((key) => key.replace(/_other$/, '_one'));
    expect(keysOf(commonWords.en).sort()).toEqual([...ja, ...singulars].sort());
  });

  it('names the same facts in both languages', () => {
    // The axis is counted in units of ten thousand in Japanese alone.
    for (const key of keysOf(commonWords.ja).filter((key) => key !== 'chart.axis'))
      expect([key, factsOf(sentenceAt(commonWords.en, key))]).toEqual([
        key,
        factsOf(sentenceAt(commonWords.ja, key)),
      ]);
  });

  it('makes a missing English word an error of the compiler', () => {
    // @ts-expect-error `b` has no English
    const missing: DeepSame<{ a: string; b: string }> = { a: '' };
    // @ts-expect-error a counted sentence needs its singular
    const counted: DeepSame<{ n_other: string }> = { n_other: '' };
    expect([missing, counted]).toHaveLength(2);
  });

  it('throws in tests for a missing key or fact, and can be asked first', () => {
    expect(() => t('common:no.such')).toThrow('No words');
    expect(() => t('common:statuses')).toThrow('No words');
    expect(() => t('common:invalid.tooLong')).toThrow('max');
    const asked = ['common:page.menu', 'common:no.such', 'nowhere:a'].map((key) => hasWords(key, 'en'));
    expect(asked).toEqual([true, false, false]);
  });

  it('keeps what rooms register, also when two share a name', () => {
    defineWords('web-test', { ja: { a: 'あ' }, en: { a: 'A' } });
    defineWords('web-test', { ja: { deep: { b: 'い' } }, en: { deep: { b: 'B' } } });
    expect([t('web-test:a'), translator('en')('web-test:deep.b')]).toEqual(['あ', 'B']);
  });

  it('counts, groups digits and never reads facts as templates', () => {
    const en = translator('en');
    expect([en('common:units.people', { count: 1 }), en('common:units.people', { count: 1200 })]).toEqual([
      '1 person',
      '1,200 people',
    ]);
    expect(t('common:units.people', { count: 1 })).toBe('1人');
    const sly = '{{message}} $t(common:page.menu) <b>';
    expect(t('common:form.labelled', { label: sly, message: 'm' })).toBe(`${sly}：m`);
  });

  it('says days among the facts of a refusal as people say them', () => {
    defineWords('errors', {
      ja: { field: { late: '{{day}}まで' } },
      en: { field: { late: 'until {{day}}' } },
    });
    const late = invalid({ path: 'paidOn', code: 'late', facts: { day: '2025-03-31' } });
    const said = (language: Language) => refusedForm(late, language).errors.map(({ message }) => message);
    expect([said('ja'), said('en')]).toEqual([['2025年3月31日まで'], ['until 31 Mar 2025']]);
    expect(() => refusedForm(absent(), 'ja')).toThrow('resource.absent');
  });

  it('chooses the language that the header prefers', () => {
    const chosen: [string | undefined, Language][] = [
      [undefined, 'ja'],
      ['', 'ja'],
      ['en-GB,en;q=0.9,ja;q=0.8', 'en'],
      ['en;q=0.5, ja', 'ja'],
      ['fr-FR, en;q=0.2', 'en'],
      ['vi, *;q=0.5', 'ja'],
      ['en;q=0', 'ja'],
      ['ja;q=x,en', 'en'],
    ];
    for (const [header, language] of chosen) expect([header, languageOf(header)]).toEqual([header, language]);
  });
});

describe('format', () => {
  it('writes money and numbers', () => {
    expect([yen(12_422_217), yen(0), yen(-1000), number(-1234), number(0.5)]).toEqual([
      '¥12,422,217',
      '¥0',
      '−¥1,000',
      '−1,234',
      '0.5',
    ]);
  });

  it('writes days as people say them, with the year outside this fiscal year', () => {
    expect(dayText('2024-12-18', 'ja', '2024-12-16')).toBe('12月18日（水）');
    expect(dayText('2025-03-31', 'ja', '2024-12-16')).toBe('3月31日（月）');
    expect(dayText('2024-12-18', 'ja', '2026-01-01')).toBe('2024年12月18日（水）');
    expect(dayText('2024-12-18', 'en', '2024-12-16')).toBe('Wed 18 Dec');
    expect(dayText('2024-03-01', 'en', '2024-12-16')).toBe('Fri 1 Mar 2024');
    expect(dayFull('2024-12-18', 'ja')).toBe('2024年12月18日（水・令和6年）');
    expect(dayFull('2019-05-01', 'ja')).toBe('2019年5月1日（水・令和元年）');
    expect(dayFull('2024-12-18', 'en')).toBe('Wednesday 18 December 2024');
  });

  it('writes periods and months', () => {
    expect(periodFull('2023-07-01', '2024-11-30', 'ja')).toBe(
      '2023年7月1日 〜 2024年11月30日（令和5年7月〜令和6年11月）',
    );
    expect(periodText('2025-04-01', null, 'ja')).toBe('2025年4月1日 から');
    expect(periodText('2025-04-01', null, 'en')).toBe('from 1 Apr 2025');
    expect(rangeText('2024-12-16', '2024-12-20', view())).toBe('12/16–12/20');
    expect(rangeText('2024-02-28', '2024-12-20', view())).toBe('2024/2/28–2024/12/20');
    expect(rangeText('2024-12-16', '2024-12-20', view({ language: 'en' }))).toBe('16–20\u00a0Dec');
    expect([monthText('2024-11', 'ja'), monthText('2024-11', 'en')]).toEqual(['2024年11月', 'November 2024']);
    expect(monthTicks(['2023-11', '2023-12', '2024-01'])).toEqual(['2023/11', '12', '2024/1']);
    expect([languageName('vi', 'ja'), languageName('ja-Hira-easy', 'en')]).toEqual([
      'ベトナム語',
      'Plain Japanese',
    ]);
  });

  it('writes moments relative while they are young, on the clock of Tokyo', () => {
    const now = new Date('2024-12-16T23:30:00+09:00');
    const said = (moment: string, language: Language = 'ja'): string =>
      momentText(new Date(moment), language, now);
    expect(said('2024-12-16T23:29:40+09:00')).toBe('たった今');
    expect(said('2024-12-16T23:05:00+09:00')).toBe('25分前');
    expect(said('2024-12-16T20:20:00+09:00')).toBe('3時間前');
    expect(said('2024-12-16T18:02:00+09:00')).toBe('今日 18:02');
    expect(said('2024-12-15T14:10:00Z')).toBe('昨日 23:10');
    expect(said('2024-12-13T18:02:00+09:00')).toBe('12月13日（金）18:02');
    expect(said('2024-12-17T09:00:00+09:00')).toBe('明日 09:00');
    expect(said('2024-12-16T20:20:00+09:00', 'en')).toBe('3 hours ago');
    expect(said('2024-12-13T18:02:00+09:00', 'en')).toBe('Fri 13 Dec 18:02');
    expect(html(<Moment moment={now} view={view({ now })} />)).toBe(
      '<time datetime="2024-12-16T14:30:00.000Z" title="2024年12月16日（月・令和6年） 23:30"><span>たった今</span></time>',
    );
  });
});

describe('forms', () => {
  it('ties label, help and error to the control', () => {
    const state = form({}, ['lines.0.item', '入力してください。']);
    const field = html(
      <TextField t={t} form={state} name="lines.0.item" label="内容" help="例：家賃" required />,
    );
    expect(field).toContain('<label for="lines-0-item">内容<span class="required">必須</span></label>');
    expect(field).toContain('id="lines-0-item" name="lines.0.item" required aria-invalid="true"');
    expect(field).toContain('aria-describedby="lines-0-item-help lines-0-item-error"');
    expect(field).toContain('<p class="error" id="lines-0-item-error">入力してください。</p>');
  });

  it('links each error to its field and says which line it is in', () => {
    const { errors } = form({}, ['email', 'A'], ['lines.1.item', 'B'], ['', 'C'], ['other', 'D']);
    const summary = html(
      <ErrorSummary t={t} errors={errors} labels={{ email: 'メール', 'lines.*.item': '内容' }} />,
    );
    expect(summary).toContain('role="alert"');
    expect(summary).toContain('<a href="#email">メール：A</a>');
    expect(summary).toContain('<a href="#lines-1-item">2つ目の内容：B</a>');
    expect(summary).toContain('<li>C</li>');
    expect(summary).toContain('<a href="#other">D</a>');
    expect(html(<ErrorSummary t={t} errors={[]} />)).toBe('');
  });

  it('shows back exactly what was typed, from nested and from flat values', () => {
    const nested = form({ lines: [{ amount: '六千' }, { amount: 6500 }] });
    expect(html(<MoneyField t={t} form={nested} name="lines.0.amount" label="額" />)).toContain(
      'value="六千"',
    );
    expect(html(<MoneyField t={t} form={nested} name="lines.1.amount" label="額" />)).toContain(
      'value="6,500"',
    );
    const flat = form({ 'lines.0.quantity': ' ５ ' });
    expect(html(<NumberField t={t} form={flat} name="lines.0.quantity" label="数" />)).toContain(
      'value=" ５ "',
    );
    expect(html(<TextArea t={t} form={form({ a: '\n<b>"&' })} name="a" label="理由" />)).toContain(
      '>\n\n&lt;b>&quot;&amp;</textarea>',
    );
    expect(html(<TextField t={t} form={form({})} name="constructor" label="内容" />)).toContain(' value/>');
  });
});

describe('typed values', () => {
  it('keeps a day that is none, and never sends a password back', () => {
    const state = form({ on: '2024-13-45', password: 'secret' });
    expect(html(<DayField t={t} form={state} name="on" label="日" />)).toContain(
      'type="text" value="2024-13-45"',
    );
    expect(html(<DayField t={t} form={form({ on: '2024-12-18' })} name="on" label="日" />)).toContain(
      'type="date"',
    );
    const password = html(
      <TextField t={t} form={state} name="password" label="パスワード" type="password" />,
    );
    expect(password).not.toContain('secret');
  });

  it('keeps choices', () => {
    const options = ['a', 'b'].map((value) => ({ value, label: value }));
    const state = form({ one: 'b', some: ['a', 'b'] }, ['some', 'X']);
    expect(
      html(<SelectField t={t} form={state} name="one" label="x" options={options} empty="選ぶ" />),
    ).toContain('<option value="b" selected>');
    const radio = html(<RadioField t={t} form={state} name="one" label="x" options={options} required />);
    expect(radio).toMatch(/id="one-b"[^>]*checked/);
    expect(radio).not.toMatch(/id="one"[^>]*checked/);
    const checks = html(<ChecksField t={t} form={state} name="some" label="x" options={options} />);
    expect(checks.match(/ checked/g)).toHaveLength(2);
    expect(checks).toContain('aria-describedby="some-error"');
  });
});

const page = (more: Partial<View> = {}, errors = form({}).errors): string =>
  renderPage(
    <Page view={view(more)} title="<R2412>" errors={errors} back={{ href: '/requests', label: '申請' }}>
      <Card title="カード">{'<script>alert(1)</script>'}</Card>
    </Page>,
  );

describe('page', () => {
  it('escapes what people wrote', () => {
    expect(page()).toContain('&lt;script>alert(1)&lt;/script>');
    expect(page()).toContain('<h1>&lt;R2412></h1>');
  });

  it('needs nothing that a strict content security policy refuses', () => {
    const text = page({ notice: '保存しました。' });
    expect(text).toMatch(/^<!doctype html><html lang="ja">/);
    expect(text).not.toMatch(/ style=| on\w+=|<style/);
    for (const [script] of text.matchAll(/<script[^>]*>[^<]*/g))
      expect(script).toMatch(/src="\/assets\/[^"]+" nonce="n0nce" (defer|type="module")/);
    expect(text).toContain('<p class="notice" role="status">保存しました。</p>');
  });

  it('marks the place, and says that errors come first', () => {
    expect(page()).toContain('<a href="/requests" aria-current="page">');
    expect(page()).not.toContain('<a href="/" aria-current');
    expect(page({}, form({}, ['a', 'b']).errors)).toContain(
      '<title>入力を確かめてください｜&lt;R2412>｜支え Sasae</title>',
    );
  });

  it('offers the other language in that language, and comes back to the same place', () => {
    expect(page()).toContain('name="back" value="/requests/38?from=list"');
    expect(page()).toContain('<button type="submit" lang="en">English</button>');
    expect(page({ language: 'en' })).toContain('<html lang="en">');
    expect(page({ user: null, navigation: [] })).not.toContain('/sign-out');
  });

  it('shows a problem without a user', () => {
    const problem = { status: 404, title: '見つかりませんでした', detail: 'もう一度' };
    const text = renderProblemPage(
      { method: 'POST', url: '/x', nonce: 'n' } as FastifyRequest,
      'ja',
      problem,
    );
    expect(text).toContain('<h1>見つかりませんでした</h1>');
    expect(text).toContain('name="back" value="/"');
  });

  it('submits plainly', () => {
    expect(
      html(
        <PostForm action="/x" multipart>
          {null}
        </PostForm>,
      ),
    ).toBe('<form action="/x" method="post" enctype="multipart/form-data" novalidate></form>');
  });
});

describe('parts', () => {
  it('says a budget in words and draws it without styles', () => {
    const meter = html(<Meter t={t} total={1_500_000} spent={620_000} committed={210_000} now={32_500} />);
    expect(meter).toContain(
      'aria-label="予算 ¥1,500,000 のうち、支払済 ¥620,000、約束済 ¥210,000、今回 ¥32,500、残り ¥637,500。"',
    );
    expect(meter).toContain('残り ¥670,000 → <b>¥637,500</b>');
    expect(meter).not.toContain('style=');
    expect(html(<Meter t={t} total={0} spent={0} committed={0} now={5} />)).toContain('¥5 足りません');
  });

  it('tells status in words and what is to come not by colour alone', () => {
    expect(html(<StatusTag t={t} status="approved" amount={45_000} />)).toBe(
      '<span class="tag ok">承認 ¥45,000</span>',
    );
    expect(html(<Life t={t} items={[{ done: false, what: '支払い' }]} />)).toContain('（これから）');
  });

  it('makes tables that name their rows and align numbers', () => {
    const table = html(
      <Table
        caption="内訳"
        rows={[{ item: '<家賃>', amount: 1000 }]}
        columns={[
          { head: '内容', cell: ({ item }) => item },
          { head: '額', numeric: true, cell: ({ amount }) => yen(amount) },
        ]}
        footer={{ label: '合計', cells: [yen(1000)] }}
      />,
    );
    expect(table).toContain(
      '<th role="rowheader" scope="row">&lt;家賃></th><td role="cell" class="num">¥1,000</td>',
    );
    expect(table).toContain('role="region" aria-label="内訳" tabindex="0"');
  });
});

const chart = (language: Language): string =>
  html(
    <StackedBars
      t={translator(language)}
      title="月ごと"
      sentence="11月は <多い>"
      labels={['<7月>', '8']}
      series={[
        { key: 'shelter', label: '住居', values: [500_000, 900_000], tone: 'shelter' },
        { key: 'food', label: '食料', values: [0, 300_000], tone: 'food' },
      ]}
    />,
  );

describe('chart', () => {
  it('holds no style, escapes labels and is told in one sentence', () => {
    expect(chart('ja')).not.toMatch(/style|ecmeta|<script/);
    expect(chart('ja')).toContain('role="img" aria-label="11月は &lt;多い>"');
    expect(chart('ja')).toContain('&lt;7月&gt;');
  });

  it('draws each amount above zero in its colour, on an axis that the reader knows', () => {
    const desk = /class="for-desk">([\s\S]*?)<\/svg>/.exec(chart('ja'))![1]!;
    expect(desk.match(/class="tone-shelter/g)).toHaveLength(2);
    expect(desk.match(/class="tone-food/g)).toHaveLength(1);
    expect(desk).toContain('>100万円</text>');
    expect(chart('en')).toContain('>¥1,000,000</text>');
  });
});

describe('assets', () => {
  it('are named by their content', () => {
    expect(assetPath('css')).toMatch(/^\/assets\/sasae\.[0-9a-f]{12}\.css$/);
    expect(assetOf(assetPath('htmx').replace('/assets/', ''))).toBe(assets.htmx);
    expect(assetOf('../package.json')).toBeUndefined();
  });

  it('take their colours from the design tokens', () => {
    const tokens = readFileSync(
      createRequire(import.meta.url).resolve('@digital-go-jp/design-tokens/dist/tokens.css'),
      'utf8',
    );
    const named = [...assets.css.body.toString().matchAll(/: (#[0-9a-f]{6}); \/\* ([\w-]+) \*\//g)];
    expect(named.length).toBeGreaterThan(50);
    for (const [, colour, name] of named)
      expect(tokens).toMatch(new RegExp(`--color-(primitive|neutral)-${name}: ${colour}`, 'i'));
  });
});
