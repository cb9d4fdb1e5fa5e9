import type { MessageEvent, RoomEvent } from '../../core/event.js';
import type { Evidence } from '../history/evidence.js';
import type { StepOf } from '../history/history.js';
import type { LogBundle } from '../history/logs/log-bundle-reader.js';
import { isAnswerTo, type Publish, saysSeen, triesOf } from '../history/publishes.js';
import { type ClientLine, clientLine } from './client-line.js';
import { giveLevels } from './levels.js';
import { built, Doubts, type LifelineBuilder } from './moment-builder.js';
import { type RoomLines, roomLines } from './room-line.js';
import type { SpaceTime } from './space-time.js';

/**
 * The space-time of a run, as its logs tell it. Logs that contradict themselves or each other have one, too: what
 * cannot be is left out and told among the doubts. Takes time in proportion to the run, but for sorting.
 */
export function spaceTimeOf(bundle: LogBundle): SpaceTime {
  const { logs, history } = bundle.evidence;
  const doubts = new Doubts();
  const rooms = roomLines(logs.all(), bundle.server);
  const around = { bundle, rooms, doubts };
  const people = history.clients.map((record, index) => clientLine(record, rooms.all.length + index, around));

  const asked = askings(bundle.evidence);
  const moments = new Map(people.flatMap((line) => [...line.askings]));
  for (const stamp of rooms.all.flatMap((room) => room.moments)) {
    const step = stamp.event && asked.get(stamp.event);
    stamp.cause = step && moments.get(step);
  }
  giveLevels([...rooms.all, ...people], doubts);
  return inOrder([...rooms.all, ...byFirstHeardOf(rooms, people)], doubts);
}

/**
 * By what each event of the final event logs was asked for: a Joined by the request that its client was welcomed to, a
 * message by its send, a Left at its participant's wish by the first request to leave. What the server did by itself,
 * and what no client's record tells, is not there.
 */
function askings({ sessions, publishes }: Evidence): ReadonlyMap<RoomEvent, StepOf<'join' | 'send' | 'leave'>> {
  const steps = new Map<RoomEvent, StepOf<'join' | 'send' | 'leave'>>();
  for (const { joined, join, stay, leaves } of sessions.values()) {
    if (joined && join) steps.set(joined, join);
    const [leave] = leaves;
    if (stay?.left?.reason === 'ASKED' && leave) steps.set(stay.left, leave);
  }
  for (const publish of publishes.all) {
    const event = publish.event ?? answeredWith(publish);
    const send = event && sendOf(publish, event);
    if (send) steps.set(event, send);
  }
  return steps;
}

/** What a publish became by what its author was told: where the log does not reach back to the author's Joined. */
function answeredWith({ ordinal, session, accepted }: Publish): MessageEvent | undefined {
  for (const { event } of accepted) {
    const own = isAnswerTo({ ordinal }, event) ? session?.log?.at(event.sequence) : undefined;
    if (own?.kind === 'message' && own.chain === event.chain) return own;
  }
  return undefined;
}

/**
 * The send that an event came from. Which one it was where it was sent again, nobody tells; of those that fit the event
 * (its text, what its author had been shown, a smaller Lamport time) the first one is a cause in any case, for it
 * happened before the later ones.
 */
function sendOf(publish: Publish, event: MessageEvent): StepOf<'send'> | undefined {
  const fits = ({ send }: Publish['tries'][number]) => send.lamport < event.lamport && saysSeen(send, event);
  return (triesOf({ ...publish, event }).find(fits) ?? publish.tries[0])?.send;
}

/** Clients in the order of the first thing that each had stamped; those of whom no room heard come last. */
function byFirstHeardOf(rooms: RoomLines, people: readonly ClientLine[]): ClientLine[] {
  const first = new Map<number, number>();
  for (const { cause, level } of rooms.all.flatMap(({ moments }) => moments)) {
    if (cause) first.set(cause.lifeline, Math.min(first.get(cause.lifeline) ?? level, level));
  }
  const heardOf = ({ moments }: ClientLine) => first.get(moments[0]?.lifeline ?? -1) ?? Number.MAX_VALUE;
  return people.toSorted((a, b) => heardOf(a) - heardOf(b));
}

function inOrder(lines: readonly LifelineBuilder[], doubts: Doubts): SpaceTime {
  for (const [index, { moments }] of lines.entries()) for (const moment of moments) moment.lifeline = index;
  const builders = lines
    .flatMap(({ moments }) => moments)
    .sort((a, b) => a.level - b.level || a.lifeline - b.lifeline || a.position - b.position);
  for (const [index, builder] of builders.entries()) builder.index = index;
  const lifelines = lines.map(({ kind, name }) => ({ kind, name }));
  return { lifelines, moments: builders.map(built), doubts: doubts.all(lifelines) };
}
