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

/** What becomes of a client's lifeline, in its order. `moments` are those of the whole run. */
export function changesOf(spaceTime: SpaceTime, lifeline: number): Change[] {
  const own = spaceTime.moments.filter((moment) => moment.lifeline === lifeline);
  const rooms = new Map<string, LifelineState>();
  const changes: Change[] = [];
  let state: LifelineState = 'absent';
  let asked: Moment | undefined;
  for (const [at, moment] of own.entries()) {
    const before = own[at - 1];
    if (moment.kind === 'ask-resume') asked = moment;
    if (moment.kind === 'start') loseAll(rooms);
    else rooms.set(moment.room, after(spaceTime, moment, rooms.get(moment.room) ?? 'absent'));
    const now = best.find((one) => [...rooms.values()].includes(one)) ?? 'absent';
    if (now === state) continue;
    state = now;
    changes.push({ moment: seenAt(moment, asked, before) ?? moment, state });
  }
  return changes;
}

/** A welcome back counts from the asking, and a killed client was gone from its last moment on: nothing else is drawn of them. */
function seenAt({ kind }: Moment, asked: Moment | undefined, before: Moment | undefined): Moment | undefined {
  if (kind === 'welcome') return asked;
  return kind === 'start' ? before : undefined;
}

function loseAll(rooms: Map<string, LifelineState>): void {
  for (const [room, state] of rooms) if (state === 'present') rooms.set(room, 'offline');
}

function after(spaceTime: SpaceTime, moment: Moment, state: LifelineState): LifelineState {
  switch (moment.kind) {
    case 'ask-join':
      return state === 'present' ? 'present' : 'waiting';
    case 'ask-resume':
      return state === 'absent' ? 'waiting' : state;
    case 'welcome':
      return state === 'offline' || resumes(spaceTime, moment) ? 'present' : state;
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

/** Whether the room's answer to the last asking can only be to a resumption. */
function resumes({ moments }: SpaceTime, welcome: Moment): boolean {
  for (let index = welcome.index - 1; index >= 0; index -= 1) {
    const moment = moments[index];
    if (moment?.lifeline !== welcome.lifeline || moment.room !== welcome.room) continue;
    if (moment.kind === 'ask-resume') return true;
    if (moment.kind === 'ask-join') return false;
  }
  return false;
}

/** Whether a client is told of its own joining or leaving. */
function isOwn(
  { lifelines, moments }: SpaceTime,
  { event, cause, lifeline }: Moment,
  kind: 'joined' | 'left',
): boolean {
  if (event?.kind !== kind) return false;
  const asking = cause === undefined ? undefined : moments[cause]?.cause;
  if (asking !== undefined) return moments[asking]?.lifeline === lifeline;
  return event.participant === lifelines[lifeline]?.name;
}
