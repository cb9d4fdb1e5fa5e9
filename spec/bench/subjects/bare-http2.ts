import { join } from 'node:path';
import { Child } from '../../system/child.js';
import { type Endings, temporaryDirectory } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';
import { heldMemory, tellsItsMemory } from '../../system/held-memory.js';
import { projectFile } from '../../system/project.js';
import { GrpcParticipant } from '../load/grpc-participant.js';
import { ownMemoryBytes } from './process-cost.js';
import type { Subject } from './subject.js';

/** The practical limit of this runtime: node:http2 without grpc-js, without a log, without a limit on anything. */
export class BareHttp2 implements Subject<GrpcParticipant> {
  readonly name: 'node:http2' | 'node:http2, gated' | 'node:http2, durable';
  readonly announcesJoins = true;
  readonly #child: Child;
  readonly #address: string;
  #joins = 0;

  private constructor(name: BareHttp2['name'], child: Child, address: string) {
    this.name = name;
    this.#child = child;
    this.#address = address;
  }

  static start(endings: Endings): Promise<BareHttp2> {
    return BareHttp2.#start(endings, 'node:http2', []);
  }

  /** The same behind our gates, without their fast lanes. */
  static startGated(endings: Endings): Promise<BareHttp2> {
    return BareHttp2.#start(endings, 'node:http2, gated', ['gated']);
  }

  /** So too, and what is said is appended to a file and flushed before it is told: the limit of a durable round trip. */
  static startDurable(endings: Endings): Promise<BareHttp2> {
    const file = join(temporaryDirectory(endings), 'runs');
    return BareHttp2.#start(endings, 'node:http2, durable', ['durable', file]);
  }

  static async #start(endings: Endings, name: BareHttp2['name'], args: readonly string[]): Promise<BareHttp2> {
    const program = ['--import', 'tsx', projectFile('spec/bench/subjects/bare-http2-program.ts'), ...args];
    const child = new Child(endings, process.execPath, [...tellsItsMemory, ...program]);
    const address = await eventually(
      () => `its address; it says: ${child.errorLines.join('\n')}`,
      () => child.lines.find((line) => line.startsWith('127.0.0.1:')),
      20_000,
    );
    return new BareHttp2(name, child, address);
  }

  get pid(): number {
    return this.#child.pid;
  }

  join(endings: Endings): GrpcParticipant {
    this.#joins += 1;
    return new GrpcParticipant(endings, this.#address, { name: `Participant ${this.#joins}` });
  }

  async heldBytes(): Promise<number> {
    await heldMemory({ child: this.#child });
    return ownMemoryBytes(this.pid);
  }
}
