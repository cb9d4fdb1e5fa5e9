import { expect } from 'chai';
import { chatLimits } from '../../../lib/chat/limits.js';
import { nextChangeMs, unsent } from '../../../lib/chat/terminal/unsent.js';

const { unsentShownMs } = chatLimits;
const nowMs = 1_000_000;
const live = { state: 'live' } as const;
const offline = { state: 'offline', sinceMs: 0, retryAtMs: nowMs + 2_300, reason: '' } as const;
const fresh = { text: 'fresh', sinceMs: nowMs - 100 };
const old = { text: 'old', sinceMs: nowMs - unsentShownMs };

describe('What time alone does to the screen', () => {
  it('is to mark a message that waits for too long, over a good connection', () => {
    expect(unsent([old, fresh], live, nowMs)).to.deep.equal(['old']);
    expect(nextChangeMs([old, fresh], live, nowMs)).to.equal(unsentShownMs - 100);
    expect(unsent([old, fresh], live, nowMs + unsentShownMs - 100)).to.deep.equal(['old', 'fresh']);
  });

  it('is nothing where nothing waits, or all is marked already', () => {
    expect(nextChangeMs([], live, nowMs)).to.equal(undefined);
    expect(nextChangeMs([old], live, nowMs)).to.equal(undefined);
    expect(nextChangeMs([fresh], { state: 'connecting', sinceMs: 0 }, nowMs)).to.equal(undefined);
  });

  it('is to count the seconds to the next try, without a connection; then all is marked', () => {
    expect(unsent([old, fresh], offline, nowMs)).to.deep.equal(['old', 'fresh']);
    expect(nextChangeMs([fresh], offline, nowMs)).to.equal(300);
    expect(nextChangeMs([fresh], offline, nowMs + 300)).to.equal(1_000);
    expect(nextChangeMs([fresh], offline, nowMs + 2_300)).to.equal(undefined);
  });
});
