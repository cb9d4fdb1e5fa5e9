import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endings } from './endings.js';

/**
 * What an HTTP proxy does when it is asked for a connection: makes it, says nothing, hangs up, or answers with a status line; and whether
 * it wants to know who asks.
 */
export type ProxyManners = 'connects' | 'silent' | 'hangs-up' | 'wants-user' | `${number} ${string}`;

/** An HTTP proxy that takes each connection it is asked for to one `target`, whatever name was asked for. */
export class ConnectProxy {
  /** `http://host:port` */
  readonly url: string;
  /** What it was asked for: `HOST:PORT`, and the credentials given. */
  readonly asked: { readonly target: string; readonly credentials: string | undefined }[] = [];

  private constructor(url: string) {
    this.url = url;
  }

  static async start(endings: Endings, target: string, manners: ProxyManners = 'connects'): Promise<ConnectProxy> {
    const sockets = new Set<Duplex>();
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not a TCP address');
    const proxy = new ConnectProxy(`http://127.0.0.1:${bound.port}`);
    server.on('connection', (socket) => sockets.add(socket));
    server.on('connect', (request: IncomingMessage, client: Duplex) => {
      const [, encoded] = /^Basic (.*)$/.exec(request.headers['proxy-authorization'] ?? '') ?? [];
      const credentials = encoded && Buffer.from(encoded, 'base64').toString();
      proxy.asked.push({ target: request.url ?? '', credentials });
      client.on('error', () => {});
      if (manners === 'hangs-up') client.destroy();
      else if (manners === 'connects' || (manners === 'wants-user' && credentials)) join(client, target, sockets);
      else if (manners !== 'silent') {
        const status = manners === 'wants-user' ? '407 Who are you?' : manners;
        client.end(`HTTP/1.1 ${status}\r\nContent-Length: 5\r\n\r\nsorry`);
      }
    });
    endings.add(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }
}

function join(client: Duplex, target: string, sockets: Set<Duplex>): void {
  const [host = '', port = ''] = target.split(':');
  const server: Socket = connect(Number(port), host, () => {
    client.write('HTTP/1.1 200 Connected\r\n\r\n');
    client.pipe(server).pipe(client);
  });
  sockets.add(server);
  server.on('error', () => client.destroy());
  client.on('close', () => server.destroy());
}
