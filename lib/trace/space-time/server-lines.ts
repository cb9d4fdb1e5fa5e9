import type { RoomEvent } from '../../core/event.js';
import type { ServerRecord, Source } from '../history/logs/log-bundle.js';
import { partitionPoint } from '../history/partition-point.js';

/** Where servers' logs tell of a room's events. */
export class ServerLines {
  readonly #singles = new Map<string, ServerRecord[]>();
  /** By room, in the order of their sequences. */
  readonly #deliveries = new Map<string, ServerRecord[]>();

  constructor(server: readonly ServerRecord[]) {
    for (const record of server) {
      if (record.kind === 'delivery') append(this.#deliveries, record.room, record);
      else append(this.#singles, keyOf(record.room, record.sequence), record);
    }
    for (const records of this.#deliveries.values()) records.sort((a, b) => a.sequence - b.sequence);
  }

  /** The line that tells of `event`: of a join or leave its own, of anything else the delivery's that it was part of. */
  of(room: string, logId: string, event: RoomEvent): Source | undefined {
    const own = (record: ServerRecord) => record.logId === undefined || record.logId === logId;
    if (event.kind !== 'joined' && event.kind !== 'left') {
      const delivery = lastUpTo(this.#deliveries.get(room) ?? [], event.sequence);
      const tells = delivery && delivery.last >= event.sequence && delivery.lamport >= event.lamport && own(delivery);
      return tells ? delivery.source : undefined;
    }
    const records = this.#singles.get(keyOf(room, event.sequence));
    return records?.find((record) => record.lamport === event.lamport && own(record))?.source;
  }
}

function keyOf(room: string, sequence: number): string {
  return `${sequence} ${room}`;
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Of records sorted by sequence the last that begins at or before `sequence`. */
function lastUpTo(records: readonly ServerRecord[], sequence: number): ServerRecord | undefined {
  return records[partitionPoint(records.length, (record) => (records[record]?.sequence ?? 0) <= sequence) - 1];
}
