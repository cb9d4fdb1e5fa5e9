import type { Endings } from '../../system/endings.js';
import type { GrpcParticipant } from '../load/grpc-participant.js';
import type { NatsParticipant } from '../load/nats-participant.js';

export type SubjectName =
  | 'chit-server'
  | 'chit-server, process'
  | 'the other build'
  | 'node:http2'
  | 'node:http2, gated'
  | 'node:http2, durable'
  | 'nats-server'
  | 'nats jetstream'
  | 'chit-trace';

/** A server as a process of its own, which listens. */
export interface Subject<P = GrpcParticipant | NatsParticipant> {
  readonly name: SubjectName;
  readonly pid: number;
  /** Whether each participant is told of all who join, each at a place of its own. */
  readonly announcesJoins: boolean;
  /** One participant more, in the one room there is, on a connection of its own. */
  join(endings: Endings): P;
  /** What the process holds after its garbage is collected, in bytes, as far as it can be asked to collect it. */
  heldBytes(): Promise<number>;
}
