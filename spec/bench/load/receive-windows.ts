/** What HTTP/2 allows before anything is agreed (RFC 9113, section 6.9.2), in bytes. */
export const leastWindow = 65_535;

/**
 * What a server may send on one connection (RFC 9113, section 5.2), counted where it is received: so a server that sends more
 * is found out.
 */
export class ReceiveWindows {
  #connection = leastWindow;
  #initial = leastWindow;
  readonly #streams = new Map<number, number>();

  /** The server acknowledges our SETTINGS, from where on it goes by this window of each stream. */
  acknowledged(initial: number): void {
    for (const [stream, left] of this.#streams) this.#streams.set(stream, left + initial - this.#initial);
    this.#initial = initial;
  }

  /** We begin a stream. */
  open(stream: number): void {
    this.#streams.set(stream, this.#initial);
  }

  close(stream: number): void {
    this.#streams.delete(stream);
  }

  /** We tell the server that it may send so much more, on a stream or, with 0, on all together. */
  told(stream: number, increment: number): void {
    if (stream === 0) this.#connection += increment;
    else {
      const left = this.#streams.get(stream);
      if (left !== undefined) this.#streams.set(stream, left + increment);
    }
  }

  /** DATA came. Throws if it may not. */
  received(stream: number, bytes: number): void {
    this.#connection -= bytes;
    const left = this.#streams.get(stream);
    if (left === undefined) throw new Error(`DATA on stream ${stream}, which is not open`);
    this.#streams.set(stream, left - bytes);
    if (this.#connection < 0) throw new Error(`${-this.#connection} bytes more than the connection's window`);
    if (left < bytes) throw new Error(`${bytes - left} bytes more than the window of stream ${stream}`);
  }
}
