import type { RoomLog } from '../history/room-log.js';
import { happens, type LifelineBuilder, type MomentBuilder, type What } from './moment-builder.js';
import type { ServerLines } from './server-lines.js';

/** A room's event log as a lifeline: a stamp for each event. */
export class RoomLine implements LifelineBuilder {
  readonly kind = 'room';
  readonly name: string;
  readonly log: RoomLog;
  readonly moments: MomentBuilder[] = [];
  readonly #bySequence = new Map<number, MomentBuilder>();

  constructor(log: RoomLog, name: string, lifeline: number, server: ServerLines) {
    this.log = log;
    this.name = name;
    for (const event of log.events) {
      const { lamport, timeMs } = event;
      const source = server.of(log.room, log.logId, event);
      const what: What = { kind: 'stamp', event, room: log.room, timeMs, source };
      const stamp = happens(this.moments, what, { lifeline, lamport });
      this.#bySequence.set(event.sequence, stamp);
    }
  }

  stampAt(sequence: number): MomentBuilder | undefined {
    return this.#bySequence.get(sequence);
  }
}

/** The rooms' event logs as lifelines 0, 1, …; a log without events has none. */
export class RoomLines {
  readonly all: RoomLine[] = [];
  readonly #byRoom = new Map<string, Map<string, RoomLine>>();

  constructor(logsPerRoom: readonly (readonly RoomLog[])[], server: ServerLines) {
    for (const logs of logsPerRoom) {
      const lines = new Map<string, RoomLine>();
      for (const log of logs) {
        if (log.events.length === 0) continue;
        const name = lines.size === 0 ? log.room : `${log.room}#${lines.size + 1}`;
        const line = new RoomLine(log, name, this.all.length, server);
        lines.set(log.logId, line);
        this.#byRoom.set(log.room, lines);
        this.all.push(line);
      }
    }
  }

  /** The lifeline of a room's event log; where `logId` is not known, of the room's only log. */
  get(room: string, logId: string | undefined): RoomLine | undefined {
    const lines = this.#byRoom.get(room);
    if (logId !== undefined) return lines?.get(logId);
    return lines?.size === 1 ? [...lines.values()][0] : undefined;
  }
}
