import type { Welcome } from '../../lib/codec/messages.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { defaultRoom } from '../../lib/core/name.js';
import type { Rejection } from '../../lib/core/rejection.js';
import type { ClientHistory, History, LogReading, Place, Step, StepOf } from '../../lib/trace/history/history.js';

/** Writes a history down while it happens: a few calls from a simulation or a fault injector. */
export class HistoryRecorder {
  readonly #clients = new Map<string, ClientRecorder>();
  readonly #logs: LogReading[] = [];
  readonly #outsiders: boolean;

  /** `outsiders`: whether others than the recorded clients may have joined and spoken. */
  constructor({ outsiders = false }: { readonly outsiders?: boolean } = {}) {
    this.#outsiders = outsiders;
  }

  /** The record of `client`, begun at the first asking. `keepsClock`: see ClientHistory; decided at the first asking. */
  client(client: string, { keepsClock = true }: { readonly keepsClock?: boolean } = {}): ClientRecorder {
    const recorder = this.#clients.get(client) ?? new ClientRecorder(client, keepsClock);
    this.#clients.set(client, recorder);
    return recorder;
  }

  /** A room's whole log was read. `newest`: what the last page said; where it is not given, the last event's sequence. */
  log(reading: {
    readonly room: string;
    readonly logId: string;
    readonly events: readonly RoomEvent[];
    readonly newest?: number;
    readonly replaced?: boolean;
  }): void {
    this.#logs.push({ newest: reading.events.at(-1)?.sequence ?? 0, replaced: false, ...reading });
  }

  /** What was written down so far. */
  history(): History {
    return {
      clients: [...this.#clients.values()].map((recorder) => recorder.record()),
      logs: [...this.#logs],
      outsiders: this.#outsiders,
    };
  }
}

/** A publish as its client names it; the session is the room's present one where none is named. */
interface PublishName {
  readonly room: string;
  readonly session?: string | undefined;
  readonly ordinal: number | bigint;
}

/** Writes down what one client goes through: each call says that it happens now. The steps are described in history.ts. */
export class ClientRecorder {
  readonly #client: string;
  readonly #keepsClock: boolean;
  readonly #steps: Step[] = [];
  readonly #sessions = new Map<string, string>();
  /** The steps of which the sessions are known. */
  #known = 0;

  constructor(client: string, keepsClock: boolean) {
    this.#client = client;
    this.#keepsClock = keepsClock;
  }

  /** What was written down so far; it grows with each call, and others may add to it. */
  get steps(): Step[] {
    return this.#steps;
  }

  record(): ClientHistory {
    return { client: this.#client, keepsClock: this.#keepsClock, steps: [...this.#steps] };
  }

  /** The client's process starts, with the Lamport time that it kept; or, where a room is named, its visit there. */
  start(clock = 0, room?: string): void {
    this.#steps.push(room === undefined ? { kind: 'start', clock } : { kind: 'start', clock, room });
  }

  join(join: {
    room: string;
    name: string;
    lamport: number;
    resume?: Place | undefined;
    server?: string | undefined;
  }): void {
    this.#steps.push({ ...join, kind: 'join', room: join.room || defaultRoom });
  }

  joinRefused(room: string, { reason }: Pick<Rejection, 'reason'>): void {
    this.#steps.push({ kind: 'join-refused', room: room || defaultRoom, reason });
  }

  /**
   * `continues`: what is received from now on goes on from what was before. A resume always does; a new join does where the client
   * fills in what it missed by ReadHistory.
   */
  welcome(
    welcome: Pick<Welcome, 'session' | 'room' | 'logId' | 'sequence' | 'chain' | 'newest' | 'resumed' | 'ordinal'>,
    { continues = welcome.resumed }: { readonly continues?: boolean } = {},
  ): void {
    const { session, room, logId, sequence, chain, newest, resumed, ordinal } = welcome;
    const place = { sequence, chain };
    this.#steps.push({ kind: 'welcome', room, session, logId, place, newest, resumed, ordinal, continues });
  }

  /** `clock`: the client's own time afterwards. */
  receive(room: string, event: RoomEvent, clock?: number): void {
    this.#steps.push({ kind: 'receive', room, event, clock });
  }

  /** An event read by ReadHistory fills a gap, and is shown like those received. */
  fill(room: string, event: RoomEvent, clock?: number): void {
    this.#steps.push({ kind: 'receive', room, event, clock, filled: true });
  }

  send(send: PublishName & { text: string; lamport: number; seen: number; at?: number }): void {
    this.#steps.push({ ...send, kind: 'send', session: this.#sessionOf(send) });
  }

  accepted(answer: PublishName & { event: RoomEvent; duplicate?: boolean; at?: number }): void {
    this.#steps.push({ duplicate: false, ...answer, kind: 'accepted', session: this.#sessionOf(answer) });
  }

  refused(answer: PublishName & Pick<Rejection, 'reason'>): void {
    const { room, ordinal, reason } = answer;
    this.#steps.push({ kind: 'refused', room, ordinal, reason, session: this.#sessionOf(answer) });
  }

  /** No answer will come: the visit is over, or the client dead. */
  unknown(answer: PublishName): void {
    const { room, ordinal } = answer;
    this.#steps.push({ kind: 'unknown', room, ordinal, session: this.#sessionOf(answer) });
  }

  /** To be called for whatever the server may take for a leave: of a plain session, a closed sending side and a cancelled call too. */
  leave(room: string, lamport?: number): void {
    this.#steps.push({ kind: 'leave', room, lamport, session: this.#sessionOf({ room }) });
  }

  /** How far it says it has come. */
  place(room: string, place: { sequence: number; logId?: string; chain?: string }): void {
    this.#steps.push({ ...place, kind: 'place', room });
  }

  /** The connection is lost. `reason` is for people. */
  offline(room: string, reason = ''): void {
    this.#steps.push({ kind: 'offline', room, reason });
  }

  end(room: string, how: StepOf<'end'>['how'], upTo?: number): void {
    this.#steps.push({ kind: 'end', room, how, upTo });
  }

  #sessionOf({ room, session }: { readonly room: string; readonly session?: string | undefined }): string {
    for (; this.#known < this.#steps.length; this.#known += 1) {
      const step = this.#steps[this.#known];
      if (step?.kind === 'welcome') this.#sessions.set(step.room, step.session);
    }
    return session ?? this.#sessions.get(room) ?? '';
  }
}
