import { Option } from 'commander';
import { displaySafe } from '../../display/display-safe.js';
import { shivizLines } from '../../trace/show/shiviz.js';
import { readSpaceTime } from './log-files.js';
import { writeLines } from './output.js';
import { traceVerb } from './trace-verb.js';

const after = `
ShiViz draws space-time diagrams in a browser: open it (https://bestchai.bitbucket.io/shiviz/), choose the file, and it
is read as it is, with its expression and delimiter in the first two lines. Vector clocks, which no message of Chit Chat
carries, are derived from the logs: from the order in each of them, and from which event was whose.

Examples:
  chit-trace export --format shiviz ada.log bob.log server.log -o talk.shiviz
  chit-trace export --format shiviz *.log | less`;

/** `chit-trace export`: a run in the format of another tool. */
export const exportVerb = traceVerb<{ readonly output?: string }>({
  name: 'export',
  description: 'Write the conversation in the format of another tool that draws and searches distributed executions.',
  after,
  options: (command) =>
    command
      .addOption(new Option('--format <FORMAT>', 'what to write').choices(['shiviz']).makeOptionMandatory())
      .option('-o, --output <FILE>', 'the file to write (default: standard output)'),
  work: async (logs, { output }) => {
    const lines = shivizLines(await readSpaceTime(logs), displaySafe);
    await writeLines(lines, { file: output === '-' ? undefined : output, logs });
    return 'done';
  },
});
