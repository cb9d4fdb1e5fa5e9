import { BehaviorSubject, type Observable } from 'rxjs';
import type {
  ChatClient,
  PublishedMessage,
  RoomSummary,
  SavedSession,
  Status,
} from '../../../lib/client/chat-client.js';
import { HeldEvents } from '../../../lib/client/feeds.js';
import { LamportClock } from '../../../lib/core/clock.js';
import type { LeftReason, MessageEvent, RoomEvent } from '../../../lib/core/event.js';

type Happening =
  | { kind: 'joined' }
  | { kind: 'message'; text: string; ordinal?: number; seen?: number }
  | { kind: 'left'; reason?: LeftReason };

/** Few: what a client keeps is measured, not what a room keeps. */
const eventsKeptMax = 1000;

/** A ChatClient without a server: a room of one's own, in which the test makes things happen. */
export class FakeChatClient implements ChatClient {
  readonly room: string;
  readonly name: string;
  readonly textCodePointsMax = 128;
  readonly #events = new HeldEvents<RoomEvent>(1000);
  readonly #status = new BehaviorSubject<Status>({ state: 'live' });
  readonly #clock = new LamportClock();
  readonly #log: RoomEvent[] = [];
  #participants: string[] = [];
  #ordinal = 0;
  /** What `publish` does before the message becomes an event. */
  beforePublish: (text: string) => Promise<void> | void = () => {};
  /** What `leave` does before the own Left comes. */
  beforeLeave: () => Promise<void> | void = () => {};
  /** Texts in the order in which they were published. */
  readonly published: string[] = [];
  left = false;
  /** Whether the reader asked for no more events. */
  paused = false;

  constructor(name = 'ada', room = 'lobby') {
    this.name = name;
    this.room = room;
  }

  get time(): number {
    return this.#clock.time;
  }

  get place(): SavedSession {
    const { sequence = 0, chain = '0000000000000000' } = this.#log.at(-1) ?? {};
    const { room, name, time: lamport } = this;
    const session = { server: '127.0.0.1:4000', session: `${room}:AAAAAAAAAAAAAAAAAAAAAA`, logId: 'log' };
    return { ...session, room, name, sequence, chain, ordinal: this.#ordinal, lamport };
  }

  get participants(): readonly string[] {
    return this.#participants;
  }

  get events$(): Observable<RoomEvent> {
    return this.#events.values$;
  }

  get status$(): Observable<Status> {
    return this.#status;
  }

  /** The room's next event. */
  happen(participant: string, happening: Happening): RoomEvent {
    const event = this.#event(participant, happening);
    this.#log.push(event);
    if (this.#log.length > eventsKeptMax) this.#log.shift();
    if (event.kind === 'joined') this.#participants = [...this.#participants, participant];
    if (event.kind === 'left') this.#participants = this.#participants.filter((name) => name !== participant);
    this.#clock.receive(event.lamport);
    this.#events.next(event);
    return event;
  }

  /** An event of before the session, which only `history` gives. */
  happenedBefore(participant: string, happening: Happening): void {
    this.#log.push(this.#event(participant, happening));
  }

  /** Lets the session stand otherwise, as when its connection is lost. */
  stand(status: Status): void {
    this.#status.next(status);
  }

  /** Ends the session as a server or a lost connection does. */
  endSession(reason: string): void {
    this.#over({ state: 'ended', reason });
  }

  async publish(text: string): Promise<PublishedMessage> {
    const sent = this.#clock.tick();
    await this.beforePublish(text);
    this.published.push(text);
    this.#ordinal += 1;
    const event = this.happen(this.name, { kind: 'message', text, ordinal: this.#ordinal }) as MessageEvent;
    return { ...event, sent: { first: sent, last: sent } };
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  async leave(): Promise<void> {
    this.#clock.tick();
    await this.beforeLeave();
    if (this.left) return;
    this.happen(this.name, { kind: 'left', reason: 'ASKED' });
    this.#over({ state: 'left' });
  }

  async close(): Promise<void> {
    if (!this.left) this.endSession('It was closed.');
  }

  async rooms(): Promise<RoomSummary[]> {
    const newest = this.#log.at(-1);
    return [
      {
        name: this.room,
        participants: this.#participants.length,
        sequence: newest?.sequence ?? 0,
        lamport: newest?.lamport ?? 0,
      },
      { name: 'kitchen', participants: 2, sequence: 9, lamport: 12 },
    ];
  }

  async history(limit: number, before = Number.POSITIVE_INFINITY): Promise<RoomEvent[]> {
    return this.#log.filter(({ sequence }) => sequence < before).slice(-limit);
  }

  #event(participant: string, happening: Happening): RoomEvent {
    const sequence = (this.#log.at(-1)?.sequence ?? 0) + 1;
    const lamport = Math.max(this.#log.at(-1)?.lamport ?? 0, participant === this.name ? this.#clock.time : 0) + 1;
    const stamped = {
      sequence,
      lamport,
      timeMs: Date.UTC(2026, 0, 1) + sequence * 1000,
      participant,
      chain: sequence.toString(16).padStart(16, '0'),
    };
    switch (happening.kind) {
      case 'joined':
        return { ...stamped, kind: 'joined' };
      case 'message':
        return {
          ...stamped,
          kind: 'message',
          text: happening.text,
          ordinal: happening.ordinal ?? 1,
          // Who says nothing else has seen everything.
          seen: happening.seen ?? sequence - 1,
        };
      case 'left':
        return { ...stamped, kind: 'left', reason: happening.reason ?? 'ASKED' };
    }
  }

  #over(status: Status): void {
    this.left = true;
    this.#events.complete();
    this.#status.next(status);
    this.#status.complete();
  }
}
