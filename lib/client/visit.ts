import { type Client, status as grpcStatus } from '@grpc/grpc-js';
import type { Observable } from 'rxjs';
import { type ClientJournal, logFormat } from '../codec/log-records.js';
import { encodeChatRequest } from '../codec/requests.js';
import type { ChatResponse, RoomSummary, Welcome } from '../codec/responses.js';
import { LamportClock } from '../core/clock.js';
import type { RoomEvent } from '../core/event.js';
import { type Rejection, rejection } from '../core/rejection.js';
import { sessionTag } from '../core/session-tag.js';
import { codePoints } from '../core/text.js';
import { aborted } from '../platform/deadline.js';
import type { ChatClient, PublishedMessage, Status, VisitPlace } from './chat-client.js';
import type { ChatStream, StreamEnd } from './chat-stream.js';
import { Comeback, lastStatus, sentence } from './comeback.js';
import { type Entered, Entrance } from './entrance.js';
import { CannotConnect, Refused, VisitOver } from './errors.js';
import { Gate, type GateReason } from './gate.js';
import { Intake } from './intake.js';
import { clientLimits } from './limits.js';
import { Outbox, type Sendable } from './outbox.js';
import { Pause } from './pause.js';
import { listRooms, readHistory } from './service-calls.js';
import { StatusFeed } from './status-feed.js';
import { verdict, whyLost } from './verdict.js';

export interface VisitParts {
  readonly server: string;
  readonly proxy: string | undefined;
  readonly room: string;
  readonly name: string;
  readonly history: number;
  readonly reconnect: boolean;
  readonly offlineMsMax: number;
  readonly publishMsMax: number;
  readonly resume: VisitPlace | undefined;
  /** Default: one of the visit's own. */
  readonly clock: LamportClock | undefined;
  readonly journal: ClientJournal;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** A visit under way: the ChatClient that `connect` gives. It lives through as many connections as it takes. */
export class Visit implements ChatClient {
  readonly room: string;
  readonly name: string;
  readonly events$: Observable<RoomEvent>;
  readonly status$: Observable<Status>;
  readonly #parts: VisitParts;
  readonly #clock: LamportClock;
  readonly #outbox: Outbox;
  readonly #intake: Intake;
  readonly #entrance: Entrance;
  readonly #comeback: Comeback;
  readonly #status = new StatusFeed();
  readonly #gate = new Gate();
  readonly #pause = new Pause();
  readonly #over = new AbortController();
  #client: Client | undefined;
  #stream: ChatStream | undefined;
  #welcome: Welcome | undefined;
  #fault: string | undefined;
  /** Whether the rest of the present stream's events is left to the next one. */
  #skipping = false;
  #leaving: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Whether the server has only `leaveMsMax` to end the visit, not counting the time for which its reader has paused. */
  #hurried = false;
  #impatience: NodeJS.Timeout | undefined;
  #leaveRefused: (refused: Refused) => void = () => {};

  constructor(parts: VisitParts) {
    const { room, name, resume, reconnect, journal, publishMsMax } = parts;
    this.#parts = parts;
    this.room = room;
    this.name = name;
    this.#clock = parts.clock ?? new LamportClock(resume?.lamport);
    if (parts.clock && resume) this.#clock.receive(resume.lamport);
    const limits = { ...clientLimits, publishMsMax };
    this.#outbox = new Outbox(limits, resume?.ordinal, ({ kind, ...answer }) =>
      journal.info(kind, { ...this.#identifiers, ...answer }),
    );
    const reader = { filled: () => this.#hold('unread'), read: () => this.#letOn('unread') };
    this.#intake = new Intake({ room, name, clock: this.#clock, outbox: this.#outbox, journal, ...reader }, resume);
    const shared = {
      ...parts,
      clock: this.#clock,
      outbox: this.#outbox,
      intake: this.#intake,
      gate: this.#gate,
      pause: this.#pause,
      over: this.#over.signal,
      leaving: () => this.#isLeaving,
      tell: (status: Status) => this.#status.tell(status),
    };
    this.#entrance = new Entrance({ ...shared, resumable: reconnect }, resume?.session);
    this.#comeback = new Comeback({ ...shared, entrance: this.#entrance });
    this.events$ = this.#intake.events$;
    this.status$ = this.#status.status$;
  }

  /** Joins. Resolves when the server has let it in, and then the visit goes on by itself; rejects where it has not. */
  async begin(): Promise<void> {
    this.#parts.journal.info('begin', {
      ...this.#identifiers,
      server: this.#parts.server,
      clock: this.time,
      format: logFormat,
    });
    const entered = await this.#entrance.begin();
    void this.#live(entered).catch((err) => {
      this.#parts.journal.error('visit-failed', { participant: this.name, room: this.room, err });
      this.#end({ state: 'ended', reason: `The visit failed (${err.message}). Join anew.` });
    });
  }

  get textCodePointsMax(): number {
    return this.#welcome?.textLengthMax ?? 0;
  }

  get time(): number {
    return this.#clock.time;
  }

  get participants(): readonly string[] {
    return this.#intake.participants;
  }

  get place(): VisitPlace {
    const { server, room, name } = this.#parts;
    const { session } = this.#entrance;
    return {
      server,
      room,
      name,
      session,
      ...this.#intake.readPlace,
      ordinal: this.#outbox.ordinal,
      lamport: this.time,
    };
  }

  publish(text: string): Promise<PublishedMessage> {
    if (this.#isLeaving || this.#isOver) return Promise.reject(new VisitOver('the visit is over', false));
    // Not left to the server, which refuses a request that is too large together with its stream.
    if (codePoints(text, this.textCodePointsMax) > this.textCodePointsMax) {
      return Promise.reject(new Refused(rejection('TEXT_TOO_LONG', this.#outbox.next)));
    }
    const answer = this.#outbox.add(text, this.#intake.place.sequence);
    this.#flush();
    return answer;
  }

  pause(): void {
    this.#hold('paused');
  }

  resume(): void {
    this.#letOn('paused');
  }
  close(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  leave(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    if (this.#closing) return this.#closing;
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async rooms(): Promise<RoomSummary[]> {
    return listRooms(this.#connected);
  }

  async history(limit: number, before = this.#intake.before + 1): Promise<RoomEvent[]> {
    const events: RoomEvent[] = [];
    let after = Math.max(0, before - 1 - limit);
    while (after < before - 1) {
      const page = await readHistory(this.#connected, this.room, after, before - 1 - after);
      if (page.events.length === 0) break;
      events.push(...page.events);
      after += page.events.length;
    }
    return events;
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  get #isLeaving(): boolean {
    return this.#leaving !== undefined || this.#closing !== undefined;
  }

  get #connected(): Client {
    if (!this.#client) throw new CannotConnect('there is no connection to the server at the moment');
    return this.#client;
  }

  get #identifiers() {
    return { participant: this.name, room: this.room };
  }

  get #ownIdentifiers() {
    return { ...this.#identifiers, session: sessionTag(this.#entrance.session) };
  }

  /** Connection after connection, until the visit is over. */
  async #live(first: Entered): Promise<void> {
    let entered = await this.#caughtUp(first);
    while (entered && 'stream' in entered) {
      const since = performance.now();
      const end = await this.#serve(entered);
      if (this.#isOver) return;
      const { reconnect } = this.#parts;
      const { left } = this.#intake;
      const last = verdict(end, { fault: this.#fault, leaving: this.#isLeaving, left, reconnect });
      if (performance.now() - since >= clientLimits.settledMs) this.#comeback.settled();
      if (!last && !this.#isLeaving && end.code === grpcStatus.DATA_LOSS) this.#entrance.historyDamaged();
      entered = last ?? (await this.#comeback.enter(whyLost(end)));
    }
    if (entered) this.#end(entered);
  }

  /** The first connection when it is known what an earlier visit has missed, or what comes instead of it. */
  async #caughtUp(entered: Entered): Promise<Entered | Status | undefined> {
    this.#welcome = entered.stream.welcome;
    this.#client = entered.client;
    try {
      await this.#entrance.catchUp(entered);
      return entered;
    } catch (error) {
      this.#client = undefined;
      return this.#isOver ? undefined : (lastStatus(error) ?? this.#comeback.enter(sentence(error)));
    }
  }

  /** Takes part over one connection. Resolves with its end. */
  async #serve({ client, stream, again }: Entered): Promise<StreamEnd> {
    this.#client = client;
    this.#stream = stream;
    this.#skipping = false;
    this.#welcome = stream.welcome;
    for (const sendable of again) this.#send('send-again', sendable);
    this.#flush();
    if (this.#closing) this.#hangUp();
    else if (this.#leaving) this.#sendLeave();
    this.#tellProgress();
    stream.listen((response) => this.#take(response));
    if (this.#gate.isOpen) stream.resume();
    const end = await stream.ended;
    this.#stream = undefined;
    this.#client = undefined;
    client.close();
    return end;
  }

  #take({ events, rejection: refusal }: ChatResponse): void {
    // What a stream that is over still had for a reader who has not come is not waited with: a new one brings it again.
    if (this.#intake.full && this.#parts.reconnect && this.#stream?.isOver) this.#skipping = true;
    if (!this.#skipping) for (const event of events) if (!this.#fault && !this.#isOver) this.#receive(event);
    if (refusal) this.#refused(refusal);
    if (this.#status.present?.state !== 'live') this.#tellProgress();
    this.#flush();
  }

  #receive(event: RoomEvent): void {
    if (this.#intake.take(event)) return;
    this.#fault = `The server sent event ${event.sequence} out of order, or with another history than before`;
    this.#stream?.cancel();
  }

  #refused(refusal: Rejection): void {
    this.#parts.journal.warn('refused', { ...this.#ownIdentifiers, ...refusal, ordinal: Number(refusal.ordinal) });
    if (refusal.ordinal !== 0) {
      this.#outbox.refused(refusal);
      return;
    }
    this.#leaving = undefined;
    if (!this.#closing) {
      this.#hurried = false;
      clearTimeout(this.#impatience);
    }
    this.#leaveRefused(new Refused(refusal));
  }

  #tellProgress(): void {
    if (!this.#welcome || this.#isOver) return;
    const behind = this.#welcome.newest - this.#intake.place.sequence;
    const { present } = this.#status;
    if (behind <= 0) this.#status.tell({ state: 'live' });
    else if (present?.state !== 'catching-up' || present.behind !== behind) {
      this.#status.tell({ state: 'catching-up', behind });
    }
  }

  /** Sends what waits, once it is known what became of what was sent before [P6]. */
  #flush(): void {
    if (!this.#stream || !this.#intake.settled) return;
    for (const sendable of this.#outbox.flush()) this.#send('send', sendable);
  }

  #send(record: 'send' | 'send-again', { text, ordinal, seen }: Sendable): void {
    const lamport = this.#clock.tick();
    this.#outbox.sent(ordinal, lamport);
    this.#parts.journal.info(record, { ...this.#ownIdentifiers, lamport, ordinal, seen, text });
    this.#stream?.send(encodeChatRequest({ lamport, action: { kind: 'publish', text, ordinal, seen } }));
  }

  #sendLeave(): void {
    const lamport = this.#clock.tick();
    this.#parts.journal.info('send-leave', { ...this.#ownIdentifiers, lamport });
    this.#stream?.askToLeave(encodeChatRequest({ lamport, action: { kind: 'leave' } }));
  }

  /** Says nothing any more. The server owes the leave then, if it was asked for one. */
  #hangUp(): void {
    if (!this.#stream) return;
    if (!this.#stream.askedToLeave) this.#sendLeave();
    this.#parts.journal.info('half-close', this.#ownIdentifiers);
    this.#stream.halfClose();
  }

  async #leave(): Promise<void> {
    const refused = new Promise<never>((_, reject) => {
      this.#leaveRefused = reject;
    });
    if (this.#stream) this.#sendLeave();
    this.#hurry();
    await Promise.race([aborted(this.#over.signal), refused]);
  }

  async #close(): Promise<void> {
    this.#hangUp();
    this.#hurry();
    await aborted(this.#over.signal);
  }

  #hurry(): void {
    this.#hurried = true;
    // Without a connection: try now.
    if (!this.#stream) this.#pause.end();
    // The own Left comes after all that waits, so whoever has paused, or has not come, is waited for no more.
    this.#intake.letGo();
    this.#letOn();
  }

  /** Takes in nothing more for `reason`. */
  #hold(reason: GateReason): void {
    this.#gate.shut(reason);
    this.#stream?.pause();
    clearTimeout(this.#impatience);
  }

  /** As far as `reason` goes, or for any, it may go on. */
  #letOn(reason?: GateReason): void {
    this.#gate.open(reason);
    if (!this.#gate.isOpen) return;
    this.#stream?.resume();
    clearTimeout(this.#impatience);
    if (!this.#hurried || this.#isOver) return;
    this.#impatience = setTimeout(() => this.#leaveUnconfirmed(), clientLimits.leaveMsMax);
  }

  #leaveUnconfirmed(): void {
    const within = `within ${clientLimits.leaveMsMax / 1000} s`;
    const reason = this.#stream
      ? `The server did not confirm the leave ${within}.`
      : `The server could not be told of the leave ${within}. It ends the session by itself.`;
    this.#end({ state: 'ended', reason });
  }

  #end(status: Status): void {
    if (this.#isOver) return;
    const { place, left } = this.#intake;
    this.#parts.journal.info('disconnect', { ...this.#identifiers, ...place, ...status, ...(left && { left }) });
    clearTimeout(this.#impatience);
    this.#over.abort();
    this.#outbox.over(status.state === 'ended' ? status.reason : 'the visit is over');
    this.#intake.complete();
    this.#status.tell(status);
    this.#status.complete();
    this.#gate.open();
    this.#pause.end();
    this.#stream?.cancel();
    this.#client?.close();
  }
}
