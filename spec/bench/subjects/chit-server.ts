import type { Endings } from '../../system/endings.js';
import { heldMemory, serverThatTellsItsMemory } from '../../system/held-memory.js';
import { ServerProcess } from '../../system/server-process.js';
import { type Entry, GrpcParticipant } from '../load/grpc-participant.js';
import { ownMemoryBytes } from './process-cost.js';
import type { Subject } from './subject.js';

/** As people run it, with a durable log, but for the rate that one participant may publish at. */
const asPeopleRunIt = ['--publishes-per-second-max', '0', '--log-level', 'warn'];

/** Our own server: bin/chit-server of the last build. */
export class ChitServer implements Subject<GrpcParticipant> {
  readonly name = 'chit-server';
  readonly process: ServerProcess;
  #joins = 0;

  private constructor(process: ServerProcess) {
    this.process = process;
  }

  static async start(endings: Endings, args: readonly string[] = [], data?: string): Promise<ChitServer> {
    const start = { program: serverThatTellsItsMemory, args: [...asPeopleRunIt, ...args] };
    return new ChitServer(await ServerProcess.start(endings, data === undefined ? start : { ...start, data }));
  }

  get pid(): number {
    return this.process.child.pid;
  }

  get address(): string {
    return this.process.address;
  }

  join(endings: Endings, entry: Partial<Entry> = {}): GrpcParticipant {
    this.#joins += 1;
    return new GrpcParticipant(endings, this.address, { name: `Participant ${this.#joins}`, ...entry });
  }

  async heldBytes(): Promise<number> {
    await heldMemory(this.process);
    return ownMemoryBytes(this.pid);
  }
}
