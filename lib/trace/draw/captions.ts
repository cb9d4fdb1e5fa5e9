import type { Moment, SpaceTime } from '../space-time/space-time.js';
import { telling } from '../space-time/words.js';
import type { RunFacts } from './run-facts.js';

/** What is said beside the diagram, at a moment's height. */
export interface Told {
  /** Of a stamp. */
  readonly sequence?: number;
  readonly text: string;
  /** What a message crossed in flight. */
  readonly crossed?: string;
  /** A stamp's Lamport time, where another stands at the left. */
  readonly time?: number;
}

/** What is said behind the text, quietly; undefined where there is nothing. */
export function asideOf({ crossed, time }: Told): string | undefined {
  const parts = [
    ...(crossed === undefined ? [] : [`crossed ${crossed}`]),
    ...(time === undefined ? [] : [`time ${time}`]),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/**
 * What is said beside the diagram, by the indices of the moments: of what is in the event log, of connections lost and found, of what was
 * refused, and of messages that are not in the log.
 */
export function toldOf(moments: readonly Moment[], facts: RunFacts): Map<number, Told> {
  const { spaceTime } = facts;
  const rooms = spaceTime.lifelines.filter(({ kind }) => kind === 'room').length;
  const isStamped = stampedOf(spaceTime);
  const comesBack = welcomedOf(spaceTime);
  const note = ({ lifeline, room }: Moment, what: string) => ({
    text: `${facts.name(lifeline)}: ${what}${rooms > 1 && room ? ` in ${facts.shown(room)}` : ''}`,
  });
  const tell = (moment: Moment): Told | undefined => {
    switch (moment.kind) {
      case 'stamp': {
        if (!moment.event) return undefined;
        const { sequence } = moment.event;
        const text = `${rooms > 1 ? `[${facts.name(moment.lifeline)}] ` : ''}${eventWords(moment, facts)}`;
        const crossed = facts.crossed(moment);
        return crossed === undefined ? { sequence, text } : { sequence, text, crossed };
      }
      case 'send':
        return isStamped(moment) ? undefined : note(moment, `“${facts.shown(moment.text ?? '')}” is not in the log`);
      case 'lose-connection':
        return note(moment, 'connection lost');
      case 'ask-resume':
        return note(moment, comesBack.has(moment.index) ? 'comes back' : 'asks to come back');
      case 'refused':
        return note(moment, `refused${moment.reason ? ` (${facts.shown(moment.reason)})` : ''}`);
      default:
        return undefined;
    }
  };
  const told = new Map<number, Told>();
  for (const moment of moments) {
    const one = tell(moment);
    if (one) told.set(moment.index, one);
  }
  return told;
}

/** The same, with the Lamport times of stamps that have another one at their left, by `timeBeside`, given a moment's index. */
export function withTimes(
  told: ReadonlyMap<number, Told>,
  moments: readonly Moment[],
  timeBeside: (moment: number) => number | undefined,
): Map<number, Told> {
  const timed = new Map(told);
  for (const { kind, lamport: time, index } of moments) {
    const one = told.get(index);
    if (one && kind === 'stamp' && timeBeside(index) !== time) timed.set(index, { ...one, time });
  }
  return timed;
}

/** A moment's event in words: `ada: hello`, each person's part kept to itself. */
export function eventWords(moment: Moment, facts: RunFacts): string {
  const { author, after } = telling(moment);
  const { event } = moment;
  return facts.shown(author) + (event?.kind === 'message' ? `: ${facts.shown(event.text)}` : facts.shown(after));
}

/** Whether a message that was sent is in the room's event log, by this or another sending. */
function stampedOf({ moments }: SpaceTime): (send: Moment) => boolean {
  const key = ({ lifeline, room, ordinal }: Moment) => `${lifeline} ${ordinal} ${room}`;
  const stamped = new Set<string>();
  for (const { kind, cause } of moments) {
    const asking = kind === 'stamp' && cause !== undefined ? moments[cause] : undefined;
    if (asking) stamped.add(key(asking));
  }
  return (send) => stamped.has(key(send));
}

/** The indices of the askings that were let in: of several for one room the last before the welcome. */
function welcomedOf({ moments }: SpaceTime): Set<number> {
  const latest = new Map<string, number>();
  const welcomed = new Set<number>();
  for (const { kind, lifeline, room, index } of moments) {
    const key = `${lifeline} ${room}`;
    if (kind === 'ask-join' || kind === 'ask-resume') latest.set(key, index);
    const asking = latest.get(key);
    if (kind === 'welcome' && asking !== undefined) welcomed.add(asking);
  }
  return welcomed;
}
