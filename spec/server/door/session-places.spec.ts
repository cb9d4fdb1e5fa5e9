import { expect } from 'chai';
import { SessionPlaces } from '../../../lib/server/door/session-places.js';
import { eventually } from '../../system/eventually.js';

describe('the places of sessions', () => {
  let begun: string[];
  let overdue: string[];
  let turns: (() => void)[];
  let places: SessionPlaces;

  beforeEach(() => {
    begun = [];
    overdue = [];
    turns = [];
    places = new SessionPlaces({
      limits: { unaskedSessionsMax: 2, requestMsMax: 60_000 },
      turns: { add: (_key, begin) => begin() },
      nextTurn: (turn) => turns.push(turn),
    });
  });

  const enter = (name: string, asked = false) => {
    const begin = () => {
      begun.push(name);
    };
    return places.enter({ asked, begin, overdue: () => overdue.push(name) });
  };
  const turn = () => {
    for (const one of turns.splice(0)) one();
    return begun.splice(0);
  };

  it('are so many where nothing was asked; the others wait until they ask, or one of those asks or ends, in order [P12]', () => {
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => enter(name));
    expect(turn()).to.deep.equal(['a', 'b']);
    d?.asked();
    expect(turn()).to.deep.equal(['d']);
    a?.asked();
    expect(turn()).to.deep.equal(['c']);
    b?.leave();
    b?.leave();
    expect(turn()).to.deep.equal(['e']);
    for (const place of [c, e]) place?.leave();
    for (const name of ['f', 'g', 'h']) enter(name);
    expect(turn()).to.deep.equal(['f', 'g']);
  });

  it('are for all who have asked', () => {
    for (const name of ['a', 'b', 'c', 'd']) enter(name, true);
    expect(turn()).to.deep.equal(['a', 'b', 'c', 'd']);
    enter('e');
    expect(turn()).to.deep.equal(['e']);
  });

  it('are not for one that ended while it waited', () => {
    const [a, , c] = ['a', 'b', 'c', 'd'].map((name) => enter(name));
    turn();
    c?.leave();
    c?.asked();
    a?.leave();
    expect(turn()).to.deep.equal(['d']);
    expect(overdue).to.deep.equal([]);
  });

  it('are told of where the time to ask is over', async () => {
    places = new SessionPlaces({
      limits: { unaskedSessionsMax: 1, requestMsMax: 1 },
      turns: { add: (_key, begin) => begin() },
      nextTurn: () => {},
    });
    enter('a');
    let isOverdue = false;
    const told = (): void => {
      isOverdue = true;
    };
    places.enter({ asked: false, begin: () => begun.push('b'), overdue: told });
    await eventually('the time is over', () => isOverdue);
    expect(begun).to.deep.equal(['a']);
  });
});
