import { hostileConnection } from '../fuzz/hostile-connection.js';
import { playConnection } from '../fuzz/play-connection.js';
import { Random } from '../simulation/random.js';
import type { Assault, Attacker, AttackerParts } from './attacker.js';
import { BareConnection } from './bare-connection.js';
import { frameScript } from './frame-scripts.js';

/** How long a hostile connection waits at most for the server to close it, in milliseconds. */
const closeMsMax = 150;

/** Of four connections one sends a script of its own, such as a flood; the others are the fuzz's. */
const scripted = 0.25;

/** Sends what no HTTP/2 client would, over one connection after the other. */
export class FrameAttacker implements Attacker {
  readonly counts = { connections: 0, bytes: 0 };
  readonly #parts: AttackerParts;

  constructor(parts: AttackerParts) {
    this.#parts = parts;
  }

  async attack({ count, lastsMs, seed }: Assault): Promise<void> {
    const over = new AbortController();
    const loops = Array.from({ length: count }, async (_, index) => {
      const random = new Random(seed + index);
      while (!over.signal.aborted) {
        if (random.chance(scripted)) await this.#play(random, over.signal);
        else await this.#fuzz(random);
      }
    });
    await this.#parts.rest(lastsMs);
    over.abort();
    await Promise.all(loops);
  }

  async #fuzz(random: Random): Promise<void> {
    const { server, from } = this.#parts;
    const [host = '', port] = server.address.split(':');
    const to = { host, port: Number(port), ...(from ? { localAddress: from } : {}) };
    const number = random.between(0, 2 ** 31);
    const { connected, bytes } = await playConnection(hostileConnection(number, number), to);
    if (!connected) await this.#parts.rest(closeMsMax);
    else this.counts.connections += 1;
    this.counts.bytes += bytes;
  }

  async #play(random: Random, over: AbortSignal): Promise<void> {
    const { server, from, rest } = this.#parts;
    const connection = new BareConnection({ server: server.address, from });
    await connection.settled;
    if (connection.open) this.counts.connections += 1;
    for (const { afterMs, bytes } of frameScript(random).pieces) {
      await rest(afterMs);
      if (!connection.open || over.aborted) break;
      this.counts.bytes += bytes.length;
      connection.write(bytes);
    }
    await Promise.race([connection.closed, rest(closeMsMax)]);
    connection.destroy();
    await connection.closed;
  }
}
