import { cpus, totalmem } from 'node:os';
import { say } from '../../src/process.js';
import { benchDecisions } from './decisions.bench.js';
import { benchGrowth, benchVerify } from './ledger.bench.js';
import { matching } from './matching.bench.js';
import { holds, type Compared } from './measure.js';
import { openBooks, openServer } from './server.js';
import { benchSimilar } from './similar.bench.js';

const FEW = 10_000;
const MANY = 1_000_000;

const lineOf = (compared: Compared): string => {
  const { what, measured, baseline, ratio, spread, bound } = compared;
  const range = spread.map((end) => end.toFixed(2)).join('–');
  const verdict = holds(compared) ? 'ok' : 'TOO SLOW';
  return `${what}\n    ${measured} / ${baseline} = ${ratio.toFixed(2)} (${range}), at ${bound.at} ${bound.ratio}: ${verdict}`;
};

/** Measures each promise about speed as a ratio within this run, and fails when one is not kept. */
async function main(): Promise<void> {
  const [cpu] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  say(`${cpus().length} × ${cpu?.model}, ${memoryGb} GB, Node ${process.versions.node}, ${process.platform}`);
  matching(say);
  const server = await openServer();
  const results: Compared[] = [];
  const add = (...some: Compared[]) => {
    results.push(...some);
    for (const compared of some) say(lineOf(compared));
  };
  try {
    add(...(await benchSimilar()));
    add(...(await benchDecisions()));
    say(`Filling books with ${FEW} and ${MANY} transfers; this takes some minutes.`);
    const few = await openBooks(FEW);
    const many = await openBooks(MANY);
    try {
      add(...(await benchGrowth(few, many)), await benchVerify(many));
    } finally {
      await few.close();
      await many.close();
    }
  } finally {
    await server.close();
  }
  if (!results.every(holds)) process.exitCode = 1;
}

await main();
