import { expect } from 'chai';
import type { Run } from '../../../lib/server/log/event-log.js';
import { runOf } from '../../../lib/server/log/run.js';
import { RecentEvents } from '../../../lib/server/room/recent-events.js';
import { SharedMemory } from '../../../lib/server/room/shared-memory.js';

/** A run whose events' bytes are two digits each. */
function run(first: number, last: number): Run {
  const digits = Array.from({ length: last - first + 1 }, (_, n) => Buffer.from(String(first + n).padStart(2, '0')));
  return runOf(first, digits);
}

/** What `read` has to give, as far as it goes in memory. */
function expectEvents(rest: Run | undefined, first: number, last: number): void {
  expect(rest).to.include({ first, last });
  const numbers = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  expect(rest?.bytes.toString()).to.equal(numbers.map((number) => String(number).padStart(2, '0')).join(''));
  expect(rest?.ends).to.deep.equal(numbers.map((_, n) => 2 * (n + 1)));
}

describe('RecentEvents', () => {
  it('gives what follows to those a little behind, wherever they are', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 100, 100);
    for (const one of [run(1, 3), run(4, 4), run(5, 9), run(10, 11)]) tail.push(one);
    for (const after of [0, 1, 2, 3, 5, 8, 10]) expectEvents(tail.read(after), after + 1, 11);
  });

  it('gives the same run to all who are as far behind, until there is more', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 100, 100);
    tail.push(run(1, 3));
    expect(tail.read(1)).to.equal(tail.read(1));
    tail.push(run(4, 5));
    expectEvents(tail.read(1), 2, 5);
  });

  it('leaves what was read as it is when more is added', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 100, 100);
    tail.push(run(1, 3));
    const rest = tail.read(0);
    tail.push(run(4, 5));
    expectEvents(rest, 1, 3);
  });

  it('gives no more at once than may be written at once', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 100, 10);
    for (const one of [run(1, 3), run(4, 5), run(6, 9)]) tail.push(one);
    expectEvents(tail.read(0), 1, 5);
    expectEvents(tail.read(5), 6, 9);
  });

  it('has nothing for those who have everything, or who are behind its oldest', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 100, 100);
    expect(tail.read(0)).to.equal(undefined);
    tail.push(run(5, 6));
    expect(tail.read(6)).to.equal(undefined);
    expect(tail.read(3)).to.equal(undefined);
    expectEvents(tail.read(4), 5, 6);
  });

  it('drops its oldest events over its limit of bytes, and holds nothing that is larger than it [P12]', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 8, 8);
    tail.push(run(1, 2));
    tail.push(run(3, 4));
    expect(tail.read(0)).to.include({ first: 1 });
    tail.push(run(5, 5));
    expect(tail.read(0)).to.equal(undefined);
    expectEvents(tail.read(4), 5, 5);
    tail.push(run(6, 20));
    expect(tail.read(5)).to.equal(undefined);
    tail.push(run(21, 21));
    expectEvents(tail.read(20), 21, 21);
  });

  it('goes on over many blocks, without gap, and keeps about as much as it may', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 1024 * 1024, 64 * 1024);
    const event = Buffer.alloc(100);
    const count = 30_000;
    for (let sequence = 1; sequence <= count; sequence += 1) tail.push(runOf(sequence, [event]));
    const oldest = Array.from({ length: count }, (_, after) => after).find((after) => tail.read(after)) ?? 0;
    expect((count - oldest) * event.length).to.be.within(896 * 1024, 1024 * 1024);
    for (let after = oldest; after < count; ) {
      const rest = tail.read(after);
      expect(rest?.first).to.equal(after + 1);
      expect(rest?.bytes).to.have.length(event.length * (rest?.ends.length ?? 0));
      after = rest?.last ?? count;
    }
  });

  it('keeps nothing but the events themselves: not the memory that they came in', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 1024, 1024);
    const shared = Buffer.alloc(1024 * 1024);
    tail.push({ first: 1, last: 1, bytes: shared.subarray(10, 20), ends: [10] });
    expect(tail.read(0)?.bytes.buffer.byteLength).to.be.at.most(1024);
  });

  it('begins anew after it was cleared, at whatever event', () => {
    const tail = new RecentEvents(new SharedMemory(10_000_000), 8, 8);
    tail.push(run(1, 4));
    tail.clear();
    expect(tail.read(0)).to.equal(undefined);
    tail.push(run(9, 12));
    expectEvents(tail.read(8), 9, 12);
  });
});
