import { expect } from 'chai';
import { chainStart, nextChain } from '../../lib/core/chain.js';
import { lamportBound, senderLamportMax } from '../../lib/core/clock.js';
import type { Command } from '../../lib/core/command.js';
import { defaultLimits } from '../../lib/core/limits.js';
import type { RejectionReason } from '../../lib/core/rejection.js';
import { type Decision, decide, type RoomLimits, step } from '../../lib/core/room.js';
import { emptyRoom, type RoomState } from '../../lib/core/room-state.js';
import { comparable } from './comparable.js';

const timeMs = 1_700_000_000_000;

function join(name: string, more: Partial<Command> = {}): Command {
  return {
    kind: 'join',
    session: `s-${name}`,
    name,
    resumable: false,
    senderLamport: 1,
    newestLamport: 0,
    timeMs,
    ...more,
  } as Command;
}

function publish(name: string, ordinal: number, text = 'hi', more: Partial<Command> | { seen: number } = {}): Command {
  return {
    kind: 'publish',
    session: `s-${name}`,
    text,
    ordinal,
    seen: 0,
    senderLamport: 1,
    newestLamport: 0,
    timeMs,
    ...more,
  } as Command;
}

function leave(name: string): Command {
  return { kind: 'leave', session: `s-${name}`, reason: 'ASKED', senderLamport: 0, newestLamport: 0, timeMs };
}

describe('A room', () => {
  let room: RoomState;
  let limits: RoomLimits;

  beforeEach(() => {
    room = emptyRoom('lobby');
    limits = defaultLimits;
  });

  function accepted(command: Command) {
    const decision = step(room, command, limits);
    if (decision.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(decision)}`);
    return decision.entry;
  }

  function refused(command: Command, reason: RejectionReason): void {
    const before = comparable(room);
    const decision: Decision = step(room, command, limits);
    expect(decision.kind === 'rejected' && decision.rejection.reason).to.equal(reason);
    const ordinal = command.kind === 'publish' ? command.ordinal : 0;
    expect(decision.kind === 'rejected' && decision.rejection.ordinal).to.equal(ordinal);
    expect(comparable(room), 'a rejection changes nothing [P9]').to.deep.equal(before);
  }

  it('makes a join, a message and a leave three events, stamped and chained [S4] [S5] [S6] [S8] [P1]', () => {
    const joined = accepted(join('Ada', { senderLamport: 5, resumable: true }));
    const said = accepted(publish('Ada', 1, 'hi', { senderLamport: 3, seen: 1 }));
    const left = accepted(leave('Ada'));
    const first = nextChain(chainStart, {
      sequence: 1,
      lamport: 6,
      seen: 0,
      kind: 'joined',
      participant: 'Ada',
      text: '',
    });
    const second = nextChain(first, {
      sequence: 2,
      lamport: 7,
      seen: 1,
      kind: 'message',
      participant: 'Ada',
      text: 'hi',
    });
    const third = nextChain(second, { sequence: 3, lamport: 8, seen: 0, kind: 'left', participant: 'Ada', text: '' });
    const all = { participant: 'Ada', timeMs };
    expect(joined).to.deep.equal({
      event: { kind: 'joined', sequence: 1, lamport: 6, chain: first, ...all },
      sessionStart: { session: 's-Ada', resumable: true },
    });
    expect(said).to.deep.equal({
      event: { kind: 'message', sequence: 2, lamport: 7, chain: second, text: 'hi', ordinal: 1, seen: 1, ...all },
    });
    expect(left).to.deep.equal({
      event: { kind: 'left', sequence: 3, lamport: 8, chain: third, reason: 'ASKED', ...all },
    });
    expect(room.sessions.size + room.byName.size + room.foldedNames.size).to.equal(0);
  });

  it('leaves its state alone when it only decides', () => {
    const before = comparable(room);
    expect(decide(room, join('Ada'), limits).kind).to.equal('accepted');
    expect(comparable(room)).to.deep.equal(before);
  });

  it('refuses an invalid name', () => refused(join('no\u202ename'), 'NAME_INVALID'));

  it('refuses a name that is taken, or looks so, until its owner has left', () => {
    accepted(join('Straße'));
    refused(join('STRASSE'), 'NAME_TAKEN');
    accepted(leave('Straße'));
    accepted(join('STRASSE'));
  });

  it('refuses a second join of a session', () => {
    accepted(join('Ada'));
    refused(join('Bob', { session: 's-Ada' }), 'ALREADY_JOINED');
  });

  it('refuses one participant more than it may have, until one has left [P12]', () => {
    limits = { ...defaultLimits, participantsPerRoomMax: 2 };
    accepted(join('Ada'));
    accepted(join('Bob'));
    refused(join('Cyd'), 'ROOM_FULL');
    accepted(leave('Ada'));
    accepted(join('Cyd'));
  });

  it('refuses publishes and leaves of sessions it does not have', () => {
    refused(publish('Ada', 1), 'SESSION_UNKNOWN');
    refused(leave('Ada'), 'SESSION_UNKNOWN');
    accepted(join('Ada'));
    accepted(leave('Ada'));
    refused(publish('Ada', 1), 'SESSION_UNKNOWN');
    refused(leave('Ada'), 'SESSION_UNKNOWN');
  });

  describe('whose log id began later than itself', () => {
    /** Ada has said one thing and asks again; the log goes on from there under another id, and Bob joins. */
    beforeEach(() => {
      accepted(join('Ada', { resumable: true } as Partial<Command>));
      accepted(publish('Ada', 1));
      room = { ...room, logIdAfter: 2 };
      accepted(join('Bob'));
    });

    it('lets no session of the earlier one speak or ask to leave, whatever it says: SESSION_UNKNOWN [P1] [P11]', () => {
      for (const ordinal of [2, 0, -1]) refused(publish('Ada', ordinal), 'SESSION_UNKNOWN');
      refused(publish('Ada', 2, ''), 'SESSION_UNKNOWN');
      refused(leave('Ada'), 'SESSION_UNKNOWN');
      accepted(publish('Bob', 1));
    });

    it('answers what such a session said and the room still has as a repeat, before its Left and after it [P5] [P8]', () => {
      const again = () => step(room, publish('Ada', 1), limits);
      expect(again()).to.deep.equal({ kind: 'repeated', sequence: 2 });
      const { event } = accepted({ ...leave('Ada'), reason: 'SERVER_RESTARTED' } as Command);
      expect(event).to.include({ kind: 'left', participant: 'Ada', sequence: 4, reason: 'SERVER_RESTARTED' });
      expect(again()).to.deep.equal({ kind: 'repeated', sequence: 2 });
      accepted(join('Ada', { session: 's-Ada-again' }));
    });
  });

  it('refuses invalid texts, each for its reason [S3]', () => {
    accepted(join('Ada'));
    refused(publish('Ada', 1, ' '), 'TEXT_EMPTY');
    refused(publish('Ada', 1, '\u001b[2J'), 'TEXT_INVALID');
    refused(publish('Ada', 1, '🎉'.repeat(129)), 'TEXT_TOO_LONG');
    accepted(publish('Ada', 1, '🎉'.repeat(128)));
  });

  it('answers a repeated publish with the event it became, and publishes it once [P5]', () => {
    accepted(join('Ada'));
    accepted(publish('Ada', 4));
    accepted(publish('Ada', 9));
    const before = comparable(room);
    expect(step(room, publish('Ada', 4), limits)).to.deep.equal({ kind: 'repeated', sequence: 2 });
    expect(step(room, publish('Ada', 9), limits)).to.deep.equal({ kind: 'repeated', sequence: 3 });
    expect(comparable(room)).to.deep.equal(before);
  });

  it('refuses ordinals of 0, skipped before, forgotten, or no exact integer [P5]', () => {
    limits = { ...defaultLimits, ordinalsRememberedMax: 2 };
    accepted(join('Ada'));
    refused(publish('Ada', 0), 'ORDINAL_INVALID');
    for (const ordinal of [3, 5, 6]) accepted(publish('Ada', ordinal));
    refused(publish('Ada', 4), 'ORDINAL_INVALID');
    refused(publish('Ada', 3), 'ORDINAL_INVALID');
    refused(publish('Ada', 2 ** 53), 'ORDINAL_INVALID');
    refused(publish('Ada', 7.5), 'ORDINAL_INVALID');
  });

  it('counts ordinals for each session anew', () => {
    accepted(join('Ada'));
    accepted(publish('Ada', 1));
    accepted(leave('Ada'));
    accepted(join('Ada'));
    expect(accepted(publish('Ada', 1)).event.sequence).to.equal(5);
  });

  it('takes a sender at any time that clocks can have come to since 2026, and refuses one more, clock untouched [P7]', () => {
    const days2 = { timeMs: Date.UTC(2026, 0, 3) };
    const bound = 2 ** 20 + 1_000_000 * 2 * 24 * 60 * 60;
    refused(join('Ada', { senderLamport: bound + 1, ...days2 }), 'LAMPORT_TOO_FAR_AHEAD');
    expect(accepted(join('Ada', { senderLamport: bound, ...days2 })).event.lamport).to.equal(bound + 1);
    const beforeThen = { timeMs: Date.UTC(2025, 0, 1) };
    refused(join('Bob', { senderLamport: 2 * bound, ...beforeThen }), 'LAMPORT_TOO_FAR_AHEAD');
  });

  it('takes a sender a little ahead of what the server knows, also where its machine’s time was set back [P7]', () => {
    const known = 100 * defaultLimits.lamportStartMax;
    const furthest = known + defaultLimits.lamportLeadMax;
    refused(join('Ada', { senderLamport: furthest + 1, newestLamport: known }), 'LAMPORT_TOO_FAR_AHEAD');
    expect(accepted(join('Ada', { senderLamport: furthest, newestLamport: known })).event.lamport).to.equal(
      furthest + 1,
    );
  });

  for (const beginning of ['at once at the bound', 'at the time of the room'] as const) {
    it(`cannot be driven by 2^20 a message, begun ${beginning}, to times that an empty server refuses [P7]`, () => {
      const [minutes, perSecond] = [5, 1000];
      const beganMs = Date.UTC(2026, 11, 1);
      const furthest = beginning === 'at once at the bound' ? lamportBound(beganMs, limits) : 1;
      accepted(join('Eve', { timeMs: beganMs, senderLamport: furthest }));
      for (let ordinal = 1; ordinal <= minutes * 60 * perSecond; ordinal += 1) {
        const timeMs = beganMs + (ordinal * 1000) / perSecond;
        const { lamport } = room.position;
        // 2^20 more, or else as much as is taken.
        const further = publish('Eve', ordinal, 'hi', { senderLamport: lamport + 2 ** 20, timeMs });
        if (decide(room, further, limits).kind === 'accepted') accepted(further);
        else accepted({ ...further, senderLamport: lamport + limits.lamportLeadMax });
        if (ordinal % (10 * perSecond) > 0) continue;
        const ada = join('Ada', { senderLamport: room.position.lamport + 2, timeMs });
        expect(step(emptyRoom('elsewhere'), ada, limits).kind, `after ${ordinal / perSecond} s`).to.equal('accepted');
      }
    });
  }

  it('has a bound that rises faster than ten thousand messages a second, each as far ahead as it may, drive a room', () => {
    expect(10_000 * (limits.lamportLeadMax + 1)).to.be.at.most(limits.lamportPerSecondMax);
  });

  it('refuses times beyond 2^52, whatever the server knows [P7]', () => {
    const known = senderLamportMax;
    refused(join('Ada', { senderLamport: senderLamportMax + 1, newestLamport: known }), 'LAMPORT_TOO_FAR_AHEAD');
    refused(join('Ada', { senderLamport: 2 ** 64, newestLamport: known }), 'LAMPORT_TOO_FAR_AHEAD');
    expect(accepted(join('Ada', { senderLamport: senderLamportMax, newestLamport: known })).event.lamport).to.equal(
      2 ** 52 + 1,
    );
    expect(accepted(publish('Ada', 1)).event.lamport).to.equal(2 ** 52 + 2);
  });

  it('takes a claim to have seen what does not exist yet as the newest event', () => {
    accepted(join('Ada'));
    const { event } = accepted(publish('Ada', 1, 'hi', { seen: 99 }));
    expect(event.kind === 'message' && event.seen).to.equal(1);
  });
});
