/** What cuts a connection: the one sure end of a stream whose peer does not read. */
export interface Sockets {
  /** Destroys the connection of `peer`, a call's `getPeer()`; all its streams end with it. Nothing if it is gone. */
  cut(peer: string): void;
}
