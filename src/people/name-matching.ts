import { isDay, type Day } from '../kernel/calendar.js';
import { latinOfKana, tableOf } from './kana.js';

/**
 * The forms that a person is looked up by. `name`: the same letters however they are written; `written`: a name in a
 * script that is not read here, as it stands; `sound`: its consonants alone; `whole` and `part`: the same word by word,
 * for names of which somebody wrote a part; `word`: one word by its sound; `birthYear`, and where more than the year
 * is known `birth`, with day and month `birthSwapped`, or two of its three parts the
 * same (`birthNear`).
 */
export type FormKind =
  | 'name'
  | 'written'
  | 'sound'
  | 'whole'
  | 'part'
  | 'word'
  | 'birth'
  | 'birthYear'
  | 'birthSwapped'
  | 'birthNear';

export interface Form {
  kind: FormKind;
  text: string;
}

/** Counts up whenever a form changes, so that everybody is indexed anew. */
export const FORMS_VERSION = 1;

const MOST_WORDS = 8;
/** Consonants from which on a word by itself tells people apart. */
const LONG_WORD = 3;
/** Names of more words keep only their pairs and what is left without one word. */
const WORDS_WITH_ALL_PARTS = 5;

/** What is known of a person that helps to know them again. */
export interface Known {
  name?: string | null;
  kana?: string | null;
  birthDate?: Day | null;
}

/** All forms of a person, each once. Nothing can be looked up of somebody of whom nothing is told. */
export function formsOf({ name, kana, birthDate }: Known): Form[] {
  const forms = [...formsOfName(name ?? ''), ...formsOfName(kana ?? ''), ...formsOfBirth(birthDate)];
  return [...new Map(forms.map((form) => [`${form.kind} ${form.text}`, form])).values()];
}

function formsOfName(written: string): Form[] {
  const words = wordsOf(written);
  if (words.length === 0) return [];
  if (words.some((word) => /[^a-z]/.test(word))) {
    return orders(words).map((text): Form => ({ kind: 'written', text: plainWritten(text) }));
  }
  const spelt = words.map(spelling);
  const sounds = spelt.map(soundOf).sort();
  const forms: Form[] = [
    ...orders(spelt).map((text): Form => ({ kind: 'name', text: tidy(text) })),
    ...orders(spelt).map((text): Form => ({ kind: 'sound', text: soundOf(tidy(text)) })),
    // However the words stand and whether they stand apart: the same consonants, in the order of the alphabet.
    { kind: 'sound', text: `~${[...soundOf(tidy(spelt.join('')))].sort().join('')}` },
    { kind: 'whole', text: sounds.join(' ') },
    ...partsOf(sounds).map((text): Form => ({ kind: 'part', text })),
    ...sounds.filter((text) => text.length >= LONG_WORD).map((text): Form => ({ kind: 'word', text })),
  ];
  return forms.filter(({ text }) => text !== '');
}

/** How people are addressed, which is no part of a name. */
const TITLES = new Set('mr mrs ms miss dr'.split(' '));
/** Small words that come and go. */
const PARTICLES = new Set('bin bint binti ibn al el de del da das dos la'.split(' '));
/** What many write short. */
const SHORT = tableOf('md=mohamad mohd=mohamad muhd=mohamad mhd=mohamad');

/** The words of a name in small Latin letters without marks, kana too; letters of other scripts stay. */
function wordsOf(written: string): string[] {
  const words = latinOfKana(written.normalize('NFKC').replace(/(さん|様|さま|氏)\s*$/u, ''))
    .toLowerCase()
    .replace(/[đðłøßıþəæœ]/g, (letter) => LETTERS[letter]!)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .normalize('NFC')
    .replace(/['’‘ʻʼ`´.]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const named = words.filter((word) => !TITLES.has(word) && !PARTICLES.has(word));
  return (named.length > 1 ? named : words).slice(0, MOST_WORDS).map((word) => SHORT[word] ?? word);
}

const LETTERS = tableOf('đ=d ð=d ł=l ø=o ß=ss ı=i þ=th ə=a æ=ae œ=oe');

/** Characters that the same family writes in an old and a new shape. */
const SHAPES = tableOf(
  '髙=高 﨑=崎 嵜=崎 碕=崎 澤=沢 濱=浜 濵=浜 邊=辺 邉=辺 齋=斎 齊=斉 ' +
    '廣=広 國=国 櫻=桜 嶋=島 嶌=島 眞=真 惠=恵 德=徳 黑=黒 槇=槙 龍=竜',
);

const plainWritten = (text: string): string => text.replace(/\p{Script=Han}/gu, (one) => SHAPES[one] ?? one);

/** The words joined, beginning with each of them in turn, and from the last to the first: whichever comes first. */
function orders(words: readonly string[]): string[] {
  const turned = words.map((_, first) => [...words.slice(first), ...words.slice(0, first)].join(''));
  return [...new Set([...turned, words.toReversed().join(''), words.toSorted().join('')])];
}

/** Some of the words, at least two and not all: what somebody may have written of a longer name. */
function partsOf(sounds: readonly string[]): string[] {
  const count = sounds.length;
  const wanted = (size: number) =>
    count <= WORDS_WITH_ALL_PARTS ? size >= 2 && size < count : size === 2 || size === count - 1;
  const parts = new Set<string>();
  for (let mask = 1; mask < 2 ** count - 1; mask += 1) {
    const some = sounds.filter((_, place) => mask & (1 << place));
    if (wanted(some.length)) parts.add(some.join(' '));
  }
  return [...parts];
}

/**
 * Rules that bring spellings of one sound together, one word at a time and in this order: Hepburn and Kunrei, what
 * Japanese does not tell apart (l and r, v and b), and habits of romanising.
 */
const SPELLINGS: readonly [RegExp, string][] = [
  // Vietnamese, which Japanese hears as チ.
  [/^tr(?=(inh|ang?|uong|ung|ieu)$)/, 'ch'],
  [/^ng(?=[aeiouy])/, 'g'],
  [/ng(?![aeiouy])/g, 'n'],
  [/nh(?![aeiouy])/g, 'n'],
  [/t?sch|sh/g, 's'],
  [/tch/g, 'ch'],
  [/chr/g, 'kr'],
  [/ph/g, 'f'],
  [/([tkgdb])h/g, '$1'],
  [/^q(?=i[aou])/, 'ch'],
  [/juan/g, 'huan'],
  [/jose(?!p)/g, 'hose'],
  [/zh|dj|dz|j/g, 'z'],
  [/ck|q/g, 'k'],
  [/^i(?=[aeo])/, 'y'],
  [/^x|x(?=[iu])/g, 's'],
  [/x/g, 'ks'],
  [/ch(?![aeiouy])/g, 'k'],
  [/ch/g, 'ç'],
  [/c(?=[eiy])/g, 's'],
  [/c/g, 'k'],
  [/ç/g, 'c'],
  [/ts(?=u)/g, 't'],
  [/t(?=i)|ty(?=[auo])/g, 'c'],
  [/([szc])y(?=[auo])/g, '$1'],
  [/f(?=u)/g, 'h'],
  [/l/g, 'r'],
  [/v/g, 'b'],
  [/uye/g, 'ue'],
  [/y(?![aeiou])/g, 'i'],
  [/(?<=[aeiou])h(?![aeiouy])/g, ''],
  [/ou|oo/g, 'o'],
  [/ee/g, 'i'],
];

/** The vowels that kana put after consonants that have none: tamu for Tam, but not in a word of one syllable. */
const FILLED = /(?<=[^aeiouy])u(?![aeiou])|(?<=[td])o(?![aeiou])/g;

function spelling(word: string): string {
  const spelt = SPELLINGS.reduce((text, [pattern, by]) => text.replace(pattern, by), word);
  return /[aeiou][^aeiou]+[aeiou]/.test(spelt)
    ? spelt.replace(FILLED, '').replace(/(?<=[aeiou])h(?![aeiouy])/g, '')
    : spelt;
}

/** What only shows once words stand together: doubled letters, and n before m, b and p; e is as i and o as u. */
const tidy = (text: string): string =>
  text
    .replace(/ou|oo/g, 'o')
    .replace(/(.)\1+/g, '$1')
    .replace(/nm/g, 'm')
    .replace(/m(?=[bp])/g, 'n')
    .replace(/e/g, 'i')
    .replace(/o/g, 'u')
    .replace(/(.)\1+/g, '$1');

/**
 * The consonants that stay however a name was heard. Vowels go, as kana put them where other scripts have none; so do
 * h, f, w and y but at the beginning, and z is as s.
 */
function soundOf(spelt: string): string {
  const text = tidy(spelt).replace(/f/g, 'h').replace(/c/g, 't').replace(/z/g, 's');
  const first = text.slice(0, 1).replace(/[aeiou]/, 'a');
  return (first + text.slice(1).replace(/[aeiouhwy]/g, '')).replace(/n+g/g, 'g').replace(/(.)\1+/g, '$1');
}

function formsOfBirth(birthDate: Day | null | undefined): Form[] {
  if (!isDay(birthDate)) return [];
  const [year, month, day] = birthDate.split('-') as [string, string, string];
  const forms: Form[] = [{ kind: 'birthYear', text: year }];
  // Papers say the first of January where nobody knew the day: only its year says anything.
  if (month === '01' && day === '01') return forms;
  forms.push(
    { kind: 'birth', text: birthDate },
    { kind: 'birthNear', text: `${year}-${month}-` },
    { kind: 'birthNear', text: `${year}--${day}` },
    { kind: 'birthNear', text: `-${month}-${day}` },
  );
  // A day above twelve is no month.
  if (Number(day) <= 12) {
    forms.push({ kind: 'birthSwapped', text: [year, ...[month, day].sort()].join('-') });
  }
  return forms;
}
