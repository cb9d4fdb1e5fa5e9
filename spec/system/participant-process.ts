import type { RoomEvent } from '../../lib/core/event.js';
import { Child } from './child.js';
import type { Endings } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';

/** A resuming participant as a process of its own, which a test can kill, stop and let go on. */
export class ParticipantProcess {
  readonly child: Child;
  readonly name: string;

  private constructor(endings: Endings, server: string, name: string) {
    this.name = name;
    const program = ['--import', 'tsx', projectFile('spec/system/participant-program.ts')];
    this.child = new Child(endings, process.execPath, [...program, server, name]);
  }

  /** Started, and told of its own joining. */
  static async joined(endings: Endings, server: string, name: string): Promise<ParticipantProcess> {
    const started = new ParticipantProcess(endings, server, name);
    const isJoined = ({ kind, participant }: RoomEvent) => kind === 'joined' && participant === name;
    await eventually(
      () => `${name} has joined; it says: ${started.child.errorLines.join('\n')}`,
      () => started.events.some(isJoined),
      20_000,
    );
    return started;
  }

  /** What it has taken in, of whatever lives and streams. */
  get events(): RoomEvent[] {
    return this.child.lines.map((line) => JSON.parse(line) as RoomEvent);
  }

  say(text: string): void {
    this.child.write(`${text}\n`);
  }

  heard(text: string, ms?: number): Promise<RoomEvent> {
    const found = (event: RoomEvent) => event.kind === 'message' && event.text === text;
    return eventually(
      () => `"${text}" for ${this.name}`,
      () => this.events.find(found),
      ms,
    );
  }
}
