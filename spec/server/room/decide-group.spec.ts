import { expect } from 'chai';
import { decodeEvent } from '../../../lib/codec/event-codec.js';
import type { Command } from '../../../lib/core/command.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { emptyRoom, snapshotOf } from '../../../lib/core/room-state.js';
import { decideGroup } from '../../../lib/server/room/decide-group.js';
import type { PendingCommand } from '../../../lib/server/room/pending.js';

describe('decideGroup', () => {
  const sent = { senderLamport: 0, newestLamport: 0, timeMs: 1_700_000_000_000 };
  const of = (command: Command): PendingCommand => ({ command });
  const join = (name: string) => of({ kind: 'join', session: name, name, resumable: false, ...sent });
  const leave = (session: string) => of({ kind: 'leave', session, reason: 'ASKED', ...sent });
  const publish = (session: string, ordinal: number, text = 'hi') =>
    of({ kind: 'publish', session, text, ordinal, seen: 0, ...sent });

  it('decides in order and encodes each event once, for its author as for the log', () => {
    const state = emptyRoom('lobby');
    const commands = [join('Ada'), publish('Ada', 1), publish('Ada', 1), publish('Bob', 1), leave('Ada')];
    const { decisions: decided, group } = decideGroup(state, commands, defaultLimits);
    expect(decided.map(({ decision }) => decision.kind)).to.deep.equal([
      'accepted',
      'accepted',
      'repeated',
      'rejected',
      'accepted',
    ]);
    expect(decided.map(({ pending }) => pending)).to.deep.equal(commands);
    expect(group?.entries.map(({ event }) => event.kind)).to.deep.equal(['joined', 'message', 'left']);
    expect(group?.entries.map(({ bytes }) => decodeEvent(bytes))).to.deep.equal(
      group?.entries.map(({ event }) => event),
    );
    const encoded = decided.flatMap(({ event }) => (event ? [event] : []));
    expect(encoded.every((bytes, n) => bytes === group?.entries[n]?.bytes)).to.equal(true);
    expect(group).to.include({ room: 'lobby', participants: 0 });
  });

  it('tells each newcomer the room as he found it', () => {
    const state = emptyRoom('lobby');
    const commands = [join('Ada'), publish('Ada', 1), join('Bob'), leave('Ada'), join('Cyd')];
    const { decisions: decided, group } = decideGroup(state, commands, defaultLimits);
    expect(decided.map(({ before }) => before && [before.position.sequence, before.participants.names])).to.deep.equal([
      [0, []],
      undefined,
      [2, ['Ada']],
      undefined,
      [4, ['Bob']],
    ]);
    expect(decided[2]?.before?.position.chain).to.equal(group?.entries[1]?.event.chain);
  });

  it('appends nothing where nothing became an event', () => {
    const { decisions: decided, group } = decideGroup(
      emptyRoom('lobby'),
      [publish('Ada', 1), leave('Ada')],
      defaultLimits,
    );
    expect(group).to.equal(undefined);
    expect(decided.map(({ decision }) => decision.kind)).to.deep.equal(['rejected', 'rejected']);
  });

  it('keeps a snapshot with each group that passes a multiple of `snapshotEveryEvents`, and with no other', () => {
    const state = emptyRoom('lobby');
    const limits = { ...defaultLimits, snapshotEveryEvents: 4 };
    decideGroup(state, [join('Ada')], limits);
    const snapshots: number[] = [];
    for (let ordinal = 1; ordinal <= 11; ordinal += 1) {
      const { group } = decideGroup(state, [publish('Ada', ordinal)], limits);
      if (!group?.snapshot) continue;
      snapshots.push(state.position.sequence);
      expect(group.snapshot).to.deep.equal(snapshotOf(state));
    }
    expect(snapshots).to.deep.equal([4, 8, 12]);
    const many = Array.from({ length: 9 }, (_, n) => publish('Ada', 12 + n));
    expect(decideGroup(state, many, limits).group?.snapshot?.place.sequence).to.equal(21);
    expect(decideGroup(state, [publish('Ada', 30)], limits).group?.snapshot).to.equal(undefined);
  });
});
