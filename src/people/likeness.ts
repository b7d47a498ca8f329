import type { AgeBand } from '../kernel/codes.js';

/** Why two people look like one, and what speaks against it. */
export const REASONS = [
  'name',
  'written',
  'sound',
  'part',
  'word',
  'commonName',
  'birth',
  'birthYear',
  'birthSwapped',
  'birthNear',
  'birthDiffers',
  'ageDiffers',
  'ageSame',
  'linked',
] as const;
export type Reason = (typeof REASONS)[number];

/** A kind that both have the same form of, and how many people share that form, both counted. */
export interface Match {
  kind: 'name' | 'written' | 'sound' | 'part' | 'word' | 'birth' | 'birthYear' | 'birthSwapped' | 'birthNear';
  shared: number;
}

export interface Evidence {
  matches: readonly Match[];
  /** What is told of the birthday of both: nothing of one of them, no more than the year, the day of one, or of both. */
  births: 'unknown' | 'year' | 'mixed' | 'day';
  ageBands: readonly [AgeBand, AgeBand];
}

export interface Likeness {
  /** 0–100. */
  score: number;
  reasons: Reason[];
}

/** From this score on two people are shown as likely the same. */
export const LIKELY = 55;

/**
 * What a name is worth by how many share it: of a name that c people have, one of them is the one looked for with a
 * chance of about one in c, however many people there are (Fellegi and Sunter's weights come to the same).
 */
const WORTH: Record<
  'name' | 'written' | 'sound' | 'part' | 'word',
  readonly [upTo: number, points: number][]
> = {
  name: [
    [2, 70],
    [4, 50],
    [10, 45],
    [Infinity, 35],
  ],
  written: [
    [2, 70],
    [4, 50],
    [10, 45],
    [Infinity, 35],
  ],
  sound: [
    [2, 43],
    [4, 36],
    [10, 30],
    [Infinity, 22],
  ],
  part: [
    [4, 35],
    [Infinity, 20],
  ],
  // One word is enough with the same birthday, unless it is one that very many have.
  word: [
    [60, 22],
    [Infinity, 0],
  ],
};
const COMMON = 10;

const BIRTH = 35;
/** Of both no more than the year is known, or of one of them. */
const BIRTH_YEAR = { year: 20, mixed: 4 };
const BIRTH_SWAPPED = 20;
const BIRTH_NEAR = 12;
const BIRTH_DIFFERS = -35;
const AGE_DIFFERS = -20;
const AGE_SAME = 5;

/** How likely two people are one, with the reasons; the name comes first. */
export function likenessOf({ matches, births, ageBands }: Evidence): Likeness {
  const shared = new Map<Match['kind'], number>();
  for (const match of matches) {
    shared.set(match.kind, Math.min(match.shared, shared.get(match.kind) ?? Infinity));
  }
  const worth = (kind: keyof typeof WORTH): number => {
    const count = shared.get(kind);
    return count === undefined ? 0 : WORTH[kind].find(([upTo]) => count <= upTo)![1];
  };
  const best = (['name', 'written', 'sound', 'part', 'word'] as const).toSorted(
    (a, b) => worth(b) - worth(a),
  )[0]!;
  if (worth(best) === 0) return { score: 0, reasons: [] };
  const reasons: Reason[] = [best];
  if (shared.get(best)! > COMMON) reasons.push('commonName');
  const [birth, points] = birthOf(shared, births, ageBands);
  if (birth) reasons.push(birth);
  return { score: Math.max(0, Math.min(100, worth(best) + points)), reasons };
}

function birthOf(
  shared: Map<Match['kind'], number>,
  births: Evidence['births'],
  [one, other]: Evidence['ageBands'],
): [Reason | null, number] {
  if (shared.has('birth')) return ['birth', BIRTH];
  if (shared.has('birthSwapped')) return ['birthSwapped', BIRTH_SWAPPED];
  // Day and month alone, a generation apart, are no slip of the pen.
  if (shared.has('birthNear') && one === other) return ['birthNear', BIRTH_NEAR];
  if ((births === 'year' || births === 'mixed') && shared.has('birthYear')) {
    return ['birthYear', BIRTH_YEAR[births]];
  }
  if (births !== 'unknown') return ['birthDiffers', BIRTH_DIFFERS];
  if (one === 'unknown' || other === 'unknown') return [null, 0];
  return one === other ? ['ageSame', AGE_SAME] : ['ageDiffers', AGE_DIFFERS];
}
