import type { Actors, ConnectionMessage, ServerRequest } from '../../../lib/server/actors/messages.js';
import type { Peer } from '../../../lib/server/actors/peer.js';

/** A connection actor that does nothing of its own and remembers what it is told. */
export class StubConnection {
  readonly peer: Peer;
  readonly told: ConnectionMessage[] = [];

  constructor(peer: Peer) {
    this.peer = peer;
  }

  tell(message: ConnectionMessage): void {
    this.told.push(message);
  }

  heard(kind: ConnectionMessage['kind']): boolean {
    return this.told.some((message) => message.kind === kind);
  }
}

/** Actors that do what the test says, and by default nothing. */
export class StubActors implements Actors {
  readonly connections: StubConnection[] = [];
  readonly requests: ServerRequest[] = [];
  /** What happens at a new stream; may throw. */
  connected: (connection: StubConnection) => void = () => {};
  /** What happens at a unary request; may throw. */
  asked: (request: ServerRequest) => void = () => {};

  connect(peer: Peer): StubConnection {
    const connection = new StubConnection(peer);
    this.connections.push(connection);
    this.connected(connection);
    return connection;
  }

  tell(request: ServerRequest): void {
    this.requests.push(request);
    this.asked(request);
  }
}
