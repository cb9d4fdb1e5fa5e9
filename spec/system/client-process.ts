import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.js';
import { type Endings, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { type JournalRecord, journalRecords } from './journal-records.js';
import { projectFile } from './project.js';

/** An event as a chit-client with --json prints it. */
export interface PrintedEvent {
  readonly kind: 'joined' | 'message' | 'left' | 'unknown';
  readonly room: string;
  readonly logId: string;
  readonly sequence: number;
  readonly lamport: number;
  readonly time: string;
  readonly participant: string;
  readonly chain: string;
  /** The client's own Lamport time after receiving it. */
  readonly clock: number;
  readonly text?: string;
  readonly ordinal?: number;
  readonly seen?: number;
  readonly reason?: string;
}

/** What became of a connection, as a chit-client with --json prints it. */
export interface PrintedConnection {
  readonly kind: 'connected' | 'offline' | 'history-lost';
  readonly room: string;
  readonly logId: string;
  readonly sequence: number;
  readonly time: string;
  readonly reason?: string;
}

export function isEvent(printed: PrintedEvent | PrintedConnection): printed is PrintedEvent {
  return ['joined', 'message', 'left', 'unknown'].includes(printed.kind);
}

export interface ClientStart {
  readonly name: string;
  readonly room?: string;
  readonly args?: readonly string[];
  /** Sentences for people on its output instead of JSON; `events` then is not to be asked for. */
  readonly sentences?: boolean;
  /** Another program than this checkout's bin/chit-client. */
  readonly program?: readonly [command: string, ...args: string[]];
  readonly cwd?: string;
  /** Nothing is taken from its standard output until `child.read()`. */
  readonly unread?: boolean;
}

/** A chit-client without a terminal: it sends what it is written, and prints what it receives. */
export class ClientProcess {
  readonly child: Child;
  readonly name: string;
  readonly logFile: string;
  /** What it has printed of its connection. */
  readonly connections: PrintedConnection[] = [];
  readonly #events: PrintedEvent[] = [];
  #linesRead = 0;

  constructor(endings: Endings, server: string, start: ClientStart) {
    const { name, room = 'lobby', args = [], sentences = false } = start;
    this.name = name;
    this.logFile = join(temporaryDirectory(endings), 'client.log');
    const program = start.program ?? [process.execPath, projectFile('bin/chit-client')];
    const options = ['--server', server, '--name', name, '--room', room, '--log', this.logFile];
    const [command = '', ...line] = [...program, ...options, ...(sentences ? [] : ['--json']), ...args];
    const { cwd, unread = false } = start;
    this.child = new Child(endings, command, line, { unread, ...(cwd === undefined ? {} : { cwd }) });
  }

  /** Started, and told of its own joining. */
  static async joined(endings: Endings, server: string, start: ClientStart): Promise<ClientProcess> {
    const client = new ClientProcess(endings, server, start);
    await client.until(
      `${start.name} has joined`,
      () => (start.sentences ? client.child.lines : client.events).length > 0,
      20_000,
    );
    return client;
  }

  /** What it has printed so far; of a killed one, what it had printed to the line's end. */
  get events(): readonly PrintedEvent[] {
    for (; this.#linesRead < this.child.lines.length; this.#linesRead += 1) {
      try {
        const printed = JSON.parse(this.child.lines[this.#linesRead] ?? '');
        if (isEvent(printed)) this.#events.push(printed);
        else this.connections.push(printed);
      } catch {
        // The line in which it was killed.
      }
    }
    return this.#events;
  }

  get texts(): string[] {
    return this.events.flatMap(({ text }) => (text === undefined ? [] : [text]));
  }

  say(...texts: readonly string[]): void {
    for (const text of texts) this.child.write(`${text}\n`);
  }

  /** Ends its input, upon which it leaves; resolves with its exit code. */
  leave(): Promise<number | NodeJS.Signals> {
    this.child.closeInput();
    return this.child.ended;
  }

  async kill(): Promise<void> {
    this.child.signal('SIGKILL');
    await this.child.ended;
  }

  async until(awaited: string, condition: () => boolean, ms?: number): Promise<void> {
    await eventually(
      () =>
        `${awaited}; ${this.name} printed ${this.child.lines.length} lines and says: ${this.child.errorLines.join('\n')}`,
      condition,
      ms,
    );
  }

  /** Resolves when it was told of `participant`'s joining or leaving. */
  async told(kind: 'joined' | 'left', participant: string, ms?: number): Promise<void> {
    const match = (event: PrintedEvent) => event.kind === kind && event.participant === participant;
    await this.until(`${participant} ${kind}`, () => this.events.some(match), ms);
  }

  /** Resolves when it was told of a message with this text. */
  async heard(text: string, ms?: number): Promise<void> {
    await this.until(`"${text}" arrives`, () => this.texts.includes(text), ms);
  }

  /** Its log file's records. */
  records(): JournalRecord[] {
    return journalRecords(readFileSync(this.logFile, 'utf8').split('\n'));
  }

  logText(): string {
    return readFileSync(this.logFile, 'utf8');
  }
}
