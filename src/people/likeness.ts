import type { AgeBand } from '../kernel/codes.js';

/** Why two people look like one, and what speaks against it. */
export const REASONS = [
  'name',
  'written',
  'sound',
  'part',
  'commonName',
  'birth',
  'birthSwapped',
  'birthNear',
  'birthDiffers',
  'ageDiffers',
  'linked',
] as const;
export type Reason = (typeof REASONS)[number];

/** A kind that both have the same form of, and how many people share that form, both counted. */
export interface Match {
  kind: 'name' | 'written' | 'sound' | 'part' | 'birth' | 'birthSwapped' | 'birthNear';
  shared: number;
}

export interface Evidence {
  matches: readonly Match[];
  /** Whether a birthday is told of both. */
  bothBirths: boolean;
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
const WORTH: Record<'name' | 'written' | 'sound' | 'part', readonly [upTo: number, points: number][]> = {
  name: [
    [2, 70],
    [4, 60],
    [10, 45],
    [Infinity, 35],
  ],
  written: [
    [2, 70],
    [4, 60],
    [10, 45],
    [Infinity, 35],
  ],
  sound: [
    [2, 45],
    [4, 38],
    [10, 30],
    [Infinity, 22],
  ],
  part: [
    [4, 25],
    [Infinity, 20],
  ],
};
const COMMON = 10;

const BIRTH = 35;
/** Where many have one birthday, it was put down for want of a better one: 1 January, mostly. */
const BIRTH_OF_MANY = 25;
const MANY = 30;
const BIRTH_SWAPPED = 20;
const BIRTH_NEAR = 12;
const BIRTH_DIFFERS = -35;
const AGE_DIFFERS = -20;

/** How likely two people are one, with the reasons; the name comes first. */
export function likenessOf({ matches, bothBirths, ageBands }: Evidence): Likeness {
  const shared = new Map<Match['kind'], number>();
  for (const match of matches) {
    shared.set(match.kind, Math.min(match.shared, shared.get(match.kind) ?? Infinity));
  }
  const worth = (kind: keyof typeof WORTH): number => {
    const count = shared.get(kind);
    return count === undefined ? 0 : WORTH[kind].find(([upTo]) => count <= upTo)![1];
  };
  const best = (['name', 'written', 'sound', 'part'] as const).toSorted((a, b) => worth(b) - worth(a))[0]!;
  if (worth(best) === 0) return { score: 0, reasons: [] };
  const reasons: Reason[] = [best];
  if (shared.get(best)! > COMMON) reasons.push('commonName');
  const [birth, points] = birthOf(shared, bothBirths, ageBands);
  if (birth) reasons.push(birth);
  return { score: Math.max(0, Math.min(100, worth(best) + points)), reasons };
}

function birthOf(
  shared: Map<Match['kind'], number>,
  bothBirths: boolean,
  [one, other]: Evidence['ageBands'],
): [Reason | null, number] {
  const births = shared.get('birth');
  if (births !== undefined) return ['birth', births > MANY ? BIRTH_OF_MANY : BIRTH];
  if (shared.has('birthSwapped')) return ['birthSwapped', BIRTH_SWAPPED];
  if (shared.has('birthNear')) return ['birthNear', BIRTH_NEAR];
  if (bothBirths) return ['birthDiffers', BIRTH_DIFFERS];
  if (one !== other && one !== 'unknown' && other !== 'unknown') return ['ageDiffers', AGE_DIFFERS];
  return [null, 0];
}
