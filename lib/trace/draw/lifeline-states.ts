import type { Moment, SpaceTime } from '../space-time/space-time.js';

/**
 * How a client is connected: asking to be let in (`waiting`), in a room (`present`), in a room but without a connection (`offline`),
 * or none of it. In several rooms it is what it is in the one where it is best off.
 */
export type LifelineState = 'absent' | 'waiting' | 'offline' | 'present';

/** From this moment on the lifeline is in this state. */
export interface Change {
  readonly moment: Moment;
  readonly state: LifelineState;
}

const best: readonly LifelineState[] = ['present', 'offline', 'waiting', 'absent'];

/** In one room. */
interface RoomState {
  state: LifelineState;
  /** The latest asking to be let in. */
  asked?: Moment | undefined;
}

/** What becomes of a client's lifeline, in its order. `own`: all its moments in the run. */
export function changesOf(spaceTime: SpaceTime, own: readonly Moment[]): Change[] {
  const rooms = new Map<string, RoomState>();
  const changes: Change[] = [];
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
    // A welcome back counts from the asking, and a killed client was gone from its last moment on: nothing else is drawn of them.
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
