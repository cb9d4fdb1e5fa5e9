import { faultLine, faultPlan } from './fault-plan.js';
import { TortureUsage, tortureOptions } from './torture-options.js';
import { exitCodeOf, exitCodes, reportText } from './torture-report.js';
import { targetsOf, torture } from './torture-run.js';

/**
 * `npm run torture -- [--seed N] [--seconds S] [--cast N] [--crowd N] [--plan] [--json]`: a real server and real clients under
 * faults, judged by the history checker. Ends with 0 if every promise was kept, 1 if not, 2 for a command line that
 * makes no sense, 3 where nobody knows. Ctrl-C ends the faults early and judges what has happened.
 */
async function main(args: readonly string[]): Promise<number> {
  const options = tortureOptions(args);
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

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof TortureUsage)) throw error;
  process.stderr.write(`torture: ${error.message}\n`);
  process.exitCode = exitCodes.usage;
}
