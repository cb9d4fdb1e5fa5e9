import { concatMap, filter, from, map, type Observable, of, Subject, switchMap, take, tap } from 'rxjs';
import { decodeChatResponse } from '../../../lib/codec/responses.js';
import type { Draft } from '../../../lib/core/draft.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { emptyRoom } from '../../../lib/core/room-state.js';
import type { Submission } from '../../../lib/server/actors/messages.js';
import type { Run } from '../../../lib/server/log/event-log.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { Broadcast } from '../../../lib/server/room/broadcast.js';
import { type Folded, foldGroup } from '../../../lib/server/room/decide-group.js';
import { inGroups } from '../../../lib/server/room/in-groups.js';
import { roomsMemory } from '../../../lib/server/room/rooms-memory.js';
import type { Follower } from '../../../lib/server/room/session-streams.js';
import { type Stream, sentTo } from '../actors/sent-to.js';

/** A to C are the participants; their letters say what they do: `a` joins, `A` speaks, `x` leaves. */
const leaves: Readonly<Record<string, string>> = { x: 'a', y: 'b', z: 'c' };

interface Admitted {
  readonly name: string;
  readonly after: number;
  readonly follower: Follower;
}

export interface PipelineParts {
  /** One append: what it emits says that the group is durable. */
  readonly append$: Observable<unknown>;
  readonly turn$: Observable<unknown>;
  readonly company$: Observable<unknown>;
}

/**
 * A room's pipeline as RoomActor composes it, with all that takes time drawn by the test: letters in, and for each
 * participant letters out.
 */
export class RoomPipeline {
  readonly #parts: PipelineParts;
  readonly #state = emptyRoom('lobby');
  readonly #broadcast = new Broadcast({
    room: 'lobby',
    log: new MemoryLog(defaultLimits),
    limits: defaultLimits,
    memory: roomsMemory(defaultLimits),
  });
  readonly #admitted$ = new Subject<Admitted>();
  readonly #followers = new Map<string, Follower>();
  readonly #ordinals = new Map<string, number>();
  /** Every event as it became durable. */
  readonly events: RoomEvent[] = [];

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Works `letters` off; emits the letters that became events, and completes or errors as the room's actor would see. */
  run(letters$: Observable<string>): Observable<string> {
    const { append$, turn$, company$ } = this.#parts;
    return letters$.pipe(
      map((letter): Submission => ({ draft: this.#draft(letter), answer: () => {} })),
      inGroups((group: readonly Submission[]) => this.#commit(group, append$), {
        groupMax: 4,
        urgent: ({ draft }) => draft.kind === 'publish',
        turn$,
        company$,
      }),
      tap((folded) => this.#publish(folded)),
      concatMap(({ group }) => from(group?.entries.map(({ event }) => letterOf(event)) ?? [])),
    );
  }

  /** What the participant with that letter is sent once it has joined, event by event. */
  follow(name: string, flow: Stream, taken: (run: Run) => void = () => {}): Observable<string> {
    return this.#admitted$.pipe(
      filter((admitted) => admitted.name === name),
      take(1),
      switchMap(({ after, follower }) => sentTo(flow, this.#broadcast.follow({ sequence: after }, follower))),
      tap(taken),
      concatMap(({ bytes }) => from(decodeChatResponse(bytes).events.map(letterOf))),
    );
  }

  #draft(letter: string): Draft {
    const name = leaves[letter] ?? letter.toLowerCase();
    const sent = { session: name, sender: 0, known: 0, timeMs: 0 };
    if (letter in leaves) return { kind: 'leave', reason: 'ASKED', ...sent };
    if (letter === name) return { kind: 'join', name, resumable: false, ...sent };
    const ordinal = (this.#ordinals.get(name) ?? 0) + 1;
    this.#ordinals.set(name, ordinal);
    return { kind: 'publish', text: letter, ordinal, seen: 0, ...sent };
  }

  #commit(group: readonly Submission[], append$: Observable<unknown>): Observable<Folded> {
    const folded = foldGroup(this.#state, group, defaultLimits);
    return folded.group ? append$.pipe(map(() => folded)) : of(folded);
  }

  #publish({ decided, group }: Folded): void {
    if (!group) return;
    const runs = this.#broadcast.add(group.entries, this.#state.place);
    this.events.push(...group.entries.map(({ event }) => event));
    const admitted: Admitted[] = [];
    for (const { submission, decision, before } of decided) {
      if (decision.kind !== 'accepted') continue;
      const { session } = submission.draft;
      if (before) {
        const follower = { last: Number.POSITIVE_INFINITY, left: () => {}, takenOver: () => {} };
        this.#followers.set(session, follower);
        admitted.push({ name: session, after: before.place.sequence, follower });
      } else if (decision.entry.event.kind === 'left') {
        const follower = this.#followers.get(session);
        if (follower) follower.last = decision.entry.event.sequence;
      }
    }
    for (const one of admitted) this.#admitted$.next(one);
    for (const run of runs) this.#broadcast.ring(run);
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
