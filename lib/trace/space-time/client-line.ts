import { type ClientHistory, followStep, type Step, type StepFollower, type StepOf } from '../history/history.js';
import type { LogBundle } from '../history/logs/log-bundle-reader.js';
import { sameEvent } from '../history/same-event.js';
import { type Doubts, happens, type LifelineBuilder, type MomentBuilder, type What } from './moment-builder.js';
import type { RoomLines } from './room-line.js';

interface Around {
  readonly bundle: Pick<LogBundle, 'source' | 'writtenAt'>;
  readonly rooms: RoomLines;
  readonly doubts: Doubts;
}

/** What a client went through, as a lifeline. */
export interface ClientLine extends LifelineBuilder {
  /** What it asked for, by the step that says so. */
  readonly askings: ReadonlyMap<Step, MomentBuilder>;
}

/** A moment for each step but answers, for what becomes of a publish is told by its event. */
export function clientLine({ client, steps }: ClientHistory, lifeline: number, around: Around): ClientLine {
  const { bundle, rooms, doubts } = around;
  const moments: MomentBuilder[] = [];
  const askings = new Map<Step, MomentBuilder>();
  /** By room, the log that its latest welcome named. */
  const logIds = new Map<string, string>();
  /** Ordinals sent, by session. */
  const sentIn = new Map<string, Set<number | bigint>>();
  const asksToLeave = new Set<string>();
  let lamport = 0;
  let number = 0;

  const add = (what: What) => {
    const [timeMs, source] = [bundle.writtenAt(client, number), bundle.source(client, number)];
    return happens(moments, what, { lifeline, lamport, timeMs, source });
  };
  /** A step with which the clock ticks, and that an event may come of. */
  const ask = (step: StepOf<'join' | 'send' | 'leave'>, what: What) => {
    lamport = step.lamport ?? lamport;
    askings.set(step, add(what));
  };
  const follower: StepFollower = {
    start: ({ clock }) => {
      lamport = clock;
      if (moments.length > 0) add({ kind: 'start', room: '' });
    },
    part: (step) => {
      const { room, welcome, asked, sends, inside, clock } = step;
      if (welcome) logIds.set(room, welcome.logId);
      for (const send of sends) follower.send?.(send);
      if (asked) follower.join?.(asked);
      lamport = clock;
      if (inside) add({ kind: 'log-begins', room });
    },
    join: (step) => ask(step, { kind: step.resume ? 'ask-resume' : 'ask-join', room: step.room }),
    'join-refused': ({ room, reason }) => add({ kind: 'refused', room, reason }),
    welcome: ({ room, logId }) => {
      logIds.set(room, logId);
      add({ kind: 'welcome', room });
    },
    receive: ({ room, event, clock, filled = false }) => {
      // The rule of a client's clock, where the log does not say what became of it [S8]; reading need not move it.
      lamport = clock ?? (filled ? lamport : Math.max(lamport, event.lamport) + 1);
      const stamp = rooms.get(room, logIds.get(room))?.stampAt(event.sequence);
      const same = stamp?.event && sameEvent(stamp.event, event);
      const moment = add({ kind: filled ? 'fill-in' : 'receive', room, event, cause: same ? stamp : undefined });
      if (!same) doubts.add(stamp ? 'other-event' : 'no-stamp', moment);
    },
    send: (step) => {
      const { room, session, ordinal, text, seen } = step;
      const sent = sentIn.get(session) ?? new Set();
      ask(step, { kind: sent.has(ordinal) ? 'send-again' : 'send', room, text, seen, ordinal });
      sentIn.set(session, sent.add(ordinal));
    },
    refused: ({ room, reason, ordinal }) => add({ kind: 'refused', room, reason, ordinal }),
    leave: (step) => {
      // Who has asked to leave and then closes his side asks for nothing new.
      if (step.lamport === undefined && asksToLeave.has(step.session)) return;
      asksToLeave.add(step.session);
      ask(step, { kind: 'ask-leave', room: step.room });
    },
    offline: ({ room, reason }) => add({ kind: 'lose-connection', room, reason }),
    end: ({ room, how }) => add({ kind: 'end', room, how }),
  };
  for (const [index, step] of steps.entries()) {
    number = index;
    followStep(follower, step);
  }
  return { kind: 'client', name: client, moments, askings };
}
