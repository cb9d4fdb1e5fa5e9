import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parsedOrRefused } from '../scripts/script-help.js';
import { fullSizes, type Result, tinySizes } from './case.js';
import { cases } from './cases.js';
import { medians } from './medians.js';
import { plot } from './plot.js';
import { runCases } from './run-cases.js';
import { programOf } from './subjects/chit-server.js';
import { table } from './table.js';

const usage = `npm run bench -- [case …] [--against DIR] [--tiny] [--seconds N] [--rounds N] [--json] [--plot FILE.svg]
  cases:     ${[...cases.keys()].join(', ')}; all unless some are named
  --against  another checkout, built: its server is measured in turns with this one's, instead of node:http2 and NATS, by the cases
             that compare servers and by durable; the ratios are this one's to that one's
  --tiny     so small that only the correctness means anything
  --seconds  how long each steady state is measured (${fullSizes.seconds})
  --rounds   how often all of it is done; the table and the plot have the medians (1)
  --json     only the results, a JSON object a line
  --plot     draws the results

Exit codes:
  0  all was delivered to everybody, in order and without gap
  1  not so
  2  the command line makes no sense
`;

async function main(): Promise<number> {
  const { values, positionals } = parsedOrRefused(() =>
    parseArgs({
      allowPositionals: true,
      options: {
        tiny: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        against: { type: 'string' },
        seconds: { type: 'string' },
        rounds: { type: 'string', default: '1' },
        plot: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  const unknown = positionals.find((name) => !cases.has(name));
  if (values.help || unknown) {
    process.stdout.write(unknown ? `There is no case ${unknown}.\n${usage}` : usage);
    return unknown ? 2 : 0;
  }
  const against = values.against === undefined ? undefined : resolve(values.against);
  if (against !== undefined && !existsSync(programOf({ directory: against }))) {
    process.stderr.write(`There is no bin/chit-server in ${against}: name a checkout that is built.\n`);
    return 2;
  }
  const sizes = values.tiny ? tinySizes : fullSizes;
  const results: Result[] = [];
  const say = (text: string) => values.json || process.stdout.write(`${text}\n`);
  try {
    for (let round = 0; round < Number(values.rounds); round += 1) {
      await runCases({
        cases: positionals.length === 0 ? cases : new Map([...cases].filter(([name]) => positionals.includes(name))),
        sizes: values.seconds === undefined ? sizes : { ...sizes, seconds: Number(values.seconds) },
        reported: (result) => {
          results.push(result);
          process.stdout.write(`${JSON.stringify(result)}\n`);
        },
        note: say,
        against,
        reversed: round % 2 === 1,
      });
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    return 1;
  }
  say(`\n${table(medians(results))}`);
  if (values.plot !== undefined) writeFileSync(values.plot, plot(medians(results)));
  return 0;
}

process.exitCode = await main();
