import { expect } from 'chai';
import type { RejectionReason } from '../../../lib/core/rejection.js';
import { allowanceMs, RefusalWindow } from '../../../lib/server/access/refusal-window.js';

describe('the refusals of one stream', () => {
  const windowOf = (refusalsMax: number, publish = { publishBurstMax: 1_000, publishesPerSecondMax: 200 }) =>
    new RefusalWindow({ refusalsPerStreamPerSecondMax: refusalsMax, ...publish });
  const because = (reason: RejectionReason, retryAfterMs = 0) => ({ reason, retryAfterMs });
  const empty = because('TEXT_EMPTY');

  it('rest from the last one that a second has until its end, and begin anew then', () => {
    const window = windowOf(3);
    expect([5_000, 5_100, 5_200, 5_200, 5_999].map((nowMs) => window.refused(empty, nowMs))).to.deep.equal([
      0, 0, 800, 800, 1,
    ]);
    expect([6_000, 6_000, 6_400].map((nowMs) => window.refused(empty, nowMs))).to.deep.equal([0, 0, 600]);
  });

  it('count whatever their reason is', () => {
    const window = windowOf(4);
    const each = [because('RATE_LIMITED', 5), because('OVERLOADED', 100), because('READ_ONLY', 1_000)];
    expect([...each, empty].map((one) => window.refused(one, 5_000))).to.deep.equal([0, 0, 0, 1_000]);
    expect(window.refused(because('RATE_LIMITED', 5), 5_300)).to.equal(700);
  });

  it('rest no longer than makes sense: while what may be published gathers, or until the time that the server named', () => {
    const window = windowOf(1, { publishBurstMax: 100, publishesPerSecondMax: 1_000 });
    expect(window.refused(because('RATE_LIMITED', 1), 5_000), 'half of the burst is there again').to.equal(50);
    expect(window.refused(because('OVERLOADED', 70), 5_000)).to.equal(70);
    expect(window.refused(because('READ_ONLY', 300), 5_800), 'the second ends before').to.equal(200);
    expect(window.refused(because('OVERLOADED'), 5_100), 'never to be tried again').to.equal(900);
    expect(allowanceMs({ publishBurstMax: 1, publishesPerSecondMax: 5_000 })).to.equal(1);
    expect(allowanceMs({ publishBurstMax: 10, publishesPerSecondMax: 0 })).to.equal(1_000);
  });

  it('have those that come in the next second answered before more are read', () => {
    const window = windowOf(3);
    expect(window.shouldWait(1_000, 0), 'nothing was refused').to.equal(false);
    for (const nowMs of [5_000, 5_001, 5_002]) window.refused(empty, nowMs);
    expect([2, 3].map((undecided) => window.shouldWait(undecided, 6_999))).to.deep.equal([false, true]);
    expect(window.shouldWait(3, 7_000)).to.equal(false);
  });

  it('let a client that was only too fast be read ahead of its answers, which may cost a commit each', () => {
    const window = windowOf(3);
    for (let count = 0; count < 10; count += 1) window.refused(because('RATE_LIMITED', 5), 5_000);
    for (let count = 0; count < 2; count += 1) window.refused(empty, 5_000);
    expect(window.shouldWait(1_000, 5_500)).to.equal(false);
    window.refused(empty, 5_000);
    expect(window.shouldWait(1_000, 5_500)).to.equal(true);
  });

  it('never rest where they come slower, where there is no limit, or for longer than a second by a clock that was set', () => {
    const slow = windowOf(3);
    for (let nowMs = 0; nowMs < 100_000; nowMs += 500) expect(slow.refused(empty, nowMs)).to.equal(0);
    const any = windowOf(0);
    for (let count = 0; count < 100; count += 1) expect(any.refused(empty, 1)).to.equal(0);
    expect(any.shouldWait(1_000, 1)).to.equal(false);
    const setBack = windowOf(1);
    expect([9_000, 1_000].map((nowMs) => setBack.refused(empty, nowMs))).to.deep.equal([1_000, 1_000]);
  });
});
