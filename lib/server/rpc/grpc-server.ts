import type { ServerHttp2Stream } from 'node:http2';
import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { serviceName } from '../../codec/contract.js';
import type { Limits } from '../../core/limits.js';
import { within } from '../../platform/deadline.js';
import type { HostPort } from '../../platform/host-port.js';
import type { Journal } from '../../platform/journal.js';
import { Shares } from '../access/shares.js';
import { WaitingPlaces } from '../access/waiting-places.js';
import type { Actors } from '../actors/messages.js';
import { type SettingValue, setting } from '../door/http2-frames.js';
import { Listener, type Listening } from '../door/listener.js';
import { SessionPlaces } from '../door/session-places.js';
import { BareCalls, OpenReads } from './bare-calls.js';
import { BeginTurns } from './begin-turns.js';
import { byteService, chatHandlers } from './chat-service.js';
import { GatedSessions } from './gated-sessions.js';
import { guardStreams } from './grpc-js/http2-streams.js';
import { addReflection } from './grpc-js/reflection.js';
import { Health } from './health.js';
import { intercepted } from './incoming-call.js';

export interface GrpcServerParts {
  readonly actors: Actors;
  readonly limits: Limits;
  readonly journal: Journal;
  /** Whether what all are told goes past node:http2; default: yes. */
  readonly fastLane?: boolean;
  /** What calls and connections share with the actors; default: their own. */
  readonly shares?: Shares;
}

/** The chat over gRPC: the contract's service [S1], health checking and reflection, on a listener of its own. */
export class GrpcServer {
  readonly #grpc: Server;
  readonly #listener: Listener;
  readonly #sessions: GatedSessions;
  readonly #health = new Health([serviceName]);
  #stopping = false;

  constructor({ actors, limits, journal, shares = new Shares(limits), fastLane = true }: GrpcServerParts) {
    const closed = (path: string): boolean => this.#stopping && path.startsWith(`/${serviceName}/`);
    const sockets = new Listener({
      ...{ limits, journal, shares },
      turns: new BeginTurns(limits.connectionsOpenedPerTurnMax, setImmediate),
      // Made below: it needs what needs the listener.
      accept: (socket) => this.#sessions.accept(socket),
    });
    this.#listener = sockets;
    const outgoingOf = (stream: ServerHttp2Stream) => this.#sessions.outgoingOf(stream);
    let calls = 0;
    const nextCall = (): number => {
      calls += 1;
      return calls;
    };
    const bareCalls = new BareCalls({
      ...{ limits, journal, closed, nextCall },
      methods: [byteService, healthService].flatMap((service) =>
        Object.values(service).filter(({ requestStream }) => !requestStream),
      ),
      unasked: new WaitingPlaces({ totalMax: limits.unaskedCallsMax, perAddressMax: limits.unaskedCallsPerAddressMax }),
      openReads: new OpenReads(limits),
    });
    this.#grpc = new Server({
      ...channelOptions(limits),
      interceptors: [
        intercepted({
          ...{ limits, journal, sockets, shares, closed, outgoingOf, nextCall },
          waitedMs: (stream) => bareCalls.waitedMs(stream),
        }),
      ],
    });
    const injector = this.#grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const turns = new BeginTurns(limits.callsBegunPerTurnMax, setImmediate);
    guardStreams(this.#grpc, { turns, bareCalls, journal });
    const settings: readonly SettingValue[] = [[setting.maxConcurrentStreams, limits.streamsPerConnectionMax]];
    const places = new SessionPlaces({
      limits,
      turns: new BeginTurns(limits.sessionsBegunPerTurnMax, setImmediate),
      nextTurn: setImmediate,
    });
    this.#sessions = new GatedSessions({
      ...{ server: this.#grpc, injector, limits, settings, journal, fastLane, places },
    });
    const laneOf = (stream: ServerHttp2Stream) => this.#sessions.laneOf(stream);
    this.#grpc.addService(byteService, chatHandlers({ actors, sockets, laneOf, journal, limits }));
    this.#health.addTo(this.#grpc);
    addReflection(this.#grpc);
  }

  /** Resolves with where it listens. Rejects with the system's error. */
  listen(address: HostPort): Promise<Listening> {
    return this.#listener.listen(address);
  }

  /** No new connections and no new calls of the chat's; health says NOT_SERVING. What is under way goes on. */
  refuse(): void {
    this.#stopping = true;
    this.#listener.stopListening();
    this.#health.stop();
  }

  /** Gives calls under way `ms` milliseconds to end, then cuts all connections. Call `refuse` first. */
  async close(ms: number): Promise<void> {
    this.#sessions.dismiss();
    const ended = this.#sessions.closed();
    const shutDown = new Promise((resolve) => this.#grpc.tryShutdown(resolve));
    await within(ms, Promise.all([shutDown, ended]));
    this.#grpc.forceShutdown();
    this.#listener.cutAll();
  }
}

/** In grpc-js's sessions' SETTINGS, which the gates say before there is one, stands `grpc.max_concurrent_streams`. */
function channelOptions(limits: Limits): ServerOptions {
  return {
    'grpc.max_concurrent_streams': limits.streamsPerConnectionMax,
    'grpc.max_receive_message_length': limits.requestBytesMax,
    'grpc.keepalive_time_ms': limits.keepaliveMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    // Nobody asks for it, and it keeps 1 KiB of each connection. `close` cuts all connections itself.
    'grpc.enable_channelz': 0,
  };
}
