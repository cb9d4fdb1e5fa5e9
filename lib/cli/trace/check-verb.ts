import { Command } from 'commander';
import { judge } from '../../trace/verdict/judge.js';
import { checkReport } from './check-report.js';
import { readRun } from './log-files.js';
import { writeLines } from './output.js';
import { refusing } from './refusing.js';
import type { TraceVerb } from './trace-verb.js';

const after = `
The more logs there are of one run, the more can be said: all clients' logs, and the server's (chit-server --log-file, best
with --log-level debug). What is missing is named, and what can be judged without it is judged.

Examples:
  chit-trace check ada.log bob.log cyd.log     did the three see the same, in the same order?
  chit-trace check server.log logs/*.log       hold the server's log against its clients' too

Exit codes:
  0  every promise was kept
  1  a promise was broken: the lines that show it are told
  2  the command line makes no sense, or a file cannot be read or understood
  3  nothing was found broken, and the logs do not tell enough to say that all was kept`;

/** Judges log files by the promises. */
export const checkVerb: TraceVerb = (done) => {
  const command = new Command('check')
    .description('Judge by their logs whether the participants saw the same conversation, in the same order, once.')
    .argument('<LOG...>', 'log files of clients and servers, of one run')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', after);
  return command.action((logs: string[]) =>
    refusing(command, async () => {
      const run = await readRun(logs);
      const verdict = judge(run);
      await writeLines(checkReport(run.files, verdict), { logs });
      done(verdict.end);
    }),
  );
};
