import { receive } from '../../core/clock.js';
import type { ClientRecord, LeaveStep, ReceiveStep, SendStep, Step } from '../history/history.js';
import type { Run } from '../history/logs/run.js';
import { sameEvent } from '../history/same-event.js';
import type { Doubts } from './doubts.js';
import { type Draft, type DraftLine, happens, type What } from './draft.js';
import type { RoomLines } from './room-line.js';

interface Around {
  readonly run: Pick<Run, 'source' | 'writtenAt'>;
  readonly rooms: RoomLines;
  readonly doubts: Doubts;
}

/** What a client went through, as a lifeline. */
export class ClientLine implements DraftLine {
  readonly kind = 'client';
  readonly name: string;
  readonly moments: Draft[] = [];
  /** What it asked for, by the step that says so. */
  readonly askings = new Map<Step, Draft>();
  readonly #around: Around;
  readonly #lifeline: number;
  /** By room, the log that its latest welcome named. */
  readonly #logIds = new Map<string, string>();
  /** Ordinals sent, by session. */
  readonly #sent = new Map<string, Set<number | bigint>>();
  readonly #asksToLeave = new Set<string>();
  #clock = 0;
  #step = 0;

  constructor({ client, steps }: ClientRecord, lifeline: number, around: Around) {
    this.name = client;
    this.#lifeline = lifeline;
    this.#around = around;
    for (const [index, step] of steps.entries()) {
      this.#step = index;
      this.#take(step);
    }
  }

  #take(step: Step): void {
    const room = ('room' in step && step.room) || '';
    switch (step.kind) {
      case 'start':
        this.#clock = step.clock;
        if (this.moments.length > 0) this.#happens({ kind: 'start', room: '' });
        break;
      case 'join':
        this.#clock = step.lamport;
        this.askings.set(step, this.#happens({ kind: step.resume ? 'ask-resume' : 'ask-join', room }));
        break;
      case 'welcome':
        this.#logIds.set(room, step.logId);
        this.#happens({ kind: 'welcome', room });
        break;
      case 'join-refused':
      case 'refused':
        this.#happens({
          kind: 'refused',
          room,
          reason: step.reason,
          ordinal: 'ordinal' in step ? step.ordinal : undefined,
        });
        break;
      case 'send':
        this.#send(step);
        break;
      case 'receive':
        this.#receive(step);
        break;
      case 'leave':
        this.#leave(step);
        break;
      case 'offline':
        this.#happens({ kind: 'lose-connection', room, reason: step.reason });
        break;
      case 'end':
        this.#happens({ kind: 'end', room, how: step.how });
        break;
      // What becomes of a publish is told by its event.
      case 'accepted':
      case 'unknown':
        break;
    }
  }

  #send(step: SendStep): void {
    const { room, session, ordinal, text, seen, lamport } = step;
    const sent = this.#sent.get(session) ?? new Set();
    this.#sent.set(session, sent);
    const kind = sent.has(ordinal) ? 'send-again' : 'send';
    sent.add(ordinal);
    this.#clock = lamport;
    this.askings.set(step, this.#happens({ kind, room, text, seen, ordinal }));
  }

  #receive({ room, event, clock, filled = false }: ReceiveStep): void {
    // The rule of a client's clock, where the log does not say what became of it [S8]; reading need not move it.
    this.#clock = clock ?? (filled ? this.#clock : receive(this.#clock, event.lamport));
    const stamp = this.#around.rooms.get(room, this.#logIds.get(room))?.stampAt(event.sequence);
    const same = stamp?.event && sameEvent(stamp.event, event);
    const cause = same ? stamp : undefined;
    const moment = this.#happens({ kind: filled ? 'fill-in' : 'receive', room, event, cause });
    if (!same) this.#around.doubts.add(stamp ? 'other-event' : 'no-stamp', moment);
  }

  #leave(step: LeaveStep): void {
    // Who has asked to leave and then closes his side asks for nothing new.
    if (step.lamport === undefined && this.#asksToLeave.has(step.session)) return;
    this.#asksToLeave.add(step.session);
    this.#clock = step.lamport ?? this.#clock;
    this.askings.set(step, this.#happens({ kind: 'ask-leave', room: step.room }));
  }

  #happens(what: What): Draft {
    const { run } = this.#around;
    const moment = happens(this.moments, what, { lifeline: this.#lifeline, lamport: this.#clock });
    moment.timeMs = run.writtenAt(this.name, this.#step);
    moment.source = run.source(this.name, this.#step);
    return moment;
  }
}
