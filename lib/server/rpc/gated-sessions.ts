import type { Http2Server, Http2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionInjector, Server } from '@grpc/grpc-js';
import type { Limits } from '../../core/limits.js';
import type { Journal } from '../../platform/journal.js';
import type { ControlLimits } from '../door/control-frames.js';
import { type FastLane, type OutgoingStream, SharedDataFrames } from '../door/fast-lane.js';
import { FrameGate, type FrameGateParts } from '../door/frame-gate.js';
import { errorName, type SettingValue, settingsFrame } from '../door/http2-frames.js';
import type { SessionPlaces } from '../door/session-places.js';

export interface GatedSessionsParts {
  readonly server: Server;
  readonly injector: Pick<ConnectionInjector, 'injectConnection'>;
  readonly limits: Pick<Limits, 'closeMsMax' | 'stallMsMax' | 'heldFramesBytesMax'> & ControlLimits;
  /** When sessions begin. */
  readonly places?: SessionPlaces;
  /** The settings that grpc-js's sessions send. */
  readonly settings: readonly SettingValue[];
  readonly journal: Journal;
  /** Whether there are ways past the sessions. */
  readonly fastLane: boolean;
}

/** Hands connections to grpc-js, each through a gate of its own, when their first call begins. */
export class GatedSessions {
  readonly #parts: GatedSessionsParts;
  readonly #gates = new WeakMap<Http2Session, FrameGate>();
  readonly #open = new Set<Http2Session>();
  /** Those of connections on which no call was begun. */
  readonly #withoutSession = new Set<FrameGate>();
  readonly #gateParts: FrameGateParts;
  #dismissing = false;
  /** The connection whose session is being made: grpc-js makes it within `injectConnection`. */
  #beginning: FrameGate | undefined;

  constructor(parts: GatedSessionsParts) {
    this.#parts = parts;
    const { limits, journal } = parts;
    this.#gateParts = {
      closeMsMax: limits.closeMsMax,
      stallMsMax: limits.stallMsMax,
      shared: parts.fastLane ? new SharedDataFrames() : undefined,
      control: { settings: settingsFrame(parts.settings), limits },
      ...(parts.places && { places: parts.places }),
      heldBytesMax: limits.heldFramesBytesMax,
      begin: (gate, stream) => this.#begin(gate, stream.duplex),
      refused: ({ socket }, code) => journal.info('http2-fault', { peer: peerOf(socket), code: errorName(code) }),
      closed: (gate) => this.#withoutSession.delete(gate),
    };
    for (const http2Server of http2ServersOf(parts.server)) {
      // Before grpc-js's own listener, which asks for the address.
      http2Server.prependListener('session', (session) => this.#begun(session));
    }
  }

  /**
   * Takes over a connection that speaks HTTP/2, its first byte not read yet. Returns its gate, or undefined where no
   * connections are taken any more.
   */
  accept(socket: Socket): FrameGate | undefined {
    if (this.#dismissing) {
      socket.destroy();
      return undefined;
    }
    const gate = new FrameGate(socket, this.#gateParts);
    this.#withoutSession.add(gate);
    return gate;
  }

  /** Ends the connections on which no call was begun, which grpc-js does not know, and takes no more. */
  dismiss(): void {
    this.#dismissing = true;
    for (const gate of this.#withoutSession) gate.dismiss({ atOnce: false });
  }

  #begin(gate: FrameGate, stream: Duplex): void {
    this.#withoutSession.delete(gate);
    this.#beginning = gate;
    try {
      this.#parts.injector.injectConnection(stream);
    } finally {
      this.#beginning = undefined;
    }
  }

  /** The gate before a session; undefined if it was not made by `accept`. */
  gateOf(session: Http2Session): FrameGate | undefined {
    return this.#gates.get(session);
  }

  /**
   * Resolves when all sessions that are open now have closed, and so their streams have ended. It is not left to
   * grpc-js: from Node 24 on `close` of an HTTP/2 server begins the end of its sessions too, and grpc-js's tryShutdown
   * takes a session that is ending for one that has ended.
   */
  async closed(): Promise<void> {
    await Promise.all(
      Array.from(this.#open, (session) => new Promise<void>((resolve) => session.once('close', resolve))),
    );
  }

  /** The way past the session for one of its streams. */
  laneOf(stream: ServerHttp2Stream): FastLane | undefined {
    const { session, id } = stream;
    return session && id !== undefined ? this.gateOf(session)?.outgoing?.lane(id) : undefined;
  }

  /** How one of a session's streams goes out. */
  outgoingOf(stream: ServerHttp2Stream): OutgoingStream | undefined {
    const { session, id } = stream;
    return session && id !== undefined ? this.gateOf(session)?.outgoing?.stream(id) : undefined;
  }

  #begun(session: ServerHttp2Session): void {
    const gate = this.#beginning;
    if (!gate?.stream) return;
    this.#gates.set(session, gate);
    this.#open.add(session);
    session.on('close', () => this.#open.delete(session));
    gate.stream.session = session;
    nameFarEnd(session, gate.socket);
  }
}

/** `address:port` of a connection's far end, by which log records and grpc-js name it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}

/**
 * grpc-js asks a session's socket for the far end of its calls. Behind a gate that socket has no address of its own, so
 * it is given the real one, where net.Socket keeps it (the same in Node 20 to 24). Throws where that changed.
 */
function nameFarEnd({ socket: seen }: ServerHttp2Session, { remoteAddress, remotePort, remoteFamily }: Socket): void {
  Object.assign(seen, { _peername: { address: remoteAddress, port: remotePort, family: remoteFamily } });
  if (seen.remoteAddress !== remoteAddress || seen.remotePort !== remotePort) {
    throw new Error(
      'this version of Node keeps the address of a socket elsewhere: see lib/server/rpc/gated-sessions.ts',
    );
  }
}

/** grpc-js has no public way to its HTTP/2 servers. Throws where they are not found as expected. */
export function http2ServersOf(server: Server): readonly Http2Server[] {
  const { http2Servers } = server as unknown as { readonly http2Servers?: ReadonlyMap<Http2Server, unknown> };
  if (!(http2Servers instanceof Map) || http2Servers.size === 0) {
    throw new Error(
      'this version of @grpc/grpc-js keeps its HTTP/2 servers elsewhere: see lib/server/rpc/gated-sessions.ts',
    );
  }
  return [...(http2Servers as ReadonlyMap<Http2Server, unknown>).keys()];
}
