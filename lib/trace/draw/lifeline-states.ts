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

interface Visit {
  readonly state: LifelineState;
  /** The latest asking to be let in. */
  readonly asked?: Moment | undefined;
}

/** What becomes of a client's lifeline, in its order. `own`: all its moments in the run. */
export function changesOf(spaceTime: SpaceTime, own: readonly Moment[]): Change[] {
  const visits = new Map<string, Visit>();
  const changes: Change[] = [];
  let state: LifelineState = 'absent';
  for (const [at, moment] of own.entries()) {
    const visit = visits.get(moment.room) ?? { state: 'absent' };
    if (moment.kind === 'start') loseAll(visits);
    else visits.set(moment.room, after(spaceTime, moment, visit));
    const states = new Set(Array.from(visits.values(), (one) => one.state));
    const now = best.find((one) => states.has(one)) ?? 'absent';
    if (now === state) continue;
    state = now;
    changes.push({ moment: seenAt(moment, visit, own[at - 1]) ?? moment, state });
  }
  return changes;
}

/** A welcome back counts from the asking, and a killed client was gone from its last moment on: nothing else is drawn of them. */
function seenAt({ kind }: Moment, { asked }: Visit, before: Moment | undefined): Moment | undefined {
  if (kind === 'welcome') return asked;
  return kind === 'start' ? before : undefined;
}

function loseAll(visits: Map<string, Visit>): void {
  for (const [room, { state }] of visits) if (state === 'present') visits.set(room, { state: 'offline' });
}

function after(spaceTime: SpaceTime, moment: Moment, { state, asked }: Visit): Visit {
  switch (moment.kind) {
    case 'ask-join':
      return { state: state === 'present' ? 'present' : 'waiting', asked: moment };
    case 'ask-resume':
      return { state: state === 'absent' ? 'waiting' : state, asked: moment };
    default:
      return { state: stateAfter(spaceTime, moment, state, asked?.kind === 'ask-resume'), asked };
  }
}

function stateAfter(spaceTime: SpaceTime, moment: Moment, state: LifelineState, resumes: boolean): LifelineState {
  switch (moment.kind) {
    case 'welcome':
      return resumes ? 'present' : state;
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
