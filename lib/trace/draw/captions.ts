import { isolated } from '../../display/display-safe.js';
import { inSigns, spansOf } from '../../display/spans.js';
import { Causality } from '../space-time/causality.js';
import { type Crossing, crossedInFlight } from '../space-time/crossings.js';
import type { Selected } from '../space-time/selection.js';
import type { Moment, SpaceTime } from '../space-time/space-time.js';
import { telling } from '../space-time/words.js';

/** What a picture tells of a run besides what is drawn: names as may be shown, clocks, and what crossed in flight. */
export class RunFacts {
  readonly spaceTime: SpaceTime;
  readonly causality: Causality;
  readonly #crossings: ReadonlyMap<number, Crossing>;
  readonly #safe: (text: string) => string;

  /** `safe` makes untrusted text fit to be shown: nothing in it may hide or move anything. Throws TooManyClocks. */
  constructor(spaceTime: SpaceTime, safe: (text: string) => string) {
    this.spaceTime = spaceTime;
    this.causality = new Causality(spaceTime);
    this.#crossings = crossedInFlight(spaceTime);
    this.#safe = safe;
  }

  /** Text from a log as it may be shown, in the midst of other text. */
  shown(text: string): string {
    return isolated(this.#safe(text));
  }

  /** A lifeline's name as it may be shown. */
  name(lifeline: number): string {
    return this.shown(this.spaceTime.lifelines[lifeline]?.name ?? '');
  }

  /** The sequences of the messages that a stamped one crossed in flight, as `3–5, 7`; undefined where there is none. */
  crossed({ index }: Moment): string | undefined {
    const crossing = this.#crossings.get(index);
    if (!crossing) return undefined;
    const sequences = crossing.crossed.flatMap((stamp) => this.spaceTime.moments[stamp]?.event?.sequence ?? []);
    return `${crossing.more ? '…, ' : ''}${inSigns(spansOf(sequences))}`;
  }
}

/** The same part of a run, rooms rightmost: what is published goes to the right, what is delivered to the left. */
export function roomsLast(selected: Selected): Selected {
  const isRoom = (lifeline: number) => selected.spaceTime.lifelines[lifeline]?.kind === 'room';
  const { lifelines } = selected;
  return { ...selected, lifelines: [...lifelines.filter((one) => !isRoom(one)), ...lifelines.filter(isRoom)] };
}

/** What is said beside the diagram, at a moment's height. */
export interface Caption {
  /** Of a stamp. */
  readonly sequence?: number;
  readonly text: string;
  /** What a message crossed in flight. */
  readonly crossed?: string;
  /** A stamp's Lamport time, where another stands at the left. */
  readonly time?: number;
}

/** What is said behind the text, quietly; undefined where there is nothing. */
export function asideOf({ crossed, time }: Caption): string | undefined {
  const parts = [crossed && `crossed ${crossed}`, time !== undefined && `time ${time}`].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/**
 * What is said beside the diagram, by the indices of the moments: of what is in the event log, of connections lost and
 * found, of what was refused, and of messages that are not in the log.
 */
export function captionsOf(moments: readonly Moment[], facts: RunFacts): Map<number, Caption> {
  const { spaceTime } = facts;
  const several = spaceTime.lifelines.filter(({ kind }) => kind === 'room').length > 1;
  const isStamped = stampedOf(spaceTime);
  const comesBack = welcomedOf(spaceTime);
  const note = ({ lifeline, room }: Moment, what: string) => ({
    text: `${facts.name(lifeline)}: ${what}${several && room ? ` in ${facts.shown(room)}` : ''}`,
  });
  const captionOf = (moment: Moment): Caption | undefined => {
    switch (moment.kind) {
      case 'stamp': {
        if (!moment.event) return undefined;
        const text = `${several ? `[${facts.name(moment.lifeline)}] ` : ''}${eventWords(moment, facts)}`;
        const crossed = facts.crossed(moment);
        return { sequence: moment.event.sequence, text, ...(crossed !== undefined && { crossed }) };
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
  return new Map(
    moments.flatMap((moment): [number, Caption][] => {
      const caption = captionOf(moment);
      return caption ? [[moment.index, caption]] : [];
    }),
  );
}

/** The same, with the Lamport times of stamps that have another at their left, by `timeBeside` of a moment's index. */
export function withTimes(
  captions: ReadonlyMap<number, Caption>,
  moments: readonly Moment[],
  timeBeside: (moment: number) => number | undefined,
): Map<number, Caption> {
  const timed = new Map(captions);
  for (const { kind, lamport: time, index } of moments) {
    const caption = captions.get(index);
    if (caption && kind === 'stamp' && timeBeside(index) !== time) timed.set(index, { ...caption, time });
  }
  return timed;
}

/** What is shown of a moment when pointed at: what happens, its clocks, and where the logs say so; a line each. */
export function detailsOf(moment: Moment, facts: RunFacts): string[] {
  const { lamport, source, seen } = moment;
  const crossed = facts.crossed(moment);
  const clock = Array.from(facts.causality.clockOf(moment.index))
    .flatMap((count, lifeline) => (count > 0 ? `${facts.name(lifeline)} ${count}` : []))
    .join(', ');
  return [
    `${facts.name(moment.lifeline)} ${facts.shown(telling(moment).before)}${moment.event ? eventWords(moment, facts) : ''}`,
    ...(seen === undefined ? [] : [seen === 0 ? 'having been shown nothing' : `having been shown up to ${seen}`]),
    ...(crossed === undefined ? [] : [`crossed ${crossed} in flight`]),
    `Lamport time ${lamport}`,
    `vector clock (${clock})`,
    ...(source ? [`${facts.shown(source.file)}:${source.line}`] : []),
  ];
}

/** A moment's event in words: `ada: hello`, each person's part kept to itself. */
function eventWords(moment: Moment, facts: RunFacts): string {
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
