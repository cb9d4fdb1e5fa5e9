import type { Selected } from '../space-time/selection.js';
import type { Moment } from '../space-time/space-time.js';
import { detailsOf } from './captions.js';
import type { Columns } from './columns.js';
import { changesOf, type LifelineState } from './lifeline-states.js';
import type { Arrow, LifelinePiece, Mark } from './picture.js';
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
  const { spaceTime } = selected;
  const place = (moment: Moment) => ({ x: columns.x.get(moment.lifeline) ?? 0, y: rows.y(moment.index) ?? 0 });
  const hasCrossed = (moment: Moment) => moment.kind === 'stamp' && facts.crossed(moment) !== undefined;
  const shown = selected.moments.filter(hasRow);
  const marks = shown.map((moment): Mark => {
    const kind = hasCrossed(moment) ? 'stamp-crossed' : moment.kind;
    return { kind, ...place(moment), moment, lifeline: moment.lifeline, details: detailsOf(moment, facts) };
  });
  const there = new Set(shown.map(({ index }) => index));
  const arrows = shown.flatMap((moment): Arrow[] => {
    const cause = moment.cause === undefined ? undefined : spaceTime.moments[moment.cause];
    if (!cause || !there.has(cause.index)) return [];
    const [from, to] = [place(cause), place(moment)];
    const toRoom = hasCrossed(moment) ? 'crossed' : 'publish';
    const kind = moment.kind === 'stamp' ? toRoom : moment.kind === 'fill-in' ? 'fill-in' : 'delivery';
    const line = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
    return [{ ...line, kind, from: cause.index, to: moment.index, arrives: true }];
  });
  const whole = spaceTime.lifelines.map((): Moment[] => []);
  for (const moment of spaceTime.moments) whole[moment.lifeline]?.push(moment);
  const lifelines: LifelinePiece[] = [];
  for (const lifeline of selected.lifelines) {
    const x = columns.x.get(lifeline) ?? 0;
    if (spaceTime.lifelines[lifeline]?.kind === 'room') {
      lifelines.push({ lifeline, state: 'present', x1: x, x2: x, y1: 0, y2: rows.height });
      continue;
    }
    const { pieces, ends } = lifeOf(lifeline, x, whole[lifeline] ?? [], { selected, rows, pitch });
    lifelines.push(...pieces);
    marks.push(...ends);
  }
  return { lifelines, arrows, marks };
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
  // What has no row of its own is drawn with the one before it.
  const anchor = (moment: Moment) => {
    let at = moment.position - 1;
    for (let before = whole[at]; before && !hasRow(before); before = whole[at]) at -= 1;
    return whole[at] ?? moment;
  };
  for (const { moment, state: next } of changesOf(selected.spaceTime, whole)) {
    const sign = signBetween(state, next, moment);
    const at = anchor(moment);
    const height = rows.y(at.index);
    const y = height === undefined ? rows.near(at) : height + (sign ? signOffset[sign] * pitch : 0);
    until(y);
    if (sign && height !== undefined) ends.push({ kind: sign, x, y, lifeline });
    state = next;
  }
  // Whoever is there when the logs end may be there still; of one whose own log goes no further nobody can say.
  const last = whole.at(-1);
  if (last) until(rows.near(anchor(last)));
  return { pieces, ends };
}

/** A bar where it was let in or was told that it left; a cross where a client that was in is heard of no more, as if killed. */
function signBetween(
  before: LifelineState,
  after: LifelineState,
  { kind }: Moment,
): keyof typeof signOffset | undefined {
  const isIn = (state: LifelineState) => state === 'present' || state === 'offline';
  if (isIn(after)) {
    if (!isIn(before)) return 'begin';
    // A lost connection that the client told of itself has its mark.
    return after === 'offline' && kind !== 'lose-connection' ? 'lose-connection' : undefined;
  }
  if (isIn(before) && kind === 'receive') return 'end';
  return before === 'present' ? 'lose-connection' : undefined;
}
