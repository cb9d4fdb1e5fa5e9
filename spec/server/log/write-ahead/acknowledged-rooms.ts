import { copyFileSync, existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RoomEvent } from '../../../../lib/core/event.js';
import { defaultLimits } from '../../../../lib/core/limits.js';
import { evolve, restoreRoom } from '../../../../lib/core/room-state.js';
import { atOnce } from '../../../../lib/core/slices.js';
import { type EncodedEntry, type EventLog, LogUnwritable } from '../../../../lib/server/log/event-log.js';
import type { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { openStore } from '../../../../lib/server/log/write-ahead/open-store.js';
import { segmentNames } from '../../../../lib/server/log/write-ahead/segment.js';
import { comparable, decode, encode, eventsAfter, eventsOf, RoomScript, recoveredState } from '../room-script.js';

interface AcknowledgedRoom {
  script: RoomScript;
  events: readonly RoomEvent[];
  /** What the state was after the last of them. */
  state: string;
  logId: string | undefined;
}

/** What a log has acknowledged, room by room: a plain model of what it gives back. */
export class AcknowledgedRooms {
  readonly #rooms = new Map<string, AcknowledgedRoom>();
  /** What was asked for and is neither acknowledged nor refused for sure, by room: events that go on, or the room's end. */
  readonly #maybe = new Map<string, (readonly RoomEvent[] | 'removed')[]>();

  get names(): string[] {
    return [...this.#rooms.keys()].sort();
  }

  /** The same as of now. */
  copy(): AcknowledgedRooms {
    const copy = new AcknowledgedRooms();
    for (const [room, known] of this.#rooms) copy.#rooms.set(room, { ...known });
    for (const [room, maybe] of this.#maybe) copy.#maybe.set(room, maybe);
    return copy;
  }

  /** Goes on with what a process has that opened `log`: what had not settled before is there now, or is not. */
  goOn(log: EventLog): void {
    this.#maybe.clear();
    for (const [room, known] of this.#rooms) known.script = new RoomScript(recoveredState(log, room));
  }

  newest(room: string): number {
    return this.#rooms.get(room)?.events.length ?? 0;
  }

  /**
   * Appends what `make` lets happen in a room; whether it was acknowledged. `isSure`: asked when it was refused, whether
   * it cannot be there after all once the process was killed.
   */
  async append(
    log: EventLog,
    room: string,
    make: (script: RoomScript) => readonly EncodedEntry[],
    { snapshot = false, isSure = () => true }: { snapshot?: boolean; isSure?: () => boolean } = {},
  ): Promise<boolean> {
    const known = this.#rooms.get(room);
    const script = known?.script ?? new RoomScript(room);
    const entries = make(script);
    const events = eventsOf(entries);
    this.#maybe.set(room, [...(this.#maybe.get(room) ?? []), events]);
    try {
      await log.append(script.group(entries, { snapshot }));
    } catch (error) {
      expect(error).to.be.instanceOf(LogUnwritable);
      if (isSure()) this.#settle(room, events);
      if (known) known.script = new RoomScript(recoveredState(log, room));
      return false;
    }
    this.#maybe.delete(room);
    const logId = log.head(room)?.logId;
    if (known) expect(logId).to.equal(known.logId);
    const all = [...(known?.events ?? []), ...events];
    this.#rooms.set(room, { script, events: all, state: stateOf(script.state), logId });
    return true;
  }

  /** Removes a room; whether that was acknowledged. `isSure` as with `append`. */
  async remove(log: EventLog, room: string, isSure: () => boolean = () => true): Promise<boolean> {
    this.#maybe.set(room, [...(this.#maybe.get(room) ?? []), 'removed']);
    try {
      await log.remove(room);
    } catch (error) {
      expect(error).to.be.instanceOf(LogUnwritable);
      if (isSure()) this.#settle(room, 'removed');
      return false;
    }
    this.#maybe.delete(room);
    this.#rooms.delete(room);
    return true;
  }

  #settle(room: string, what: readonly RoomEvent[] | 'removed'): void {
    const left = (this.#maybe.get(room) ?? []).filter((each) => each !== what);
    if (left.length === 0) this.#maybe.delete(room);
    else this.#maybe.set(room, left);
  }

  /** All of it is in the log of the process that acknowledged it, and nothing else. */
  expectIn(log: EventLog, what: string, page = 7): void {
    expect(
      log.heads().map(({ room }) => room),
      what,
    ).to.deep.equal(this.names);
    for (const [room, { events, state, logId }] of this.#rooms) {
      expectEvents(log, room, events, `${what}: ${room}`, page);
      expect(log.head(room)?.logId, `${what}: ${room}`).to.equal(logId);
      expect(stateOf(recoveredState(log, room)), `${what}: the state of ${room}`).to.equal(state);
    }
  }

  /** `read` gives as many events after `after` as it may. */
  expectRun(
    log: EventLog,
    room: string,
    read: { readonly after: number; readonly max: number; readonly bytes: number },
  ): void {
    const { after, max, bytes } = read;
    const encodings = (this.#rooms.get(room)?.events ?? []).slice(after, after + max).map(encode);
    let length = 0;
    const fitting = encodings.filter((each, index) => {
      length += each.length;
      return index === 0 || length <= bytes;
    });
    const run = log.read(room, after, max, bytes);
    const what = `${room} after ${after}, at most ${max} of ${bytes} bytes`;
    if (fitting.length === 0) {
      expect(run, what).to.equal(undefined);
      return;
    }
    expect(run, what).to.include({ first: after + 1, last: after + fitting.length });
    expect(run?.bytes.toString(), what).to.equal(Buffer.concat(fitting).toString());
    expect(run?.ends.length, what).to.equal(fitting.length);
    expect(run?.ends.at(-1), what).to.equal(run?.bytes.length);
  }

  /** `recover` gives the state back, whatever goes on between its slices, before which it is waited for `between`. */
  async expectRecovered(log: EventLog, room: string, between: () => Promise<unknown>): Promise<void> {
    const known = this.#rooms.get(room);
    if (!known) return;
    const slices = log.recover(room);
    let slice = slices.next();
    while (!slice.done) {
      await between();
      slice = slices.next();
    }
    const { snapshot, parts, entries } = slice.value;
    const state = atOnce(restoreRoom(room, snapshot, parts));
    for (const entry of entries) evolve(state, entry, defaultLimits);
    expect(stateOf(state), `the state of ${room}`).to.equal(known.state);
  }

  /** The same after a kill: in the log that the next process opens. What had not settled may be there, whole, or not. */
  expectAfterKill(log: EventLog, what: string): void {
    const names = new Set([...this.#rooms.keys(), ...this.#maybe.keys()]);
    for (const { room } of log.heads()) expect([...names], what).to.include(room);
    for (const room of names) {
      const known = this.#rooms.get(room);
      const maybe = this.#maybe.get(room) ?? [];
      const head = log.head(room);
      if (!head) {
        expect(known === undefined || maybe.includes('removed'), `${what}: ${room} is there`).to.equal(true);
        continue;
      }
      const acknowledged = known?.events ?? [];
      const ends = [...(known ? [[]] : []), ...maybe.flatMap((each) => (each === 'removed' ? [] : [each]))];
      const found = eventsAfter(log, room, 0);
      const isOne = ends.some((end) => JSON.stringify(found) === JSON.stringify([...acknowledged, ...end]));
      expect(isOne, `${what}: ${room} has ${found.length} events of ${acknowledged.length}`).to.equal(true);
      expectEvents(log, room, found, `${what}: ${room}`);
      if (known) expect(head.logId, `${what}: ${room}`).to.equal(known.logId);
      if (known && found.length === acknowledged.length) {
        expect(stateOf(recoveredState(log, room)), `${what}: the state of ${room}`).to.equal(known.state);
      }
    }
  }
}

function expectEvents(log: EventLog, room: string, events: readonly RoomEvent[], what: string, page = 7): void {
  expect(JSON.stringify(eventsAfter(log, room, 0, page)), what).to.equal(JSON.stringify(events));
  const newest = events.at(-1);
  const { sequence, lamport, chain } = log.head(room)?.place ?? {};
  expect({ sequence, lamport, chain }, what).to.deep.equal({
    ...{ sequence: newest?.sequence, lamport: newest?.lamport, chain: newest?.chain },
  });
  for (const event of events) {
    if (log.chainAt(room, event.sequence) !== event.chain) expect.fail(`${what}: the chain at ${event.sequence}`);
  }
}

function stateOf(state: RoomScript['state']): string {
  return JSON.stringify(comparable(state), (_, value) => (value instanceof Map ? [...value] : value));
}

/** What is left of a store whose process is killed now: a copy, LMDB's file first, as it is never newer than the segments. */
export function leftByKill(directory: string): string {
  const copy = mkdtempSync(join(directory, 'killed-'));
  for (const name of ['data.mdb', ...segmentNames]) {
    if (existsSync(join(directory, name))) copyFileSync(join(directory, name), join(copy, name));
  }
  return copy;
}

/** Opens such a store as the next process does. `reported`: that segments are damaged. */
export async function openLeft(directory: string): Promise<{ readonly log: LmdbLog; readonly reported: boolean }> {
  let reported = false;
  const segmentsDamaged = () => {
    reported = true;
  };
  return { log: await openStore(directory, { decode, durability: 'process', segmentsDamaged }), reported };
}
