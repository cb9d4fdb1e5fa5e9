import type { RoomState } from '../../core/room-state.js';
import type { Group } from '../log/event-log.js';
import type { Ref } from '../room/pending.js';
import type { ConnectionMessage, RoomMessage } from './messages.js';

/**
 * The end of a server: its rooms close, so that what they took in is told; then its streams are told farewell. It has
 * stopped when the last stream has ended.
 */
export class ServerStop {
  readonly #streams: ReadonlySet<Ref<ConnectionMessage>>;
  /** Rooms that were told to close and have not. */
  readonly #closing = new Set<string>();
  /** Of each room that has closed, with all that its event log has. */
  readonly states: RoomState[] = [];
  #stopping: Promise<void> | undefined;
  #stopped: (() => void) | undefined;

  /** `streams`: those that have not ended. */
  constructor(streams: ReadonlySet<Ref<ConnectionMessage>>) {
    this.#streams = streams;
  }

  get isAsked(): boolean {
    return this.#stopped !== undefined;
  }

  /** Calls `begin` the first time; resolves when the server has stopped, always the same promise. */
  ask(begin: () => void): Promise<void> {
    this.#stopping ??= new Promise((stopped) => {
      this.#stopped = stopped;
      begin();
    });
    return this.#stopping;
  }

  begin(rooms: ReadonlyMap<string, { readonly actor: Ref<RoomMessage> }>): void {
    for (const room of rooms.keys()) this.#closing.add(room);
    for (const { actor } of rooms.values()) actor.tell({ kind: 'close' });
    if (rooms.size === 0) this.#farewell();
  }

  roomClosed(room: string, state: RoomState | undefined): void {
    if (state) this.states.push(state);
    if (this.#closing.delete(room) && this.#closing.size === 0) this.#farewell();
  }

  streamEnded(): void {
    if (this.#streams.size === 0) this.#stopped?.();
  }

  #farewell(): void {
    for (const stream of this.#streams) stream.tell({ kind: 'stop' });
    this.streamEnded();
  }
}

/** So many snapshots are written together; the next ones are made when they are durable. */
const snapshotsPerWrite = 64;

export interface ClosingSnapshotsParts {
  /** Of each room that is closed, what spares the next start its replay; undefined where there is nothing to replay. */
  readonly rooms: readonly (() => Group | undefined)[];
  readonly append: (group: Group) => Promise<void>;
  /** Resolves at the end of the event loop's present turn. */
  readonly endOfTurn: () => Promise<unknown>;
  /** Begins with no more rooms once it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Writes a snapshot of each room that has events since its last one, after the last commands: one room a turn of the
 * event loop, so that the signal is heard. Nothing is lost where it is not done: a start replays. Gives how many were
 * written, and how many rooms are left to replay, for time was up or the event log could not be written.
 */
export async function writeClosingSnapshots({ rooms, append, endOfTurn, signal }: ClosingSnapshotsParts) {
  let written = 0;
  let failed = 0;
  let at = 0;
  while (at < rooms.length && failed === 0 && !signal.aborted) {
    const writes: Promise<unknown>[] = [];
    for (; at < rooms.length && writes.length < snapshotsPerWrite && !signal.aborted; at += 1) {
      const group = rooms[at]?.();
      if (!group) continue;
      // Counted at once: a rejection without a handler would end the process.
      const good = () => written++;
      const bad = () => failed++;
      writes.push(append(group).then(good, bad));
      await endOfTurn();
    }
    await Promise.all(writes);
  }
  return { written, left: failed + rooms.length - at };
}
