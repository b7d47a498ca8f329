/** Two things measured in turn in one run: the figure of each is the median, the ratio the median of the rounds'. */
export interface Compared {
  what: string;
  measured: string;
  baseline: string;
  ratio: number;
  /** The smallest and the largest ratio of a round. */
  spread: [number, number];
  bound: { at: 'most' | 'least'; ratio: number };
}

export const holds = ({ ratio, bound }: Compared): boolean =>
  bound.at === 'most' ? ratio <= bound.ratio : ratio >= bound.ratio;

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How many milliseconds this takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Each round measures both, and every other one the second first; one round before warms up and does not count. */
export async function inTurn(
  rounds: number,
  one: () => Promise<number>,
  other: () => Promise<number>,
): Promise<[number[], number[]]> {
  const seen: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const second = round % 2 === 1 ? await other() : undefined;
    const first = await one();
    const pair = [first, second ?? (await other())] as const;
    if (round > 0) pair.forEach((value, side) => seen[side]!.push(value));
  }
  return seen;
}

/** Compares what was measured in turn; `text` writes a figure with its unit. */
export function compare(
  what: string,
  [ones, others]: [number[], number[]],
  bound: Compared['bound'],
  text: (figure: number) => string,
): Compared {
  const ratios = ones.map((value, round) => value / others[round]!);
  return {
    what,
    measured: text(median(ones)),
    baseline: text(median(others)),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    bound,
  };
}
