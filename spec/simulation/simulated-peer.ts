import { type Observable, Subject } from 'rxjs';
import type { ChatResponse } from '../../lib/codec/messages.js';
import { decodeChatResponse } from '../../lib/codec/responses.js';
import type { ConnectionMessage } from '../../lib/server/actors/messages.js';
import type { Ending, Peer } from '../../lib/server/actors/peer.js';
import type { Ref } from '../../lib/server/room/pending.js';

export interface SimulatedStream {
  readonly received: (response: ChatResponse) => void;
  readonly ended: (ending: Ending | undefined) => void;
}

/**
 * A stream without a network. What the server sends waits in it until the client takes it; when too much waits, it is not writable.
 * Cut, it loses what waits, as a connection does.
 */
export class SimulatedPeer implements Peer {
  readonly address = 'simulated:1';
  readonly bidirectional = true;
  readonly drained$: Observable<void>;
  readonly #drained = new Subject<void>();
  readonly #stream: SimulatedStream;
  readonly #waitingMax: number;
  #waiting: Buffer[] = [];
  #ending: Ending | undefined;
  #over = false;
  #taken = 0;
  #paused = false;
  #requests: ConnectionMessage[] = [];
  #connection: Ref<ConnectionMessage> | undefined;

  constructor(stream: SimulatedStream, waitingMax: number) {
    this.#stream = stream;
    this.#waitingMax = waitingMax;
    this.drained$ = this.#drained;
  }

  get writable(): boolean {
    return !this.#over && !this.#ending && this.#waiting.length < this.#waitingMax;
  }

  get taken(): number {
    return this.#taken;
  }

  get held(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }

  get over(): boolean {
    return this.#over;
  }

  connectedTo(connection: Ref<ConnectionMessage>): void {
    this.#connection = connection;
  }

  /** The client sends; while the server does not listen, it waits. */
  request(message: ConnectionMessage): void {
    if (this.#over) return;
    this.#requests.push(message);
    this.#handRequests();
  }

  send(bytes: Buffer, rest?: Buffer): void {
    if (!this.#over && !this.#ending) this.#waiting.push(rest ? Buffer.concat([bytes, rest]) : bytes);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#handRequests();
  }

  end(ending: Ending): void {
    this.#ending ??= ending;
  }

  destroy(): void {
    this.cut();
  }

  /** The client takes up to `count` of what waits for it, and the stream's end after the last. */
  take(count: number): void {
    if (this.#over) return;
    const wasFull = !this.writable;
    for (const bytes of this.#waiting.splice(0, count)) {
      this.#taken += bytes.length;
      this.#stream.received(decodeChatResponse(bytes));
    }
    if (this.#waiting.length === 0 && this.#ending) this.#finish(this.#ending);
    else if (wasFull && this.writable) this.#drained.next();
  }

  /** The connection is lost. */
  cut(): void {
    if (!this.#over) this.#finish(undefined);
  }

  /** The server is gone without a word. */
  abandon(): void {
    this.#connection = undefined;
    this.cut();
  }

  #finish(ending: Ending | undefined): void {
    this.#over = true;
    this.#waiting = [];
    this.#connection?.tell({ kind: 'gone' });
    this.#stream.ended(ending);
  }

  #handRequests(): void {
    while (!this.#paused && !this.#over) {
      const request = this.#requests.shift();
      if (!request) return;
      this.#connection?.tell(request);
    }
  }
}
