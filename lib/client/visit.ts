import { type Client, type ClientDuplexStream, status as grpcStatus, type StatusObject } from '@grpc/grpc-js';
import { type Observable, ReplaySubject } from 'rxjs';
import { encodeChatRequest } from '../codec/requests.js';
import type { ChatResponse, Farewell, RoomSummary, Welcome } from '../codec/responses.js';
import type { LamportClock } from '../core/clock.js';
import type { MessageEvent, RoomEvent } from '../core/event.js';
import { type Rejection, rejection } from '../core/rejection.js';
import { codePoints } from '../core/text.js';
import type { Journal } from '../journal/journal.js';
import type { ChatClient, Status } from './chat-client.js';
import { Refused, VisitOver } from './errors.js';
import { HeldEvents } from './held-events.js';
import { clientLimits } from './limits.js';
import { OrderCheck } from './order-check.js';
import { listRooms, readHistory } from './service-calls.js';
import { Unanswered } from './unanswered.js';

export interface VisitParts {
  readonly client: Client;
  readonly stream: ClientDuplexStream<Buffer, ChatResponse>;
  readonly welcome: Welcome;
  readonly name: string;
  readonly clock: LamportClock;
  readonly journal: Journal;
}

/** A visit under way: the ChatClient that `connect` gives. */
export class Visit implements ChatClient {
  readonly room: string;
  readonly name: string;
  readonly textCodePointsMax: number;
  readonly events$: Observable<RoomEvent>;
  readonly status$: Observable<Status>;
  readonly #parts: VisitParts;
  readonly #order: OrderCheck;
  readonly #events: HeldEvents<RoomEvent>;
  /** Tells its newest value also to those who ask when the visit is over. */
  readonly #status$ = new ReplaySubject<Status>(1);
  readonly #unanswered = new Unanswered(clientLimits.publishesUnansweredMax);
  readonly #present: Set<string>;
  readonly #over: Promise<void>;
  #ordinal: number;
  #farewell: Farewell | undefined;
  #fault: string | undefined;
  #leaving: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Whether the own Left was received. */
  #left = false;
  #ended = false;
  /** Whether the server has only `leaveMsMax` to end the visit, not counting the time for which its reader has paused. */
  #hurried = false;
  #impatience: NodeJS.Timeout | undefined;
  #leaveRefused: ((refused: Refused) => void) | undefined;

  constructor(parts: VisitParts) {
    const { welcome, stream } = parts;
    this.#parts = parts;
    this.room = welcome.room;
    this.name = parts.name;
    this.textCodePointsMax = welcome.textLengthMax;
    this.#order = new OrderCheck(welcome);
    this.#events = new HeldEvents(clientLimits.eventsHeldMax);
    this.events$ = this.#events.values$;
    this.status$ = this.#status$.asObservable();
    this.#status$.next({ state: 'joined' });
    this.#present = new Set(welcome.participants);
    this.#ordinal = welcome.ordinal;
    this.#over = new Promise((resolve) => this.#status$.subscribe({ complete: resolve }));
    stream.on('data', (response: ChatResponse) => this.#take(response));
    stream.on('status', (status: StatusObject) => this.#end(status));
    // The status says what an error would.
    stream.on('error', () => {});
    // `connect` had stopped it after the welcome.
    stream.resume();
  }

  get time(): number {
    return this.#parts.clock.time;
  }

  get participants(): readonly string[] {
    return [...this.#present];
  }

  publish(text: string): Promise<MessageEvent> {
    const { clock, stream, journal } = this.#parts;
    if (this.#leaving || this.#closing || this.#ended) return Promise.reject(new VisitOver('the visit is over'));
    // Not left to the server, which refuses a request that is too large together with its stream.
    if (codePoints(text, this.textCodePointsMax) > this.textCodePointsMax) {
      return Promise.reject(new Refused(rejection('TEXT_TOO_LONG', this.#ordinal + 1)));
    }
    this.#ordinal += 1;
    const ordinal = this.#ordinal;
    const answer = this.#unanswered.wait(ordinal);
    if (!this.#unanswered.has(ordinal)) return answer;
    const lamport = clock.tick();
    journal.info('send', { participant: this.name, room: this.room, lamport, ordinal, text });
    stream.write(
      encodeChatRequest({ lamport, action: { kind: 'publish', text, ordinal, seen: this.#order.sequence } }),
    );
    return answer;
  }

  leave(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    if (this.#closing) return this.#closing;
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  close(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #leave(): Promise<void> {
    const { clock, stream, journal } = this.#parts;
    const refused = new Promise<never>((_, reject) => {
      this.#leaveRefused = reject;
    });
    const lamport = clock.tick();
    journal.info('send-leave', { participant: this.name, room: this.room, lamport });
    stream.write(encodeChatRequest({ lamport, action: { kind: 'leave' } }));
    this.#hurried = true;
    // The own Left comes after all that waits, so whoever has paused reads on.
    this.resume();
    await Promise.race([this.#over, refused]);
  }

  #close(): Promise<void> {
    const { stream, journal } = this.#parts;
    journal.info('half-close', { participant: this.name, room: this.room });
    stream.end();
    this.#hurried = true;
    this.resume();
    return this.#over;
  }

  pause(): void {
    this.#parts.stream.pause();
    clearTimeout(this.#impatience);
  }

  resume(): void {
    const { stream } = this.#parts;
    stream.resume();
    clearTimeout(this.#impatience);
    if (!this.#hurried || this.#ended) return;
    this.#impatience = setTimeout(() => stream.cancel(), clientLimits.leaveMsMax);
  }

  rooms(): Promise<RoomSummary[]> {
    return listRooms(this.#parts.client);
  }

  async history(limit: number, before = this.#parts.welcome.sequence + 1): Promise<RoomEvent[]> {
    const events: RoomEvent[] = [];
    let after = Math.max(0, before - 1 - limit);
    while (after < before - 1) {
      const page = await readHistory(this.#parts.client, this.room, after, before - 1 - after);
      if (page.events.length === 0) break;
      events.push(...page.events);
      after += page.events.length;
    }
    return events;
  }

  #take({ events, rejection: refusal, farewell }: ChatResponse): void {
    for (const event of events) if (!this.#fault) this.#receive(event);
    if (refusal) this.#refused(refusal);
    if (farewell) this.#farewell = farewell;
  }

  #receive(event: RoomEvent): void {
    const { clock, welcome, stream, journal, name } = this.#parts;
    if (!this.#order.take(event)) {
      this.#fault = `the server sent event ${event.sequence} out of order, or with another history than before`;
      stream.cancel();
      return;
    }
    clock.receive(event.lamport);
    const live = event.sequence > welcome.newest;
    if (live && event.kind === 'joined') this.#present.add(event.participant);
    if (live && event.kind === 'left') this.#present.delete(event.participant);
    // An earlier visit of the same name may end after the welcome: only the newest counts.
    if (live && event.participant === name) this.#left = event.kind === 'left';
    journal.info('receive', { ...logged(event), room: this.room, clock: clock.time });
    this.#events.next(event);
    if (live && event.kind === 'message' && event.participant === name) this.#unanswered.accepted(event);
  }

  #refused(refusal: Rejection): void {
    const { journal, name } = this.#parts;
    journal.warn('refused', { participant: name, room: this.room, ...refusal });
    if (refusal.ordinal !== 0) {
      this.#unanswered.refused(refusal);
      return;
    }
    this.#leaving = undefined;
    if (!this.#closing) {
      this.#hurried = false;
      clearTimeout(this.#impatience);
    }
    this.#leaveRefused?.(new Refused(refusal));
  }

  #end({ code, details }: StatusObject): void {
    if (this.#ended) return;
    const { client, stream, journal, name } = this.#parts;
    // grpc-js tells of the end while responses still wait for a reader that has paused: they come before it [P3].
    while (stream.read() !== null);
    this.#ended = true;
    clearTimeout(this.#impatience);
    const asked = this.#leaving !== undefined || this.#closing !== undefined;
    const status: Status =
      asked && this.#left ? { state: 'left' } : { state: 'ended', reason: this.#why(code, details, asked) };
    journal.info('disconnect', { participant: name, room: this.room, ...status, code });
    this.#unanswered.over(status.state === 'ended' ? status.reason : 'the visit is over');
    this.#events.complete();
    this.#status$.next(status);
    this.#status$.complete();
    client.close();
  }

  #why(code: number, details: string, asked: boolean): string {
    if (this.#fault) return `${this.#fault}. Join anew, and tell the server's operator.`;
    switch (this.#farewell?.reason) {
      case 'SERVER_STOPPING':
        return 'The server is stopping. Join again when it is back.';
      case 'REMOVED':
        return 'The server removed you from the room.';
      case 'TAKEN_OVER':
        return 'This visit was continued elsewhere.';
      default:
        if (code === grpcStatus.CANCELLED && asked) {
          return `The server did not confirm the leave within ${clientLimits.leaveMsMax / 1000} s.`;
        }
        if (code === grpcStatus.OK && asked) return 'The server ended the visit without confirming the leave.';
        if (code === grpcStatus.OK) return 'The server ended the visit. Join anew.';
        return `The connection is lost (${details}). Join anew.`;
    }
  }
}

/** An event as log records tell of it: `lamport` is its stamp, for the client's own time see `clock` [S7] [T4]. */
function logged({ timeMs, kind, ...event }: RoomEvent): object {
  return { kind, ...event, timeMs };
}
