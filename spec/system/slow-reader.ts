import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { encodeChatRequest } from '../../lib/codec/requests.js';
import { printHelpIfAsked, wholeNumber } from '../scripts/script-help.js';
import { Endings } from './endings.js';
import { eventually } from './eventually.js';
import { type HeldMemory, heldMemory, serverThatTellsItsMemory } from './held-memory.js';
import { processStatus } from './process-status.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken } from './transcript.js';

const help = `npm run slow-reader -- [MESSAGES] [PARTICIPANTS] [NEVER-READING] [CODE-POINTS]

What participants that never read cost a server and the others [T2] [P10]: one run of MESSAGES (20,000) with NEVER-READING (1)
of the PARTICIPANTS (50) never reading, and one run without those. Each prints a line of JSON with the server's memory when all
others have received everything; the last line has the difference. Messages have at least CODE-POINTS (40), those over 40 of
four bytes each.

Exit codes:
  0  every participant that reads received everything
  1  one of them missed something
  2  the command line makes no sense
`;

printHelpIfAsked(process.argv.slice(2), help);
const messages = wholeNumber('MESSAGES', process.argv[2] ?? 20_000, [1, 10_000_000]);
const participants = wholeNumber('PARTICIPANTS', process.argv[3] ?? 50, [1, 2_000]);
const neverReading = wholeNumber('NEVER-READING', process.argv[4] ?? 1, [0, participants]);
const padding = '🎉'.repeat(Math.max(0, wholeNumber('CODE-POINTS', process.argv[5] ?? 40, [0, 128]) - 40));
const speakers = 4;
const underWay = 256;

const asIs = (bytes: Buffer): Buffer => bytes;

/** A participant who only counts: its sequences must come one after another. Cheap, for there are many of it. */
class Reader {
  newest = 0;
  fault: string | undefined;
  joined = false;
  readonly #stream: ClientDuplexStream<Buffer, Buffer>;
  readonly #speaks: boolean;
  readonly #own: number;
  #ordinal = 0;
  #answered = 0;

  /** `own`: how many messages it says itself. */
  constructor(endings: Endings, server: string, name: string, own: number) {
    const client = new Client(server, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    endings.add(() => client.close());
    this.#own = own;
    this.#speaks = own > 0;
    this.#stream = client.makeBidiStreamRequest('/chit.v1.ChatService/Chat', asIs, asIs, new Metadata(), {});
    this.#stream.on('error', ({ message }) => {
      this.fault ??= message;
    });
    this.#stream.on('data', (bytes: Buffer) => this.#take(bytes, name));
    const join = { kind: 'join', room: '', name, history: 0, resumable: false } as const;
    this.#stream.write(encodeChatRequest({ lamport: 1, action: join }));
  }

  /** Says the next messages while not too many are under way. */
  speak(): void {
    while (this.#ordinal < this.#own && this.#ordinal - this.#answered < underWay) {
      this.#ordinal += 1;
      const text = `message ${this.#ordinal} of somebody who talks a lot${padding}`;
      const publish = { kind: 'publish', text, ordinal: this.#ordinal, seen: this.newest } as const;
      this.#stream.write(encodeChatRequest({ lamport: 1, action: publish }));
    }
  }

  #take(bytes: Buffer, name: string): void {
    const response = protobuf.Reader.create(bytes);
    while (response.pos < response.len) {
      const tag = response.uint32();
      if (tag === 0x0a) this.#takeEvent(response.bytes(), name);
      else {
        if (tag === 0x12) this.joined = true;
        if (tag === 0x1a) this.fault ??= 'a message was refused';
        response.skipType(tag & 7);
      }
    }
    if (this.#speaks && this.#answered > 0) this.speak();
  }

  #takeEvent(bytes: Uint8Array, name: string): void {
    const event = protobuf.Reader.create(bytes);
    let author = '';
    let message = false;
    while (event.pos < event.len) {
      const tag = event.uint32();
      if (tag === 0x08) {
        const sequence = event.uint32();
        if (this.newest > 0 && sequence !== this.newest + 1) this.fault ??= `${sequence} after ${this.newest}`;
        this.newest = sequence;
      } else if (tag === 0x22 && this.#speaks) author = event.string();
      else {
        if (tag === 0x32) message = true;
        event.skipType(tag & 7);
      }
    }
    if (message && author === name) this.#answered += 1;
  }
}

interface Memory extends HeldMemory {
  readonly rssMib: number;
  readonly rssPeakMib: number;
  readonly anonymousMib: number;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Has the server collect its garbage and say what is left on the signal; its resident size is read before that. */
async function memoryOf(server: ServerProcess): Promise<Memory> {
  const { pid } = server.child;
  const resident = {
    rssMib: rounded(processStatus(pid, 'VmRSS') / 1024),
    rssPeakMib: rounded(processStatus(pid, 'VmHWM') / 1024),
    anonymousMib: rounded(processStatus(pid, 'RssAnon') / 1024),
  };
  const { heapMib, buffersMib } = await heldMemory(server);
  return { ...resident, heapMib: rounded(heapMib), buffersMib: rounded(buffersMib) };
}

async function run(nonReaders: number): Promise<Memory> {
  const endings = new Endings();
  try {
    const server = await ServerProcess.start(endings, {
      program: serverThatTellsItsMemory,
      args: ['--publishes-per-second-max', '0', '--log-level', 'warn'],
    });
    const slow = Array.from({ length: nonReaders }, () => new RawCaller(endings, server.address).chat());
    for (const [index, chat] of slow.entries()) {
      await chat.join(`Slow ${index + 1}`);
      chat.stopReading();
    }
    const own = Math.ceil(messages / speakers);
    const readers = Array.from(
      { length: participants - neverReading },
      (_, index) => new Reader(endings, server.address, `Reader ${index + 1}`, index < speakers ? own : 0),
    );
    await eventually('everybody has joined', () => readers.every(({ joined }) => joined));
    const began = performance.now();
    for (const reader of readers) reader.speak();
    const newest = nonReaders + readers.length + speakers * own;
    await eventually(
      () => `everybody has got ${newest} events; ${readers.map((one) => one.newest).join(' ')}`,
      () => {
        const fault = readers.map((reader) => reader.fault).find(Boolean);
        if (fault) throw new Error(fault);
        return readers.every((reader) => reader.newest >= newest);
      },
      600_000,
    );
    const seconds = (performance.now() - began) / 1000;
    const memory = await memoryOf(server);
    const line = {
      messages: speakers * own,
      readers: readers.length,
      nonReaders,
      seconds: Math.round(seconds * 10) / 10,
      messagesPerSecond: Math.round((speakers * own) / seconds),
      ...memory,
      // They have their limit: whoever takes nothing for 30 s is cut off.
      nonReadersGot: slow.reduce((sum, { events }) => sum + events.length, 0),
      nonReadersCut: slow.filter(({ end }) => end).length,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    expectUnbroken(await new RawCaller(endings, server.address).history(), { sequence: 0, chain: '0000000000000000' });
    return memory;
  } finally {
    await endings.run();
  }
}

const without = await run(0);
const withThem = await run(neverReading);
const difference = Object.entries(withThem).map(([name, value]) => [
  name,
  rounded(value - without[name as keyof Memory]),
]);
process.stdout.write(`${JSON.stringify({ differenceByNonReaders: Object.fromEntries(difference) })}\n`);
