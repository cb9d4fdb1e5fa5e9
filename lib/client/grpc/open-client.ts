import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { Client, type ClientOptions, credentials } from '@grpc/grpc-js';
import { formatHostPort, parseHostPort } from '../../platform/host-port.js';
import { CannotConnect, ProxyFailed } from '../errors.js';
import { clientLimits } from '../limits.js';
import { targetByName } from './name-resolver.js';
import { type HttpProxy, NotAProxy, parseProxy, proxyFailure, proxyFromEnvironment, proxyName } from './proxy.js';

/** A connection to a server, by a proxy where the user wants that. */
export interface GrpcClient extends Client {
  /** For people: the server, and the proxy by which it goes. */
  readonly where: string;
  /** Why a proxy did not make the connection, in sentences for people; undefined where there is none, or it did. */
  readonly proxyFailure: string | undefined;
}

/**
 * A connection to `server`, which is begun at once. Its `close` leaves nothing behind, in whatever state it is.
 * `proxy`: the one to go by; where it is undefined, the one that the environment names, if any. Throws `CannotConnect`
 * where either is no address.
 */
export function openClient(server: string, proxy?: string): GrpcClient {
  try {
    return ServerConnection.open(server, proxyTo(server, proxy));
  } catch (error) {
    if (error instanceof NotAProxy) throw new ProxyFailed(error.message, { cause: error });
    throw new CannotConnect(`${server} is no server's address; write HOST:PORT`, { cause: error });
  }
}

function proxyTo(server: string, proxy: string | undefined): HttpProxy | undefined {
  if (proxy !== undefined) return parseProxy(proxy);
  const address = parseHostPort(server, 1);
  return address && proxyFromEnvironment(address);
}

function channelOptions(server: string, proxy: HttpProxy | undefined): ClientOptions {
  return {
    'grpc.keepalive_time_ms': clientLimits.keepaliveMs,
    'grpc.keepalive_timeout_ms': clientLimits.keepaliveTimeoutMs,
    'grpc.max_receive_message_length': clientLimits.responseBytesMax,
    // A connection of its own for each session: one connection takes only so many streams.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    // Left to itself, grpc-js looks at some of the variables, in small letters, and takes this machine for another.
    'grpc.enable_http_proxy': 0,
    ...(proxy && { 'grpc.http_connect_target': `dns:${server}`, 'grpc.default_authority': server }),
    ...(proxy?.credentials && { 'grpc.http_connect_creds': proxy.credentials }),
  };
}

function targetOf(address: string): string {
  const host = parseHostPort(address, 1)?.host;
  return host === undefined || isIP(host) !== 0 ? address : targetByName(address);
}

/** The connection in whose name the running code works. */
const opening = new AsyncLocalStorage<ServerConnection>();

// grpc-js keeps no hold of a socket before its connection is there: closed meanwhile, it leaves it to connect for
// minutes, and the process cannot end. Node tells of each socket when it is made, from within whatever made it.
diagnostics.subscribe('net.client.socket', (message) => {
  opening.getStore()?.made((message as { readonly socket: Socket }).socket);
});

// Grpc-js keeps to itself what a proxy answered, and why it did not.
diagnostics.subscribe('http.client.request.start', (message) => {
  opening.getStore()?.asked((message as { readonly request: ClientRequest }).request);
});

class ServerConnection extends Client implements GrpcClient {
  readonly where: string;
  proxyFailure: string | undefined;
  readonly #server: string;
  readonly #proxy: HttpProxy | undefined;
  readonly #sockets = new Set<Socket>();
  #closed = false;

  private constructor(server: string, proxy: HttpProxy | undefined) {
    const address = targetOf(proxy ? formatHostPort(proxy) : server);
    super(address, credentials.createInsecure(), channelOptions(server, proxy));
    this.where = proxy ? `${server} by the proxy ${proxyName(proxy)}` : server;
    this.#server = server;
    this.#proxy = proxy;
  }

  static open(server: string, proxy: HttpProxy | undefined): ServerConnection {
    const connection = new ServerConnection(server, proxy);
    // From here, and not by the first call, so that what it makes is known to be its own.
    opening.run(connection, () => connection.getChannel().getConnectivityState(true));
    return connection;
  }

  made(socket: Socket): void {
    // What a reset means, grpc-js tells the calls; where it has let go of the socket, nobody else would take the error.
    socket.on('error', () => {});
    if (this.#closed) {
      // Told to connect when this has returned, a destroyed socket would live again.
      process.nextTick(() => socket.destroy());
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** The proxy is asked for the connection. First of the listeners: grpc-js removes all when there is an answer. */
  asked(request: ClientRequest): void {
    const proxy = this.#proxy;
    if (!proxy) return;
    const note = (answer: number | string) => {
      this.proxyFailure = answer === 200 ? undefined : proxyFailure(proxy, this.#server, answer);
    };
    request.prependOnceListener('connect', ({ statusCode = 0 }) => note(statusCode));
    request.prependOnceListener('error', ({ message }) => note(message));
  }

  override close(): void {
    this.#closed = true;
    super.close();
    for (const socket of this.#sockets) {
      if (socket.connecting) socket.destroy();
      else end(socket);
    }
  }
}

/** Grpc-js has a last frame for it, unless it is a proxy's that was not answered by it yet. Either way nobody waits. */
function end(socket: Socket): void {
  socket.unref();
  const overdue = setTimeout(() => socket.destroy(), clientLimits.hangUpMsMax).unref();
  socket.once('close', () => clearTimeout(overdue));
}
