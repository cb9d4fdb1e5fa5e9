import type { Selected } from '../space-time/selection.js';
import type { Moment, SpaceTime } from '../space-time/space-time.js';
import { detailsOf, type RunFacts } from './captions.js';
import type { Columns } from './columns.js';
import type { Arrow, LifelinePiece, Mark } from './picture.js';
import { hasRow, type Rows } from './rows.js';

/** All that is drawn where time flows, as if the paper were endless: heights are those of `Rows`. */
export interface Figures {
  readonly lifelines: readonly LifelinePiece[];
  readonly arrows: readonly Arrow[];
  readonly marks: readonly Mark[];
}

/** From the own joining's mark to the bar above it, and from the last mark to the bar or cross below, in pitches. */
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

/** A bar where it was let in or told that it left; a cross where a client that was in is heard of no more. */
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

/**
 * How a client is connected: asking to be let in (`waiting`), in a room (`present`), in a room but without a connection
 * (`offline`), or none of it. In several rooms it is what it is in the one where it is best off.
 */
type LifelineState = 'absent' | 'waiting' | 'offline' | 'present';

const best: readonly LifelineState[] = ['present', 'offline', 'waiting', 'absent'];

/** In one room. */
interface RoomState {
  state: LifelineState;
  /** The latest asking to be let in. */
  asked?: Moment | undefined;
}

/** From which moment on a client's lifeline is in which state, in order. `own`: all its moments in the run. */
function changesOf(spaceTime: SpaceTime, own: readonly Moment[]) {
  const rooms = new Map<string, RoomState>();
  const changes: { readonly moment: Moment; readonly state: LifelineState }[] = [];
  let state: LifelineState = 'absent';
  for (const [at, moment] of own.entries()) {
    const { kind } = moment;
    const room = rooms.get(moment.room) ?? { state: 'absent' };
    const { asked } = room;
    if (kind === 'start') for (const one of rooms.values()) one.state = one.state === 'present' ? 'offline' : one.state;
    else {
      room.state = stateAfter(spaceTime, moment, room);
      if (kind === 'ask-join' || kind === 'ask-resume') room.asked = moment;
      rooms.set(moment.room, room);
    }
    const states = new Set(Array.from(rooms.values(), (one) => one.state));
    const now = best.find((one) => states.has(one)) ?? 'absent';
    if (now === state) continue;
    state = now;
    // A welcome back counts from the asking, a killed client ends at its last moment: nothing else of them is drawn.
    const seenAt = kind === 'welcome' ? asked : kind === 'start' ? own[at - 1] : undefined;
    changes.push({ moment: seenAt ?? moment, state });
  }
  return changes;
}

function stateAfter(spaceTime: SpaceTime, moment: Moment, { state, asked }: RoomState): LifelineState {
  switch (moment.kind) {
    case 'ask-join':
      return state === 'present' ? 'present' : 'waiting';
    case 'log-begins':
      return 'present';
    case 'ask-resume':
      return state === 'absent' ? 'waiting' : state;
    case 'welcome':
      return asked?.kind === 'ask-resume' ? 'present' : state;
    case 'receive':
      if (isOwn(spaceTime, moment, 'joined')) return 'present';
      return isOwn(spaceTime, moment, 'left') ? 'absent' : state;
    case 'lose-connection':
      return state === 'absent' ? 'absent' : 'offline';
    case 'refused':
      return state === 'waiting' && moment.ordinal === undefined ? 'absent' : state;
    case 'end':
      return moment.how === 'present' ? state : 'absent';
    case 'send':
    case 'send-again':
      // Only who is in a room can speak there: its joining is in no log.
      return state === 'absent' ? 'present' : state;
    default:
      return state;
  }
}

/** Whether a client is told of its own joining or leaving. */
function isOwn({ lifelines, moments }: SpaceTime, moment: Moment, kind: 'joined' | 'left'): boolean {
  const { event, cause, lifeline } = moment;
  if (event?.kind !== kind) return false;
  const asking = cause === undefined ? undefined : moments[cause]?.cause;
  if (asking !== undefined) return moments[asking]?.lifeline === lifeline;
  return event.participant === lifelines[lifeline]?.name;
}
