import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { faultLine, faultPlan } from './fault-plan.js';
import { TortureUsage, tortureOptions } from './torture-options.js';
import { exitCodeOf, exitCodes, reportText } from './torture-report.js';
import { targetsOf, torture } from './torture-run.js';

/**
 * `npm run torture -- [--seed N] [--seconds S] [--cast N] [--crowd N] [--attack LIST|none] [--bits] [--node PATH] [--plan]
 * [--json]`: a real server and real clients under faults and attacks, judged by the history checker. Ends with 0 if every promise
 * was kept, 1 if not or if the server died, 2 for a command line that makes no sense, 3 where nobody knows. Ctrl-C ends the
 * faults early and judges what has happened.
 */
async function main(args: readonly string[]): Promise<number> {
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
