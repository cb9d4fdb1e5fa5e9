import type { Selected } from '../space-time/selection.js';
import type { Moment } from '../space-time/space-time.js';
import { captionsOf, type RunFacts, roomsLast, withTimes } from './captions.js';
import { type Columns, columnsOf, measuresFor, sizes } from './columns.js';
import { figuresOf } from './figures.js';
import { headOf, ledgerOf, skipsOf, timesOf } from './labels.js';
import { legendOf } from './legend.js';
import { pagesOf, type Window } from './pages.js';
import type { Line, Mark, Page, Picture } from './picture.js';
import { rowsOf } from './rows.js';

/** The height of a page's rows after which another page begins, in pixels: 12 lifelines then look like an A4 sheet. */
const pageHeightMax = 1500;
/** The rows' height from which on the names stand below them as well. */
const namesBelowFrom = 600;

/**
 * Where everything is on the space-time diagram of what was selected. Takes time in proportion to it and to the run.
 * `eventsPerPage`: as many as fit well unless it is said; with Infinity all are on one page, however long.
 */
export function layout(wanted: Selected, facts: RunFacts, eventsPerPage?: number): Picture {
  const selected = roomsLast(wanted);
  const { moments, lifelines, spaceTime } = selected;
  const measures = measuresFor(lifelines.length, moments.length);
  const untimed = captionsOf(moments, facts);
  const rows = rowsOf(moments, measures.pitch, ({ index }) => untimed.has(index));
  const captions = withTimes(untimed, moments, rows.time);
  const latest = rows.rows.at(-1)?.level ?? 0;
  const columns = columnsOf(facts, lifelines, measures, { captions: [...captions.values()], latest });
  const figures = figuresOf(selected, rows, columns, measures.pitch, facts);
  const stamps = moments.filter(({ kind }) => kind === 'stamp');
  const windows = pagesOf(
    rows.rows,
    figures.arrows.map(({ y1, y2 }) => [y1, y2]),
    stamps.map(({ index }) => rows.y(index) ?? 0),
    { heightMax: eventsPerPage === undefined ? pageHeightMax : Infinity, eventsMax: eventsPerPage ?? Infinity },
  );

  const pageOf = (window: Window, number: string): Page => {
    const nameTop = sizes.margin + sizes.titleHeight;
    const top = nameTop + sizes.nameHeight + sizes.headGap;
    const height = window.bottom - window.top;
    const down = top - window.top;
    const here = { ...window, down };
    const arrows = figures.arrows.flatMap((arrow) => cut(arrow, here));
    const marks = figures.marks.filter((mark) => isOn(mark, window)).map((mark) => ({ ...mark, y: mark.y + down }));
    const pieces = figures.lifelines.flatMap((piece) => cut(piece, here));
    const shownRows = rows.rows.filter((row) => row.top >= window.top && row.bottom <= window.bottom);
    const ledger = ledgerOf(marks, columns, captions);
    const names = [nameTop];
    let below = top + height;
    if (height > namesBelowFrom) {
      names.push(below + sizes.headGap);
      below += sizes.headGap + sizes.nameHeight;
    }
    const legend = legendOf({ marks, arrows, lifelines: pieces }, below + sizes.legendGap, columns.width);
    const shown = marks.flatMap(({ moment }) => moment ?? []);
    return {
      width: columns.width,
      height: below + sizes.legendGap + legend.height + sizes.margin,
      plot: { x: columns.left, y: top, width: columns.right - columns.left, height },
      guides: shownRows.flatMap(({ lines }) => lines.map(({ y }) => across(columns, y + down))),
      lifelines: [...pieces, ...legend.lifelines],
      arrows: [...arrows, ...legend.arrows],
      marks: [...marks, ...ledger.marks, ...skipsOf(shownRows, columns, down), ...legend.marks],
      labels: [
        ...headOf(`${titleOf(shown, facts)}${number}`, names, lifelines, columns),
        ...timesOf(shownRows, columns, down),
        ...ledger.labels,
        ...legend.labels,
      ],
    };
  };
  const numbered = (at: number) => (windows.length > 1 ? ` (page ${at + 1} of ${windows.length})` : '');
  const description =
    `A space-time diagram with ${lifelines.length} lifelines and ${stamps.length} events of the room. Logical time flows ` +
    'downwards; each event goes from its author to the room and from there to every participant.';
  return {
    title: titleOf(moments, facts),
    description,
    clients: spaceTime.lifelines.flatMap(({ kind }, index) => (kind === 'client' ? index : [])),
    pages: windows.map((window, at) => pageOf(window, numbered(at))),
  };
}

/** Bars may lie between two pages: where a lifeline begins belongs to the later, where it ends to the earlier. */
function isOn({ kind, y }: Mark, { top, bottom }: Window): boolean {
  return kind === 'begin' ? y >= top && y < bottom : y > top && y <= bottom;
}

function across({ left, right }: Columns, y: number): Line {
  return { x1: left, y1: y, x2: right, y2: y };
}

/** The part of a line that goes down which is in the window, moved to the page. */
function cut<L extends Line>(line: L, { top, bottom, down }: Window & { readonly down: number }): L[] {
  const { x1, y1, x2, y2 } = line;
  if (y2 < top || y1 > bottom || (y2 === top && y1 < top) || (y1 === bottom && y2 > bottom)) return [];
  const x = (y: number) => (y2 === y1 ? x1 : x1 + ((x2 - x1) * (y - y1)) / (y2 - y1));
  const [from, to] = [Math.max(y1, top), Math.min(y2, bottom)];
  const part = { ...line, x1: y1 < top ? x(from) : x1, y1: from + down, x2: y2 > bottom ? x(to) : x2, y2: to + down };
  return ['arrives' in line ? { ...part, arrives: y2 <= bottom } : part];
}

function titleOf(moments: readonly Moment[], facts: RunFacts): string {
  const rooms = facts.spaceTime.lifelines.filter(({ kind }) => kind === 'room').map(({ name }) => facts.shown(name));
  const sequences = moments.flatMap(({ kind, event }) => (kind === 'stamp' && event ? event.sequence : []));
  const [first, last] = [Math.min(...sequences), Math.max(...sequences)];
  const some = first === last ? `event ${first}` : `events ${first} to ${last}`;
  return `${rooms.length === 1 ? 'Room' : 'Rooms'} ${rooms.join(', ')}: ${sequences.length === 0 ? 'no events' : some}`;
}
