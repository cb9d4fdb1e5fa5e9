import type { ConnectionMessage, ServerRequest } from '../actors/messages.js';
import type { Peer } from '../actors/peer.js';

/** What the service needs of the actors; the ServerActor is it. */
export interface Actors {
  /** A connection actor for a new stream. */
  connect(peer: Peer): { tell(message: ConnectionMessage): void };
  tell(request: ServerRequest): void;
}
