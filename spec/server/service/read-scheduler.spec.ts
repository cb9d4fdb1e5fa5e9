import { expect } from 'chai';
import fc from 'fast-check';
import { defaultLimits, type Limits } from '../../../lib/core/limits.js';
import { ReadScheduler, type ReadTurn } from '../../../lib/server/service/read-scheduler.js';

/** Reads whose steps are letters in the order in which they were done, and an event loop of which the test is the master. */
class Scene {
  readonly steps: string[] = [];
  readonly scheduler: ReadScheduler;
  #turns: (() => void)[] = [];

  constructor(limits: Partial<Limits> = {}) {
    const all = { ...defaultLimits, replyBytesPerConnectionMax: 100, replyBytesMax: 250, ...limits };
    this.scheduler = new ReadScheduler(all, (turn) => this.#turns.push(turn));
  }

  /** A read of so many steps that is replied to with so many bytes, of at most 100. */
  add(connection: string, { steps = 1, bytes = 100, name = connection, address = connection } = {}) {
    let left = steps;
    return this.scheduler.add({
      connection,
      address,
      bytesMax: 100,
      step: ({ more, replied }) => {
        this.steps.push(name);
        left -= 1;
        if (left > 0) more();
        else replied(bytes);
      },
    });
  }

  /** The event loop turns so often, or until nothing is to be done. */
  turn(times = Number.POSITIVE_INFINITY): string {
    const before = this.steps.length;
    for (let count = 0; count < times && this.#turns.length > 0; count += 1) {
      const turns = this.#turns;
      this.#turns = [];
      for (const turn of turns) turn();
    }
    return this.steps.slice(before).join('');
  }
}

describe('the scheduler of reads', () => {
  it('does nothing in the turn in which it is asked, and one step in each turn after it [P10]', () => {
    const scene = new Scene();
    scene.add('a', { steps: 3 });
    scene.add('b');
    expect(scene.steps).to.deep.equal([]);
    expect([scene.turn(1), scene.turn(1), scene.turn(1), scene.turn(1), scene.turn(1)]).to.deep.equal([
      ...['a', 'a', 'a', 'b', ''],
    ]);
  });

  it('reads for others where one address holds its share with however many connections [P10]', () => {
    const scene = new Scene({ replyBytesPerAddressMax: 200, replyBytesMax: 400 });
    for (const name of ['a', 'b', 'c', 'd']) scene.add(name, { address: 'crowd' });
    scene.add('z');
    expect(scene.turn()).to.equal('abz');
  });

  it('lets one address have only its share of what waits', () => {
    const scene = new Scene({ readsWaitingPerAddressMax: 2, readsWaitingMax: 3 });
    const [one] = ['a', 'b'].map((name) => scene.add(name, { address: 'crowd' }));
    expect(scene.add('c', { address: 'crowd' })).to.equal(undefined);
    expect(scene.add('z')).not.to.equal(undefined);
    expect(scene.add('y')).to.equal(undefined);
    one?.();
    expect(scene.add('c', { address: 'crowd' })).not.to.equal(undefined);
  });

  it('lets connections take turns, and finishes what it has begun', () => {
    const scene = new Scene({ replyBytesPerConnectionMax: 1_000, replyBytesMax: 1_000 });
    for (const name of ['a', 'A', 'ä']) scene.add('a', { name, steps: 2 });
    scene.add('b');
    scene.add('c');
    expect(scene.turn()).to.equal('aabcAAää');
  });

  it('reads nothing for a connection that has not taken what it was sent, until it has [P12]', () => {
    const scene = new Scene();
    const first = scene.add('a', { name: '1' });
    scene.add('a', { name: '2' });
    scene.add('b', { name: 'b' });
    expect(scene.turn()).to.equal('1b');
    expect(scene.turn()).to.equal('');
    first?.();
    expect(scene.turn()).to.equal('2');
  });

  it('counts what a reply has, not what it might have had', () => {
    const scene = new Scene({ replyBytesPerConnectionMax: 150 });
    scene.add('a', { bytes: 40, name: '1' });
    scene.add('a', { bytes: 60, name: '2' });
    scene.add('a', { bytes: 1, name: '3' });
    expect(scene.turn()).to.equal('12');
  });

  it('reads nothing for anybody while all together hold as much as they may [P12]', () => {
    const scene = new Scene();
    const jobs = ['a', 'b', 'c'].map((connection) => scene.add(connection));
    expect(scene.turn()).to.equal('ab');
    jobs[1]?.();
    expect(scene.turn()).to.equal('c');
  });

  it('takes no more reads than may wait, of one connection and of all [P12]', () => {
    const scene = new Scene({ readsWaitingPerConnectionMax: 2, readsWaitingMax: 3 });
    expect(['a', 'a', 'a', 'b', 'c'].map((connection) => scene.add(connection) !== undefined)).to.deep.equal([
      ...[true, true, false, true, false],
    ]);
    scene.turn(1);
    expect(scene.add('c')).not.to.equal(undefined);
  });

  it('drops a read whose call is over, be it waiting, begun or replied to', () => {
    const scene = new Scene();
    const waiting = scene.add('a', { name: 'w' });
    const begun = scene.add('b', { name: 'b', steps: 5 });
    const replied = scene.add('c', { name: 'c' });
    waiting?.();
    expect(scene.turn(2)).to.equal('bb');
    begun?.();
    expect(scene.turn()).to.equal('c');
    replied?.();
    replied?.();
    scene.add('a', { name: '1' });
    scene.add('b', { name: '2' });
    expect(scene.turn(), 'all of the budget is free again').to.equal('12');
  });

  it('goes on with others while a step waits for its answer', () => {
    const scene = new Scene();
    let turn: ReadTurn | undefined;
    scene.scheduler.add({ connection: 'slow', address: 'slow', bytesMax: 10, step: (given) => (turn = given) });
    scene.add('a');
    expect(scene.turn()).to.equal('a');
    turn?.more();
    turn = undefined;
    scene.turn();
    expect(turn).not.to.equal(undefined);
  });

  it('never holds more than its budgets allow, and in the end does all, each step once', () => {
    const read = fc.record({
      connection: fc.constantFrom('a', 'b', 'c', 'd'),
      steps: fc.integer({ min: 1, max: 3 }),
      bytes: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(read, { maxLength: 16 }), fc.infiniteStream(fc.nat(15)), (reads, picks) => {
        const scene = new Scene();
        const held = new Map<string, number>();
        const over: (() => void)[] = [];
        for (const [index, { connection, steps, bytes }] of reads.entries()) {
          let left = steps;
          const job = scene.scheduler.add({
            connection,
            address: 'everywhere',
            bytesMax: 100,
            step: ({ more, replied }) => {
              scene.steps.push(`${index}`);
              left -= 1;
              if (left > 0) {
                more();
                return;
              }
              replied(bytes);
              held.set(connection, (held.get(connection) ?? 0) + bytes);
              over.push(() => {
                held.set(connection, (held.get(connection) ?? 0) - bytes);
                job?.();
              });
            },
          });
        }
        const done = () => scene.steps.length === reads.reduce((sum, { steps }) => sum + steps, 0);
        for (let rounds = 0; !done() && rounds < 200; rounds += 1) {
          scene.turn(1);
          for (const bytes of held.values()) expect(bytes).to.be.at.most(100);
          expect([...held.values()].reduce((sum, bytes) => sum + bytes, 0)).to.be.at.most(250);
          const [pick = 0] = [...picks.take(1)];
          if (over.length > 0 && pick % 2 === 0) over.splice(pick % over.length, 1)[0]?.();
        }
        expect(done()).to.equal(true);
      }),
    );
  });
});
