import { expect } from 'chai';
import fc from 'fast-check';
import type { SavedSession } from '../../../lib/client/chat-client.js';
import type { Failure, Input, Moment } from '../../../lib/client/session/protocol.js';
import type { Phase, SessionOptions } from '../../../lib/client/session/state.js';
import type { Welcome } from '../../../lib/codec/messages.js';
import { chainStart } from '../../../lib/core/chain.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { type RejectionReason, rejection } from '../../../lib/core/rejection.js';
import { ScriptedRoom } from '../scripted-room.js';
import { plainWelcome } from '../scripted-server.js';
import { withLimits } from '../with-limits.js';
import { PlayedServer } from './played-server.js';
import { WatchedSession } from './watched-session.js';

const limits = {
  publishesUnansweredMax: 4,
  backOffMsMin: 8,
  backOffMsMax: 64,
  nameTakenMsMax: 100,
  settledMs: 50,
  leaveMsMax: 500,
};

/** Two histories of one room, in which Ada comes and goes. */
const histories: readonly (readonly RoomEvent[])[] = ['Bob', 'Cyd'].map((other) => {
  const room = new ScriptedRoom();
  room.join(other);
  for (let round = 1; round <= 3; round += 1) {
    room.join('Ada');
    room.say('Ada', 'one', 1);
    room.say(other, 'hi', round);
    room.say('Ada', 'two', 2);
    room.leave('Ada');
  }
  return room.events;
});

const history = fc.constantFrom(...histories);
const reasons: RejectionReason[] = [
  ...(['SESSION_UNKNOWN', 'SESSION_UNKNOWN', 'HISTORY_LOST', 'HISTORY_LOST'] as const),
  ...(['NAME_TAKEN', 'NAME_TAKEN', 'NAME_TAKEN', 'OVERLOADED', 'READ_ONLY', 'NAME_INVALID'] as const),
];
const failure: fc.Arbitrary<Failure> = fc.oneof(
  fc.constantFrom(...reasons).map((reason) => ({ kind: 'refused', rejection: rejection(reason, 0, 5) }) as const),
  fc.constantFrom('damaged' as const, 'unreachable' as const).map((kind) => ({ kind, message: 'lost' })),
);

/** An input but for its connection and its time. */
type Draft = { [K in Input['kind']]: Omit<Extract<Input, { kind: K }>, 'connection' | 'now'> }[Input['kind']];

const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'opened' } as const) },
  { weight: 2, arbitrary: failure.map((one) => ({ kind: 'failed', failure: one }) as const) },
  {
    weight: 4,
    arbitrary: fc.tuple(history, fc.nat(16), fc.nat(16), fc.boolean(), fc.nat(4)).map(
      ([events, at, newest, resumed, ordinal]) =>
        ({
          kind: 'welcomed',
          welcome: welcomeAt(events, at, Math.max(at, newest), { resumed, ordinal }),
          tag: 'tag',
        }) as const,
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(history, fc.nat(16))
      .map(([events, at]) => ({ kind: 'received', event: eventAt(events, at) }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .nat(5)
      .map((ordinal) => ({ kind: 'rejected', rejection: rejection('RATE_LIMITED', ordinal) }) as const),
  },
  { weight: 2, arbitrary: fc.constantFrom({ kind: 'response-end' } as const, { kind: 'stream-ended' } as const) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('well' as const, 'damaged' as const, 'lost' as const)
      .map((how) => ({ kind: 'lost', end: { how, details: 'cut', farewell: undefined } }) as const),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(16), fc.nat(3))
      .map(([newest, events]) => ({ kind: 'page-read', page: { logId: 'log', newest, events } }) as const),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(history, fc.nat(16))
      .map(([events, at]) => ({ kind: 'page-event', event: eventAt(events, at) }) as const),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'page-end' } as const) },
  { weight: 1, arbitrary: failure.map((one) => ({ kind: 'page-failed', failure: one }) as const) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('one', 'two', 'x'.repeat(129))
      .map((text) => ({ kind: 'publish', id: 0, text }) as const),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'leave' } as const, { kind: 'close' } as const) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('pause' as const, 'resume' as const),
        fc.constantFrom('paused' as const, 'unread' as const),
      )
      .map(([kind, reason]) => ({ kind, reason })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('retry' as const, 'name' as const, 'leave' as const, 1, 2, 3)
      .map((timer) => ({ kind: 'tick', timer }) as const),
  },
  { weight: 1, arbitrary: fc.nat(60).map((time) => ({ kind: 'clock', time }) as const) },
);

function eventAt(events: readonly RoomEvent[], at: number): RoomEvent {
  return events[at % events.length] as RoomEvent;
}

function welcomeAt(events: readonly RoomEvent[], at: number, newest: number, more: Partial<Welcome>): Welcome {
  const place = events[at - 1] ?? { sequence: 0, chain: chainStart };
  return { ...plainWelcome, sequence: place.sequence, chain: place.chain, newest, ...more };
}

/** What a session waits for in each phase. */
const awaited: Record<Phase, readonly Input['kind'][]> = {
  new: [],
  opening: ['opened', 'failed'],
  joining: ['welcomed', 'failed'],
  'name-wait': ['tick'],
  reading: ['page-read', 'page-event', 'page-end', 'page-failed'],
  serving: ['received', 'response-end', 'rejected', 'stream-ended', 'lost'],
  offline: ['tick'],
  over: [],
};

/** One more input: `next`, one that is waited for and what comes next in the session's history, or anything; or a stale one. */
const anything = fc.record({
  drafts: fc.array(draft, { minLength: 8, maxLength: 8 }),
  next: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  stale: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  passedMs: fc.nat(40),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

function inputOf(
  session: WatchedSession,
  { drafts, next, stale }: { readonly drafts: readonly Draft[]; readonly next: boolean; readonly stale: boolean },
  now: Moment,
  number: number,
): Input {
  const { phase, connection, sequence, chain } = session.state;
  const suits = ({ kind }: Draft) => awaited[phase].includes(kind);
  let made = ((next && drafts.find(suits)) || drafts[0]) as Draft;
  if (next && made.kind === 'tick' && phase !== 'serving')
    made = { kind: 'tick', timer: phase === 'offline' ? 'retry' : 'name' };
  // Of the publishes, one that has no answer yet.
  else if (made.kind === 'tick' && typeof made.timer === 'number')
    made = { kind: 'tick', timer: session.openPublishes[made.timer - 1] ?? made.timer };
  if (next && 'event' in made) {
    const follows = histories
      .map((events) => events[sequence])
      .filter((_, n) => (histories[n]?.[sequence - 1]?.chain ?? chainStart) === chain);
    // An event that is not the next one ends the session: that is not to be the end of nearly all.
    if (follows[0]) made = { ...made, event: follows[0] };
    else made = { kind: made.kind === 'received' ? 'response-end' : 'page-end' };
  }
  // A name that was taken stays so for a while.
  if (next && phase === 'joining' && session.state.nameTries > 0 && number % 4 > 0)
    made = { kind: 'failed', failure: { kind: 'refused', rejection: rejection('NAME_TAKEN') } };
  if (made.kind === 'welcomed') {
    const { resuming, id, logId } = session.state;
    const here = resuming && next ? { resumed: true, logId, sequence, chain } : {};
    made = { ...made, welcome: { ...made.welcome, session: resuming ? (id ?? '') : `session ${number}`, ...here } };
  }
  if (made.kind === 'publish') made = { ...made, id: number };
  const ofConnection = !['publish', 'leave', 'close', 'pause', 'resume', 'tick', 'clock'].includes(made.kind);
  return { ...made, ...(ofConnection && { connection: connection - (stale ? 1 : 0) }), now } as Input;
}

const options: fc.Arbitrary<Partial<SessionOptions>> = fc.record({
  reconnect: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  offlineMsMax: fc.constantFrom(Number.POSITIVE_INFINITY, 300),
});

/** Whether it is in its room in the beginning: else most would not get that far. */
const beginning = fc.integer({ min: 0, max: 4 }).map((n) => n > 0);

/** What an earlier program had received, and used of its session. */
const earlier = histories[0]?.[4];
const saved: SavedSession = {
  ...{ server: '127.0.0.1:4000', room: 'lobby', name: 'Ada', session: 'earlier', logId: plainWelcome.logId },
  ...{ sequence: earlier?.sequence ?? 0, chain: earlier?.chain ?? '', ordinal: 2, lamport: 40 },
};

/** Whether it goes on with an earlier program's. */
const resuming = fc.integer({ min: 0, max: 3 }).map((n) => n === 0);

const steps = fc.array(anything, { maxLength: 120, size: 'max' });

describe('A session', () => {
  it('keeps its promises in whatever order things happen', () =>
    withLimits(limits, async () => {
      const reached = new Map<string, number>();
      fc.assert(
        fc.property(options, beginning, resuming, steps, (one, inRoom, resumes, all) => {
          const session = new WatchedSession(one, resumes ? saved : undefined);
          let now: Moment = { ms: 0, wallMs: 1_700_000_000_000, random: 0.5 };
          session.step({ kind: 'begin', now });
          if (inRoom) {
            session.step({ kind: 'opened', connection: 1, now });
            const { logId, sequence, chain } = saved;
            const welcome = { ...plainWelcome, ...(resumes && { logId, sequence, chain, resumed: true }) };
            session.step({ kind: 'welcomed', connection: 1, welcome, tag: 'tag', now });
          }
          let after = 0;
          for (const [number, some] of all.entries()) {
            // After its end some more steps are enough.
            if (session.ended && ++after > 5) break;
            const ms = now.ms + some.passedMs;
            now = { ms, wallMs: 1_700_000_000_000 + ms, random: some.random };
            session.step(inputOf(session, some, now, number + 1));
            reached.set(session.state.phase, (reached.get(session.state.phase) ?? 0) + 1);
          }
        }),
        { numRuns: 1_500 },
      );
      expect([...reached.keys()].sort(), 'every phase was reached').to.deep.equal(
        ['joining', 'name-wait', 'offline', 'opening', 'over', 'reading', 'serving'].sort(),
      );
    })).timeout(60_000);

  it('with a sound server receives every event once, in order, and has each accepted message published once, over any losses [P2] [P3] [P5] [P6] [P11]', () =>
    withLimits(limits, async () => {
      const tally = { accepted: 0, losses: 0, anew: 0, wiped: 0 };
      fc.assert(
        fc.property(fc.array(fc.nat(9_999), { minLength: 30, maxLength: 300, size: 'max' }), (choices) => {
          const played = new PlayedServer();
          for (const choice of choices) played.play(choice);
          played.finish();
          tally.accepted += played.accepted;
          tally.losses += played.losses;
          tally.anew += played.sessions - 1;
        }),
        { numRuns: 500 },
      );
      expect(tally.accepted, 'messages were published').to.be.above(400);
      expect(tally.losses, 'connections were lost').to.be.above(400);
      expect(tally.anew, 'sessions were over').to.be.above(100);
    })).timeout(60_000);
});
