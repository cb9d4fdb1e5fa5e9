import { expect } from 'chai';
import { writeClosingSnapshots } from '../../../lib/server/actors/server-stop.js';
import type { Group } from '../../../lib/server/log/event-log.js';

describe('The snapshots of a server that stops', () => {
  const group = (room: string): Group => ({ room, entries: [], participants: 0 });
  const never = new AbortController().signal;

  it('are written of every room that has something to replay, one a turn, some at a time', async () => {
    let turns = 0;
    let underWay = 0;
    let most = 0;
    const made: number[] = [];
    const rooms = Array.from({ length: 300 }, (_, number) => () => {
      made.push(turns);
      return number % 3 === 0 ? undefined : group(`room-${number}`);
    });
    const written: string[] = [];
    const outcome = await writeClosingSnapshots({
      rooms,
      append: async ({ room }) => {
        underWay += 1;
        most = Math.max(most, underWay);
        while (underWay < 64 && written.length < 128) await undefined;
        await undefined;
        underWay -= 1;
        written.push(room);
      },
      endOfTurn: async () => {
        turns += 1;
      },
      signal: never,
    });
    expect(outcome).to.deep.equal({ written: 200, left: 0 });
    expect(new Set(written).size).to.equal(200);
    expect(most).to.be.within(2, 64);
    const perTurn = made.map((turn) => made.filter((other) => other === turn).length);
    expect(Math.max(...perTurn), 'at most one to write and the empty ones before it').to.be.at.most(2);
  });

  it('are left to the next start when time is up', async () => {
    const time = new AbortController();
    const written: string[] = [];
    const outcome = await writeClosingSnapshots({
      rooms: ['a', 'b', 'c', 'd'].map((room) => () => group(room)),
      append: async ({ room }) => {
        written.push(room);
        if (room === 'b') time.abort();
      },
      endOfTurn: async () => {},
      signal: time.signal,
    });
    expect(written).to.deep.equal(['a', 'b']);
    expect(outcome).to.deep.equal({ written: 2, left: 2 });
    const none = { rooms: [() => group('a')], append: async () => {}, endOfTurn: async () => {}, signal: time.signal };
    expect(await writeClosingSnapshots(none)).to.deep.equal({ written: 0, left: 1 });
  });

  it('are given up where the log takes none, and no rejection is anybody’s', async () => {
    let tried = 0;
    const outcome = await writeClosingSnapshots({
      rooms: Array.from({ length: 100 }, (_, number) => () => group(`room-${number}`)),
      append: () => {
        tried += 1;
        return Promise.reject(new Error('no space'));
      },
      endOfTurn: () => new Promise((resolve) => setImmediate(resolve)),
      signal: never,
    });
    expect(tried).to.equal(64);
    expect(outcome).to.deep.equal({ written: 0, left: 100 });
  });
});
