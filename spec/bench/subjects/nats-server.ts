import { Child } from '../../system/child.js';
import { type Endings, temporaryDirectory } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';
import { onPath } from '../../system/on-path.js';
import { NatsParticipant } from '../load/nats-participant.js';
import { NatsReader } from '../load/nats-reader.js';
import { RawConnection } from '../load/raw-connection.js';
import { ownMemoryBytes } from './process-cost.js';
import type { Subject } from './subject.js';

/** Where the program nats-server is, if it is installed. */
export function findNatsServer(): string | undefined {
  return onPath(['nats-server'], ['/usr/sbin', '/usr/local/sbin']);
}

/** The stream that stores what is published to the subject that everybody subscribes to. */
const stream = { name: 'ROOM', subjects: ['room'], storage: 'file', retention: 'limits' };

/**
 * NATS core: one subject that everybody subscribes to. It stores nothing and puts messages of several authors in no common order. With
 * JetStream a stream stores what is published, in a file that is not flushed for each message, and acknowledges it.
 */
export class NatsServer implements Subject<NatsParticipant> {
  readonly name: 'nats-server' | 'nats jetstream';
  readonly announcesJoins = false;
  readonly #child: Child;
  readonly #address: string;
  #joins = 0;

  private constructor(name: NatsServer['name'], child: Child, address: string) {
    this.name = name;
    this.#child = child;
    this.#address = address;
  }

  static start(endings: Endings, program: string): Promise<NatsServer> {
    return NatsServer.#start(endings, program, 'nats-server', []);
  }

  static async startJetStream(endings: Endings, program: string): Promise<NatsServer> {
    const store = ['-js', '-sd', temporaryDirectory(endings)];
    const server = await NatsServer.#start(endings, program, 'nats jetstream', store);
    await server.#request(endings, `$JS.API.STREAM.CREATE.${stream.name}`, JSON.stringify(stream));
    return server;
  }

  static async #start(endings: Endings, program: string, name: NatsServer['name'], args: readonly string[]) {
    const child = new Child(endings, program, ['-a', '127.0.0.1', '-p', '-1', ...args]);
    const address = await eventually(
      () => `its address; it says: ${child.errorLines.join('\n')}`,
      () => {
        const ready = child.errorLines.some((line) => line.includes('Server is ready'));
        const found = child.errorLines.map((line) => /client connections on (\S+)$/.exec(line)?.[1]).find(Boolean);
        return ready && found;
      },
      20_000,
    );
    return new NatsServer(name, child, address);
  }

  get pid(): number {
    return this.#child.pid;
  }

  join(endings: Endings): NatsParticipant {
    this.#joins += 1;
    return new NatsParticipant(endings, this.#address, this.#joins, this.name === 'nats jetstream');
  }

  async heldBytes(): Promise<number> {
    return ownMemoryBytes(this.pid);
  }

  /** Asks JetStream for something on a connection of its own; rejects where the answer tells of an error. */
  async #request(endings: Endings, subject: string, body: string): Promise<void> {
    let answer: string | undefined;
    const reader = new NatsReader({
      message: (bytes, start, end) => {
        answer = bytes.toString('utf8', start, end);
      },
      line: (text) => {
        if (text.startsWith('-ERR')) answer = text;
      },
    });
    const raw = new RawConnection(endings, this.#address, {
      read: (bytes, length) => reader.read(bytes, length),
      fault: (what) => {
        answer ??= what;
      },
    });
    const request = `PUB ${subject} answer ${Buffer.byteLength(body)}\r\n${body}\r\n`;
    raw.write(Buffer.from(`CONNECT {"verbose":false,"pedantic":false}\r\nSUB answer 1\r\n${request}`));
    const said = await eventually(`an answer to ${subject}`, () => answer);
    raw.close();
    if (!said.startsWith('{') || said.includes('"error"')) throw new Error(`${subject}: ${said}`);
  }
}
