import type { ResumePlace, Welcome } from '../../../lib/codec/messages.js';
import { encodeChatRequest } from '../../../lib/codec/requests.js';
import { decodeChatResponse } from '../../../lib/codec/responses.js';
import type { Endings } from '../../system/endings.js';
import { messageFrame, publishBytesMax, writePublish } from './chat-frames.js';
import { EventReader, ordinalIfBy } from './event-reader.js';
import { frameHeadBytes } from './frame-reader.js';
import { Http2Connection } from './http2-connection.js';
import { MessageReader } from './message-reader.js';
import type { Participant } from './participant.js';
import { Speaker } from './speaker.js';

const chatPath = '/chit.v1.ChatService/Chat';
const streamId = 1;

export interface Entry {
  readonly name: string;
  /** The lobby unless told otherwise. */
  readonly room?: string;
  readonly resumable?: boolean;
  /** Goes on with an earlier visit. */
  readonly resume?: ResumePlace;
  /** What the server may send ahead, in bytes. */
  readonly window?: number;
}

/** A participant of a Chat stream on a connection of its own, which joins as soon as it is made. */
export class GrpcParticipant implements Participant {
  readonly speaker: Speaker;
  arrived: ((place: number) => void) | undefined;
  fault: string | undefined;
  joined = false;
  /** How many its welcome named. */
  #named = 0;
  readonly #events: EventReader;
  readonly #connection: Http2Connection;
  #welcome: Buffer | undefined;
  #speaks = false;

  constructor(endings: Endings, address: string, { name, room = '', resumable = false, resume, window }: Entry) {
    const author = Buffer.from(name, 'utf8');
    this.#events = new EventReader({
      welcome: (_place, participants, encoded) => {
        this.#welcome = encoded;
        this.#named = participants;
        this.joined = true;
      },
      event: (sequence, bytes, start, end) => {
        if (this.#speaks) {
          const ordinal = ordinalIfBy(author, bytes, start, end);
          if (ordinal > 0) this.speaker.answer(ordinal);
        }
        this.arrived?.(sequence);
      },
      fault: (what) => this.#fail(what),
    });
    const messages = new MessageReader(this.#events);
    this.#connection = new Http2Connection(endings, address, {
      data: (_stream, bytes, start, end) => {
        messages.read(bytes, start, end);
        if (this.#speaks) this.speaker.goOn();
      },
      ended: () => this.#fail('the server ended the stream'),
      writable: () => this.speaker.goOn(),
      fault: (what) => this.#fail(what),
      ...(window === undefined ? {} : { window }),
    });
    this.speaker = new Speaker((first, count) => this.#publish(first, count));
    this.#connection.open(streamId, chatPath);
    const action = { kind: 'join', room, name, history: 0, resumable, resume } as const;
    const join = messageFrame(streamId, encodeChatRequest({ lamport: 1, action }));
    this.#connection.write(join, join.length - frameHeadBytes);
  }

  get place(): number {
    return this.#events.place;
  }

  /** Of whom it knows while all events are joins: those its welcome named, and those who came since. */
  get known(): number {
    return this.#named + this.events;
  }

  /** How many events it was sent. */
  get events(): number {
    return this.#events.events;
  }

  welcome(): Welcome {
    // A welcome is a field of the response; the tag 2 and its length make it one again.
    const encoded = this.#welcome ?? Buffer.alloc(0);
    const head = [0x12];
    for (let rest = encoded.length; ; rest >>>= 7) {
      head.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
      if (rest < 0x80) break;
    }
    const { welcome } = decodeChatResponse(Buffer.concat([Buffer.from(head), encoded]));
    if (!welcome) throw new Error('there was no welcome');
    return welcome;
  }

  /** Waits so many milliseconds after each read; Infinity: reads no more. */
  slowDown(pauseMs: number): void {
    this.#connection.slowDown(pauseMs);
  }

  /** Its connection is lost. */
  cut(): void {
    this.#connection.close();
  }

  #publish(first: number, count: number): number {
    this.#speaks = true;
    const sent = Math.min(count, Math.floor(this.#connection.credit / publishBytesMax));
    if (sent <= 0) return 0;
    const frames = Buffer.allocUnsafe(sent * publishBytesMax);
    const seen = Math.max(0, this.place);
    let end = 0;
    for (let ordinal = first; ordinal < first + sent; ordinal += 1) {
      end = writePublish(frames, end, { lamport: seen, ordinal, seen });
    }
    this.#connection.write(frames.subarray(0, end), end - sent * frameHeadBytes);
    return sent;
  }

  #fail(what: string): void {
    this.fault ??= what;
  }
}
