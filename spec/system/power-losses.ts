import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Durability } from '../../lib/server/server.js';
import { parsedOrRefused, printHelpIfAsked, refuse, wholeNumber } from '../scripts/script-help.js';
import { cutsOf, judged } from './power-loss/cuts.js';
import { allLives, recordLives } from './power-loss/lives.js';
import { readRecorded } from './power-loss/recorded.js';
import { withoutStrace } from './power-loss/strace.js';

const help = `npm run power-losses -- [CUTS] [--seed S] [--cut N] [--record DIR] [--durability KIND]

Simulated losses of power [P4]. A real server is recorded under strace, through several lives, while participants talk. From the
record a disk is rebuilt as a loss of power at some moment may leave it, CUTS times (20): what was flushed is there, and of
all later writes any part. A server that starts on it must have all that had been told to anybody, and nothing that was refused.

  --seed S           which moments and which disks (default: by chance; it is printed)
  --cut N            only the cut with this number
  --record DIR       judges a record that is there, or makes it there and keeps it; otherwise it is removed, unless a cut fails
  --durability KIND  of the recorded server: power (default), or process, with which events must be lost

Prints a line of JSON for each cut, and one for all.

Exit codes:
  0  nothing was lost
  1  something was
  2  the command line makes no sense, or strace cannot be had
`;

printHelpIfAsked(process.argv.slice(2), help);
const { values, positionals } = parsedOrRefused(() =>
  parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      cut: { type: 'string' },
      record: { type: 'string' },
      durability: { type: 'string', default: 'power' },
    },
  }),
);
if (positionals.length > 1) refuse('There is one number of cuts.');
const count = wholeNumber('CUTS', positionals[0] ?? 20, [1, 100_000]);
const seed = wholeNumber('--seed', values.seed ?? Math.floor(Math.random() * 1_000_000), [0, 2 ** 31]);
const only = values.cut === undefined ? undefined : wholeNumber('--cut', values.cut, [1, 100_000]);
const { durability } = values;
if (durability !== 'power' && durability !== 'process') refuse('--durability is power or process.');

async function main(): Promise<number> {
  const directory = values.record ?? mkdtempSync(join(tmpdir(), 'chit-power-'));
  let isKept = values.record !== undefined;
  try {
    if (!existsSync(join(directory, 'lives.json'))) {
      const why = withoutStrace();
      if (why !== undefined) refuse(`${why}.`);
      mkdirSync(directory, { recursive: true });
      await recordLives({
        directory,
        kinds: allLives,
        generations: 3,
        laterMsMax: 500,
        durability: durability as Durability,
      });
    }
    const recorded = readRecorded(directory);
    const cuts = cutsOf(recorded, { seed, count: Math.max(count, only ?? 0) });
    const totals = { cuts: 0, faulty: 0 };
    for await (const { cut, life, manners, told, faults } of judged(
      recorded,
      only ? cuts.slice(only - 1, only) : cuts,
    )) {
      const { number, before, near } = cut;
      process.stdout.write(
        `${JSON.stringify({ cut: number, life, before, near, told, ...manners, faults: faults.length })}\n`,
      );
      for (const fault of faults.slice(0, 5)) process.stdout.write(`  ${fault}\n`);
      totals.cuts += 1;
      if (faults.length > 0) totals.faulty += 1;
    }
    const messages = recorded.witness.published.size;
    process.stdout.write(`${JSON.stringify({ seed, messages, told: recorded.told.size, ...totals })}\n`);
    if (totals.faulty > 0) {
      isKept = true;
      process.stdout.write(
        `The record is kept: npm run power-losses -- ${count} --seed ${seed} --record ${directory}\n`,
      );
    }
    return totals.faulty > 0 ? 1 : 0;
  } finally {
    if (!isKept) rmSync(directory, { recursive: true, force: true });
  }
}

process.exitCode = await main();
