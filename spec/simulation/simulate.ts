import { parseArgs } from 'node:util';
import { check } from '../../lib/trace/check/check.js';
import { simulate } from './simulation.js';

/** `npm run simulate -- [--from N] [--seeds N] [--steps N]`: many runs; the first violation of each, and 1 if there was any. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '10000' },
      steps: { type: 'string', default: '300' },
    },
  });
  const [from, seeds, steps] = [Number(values.from), Number(values.seeds), Number(values.steps)];
  const began = performance.now();
  let events = 0;
  let violated = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const run = await simulate(seed, steps);
    events += run.events;
    const [first] = check(run.history);
    if (!first) continue;
    violated += 1;
    console.log(JSON.stringify({ seed, ...first }));
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ seeds, steps, events, violated, runsPerSecond: Math.round(seeds / seconds) }));
  return violated > 0 ? 1 : 0;
}

process.exitCode = await main();
