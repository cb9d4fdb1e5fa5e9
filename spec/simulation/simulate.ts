import { parseArgs } from 'node:util';
import { check } from '../../lib/trace/check/check.js';
import { parsedOrRefused, printHelpIfAsked, wholeNumber } from '../scripts/script-help.js';
import { simulate } from './simulation.js';

const help = `npm run simulate -- [--from N] [--seeds N] [--steps N]

Runs the server's actors on virtual time, under faults that a seed decides (crashes, failing disks, lost and half-open
streams, wiped stores), and has the history checker judge each run. The same seed does the same again.

  --from N   the first seed (1)
  --seeds N  how many seeds (10,000, about six minutes on two cores)
  --steps N  how many things happen in a run (300)

Prints a line of JSON for each run in which a promise was broken, with its seed and the first counterexample, and one for all.

Exit codes:
  0  every promise was kept in every run
  1  in some run a promise was broken
  2  the command line makes no sense
`;

async function main(args: readonly string[]): Promise<number> {
  printHelpIfAsked(args, help);
  const { values } = parsedOrRefused(() =>
    parseArgs({
      args: [...args],
      options: {
        from: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '10000' },
        steps: { type: 'string', default: '300' },
      },
    }),
  );
  const from = wholeNumber('--from', values.from, [0, 2 ** 31]);
  const seeds = wholeNumber('--seeds', values.seeds, [1, 2 ** 31]);
  const steps = wholeNumber('--steps', values.steps, [1, 1_000_000]);
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

process.exitCode = await main(process.argv.slice(2));
