import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { createServer, isIP, type Server, type Socket } from 'node:net';
import type { Limits } from '../../core/limits.js';
import type { HostPort } from '../../platform/host-port.js';
import type { Journal } from '../../platform/journal.js';
import type { Address } from '../access/addresses.js';
import type { Admitted, Connection } from '../access/connections.js';
import type { Shares } from '../access/shares.js';
import type { FrameGate } from './frame-gate.js';
import { readOpening } from './opening.js';
import type { Turns } from './session-places.js';

export interface ListenerParts {
  readonly limits: Limits;
  /** Whose place is whose. */
  readonly shares: Pick<Shares, 'admit' | 'close' | 'overdue'>;
  readonly journal: Journal;
  /** When the first bytes of a connection are looked at; its address is its key. */
  readonly turns: Turns;
  /** Takes over a connection that speaks HTTP/2, its first bytes put back; undefined if it does not. */
  readonly accept: (socket: Socket) => AcceptedConnection | undefined;
}

/** A connection that speaks HTTP/2; the listener can end it with a GOAWAY. */
type AcceptedConnection = Pick<FrameGate, 'dismiss'>;

/** A connection by its two sides. */
interface Open {
  readonly socket: Socket;
  accepted: AcceptedConnection | undefined;
  /** Whether it is being ended for nobody uses it. */
  dismissed: boolean;
}

/** Where a listener listens: `host` is the first of its addresses. */
export interface Listening extends HostPort {
  /** Its further addresses, with the same port: a name such as localhost stands for several. */
  readonly others: readonly string[];
  /** Addresses that the name stands for and this machine has not. */
  readonly missing: readonly string[];
}

/** How often a free port is looked for that is free at all addresses. */
const freePortTriesMax = 16;

/**
 * The server's own sockets. gRPC is handed only those that speak HTTP/2, so that all can be counted, and cut when a
 * peer does not read: on such a stream gRPC's own `end` and `destroy` never come to anything.
 */
export class Listener implements Sockets {
  readonly #parts: ListenerParts;
  /** One for each address. */
  #servers: Server[] = [];
  /** By `address:port` of the far end, which is what gRPC calls a call's peer. */
  readonly #open = new Map<string, Open>();
  /** Whether the newest connection was refused: a flood of them is one log record. */
  #refusing = false;
  #idleLook: NodeJS.Timeout | undefined;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /**
   * Listens on all addresses of `host`, with one port. Rejects with the system's error (EADDRINUSE, EADDRNOTAVAIL,
   * EACCES, ENOTFOUND, …), and listens nowhere then; an address that this machine has not is no error where it has
   * another one.
   */
  async listen({ host, port }: HostPort): Promise<Listening> {
    const { limits, journal } = this.#parts;
    const backlog = Math.max(limits.listenBacklogMax, limits.connectionsMax);
    const granted = grantedBacklog(backlog);
    if (granted < backlog) journal.warn('listen-backlog-short', { wanted: backlog, granted });
    const addresses = await listenAddresses(host);
    for (let triesLeft = freePortTriesMax; ; triesLeft -= 1) {
      try {
        const listening = await this.#listenOnAll(addresses, port, backlog);
        for (const address of listening.missing) journal.warn('listen-address-missing', { host, address });
        this.#idleLook = setInterval(() => this.#endIdle(), idleLookMs).unref();
        return listening;
      } catch (error) {
        const tookFirst = this.#servers.length > 0;
        this.stopListening();
        this.cutAll();
        // Free at one address, taken at another: another one may be free at both.
        const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        if (port !== 0 || !isTaken || !tookFirst || triesLeft <= 1) throw error;
      }
    }
  }

  async #listenOnAll(addresses: readonly string[], asked: number, backlog: number): Promise<Listening> {
    const bound: HostPort[] = [];
    const missing: string[] = [];
    let none: unknown;
    for (const host of addresses) {
      try {
        bound.push(await this.#listenOn({ host, port: bound[0]?.port ?? asked }, backlog));
      } catch (error) {
        if (!isAddressMissing(error as NodeJS.ErrnoException)) throw error;
        none ??= error;
        missing.push(host);
      }
    }
    const [first, ...others] = bound;
    if (!first) throw none;
    return { ...first, others: others.map(({ host }) => host), missing };
  }

  #listenOn({ host, port }: HostPort, backlog: number): Promise<HostPort> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#take(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog }, () => {
        server.off('error', reject);
        // Such as ENFILE: one connection was not accepted, and nobody else is to suffer for it.
        server.on('error', (err) => this.#parts.journal.error('accept-failed', { err }));
        this.#servers.push(server);
        const bound = server.address();
        if (bound === null || typeof bound === 'string') reject(new Error('not a TCP address'));
        else resolve({ host: bound.address, port: bound.port });
      });
    });
  }

  /** From here on nobody can connect; connections that are open stay. */
  stopListening(): void {
    clearInterval(this.#idleLook);
    for (const server of this.#servers.splice(0)) server.close();
  }

  cut(peer: string): void {
    this.#open.get(peer)?.socket.destroy();
  }

  taken(peer: string): number {
    const open = this.#open.get(peer);
    return open ? takenBytes(open.socket) : 0;
  }

  cutAll(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  #take(socket: Socket): void {
    // The cause of every end is seen in 'close'; without a listener an error would end the process.
    socket.on('error', ignored);
    const { remoteAddress: address, remotePort } = socket;
    const peer = `${address}:${remotePort}`;
    const admitted = address === undefined ? undefined : this.#admit(peer, address);
    if (!admitted) {
      socket.destroy();
      return;
    }
    const { journal, shares } = this.#parts;
    const { connection, dueInMs } = admitted;
    const open: Open = { socket, accepted: undefined, dismissed: false };
    this.#open.set(peer, open);
    journal.info('connection-opened', { peer });
    socket.on('close', () => {
      // A client may have come again from the same port before this end was heard of.
      if (this.#open.get(peer) === open) this.#open.delete(peer);
      shares.close(connection, Date.now());
      journal.info('connection-closed', { peer });
    });
    if (dueInMs === 0) {
      this.#awaitHttp2(open, peer, connection.address);
      return;
    }
    const turn = setTimeout(() => this.#awaitHttp2(open, peer, connection.address), dueInMs);
    socket.once('close', () => clearTimeout(turn));
  }

  /** Its place, if one more connection is within the limits [P12]; one that was idle may have to go for it. */
  #admit(peer: string, address: string): Admitted | undefined {
    const { limits, journal, shares } = this.#parts;
    const admittance = shares.admit(peer, Date.now());
    const refused = admittance.kind === 'refused' ? admittance.limit : undefined;
    if (refused && !this.#refusing) {
      journal.warn('connections-refused', { address, limit: refused, limitValue: limits[refused] });
    }
    this.#refusing = refused !== undefined;
    if (admittance.kind === 'refused') return undefined;
    if (admittance.instead) this.#endAsIdle(admittance.instead, { atOnce: true });
    return admittance;
  }

  #endIdle(): void {
    for (const connection of this.#parts.shares.overdue(Date.now())) this.#endAsIdle(connection, { atOnce: false });
  }

  #endAsIdle({ peer }: Connection, how: { readonly atOnce: boolean }): void {
    const open = this.#open.get(peer);
    if (!open || open.dismissed) return;
    open.dismissed = true;
    this.#parts.journal.info('connection-idle', { peer });
    if (open.accepted) open.accepted.dismiss(how);
    else open.socket.destroy();
  }

  #awaitHttp2(open: Open, peer: string, address: Address): void {
    const { socket } = open;
    const { limits, journal, turns, accept } = this.#parts;
    const overdue = setTimeout(() => {
      journal.info('handshake-overdue', { peer });
      socket.destroy();
    }, limits.handshakeMsMax);
    const forget = () => clearTimeout(overdue);
    socket.once('close', forget);
    const inTurn = (read: () => void): void => turns.add(address, read);
    readOpening(socket, inTurn, (opening) => {
      if (opening === 'http2') {
        forget();
        // For as long as the connection lasts, it would hold the timer and all that it knows.
        socket.off('close', forget);
        open.accepted = accept(socket);
        return;
      }
      journal.info('not-http2', { peer, opening });
      if (opening === 'http1') answerHttp1(socket);
      else socket.destroy();
    });
  }
}

function ignored(): void {}

/** What the system has taken of what was written to `socket`: with its handle's queue, to the byte, not the write. */
function takenBytes(socket: Socket): number {
  const { _handle: handle } = socket as unknown as {
    readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
  };
  if (handle?.bytesWritten === undefined) return socket.bytesWritten - socket.writableLength;
  return handle.bytesWritten - (handle.writeQueueSize ?? 0);
}

/** How often connections that nobody uses are looked for, in milliseconds. */
const idleLookMs = 1_000;

const http1Text = 'This port speaks gRPC, which needs HTTP/2. Connect with chit-client or another gRPC client.\n';

/** Tells whoever came with a browser or the like what is here. The handshake's limit still bounds how long it takes. */
function answerHttp1(socket: Socket): void {
  // Closing with unread bytes would reset the connection, and the answer could be lost with it.
  socket.resume();
  socket.end(
    [
      'HTTP/1.1 505 HTTP Version Not Supported',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${http1Text.length}`,
      'Connection: close',
      '',
      http1Text,
    ].join('\r\n'),
  );
}

/**
 * The connections below gRPC: what cuts one, which is the one sure end of a stream whose peer does not read, and what
 * tells whether a peer reads at all.
 */
export interface Sockets {
  /** Destroys the connection of `peer`, a call's `getPeer()`; all its streams end with it. Nothing if it is gone. */
  cut(peer: string): void;
  /** How many bytes the system has taken so far for the connection of `peer`, to be sent; 0 if it is gone. */
  taken(peer: string): number;
}

/** Where a machine reaches itself: localhost and such mean these, whatever a resolver says (RFC 6761, section 6.3). */
const loopback: readonly string[] = ['127.0.0.1', '::1'];

/**
 * All addresses that `host` stands for, each once: clients choose one by rules of their own, so a server listens on
 * every one. An address stands for itself, localhost for both loopback addresses. Rejects with the resolver's error.
 */
export async function listenAddresses(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const isLocalhost = /^(?:.+\.)?localhost\.?$/i.test(host);
  const resolved = lookup(host, { all: true });
  const found = await (isLocalhost ? resolved.catch(() => []) : resolved);
  return [...new Set([...(isLocalhost ? loopback : []), ...found.map(({ address }) => address)])];
}

/** Whether a `listen` failed because this machine has no such address, not because the address cannot be had. */
export function isAddressMissing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

/** Where Linux keeps the longest queue that a `listen` is given, whatever it asks (listen(2), `net.core.somaxconn`). */
const systemLimitFile = '/proc/sys/net/core/somaxconn';

/**
 * How many connections the system lets wait to be accepted where `wanted` are asked for. Beyond that it drops what
 * comes, and each client tries again after a second, then two, then four: in a storm longer than a session's grace.
 * Other systems than Linux do not say; there it is `wanted`.
 */
export function grantedBacklog(wanted: number, file: string = systemLimitFile): number {
  try {
    const systemLimit = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(systemLimit) && systemLimit > 0 ? Math.min(wanted, systemLimit) : wanted;
  } catch {
    return wanted;
  }
}
