import { map, type Observable } from 'rxjs';
import type { ClientJournal } from '../codec/log-records.js';
import type { Welcome } from '../codec/responses.js';
import type { LamportClock } from '../core/clock.js';
import type { LeftReason, RoomEvent } from '../core/event.js';
import type { VisitPlace } from './chat-client.js';
import { HeldEvents } from './held-events.js';
import { clientLimits } from './limits.js';
import { OrderCheck } from './order-check.js';
import type { Outbox } from './outbox.js';
import { Presence } from './presence.js';

export interface IntakeParts {
  readonly room: string;
  readonly name: string;
  readonly clock: LamportClock;
  readonly outbox: Outbox;
  readonly journal: ClientJournal;
  /** Nobody has subscribed to the events, and no more should be taken in before somebody does … */
  readonly filled: () => void;
  /** … as somebody has now. */
  readonly read: () => void;
}

/** The place in a room's history that a visit goes on from. */
export type HistoryPlace = Pick<VisitPlace, 'logId' | 'sequence' | 'chain'>;

interface Taken {
  readonly event: RoomEvent;
  readonly before: HistoryPlace;
}

/**
 * What a visit takes in, whichever connections and sessions it comes by: one history without gap or duplicate [P2] [P3].
 * It knows which sessions of the participant's name are the visit's own, and so which messages answer its publishes.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #events: HeldEvents<Taken>;
  readonly events$: Observable<RoomEvent>;
  #logId = '';
  #order = new OrderCheck({ sequence: 0, chain: '' });
  #presence = new Presence([], 0);
  /** The sequence before the first event of this history that the visit was sent. */
  #before = 0;
  /** The sequence before the Joined of the newest session. */
  #start = 0;
  #settled = true;
  #own = false;
  #left: LeftReason | undefined;

  /** `place`: where an earlier visit, whose session may go on, has stopped. */
  constructor(parts: IntakeParts, place?: HistoryPlace) {
    this.#parts = parts;
    const { filled, read } = parts;
    this.#events = new HeldEvents(clientLimits.eventsHeldMax, { filled, read });
    this.events$ = this.#events.values$.pipe(map(({ event }) => event));
    if (!place) return;
    this.#logId = place.logId;
    this.#order = new OrderCheck(place);
    this.#before = place.sequence;
    this.#start = place.sequence;
    this.#own = true;
  }

  /** The place of the last event that a reader was given: earlier than `place` while events wait for the first one. */
  get readPlace(): HistoryPlace {
    return this.#events.first?.before ?? this.place;
  }

  /** Whether so much waits for the first reader that no more should be taken in. */
  get full(): boolean {
    return this.#events.full;
  }

  /** The last event taken in. */
  get place(): HistoryPlace {
    const { sequence, chain } = this.#order;
    return { logId: this.#logId, sequence, chain };
  }

  get before(): number {
    return this.#before;
  }

  get participants(): readonly string[] {
    return this.#presence.names;
  }

  /** Whether all events of earlier sessions are known, so that publishes may go out in the newest one. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Why the newest own session ended, if it did. */
  get left(): LeftReason | undefined {
    return this.#left;
  }

  /** The first welcome, or one of another history: what was received before is not gone on with. */
  begun(welcome: Welcome): void {
    this.#logId = welcome.logId;
    this.#order = new OrderCheck(welcome);
    this.#before = welcome.sequence;
    this.#own = false;
    this.#parts.outbox.newHistory();
    this.joined(welcome);
  }

  /** A session begins. What lies between the place and its welcome is still to be taken in. */
  joined({ newest, participants }: Welcome): void {
    this.#start = newest;
    this.#left = undefined;
    this.#presence = new Presence(participants, newest);
    this.#settled = false;
    this.#settle();
  }

  /** The session of an earlier visit goes on, of which nothing but its place is known. */
  continued({ newest, participants }: Welcome): void {
    this.#presence = new Presence(participants, newest);
  }

  /**
   * Takes the next event in; false, and nothing is taken in, if it is not the next of this history. `filled`: it was read
   * by ReadHistory because it was missed.
   */
  take(event: RoomEvent, { filled = false }: { readonly filled?: boolean } = {}): boolean {
    const before = this.place;
    if (!this.#order.take(event)) return false;
    const { room, clock, journal } = this.#parts;
    clock.receive(event.lamport);
    this.#presence.take(event);
    this.#followOwnSession(event);
    journal.info('receive', { ...logged(event), room, clock: clock.time, ...(filled && { filled }) });
    this.#events.next({ event, before });
    if (event.kind === 'message' && this.#isOwn(event)) this.#parts.outbox.accepted(event);
    if (!this.#settled) this.#settle();
    return true;
  }

  /** The visit is being left: a reader that has not come by now is waited for no more. */
  letGo(): void {
    this.#events.letGo();
  }

  complete(): void {
    this.#events.complete();
  }

  #followOwnSession(event: RoomEvent): void {
    if (event.participant !== this.#parts.name) return;
    if (event.kind === 'joined' && event.sequence === this.#start + 1) {
      this.#own = true;
      this.#left = undefined;
    } else if (event.kind === 'left' && this.#own) {
      this.#own = false;
      this.#left = event.reason;
    }
  }

  #isOwn(event: RoomEvent): boolean {
    return this.#own && event.participant === this.#parts.name;
  }

  #settle(): void {
    const { outbox } = this.#parts;
    this.#settled = !outbox.unsettled || this.#order.sequence >= this.#start;
    if (this.#settled) outbox.newSession();
  }
}

/** An event as log records tell of it: `lamport` is its stamp, for the client's own time see `clock` [S7] [T4]. */
function logged({ timeMs, kind, ...event }: RoomEvent): RoomEvent {
  return { kind, ...event, timeMs } as RoomEvent;
}
