import { encodeReadHistoryRequest } from '../../../lib/codec/requests.js';
import type { Endings } from '../../system/endings.js';
import { messageFrame } from './chat-frames.js';
import { EventReader } from './event-reader.js';
import { frameFlags, frameHeadBytes } from './frame-reader.js';
import { Http2Connection } from './http2-connection.js';
import { MessageReader } from './message-reader.js';

interface Page {
  readonly events: EventReader;
  readonly messages: MessageReader;
  readonly resolve: (events: number) => void;
  readonly reject: (error: Error) => void;
}

/** Reads pages of a room's history, one call after the other on one connection. */
export class HistoryReader {
  readonly #connection: Http2Connection;
  #page: Page | undefined;
  #stream = -1;

  constructor(endings: Endings, address: string) {
    this.#connection = new Http2Connection(endings, address, {
      data: (_stream, bytes, start, end) => this.#page?.messages.read(bytes, start, end),
      ended: () => this.#page?.resolve(this.#page.events.events),
      fault: (what) => this.#page?.reject(new Error(what)),
    });
  }

  /** Resolves with how many events came, which begin after `after` and have no gap. One page at a time. */
  page(room: string, after: number, limit: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const fault = (what: string): void => reject(new Error(what));
      const events = new EventReader({ welcome: () => {}, fault }, after);
      this.#page = { events, messages: new MessageReader(events), resolve, reject };
      this.#stream += 2;
      this.#connection.openStream = this.#stream;
      this.#connection.open(this.#stream, '/chit.v1.ChatService/ReadHistory');
      const asked = messageFrame(this.#stream, encodeReadHistoryRequest({ room, after, limit }), frameFlags.endStream);
      this.#connection.write(asked, asked.length - frameHeadBytes);
    });
  }
}
