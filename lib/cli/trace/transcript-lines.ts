import { displaySafe } from '../../display/display-safe.js';
import { columnsOf, fitting } from '../../display/graphemes.js';
import { crossedSign, type Line, type Span } from '../../display/line.js';
import type { Tone } from '../../display/palette.js';
import type { TranscriptEntry } from '../../trace/show/transcript.js';
import type { Selected } from '../../trace/space-time/selection.js';
import type { Moment } from '../../trace/space-time/space-time.js';
import { telling } from '../../trace/space-time/words.js';

/** Columns that names get at most. */
const nameColumnsMax = 20;

/** Between columns. */
const gap = '  ';

/**
 * Draws the entries of one transcript as lines for a terminal, in columns: Lamport time, wall-clock time where it is
 * known (local time of this machine), whose lifeline, what happened. All text in them is safe to show. `source`:
 * whether to tell each moment's line of the log. Gives the lines of the next entry: one, and before it a new day.
 */
export function transcriptLines(
  { spaceTime, lifelines, moments }: Selected,
  { source: told = false }: { readonly source?: boolean | undefined } = {},
): (entry: TranscriptEntry) => Line[] {
  const timeColumns = moments.reduce((most, { lamport }) => Math.max(most, String(lamport).length), 'L'.length);
  const shown = (index: number) => fitting(displaySafe(spaceTime.lifelines[index]?.name ?? ''), nameColumnsMax);
  const names = new Map(lifelines.map((index) => [index, { text: shown(index), columns: columnsOf(shown(index)) }]));
  const longest = Math.max(0, ...Array.from(names.values(), ({ columns }) => columns));
  const indent = timeColumns + timeLength + longest + 3 * gap.length;
  let latestDay = '';
  return ({ moment, name, crossed, receipts }) => {
    const { lamport, timeMs, source } = moment;
    const [day, time] = timeMs === undefined ? ['', ''] : localTime(timeMs);
    const { text: own, columns } = names.get(moment.lifeline) ?? { text: '', columns: longest };
    const spans: Span[] = [
      { text: `${String(lamport).padStart(timeColumns)}${gap}${time.padEnd(timeLength)}${gap}`, tone: 'faint' },
      { text: own, tone: { author: name } },
      { text: ' '.repeat(longest - columns) + gap, tone: 'plain' },
      ...what(moment),
    ];
    const aside = (text: string, tone: Tone) => spans.push({ text: `${gap}${displaySafe(text)}`, tone });
    if (crossed) aside(`${crossedSign} ${crossed}`, 'notice');
    if (receipts) aside(`· ${receipts}`, 'faint');
    if (told && source) aside(`${source.file}:${source.line}`, 'faint');
    const line: Line = { spans, indent };
    if (day <= latestDay) return [line];
    latestDay = day;
    return [{ spans: [{ text: `-- ${day}`, tone: 'faint' }], indent: 0 }, line];
  };
}

const timeLength = '14:03:05.123'.length;

/** What happened, with the author of a message in his colour. */
function what(moment: Moment): Span[] {
  const { before, author, after } = telling(moment);
  const alert = moment.kind === 'lose-connection' || moment.kind === 'refused';
  const tone = alert ? 'alert' : author ? 'faint' : 'plain';
  return [
    { text: displaySafe(before), tone },
    { text: displaySafe(author), tone: { author } },
    { text: displaySafe(after), tone: 'plain' },
  ];
}

/** The day and the time of day, as clocks show them where the reader is. */
function localTime(timeMs: number): [string, string] {
  const date = new Date(timeMs);
  // What no calendar has stays unsaid.
  if (Number.isNaN(date.getTime())) return ['', ''];
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const second = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  return [day, `${two(date.getHours())}:${two(date.getMinutes())}:${second}`];
}
