import { expect } from 'chai';
import fc from 'fast-check';
import { chainStart, nextChain } from '../../lib/core/chain.js';
import type { Command } from '../../lib/core/command.js';
import type { Entry } from '../../lib/core/event.js';
import { defaultLimits } from '../../lib/core/limits.js';
import { type Decision, type RoomLimits, step } from '../../lib/core/room.js';
import { emptyRoom, evolve, type RoomState, restoreRoom, snapshotOf } from '../../lib/core/room-state.js';
import { atOnce } from '../../lib/core/slices.js';
import { comparable } from './comparable.js';

/** Few sessions, names, texts and ordinals, and small limits, so that commands meet every rule. */
const limits: RoomLimits = {
  ...defaultLimits,
  participantsPerRoomMax: 2,
  ordinalsRememberedMax: 3,
  endedOrdinalsRememberedMax: 5,
  lamportStartMax: 50,
  lamportPerSecondMax: 1,
  lamportLeadMax: 50,
};

const sent = {
  session: fc.constantFrom('s1', 's2', 's3'),
  senderLamport: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 40 }) }, fc.constantFrom(120, 2 ** 52, 2 ** 64)),
  newestLamport: fc.nat({ max: 40 }),
  timeMs: fc.nat(),
};

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('join' as const),
    name: fc.constantFrom('Ada', 'ada', 'Bob', 'Straße', 'STRASSE', 'Cyd', ' no '),
    resumable: fc.boolean(),
    ...sent,
  }),
  fc.record({
    kind: fc.constant('publish' as const),
    text: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('hi', '🎉', 'ü') },
      fc.constantFrom('', '\n', 'x'.repeat(129)),
    ),
    ordinal: fc.nat({ max: 8 }),
    seen: fc.nat({ max: 60 }),
    ...sent,
  }),
  fc.record({
    kind: fc.constant('leave' as const),
    reason: fc.constantFrom('ASKED' as const, 'CONNECTION_LOST' as const, 'SERVER_RESTARTED' as const),
    ...sent,
  }),
);

// Most runs long: in short ones hardly anything happens.
const commands = fc.array(command, { maxLength: 80, size: 'max' });

interface Run {
  readonly state: RoomState;
  readonly decided: readonly {
    readonly command: Command;
    readonly decision: Decision;
    readonly author: string | undefined;
  }[];
  readonly log: readonly Entry[];
}

function run(given: readonly Command[], state = emptyRoom('lobby')): Run {
  const decided = given.map((one) => {
    const author = state.sessions.get(one.session)?.name;
    return { command: one, decision: step(state, one, limits), author };
  });
  const log = decided.flatMap(({ decision }) => (decision.kind === 'accepted' ? [decision.entry] : []));
  return { state, decided, log };
}

function holds(check: (run: Run, given: readonly Command[]) => void): void {
  fc.assert(
    fc.property(commands, (given) => check(run(given), given)),
    { numRuns: 300 },
  );
}

/** The log cut into visits: session and its events, first to last. */
function visits(log: readonly Entry[]): { session: string; events: Entry['event'][] }[] {
  const all: { session: string; events: Entry['event'][] }[] = [];
  const present = new Map<string, Entry['event'][]>();
  for (const { event, sessionStart: opens } of log) {
    if (opens) {
      expect(present.has(event.participant), 'a name is present once').to.equal(false);
      const events: Entry['event'][] = [];
      present.set(event.participant, events);
      all.push({ session: opens.session, events });
    }
    const events = present.get(event.participant);
    if (!events) throw new Error(`event ${event.sequence} is of somebody absent`);
    events.push(event);
    if (event.kind === 'left') present.delete(event.participant);
  }
  return all;
}

describe('A room, whatever commands come in whatever order', () => {
  it('reaches every decision it can in these commands', () => {
    const seen = new Set<string>();
    for (const given of fc.sample(commands, { numRuns: 1000, seed: 1 })) {
      for (const { decision } of run(given).decided) {
        seen.add(decision.kind === 'rejected' ? decision.rejection.reason : decision.kind);
      }
    }
    expect([...seen].sort()).to.deep.equal(
      [
        ...['accepted', 'repeated', 'ALREADY_JOINED', 'LAMPORT_TOO_FAR_AHEAD', 'NAME_INVALID', 'NAME_TAKEN'],
        ...['ORDINAL_INVALID', 'ROOM_FULL', 'SESSION_UNKNOWN', 'TEXT_EMPTY', 'TEXT_INVALID', 'TEXT_TOO_LONG'],
      ].sort(),
    );
  });

  it('numbers events without gap and chains each to all before it [P1]', () => {
    holds(({ log }) => {
      let previous = chainStart;
      log.forEach(({ event }, at) => {
        expect(event.sequence).to.equal(at + 1);
        const { seen, text } = event.kind === 'message' ? event : { seen: 0, text: '' };
        previous = nextChain(previous, { ...event, seen, text });
        expect(event.chain).to.equal(previous);
      });
    });
  });

  it('decides the same on the same commands [P1]', () => {
    holds(({ decided, state }, given) => {
      const again = run(given);
      expect(again.decided).to.deep.equal(decided);
      expect(comparable(again.state)).to.deep.equal(comparable(state));
    });
  });

  it('publishes each ordinal of a session once, in rising order, and answers repeats with the first one [P5] [P6]', () => {
    holds(({ decided, log }) => {
      for (const { events } of visits(log)) {
        const ordinals = events.flatMap((event) => (event.kind === 'message' ? [event.ordinal] : []));
        expect(ordinals).to.deep.equal([...new Set(ordinals)].sort((a, b) => a - b));
      }
      for (const { command: given, decision } of decided) {
        if (decision.kind !== 'repeated' || given.kind !== 'publish') continue;
        const first = log[decision.sequence - 1]?.event;
        expect(first).to.include({ kind: 'message', ordinal: given.ordinal });
        const own = visits(log).filter(({ session }) => session === given.session);
        expect(
          own.some(({ events }) => events.some((event) => event === first)),
          'of that session',
        ).to.equal(true);
      }
    });
  });

  it('stamps times that rise along the sequence and beyond each sender [P7] [S8]', () => {
    holds(({ decided }) => {
      let newest = 0;
      for (const { command: given, decision } of decided) {
        if (decision.kind !== 'accepted') continue;
        expect(decision.entry.event.lamport).to.equal(Math.max(newest, given.senderLamport) + 1);
        newest = decision.entry.event.lamport;
        expect(Number.isSafeInteger(newest)).to.equal(true);
      }
    });
  });

  it("puts one joined before and one left after a session's messages, and has the rest present [P8]", () => {
    holds(({ log, state }) => {
      const open: string[] = [];
      for (const { session, events } of visits(log)) {
        const kinds = events.map(({ kind }) => kind);
        expect(kinds[0]).to.equal('joined');
        expect(kinds.filter((kind) => kind === 'joined')).to.have.length(1);
        const lefts = kinds.filter((kind) => kind === 'left').length;
        if (lefts === 0) open.push(session);
        else expect([lefts, kinds.at(-1)]).to.deep.equal([1, 'left']);
      }
      expect([...state.sessions.keys()].sort()).to.deep.equal(open.sort());
      expect(state.foldedNames.size).to.equal(open.length);
      expect(state.byName.size).to.equal(open.length);
    });
  });

  it('has events of accepted commands only, with what those said and by whom [P9]', () => {
    holds(({ decided, log }) => {
      let at = 0;
      for (const { command: given, decision, author } of decided) {
        if (decision.kind === 'rejected') expect(decision.rejection.detail).not.to.equal('');
        if (decision.kind !== 'accepted') continue;
        const event = log[at]?.event;
        at += 1;
        expect(event?.timeMs).to.equal(given.timeMs);
        expect(event?.participant).to.equal(given.kind === 'join' ? given.name : author);
        if (given.kind === 'publish') expect(event).to.include({ text: given.text, ordinal: given.ordinal });
      }
      expect(at).to.equal(log.length);
    });
  });

  it('comes back the same from its log, from the start or from a snapshot anywhere', () => {
    fc.assert(
      fc.property(commands, fc.nat(), fc.boolean(), (given, at, fromStart) => {
        const { log, state } = run(given);
        const middle = fromStart ? 0 : at % (log.length + 1);
        const before = emptyRoom('lobby');
        for (const entry of log.slice(0, middle)) evolve(before, entry, limits);
        const restored = atOnce(restoreRoom('lobby', JSON.parse(JSON.stringify(snapshotOf(before))), []));
        for (const entry of log.slice(middle)) evolve(restored, entry, limits);
        expect(comparable(restored)).to.deep.equal(comparable(state));
      }),
      { numRuns: 300 },
    );
  });

  it('decides on after a restart what it would have decided without one [P5] [P7]', () => {
    fc.assert(
      fc.property(commands, commands, (before, after) => {
        const { state } = run(before);
        const restored = atOnce(restoreRoom('lobby', JSON.parse(JSON.stringify(snapshotOf(state))), []));
        expect(run(after, restored).decided).to.deep.equal(run(after, state).decided);
      }),
      { numRuns: 300 },
    );
  });
});
