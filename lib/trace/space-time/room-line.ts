import type { RoomEvent } from '../../core/event.js';
import type { ServerRecord, Source } from '../history/logs/source.js';
import type { RoomLog } from '../history/room-log.js';
import { happens, type LifelineBuilder, type MomentBuilder } from './moment-builder.js';
import { partitionPoint } from './partition-point.js';

/** A room's event log as a lifeline: a stamp for each event. */
interface RoomLine extends LifelineBuilder {
  readonly kind: 'room';
  stampAt(sequence: number): MomentBuilder | undefined;
}

/** The rooms' event logs as lifelines 0, 1, …; a log without events has none. */
export type RoomLines = ReturnType<typeof roomLines>;

export function roomLines(logs: readonly RoomLog[], server: readonly ServerRecord[]) {
  const byRoom = new Map<string, Map<string, RoomLine>>();
  const lineOf = serverLines(server);
  const all = logs
    .filter(({ events }) => events.length > 0)
    .map((log, index) => {
      const lines = byRoom.get(log.room) ?? new Map<string, RoomLine>();
      const line = roomLine(log, lines.size === 0 ? log.room : `${log.room}#${lines.size + 1}`, index, lineOf);
      byRoom.set(log.room, lines.set(log.logId, line));
      return line;
    });
  return {
    all,
    /** The lifeline of a room's event log; where `logId` is not known, of the room's only log. */
    get: (room: string, logId: string | undefined): RoomLine | undefined => {
      const lines = byRoom.get(room);
      if (logId !== undefined) return lines?.get(logId);
      return lines?.size === 1 ? [...lines.values()][0] : undefined;
    },
  };
}

function roomLine({ room, logId, events }: RoomLog, name: string, lifeline: number, lineOf: ServerLines): RoomLine {
  const moments: MomentBuilder[] = [];
  const bySequence = new Map<number, MomentBuilder>();
  for (const event of events) {
    const { sequence, lamport, timeMs } = event;
    const where = { lifeline, lamport, timeMs, source: lineOf(room, logId, event) };
    bySequence.set(sequence, happens(moments, { kind: 'stamp', event, room }, where));
  }
  return { kind: 'room', name, moments, stampAt: (sequence) => bySequence.get(sequence) };
}

/** The line of a server's log that tells of an event: a join's or leave's own, else that of its delivery. */
type ServerLines = (room: string, logId: string, event: RoomEvent) => Source | undefined;

function serverLines(server: readonly ServerRecord[]): ServerLines {
  const singles = new Map<string, ServerRecord[]>();
  /** By room, in the order of their sequences. */
  const deliveries = new Map<string, ServerRecord[]>();
  for (const record of server) {
    const { kind, room, sequence } = record;
    const [lists, key] = kind === 'delivery' ? [deliveries, room] : [singles, `${sequence} ${room}`];
    const list = lists.get(key) ?? [];
    lists.set(key, list);
    list.push(record);
  }
  for (const records of deliveries.values()) records.sort((a, b) => a.sequence - b.sequence);
  return (room, logId, { kind, sequence, lamport }) => {
    const own = (record: ServerRecord) => record.logId === undefined || record.logId === logId;
    if (kind === 'joined' || kind === 'left') {
      const records = singles.get(`${sequence} ${room}`);
      return records?.find((record) => record.lamport === lamport && own(record))?.source;
    }
    const ofRoom = deliveries.get(room) ?? [];
    const last = ofRoom[partitionPoint(ofRoom.length, (at) => (ofRoom[at]?.sequence ?? 0) <= sequence) - 1];
    return last && last.last >= sequence && last.lamport >= lamport && own(last) ? last.source : undefined;
  };
}
