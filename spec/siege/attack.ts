import { data, grpcMessage, request } from '../server/rpc/http2-frames.js';
import { Random } from '../simulation/random.js';
import type { Endings } from '../system/endings.js';
import { WirePeer, type WirePeerOptions } from '../system/http2/wire-peer.js';

/** What one kind of attacker did, as numbers by name. */
export type AttackFigures = Readonly<Record<string, number>>;

/** What an attacker process is started with, as JSON. */
export interface AttackOrder {
  readonly attack: string;
  /** `host:port` of the server. */
  readonly address: string;
  readonly seconds: number;
  readonly seed: number;
  /** All come from the one address that the honest clients have too. */
  readonly oneAddress: boolean;
  /** Participants of the storm. */
  readonly storm: number;
}

/** The room with much to read. */
export const fullRoom = 'archive';

/** How often it is looked whether what is waited for has come, in milliseconds. */
const lookMs = 5;

/** An attacker at work. */
export class Attack {
  readonly order: AttackOrder;
  readonly endings: Endings;
  readonly random: Random;
  readonly #waiting = new Map<() => boolean, () => void>();
  #ticker: NodeJS.Timeout | undefined;
  #until = Number.POSITIVE_INFINITY;

  constructor(order: AttackOrder, endings: Endings) {
    this.order = order;
    this.endings = endings;
    this.random = new Random(order.seed);
  }

  /** From here on the attack lasts as long as was ordered. */
  begin(): void {
    this.#until = performance.now() + this.order.seconds * 1000;
  }

  get over(): boolean {
    return performance.now() > this.#until;
  }

  /** A connection of one of the attackers' addresses, `127.0.X.Y`. */
  peer(group: number, number: number, options: WirePeerOptions = {}): WirePeer {
    return new WirePeer(this.endings, this.order.address, { ...options, ...this.source(group, number) });
  }

  source(group: number, number: number): { localAddress: string } | Record<string, never> {
    const own = process.platform === 'linux' && !this.order.oneAddress;
    return own ? { localAddress: `127.0.${group}.${1 + (number % 250)}` } : {};
  }

  /** `count` times the same at the same time, each again and again until the attack is over. */
  async always(count: number, work: (number: number) => Promise<void>): Promise<void> {
    let number = 0;
    const worker = async (): Promise<void> => {
      while (!this.over) await work(number++);
    };
    await Promise.all(Array.from({ length: count }, worker));
  }

  /** Resolves when `condition` holds, `ms` milliseconds are over, or the attack is. */
  upTo(ms: number, condition: () => boolean = () => false): Promise<void> {
    const until = performance.now() + ms;
    return new Promise((resolve) => {
      const met = () => this.over || performance.now() > until || condition();
      if (met()) resolve();
      else this.#waiting.set(met, resolve);
      this.#ticker ??= setInterval(() => this.#look(), lookMs);
    });
  }

  /** One timer for all that is waited for: a thousand of them would keep the process from its work. */
  #look(): void {
    for (const [met, resolve] of this.#waiting) {
      if (!met()) continue;
      this.#waiting.delete(met);
      resolve();
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}

/** A call with one message, its caller's side ended or not. */
export function asked(stream: number, method: string, message: Uint8Array, end = true): Buffer {
  const path = method.startsWith('/') ? method : `/chit.v1.ChatService/${method}`;
  return Buffer.concat([request(stream, path), data(stream, grpcMessage(message), { end })]);
}
