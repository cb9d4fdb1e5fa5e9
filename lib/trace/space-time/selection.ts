import type { Moment, SpaceTime } from './space-time.js';

/** What of a run is wanted. */
export interface Selection {
  /** The first sequence. */
  readonly from?: number | undefined;
  /** The last sequence. */
  readonly to?: number | undefined;
  /** Whose lifelines, by name; those of the rooms are always there. */
  readonly participants?: readonly string[] | undefined;
}

/** A part of a run. */
export interface Selected {
  /** The whole, in which indices, positions and causes keep their meaning. */
  readonly spaceTime: SpaceTime;
  /** The indices of the lifelines of the part: the rooms', then the clients' as they were asked for. */
  readonly lifelines: readonly number[];
  /** What belongs to the part, in the order of the whole. Causes may be outside. */
  readonly moments: readonly Moment[];
}

/** Nothing is as wanted. `message` says what, why and what to ask for; it is not yet safe to display. */
export class NothingSelected extends Error {
  override name = 'NothingSelected';
}

/**
 * The part of a run that is wanted: the events from one sequence to another with all their receipts and what asked for
 * them, and what else happened at the selected lifelines meanwhile. Throws NothingSelected.
 */
export function select(spaceTime: SpaceTime, selection: Selection = {}): Selected {
  const lifelines = lifelinesOf(spaceTime, selection.participants);
  const selected = new Set(lifelines);
  const here = spaceTime.moments.filter(({ lifeline }) => selected.has(lifeline));
  if (selection.from === undefined && selection.to === undefined) return { spaceTime, lifelines, moments: here };
  const inRange = rangeOf(spaceTime, selection);
  const asksOutside = new Set<number>();
  const wanted = new Set<number>();
  for (const { index, kind, event, cause } of spaceTime.moments) {
    const wants = event !== undefined && inRange(event.sequence);
    if (wants) wanted.add(index);
    if (kind === 'stamp' && cause !== undefined) (wants ? wanted : asksOutside).add(cause);
  }
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { index, level } of here) {
    if (wanted.has(index)) [first, last] = [Math.min(first, level), Math.max(last, level)];
  }
  // What concerns no event, such as a lost connection, belongs to the time in which it happened.
  const meanwhile = ({ event, index, level }: Moment) =>
    !event && !asksOutside.has(index) && level >= first && level <= last;
  return { spaceTime, lifelines, moments: here.filter((one) => wanted.has(one.index) || meanwhile(one)) };
}

function rangeOf({ moments }: SpaceTime, { from = 1, to = Number.MAX_SAFE_INTEGER }: Selection) {
  if (from > to)
    throw new NothingSelected(`From event ${from} to event ${to} there is none: give the smaller one first.`);
  const inRange = (sequence: number) => sequence >= from && sequence <= to;
  let [oldest, newest] = [Number.POSITIVE_INFINITY, 0];
  for (const { event } of moments) {
    if (!event) continue;
    if (inRange(event.sequence)) return inRange;
    [oldest, newest] = [Math.min(oldest, event.sequence), Math.max(newest, event.sequence)];
  }
  const there = newest === 0 ? 'of no events at all' : `of the events ${oldest} to ${newest}`;
  const end = to === Number.MAX_SAFE_INTEGER ? '' : ` to ${to}`;
  throw new NothingSelected(`There is no event from ${from}${end}: the logs tell ${there}.`);
}

function lifelinesOf({ lifelines }: SpaceTime, participants: readonly string[] | undefined): number[] {
  const ofKind = (kind: string) => [...lifelines.keys()].filter((index) => lifelines[index]?.kind === kind);
  const [rooms, clients] = [ofKind('room'), ofKind('client')];
  if (!participants) return [...rooms, ...clients];
  const named = participants.map((name) => {
    const index = clients.find((client) => lifelines[client]?.name === name);
    if (index !== undefined) return index;
    const names = clients.map((client) => lifelines[client]?.name).join(', ');
    throw new NothingSelected(`The logs are of no participant "${name}", but of ${names || 'none at all'}.`);
  });
  return [...rooms, ...new Set(named)];
}
