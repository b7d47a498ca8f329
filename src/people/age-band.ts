import type { Day } from '../kernel/calendar.js';
import type { AgeBand } from '../kernel/codes.js';

/** The first age of each band, the oldest first. */
const BANDS: readonly [number, AgeBand][] = [
  [65, '65+'],
  [50, '50-64'],
  [30, '30-49'],
  [18, '18-29'],
  [6, '6-17'],
];

/** Full years lived on `today`. Somebody born on 29 February is a year older on 1 March of a common year. */
const ageOn = (today: Day, birthDate: Day): number =>
  Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (today.slice(5) < birthDate.slice(5) ? 1 : 0);

/** The band that figures count a person in, as of `today`, which is not before the birthday. */
export function ageBandOf(birthDate: Day, today: Day): AgeBand {
  const age = ageOn(today, birthDate);
  return BANDS.find(([from]) => age >= from)?.[1] ?? '0-5';
}
