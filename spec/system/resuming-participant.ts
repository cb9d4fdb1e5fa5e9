import { setTimeout as pause } from 'node:timers/promises';
import type { Farewell, ResumePlace, Welcome } from '../../lib/codec/messages.js';
import type { RoomEvent } from '../../lib/core/event.js';
import type { Rejection } from '../../lib/core/rejection.js';
import type { Endings } from './endings.js';
import { eventually } from './eventually.js';
import { type CallEnd, RawCaller, type RawChat } from './raw-caller.js';

export interface ParticipantStart {
  readonly name: string;
  readonly room?: string;
  /**
   * `host:port`, with a new connection for each try: grpc-js's own back-off is not what is tested. Or a caller, whose
   * connection others may have streams on too.
   */
  readonly server: string | RawCaller;
  /** The longest pause before a try; each is drawn by lot. */
  readonly pauseMsMax?: number;
}

/**
 * A participant who does by hand what the promises ask of a client: it keeps its place, resumes from there whenever its
 * stream is lost, sends again what was not acknowledged, and joins anew where its session is over. It mends nothing: an
 * event that comes twice or not at all is found so in `events`.
 */
export class ResumingParticipant {
  readonly name: string;
  /** All that it took in over all of its streams, in that order. */
  readonly events: RoomEvent[] = [];
  /** Its messages that came back to it, by their ordinals, and when each was first sent in Lamport's time. */
  readonly acknowledged = new Map<number, { readonly event: RoomEvent; readonly sent: number }>();
  /** Of its messages. */
  readonly refusals: Rejection[] = [];
  /** How often it was let in again, and how often as somebody new. */
  resumes = 0;
  joins = 0;
  readonly farewells: Farewell[] = [];
  /** Set when it tries no more. */
  over: CallEnd | 'stopped' | undefined;
  /** Told of whatever came in. */
  told: (() => void) | undefined;
  readonly #room: string;
  readonly #endings: Endings;
  readonly #server: string | RawCaller;
  readonly #pauseMsMax: number;
  readonly #unanswered = new Map<number, { readonly text: string; readonly sent: number }>();
  /** Of its own. */
  #caller: RawCaller | undefined;
  #chat: RawChat | undefined;
  #taken = 0;
  #live = false;
  #session: { readonly session: string; readonly logId: string } | undefined;
  #place = { sequence: 0, chain: '0000000000000000' };
  #anew = false;
  /** What it says again goes out as soon as it has this: then it knows what of that is in the log. */
  #sendsFrom = 0;
  #leaving = false;
  #ordinal = 0;
  #clock = 0;

  constructor(endings: Endings, { name, room = '', server, pauseMsMax = 50 }: ParticipantStart) {
    this.name = name;
    this.#endings = endings;
    this.#room = room;
    this.#server = server;
    this.#pauseMsMax = pauseMsMax;
    endings.add(() => {
      this.over ??= 'stopped';
    });
  }

  get session(): string {
    return this.#session?.session ?? '';
  }

  /** Whether its stream is open and it was let in by it. */
  get live(): boolean {
    return this.#live;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  get newest(): number {
    return this.#place.sequence;
  }

  /** What it resumes from. */
  get place(): ResumePlace | undefined {
    return this.#session && { ...this.#session, ...this.#place };
  }

  async join(): Promise<void> {
    this.#open();
    await eventually(
      () => `${this.name} is let in; ${JSON.stringify(this.over)}`,
      () => this.#live,
    );
  }

  /** Now if it is let in, or as soon as it is. */
  publish(text: string): number {
    this.#ordinal += 1;
    this.#unanswered.set(this.#ordinal, { text, sent: this.#tick() });
    // Otherwise it goes out with what is sent again.
    const ready = this.#live && this.#sendsFrom === Number.POSITIVE_INFINITY;
    if (ready) this.#chat?.publish(text, { ordinal: this.#ordinal, lamport: this.#clock });
    return this.#ordinal;
  }

  leave(): void {
    this.#leaving = true;
    this.#chat?.leave(this.#tick());
  }

  /** From here on a lost stream is not followed by another. */
  stop(): void {
    this.over ??= 'stopped';
  }

  heard(text: string, ms?: number): Promise<RoomEvent> {
    const found = (event: RoomEvent) => event.kind === 'message' && event.text === text;
    return eventually(
      () => `"${text}" for ${this.name}, who is at ${this.newest}`,
      () => this.events.findLast(found),
      ms,
    );
  }

  #tick(): number {
    this.#clock += 1;
    return this.#clock;
  }

  #callServer(): RawCaller {
    if (typeof this.#server !== 'string') return this.#server;
    this.#caller?.close();
    this.#caller = new RawCaller(this.#endings, this.#server);
    return this.#caller;
  }

  #open(): void {
    const chat = this.#callServer().chat();
    this.#chat = chat;
    this.#taken = 0;
    chat.told = () => {
      if (this.#chat === chat) this.#look(chat);
    };
    const { name } = this;
    const room = this.#room;
    const resumable = true;
    const resume = this.place;
    this.#anew = !resume && this.events.length > 0;
    if (resume) {
      chat.askToJoin({ name, room, resumable, resume }, this.#tick());
    } else {
      // Who comes anew asks for more of the past than it can have missed, and passes over what it had.
      chat.askToJoin({ name, room, resumable, history: this.#anew ? 1000 : 0 }, this.#tick());
    }
  }

  #look(chat: RawChat): void {
    if (chat.welcome && !this.#live && !chat.end) this.#letIn(chat.welcome);
    for (; this.#taken < chat.events.length; this.#taken += 1) this.#take(chat.events[this.#taken] as RoomEvent);
    if (this.#live && this.#place.sequence >= this.#sendsFrom) this.#sendAgain(chat);
    for (const refusal of chat.rejections.splice(0)) {
      if (this.#unanswered.delete(Number(refusal.ordinal))) this.refusals.push(refusal);
    }
    if (chat.end) this.#lost(chat.end, chat.farewell);
    this.told?.();
  }

  #letIn({ session, logId, sequence, chain, resumed, newest }: Welcome): void {
    this.#live = true;
    this.#sendsFrom = this.#anew ? newest : 0;
    if (resumed) this.resumes += 1;
    else {
      this.joins += 1;
      this.#session = { session, logId };
      if (!this.#anew) this.#place = { sequence, chain };
    }
  }

  #sendAgain(chat: RawChat): void {
    this.#sendsFrom = Number.POSITIVE_INFINITY;
    for (const [ordinal, { text }] of this.#unanswered) chat.publish(text, { ordinal, lamport: this.#tick() });
  }

  #take(event: RoomEvent): void {
    if (this.#anew && event.sequence <= this.#place.sequence) return;
    this.events.push(event);
    const { sequence, chain } = event;
    this.#place = { sequence, chain };
    this.#clock = Math.max(this.#clock, event.lamport) + 1;
    if (event.kind !== 'message' || event.participant !== this.name) return;
    const sent = this.#unanswered.get(event.ordinal)?.sent;
    if (sent === undefined) return;
    this.#unanswered.delete(event.ordinal);
    this.acknowledged.set(event.ordinal, { event, sent });
  }

  #lost(end: CallEnd, farewell: Farewell | undefined): void {
    this.#live = false;
    this.#chat = undefined;
    if (farewell) this.farewells.push(farewell);
    const reason = end.rejection?.reason;
    if (reason === 'SESSION_UNKNOWN') this.#session = undefined;
    if (this.#leaving || reason === 'HISTORY_LOST' || farewell?.reason === 'TAKEN_OVER') this.over ??= end;
    if (!this.over) void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    await pause(1 + Math.random() * this.#pauseMsMax);
    if (!this.over) this.#open();
  }
}
