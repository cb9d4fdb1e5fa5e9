import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { Slices } from '../../../lib/core/slices.js';
import { slicesPerTurn, Turns } from '../../../lib/server/actors/turns.js';

describe('Turns', () => {
  let turn$: Subject<void>;
  let turns: Turns;
  let done: string[];

  beforeEach(() => {
    turn$ = new Subject();
    turns = new Turns(turn$);
    done = [];
  });

  /** As many slices as are done in one turn, and more. */
  const many = slicesPerTurn + 2;

  function* work(name: string, count: number, fault?: Error): Slices<string> {
    for (let slice = 1; slice < count; slice += 1) {
      done.push(`${name}${slice}`);
      yield;
    }
    if (fault) throw fault;
    done.push(`${name}${count}`);
    return name;
  }

  const begin = (name: string, count: number, fault?: Error) =>
    turns.run(work(name, count, fault)).subscribe({
      next: (result) => done.push(`result ${result}`),
      error: (error: Error) => done.push(error.message),
    });

  const end = (count: number) => {
    for (let turn = 0; turn < count; turn += 1) turn$.next();
  };

  it('does some slices at the end of each turn, and nothing at once', () => {
    begin('a', many);
    expect(done).to.deep.equal([]);
    end(1);
    expect(done).to.have.length(slicesPerTurn);
    end(1);
    expect(done.slice(slicesPerTurn)).to.deep.equal([`a${many - 1}`, `a${many}`, 'result a']);
    expect(turns.idle).to.equal(true);
    expect(turn$.observed, 'no turn is waited for').to.equal(false);
  });

  it('lets pieces of work take turns, so that a short one need not wait for a long one', () => {
    begin('a', 4);
    begin('b', 2);
    end(4);
    expect(done).to.deep.equal(['a1', 'b1', 'a2', 'b2', 'result b', 'a3', 'a4', 'result a']);
  });

  it('does no more of what nobody waits for', () => {
    const a = begin('a', many);
    begin('b', many);
    end(1);
    a.unsubscribe();
    done = [];
    end(3);
    expect(done.filter((slice) => slice.startsWith('a'))).to.deep.equal([]);
    expect(done.at(-1)).to.equal('result b');
    const c = begin('c', 3);
    c.unsubscribe();
    expect(turn$.observed, 'no turn is waited for').to.equal(false);
  });

  it('tells what a slice throws, and goes on with the others', () => {
    begin('a', 2, new Error('a fault'));
    begin('b', 2);
    end(4);
    expect(done).to.deep.equal(['a1', 'b1', 'a fault', 'b2', 'result b']);
    expect(turns.idle).to.equal(true);
  });

  it('takes new work from within the result of other work', () => {
    turns.run(work('a', 1)).subscribe(() => begin('b', many));
    end(many);
    expect(done.slice(0, 2)).to.deep.equal(['a1', 'b1']);
    expect(done.at(-1)).to.equal('result b');
  });
});
