/**
 * Lamport's logical clock [S8] [P7] (L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
 * 1978, rules IR1 and IR2).
 */

/** The newest time a sender may name. It leaves the room's own ticks 2^52 times before numbers stop being exact. */
export const senderLamportMax = 2 ** 52;

/** The beginning of 2026 (UTC), in milliseconds since 1970. */
const boundStartMs = 1_767_225_600_000;

/**
 * The newest time that a sender may name at `timeMs`, milliseconds since 1970, whatever the server knows [P7]. All
 * servers have the same bound at the same time, and it rises faster than a room can count: so no room can be driven to
 * times for which its honest participants are refused elsewhere. It comes to `senderLamportMax` in the year 2168.
 */
export function lamportBound(
  timeMs: number,
  { lamportStartMax, lamportPerSecondMax }: { readonly lamportStartMax: number; readonly lamportPerSecondMax: number },
): number {
  const seconds = Math.floor(Math.max(0, timeMs - boundStartMs) / 1000);
  return Math.min(lamportStartMax + lamportPerSecondMax * seconds, senderLamportMax);
}

/** Rule for a process that sends: its time before the send, plus one. */
export function tick(own: number): number {
  return own + 1;
}

/** Rule for a process that receives: later than its own time and later than the received one. */
export function receive(own: number, received: number): number {
  return Math.max(own, received) + 1;
}

/** One process's clock: a client has one, whatever rooms it is in. */
export class LamportClock {
  #time: number;

  constructor(time = 0) {
    this.#time = time;
  }

  get time(): number {
    return this.#time;
  }

  /** Advances for a send and returns the time to send with. */
  tick(): number {
    this.#time = tick(this.#time);
    return this.#time;
  }

  /** Is at least `time` from now on: what a session's own rules have come to. */
  advanceTo(time: number): void {
    this.#time = Math.max(this.#time, time);
  }

  /** Takes a received time in and returns the new own time. */
  receive(received: number): number {
    this.#time = receive(this.#time, received);
    return this.#time;
  }
}
