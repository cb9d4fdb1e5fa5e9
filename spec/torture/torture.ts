import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { printHelpIfAsked } from '../scripts/script-help.js';
import { faultLine, faultPlan } from './fault-plan.js';
import { TortureUsage, tortureOptions } from './torture-options.js';
import { exitCodeOf, exitCodes, reportText } from './torture-report.js';
import { targetsOf, torture } from './torture-run.js';

const help = `npm run torture -- [OPTIONS]

A real server and real clients under faults and attacks, judged by the history checker. The seed decides the plan of faults and
what is said; the machine decides at which moments they meet. Ctrl-C ends the faults early and judges what has happened.

  --seed N       the plan's seed (1)
  --seconds N    how long faults happen (90); coming to rest and judging take longer
  --cast N       processes of chit-client (12)
  --crowd N      clients of the library in this process (40)
  --attack LIST  attackers from another address: some of frames,reads,churn (all three), or none
  --bits         bits of the store are flipped between the server's lives: nothing may be lost but what the server says is
  --node PATH    the Node binary that all of it runs on (this one)
  --plan         only print the faults of the seed
  --json         the report, or the plan, as JSON

Exit codes:
  0  every promise was kept
  1  a promise was broken, or the server died by itself; the evidence is kept
  2  the command line makes no sense
  3  not all is known, for a client never came back
`;

async function main(args: readonly string[]): Promise<number> {
  printHelpIfAsked(args, help);
  const options = tortureOptions(args);
  if (options.node !== undefined && !isThisNode(options.node)) return underNode(options.node, args);
  if (options.plan) {
    const plan = faultPlan(options.seed, options.seconds, targetsOf(options));
    process.stdout.write(plan.map((fault) => `${options.json ? JSON.stringify(fault) : faultLine(fault)}\n`).join(''));
    return exitCodes.kept;
  }
  const early = new AbortController();
  process.once('SIGINT', () => early.abort());
  const report = await torture(options, early.signal, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : reportText(report));
  return exitCodeOf(report);
}

function isThisNode(path: string): boolean {
  try {
    return realpathSync(path) === realpathSync(process.execPath);
  } catch {
    throw new TortureUsage(`--node is the path of a Node binary; there is none at ${path}`);
  }
}

/** The server, the clients and this program itself, whose clients are the crowd. */
async function underNode(node: string, args: readonly string[]): Promise<number> {
  const [, program = ''] = process.argv;
  const child = spawn(node, [...process.execArgv, program, ...args], { stdio: 'inherit' });
  // Ctrl-C goes to both; this one waits for the other's report.
  process.on('SIGINT', () => {});
  const [code] = await once(child, 'close');
  return code ?? exitCodes.incomplete;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof TortureUsage)) throw error;
  process.stderr.write(`torture: ${error.message}\n`);
  process.exitCode = exitCodes.usage;
}
