import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { latinOfKana } from '../../src/people/kana.js';
import { likenessOf, LIKELY, type Evidence } from '../../src/people/likeness.js';
import { formsOf, type FormKind } from '../../src/people/name-matching.js';
import { reachesMembers } from '../../src/people/consent-rule.js';
import { MEASURED, qualityOf } from '../bench/matching.bench.js';
import { writtenPeople } from '../bench/people-set.js';

const textsOf = (name: string, kind: FormKind): string[] =>
  formsOf({ name })
    .filter((form) => form.kind === kind)
    .map(({ text }) => text);

const share = (one: string, other: string, kind: FormKind): boolean =>
  textsOf(one, kind).some((text) => textsOf(other, kind).includes(text));

describe('a name', () => {
  test.each([
    ['ヤマダ タロウ', 'ﾔﾏﾀﾞ ﾀﾛｳ', 'kana of half width'],
    ['ヤマダ タロウ', 'やまだ　たろう', 'hiragana, and a wide space'],
    ['ヤマダ タロウ', 'Yamada Tarō', 'a macron'],
    ['ヤマダ タロウ', 'YAMADA TAROU', 'a long vowel as in kana'],
    ['Satoh Yūko', 'サトウ・ユウコ', 'a long vowel with h'],
    ['シミズ ツヨシ', 'Simizu Tuyosi', 'Kunrei'],
    ['シミズ ツヨシ', 'Shimizu Tsuyoshi', 'Hepburn'],
    ['Nguyễn Thị Hoa', 'NGUYEN THI HOA', 'no diacritics'],
    ['Nguyễn Thị Hoa', 'グエン・ティ・ホア', 'katakana'],
    ['Nguyen Thi Hoa', 'Thi Hoa Nguyen', 'another order'],
    ['Nguyen Thi Hoa', 'Hoa Thi Nguyen', 'backwards'],
    ['Nguyen Thi Hoa', 'NguyenThiHoa', 'no spaces'],
    ['Karim Abdul Rahman', 'Abdulrahman Karim', 'another order and fewer spaces'],
    ['Đỗ Văn Đức', 'Do Van Duc', 'letters with a bar'],
    ["Jun'ichi Honma", 'Junichi Homma', 'n before m, and an apostrophe'],
    ['Md. Rahim Uddin', 'Mohammad Rahim Uddin', 'a short form'],
    ['Yousuf Khan', 'Yusuf Khan', 'ou'],
    ['José da Silva', 'Jose Silva', 'a small word'],
  ])('%s is %s: %s', (one, other) => expect(share(one, other, 'name')).toBe(true));

  test.each([
    ['Mohammed Hussein', 'モハマド フセイン'],
    ['Rafael Cruz', 'ラファエル・クルス'],
    ['Ahmad Karim', 'アフマド・カリム'],
    ['Fatima Akter', 'ファティマ アクテル'],
  ])('%s sounds as %s', (one, other) => expect(share(one, other, 'sound')).toBe(true));

  test.each([
    ['髙橋 花子', '高橋花子'],
    ['渡邉　健二', '健二 渡辺'],
  ])('of Han %s is %s', (one, other) => expect(share(one, other, 'written')).toBe(true));

  test.each([
    ['Nguyen Thi Hoa', 'Nguyen Thi Lan'],
    ['Amir Hassan', 'Omar Hassan'],
    ['サトウ ハナコ', 'サトウ ユウコ'],
    ['リュウ チャン', 'リュウ'],
  ])('%s is not %s', (one, other) => expect(share(one, other, 'name')).toBe(false));

  const letters = fc.string({ unit: fc.constantFrom(...'abdeghiklmnoprstuvyz'), minLength: 2, maxLength: 9 });
  const words = fc.array(letters, { minLength: 1, maxLength: 4 });

  test('is the same in capitals, with marks, in any turn of its words', () => {
    fc.assert(
      fc.property(words, fc.nat(3), (some, turn) => {
        const name = some.join(' ');
        const at = turn % some.length;
        const turned = [...some.slice(at), ...some.slice(0, at)].join('-');
        const marked = name.replace(/[aeiou]/g, (vowel) => `${vowel}\u0301`).toUpperCase();
        expect(formsOf({ name: marked })).toEqual(formsOf({ name }));
        for (const text of textsOf(turned, 'whole')) expect(textsOf(name, 'whole')).toContain(text);
        expect(new Set(textsOf(turned, 'name')).size).toBeGreaterThan(0);
        expect(share(turned, name, 'name')).toBe(true);
      }),
    );
  });

  test('of any text has few forms, never an empty one, and is never refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
        const forms = formsOf({ name, kana: name });
        expect(forms.length).toBeLessThan(100);
        expect(forms.filter(({ text }) => text.trim() === '')).toEqual([]);
      }),
    );
  });

  test('of kana becomes Latin letters alone', () => {
    const kana = Array.from({ length: 0x56 }, (_, index) => String.fromCodePoint(0x3041 + index));
    const text = fc.string({ unit: fc.constantFrom(...kana), minLength: 1, maxLength: 12 });
    fc.assert(fc.property(text, (written) => expect(latinOfKana(written)).toMatch(/^[a-z]*$/)));
  });
});

const kinds = (one: string, other: string) => {
  const texts = formsOf({ birthDate: other }).map(({ kind, text }) => `${kind} ${text}`);
  return [
    ...new Set(
      formsOf({ birthDate: one })
        .filter(({ kind, text }) => texts.includes(`${kind} ${text}`))
        .map(({ kind }) => kind),
    ),
  ];
};

describe('a birthday', () => {
  test.each([
    ['1987-06-05', '1987-06-05', ['birthYear', 'birth', 'birthNear', 'birthSwapped']],
    ['1987-06-05', '1987-05-06', ['birthYear', 'birthSwapped']],
    ['1987-06-15', '1986-06-15', ['birthNear']],
    ['1987-06-15', '1987-06-16', ['birthYear', 'birthNear']],
    ['1987-01-01', '1987-01-01', ['birthYear']],
    ['1987-06-15', '1999-09-09', []],
  ])('%s and %s share %j', (one, other, shared) => expect(kinds(one, other)).toEqual(shared));
});

const judged = (evidence: Partial<Evidence>) =>
  likenessOf({ matches: [], births: 'unknown', ageBands: ['unknown', 'unknown'], ...evidence });

describe('likeness', () => {
  const rare = { kind: 'name', shared: 2 } as const;

  test.each<[string, Partial<Evidence>, boolean]>([
    ['a rare name alone', { matches: [rare] }, true],
    ['a common name alone', { matches: [{ kind: 'name', shared: 12 }] }, false],
    [
      'a common name with the birthday',
      {
        matches: [
          { kind: 'name', shared: 150 },
          { kind: 'birth', shared: 2 },
        ],
      },
      true,
    ],
    ['a rare name with another birthday', { matches: [rare], births: 'day' }, false],
    ['a rare name of another age', { matches: [rare], ageBands: ['6-17', '50-64'] }, false],
    ['a birthday alone', { matches: [{ kind: 'birth', shared: 2 }] }, false],
    ['the sound alone', { matches: [{ kind: 'sound', shared: 2 }] }, false],
  ])('%s', (_, evidence, likely) => expect(judged(evidence).score >= LIKELY).toBe(likely));

  test('stays between 0 and 100', () => {
    const kinds = [
      'name',
      'written',
      'sound',
      'part',
      'word',
      'birth',
      'birthYear',
      'birthSwapped',
      'birthNear',
    ] as const;
    const match = fc.record({ kind: fc.constantFrom(...kinds), shared: fc.integer({ min: 1, max: 201 }) });
    const births = fc.constantFrom('unknown' as const, 'year' as const, 'mixed' as const, 'day' as const);
    fc.assert(
      fc.property(fc.array(match), births, (matches, known) => {
        const { score } = judged({ matches, births: known });
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
      }),
    );
  });
});

test.each([
  [undefined, true],
  ['ネットワークの会員', true],
  ['other members', true],
  ['市立病院', false],
])('a consent to share with %p reaches members: %p', (text, reaches) =>
  expect(reachesMembers(text)).toBe(reaches),
);

describe('two thousand people', () => {
  test('of whom some were written twice are found again, and hardly anybody else is', () => {
    const { recall, precision, pairs } = qualityOf(writtenPeople(MEASURED.people, MEASURED.seed));
    expect(pairs).toBeGreaterThan(150);
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(precision).toBeGreaterThanOrEqual(0.95);
  });
});
