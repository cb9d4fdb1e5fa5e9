import type { Endings } from '../../system/endings.js';
import { textBytes } from './chat-frames.js';
import { NatsReader } from './nats-reader.js';
import type { Participant } from './participant.js';
import { RawConnection } from './raw-connection.js';
import { Speaker } from './speaker.js';

/** Digits in front of each payload: whose it is, and which of his. */
const authorDigits = 5;
const ordinalDigits = 10;

/** With what an acknowledgement of JetStream begins, as no message does. */
const brace = 0x7b;

/**
 * A client of NATS that has subscribed to one subject, and publishes to it what it also receives. With JetStream a message of its own
 * has come back when it was received and JetStream has acknowledged it, which means that it is stored.
 */
export class NatsParticipant implements Participant {
  readonly speaker: Speaker;
  /** Called with whose message came, and which of his, if set. */
  received: ((author: number, ordinal: number) => void) | undefined;
  arrived: ((place: number) => void) | undefined;
  fault: string | undefined;
  joined = false;
  place = 0;
  /** How many of its pings were answered: what it sent before them is done. */
  pongs = 0;
  readonly #raw: RawConnection;
  readonly #author: number;
  readonly #head: string;
  /** Its newest message that it has received, and how many were acknowledged. */
  #heard = 0;
  #acknowledged = 0;

  /** `author`: a number that no other participant has. `stored`: by JetStream, which acknowledges each message. */
  constructor(endings: Endings, address: string, author: number, stored = false) {
    this.#author = author;
    const inbox = `stored.${author}`;
    this.#head = `PUB room ${stored ? `${inbox} ` : ''}${textBytes}\r\n`;
    const reader = new NatsReader({
      message: (bytes, start, end) => {
        if (bytes[start] === brace) {
          this.#noteAcknowledged(bytes.toString('latin1', start, end));
          return;
        }
        this.place += 1;
        if (this.speaker.said > 0 && numberAt(bytes, start, authorDigits) === author) {
          this.#heard = numberAt(bytes, start + authorDigits, ordinalDigits);
          this.#answer(stored);
        }
        this.received?.(numberAt(bytes, start, authorDigits), numberAt(bytes, start + authorDigits, ordinalDigits));
        if (end - start !== textBytes) this.fault ??= `a message of ${end - start} bytes`;
        this.arrived?.(this.place);
      },
      line: (text) => {
        if (text === 'PING') this.#raw.write(Buffer.from('PONG\r\n'));
        else if (text === 'PONG') {
          this.pongs += 1;
          this.joined = true;
        } else if (text.startsWith('-ERR')) this.fault ??= text;
      },
    });
    this.#raw = new RawConnection(endings, address, {
      read: (bytes, length) => {
        reader.read(bytes, length);
        this.speaker.goOn();
      },
      fault: (what) => {
        this.fault ??= what;
      },
    });
    this.speaker = new Speaker((first, count) => this.#publish(first, count));
    const inboxes = stored ? `SUB ${inbox} 2\r\n` : '';
    this.#raw.write(Buffer.from(`CONNECT {"verbose":false,"pedantic":false}\r\nSUB room 1\r\n${inboxes}PING\r\n`));
  }

  ping(): void {
    this.#raw.write(Buffer.from('PING\r\n'));
  }

  #noteAcknowledged(said: string): void {
    if (!said.includes('"seq"')) throw new Error(`JetStream says ${said}`);
    this.#acknowledged += 1;
    this.#answer(true);
  }

  #answer(stored: boolean): void {
    const complete = stored ? Math.min(this.#heard, this.#acknowledged) : this.#heard;
    if (!stored || complete > this.speaker.answered) this.speaker.answer(complete);
  }

  #publish(first: number, count: number): number {
    const head = this.#head;
    const publishBytes = head.length + textBytes + 2;
    const bytes = Buffer.alloc(count * publishBytes, '.');
    for (let index = 0; index < count; index += 1) {
      const start = index * publishBytes;
      const payload = start + bytes.write(head, start, 'latin1');
      writeNumber(bytes, this.#author, payload, authorDigits);
      writeNumber(bytes, first + index, payload + authorDigits, ordinalDigits);
      bytes.write('\r\n', payload + textBytes, 'latin1');
    }
    this.#raw.write(bytes);
    return count;
  }
}

function writeNumber(bytes: Buffer, value: number, start: number, digits: number): void {
  let rest = value;
  for (let at = start + digits - 1; at >= start; at -= 1) {
    bytes[at] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

function numberAt(bytes: Buffer, start: number, digits: number): number {
  let value = 0;
  for (let at = start; at < start + digits; at += 1) value = value * 10 + ((bytes[at] as number) - 0x30);
  return value;
}
