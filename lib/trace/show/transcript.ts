import { type Crossing, crossedInFlight } from '../space-time/crossings.js';
import type { Selected } from '../space-time/selection.js';
import type { Moment, MomentKind, SpaceTime } from '../space-time/space-time.js';

/** Who of those whose logs are there received an event. Lifelines are told by their indices, in their order. */
export interface Receipts {
  /** Who was in the room, and so was to receive it. */
  readonly present: readonly number[];
  /** Every receipt, in order; also of those who were not present and were given it as history. */
  readonly moments: readonly Moment[];
}

/** A client's stay in a room, from its Joined to the last event that it was to receive. */
interface Stay {
  readonly lifeline: number;
  readonly from: number;
  to: number;
}

/** All events' receipts, by the index of their stamp. Takes time by the moments, and by who was present when. */
export function receiptsOf({ lifelines, moments }: SpaceTime): Map<number, Receipts> {
  const received = new Map<number, Moment[]>();
  const stamps = lifelines.map((): Moment[] => []);
  for (const moment of moments) {
    if (moment.kind === 'stamp') {
      received.set(moment.index, []);
      stamps[moment.lifeline]?.push(moment);
    } else if (moment.event && moment.cause !== undefined) received.get(moment.cause)?.push(moment);
  }
  const receipts = new Map<number, Receipts>();
  for (const inRoom of stamps) {
    const waiting = staysOf(inRoom, received, { lifelines, moments }).reverse();
    let now: Stay[] = [];
    for (const { index, event } of inRoom) {
      const sequence = event?.sequence ?? 0;
      now = now.filter(({ to }) => to >= sequence);
      for (let next = waiting.at(-1); next && next.from <= sequence; next = waiting.at(-1)) {
        now.push(next);
        waiting.pop();
      }
      const present = [...new Set(now.map(({ lifeline }) => lifeline))].sort((a, b) => a - b);
      receipts.set(index, { present, moments: received.get(index) ?? [] });
    }
  }
  return receipts;
}

/** The stays in one room, in the order in which they begin. */
function staysOf(
  stamps: readonly Moment[],
  received: ReadonlyMap<number, readonly Moment[]>,
  { lifelines, moments }: Pick<SpaceTime, 'lifelines' | 'moments'>,
): Stay[] {
  const stays: Stay[] = [];
  const open = new Map<string, Stay>();
  const begin = (lifeline: number, name: string, from: number) => {
    const stay = { lifeline, from, to: Number.POSITIVE_INFINITY };
    stays.push(stay);
    open.set(name, stay);
  };
  const askerOf = ({ cause }: Moment) => (cause === undefined ? undefined : moments[cause]?.lifeline);
  const known = new Set(stamps.filter(({ event }) => event?.kind === 'joined').map(askerOf));
  for (const stamp of stamps) {
    const { index, event } = stamp;
    if (!event) continue;
    const asker = askerOf(stamp);
    if (event.kind === 'joined' && asker !== undefined) begin(asker, event.participant, event.sequence);
    // Whose Joined is not in the logs is there from what it received first.
    for (const { lifeline } of received.get(index) ?? []) {
      if (!known.has(lifeline)) begin(lifeline, lifelines[lifeline]?.name ?? '', event.sequence);
      known.add(lifeline);
    }
    if (event.kind !== 'left') continue;
    const stay = open.get(event.participant);
    open.delete(event.participant);
    // Only who asked to leave is still told of it.
    if (stay) stay.to = event.reason === 'ASKED' ? event.sequence : event.sequence - 1;
  }
  return stays;
}

/** Participants named in one sentence; the others are counted. */
const receiversNamedMax = 8;

/**
 * Who received an event, and at which Lamport times: `received by all 3 at L 6, 6, 7`. `nameOf` tells a lifeline's
 * name. Empty where nobody whose log is there was to receive it, or did.
 */
export function receiptWords({ present, moments }: Receipts, nameOf: (lifeline: number) => string): string {
  const first = new Map<number, Moment>();
  for (const moment of moments) if (!first.has(moment.lifeline)) first.set(moment.lifeline, moment);
  const again = moments.filter((moment) => first.get(moment.lifeline) !== moment);
  const got = present.flatMap((lifeline) => first.get(lifeline) ?? []);
  const missing = present.filter((lifeline) => !first.has(lifeline));
  const history = [...first.values()].filter(({ lifeline }) => !present.includes(lifeline));
  const filledIn = ({ kind }: Moment) => (kind === 'fill-in' ? ' (filled in)' : '');
  const told = (some: readonly Moment[]) =>
    list(some, (moment) => `${nameOf(moment.lifeline)} at L ${moment.lamport}${filledIn(moment)}`);
  const parts: string[] = [];
  const simple = got.length > 1 && missing.length === 0 && got.every(({ kind }) => kind === 'receive');
  if (simple) parts.push(`received by all ${got.length} at ${timesOf(got)}`);
  else if (got.length > 0) parts.push(`received by ${told(got)}`);
  else if (missing.length > 0) parts.push('received by nobody');
  if (got.length > 0 && missing.length > 0) parts.push(`not by ${list(missing, nameOf)}`);
  if (history.length > 0) parts.push(`as history by ${told(history)}`);
  if (again.length > 0) parts.push(`again by ${told(again)}`);
  return parts.join('; ');
}

function timesOf(moments: readonly Moment[]): string {
  const times = moments.map(({ lamport }) => lamport);
  if (times.length <= receiversNamedMax) return `L ${times.join(', ')}`;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return first === last ? `L ${first}` : `L ${first} to ${last}`;
}

function list<Item>(items: readonly Item[], words: (item: Item) => string): string {
  const named = items.slice(0, receiversNamedMax).map(words).join(', ');
  const others = items.length - receiversNamedMax;
  return others > 0 ? `${named} and ${others} ${others === 1 ? 'other' : 'others'}` : named;
}

/** Crossed messages named beside one message: the newest. */
const crossedNamedMax = 6;

/** What one line of a transcript tells. Names and texts are untrusted: escape them where they are shown. */
export interface TranscriptEntry {
  readonly moment: Moment;
  /** Whose lifeline. */
  readonly name: string;
  /** Of a message that crossed others in flight: `crossed 4, 5`. */
  readonly crossed: string;
  /** Of a stamp, who received its event. */
  readonly receipts: string;
}

/** Moments a short transcript tells by the way: receipts beside their stamp, others by what is before or after them. */
const toldByTheWay = new Set<MomentKind>(['receive', 'fill-in', 'welcome', 'end']);

/** A run or a part of it, in causal order. `all`: a line for every single moment, each receipt too. */
export function* transcript(
  { spaceTime, lifelines, moments }: Selected,
  { all = false }: { readonly all?: boolean } = {},
): Generator<TranscriptEntry> {
  const nameOf = (lifeline: number) => spaceTime.lifelines[lifeline]?.name ?? '';
  const selected = new Set(lifelines);
  const crossings = crossedInFlight(spaceTime);
  const receipts = all ? undefined : receiptsOf(spaceTime);
  for (const moment of moments) {
    if (!all && toldByTheWay.has(moment.kind)) continue;
    const crossing = crossings.get(moment.index);
    const { present, moments: received } = receipts?.get(moment.index) ?? { present: [], moments: [] };
    const among = {
      present: present.filter((lifeline) => selected.has(lifeline)),
      moments: received.filter(({ lifeline }) => selected.has(lifeline)),
    };
    yield {
      moment,
      name: nameOf(moment.lifeline),
      crossed: crossing ? crossedWords(crossing, spaceTime) : '',
      receipts: receiptWords(among, nameOf),
    };
  }
}

function crossedWords({ crossed, more }: Crossing, { moments }: SpaceTime): string {
  const named = crossed.slice(-crossedNamedMax).map((stamp) => moments[stamp]?.event?.sequence);
  return `crossed ${named.join(', ')}${crossed.length > crossedNamedMax || more ? ' and earlier ones' : ''}`;
}
