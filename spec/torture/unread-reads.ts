import { encodeListRoomsRequest, encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import {
  data,
  grpcMessage,
  preface,
  request,
  settingNames,
  settings,
  settingsOf,
  windowUpdate,
} from '../server/rpc/http2-frames.js';
import { Random } from '../simulation/random.js';
import type { Assault, Attacker, AttackerParts } from './attacker.js';
import { BareConnection } from './bare-connection.js';

/** Calls on one connection: as many as the server lets be open at once. */
const callsPerConnection = 16;
/** What one that reads slowly takes. */
const slowBytesPerSecond = 2_048;
/** How long one that was cut off waits before it comes back, in milliseconds. */
const tryAgainMs = 100;

/** Asks for history and rooms, and takes nothing of the answers or very little. */
export class UnreadReads implements Attacker {
  readonly counts = { connections: 0, calls: 0, bytesTaken: 0 };
  readonly #parts: AttackerParts;
  readonly #rooms: readonly string[];

  constructor(parts: AttackerParts, rooms: readonly string[]) {
    this.#parts = parts;
    this.#rooms = rooms;
  }

  async attack({ count, lastsMs, seed }: Assault): Promise<void> {
    const { rest } = this.#parts;
    let isOver = false;
    const over = rest(lastsMs).then(() => {
      isOver = true;
    });
    const loops = Array.from({ length: count }, async (_, index) => {
      const random = new Random(seed + index);
      while (!isOver) {
        await this.#ask(random, over);
        if (!isOver) await rest(tryAgainMs);
      }
    });
    await Promise.all(loops);
  }

  /** One connection, until the server ends it or the attack is over. */
  async #ask(random: Random, over: Promise<void>): Promise<void> {
    const { server, from } = this.#parts;
    const bytesPerSecond = random.chance(0.5) ? 0 : slowBytesPerSecond;
    // With windows wide open it is the socket that holds the answers back; with those of the beginning, HTTP/2.
    const isWide = random.chance(0.5);
    const connection = new BareConnection({ server: server.address, from, bytesPerSecond });
    this.counts.connections += 1;
    connection.write(isWide ? wide : narrow);
    for (let index = 0; index < callsPerConnection; index += 1) {
      connection.write(this.#read(2 * index + 1, random));
      this.counts.calls += 1;
    }
    await Promise.race([connection.closed, over]);
    connection.destroy();
    await connection.closed;
    this.counts.bytesTaken += connection.bytesTaken;
  }

  #read(stream: number, random: Random): Buffer {
    const history = random.chance(0.8);
    const path = `/chit.v1.ChatService/${history ? 'ReadHistory' : 'ListRooms'}`;
    const room = random.pick(this.#rooms);
    const bytes = history ? encodeReadHistoryRequest({ room, after: 0, limit: 1_000 }) : encodeListRoomsRequest();
    return Buffer.concat([request(stream, path), data(stream, grpcMessage(bytes), { end: true })]);
  }
}

/** What HTTP/2 takes at most, of a stream or a connection (RFC 9113, section 6.9.1), in bytes, and how it begins. */
const [widest, atFirst] = [2 ** 31 - 1, 65_535];
const narrow = Buffer.concat([preface, settings]);
const wide = Buffer.concat([
  preface,
  settingsOf([settingNames.initialWindowSize, widest]),
  windowUpdate(0, widest - atFirst),
]);
