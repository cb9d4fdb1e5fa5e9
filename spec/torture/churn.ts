import { request } from '../server/rpc/http2-frames.js';
import { Random } from '../simulation/random.js';
import type { ClientRecorder } from '../trace/recorder.js';
import type { Assault, Attacker, AttackerParts } from './attacker.js';
import { BareConnection } from './bare-connection.js';
import { FreshCaller } from './fresh-caller.js';
import { RecordedVisit } from './recorded-visit.js';

/** Connections that each loop opens and leaves idle, and those with calls that nothing follows on. */
const idleConnections = 20;
const silentConnections = 5;
const callsPerConnection = 16;
/** The pause after one that was not let in, in milliseconds. */
const tryAgainMs = 50;

const silentMethods = ['Chat', 'Subscribe', 'Publish', 'ReadHistory', 'ListRooms'] as const;

export interface ChurnParts extends AttackerParts {
  /** `host:port` of a way to the server that comes from the attacker's address. */
  readonly way: string;
  readonly rooms: readonly string[];
  /** Of what one of its loops does in these rooms; those that it begins nobody judges. */
  readonly recordOf: (loop: number) => ClientRecorder;
}

/** Comes and goes without pause, under ever new names, begins rooms, and holds on to connections and calls that it never uses. */
export class Churn implements Attacker {
  readonly counts = { joins: 0, refused: 0, roomsBegun: 0, idleConnections: 0, callsNeverAsked: 0 };
  readonly #parts: ChurnParts;
  #names = 0;

  constructor(parts: ChurnParts) {
    this.#parts = parts;
  }

  async attack({ count, lastsMs, seed }: Assault): Promise<void> {
    const { server, from, rest } = this.#parts;
    const over = new AbortController();
    const held = Array.from({ length: count * (idleConnections + silentConnections) }, () => {
      return new BareConnection({ server: server.address, from });
    });
    const random = new Random(seed);
    held.forEach((connection, index) => {
      if (index % (idleConnections + silentConnections) < idleConnections) this.#leaveIdle(connection, random);
      else this.#beginCalls(connection, random);
    });
    const loops = Array.from({ length: count }, (_, index) => {
      return this.#comeAndGo(this.#parts.recordOf(index), new Random(seed + index), over.signal);
    });
    await rest(lastsMs);
    over.abort();
    for (const connection of held) connection.destroy();
    await Promise.all([...loops, ...held.map(({ closed }) => closed)]);
  }

  #leaveIdle(connection: BareConnection, random: Random): void {
    this.counts.idleConnections += 1;
    if (random.chance(0.5)) connection.greet();
  }

  #beginCalls(connection: BareConnection, random: Random): void {
    connection.greet();
    for (let index = 0; index < callsPerConnection; index += 1) {
      connection.write(request(2 * index + 1, `/chit.v1.ChatService/${random.pick(silentMethods)}`));
      this.counts.callsNeverAsked += 1;
    }
  }

  async #comeAndGo(record: ClientRecorder, random: Random, over: AbortSignal): Promise<void> {
    const { way, rest } = this.#parts;
    const fresh = new FreshCaller(way);
    while (!over.aborted) {
      const isIn = random.chance(0.3) ? await this.#beginRoom(fresh) : await this.#visit(fresh, record, random);
      if (isIn) continue;
      this.counts.refused += 1;
      fresh.renew();
      await rest(tryAgainMs);
    }
    fresh.close();
  }

  /** Resolves with whether it was let in. */
  async #visit(fresh: FreshCaller, record: ClientRecorder, random: Random): Promise<boolean> {
    const room = random.pick(this.#parts.rooms);
    const resumable = random.chance(0.3);
    const visit = new RecordedVisit(record, { name: this.#newName(), room, resumable });
    if (!(await visit.enter(fresh.caller))) {
      visit.abandon();
      return false;
    }
    this.counts.joins += 1;
    if (random.chance(0.6)) await visit.leave();
    // A plain session's cancelled call may be taken for a leave.
    else if (!resumable) record.leave(room);
    visit.abandon();
    return true;
  }

  async #beginRoom(fresh: FreshCaller): Promise<boolean> {
    const name = this.#newName();
    const chat = fresh.caller.chat();
    try {
      await chat.join(name, name.toLowerCase().replaceAll(' ', '-'));
      this.counts.roomsBegun += 1;
      return true;
    } catch {
      return false;
    } finally {
      chat.cancel();
    }
  }

  #newName(): string {
    this.#names += 1;
    return `Passer-by ${this.#names}`;
  }
}
