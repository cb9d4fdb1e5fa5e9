import { type Observable, Subject } from 'rxjs';
import type { ChatResponse } from '../../../lib/codec/messages.js';
import { decodeChatResponse } from '../../../lib/codec/responses.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import type { Rejection } from '../../../lib/core/rejection.js';
import type { ConnectionMessage } from '../../../lib/server/actors/messages.js';
import type { Ending, Peer } from '../../../lib/server/actors/peer.js';
import type { Ref } from '../../../lib/server/room/pending.js';

export interface FakePeerOptions {
  readonly bidirectional?: boolean;
  /** How many sends it takes before it wants to be waited for. */
  readonly takes?: number;
  /** A client that hangs: `end` does not end its stream. */
  readonly hangs?: boolean;
}

/** A stream without a network: it keeps what it was sent, and is writable as long as the test says so. */
export class FakePeer implements Peer {
  readonly address = 'fake:1';
  readonly bidirectional: boolean;
  readonly hangs: boolean;
  readonly drained$: Observable<void>;
  readonly sent: Buffer[] = [];
  readonly endings: Ending[] = [];
  /** What the client has taken, in bytes, as long as the test says so. */
  taken = 0;
  /** What the stream holds, in bytes, as long as the test says so. */
  held = 0;
  paused = false;
  destroyed = false;
  /** What `send` and `end` throw from now on. */
  sendFault: Error | undefined;
  endFault: Error | undefined;
  /** Called after each send, from within it. */
  onSent: (response: ChatResponse) => void = () => {};
  readonly #drained = new Subject<void>();
  readonly #changed: () => void;
  #takes: number;
  #connection: Ref<ConnectionMessage> | undefined;

  constructor(changed: () => void, options: FakePeerOptions = {}) {
    this.bidirectional = options.bidirectional ?? true;
    this.drained$ = this.#drained;
    this.#changed = changed;
    this.#takes = options.takes ?? Number.POSITIVE_INFINITY;
    this.hangs = options.hangs ?? false;
  }

  get writable(): boolean {
    return this.#takes > 0;
  }

  send(own: Buffer, rest?: Buffer): void {
    if (this.sendFault) throw this.sendFault;
    const bytes = rest ? Buffer.concat([own, rest]) : own;
    this.sent.push(bytes);
    this.#takes -= 1;
    this.onSent(decodeChatResponse(bytes));
    this.#changed();
  }

  pause(): void {
    this.paused = true;
    this.#changed();
  }

  resume(): void {
    this.paused = false;
    this.#changed();
  }

  end(ending: Ending): void {
    if (this.endFault) throw this.endFault;
    this.endings.push(ending);
    this.#changed();
    // As a transport does: later, and never from within the actor that ends the stream.
    if (!this.hangs) setImmediate(() => this.gone());
  }

  destroy(): void {
    this.destroyed = true;
    this.#changed();
    setImmediate(() => this.gone());
  }

  /** The client reads: `takes` more sends are welcome. */
  drain(takes = Number.POSITIVE_INFINITY): void {
    this.#takes = takes;
    this.#drained.next();
  }

  connectedTo(connection: Ref<ConnectionMessage>): void {
    this.#connection = connection;
  }

  tell(message: ConnectionMessage): void {
    this.#connection?.tell(message);
  }

  publish(text: string, ordinal: number | bigint, { lamport = 0, seen = 0 } = {}): void {
    this.tell({ kind: 'publish', lamport, publish: { text, ordinal, seen } });
  }

  /** The stream is over. */
  gone(): void {
    this.tell({ kind: 'gone' });
    this.#changed();
  }

  get responses(): ChatResponse[] {
    return this.sent.map((bytes) => decodeChatResponse(bytes));
  }

  get events(): RoomEvent[] {
    return this.responses.flatMap(({ events }) => [...events]);
  }

  get rejections(): Rejection[] {
    return this.responses.flatMap(({ rejection }) => (rejection ? [rejection] : []));
  }

  get welcome() {
    const [welcome] = this.responses.flatMap((response) => (response.welcome ? [response.welcome] : []));
    if (!welcome) throw new Error('this peer was not welcomed');
    return welcome;
  }

  get welcomed(): boolean {
    return this.responses.some(({ welcome }) => welcome);
  }

  get ending(): Ending | undefined {
    return this.endings[0];
  }
}
