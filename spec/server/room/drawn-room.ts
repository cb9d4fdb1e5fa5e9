import { concatMap, defer, filter, from, map, type Observable, Subject, switchMap, take, tap } from 'rxjs';
import { decodeChatResponse } from '../../../lib/codec/responses.js';
import type { Command } from '../../../lib/core/command.js';
import type { Entry, RoomEvent } from '../../../lib/core/event.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { emptyRoom, evolve, type RoomState } from '../../../lib/core/room-state.js';
import type { Group, Run } from '../../../lib/server/log/event-log.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { Broadcast, type SessionStream } from '../../../lib/server/room/broadcast.js';
import { type CommittedGroup, decideGroup } from '../../../lib/server/room/decide-group.js';
import type { Pending, PendingResume } from '../../../lib/server/room/pending.js';
import { roomPipeline } from '../../../lib/server/room/pipeline.js';
import { serverMemory } from '../../../lib/server/room/shared-memory.js';
import { type Stream, sentTo } from '../actors/sent-to.js';

/** A to C are the participants; their letters say what they do: `a` joins, `A` speaks, `x` leaves, `p` comes back. */
const leaves: Readonly<Record<string, string>> = { x: 'a', y: 'b', z: 'c' };
const resumes: Readonly<Record<string, string>> = { p: 'a', q: 'b', r: 'c' };

/** A stream that a participant has from here on. */
interface Opened {
  readonly name: string;
  readonly resumed: boolean;
  readonly after: number;
  readonly stream: SessionStream;
}

export interface DrawnParts {
  /**
   * One append: what it emits says that the group is durable, an error that it is not. Of several the first is the first
   * group's, and so on; the last is that of all others.
   */
  readonly append$: Observable<unknown> | readonly Observable<unknown>[];
  readonly turn$: Observable<unknown>;
  readonly company$: Observable<unknown>;
  /** Durable groups that may be held, whoever listens; default: none. */
  readonly groupsHeldMax?: number;
}

/**
 * A room's own pipeline, with all that takes time drawn by the test: letters in, and for each participant letters out. What
 * became durable is kept, so the room can be started from it anew.
 */
export class DrawnRoom {
  readonly #parts: DrawnParts;
  readonly #appends: Observable<unknown>[];
  readonly #broadcast = new Broadcast({
    room: 'lobby',
    log: new MemoryLog(defaultLimits),
    limits: defaultLimits,
    memory: serverMemory(defaultLimits),
  });
  readonly #opened$ = new Subject<Opened>();
  readonly #streams = new Map<string, SessionStream>();
  readonly #ordinals = new Map<string, number>();
  readonly #durable: Entry[] = [];
  #state: RoomState = emptyRoom('lobby');
  /** Every event as it was told. */
  readonly events: RoomEvent[] = [];
  /** What was not written, for the store could not. */
  readonly refused: string[] = [];

  constructor(parts: DrawnParts) {
    this.#parts = parts;
    this.#appends = [parts.append$].flat();
  }

  /** Works `letters` off; emits the letters that became events, and completes or errors as the room's actor would see. */
  run(letters$: Observable<string>): Observable<string> {
    const { turn$, company$, groupsHeldMax = 0 } = this.#parts;
    return letters$.pipe(
      map((letter) => this.#pending(letter)),
      roomPipeline({
        grouping: { groupMax: 4, turn$, company$ },
        decide: (commands) => decideGroup(this.#state, commands, defaultLimits),
        append: (group) => this.#append(group),
        undo: (commands) => {
          this.#recover();
          for (const { command } of commands)
            this.refused.push(command.kind === 'publish' ? command.text : command.session);
          return [undefined];
        },
        holding: { groupsHeldMax, participantsPerHeldGroup: 1 },
        listeners: () => this.#streams.size,
        deliver: (committed) => this.#deliver(committed),
      }),
      concatMap(({ entries }) => from(entries.map(({ event }) => letterOf(event)))),
    );
  }

  /** Goes on from the log, as the room's actor does after a failure. */
  runAnew(letters$: Observable<string>): Observable<string> {
    return defer(() => {
      this.#recover();
      this.#broadcast.startFrom(this.#state.position);
      this.#broadcast.notify();
      return this.run(letters$);
    });
  }

  /** What the participant with that letter is sent once it has joined, event by event. */
  follow(name: string, flow: Stream, taken?: (run: Run) => void): Observable<string> {
    return this.#sent((opened) => opened.name === name && !opened.resumed, flow, taken);
  }

  /** The same, once it has come back: from what it had on. */
  followResumed(name: string, flow: Stream, taken?: (run: Run) => void): Observable<string> {
    return this.#sent((opened) => opened.name === name && opened.resumed, flow, taken);
  }

  #sent(which: (opened: Opened) => boolean, flow: Stream, taken: (run: Run) => void = () => {}): Observable<string> {
    return this.#opened$.pipe(
      filter(which),
      take(1),
      switchMap(({ after, stream }) => sentTo(this.#broadcast.sourceFor(stream), after, flow)),
      tap(taken),
      concatMap(({ bytes }) => from(decodeChatResponse(bytes).events.map(letterOf))),
    );
  }

  #pending(letter: string): Pending {
    const returning = resumes[letter];
    if (returning === undefined) return { command: this.#draft(letter) };
    // It saw its own join, and lost its stream then.
    const joined = this.events.find((event) => event.kind === 'joined' && event.participant === returning);
    const resume = { session: returning, logId: '', sequence: joined?.sequence ?? 0, chain: joined?.chain ?? '' };
    return { resume } as unknown as PendingResume;
  }

  #draft(letter: string): Command {
    const name = leaves[letter] ?? letter.toLowerCase();
    const sent = { session: name, senderLamport: 0, newestLamport: 0, timeMs: 0 };
    if (letter in leaves) return { kind: 'leave', reason: 'ASKED', ...sent };
    if (letter === name) return { kind: 'join', name, resumable: false, ...sent };
    const ordinal = (this.#ordinals.get(name) ?? 0) + 1;
    this.#ordinals.set(name, ordinal);
    return { kind: 'publish', text: letter, ordinal, seen: 0, ...sent };
  }

  #recover(): void {
    this.#state = emptyRoom('lobby');
    for (const entry of this.#durable) evolve(this.#state, entry, defaultLimits);
  }

  #append(group: Group): Observable<unknown> {
    const append$ = this.#appends.length > 1 ? this.#appends.shift() : this.#appends[0];
    return (append$ as Observable<unknown>).pipe(tap(() => this.#durable.push(...group.entries)));
  }

  #deliver({ decisions, entries, resumes }: CommittedGroup): void {
    const runs = entries.length > 0 ? this.#broadcast.add(entries, this.#state.position) : [];
    this.events.push(...entries.map(({ event }) => event));
    const opened: Opened[] = [];
    for (const { pending, decision, before } of decisions) {
      if (decision.kind !== 'accepted') continue;
      const { session } = pending.command;
      if (before) opened.push(this.#open({ name: session, resumed: false, after: before.position.sequence }));
      else if (decision.entry.event.kind === 'left') {
        const stream = this.#streams.get(session);
        if (stream) stream.last = decision.entry.event.sequence;
        this.#streams.delete(session);
      }
    }
    for (const { resume } of resumes) {
      opened.push(this.#open({ name: resume.session, resumed: true, after: resume.sequence }));
    }
    for (const one of opened) this.#opened$.next(one);
    for (const run of runs) this.#broadcast.notify(run);
  }

  #open(one: Omit<Opened, 'stream'>): Opened {
    const stream = { last: Number.POSITIVE_INFINITY, connection: { tell: () => {} } };
    this.#streams.set(one.name, stream);
    return { ...one, stream };
  }
}

function letterOf(event: RoomEvent): string {
  switch (event.kind) {
    case 'joined':
      return event.participant;
    case 'message':
      return event.text;
    case 'left':
      return Object.keys(leaves).find((letter) => leaves[letter] === event.participant) ?? '?';
    case 'unknown':
      return '?';
  }
}
