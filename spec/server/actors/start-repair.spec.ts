import { expect } from 'chai';
import { Subject } from 'rxjs';
import { type RepairOutcome, StartRepair } from '../../../lib/server/actors/start-repair.js';

describe('StartRepair', () => {
  const turn$ = new Subject<void>();
  let told: string[];
  let busy = false;

  /** `unreadable` rooms cannot be opened. The actor that is told of a due turn answers at once. */
  function repairOf(rooms: readonly string[], unreadable: readonly string[] = []): StartRepair {
    told = [];
    const repair: StartRepair = new StartRepair({
      rooms,
      repair: (room) => {
        told.push(`open ${room}`);
        if (unreadable.includes(room)) repair.unreadable(room);
      },
      busy: () => busy,
      due: () => repair.next(),
      endOfTurn$: turn$,
    });
    return repair;
  }

  const outcomeTo = (outcomes: RepairOutcome[]) => (outcome: RepairOutcome) => outcomes.push(outcome);

  it('opens no room before it runs, and then one in each turn', () => {
    const repair = repairOf(['a', 'b', 'c']);
    turn$.next();
    expect(told).to.deep.equal([]);
    repair.run(() => {});
    expect(told).to.deep.equal([]);
    turn$.next();
    expect(told).to.deep.equal(['open a']);
    turn$.next();
    turn$.next();
    turn$.next();
    expect(told).to.deep.equal(['open a', 'open b', 'open c']);
    expect(turn$.observed, 'no turn is waited for').to.equal(false);
  });

  it('opens no room in its turn while one is being opened', () => {
    const repair = repairOf(['a', 'b', 'c']);
    repair.run(() => {});
    turn$.next();
    busy = true;
    for (let turn = 0; turn < 3; turn += 1) turn$.next();
    repair.begin('c');
    expect(told).to.deep.equal(['open a', 'open c']);
    busy = false;
    turn$.next();
    expect(told).to.deep.equal(['open a', 'open c', 'open b']);
  });

  it('opens a room that is asked for before its turn, once', () => {
    const repair = repairOf(['a', 'b', 'c']);
    repair.begin('c');
    repair.begin('c');
    repair.begin('unknown');
    repair.run(() => {});
    for (let turn = 0; turn < 5; turn += 1) turn$.next();
    expect(told).to.deep.equal(['open c', 'open a', 'open b']);
  });

  it('keeps who asks for a room waiting until it is done, in order, and nobody for another room', () => {
    const repair = repairOf(['a', 'b']);
    repair.whenDone('a', () => told.push('first'));
    repair.whenDone('a', () => told.push('second'));
    repair.whenDone('sound', () => told.push('sound'));
    repair.done('b');
    expect(told).to.deep.equal(['open a', 'sound']);
    repair.done('a');
    repair.done('a');
    repair.whenDone('a', () => told.push('third'));
    expect(told).to.deep.equal(['open a', 'sound', 'first', 'second', 'third']);
  });

  it('is finished once, when all are done, counting those that cannot be read', () => {
    const outcomes: RepairOutcome[] = [];
    const repair = repairOf(['a', 'b', 'c'], ['b']);
    repair.run(outcomeTo(outcomes));
    for (let turn = 0; turn < 3; turn += 1) turn$.next();
    repair.done('a');
    expect(outcomes).to.deep.equal([]);
    repair.done('c');
    repair.done('c');
    expect(outcomes).to.deep.equal([{ rooms: 3, unreadable: 1 }]);
    repair.whenDone('b', () => told.push('b is not waited for'));
    expect(told.at(-1)).to.equal('b is not waited for');
  });

  it('is finished at once where there is nothing to do', () => {
    const outcomes: RepairOutcome[] = [];
    repairOf([]).run(outcomeTo(outcomes));
    expect(outcomes).to.deep.equal([{ rooms: 0, unreadable: 0 }]);
  });

  it('opens nothing more when it is stopped', () => {
    const outcomes: RepairOutcome[] = [];
    const repair = repairOf(['a', 'b', 'c']);
    repair.run(outcomeTo(outcomes));
    turn$.next();
    repair.stop();
    turn$.next();
    repair.begin('b');
    repair.done('a');
    expect(told).to.deep.equal(['open a']);
    expect(outcomes).to.deep.equal([]);
    expect(turn$.observed).to.equal(false);
  });
});
