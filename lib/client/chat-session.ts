import { map, type Observable } from 'rxjs';
import type { ChatRequest, ChatResponse, HistoryPage, RoomSummary } from '../codec/messages.js';
import { LamportClock } from '../core/clock.js';
import type { RoomEvent } from '../core/event.js';
import type { Journal } from '../platform/journal.js';
import type { ChatClient, PublishedMessage, SavedSession, Status } from './chat-client.js';
import { CannotConnect, Refused } from './errors.js';
import { errorOf, failureOf, outcomeError } from './failures.js';
import { HeldEvents, StatusFeed } from './feeds.js';
import { clientLimits } from './limits.js';
import type { Effect, Input, Moment, NextChain, PauseReason, RecordEffect, TimerName } from './session/protocol.js';
import { type Next, sessionProtocol } from './session/session.js';
import { isConnected, position, type SessionOptions, SessionState, savedSession } from './session/state.js';
import type { ChatStream, Connection, Transport } from './transport.js';

export interface ChatSessionParts {
  readonly options: SessionOptions;
  readonly saved: SavedSession | undefined;
  /** Default: one of the session's own. */
  readonly clock: LamportClock | undefined;
  readonly journal: Journal;
  readonly transport: Transport;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly hashes: Hashes;
}

/** The two hashes that a session needs: another platform has another implementation. */
interface Hashes {
  readonly nextChain: NextChain;
  /** A session's id as log records name it. */
  readonly sessionTag: (session: string) => string;
}

/**
 * A session under way: the ChatClient that `connect` gives, over as many connections as it takes. session/ decides what
 * is to be done; this tells it what happens, and does what it wants done, by a transport and with timers.
 */
export class ChatSession implements ChatClient {
  readonly room: string;
  readonly name: string;
  readonly events$: Observable<RoomEvent>;
  readonly status$: Observable<Status>;
  readonly #parts: ChatSessionParts;
  readonly #next: Next;
  readonly #state: SessionState;
  readonly #clock: LamportClock;
  readonly #held: HeldEvents<Extract<Effect, { kind: 'emit' }>>;
  readonly #statusFeed = new StatusFeed();
  readonly #timers = new Map<TimerName, ReturnType<typeof setTimeout>>();
  readonly #answers = new Map<number, Deferred<PublishedMessage>>();
  readonly #join = deferred<void>();
  readonly #end = deferred<void>();
  /** Inputs that came within a step, and wait for its end. */
  readonly #later: Input[] = [];
  #depth = 0;
  #publishes = 0;
  #connection: Connection | undefined;
  #stream: ChatStream | undefined;
  #page: HistoryPage | undefined;
  #leave: Deferred<void> | undefined;

  constructor(parts: ChatSessionParts) {
    const { options, saved, clock, hashes } = parts;
    this.#parts = parts;
    this.room = options.room;
    this.name = options.name;
    this.#next = sessionProtocol(hashes.nextChain);
    this.#state = new SessionState(options, saved, saved && hashes.sessionTag(saved.session));
    this.#clock = clock ?? new LamportClock(saved?.lamport);
    if (clock && saved) clock.receive(saved.lamport);
    this.#held = new HeldEvents(clientLimits.eventsHeldMax, {
      filled: () => this.#pause('unread'),
      read: () => this.#resume('unread'),
    });
    this.events$ = this.#held.values$.pipe(map(({ event }) => event));
    this.status$ = this.#statusFeed.status$;
  }

  /** Joins. Resolves when the server has let it in; the session then goes on by itself. Rejects where it has not. */
  begin(): Promise<void> {
    this.#step({ kind: 'begin', now: this.#now() });
    return this.#join.promise;
  }

  get textCodePointsMax(): number {
    return this.#state.welcome?.textLengthMax ?? 0;
  }

  get time(): number {
    return this.#clock.time;
  }

  get participants(): readonly string[] {
    return [...this.#state.participants];
  }

  get place(): SavedSession {
    return { ...savedSession(this.#state, this.#held.first?.before ?? position(this.#state)), lamport: this.time };
  }

  publish(text: string): Promise<PublishedMessage> {
    this.#publishes += 1;
    const id = this.#publishes;
    const answer = deferred<PublishedMessage>();
    this.#answers.set(id, answer);
    this.#step({ kind: 'publish', id, text });
    return answer.promise;
  }

  pause(): void {
    this.#pause('paused');
  }

  resume(): void {
    this.#resume('paused');
  }

  leave(): Promise<void> {
    if (this.#isOver || this.#state.closing) return this.#end.promise;
    if (!this.#leave) {
      this.#leave = deferred<void>();
      this.#step({ kind: 'leave', now: this.#now() });
    }
    return Promise.race([this.#leave.promise, this.#end.promise]);
  }

  close(): Promise<void> {
    this.#step({ kind: 'close', now: this.#now() });
    return this.#end.promise;
  }

  async rooms(): Promise<RoomSummary[]> {
    return this.#connected.listRooms();
  }

  async history(limit: number, before = this.#state.before + 1): Promise<RoomEvent[]> {
    const events: RoomEvent[] = [];
    let after = Math.max(0, before - 1 - limit);
    while (after < before - 1) {
      const page = await this.#connected.readHistory(this.room, after, before - 1 - after);
      if (page.events.length === 0) break;
      events.push(...page.events);
      after += page.events.length;
    }
    return events;
  }

  get #isOver(): boolean {
    return this.#state.phase === 'over';
  }

  get #connected(): Connection {
    if (this.#connection && isConnected(this.#state)) return this.#connection;
    throw new CannotConnect('there is no connection to the server at the moment');
  }

  #now(): Moment {
    return { ms: performance.now(), wallMs: Date.now(), random: this.#parts.random() };
  }

  #pause(reason: PauseReason): void {
    this.#step({ kind: 'pause', reason });
  }

  #resume(reason: PauseReason): void {
    this.#step({ kind: 'resume', reason, now: this.#now() });
  }

  /** What the connection tells comes after the step under way; what the program asks for at once. */
  #hear(input: Input): void {
    if (this.#depth > 0) this.#later.push(input);
    else this.#step(input);
  }

  #step(input: Input): void {
    const state = this.#state;
    // Other sessions of this process may have moved it.
    if (this.#clock.time !== state.time) this.#next(state, { kind: 'clock', time: this.#clock.time });
    const effects = this.#next(state, input);
    this.#clock.advanceTo(state.time);
    this.#depth += 1;
    try {
      for (const effect of effects) this.#do(effect);
    } finally {
      this.#depth -= 1;
    }
    while (this.#depth === 0) {
      const later = this.#later.shift();
      if (!later) break;
      this.#step(later);
    }
  }

  /** What is done for each effect. */
  readonly #doing: { readonly [K in Effect['kind']]: (effect: Extract<Effect, { kind: K }>) => void } = {
    emit: (effect) => this.#held.next(effect),
    record: (effect) => this.#record(effect),
    open: ({ connection }) => this.#open(connection),
    join: ({ request }) => this.#sendJoin(request),
    listen: ({ paused }) => this.#stream?.listen(paused),
    send: ({ request }) => this.#stream?.send(request),
    flow: ({ paused }) => this.#stream?.pause(paused),
    'half-close': () => this.#stream?.halfClose(),
    cancel: () => this.#stream?.cancel(),
    close: () => this.#close(),
    readHistory: (effect) => void this.#readHistory(effect),
    deliverPage: () => this.#deliverPage(),
    wait: ({ timer, ms }) => this.#wait(timer, ms),
    cancelWait: ({ timer }) => this.#cancelWait(timer),
    forgetReader: () => this.#held.letGo(),
    joined: () => this.#join.resolve(),
    notJoined: ({ failure }) => this.#join.reject(errorOf(failure)),
    settle: (effect) => this.#settle(effect),
    refuseLeave: ({ rejection }) => {
      this.#leave?.reject(new Refused(rejection));
      this.#leave = undefined;
    },
    status: ({ status }) => this.#statusFeed.tell(status),
    end: ({ status }) => this.#finish(status),
  };

  #do<K extends Effect['kind']>(effect: Extract<Effect, { kind: K }>): void {
    this.#doing[effect.kind as K](effect);
  }

  #close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#stream = undefined;
    this.#page = undefined;
  }

  #finish(status: Status): void {
    for (const timer of [...this.#timers.keys()]) this.#cancelWait(timer);
    this.#end.resolve();
    this.#held.complete();
    this.#statusFeed.tell(status);
    this.#statusFeed.complete();
  }

  #record({ level, event, fields, failure }: RecordEffect): void {
    this.#parts.journal[level](event, failure ? { ...fields, err: errorOf(failure) } : fields);
  }

  #open(connection: number): void {
    try {
      this.#connection = this.#parts.transport.open();
      this.#hear({ kind: 'opened', connection, now: this.#now() });
    } catch (error) {
      this.#hear({ kind: 'failed', connection, failure: failureOf(error), now: this.#now() });
    }
  }

  #sendJoin(request: ChatRequest): void {
    const { connection } = this.#state;
    this.#stream = this.#connection?.join(request, {
      welcomed: (welcome) => {
        const tag = this.#parts.hashes.sessionTag(welcome.session);
        this.#hear({ kind: 'welcomed', connection, welcome, tag, now: this.#now() });
      },
      failed: (error) => this.#hear({ kind: 'failed', connection, failure: failureOf(error), now: this.#now() }),
      responded: (response) => this.#respond(connection, response),
      streamEnded: () => this.#hear({ kind: 'stream-ended', connection }),
      lost: (end) => this.#hear({ kind: 'lost', connection, end, now: this.#now() }),
    });
  }

  #respond(connection: number, { events, rejection }: ChatResponse): void {
    for (const event of events) this.#hear({ kind: 'received', connection, event });
    if (rejection) this.#hear({ kind: 'rejected', connection, rejection });
    this.#hear({ kind: 'response-end', connection });
  }

  async #readHistory({ after, limit, chain }: Extract<Effect, { kind: 'readHistory' }>): Promise<void> {
    const { connection } = this.#state;
    try {
      const page = await this.#connection?.readHistory(this.room, after, limit, chain);
      if (!page || connection !== this.#state.connection) return;
      this.#page = page;
      const { logId, newest, events } = page;
      const head = { logId, newest, events: events.length };
      this.#hear({ kind: 'page-read', connection, page: head, now: this.#now() });
    } catch (error) {
      this.#hear({ kind: 'page-failed', connection, failure: failureOf(error), now: this.#now() });
    }
  }

  #deliverPage(): void {
    const { connection } = this.#state;
    const events = this.#page?.events ?? [];
    this.#page = undefined;
    for (const event of events) this.#hear({ kind: 'page-event', connection, event });
    this.#hear({ kind: 'page-end', connection, now: this.#now() });
  }

  #settle({ publish, outcome }: Extract<Effect, { kind: 'settle' }>): void {
    this.#cancelWait(publish);
    const answer = this.#answers.get(publish);
    this.#answers.delete(publish);
    if (outcome.kind === 'accepted') answer?.resolve(outcome.message);
    else answer?.reject(outcomeError(outcome));
  }

  #wait(timer: TimerName, ms: number): void {
    this.#cancelWait(timer);
    const tick = () => {
      this.#timers.delete(timer);
      this.#step({ kind: 'tick', timer, now: this.#now() });
    };
    this.#timers.set(timer, setTimeout(tick, ms));
  }

  #cancelWait(timer: TimerName): void {
    clearTimeout(this.#timers.get(timer));
    this.#timers.delete(timer);
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as NonNullable<typeof settle>) };
}
