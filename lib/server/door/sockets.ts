/**
 * The connections below gRPC: what cuts one, which is the one sure end of a stream whose peer does not read, and what tells
 * whether a peer reads at all.
 */
export interface Sockets {
  /** Destroys the connection of `peer`, a call's `getPeer()`; all its streams end with it. Nothing if it is gone. */
  cut(peer: string): void;
  /** How many bytes the system has taken so far for the connection of `peer`, to be sent; 0 if it is gone. */
  taken(peer: string): number;
}
