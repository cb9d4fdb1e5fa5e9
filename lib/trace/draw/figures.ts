import type { Selected } from '../space-time/selection.js';
import type { Moment, SpaceTime } from '../space-time/space-time.js';
import type { Columns } from './columns.js';
import { detailsOf } from './details.js';
import { changesOf, type LifelineState } from './lifeline-states.js';
import type { Arrow, LifelinePiece, Mark, MarkKind } from './picture.js';
import { hasRow, type Rows } from './rows.js';
import type { RunFacts } from './run-facts.js';

/** All that is drawn where time flows, as if the paper were endless: heights are those of `Rows`. */
export interface Figures {
  readonly lifelines: readonly LifelinePiece[];
  readonly arrows: readonly Arrow[];
  readonly marks: readonly Mark[];
}

/** From the mark of the own joining to the bar above it, and from the last mark to the bar or cross below, in parts of the pitch. */
const signOffset = { begin: -0.5, end: 0.5, 'lose-connection': 0.5 } as const;

export function figuresOf(selected: Selected, rows: Rows, columns: Columns, pitch: number, facts: RunFacts): Figures {
  const place = (moment: Moment) => ({ x: columns.x.get(moment.lifeline) ?? 0, y: rows.y(moment.index) ?? 0 });
  const shown = selected.moments.filter(hasRow);
  const marks: Mark[] = shown.map((moment) => ({
    kind: markOf(moment, facts),
    ...place(moment),
    moment,
    lifeline: moment.lifeline,
    details: detailsOf(moment, facts),
  }));
  const lifelines: LifelinePiece[] = [];
  const whole = byLifeline(facts.spaceTime);
  for (const lifeline of selected.lifelines) {
    const x = columns.x.get(lifeline) ?? 0;
    if (facts.spaceTime.lifelines[lifeline]?.kind === 'room') {
      lifelines.push({ lifeline, state: 'present', x1: x, x2: x, y1: 0, y2: rows.height });
      continue;
    }
    const { pieces, ends } = lifeOf(lifeline, x, whole[lifeline] ?? [], { selected, rows, pitch });
    lifelines.push(...pieces);
    marks.push(...ends);
  }
  return { lifelines, arrows: arrowsOf(shown, selected, place, facts), marks };
}

function byLifeline({ lifelines, moments }: SpaceTime): Moment[][] {
  const groups = lifelines.map((): Moment[] => []);
  for (const moment of moments) groups[moment.lifeline]?.push(moment);
  return groups;
}

function markOf(moment: Moment, facts: RunFacts): MarkKind {
  if (moment.kind === 'stamp' && facts.crossed(moment) !== undefined) return 'stamp-crossed';
  return moment.kind;
}

function arrowsOf(
  shown: readonly Moment[],
  { spaceTime }: Selected,
  place: (moment: Moment) => { readonly x: number; readonly y: number },
  facts: RunFacts,
): Arrow[] {
  const there = new Set(shown.map(({ index }) => index));
  return shown.flatMap((moment) => {
    const cause = moment.cause === undefined ? undefined : spaceTime.moments[moment.cause];
    if (!cause || !there.has(cause.index)) return [];
    const [from, to] = [place(cause), place(moment)];
    const line = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
    return [{ ...line, kind: arrowKind(moment, facts), from: cause.index, to: moment.index, arrives: true }];
  });
}

function arrowKind(receipt: Moment, facts: RunFacts): Arrow['kind'] {
  if (receipt.kind === 'stamp') return facts.crossed(receipt) !== undefined ? 'crossed' : 'publish';
  return receipt.kind === 'fill-in' ? 'fill-in' : 'delivery';
}

/** A client's lifeline, piece by piece, with signs where it begins and ends. `whole`: all its moments in the run. */
function lifeOf(
  lifeline: number,
  x: number,
  whole: readonly Moment[],
  { selected, rows, pitch }: { readonly selected: Selected; readonly rows: Rows; readonly pitch: number },
): { readonly pieces: LifelinePiece[]; readonly ends: Mark[] } {
  const pieces: LifelinePiece[] = [];
  const ends: Mark[] = [];
  let state: LifelineState = 'absent';
  let top = 0;
  const until = (y: number) => {
    if (state !== 'absent' && y > top) pieces.push({ lifeline, state, x1: x, x2: x, y1: top, y2: y });
    top = Math.max(top, y);
  };
  for (const { moment, state: next } of changesOf(selected.spaceTime, whole)) {
    const sign = signBetween(state, next, moment);
    const at = anchor(moment, whole);
    const height = rows.y(at.index);
    const y = height === undefined ? rows.near(at) : height + (sign ? signOffset[sign] * pitch : 0);
    until(y);
    if (sign && height !== undefined) ends.push({ kind: sign, x, y, lifeline });
    state = next;
  }
  // Whoever is there when the logs end may be there still; of one whose own log goes no further nobody can say.
  const last = whole.at(-1);
  if (last) until(rows.near(anchor(last, whole)));
  return { pieces, ends };
}

/** A bar where it was let in or was told that it left; a cross where a client that was in is heard of no more, as if killed. */
function signBetween(
  before: LifelineState,
  after: LifelineState,
  { kind }: Moment,
): 'begin' | 'end' | 'lose-connection' | undefined {
  if (isIn(after)) {
    if (!isIn(before)) return 'begin';
    // A lost connection that the client told of itself has its mark.
    return after === 'offline' && kind !== 'lose-connection' ? 'lose-connection' : undefined;
  }
  if (isIn(before) && kind === 'receive') return 'end';
  return before === 'present' ? 'lose-connection' : undefined;
}

function isIn(state: LifelineState): boolean {
  return state === 'present' || state === 'offline';
}

/** The moment that has a height: what has no row of its own is drawn with the one before it. */
function anchor(moment: Moment, whole: readonly Moment[]): Moment {
  for (let at = moment.position - 1; at >= 0; at -= 1) {
    const before = whole[at];
    if (before && hasRow(before)) return before;
  }
  return moment;
}
