import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Endings } from './endings.js';

export interface TcpProxyOptions {
  /** The address that its connections to the target come from. */
  readonly from?: string | undefined;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/** A network between clients and a server that a test can break: every connection to `address` goes on to `target`. */
export class TcpProxy {
  /** `host:port` for clients to connect to. */
  readonly address: string;
  /** Where new connections go; may change, as when a server comes back on another port. */
  target: string;
  /** How long each piece of data is on its way, in milliseconds, in both directions. */
  delayMs = 0;
  /** Bytes each connection lets through per second, in each direction; 0 is no limit. */
  bytesPerSecond = 0;
  /** Connections that were made through it so far. */
  connections = 0;
  /** Connections that were reset at once so far. */
  refused = 0;
  readonly #server: Server;
  readonly #from: string | undefined;
  readonly #links = new Set<Link>();
  #frozen = false;
  #refusing = false;

  private constructor(server: Server, address: string, target: string, { from }: TcpProxyOptions) {
    this.#server = server;
    this.#from = from;
    this.address = address;
    this.target = target;
    server.on('connection', (client) => this.#link(client));
  }

  static async start(endings: Endings, target: string, options: TcpProxyOptions = {}): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: false, pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not a TCP address');
    const proxy = new TcpProxy(server, `127.0.0.1:${bound.port}`, target, options);
    endings.add(() => proxy.close());
    return proxy;
  }

  /** How many connections go through it at present. */
  get open(): number {
    return this.#links.size;
  }

  /** Resets all connections, as when the network is gone and both ends notice. */
  cut(): void {
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Lets nothing through and tells nobody, as a half-open connection does. New connections hang too. */
  freeze(): void {
    this.#frozen = true;
    for (const { client, server } of this.#links) {
      client.pause();
      server.pause();
    }
  }

  thaw(): void {
    this.#frozen = false;
    for (const { client, server } of this.#links) {
      client.resume();
      server.resume();
    }
  }

  /** Whether new connections are reset at once. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
  }

  #link(client: Socket): void {
    client.on('error', () => {});
    if (this.#refusing) {
      this.refused += 1;
      client.resetAndDestroy();
      return;
    }
    this.connections += 1;
    const [host, port] = this.target.split(':');
    const from = this.#from === undefined ? {} : { localAddress: this.#from };
    const server = connect({ host: host ?? '', port: Number(port), noDelay: true, ...from });
    client.setNoDelay(true);
    const link = { client, server };
    this.#links.add(link);
    server.on('error', () => {});
    this.#carry(client, server);
    this.#carry(server, client);
    const end = () => {
      this.#links.delete(link);
      client.destroy();
      server.destroy();
    };
    client.once('close', end);
    server.once('close', end);
    if (!this.#frozen) client.resume();
    else server.pause();
  }

  /** Data, one piece after the other, each as late and as slowly as is set when it comes. */
  #carry(from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) => {
      const slownessMs = this.bytesPerSecond > 0 ? (bytes.length * 1000) / this.bytesPerSecond : 0;
      const lateMs = this.delayMs + slownessMs;
      if (lateMs === 0) {
        if (!to.write(bytes)) this.#waitFor(from, to);
        return;
      }
      from.pause();
      setTimeout(() => {
        if (!to.writable) return;
        to.write(bytes);
        if (!this.#frozen) from.resume();
      }, lateMs);
    });
    from.on('end', () => to.end());
  }

  #waitFor(from: Socket, to: Socket): void {
    from.pause();
    to.once('drain', () => {
      if (!this.#frozen) from.resume();
    });
  }
}
