import type { Client } from '@grpc/grpc-js';
import type { ChatRequest, HistoryPage, RoomSummary } from '../../codec/messages.js';
import type { ChatStream, Connection, StreamListener, Transport } from '../transport.js';
import { GrpcStream } from './grpc-stream.js';
import { openClient } from './open-client.js';
import { listRooms, readHistory } from './service-calls.js';

/** The way to `server` by gRPC. `proxy`: the one to go by; undefined: the one that the environment names, if any. */
export function grpcTransport(server: string, proxy: string | undefined): Transport {
  return {
    open: () => {
      const client = openClient(server, proxy);
      return new GrpcConnection(client, client.proxy ? `${server} by the proxy ${client.proxy}` : server);
    },
  };
}

class GrpcConnection implements Connection {
  readonly #client: Client;
  readonly #where: string;
  readonly #closing = new AbortController();

  constructor(client: Client, where: string) {
    this.#client = client;
    this.#where = where;
  }

  join(request: ChatRequest, listener: StreamListener): ChatStream {
    return new GrpcStream(this.#client, this.#where, request, listener);
  }

  readHistory(room: string, after: number, limit: number, chain?: string): Promise<HistoryPage> {
    return readHistory(this.#client, room, after, limit, { chain, signal: this.#closing.signal });
  }

  listRooms(): Promise<RoomSummary[]> {
    return listRooms(this.#client);
  }

  close(): void {
    this.#closing.abort();
    this.#client.close();
  }
}
