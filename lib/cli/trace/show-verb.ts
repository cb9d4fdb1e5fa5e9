import { Option } from 'commander';
import type { Line } from '../../display/line.js';
import { colours, noColours } from '../../display/palette.js';
import { rows } from '../../display/rows.js';
import { transcript } from '../../trace/show/transcript.js';
import { type Selection, select } from '../../trace/space-time/selection.js';
import { readSpaceTime } from './log-files.js';
import { writeLines } from './output.js';
import { selectionOptions, traceVerb } from './trace-verb.js';
import { transcriptLines } from './transcript-lines.js';

const after = `
Each line tells the Lamport time, the time of day by the clock of whoever wrote it down, whose lifeline it is on (a
participant's or the room's), and what happened. Nothing stands before its cause; what has the same Lamport time is not
ordered by it. A room stamps an event: beside it stands who received it and at which Lamport times, of those whose
logs are given. "~ crossed 4" marks a message whose author had not been shown message 4 when sending it.

Examples:
  chit-trace show ada.log bob.log server.log           the conversation, one line for each thing that happened
  chit-trace show --from 40 --to 60 --all *.log        every single receipt of the events 40 to 60
  chit-trace show --participants ada,bob --source *.log
                                                       two of them, and the line of the log that says so
  chit-trace show --color always *.log | less -R`;

interface ShowOptions extends Selection {
  readonly all?: boolean;
  readonly source?: boolean;
  readonly color: 'auto' | 'always' | 'never';
}

/** `chit-trace show`: all logs as one transcript in causal order. */
export const showVerb = traceVerb<ShowOptions>({
  name: 'show',
  description: 'Print the conversation of all logs as one transcript, in which nothing stands before its cause.',
  after,
  options: (command) => {
    for (const option of selectionOptions()) command.addOption(option);
    return command
      .option('--all', 'a line for every single moment: each receipt, welcome and end too')
      .option('--source', 'tell the file and line that each moment is read from')
      .addOption(
        new Option(
          '--color <WHEN>',
          'colours: always, never, or where the output is a terminal and NO_COLOR is not set',
        )
          .choices(['auto', 'always', 'never'])
          .default('auto'),
      );
  },
  work: async (logs, options) => {
    await writeLines(linesOf(await readSpaceTime(logs), options), { logs });
    return 'done';
  },
});

function* linesOf(spaceTime: Awaited<ReturnType<typeof readSpaceTime>>, options: ShowOptions): Generator<string> {
  const selected = select(spaceTime, options);
  const linesOfEntry = transcriptLines(selected, options);
  const { isTTY, columns = 80 } = process.stdout;
  const coloured = options.color === 'always' || (options.color === 'auto' && isTTY && !process.env.NO_COLOR);
  const palette = coloured ? colours : noColours;
  // What is no terminal has no edge to break rows at.
  const drawn = ({ spans }: Line) => spans.map(({ text, tone }) => palette(text, tone)).join('');
  const broken = (line: Line) => rows(line, columns, palette).slice(0, -1);
  for (const entry of transcript(selected, options)) {
    for (const line of linesOfEntry(entry)) yield isTTY ? broken(line) : drawn(line);
  }
}
