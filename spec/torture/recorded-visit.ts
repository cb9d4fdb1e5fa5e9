import type { RoomEvent } from '../../lib/core/event.js';
import type { Rejection } from '../../lib/core/rejection.js';
import type { Place } from '../../lib/trace/history/history.js';
import { eventually } from '../system/eventually.js';
import type { RawCaller, RawChat } from '../system/raw-caller.js';
import type { ClientRecorder } from '../trace/recorder.js';

/** How long a server may take to answer a join, in milliseconds. */
const joinMsMax = 12_000;

interface Session {
  readonly session: string;
  readonly logId: string;
}

/** The visit of a raw caller to a room, over one stream after the other; all it goes through is written down. */
export class RecordedVisit {
  readonly room: string;
  readonly name: string;
  readonly record: ClientRecorder;
  readonly events: RoomEvent[] = [];
  readonly rejections: Rejection[] = [];
  /** The stream that is open. */
  chat: RawChat | undefined;
  readonly #resumable: boolean;
  #session: Session | undefined;
  #place: Place = { sequence: 0, chain: '' };
  #clock = 0;
  #in = false;
  #taken = 0;

  constructor(record: ClientRecorder, visit: { name: string; room: string; resumable: boolean }) {
    this.record = record;
    this.name = visit.name;
    this.room = visit.room;
    this.#resumable = visit.resumable;
  }

  get live(): boolean {
    return this.#in;
  }

  get session(): string {
    return this.#session?.session ?? '';
  }

  get sequence(): number {
    return this.#place.sequence;
  }

  /** The next time of its clock. */
  tick(): number {
    this.#clock += 1;
    return this.#clock;
  }

  /** Resumes, or joins where there is nothing to resume. Resolves with whether it was let in. */
  async enter(caller: RawCaller): Promise<boolean> {
    const chat = caller.chat();
    const { room, name } = this;
    const lamport = this.tick();
    const resume = this.#session && { ...this.#session, ...this.#place };
    this.record.join({ room, name, lamport, resume: resume && this.#place });
    this.chat?.cancel();
    this.chat = chat;
    this.#taken = 0;
    chat.told = () => {
      if (this.chat === chat) this.#look(chat);
    };
    chat.askToJoin({ room, name, resumable: this.#resumable, resume }, lamport);
    try {
      await eventually('an answer', () => this.#in || this.chat !== chat, joinMsMax);
    } catch {
      this.#lost(chat);
    }
    return this.#in;
  }

  /** What a server takes for a leave; resolves when the stream is over, or the time is. */
  async leave(): Promise<void> {
    const { chat } = this;
    if (!chat || !this.#in) return;
    const lamport = this.tick();
    this.record.leave(this.room, lamport);
    chat.leave(lamport);
    await eventually('the end', () => this.chat !== chat, joinMsMax).catch(() => this.#lost(chat));
    this.#over(this.events.some((event) => event.kind === 'left' && event.participant === this.name) ? 'left' : 'gone');
  }

  /** It gives the room up; the server will notice. */
  abandon(): void {
    this.chat?.cancel();
    this.#over('gone');
  }

  #look(chat: RawChat): void {
    if (chat.welcome && !this.#in && !chat.end) this.#welcomed(chat.welcome);
    for (; this.#taken < chat.events.length; this.#taken += 1) this.#take(chat.events[this.#taken] as RoomEvent);
    for (const rejection of chat.rejections.splice(0)) this.#rejected(rejection);
    if (chat.end) this.#lost(chat);
  }

  #welcomed(welcome: NonNullable<RawChat['welcome']>): void {
    this.record.welcome(welcome);
    const { session, logId, sequence, chain, resumed } = welcome;
    this.#in = true;
    if (resumed) return;
    this.#session = { session, logId };
    this.#place = { sequence, chain };
    this.events.length = 0;
  }

  #take(event: RoomEvent): void {
    this.record.receive(this.room, event);
    this.events.push(event);
    const { sequence, chain, lamport } = event;
    this.#place = { sequence, chain };
    this.#clock = Math.max(this.#clock, lamport);
  }

  #rejected(rejection: Rejection): void {
    this.rejections.push(rejection);
    if (this.#in) return;
    this.record.joinRefused(this.room, rejection);
    if (rejection.reason === 'SESSION_UNKNOWN' || rejection.reason === 'HISTORY_LOST') this.#over('gone');
  }

  #over(how: 'left' | 'gone'): void {
    if (this.#session) this.record.end(this.room, how);
    this.#session = undefined;
    this.#in = false;
    this.chat = undefined;
  }

  #lost(chat: RawChat): void {
    if (this.chat !== chat) return;
    chat.cancel();
    this.chat = undefined;
    this.#in = false;
    // A plain session is over with its stream.
    if (!this.#resumable) this.#over('gone');
  }
}
