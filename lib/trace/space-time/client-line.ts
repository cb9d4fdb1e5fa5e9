import { type ClientHistory, followStep, type Step, type StepFollower, type StepOf } from '../history/history.js';
import type { LogBundle } from '../history/logs/log-bundle.js';
import { sameEvent } from '../history/same-event.js';
import type { Doubts } from './doubts.js';
import { happens, type LifelineBuilder, type MomentBuilder, type What } from './moment-builder.js';
import type { RoomLines } from './room-line.js';

interface Around {
  readonly bundle: Pick<LogBundle, 'source' | 'writtenAt'>;
  readonly rooms: RoomLines;
  readonly doubts: Doubts;
}

/** What a client went through, as a lifeline: a moment for each step but answers, for what becomes of a publish is told by its event. */
export class ClientLine implements LifelineBuilder, StepFollower {
  readonly kind = 'client';
  readonly name: string;
  readonly moments: MomentBuilder[] = [];
  /** What it asked for, by the step that says so. */
  readonly askings = new Map<Step, MomentBuilder>();
  readonly #around: Around;
  readonly #lifeline: number;
  /** By room, the log that its latest welcome named. */
  readonly #logIds = new Map<string, string>();
  /** Ordinals sent, by session. */
  readonly #sent = new Map<string, Set<number | bigint>>();
  readonly #asksToLeave = new Set<string>();
  #clock = 0;
  #step = 0;

  constructor({ client, steps }: ClientHistory, lifeline: number, around: Around) {
    this.name = client;
    this.#lifeline = lifeline;
    this.#around = around;
    for (const [index, step] of steps.entries()) {
      this.#step = index;
      followStep(this, step);
    }
  }

  start({ clock }: StepOf<'start'>): void {
    this.#clock = clock;
    if (this.moments.length > 0) this.#happens({ kind: 'start', room: '' });
  }

  join(step: StepOf<'join'>): void {
    this.#asks(step, { kind: step.resume ? 'ask-resume' : 'ask-join', room: step.room });
  }

  'join-refused'({ room, reason }: StepOf<'join-refused'>): void {
    this.#happens({ kind: 'refused', room, reason });
  }

  welcome({ room, logId }: StepOf<'welcome'>): void {
    this.#logIds.set(room, logId);
    this.#happens({ kind: 'welcome', room });
  }

  receive({ room, event, clock, filled = false }: StepOf<'receive'>): void {
    // The rule of a client's clock, where the log does not say what became of it [S8]; reading need not move it.
    this.#clock = clock ?? (filled ? this.#clock : Math.max(this.#clock, event.lamport) + 1);
    const stamp = this.#around.rooms.get(room, this.#logIds.get(room))?.stampAt(event.sequence);
    const same = stamp?.event && sameEvent(stamp.event, event);
    const moment = this.#happens({
      kind: filled ? 'fill-in' : 'receive',
      room,
      event,
      cause: same ? stamp : undefined,
    });
    if (!same) this.#around.doubts.add(stamp ? 'other-event' : 'no-stamp', moment);
  }

  send(step: StepOf<'send'>): void {
    const { room, session, ordinal, text, seen } = step;
    const sent = this.#sent.get(session) ?? new Set();
    this.#asks(step, { kind: sent.has(ordinal) ? 'send-again' : 'send', room, text, seen, ordinal });
    this.#sent.set(session, sent.add(ordinal));
  }

  refused({ room, reason, ordinal }: StepOf<'refused'>): void {
    this.#happens({ kind: 'refused', room, reason, ordinal });
  }

  leave(step: StepOf<'leave'>): void {
    // Who has asked to leave and then closes his side asks for nothing new.
    if (step.lamport === undefined && this.#asksToLeave.has(step.session)) return;
    this.#asksToLeave.add(step.session);
    this.#asks(step, { kind: 'ask-leave', room: step.room });
  }

  offline({ room, reason }: StepOf<'offline'>): void {
    this.#happens({ kind: 'lose-connection', room, reason });
  }

  end({ room, how }: StepOf<'end'>): void {
    this.#happens({ kind: 'end', room, how });
  }

  /** A step with which the clock ticks, and that an event may come of. */
  #asks(step: StepOf<'join' | 'send' | 'leave'>, what: What): void {
    this.#clock = step.lamport ?? this.#clock;
    this.askings.set(step, this.#happens(what));
  }

  #happens(what: What): MomentBuilder {
    const { bundle } = this.#around;
    const [timeMs, source] = [bundle.writtenAt(this.name, this.#step), bundle.source(this.name, this.#step)];
    return happens(this.moments, { ...what, timeMs, source }, { lifeline: this.#lifeline, lamport: this.#clock });
  }
}
