import type { RoomEvent } from '../../../lib/core/event.js';
import type { Endings } from '../endings.js';
import { eventually } from '../eventually.js';
import { ResumingParticipant } from '../resuming-participant.js';
import { markerOf } from './told.js';
import type { Witness } from './witness.js';

export interface SpeakerStart {
  readonly life: number;
  readonly name: string;
  readonly room: string;
  readonly server: string;
  /** Messages unanswered at a time. */
  readonly underWay: number;
  readonly witness: Witness;
}

const restMs = 50;

/** A participant who goes on talking, each message as soon as it may, and has all that it is told witnessed. */
export class Speaker {
  readonly #start: SpeakerStart;
  readonly #participant: ResumingParticipant;
  readonly #texts = new Map<number, string>();
  #witnessed = 0;
  #refused = 0;
  #isDone = false;
  #resting: NodeJS.Timeout | undefined;

  constructor(endings: Endings, start: SpeakerStart) {
    this.#start = start;
    const { name, room, server } = start;
    this.#participant = new ResumingParticipant(endings, { name, room, server });
  }

  get acknowledged(): number {
    return this.#participant.acknowledged.size;
  }

  async join(): Promise<void> {
    await this.#participant.join();
    this.#participant.told = () => this.#look();
    this.#look();
  }

  /** Says nothing more; resolves when all was answered and it has left. */
  async leave(): Promise<void> {
    this.#isDone = true;
    const { name } = this.#start;
    await eventually(`all of ${name} is answered`, () => this.#participant.live && this.#participant.unanswered === 0);
    // A server that cannot write refuses that too.
    const asking = setInterval(() => this.#participant.leave(), restMs);
    this.#participant.leave();
    await eventually(`${name} has left`, () => this.#participant.over).finally(() => clearInterval(asking));
  }

  /** Says nothing more, and does not come back. */
  stop(): void {
    this.#isDone = true;
    clearTimeout(this.#resting);
    this.#participant.stop();
  }

  /** A server that cannot write for a while is not to be asked all the time. */
  #rest(): void {
    this.#resting ??= setTimeout(() => {
      this.#resting = undefined;
      this.#look();
    }, restMs);
  }

  #look(): void {
    const now = Date.now();
    const { witness, room, life, name, underWay } = this.#start;
    const { events, refusals, place } = this.#participant;
    if (!place) return;
    for (; this.#witnessed < events.length; this.#witnessed += 1) {
      witness.see(room, place.logId, events[this.#witnessed] as RoomEvent, now);
    }
    for (; this.#refused < refusals.length; this.#refused += 1) {
      const text = this.#texts.get(Number(refusals[this.#refused]?.ordinal));
      if (text !== undefined) witness.refused.set(text, now);
      this.#rest();
    }
    while (!this.#isDone && !this.#resting && this.#participant.live && this.#participant.unanswered < underWay) {
      const count = this.#texts.size + 1;
      const text = `${markerOf(life, name, count)} ${'and so on '.repeat(count % 10)}`.trim();
      witness.published.set(text, now);
      this.#texts.set(this.#participant.publish(text), text);
    }
  }
}
