import { interval, type Observable, type SchedulerLike, share } from 'rxjs';
import { type CursorSource, cursor } from '../room/cursor.js';
import type { MemoryHolder } from '../room/shared-memory.js';
import type { StreamParts } from './peer.js';

/** How often a stream is looked at in a heartbeat's time: its beat comes after seven to eight eighths, never later. */
const looksPerBeat = 8;

/** A response without anything in it: its client takes it for no event. One for all streams. */
const emptyResponse = Buffer.alloc(0);

/** When streams look whether they were quiet for too long, by one timer; undefined where `heartbeatMs` is 0. */
export function heartbeatLooks(heartbeatMs: number, scheduler: SchedulerLike): Observable<unknown> | undefined {
  return heartbeatMs > 0 ? interval(heartbeatMs / looksPerBeat, scheduler).pipe(share()) : undefined;
}

/** What it takes of the stream's actor. */
export interface StreamSendingSteps {
  /** The stream is not writable any more. */
  readonly stalled: () => void;
  /** Other streams need the memory of what this one has not taken: it must go. */
  readonly crowdedOut: () => void;
}

/**
 * What goes down one stream. Where it is not in step, it alone holds its events until they are taken: so it has a part
 * of one budget of all streams [P12], from when it has read events for itself, or is not writable, until it is drained.
 */
export class StreamSending implements MemoryHolder {
  readonly #parts: StreamParts;
  readonly #steps: StreamSendingSteps;
  /** What it may not have taken, in bytes, at most. */
  #untaken = 0;
  /** How long it was quiet, counted in looks, so that what is sent costs no look at a clock. */
  #quietLooks = 0;

  constructor(parts: StreamParts, steps: StreamSendingSteps) {
    this.#parts = parts;
    this.#steps = steps;
  }

  /** See `Peer.send`. */
  send(bytes: Buffer, rest?: Buffer): void {
    const { peer, limits } = this.#parts;
    this.#quietLooks = 0;
    peer.send(bytes, rest);
    if (peer.writable) return;
    this.#hold(2 * limits.writeBytesMax);
    this.#steps.stalled();
  }

  /** Sends the events after `after` (`cursor`). */
  follow(events: CursorSource, after: number): Observable<never> {
    const { peer, limits } = this.#parts;
    const read = (position: number) => {
      const run = events.read(position);
      if (run) this.#hold(Math.min(this.#untaken + run.bytes.length, 2 * limits.writeBytesMax));
      return run;
    };
    const { appended$, last } = events;
    return cursor({ appended$, last, read }, after, {
      writable: () => peer.writable,
      drained$: peer.drained$,
      send: (run) => this.send(run.bytes),
    });
  }

  /** Looks whether the stream was quiet for too long. One that does not take what it is sent is not quiet [P10]. */
  look(): void {
    this.#quietLooks += 1;
    if (this.#quietLooks >= looksPerBeat && this.#parts.peer.writable) this.send(emptyResponse);
  }

  /** All that was sent is taken, or never will be. */
  drained(): void {
    if (this.#untaken > 0) this.#hold(0);
  }

  letGo(): void {
    this.#untaken = 0;
    if (this.#parts.peer.held > 0) this.#steps.crowdedOut();
  }

  #hold(bytes: number): void {
    this.#untaken = bytes;
    this.#parts.memory.untaken.used(this, bytes);
  }
}
