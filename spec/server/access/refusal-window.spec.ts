import { expect } from 'chai';
import { RefusalWindow } from '../../../lib/server/access/refusal-window.js';

describe('the refusals of one stream', () => {
  it('rest from the last one that a second has until its end, and begin anew then', () => {
    const window = new RefusalWindow(3);
    expect([5_000, 5_100, 5_200, 5_200, 5_999].map((nowMs) => window.refused(nowMs))).to.deep.equal([
      0, 0, 800, 800, 1,
    ]);
    expect([6_000, 6_000, 6_400].map((nowMs) => window.refused(nowMs))).to.deep.equal([0, 0, 600]);
  });

  it('have those that come in the next second answered before more are read', () => {
    const window = new RefusalWindow(3);
    expect(window.shouldWait(1_000, 0), 'nothing was refused').to.equal(false);
    for (const nowMs of [5_000, 5_001, 5_002]) window.refused(nowMs);
    expect([2, 3].map((undecided) => window.shouldWait(undecided, 6_999))).to.deep.equal([false, true]);
    expect(window.shouldWait(3, 7_000)).to.equal(false);
  });

  it('never rest where they come slower, where there is no limit, or for longer than a second by a clock that was set', () => {
    const slow = new RefusalWindow(3);
    for (let nowMs = 0; nowMs < 100_000; nowMs += 500) expect(slow.refused(nowMs)).to.equal(0);
    const any = new RefusalWindow(0);
    for (let count = 0; count < 100; count += 1) expect(any.refused(1)).to.equal(0);
    const setBack = new RefusalWindow(1);
    expect([9_000, 1_000].map((nowMs) => setBack.refused(nowMs))).to.deep.equal([1_000, 1_000]);
  });
});
