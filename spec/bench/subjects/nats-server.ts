import { Child } from '../../system/child.js';
import type { Endings } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';
import { onPath } from '../../system/on-path.js';
import { NatsParticipant } from '../load/nats-participant.js';
import { ownMemoryBytes } from './process-cost.js';
import type { Subject } from './subject.js';

/** Where the program nats-server is, if it is installed. */
export function findNatsServer(): string | undefined {
  return onPath(['nats-server'], ['/usr/sbin', '/usr/local/sbin']);
}

/** NATS core: one subject that everybody subscribes to. It stores nothing and puts messages of several authors in no common order. */
export class NatsServer implements Subject<NatsParticipant> {
  readonly name = 'nats-server';
  readonly #child: Child;
  readonly #address: string;
  #joins = 0;

  private constructor(child: Child, address: string) {
    this.#child = child;
    this.#address = address;
  }

  static async start(endings: Endings, program: string): Promise<NatsServer> {
    const child = new Child(endings, program, ['-a', '127.0.0.1', '-p', '-1']);
    const address = await eventually(
      () => `its address; it says: ${child.errorLines.join('\n')}`,
      () => {
        const ready = child.errorLines.some((line) => line.includes('Server is ready'));
        const found = child.errorLines.map((line) => /client connections on (\S+)$/.exec(line)?.[1]).find(Boolean);
        return ready && found;
      },
      20_000,
    );
    return new NatsServer(child, address);
  }

  get pid(): number {
    return this.#child.pid;
  }

  join(endings: Endings): NatsParticipant {
    this.#joins += 1;
    return new NatsParticipant(endings, this.#address, this.#joins);
  }

  async heldBytes(): Promise<number> {
    return ownMemoryBytes(this.pid);
  }
}
