import type { Moment, SpaceTime } from '../space-time/space-time.js';

/** What of a run is wanted. */
export interface Selection {
  /** The first sequence. */
  readonly from?: number | undefined;
  /** The last sequence. */
  readonly to?: number | undefined;
  /** Whose lifelines, by name; those of the rooms are always there. */
  readonly participants?: readonly string[] | undefined;
}

/** What of a run is drawn. */
export interface Selected {
  readonly spaceTime: SpaceTime;
  /** Indices of lifelines: clients first, so that messages go to the right and deliveries to the left. */
  readonly lifelines: readonly number[];
  /** In their order; their indices and causes are those of the whole run. */
  readonly moments: readonly Moment[];
}

/** Nothing is as wanted; `message` says what, why and what to ask for. */
export class NothingSelected extends Error {
  override name = 'NothingSelected';
}

/**
 * The part of a run that is wanted: the events from one sequence to another with all their receipts and what asked for them, and
 * what else happened at the shown lifelines meanwhile. Throws NothingSelected.
 */
export function select(spaceTime: SpaceTime, selection: Selection = {}): Selected {
  const lifelines = lifelinesOf(spaceTime, selection.participants);
  const shown = new Set(lifelines);
  const here = spaceTime.moments.filter(({ lifeline }) => shown.has(lifeline));
  if (selection.from === undefined && selection.to === undefined) return { spaceTime, lifelines, moments: here };
  const inRange = rangeOf(spaceTime, selection);
  const wanted = new Set<number>();
  for (const { index, event, cause } of here) {
    if (!event || !inRange(event.sequence)) continue;
    wanted.add(index);
    if (cause !== undefined) wanted.add(cause);
  }
  const times = here.filter(({ index }) => wanted.has(index)).map(({ level }) => level);
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  const asks = new Set(spaceTime.moments.flatMap(({ kind, cause }) => (kind === 'stamp' ? (cause ?? []) : [])));
  // What concerns no event, such as a lost connection, belongs to the time in which it happened.
  const meanwhile = ({ event, level, index }: Moment) => !event && !asks.has(index) && level >= first && level <= last;
  return { spaceTime, lifelines, moments: here.filter((one) => wanted.has(one.index) || meanwhile(one)) };
}

function rangeOf(
  spaceTime: SpaceTime,
  { from = 1, to = Number.MAX_SAFE_INTEGER }: Selection,
): (sequence: number) => boolean {
  const newest = spaceTime.moments.reduce((most, { event }) => Math.max(most, event?.sequence ?? 0), 0);
  if (from > to)
    throw new NothingSelected(`From event ${from} to event ${to} there is none: --from is to be the smaller one.`);
  if (from > newest) throw new NothingSelected(`There is no event ${from}: the logs end with event ${newest}.`);
  return (sequence) => sequence >= from && sequence <= to;
}

function lifelinesOf({ lifelines }: SpaceTime, participants: readonly string[] | undefined): number[] {
  const indices = lifelines.map((_, index) => index);
  const rooms = indices.filter((index) => lifelines[index]?.kind === 'room');
  const clients = indices.filter((index) => lifelines[index]?.kind === 'client');
  if (!participants) return [...clients, ...rooms];
  const named = participants.map((name) => {
    const index = clients.find((client) => lifelines[client]?.name === name);
    if (index !== undefined) return index;
    const names = clients.map((client) => lifelines[client]?.name).join(', ');
    throw new NothingSelected(`The logs tell of no participant "${name}", but of ${names || 'none at all'}.`);
  });
  return [...new Set(named), ...rooms];
}
