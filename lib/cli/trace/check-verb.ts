import { judge } from '../../trace/check/judge.js';
import type { Verdict } from '../../trace/check/verdict.js';
import { judgeForeign } from '../../trace/foreign/judge-foreign.js';
import { collected } from '../arguments.js';
import { checkReport, contentOf, filesRead } from './check-report.js';
import { type ForeignOptions, readForeignLogs } from './foreign-logs.js';
import { CannotReadLogs, readLogBundle } from './log-files.js';
import { writeLines } from './output.js';
import { traceVerb } from './trace-verb.js';

const after = `
The more logs there are of one run, the more can be said: all clients' logs, and the server's (chit-server --log-file, best
with --log-level debug). What is missing is named, and what can be judged without it is judged.

Examples:
  chit-trace check ada.log bob.log cyd.log     did the three see the same, in the same order?
  chit-trace check server.log logs/*.log       hold the server's log against its clients' too

Logs of other chats are read with --pattern, a regular expression (JavaScript's) for the lines that matter; given several
times, the first that matches counts. What it names:
  (?<lamport>\\d+)      the Lamport time, always needed: in all patterns the event's, or in all the writer's own clock
  (?<participant>…)    whom the line is about; without it, whose log it is
  (?<text>…)           the message
  (?<event>…)          what happened: a word with join or connect, with leave, left or disconnect, or with send, sent or
                       publish (the log's owner sends something); anything else, or nothing: a message is received
  (?<self>…)           if it matches, the line is about whose log it is ("You: …")
Each file is the log of the participant it is named after: alice.log is alice's. --as says it otherwise.

  # [Lamport: 3] SERVER: Participant alice joined Chit Chat at logical time 3
  # [Lamport: 5] alice: hello
  chit-trace check alice.log bob.log \\
    --pattern '\\[Lamport: (?<lamport>\\d+)\\] SERVER: Participant (?<participant>\\S+) (?<event>joined|left)' \\
    --pattern '\\[Lamport: (?<lamport>\\d+)\\] (?<participant>\\S+): (?<text>.*)'

  # INFO bob (lamport 4) >> hi there
  # INFO bob (lamport 9) disconnected
  chit-trace check alice.log bob.log --pattern \\
    'INFO (?<participant>\\S+) \\(lamport (?<lamport>\\d+)\\) (>> (?<text>.*)|(?<event>(dis)?connected))'

  # SEND time=5 "hello"
  # MESSAGE client=1 time=7 "hello"
  chit-trace check --as 1=first.log --as 2=second.log first.log second.log \\
    --pattern '(?<event>SEND) time=(?<lamport>\\d+) "(?<text>.*)"' \\
    --pattern '(?<event>JOIN|LEAVE|MESSAGE) client=(?<participant>\\d+) time=(?<lamport>\\d+)( "(?<text>.*)")?'

Exit codes:
  0  every promise was kept for all that the logs tell; what they leave open is listed
  1  a promise was broken: the lines that show it are told
  2  the command line makes no sense, or a file cannot be read or understood
  3  the logs tell of no event, so that nothing could be judged; with --strict also: they leave something open`;

/** Judges log files by the promises. */
export const checkVerb = traceVerb<CheckOptions>({
  name: 'check',
  description: 'Judge by their logs whether the participants saw the same conversation, in the same order, once.',
  after,
  logs: 'log files of clients and servers, of one run',
  options: (command) =>
    command
      .option('--pattern <REGEX>', 'read the logs of another chat by this; may be given several times', collected)
      .option('--as <NAME=FILE>', 'with --pattern: whose log a file is; may be given several times', collected)
      .option('--strict', 'end with 3 unless the logs tell all, so that every promise is known to have been kept'),
  work: async (logs, options) => {
    const { read, verdict } = await judged(logs, options);
    await writeLines(checkReport(read, verdict), { logs });
    const { end, seen } = verdict;
    // What is not known is no fault, unless it is to be strict or there is nothing but that.
    return end === 'incomplete' && !options.strict && seen.events > 0 ? 'done' : end;
  },
});

interface CheckOptions extends Partial<ForeignOptions> {
  readonly strict?: boolean;
}

async function judged(
  paths: readonly string[],
  { pattern = [], as = [] }: Partial<ForeignOptions>,
): Promise<{ read: string[]; verdict: Verdict }> {
  if (pattern.length > 0) {
    const logs = await readForeignLogs(paths, { pattern, as });
    const files = logs.map(({ file, owner, lines, entries }) => {
      const content = `${owner}'s log, ${entries.length} of ${lines} lines matched`;
      return { name: file, lines, content };
    });
    return { read: filesRead(files), verdict: judgeForeign(logs) };
  }
  if (as.length > 0) throw new CannotReadLogs('--as is of use only with --pattern.');
  const bundle = await readLogBundle(paths);
  const files = bundle.files.map((file) => ({ name: file.name, lines: file.lines, content: contentOf(file) }));
  return { read: filesRead(files), verdict: judge(bundle) };
}
