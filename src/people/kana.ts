/** The rows of the katakana table: consonants, and the kana for a, i, u, e, o (a space where there is none). */
const ROWS: readonly [string, string][] = [
  ['', 'アイウエオ'],
  ['k', 'カキクケコ'],
  ['g', 'ガギグゲゴ'],
  ['s', 'サシスセソ'],
  ['z', 'ザジズゼゾ'],
  ['t', 'タチツテト'],
  ['d', 'ダヂヅデド'],
  ['n', 'ナニヌネノ'],
  ['h', 'ハヒフヘホ'],
  ['b', 'バビブベボ'],
  ['p', 'パピプペポ'],
  ['m', 'マミムメモ'],
  ['y', 'ヤ ユ ヨ'],
  ['r', 'ラリルレロ'],
  ['w', 'ワヰ ヱヲ'],
];
const VOWELS = 'aiueo';

/** Reads a table written as `シ=shi チ=chi`. */
export const tableOf = (pairs: string): Record<string, string> =>
  Object.fromEntries(pairs.split(' ').map((pair) => pair.split('=') as [string, string]));

/** Kana whose sound is not that of their row and column. */
const OTHERS = tableOf(
  'シ=shi チ=chi ツ=tsu フ=fu ジ=ji ヂ=ji ヅ=zu ヴ=vu ヲ=o ヰ=i ヱ=e ' +
    'ン=n ッ= ー= ヶ=ka ヵ=ka ヷ=va ヸ=vi ヹ=ve ヺ=vo ヮ=wa',
);

const SOUNDS = new Map<string, string>([
  ...ROWS.flatMap(([consonant, kana]) =>
    [...kana].map((one, column): [string, string] => [one, consonant + VOWELS[column]]),
  ).filter(([one]) => one !== ' '),
  ...Object.entries(OTHERS),
]);

const SMALL = tableOf('ァ=a ィ=i ゥ=u ェ=e ォ=o ャ=ya ュ=yu ョ=yo');

/** ひらがな as カタカナ; both take the same places in Unicode. */
const toKatakana = (text: string): string =>
  text.replace(/[ぁ-ゖ]/g, (one) => String.fromCodePoint(one.codePointAt(0)! + 0x60));

/** A kana with a small one after it: シャ sha, ティ ti, ウィ wi, クァ kwa. */
function together(sound: string, small: string): string {
  const consonants = sound.slice(0, -1);
  const hissing = /^(sh|ch|j|v|f|ts)$/.test(consonants);
  if (small.startsWith('y')) return consonants + (hissing && consonants !== 'f' ? small.slice(1) : small);
  if (sound === 'u') return `w${small}`;
  if (sound === 'ku' || sound === 'gu') return `${consonants}w${small}`;
  return consonants + small;
}

/**
 * Kana of any width as Latin letters; what is no kana stays. Long vowel marks and the small ッ leave nothing: how long
 * a sound is is written in too many ways to tell names apart by it.
 */
export function latinOfKana(text: string): string {
  let latin = '';
  const kana = [...toKatakana(text.normalize('NFKC'))];
  for (let place = 0; place < kana.length; place += 1) {
    const sound = SOUNDS.get(kana[place]!);
    const small = SMALL[kana[place + 1] ?? ''];
    if (sound && small) {
      latin += together(sound, small);
      place += 1;
    } else latin += sound ?? SMALL[kana[place]!] ?? kana[place];
  }
  return latin;
}
