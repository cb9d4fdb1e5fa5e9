import { chainStart, nextChain } from '../../../core/chain.js';
import type { RoomEvent } from '../../../core/event.js';
import type { LogReading, Place } from '../history.js';
import type { Reader, ReceivedRange } from '../readers.js';
import { sameEvent } from '../same-event.js';

/**
 * The rooms' event logs as the clients bear witness to them: of each room and log id the events that anybody received.
 * Where they were given different events at one sequence, the log has the one that most received; of as many, the one
 * that the chain of the event before leads to, or else the first one read. The oldest log of a room comes first.
 */
export function witnessedLogs(readers: readonly Reader[]): LogReading[] {
  const witnessed = new Map<string, WitnessedLog>();
  const idsOf = new Map<string, string>();
  for (const { room, ranges } of readers) for (const { logId } of ranges) if (logId) idsOf.set(room, logId);
  for (const { room, ranges, connections } of readers) {
    const logOf = (told: string): WitnessedLog => {
      // A file that begins within a visit does not say which log it is; that is clear only where the room had one.
      const logId = told || (idsOf.get(room) ?? '');
      const key = JSON.stringify([room, logId]);
      const log = witnessed.get(key) ?? { room, logId, ranges: [], places: [] };
      witnessed.set(key, log);
      return log;
    };
    for (const range of ranges) logOf(range.logId).ranges.push(range);
    for (const { welcome } of connections) logOf(welcome.logId).places.push(welcome.place);
  }
  const readings = [...witnessed.values()].filter(({ logId }) => logId !== '').map(readingOf);
  const sorted = readings.sort((a, b) => (a.events[0]?.timeMs ?? 0) - (b.events[0]?.timeMs ?? 0));
  const newest = new Map(sorted.map((reading) => [reading.room, reading]));
  // Whether its store was wiped on purpose no client's log tells.
  return sorted.map((reading) => ({ ...reading, replaced: newest.get(reading.room) !== reading }));
}

/** What was received of one log. */
interface WitnessedLog {
  readonly room: string;
  readonly logId: string;
  readonly ranges: ReceivedRange[];
  readonly places: Place[];
}

function readingOf({ room, logId, ranges, places }: WitnessedLog): LogReading {
  const first = new Map<number, RoomEvent>();
  const disputed = new Map<number, Version[]>();
  for (const { event } of receiptsIn(ranges)) {
    const known = first.get(event.sequence);
    // Of one event those say more who knew its kind.
    if (!known || (known.kind === 'unknown' && sameEvent(known, event))) first.set(event.sequence, event);
    else if (!sameEvent(known, event)) disputed.set(event.sequence, []);
  }
  for (const { event, client } of disputed.size > 0 ? receiptsIn(ranges) : []) {
    const versions = disputed.get(event.sequence);
    const same = versions?.find((version) => sameEvent(version.event, event));
    if (same) same.witnesses.add(client);
    else versions?.push({ event, witnesses: new Set([client]) });
  }
  const events: RoomEvent[] = [];
  for (const sequence of [...first.keys()].sort((a, b) => a - b)) {
    const versions = disputed.get(sequence);
    const event = versions ? majorityVersion(versions, events.at(-1) ?? beginning) : first.get(sequence);
    if (event) events.push(event);
  }
  const before = (events[0]?.sequence ?? 1) - 1;
  const newest = events.at(-1)?.sequence ?? 0;
  const from = places.find(({ sequence }) => sequence === before);
  return { room, logId, events, newest, replaced: false, witnessed: true, from };
}

function* receiptsIn(
  ranges: readonly ReceivedRange[],
): Generator<{ readonly event: RoomEvent; readonly client: string }> {
  for (const { receipts, client } of ranges) for (const { event } of receipts) yield { event, client };
}

interface Version {
  readonly event: RoomEvent;
  readonly witnesses: Set<string>;
}

const beginning: Place = { sequence: 0, chain: chainStart };

function majorityVersion(versions: readonly Version[], previous: Place): RoomEvent | undefined {
  const most = Math.max(...versions.map(({ witnesses }) => witnesses.size));
  const likely = versions.filter(({ witnesses }) => witnesses.size === most).map(({ event }) => event);
  return likely.find((event) => follows(previous, event)) ?? likely[0];
}

function follows(previous: Place, event: RoomEvent): boolean {
  if (event.sequence !== previous.sequence + 1) return false;
  return event.kind === 'unknown' || nextChain(previous.chain, event) === event.chain;
}
