import { expect } from 'chai';
import { BeginTurns } from '../../../lib/server/rpc/begin-turns.js';

describe('the turns of what begins', () => {
  let nexts: (() => void)[];
  let begun: string[];
  let turns: BeginTurns;
  const [ada, bob] = [{ name: 'a' }, { name: 'b' }];

  beforeEach(() => {
    nexts = [];
    begun = [];
    turns = new BeginTurns(2, (turn) => nexts.push(turn));
  });

  const call = (connection: { readonly name: string }, ...numbers: readonly number[]) => {
    for (const number of numbers) turns.add(connection, () => begun.push(`${connection.name}${number}`));
  };
  /** The event loop turns once; what began in it. */
  const turn = (): string => {
    const before = begun.length;
    const due = nexts;
    nexts = [];
    expect(due.length, 'turns that were asked for').to.be.at.most(1);
    for (const next of due) next();
    return begun.slice(before).join(' ');
  };

  it('are at once for as many as may begin in one turn, and next for the others, in order [P10] [P12]', () => {
    call(ada, 1, 2, 3, 4, 5);
    expect(begun).to.deep.equal(['a1', 'a2']);
    expect([turn(), turn(), turn(), turn()]).to.deep.equal(['a3 a4', 'a5', '', '']);
    call(ada, 6);
    expect(begun.at(-1)).to.equal('a6');
  });

  it('are taken by connections, whatever the number of a connection’s calls', () => {
    call(ada, 1, 2, 3, 4, 5);
    call(bob, 1);
    expect(turn()).to.equal('a3 b1');
  });

  it('do not let one pass that comes while others wait', () => {
    call(ada, 1, 2, 3, 4, 5, 6);
    expect(turn()).to.equal('a3 a4');
    call(ada, 7);
    expect([turn(), turn(), turn()]).to.deep.equal(['a5 a6', 'a7', '']);
  });
});
