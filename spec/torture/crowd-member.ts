import { setTimeout as pause } from 'node:timers/promises';
import { type ChatClient, connect, LamportClock } from '../../lib/client/index.js';
import type { RoomEvent } from '../../lib/core/event.js';
import type { Journal } from '../../lib/platform/journal.js';
import type { ClientLogReader } from '../../lib/trace/history/logs/client-log-reader.js';
import { recordedIn } from '../system/recorded-in.js';
import type { ClientRecorder } from '../trace/recorder.js';
import type { Findings } from './findings.js';
import type { Member } from './member.js';

/** Messages of one visit that wait for their event; while there are so many, nothing more is said. */
const unansweredMax = 200;

/** The pause before another try to come in, in milliseconds. */
const tryAgainMs = 300;

/** How long one that comes back is waited for, in milliseconds. */
const comingMsMax = 10_000;

/** What a visit may end with though nobody is at fault. */
const innocentEnds = /did not confirm the leave|could not be told of the leave|without confirming the leave/;

export interface CrowdMemberParts {
  readonly name: string;
  readonly rooms: readonly string[];
  /** `host:port` of its network. */
  readonly server: string;
  readonly log: ClientLogReader;
  readonly record: ClientRecorder;
  readonly findings: Findings;
  readonly random: () => number;
  /** Told of each event that it receives. */
  readonly heard?: (event: RoomEvent) => void;
  /** A planned time, which ends early where the run does. */
  readonly rest: (ms: number) => Promise<void>;
}

interface Stay {
  readonly visit: ChatClient;
  live: boolean;
  unanswered: number;
  /** Resolves when the visit is over. */
  readonly over: Promise<void>;
}

/** A program with the client library, in one room or several, with one clock. */
export class CrowdMember implements Member {
  readonly name: string;
  readonly rooms: readonly string[];
  readonly #parts: CrowdMemberParts;
  readonly #clock = new LamportClock();
  readonly #stays = new Map<string, Stay>();
  readonly #journal: Journal;
  /** By room, the tries to come in that go on. */
  readonly #entering = new Map<string, Promise<void>>();
  #gone = false;

  constructor(parts: CrowdMemberParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.rooms = parts.rooms;
    this.#journal = recordedIn(parts.log);
  }

  get live(): boolean {
    return this.rooms.every((room) => this.#stays.get(room)?.live);
  }

  sequence(room: string): number {
    return this.#stays.get(room)?.visit.place.sequence ?? 0;
  }

  /** Joins all of its rooms, trying as long as it takes. */
  async come(): Promise<void> {
    for (const room of this.rooms) await this.#enter(room);
  }

  say(text: string, room: string): void {
    const stay = this.#stays.get(room);
    if (!stay || stay.unanswered >= unansweredMax) return;
    stay.unanswered += 1;
    const answered = () => {
      stay.unanswered -= 1;
    };
    // What became of it is in the log records.
    stay.visit.publish(text).then(answered, answered);
  }

  /** Takes nothing in for `ms`. */
  async readNothing(ms: number): Promise<void> {
    const stays = [...this.#stays.values()];
    for (const { visit } of stays) visit.pause();
    await this.#parts.rest(ms);
    for (const { visit } of stays) visit.resume();
  }

  async leaveAndJoin(awayMs: number): Promise<void> {
    await this.leave();
    await this.#parts.rest(awayMs);
    this.#gone = false;
    // Where it is not let in, as to a room that cannot be read, it goes on trying meanwhile.
    await Promise.race([this.come(), this.#parts.rest(comingMsMax)]);
  }

  /** Leaves all rooms; resolves when the visits are over, the leaves confirmed or not. */
  async leave(): Promise<void> {
    this.#gone = true;
    const stays = [...this.#stays.values()];
    // Asked for here, however far the wish gets: a connection that is given up may be heard of as a closed stream.
    for (const { visit } of stays) this.#parts.record.leave(visit.room);
    await Promise.all(stays.map(({ visit }) => visit.leave().catch(() => visit.close())));
    await Promise.all(stays.map(({ over }) => over));
  }

  /** Why it is not live, for people. */
  get lastWords(): string {
    const missing = this.rooms.filter((room) => !this.#stays.get(room)?.live);
    return `not live in ${missing.join(', ')}`;
  }

  #enter(room: string): Promise<void> {
    const entering = this.#entering.get(room) ?? this.#tryToEnter(room).finally(() => this.#entering.delete(room));
    this.#entering.set(room, entering);
    return entering;
  }

  async #tryToEnter(room: string): Promise<void> {
    const { name, server, random, record } = this.#parts;
    while (!this.#gone) {
      let visit: ChatClient;
      try {
        visit = await connect({ server, room, name, journal: this.#journal, clock: this.#clock }, random);
      } catch {
        // Refused or not reached: its log records say so.
        await pause(tryAgainMs);
        continue;
      }
      this.#goOn(room, visit);
      if (!this.#gone) return;
      // It was to leave meanwhile.
      record.leave(room);
      await visit.leave().catch(() => visit.close());
    }
  }

  #goOn(room: string, visit: ChatClient): void {
    const { record, findings, heard } = this.#parts;
    let how: 'left' | 'gone' = 'gone';
    let reason = '';
    let isOver: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    const stay: Stay = { visit, live: false, unanswered: 0, over };
    this.#stays.set(room, stay);
    visit.status$.subscribe({
      next: (status) => {
        stay.live = status.state === 'live';
        if (status.state === 'left') how = 'left';
        if (status.state === 'ended') reason = status.reason;
      },
      complete: () => {
        record.end(room, how);
        this.#stays.delete(room);
        isOver();
      },
    });
    // Nobody shows them: the log records have them.
    visit.events$.subscribe(heard);
    void over.then(() => {
      if (reason !== '' && !innocentEnds.test(reason)) findings.add(`${this.name}'s visit to ${room} ended: ${reason}`);
      return this.#gone ? undefined : this.#enter(room);
    });
  }
}
