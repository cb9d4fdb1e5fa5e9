import type { RoomEvent } from '../../lib/core/event.js';
import type { CrowdMember } from './crowd-member.js';
import type { TorturedServer } from './tortured-server.js';

/** Messages on their way that are remembered; those before them are not measured. */
const sentMax = 1_000;

/** How long messages took, from the asking to their receipt by another. */
export interface DeliveryDelays {
  readonly count: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

interface Sent {
  readonly at: number;
  readonly disturbances: number;
}

/**
 * Two who are attacked by nobody and whose network has no fault: one speaks, the other measures how long it takes. What
 * meets a fault of the server that was planned is left out: the attacks are measured.
 */
export class Bystanders {
  readonly #server: TorturedServer;
  readonly #sent = new Map<string, Sent>();
  readonly #delaysMs: number[] = [];
  #said = 0;

  constructor(server: TorturedServer) {
    this.#server = server;
  }

  /** Where both are there. */
  speak(speaker: CrowdMember, listener: CrowdMember): void {
    const { disturbances } = this.#server;
    if (!speaker.live || !listener.live || disturbances % 2 === 1) return;
    this.#said += 1;
    const text = `${speaker.name} says so for the ${this.#said}. time`;
    this.#sent.set(text, { at: performance.now(), disturbances });
    for (const oldest of this.#sent.keys()) {
      if (this.#sent.size <= sentMax) break;
      this.#sent.delete(oldest);
    }
    speaker.say(text, speaker.rooms[0] ?? '');
  }

  /** The listener received it. */
  heard(event: RoomEvent): void {
    const sent = event.kind === 'message' ? this.#sent.get(event.text) : undefined;
    if (!sent || event.kind !== 'message') return;
    this.#sent.delete(event.text);
    if (sent.disturbances === this.#server.disturbances) this.#delaysMs.push(performance.now() - sent.at);
  }

  get delays(): DeliveryDelays {
    const sorted = [...this.#delaysMs].sort((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
    return { count: sorted.length, p99Ms: at(0.99), worstMs: at(1) };
  }
}
