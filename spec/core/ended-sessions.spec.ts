import { expect } from 'chai';
import { EndedSessions, Ordinals } from '../../lib/core/ordinals.js';

function said(...all: readonly number[]): Ordinals {
  const ordinals = new Ordinals();
  for (const ordinal of all) ordinals.accept(ordinal, ordinal + 100, 10);
  return ordinals;
}

describe('Ended sessions', () => {
  it('know the event that each remembered ordinal became [P5]', () => {
    const ended = new EndedSessions();
    ended.add('a', said(1, 3), 10);
    expect(ended.sequenceOf('a', 3)).to.equal(103);
    expect(ended.sequenceOf('a', 2)).to.equal(undefined);
    expect(ended.sequenceOf('b', 3)).to.equal(undefined);
  });

  it('forget the oldest sessions, whole, when there are more ordinals than they may keep [P12]', () => {
    const ended = new EndedSessions();
    ended.add('a', said(1, 2, 3), 5);
    ended.add('b', said(1), 5);
    ended.add('c', said(1, 2), 5);
    expect([...ended.entries()].map(([session]) => session)).to.deep.equal(['b', 'c']);
  });

  it('keep nothing of those who said nothing', () => {
    const ended = new EndedSessions();
    ended.add('a', said(), 5);
    expect([...ended.entries()]).to.be.empty;
  });

  it('are forgotten all at once, and give what they said', () => {
    const ended = new EndedSessions();
    ended.add('a', said(1, 2), 9);
    ended.add('b', said(3), 9);
    expect(ended.count).to.equal(3);
    expect(ended.clear().map((ordinals) => ordinals.newest)).to.deep.equal([2, 3]);
    expect([ended.count, ended.sequenceOf('a', 1)]).to.deep.equal([0, undefined]);
    ended.add('c', said(1), 9);
    expect(ended.count).to.equal(1);
  });

  it('count a session once that ended twice under one id', () => {
    const ended = new EndedSessions();
    ended.add('a', said(1, 2), 3);
    ended.add('a', said(4), 3);
    ended.add('b', said(1, 2), 3);
    expect([...ended.entries()].map(([session]) => session)).to.deep.equal(['a', 'b']);
    expect(ended.sequenceOf('a', 1)).to.equal(undefined);
  });
});
