import { backOffMs } from '../../lib/client/session/outage.js';
import type { ResumePlace } from '../../lib/codec/messages.js';
import { GrpcParticipant } from '../bench/load/grpc-participant.js';
import type { Endings } from './endings.js';

/**
 * One of a storm's thousands: a resumable participant on a connection of its own, light enough that all of them are in one process.
 * When its connection is lost it comes back from its place, with the pauses of the client library. It tells nothing by itself:
 * whoever waits for it looks.
 */
export class StormParticipant {
  readonly name: string;
  /** The place to come back from, which the test knows. */
  place: ResumePlace | undefined;
  /** When it was last let in, by `performance.now()`. */
  backAtMs = 0;
  readonly #endings: Endings;
  readonly #address: string;
  #tries = 0;
  #calm = false;
  #connection: GrpcParticipant;
  #waiting = false;
  #live = false;

  constructor(endings: Endings, address: string, name: string) {
    this.name = name;
    this.#endings = endings;
    this.#address = address;
    this.#connection = this.#connect();
    endings.add(() => {
      this.#waiting = true;
    });
  }

  /** From here on it does not try to come back … */
  stay(): void {
    this.#calm = true;
  }

  /** … and from here on it does, at once. */
  go(): void {
    this.#calm = false;
    if (this.#connection.fault !== undefined) this.#connection = this.#connect();
  }

  /** The newest sequence it was told of. */
  get newest(): number {
    return this.#connection.place;
  }

  /** Of the stream that it was let in by last. */
  get welcome(): ReturnType<GrpcParticipant['welcome']> {
    return this.#connection.welcome();
  }

  /** Whether it is in now. One that is not, and has lost its connection, begins its next try after a pause. */
  look(): boolean {
    if (this.#connection.fault !== undefined) {
      this.#live = false;
      if (!this.#waiting && !this.#calm) {
        this.#waiting = true;
        setTimeout(
          () => {
            this.#waiting = false;
            this.#connection = this.#connect();
          },
          backOffMs(this.#tries, Math.random()),
        );
        this.#tries += 1;
      }
    } else if (this.#connection.joined && !this.#live) {
      this.#live = true;
      this.#tries = 0;
      this.backAtMs = performance.now();
    }
    return this.#live;
  }

  #connect(): GrpcParticipant {
    const resume = this.place;
    return new GrpcParticipant(this.#endings, this.#address, {
      name: this.name,
      resumable: true,
      ...(resume && { resume }),
    });
  }
}
