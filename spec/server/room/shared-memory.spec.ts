import { expect } from 'chai';
import { Unanswered } from '../../../lib/server/actors/room-admission.js';
import { runOf } from '../../../lib/server/log/run.js';
import { EventPages, RecentEvents } from '../../../lib/server/room/recent-events.js';
import { SharedMemory } from '../../../lib/server/room/shared-memory.js';

describe('SharedMemory', () => {
  let letGo: string[];
  const holder = (name: string) => ({ letGo: () => letGo.push(name) });

  beforeEach(() => {
    letGo = [];
  });

  it('lets go who was used longest ago, and no more than need be [P12]', () => {
    const memory = new SharedMemory(100);
    const [a, b, c] = [holder('a'), holder('b'), holder('c')];
    memory.used(a, 40);
    memory.used(b, 40);
    memory.used(a, 40);
    memory.used(c, 30);
    expect(letGo).to.deep.equal(['b']);
    expect(memory.bytes).to.equal(70);
    memory.used(c, 55);
    expect(letGo).to.deep.equal(['b']);
    memory.used(b, 60);
    expect(letGo).to.deep.equal(['b', 'a', 'c']);
    expect(memory.bytes).to.equal(60);
  });

  it('counts each holder once, with what it keeps now, and forgets who keeps nothing', () => {
    const memory = new SharedMemory(100);
    const [a, b] = [holder('a'), holder('b')];
    for (const bytes of [10, 90, 20]) memory.used(a, bytes);
    memory.used(b, 80);
    expect(memory.bytes).to.equal(100);
    memory.used(b, 0);
    memory.used(b, 0);
    expect(memory.bytes).to.equal(20);
    memory.used(a, 100);
    expect(letGo).to.deep.equal([]);
  });

  it('lets go of one that is over it alone', () => {
    const memory = new SharedMemory(100);
    memory.used(holder('a'), 101);
    expect(letGo).to.deep.equal(['a']);
    expect(memory.bytes).to.equal(0);
  });

  it('is shared by the tails of rooms, of which the one used longest ago is read from the log again [P10] [P12]', () => {
    const memory = new SharedMemory(10_000);
    const tails = Array.from({ length: 4 }, () => new RecentEvents(memory, 4_096, 4_096));
    const run = (first: number) => runOf(first, [Buffer.alloc(100, first)]);
    for (const tail of tails) {
      for (let first = 1; first <= 20; first += 1) tail.push(run(first));
      expect(memory.bytes).to.be.at.most(10_000);
    }
    expect(tails.map((tail) => tail.read(3)?.first)).to.deep.equal([undefined, undefined, 4, 4]);
    const [first, , third, fourth] = tails;
    first?.push(run(21));
    expect(first?.read(20)).to.include({ first: 21, last: 21 });
    expect(first?.read(3), 'it goes on from there').to.equal(undefined);
    expect([third, fourth].map((tail) => tail?.read(4)?.first)).to.deep.equal([undefined, 5]);
    for (const tail of tails) tail.clear();
    expect(memory.bytes).to.equal(0);
  });

  it('is shared by the pages of rooms’ logs in the same way', () => {
    const memory = new SharedMemory(250);
    const reads: string[] = [];
    const rooms = ['a', 'b', 'c'].map(
      (room) =>
        new EventPages(memory, (after) => {
          reads.push(`${room}${after}`);
          return runOf(after + 1, [Buffer.alloc(100)]);
        }),
    );
    for (const pages of rooms) pages.read(0);
    expect(memory.bytes).to.equal(200);
    for (const pages of [...rooms].reverse()) pages.read(0);
    expect(reads).to.deep.equal(['a0', 'b0', 'c0', 'a0']);
    for (const pages of rooms) {
      pages.forgetUnused();
      pages.forgetUnused();
    }
    expect(memory.bytes).to.equal(0);
  });
});

describe('Unanswered requests', () => {
  it('are counted for their room and for all rooms together [P12]', () => {
    const total = { count: 0 };
    const [one, other] = [new Unanswered<string>(total), new Unanswered<string>(total)];
    for (const request of ['a', 'b', 'b']) one.add(request);
    other.add('a');
    expect([one.size, other.size, one.total]).to.deep.equal([2, 1, 3]);
    one.delete('a');
    one.delete('a');
    other.delete('nothing');
    expect([one.size, other.size, other.total]).to.deep.equal([1, 1, 2]);
    expect(one.drain()).to.deep.equal(['b']);
    expect(total.count).to.equal(1);
    expect([...one.drain(), ...other.drain()]).to.deep.equal(['a']);
  });

  it('are counted while they are held back, and not from when they are let in until they are added [P12]', () => {
    const total = { count: 0 };
    const requests = new Unanswered<string>(total);
    requests.add('a');
    for (const request of ['b', 'c', 'c']) requests.hold(request);
    expect([requests.size, requests.total]).to.deep.equal([3, 3]);
    requests.letIn();
    requests.add('b');
    expect([requests.size, requests.total]).to.deep.equal([2, 2]);
    expect(requests.drain()).to.deep.equal(['a', 'b']);
  });
});
