import { join } from 'node:path';
import type { Endings } from '../../system/endings.js';
import { heldMemory, tellsItsMemory } from '../../system/held-memory.js';
import { projectFile } from '../../system/project.js';
import { ServerProcess } from '../../system/server-process.js';
import { type Entry, GrpcParticipant } from '../load/grpc-participant.js';
import { ownMemoryBytes } from './process-cost.js';
import type { Subject } from './subject.js';

/** As people run it, with a durable log, but for the rate that one participant may publish at. */
const asPeopleRunIt = ['--publishes-per-second-max', '0', '--log-level', 'warn'];

/** A checkout of this project, as it was built last. */
export interface Build {
  readonly name: 'chit-server' | 'chit-server, process' | 'the other build';
  readonly directory: string;
}

export const thisBuild: Build = { name: 'chit-server', directory: projectFile('') };

/** The program of a build. */
export function programOf({ directory }: Pick<Build, 'directory'>): string {
  return join(directory, 'bin/chit-server');
}

/** Our own server: bin/chit-server, of this build unless another one is told. */
export class ChitServer implements Subject<GrpcParticipant> {
  readonly name: Build['name'];
  readonly announcesJoins = true;
  readonly process: ServerProcess;
  #joins = 0;

  private constructor(name: Build['name'], process: ServerProcess) {
    this.name = name;
    this.process = process;
  }

  static async start(
    endings: Endings,
    args: readonly string[] = [],
    data?: string,
    build = thisBuild,
  ): Promise<ChitServer> {
    const program = [process.execPath, ...tellsItsMemory, programOf(build)] as const;
    const start = { program, args: [...asPeopleRunIt, ...args] };
    const started = await ServerProcess.start(endings, data === undefined ? start : { ...start, data });
    return new ChitServer(build.name, started);
  }

  /** With `--durability process`: what it acknowledges survives its own end, and not the loss of power. */
  static startUnflushed(endings: Endings): Promise<ChitServer> {
    return ChitServer.start(endings, ['--durability', 'process'], undefined, {
      ...thisBuild,
      name: 'chit-server, process',
    });
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
