import type { ChatRequest, HistoryPage, RoomSummary } from '../../codec/messages.js';
import type { SavedSession } from '../chat-client.js';
import { clientLimits } from '../limits.js';
import type { ChatStream, Connection, StreamListener, Transport } from '../transport.js';
import { GrpcStream } from './grpc-stream.js';
import { type GrpcClient, openClient } from './open-client.js';
import { listRooms, readHistory } from './service-calls.js';

/** The way to `server` by gRPC. `proxy`: the one to go by; undefined: the one that the environment names, if any. */
export function grpcTransport(server: string, proxy: string | undefined): Transport {
  return { open: () => new GrpcConnection(openClient(server, proxy)) };
}

class GrpcConnection implements Connection {
  readonly #client: GrpcClient;
  readonly #closing = new AbortController();

  constructor(client: GrpcClient) {
    this.#client = client;
  }

  join(request: ChatRequest, listener: StreamListener): ChatStream {
    return new GrpcStream(this.#client, request, listener);
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

/**
 * How many events the room has had since `place`; undefined where that cannot be told: no server answers, or it has
 * another history. Never rejects, and takes no longer than `missedMsMax`.
 */
export async function missedSince(place: SavedSession, proxy?: string): Promise<number | undefined> {
  const { server, room, logId, sequence, chain } = place;
  try {
    const client = openClient(server, proxy);
    try {
      const page = await readHistory(client, room, sequence, 1, {
        chain,
        signal: AbortSignal.timeout(clientLimits.missedMsMax),
      });
      return page.logId === logId && page.newest >= sequence ? page.newest - sequence : undefined;
    } finally {
      client.close();
    }
  } catch {
    return undefined;
  }
}
