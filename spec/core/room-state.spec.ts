import { expect } from 'chai';
import type { Entry } from '../../lib/core/event.js';
import { pairsPerPart } from '../../lib/core/ordinals.js';
import { emptyRoom, evolve, hasItsParts, isOver, restoreRoom, snapshotOf } from '../../lib/core/room-state.js';
import { atOnce } from '../../lib/core/slices.js';
import { comparable } from './comparable.js';

const stamped = { lamport: 1, timeMs: 0, participant: 'Ada', chain: 'aaaaaaaaaaaaaaaa' };
const joined = (sequence: number): Entry => ({
  event: { kind: 'joined', sequence, ...stamped },
  sessionStart: { session: 's', resumable: true },
});
const said = (sequence: number): Entry => ({
  event: { kind: 'message', sequence, text: 'x', ordinal: sequence, seen: 0, ...stamped },
});
const left = (sequence: number): Entry => ({ event: { kind: 'left', sequence, reason: 'ASKED', ...stamped } });

const limits = { ordinalsRememberedMax: 10, endedOrdinalsRememberedMax: 10 };

describe('A room state', () => {
  it('throws where the log has a gap, a repeat or another order [P1]', () => {
    const state = emptyRoom('lobby');
    expect(() => evolve(state, joined(2), limits)).to.throw('from 0 to 2');
    evolve(state, joined(1), limits);
    expect(() => evolve(state, said(1), limits)).to.throw('from 1 to 1');
    expect(() => evolve(state, said(3), limits)).to.throw('from 1 to 3');
  });

  it('throws where the log says what no room decides [P8]', () => {
    expect(() => evolve(emptyRoom('lobby'), { event: joined(1).event }, limits)).to.throw('without a session');
    expect(() => evolve(emptyRoom('lobby'), said(1), limits)).to.throw('somebody absent');
    expect(() => evolve(emptyRoom('lobby'), left(1), limits)).to.throw('somebody absent');
  });

  it('comes back from a snapshot that went through JSON [P5]', () => {
    const state = emptyRoom('lobby');
    for (const entry of [joined(1), said(2), said(3)]) evolve(state, entry, limits);
    const restored = atOnce(restoreRoom('lobby', JSON.parse(JSON.stringify(snapshotOf(state))), []));
    expect(comparable(restored)).to.deep.equal(comparable(state));
    for (const room of [state, restored]) for (const entry of [said(4), left(5)]) evolve(room, entry, limits);
    expect(comparable(restored)).to.deep.equal(comparable(state));
  });

  it('comes back from a snapshot that has its ordinals one by one, as earlier ones have [P5]', () => {
    const state = emptyRoom('lobby');
    for (const entry of [joined(1), said(2), said(3), said(7)]) {
      evolve(state, { ...entry, event: { ...entry.event, sequence: state.position.sequence + 1 } }, limits);
    }
    const ordinals = [
      [2, 2],
      [3, 3],
      [7, 4],
    ] as const;
    const { place, sessions } = snapshotOf(state);
    const earlier = { place, sessions: sessions.map((session) => ({ ...session, ordinals })) };
    expect(comparable(atOnce(restoreRoom('lobby', earlier, [])))).to.deep.equal(comparable(state));
    const ended = [{ id: 'gone', ordinals }];
    expect(atOnce(restoreRoom('lobby', { place, sessions: [], ended }, [])).ended.sequenceOf('gone', 7)).to.equal(4);
  });

  it('knows of each session where it joined, and which ended with an earlier log id, also from a snapshot [P11]', () => {
    const state = emptyRoom('lobby');
    for (const entry of [joined(1), said(2)]) evolve(state, entry, limits);
    const { event } = joined(3);
    evolve(
      state,
      { event: { ...event, participant: 'Bob' }, sessionStart: { session: 't', resumable: true } },
      { ...limits },
    );
    const snapshot = JSON.parse(JSON.stringify(snapshotOf(state)));
    const over = (kept: typeof snapshot, logIdAfter?: number) => {
      const restored = atOnce(restoreRoom('lobby', kept, [], logIdAfter));
      return [...restored.sessions.values()].flatMap((session) => (isOver(restored, session) ? session.name : []));
    };
    expect([undefined, 0, 1, 2, 3].map((after) => over(snapshot, after))).to.deep.equal([
      ...[[], []],
      ...[['Ada'], ['Ada'], ['Ada', 'Bob']],
    ]);
    const sessions = snapshot.sessions.map(({ joined: _, ...earlier }: { joined: number }) => earlier);
    const earlier = { ...snapshot, sessions };
    expect(
      [undefined, 0, 3].map((after) => over(earlier, after)),
      'of an earlier version',
    ).to.deep.equal([...[[], []], ['Ada', 'Bob']]);
    const restored = atOnce(restoreRoom('lobby', snapshot, [], 3));
    evolve(restored, { event: { ...left(4).event, participant: 'Bob' } }, limits);
    evolve(
      restored,
      { event: { ...event, sequence: 5, participant: 'Bob' }, sessionStart: { session: 'u', resumable: true } },
      limits,
    );
    expect(
      [...restored.sessions.values()].map((session) => isOver(restored, session)),
      'who joined since is not',
    ).to.deep.equal([true, false]);
  });

  it('drops parts that no snapshot of it names, but none that it makes itself again [P12]', () => {
    const generous = { ordinalsRememberedMax: 1_000, endedOrdinalsRememberedMax: 1_000 };
    const state = emptyRoom('lobby');
    evolve(state, joined(1), generous);
    for (let sequence = 2; sequence <= 2 * pairsPerPart + 1; sequence += 1) evolve(state, said(sequence), generous);
    const [first, second] = state.snapshots.nextUnwritten(10);
    const stray = { session: 'nobody', through: 7, pairs: first?.pairs ?? '' };
    const parts = [stray, first, second].flatMap((part) => (part ? [part] : []));
    const snapshot = snapshotOf(state);
    const restored = atOnce(restoreRoom('lobby', snapshot, parts));
    expect(restored.snapshots.nextUnneeded(10), 'the snapshot before may name it').to.deep.equal([]);
    restored.snapshots.snapshotTaken(snapshot.place.sequence + 1);
    expect(restored.snapshots.nextUnneeded(10)).to.deep.equal([7]);
    const replayed = atOnce(restoreRoom('lobby', undefined, parts));
    evolve(replayed, joined(1), generous);
    for (let sequence = 2; sequence <= pairsPerPart + 1; sequence += 1) evolve(replayed, said(sequence), generous);
    expect(replayed.snapshots.nextUnwritten(10)).to.deep.equal([first]);
    replayed.snapshots.snapshotTaken(pairsPerPart + 1);
    expect(replayed.snapshots.nextUnneeded(10)).to.deep.equal([7, second?.through]);
    const missing = parts.filter((part) => part !== first);
    expect([parts, missing].map((some) => atOnce(hasItsParts(snapshot, some)))).to.deep.equal([true, false]);
    expect(() => atOnce(restoreRoom('lobby', snapshot, missing))).to.throw('without all of its parts');
    expect(atOnce(hasItsParts(snapshot, [...parts, { ...stray, session: 's', through: 100 }]))).to.equal(false);
  });

  it('keeps its snapshot as it was when it goes on itself', () => {
    const state = emptyRoom('lobby');
    for (const entry of [joined(1), said(2)]) evolve(state, entry, limits);
    const snapshot = snapshotOf(state);
    const before = structuredClone(snapshot);
    for (const entry of [said(3), left(4)]) evolve(state, entry, limits);
    expect(snapshot).to.deep.equal(before);
  });
});
