import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { Option } from 'commander';
import { displaySafe } from '../../display/display-safe.js';
import { RunFacts } from '../../trace/draw/captions.js';
import { html } from '../../trace/draw/html.js';
import { layout } from '../../trace/draw/layout.js';
import { mermaid } from '../../trace/draw/mermaid.js';
import { svg } from '../../trace/draw/svg.js';
import { type Selected, type Selection, select } from '../../trace/space-time/selection.js';
import { wholeNumber } from '../arguments.js';
import { readSpaceTime } from './log-files.js';
import { writeLines } from './output.js';
import { selectionOptions, traceVerb } from './trace-verb.js';

const drawLimits = {
  /** Sends, stamps, receipts and the like in one drawing: 12 participants and 2,500 events. */
  momentsMax: 40_000,
  /** Characters that Mermaid takes unless it is set up otherwise (its `maxTextSize`). */
  mermaidLengthMax: 50_000,
} as const;

const after = `
The picture: a line for each participant and, rightmost, for the room; logical time flows down, with the Lamport times
at the left. What somebody sends goes to the right, to the room, which stamps it with its place in the order (a square,
with the event beside it); from there it goes to the left, to everybody who receives it. A dashed arrow to a hollow
diamond is a message that crossed others in flight: its author had not been shown them. Point at a mark to read its
text and its clocks.

Formats:
  svg      a picture on white paper, for documents and print. With --output a long conversation becomes several files,
           out-1.svg, out-2.svg, …, each about a sheet of A4 and with all names; on standard output it is one long page.
  html     one page for the browser that needs nothing else: zoom, move, and pick an event to see its causal past and
           future and what is concurrent with it.
  mermaid  a sequence diagram as text, for Markdown. For short conversations: Mermaid takes ${drawLimits.mermaidLengthMax.toLocaleString('en-US')} characters unless it is
           set up otherwise.

Examples:
  chit-trace draw ada.log bob.log cem.log -o talk.svg   the whole conversation of three
  chit-trace draw *.log -o talk.html                    the same, to explore
  chit-trace draw *.log --from 40 --to 60 --participants ada,bob -o part.svg
                                                        a part of it
  chit-trace draw *.log --format mermaid --to 12        a sequence diagram of its beginning`;

interface DrawOptions extends Selection {
  readonly output?: string;
  readonly format?: DrawFormat;
  readonly pageEvents?: number;
}

/** `chit-trace draw`: the space-time diagram of a run. */
export const drawVerb = traceVerb<DrawOptions>({
  name: 'draw',
  description: 'Draw the conversation as a space-time diagram: who knew what when, and what crossed in flight.',
  after,
  options: (command) => {
    command
      .option('-o, --output <FILE>', 'the file to write (default: standard output)')
      .addOption(
        new Option('--format <FORMAT>', 'how (default: as the file is called, else svg)').choices(drawFormats),
      );
    for (const option of selectionOptions(', from left to right')) command.addOption(option);
    const events = 'at most so many events on a page of svg (default: as many as fit)';
    return command.addOption(new Option('--page-events <N>', events).argParser(wholeNumber(1)));
  },
  work: async (logs, options, command) => {
    const file = options.output === '-' ? undefined : options.output;
    const format = options.format ?? formatOf(file);
    if (!format)
      return command.error(`error: ${file} does not say which format: add --format, or end it in .svg, .html or .mmd.`);
    if (options.pageEvents !== undefined && (format !== 'svg' || file === undefined))
      command.error(
        'error: --page-events makes several svg files: name the first part of their names with -o FILE.svg.',
      );
    const selected = select(await readSpaceTime(logs), options);
    const { length } = selected.moments;
    if (length > drawLimits.momentsMax)
      command.error(
        `error: that would be ${length} marks, and at most ${drawLimits.momentsMax} are drawn: choose some events with --from and --to, or --participants.`,
      );
    const pages = drawn(selected, format, { ...options, paged: file !== undefined });
    const files = file === undefined ? [undefined] : pageFiles(file, pages.length);
    for (const [at, page] of pages.entries()) await writeLines([page], { file: files[at], logs });
    // Where the pages are: not under the name that was asked for.
    const where = `The drawing has ${files.length} pages: ${files[0]} to ${files.at(-1)}.`;
    if (files.length > 1) process.stderr.write(`chit-trace: ${displaySafe(where)}\n`);
    return 'done';
  },
});

/** The text of each page. */
function drawn(
  selected: Selected,
  format: DrawFormat,
  { paged, pageEvents }: { readonly paged: boolean; readonly pageEvents?: number | undefined },
): string[] {
  const facts = new RunFacts(selected.spaceTime, displaySafe);
  if (format === 'mermaid') {
    const text = mermaid(selected, facts);
    if (text.length > drawLimits.mermaidLengthMax) {
      process.stderr.write(
        `chit-trace: warning: the diagram has ${text.length} characters, and Mermaid takes ${drawLimits.mermaidLengthMax} unless its maxTextSize is set higher. Choose fewer events with --from and --to.\n`,
      );
    }
    return [text];
  }
  const eventsPerPage = format === 'svg' && paged ? pageEvents : Number.POSITIVE_INFINITY;
  const picture = layout(selected, facts, eventsPerPage);
  if (format === 'html') return [html(picture, facts, sha256Base64)];
  return picture.pages.map((page) => svg(picture, page));
}

const drawFormats = ['svg', 'html', 'mermaid'] as const;
type DrawFormat = (typeof drawFormats)[number];

const byEnding: Readonly<Record<string, DrawFormat>> = {
  '.svg': 'svg',
  '.html': 'html',
  '.htm': 'html',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
};

/** The format that a file's name asks for; SVG where there is no file, and undefined where the name does not say. */
function formatOf(file: string | undefined): DrawFormat | undefined {
  return file === undefined ? 'svg' : byEnding[extname(file).toLowerCase()];
}

/** The files of `count` pages, which sort in their order: `out-01.svg`, `out-02.svg`; of one page the name as it is. */
function pageFiles(file: string, count: number): string[] {
  if (count === 1) return [file];
  const ending = extname(file);
  const stem = file.slice(0, file.length - ending.length);
  const digits = `${count}`.length;
  return Array.from({ length: count }, (_, at) => `${stem}-${`${at + 1}`.padStart(digits, '0')}${ending}`);
}

/** A text's SHA-256 (of UTF-8) in Base64, as a Content-Security-Policy names a script or style (CSP 3, 2.3.1). */
export function sha256Base64(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
